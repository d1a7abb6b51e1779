"""The table of sensors, read from `sensors.json`: what each one's bands, gains and shares in PAN are."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Optional

from ..errors import RequestError

GENERIC = "generic"


@dataclass(frozen=True)
class Band:
    """One MS band of a sensor; wavelengths in micrometres, `gain` is the MTF at the Nyquist frequency of MS."""

    name: str
    role: str
    wavelength_um: float  # centre
    width_um: float
    gain: float
    codes: tuple[str, ...]  # the operator's own designations: B4, XS2, MS1


@dataclass(frozen=True)
class Product:
    """Another set of bands the operator delivers in one file, told by its count or by a word in the file's name."""

    bands: tuple[int, ...]  # indices into Sensor.bands
    file_word: Optional[str]


@dataclass(frozen=True)
class Sensor:
    """A PAN + MS instrument.  `bands` are in the order in which the operator delivers them."""

    id: str
    name: str
    aliases: tuple[str, ...]
    file_patterns: tuple[str, ...]
    bits: Optional[int]  # of the delivered numbers
    ratio: Optional[float]  # MS pixel over PAN pixel
    pan_wavelength_um: Optional[tuple[float, float]]
    pan_gain: float
    pan_codes: tuple[str, ...]
    bands: tuple[Band, ...]
    other_gain: float  # of a band that is not in the table
    pan_weights: Optional[tuple[float, ...]]  # share of each band in PAN, as published
    products: tuple[Product, ...]
    gain_source: str
    source: str


@cache
def load() -> tuple[Sensor, ...]:
    """Return all sensors of `sensors.json`, in its order."""
    text = Path(__file__).with_name("sensors.json").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = json.loads(text)["sensors"]
    other_gain = float(next(entry["other_gain"] for entry in entries if entry["id"] == GENERIC))
    return tuple(_sensor(entry, other_gain) for entry in entries)


def names() -> tuple[str, ...]:
    """Return the ids of all sensors, as a request may name them."""
    return tuple(sensor.id for sensor in load())


def find(name: str) -> Sensor:
    """Return the sensor of this id, name or alias; case and punctuation do not matter.  Raise RequestError."""
    sensor = _by_key().get(plain(name))
    if sensor is None:
        raise RequestError(f"'{name}' is no known sensor.", f"Choose one of {', '.join(names())}.")
    return sensor


def named(text: str) -> Optional[Sensor]:
    """Return the sensor that a metadata value names, alone or in its first words ("KOMPSAT-3 AEISS"); never generic."""
    words = re.split(r"[\s,;/]+", text.strip())
    for count in range(len(words), 0, -1):
        sensor = _by_key().get(plain("".join(words[:count])))
        if sensor is not None and sensor.id != GENERIC:
            return sensor
    return None


def named_in_product(name: str) -> tuple[Sensor, ...]:
    """Return the sensors whose operators name their products like this."""
    text = _unaccented(name).upper()
    return tuple(sensor for sensor, pattern in _patterns() if pattern.search(text))


def gains_for(sensor: Sensor, band_index: Sequence[Optional[int]]) -> tuple[float, ...]:
    """Return the MTF gain at Nyquist of each MS band; a band that is not known gets the generic one."""
    return tuple(sensor.other_gain if index is None else sensor.bands[index].gain for index in band_index)


def weights_for(sensor: Sensor, band_index: Sequence[Optional[int]]) -> Optional[tuple[float, ...]]:
    """Return the share of each MS band in PAN, sum 1; None when a share is not known or all are 0."""
    if sensor.pan_weights is None or any(index is None for index in band_index):
        return None
    shares = [sensor.pan_weights[index] for index in band_index if index is not None]
    total = sum(shares)
    return tuple(share / total for share in shares) if total > 0 else None


def plain(name: str) -> str:
    """Return a name without case, accents and punctuation; a prime, as in MS-1', becomes a p, as in file names."""
    return re.sub(r"[^a-z0-9]+", "", _unaccented(name.replace("'", "p")).lower())


def _unaccented(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


@cache
def _by_key() -> dict[str, Sensor]:
    return {plain(name): sensor for sensor in load() for name in (sensor.id, sensor.name, *sensor.aliases)}


@cache
def _patterns() -> tuple[tuple[Sensor, re.Pattern[str]], ...]:
    return tuple(
        (sensor, re.compile(rf"(?<![A-Z0-9])(?:{'|'.join(sensor.file_patterns)})(?![A-Z0-9])"))
        for sensor in load()
        if sensor.file_patterns
    )


def _sensor(entry: dict[str, Any], other_gain: float) -> Sensor:
    pan = entry["pan"]
    limits = pan["wavelength_um"]
    weights = entry["pan_weights"]
    bands = tuple(
        Band(b["name"], b["role"], b["wavelength_um"], b["width_um"], b["gain"], tuple(b.get("codes", ())))
        for b in entry["bands"]
    )
    place = {band.name: index for index, band in enumerate(bands)}
    return Sensor(
        entry["id"],
        entry["name"],
        tuple(entry["aliases"]),
        tuple(entry["file_patterns"]),
        entry["bits"],
        entry["ratio"],
        None if limits is None else (limits[0], limits[1]),
        pan["gain"],
        tuple(pan.get("codes", ())),
        bands,
        other_gain,
        None if weights is None else tuple(weights),
        tuple(
            Product(tuple(place[name] for name in product["bands"]), product.get("file_word"))
            for product in entry.get("products", ())
        ),
        entry["gain_source"],
        entry["source"],
    )
