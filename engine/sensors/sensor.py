"""Who took the picture: recognises the sensor from what files say, and tells which of its bands each MS band is.

Nothing is guessed: what neither metadata, names nor wavelengths tell stays None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from .table import GENERIC, Band, Sensor, find, gains_for, load, named, named_in_product, names, plain, weights_for
from .words import ROLES, role_at, role_in_file_name, role_in_name

__all__ = (
    "GENERIC", "ROLES", "Band", "Clues", "Detection", "Sensor",
    "band_index", "detect", "display_bands", "find", "gains_for", "load", "names", "roles", "weights_for",
)  # fmt: skip

# Metadata items that name a satellite, and those that name the instrument on it; the key's last part, punctuation gone.
_SATELLITE_KEYS = (
    "satelliteid", "satid", "satellite", "satellitename", "auxsatellitename",
    "spacecraftid", "spacecraft", "platform", "platformname", "mission",
)  # fmt: skip
_INSTRUMENT_KEYS = ("sensorid", "sensor", "sensorname", "instrument", "instrumentname")
# Items that hold the operator's product name, which follows the naming of the files.
_PRODUCT_KEYS = (
    "tifftagimagedescription", "tifftagdocumentname", "landsatproductid", "landsatsceneid",
    "productid", "productname", "datasetname", "sceneid",
)  # fmt: skip
_FOLDERS_READ = 2  # deliveries name the folder (DS_PHR1A_...) and the one above it, not the whole path
_CLOSE = 0.005  # two centre wavelengths are the same within this share; Sentinel-2 is no SPOT 6, 0.9 % away in the NIR
_TELLING_BANDS = 4  # fewer wavelengths fit many cameras
_SAME_RATIO = 0.2


@dataclass(frozen=True)
class Clues:
    """What the files of one MS image say.  It describes all their bands in file order, before any are chosen."""

    file_names: tuple[str, ...] = ()  # the file of each band, a name per band; fewer only serve to tell the sensor
    band_names: tuple[str, ...] = ()  # description, or GDAL's colour interpretation; "" where there is none
    wavelengths_um: tuple[Optional[float], ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)  # all domains, keys in upper case
    band_count: int = 0
    ratio: Optional[float] = None  # MS pixel over PAN pixel, measured


@dataclass(frozen=True)
class Detection:
    """The recognised sensor, the evidence as a sentence, and what each MS band is."""

    sensor: Sensor
    reason: str
    band_roles: tuple[Optional[str], ...]
    band_index: tuple[Optional[int], ...]  # into sensor.bands


def detect(clues: Clues) -> Optional[Detection]:
    """Recognise the sensor by its metadata, else by the names of the files, else by its wavelengths; None: not sure."""
    for evidence in (_named_in_metadata, _named_in_products, _named_by_files, _matched_by_wavelengths):
        reasons = evidence(clues)
        if reasons is not None:
            known = [(sensor, reason) for sensor, reason in reasons.items() if sensor is not None]
            if len(reasons) != 1 or not known:  # contradictory, or a satellite we do not know
                return None
            sensor, reason = known[0]
            return Detection(sensor, reason, roles(clues, sensor), band_index(clues, sensor))
    return None


def roles(clues: Clues, sensor: Optional[Sensor]) -> tuple[Optional[str], ...]:
    """Return the role of each MS band, None where neither wavelength, name nor the sensor's own order tells it."""
    bands = sensor.bands if sensor else ()
    return tuple(role if index is None else bands[index].role for index, role in _resolved(clues, sensor))


def band_index(clues: Clues, sensor: Sensor) -> tuple[Optional[int], ...]:
    """Return which of the sensor's bands each MS band is, None where that is not told."""
    return tuple(index for index, _ in _resolved(clues, sensor))


# What is shown when it can be, best first: a kind, and the roles of red, green and blue.
_DISPLAYS = (
    ("true colour", ("red", "green", "blue")),
    ("false colour", ("nir", "red", "green")),
    ("false colour", ("nir2", "red", "green")),
    ("false colour", ("nir", "green", "blue")),
    ("false colour", ("swir2", "nir", "red")),
    ("false colour", ("swir1", "nir", "red")),
    ("false colour", ("swir2", "swir1", "nir")),
)


def display_bands(band_roles: Sequence[Optional[str]]) -> tuple[str, tuple[int, ...]]:
    """Return how to show bands of these roles: the kind, and the 1-based bands for red, green, blue or for grey."""
    for kind, wanted in _DISPLAYS:
        if all(role in band_roles for role in wanted):
            return kind, tuple(band_roles.index(role) + 1 for role in wanted)
    return ("first bands", (1, 2, 3)) if len(band_roles) >= len("rgb") else ("grey", (1,))


# Evidence: each answers None (says nothing), or the sensors it names with the sentence that says so.  The sensor None
# stands for a satellite that is named but not in the table.

_Evidence = Optional[dict[Optional[Sensor], str]]


def _named_in_metadata(clues: Clues) -> _Evidence:
    found: dict[Optional[Sensor], str] = {}
    unknown = False
    for key, value in clues.metadata.items():
        kind = plain(_last_part(key))
        text = value.strip().strip("\"'").strip()
        if not text or kind not in _SATELLITE_KEYS + _INSTRUMENT_KEYS:
            continue
        number = clues.metadata.get(f"{key}_INDEX", "")  # DIMAP: MISSION=PHR, MISSION_INDEX=1A
        sensor = named(f"{text} {number}")
        if sensor is not None:
            found.setdefault(sensor, f"The metadata item {key} says '{f'{text} {number}'.strip()}'.")
        elif kind in _SATELLITE_KEYS:
            unknown = True
    if unknown and not found:
        return {None: "The metadata name a satellite that is not in the table."}
    return found or None


def _named_in_products(clues: Clues) -> _Evidence:
    found: dict[Optional[Sensor], str] = {}
    for key, value in clues.metadata.items():
        if plain(_last_part(key)) in _PRODUCT_KEYS:
            for sensor in named_in_product(value):
                found.setdefault(sensor, f"The product name in the metadata item {key} says {sensor.name}.")
    return found or None


def _named_by_files(clues: Clues) -> _Evidence:
    paths = [re.split(r"[\\/]", name) for name in dict.fromkeys(clues.file_names)]
    for level in range(1, _FOLDERS_READ + 2):
        found: dict[Optional[Sensor], str] = {}
        for parts in paths:
            part = parts[-level] if level <= len(parts) else ""
            for sensor in named_in_product(part):
                what = "file" if level == 1 else "folder"
                found.setdefault(sensor, f"The {what} name '{part}' says {sensor.name}.")
        if found:
            return found
    return None


def _matched_by_wavelengths(clues: Clues) -> _Evidence:
    given = [wavelength for wavelength in _wavelengths(clues) if wavelength is not None]
    if len(given) < max(_TELLING_BANDS, clues.band_count):
        return None
    found: dict[Optional[Sensor], str] = {}
    for sensor in load():
        if clues.ratio and sensor.ratio and abs(clues.ratio - sensor.ratio) > _SAME_RATIO * sensor.ratio:
            continue
        centres = [band.wavelength_um for band in sensor.bands]
        if _all_close(given, centres):
            found[sensor] = f"The wavelengths of all {len(given)} bands are those of {sensor.name} and of no other."
    return found or None


def _all_close(given: Sequence[float], centres: Sequence[float]) -> bool:
    taken = set()
    for wavelength in given:
        near = [i for i, centre in enumerate(centres) if abs(wavelength - centre) <= _CLOSE * centre]
        taken.update(near)
        if not near:
            return False
    return len(taken) == len(given)


# Which band is which.


def _resolved(clues: Clues, sensor: Optional[Sensor]) -> list[tuple[Optional[int], Optional[str]]]:
    """Return the index into the sensor's bands and the role, each None when not told, of every MS band."""
    count = clues.band_count
    bands = sensor.bands if sensor else ()
    evidence = (
        [(None if w is None else role_at(w), _band_at(bands, w)) for w in _wavelengths(clues)],
        _read_names(clues, sensor),
        _read_files(clues, sensor),
    )
    found: list[tuple[Optional[int], Optional[str]]] = []
    for band in range(count):
        index: Optional[int] = None
        role: Optional[str] = None
        for source in evidence:
            said, coded = source[band]
            role = role or said
            index = _agreed(bands, role, coded) if index is None else index
        found.append((index, role))
    if not any(index is not None or role for index, role in found):
        return [(index, None) for index in _own_order(clues, sensor)]
    twice = {index for index, _ in found if index is not None and [i for i, _ in found].count(index) > 1}
    return [(None if index in twice else index, role) for index, role in found]


def _agreed(bands: Sequence[Band], role: Optional[str], coded: Optional[int]) -> Optional[int]:
    """Return the band that role and code point to together; words weigh more than numbers."""
    if role is None:
        return coded
    same = [i for i, band in enumerate(bands) if band.role == role]
    if coded in same:
        return coded
    return same[0] if len(same) == 1 else None


def _band_at(bands: Sequence[Band], wavelength: Optional[float]) -> Optional[int]:
    if wavelength is None or not bands:
        return None
    nearest = min(range(len(bands)), key=lambda i: abs(bands[i].wavelength_um - wavelength))
    inside = abs(bands[nearest].wavelength_um - wavelength) <= bands[nearest].width_um / 2
    return nearest if inside else None


def _wavelengths(clues: Clues) -> tuple[Optional[float], ...]:
    return (*clues.wavelengths_um, *(None,) * clues.band_count)[: clues.band_count]


def _names(clues: Clues) -> tuple[str, ...]:
    return (*clues.band_names, *("",) * clues.band_count)[: clues.band_count]


def _read_names(clues: Clues, sensor: Optional[Sensor]) -> list[tuple[Optional[str], Optional[int]]]:
    band_names = _names(clues)
    if all(_counts(name, place) for place, name in enumerate(band_names, start=1)):
        return [(None, None)] * clues.band_count
    said = [role_in_name(name) for name in band_names]
    return _with_codes(said, [_code(name, at_start=True) for name in band_names], sensor)


def _counts(name: str, place: int) -> bool:
    """Tell whether a name says where the band lies, not what it is.  Only B1 in capitals is an operator's code."""
    return name.strip() == f"b{place}" or plain(name) == f"band{place}"


def _read_files(clues: Clues, sensor: Optional[Sensor]) -> list[tuple[Optional[str], Optional[int]]]:
    """Read the names of files: one per band, or files that each hold a known set of bands."""
    nothing: list[tuple[Optional[str], Optional[int]]] = [(None, None)] * clues.band_count
    if len(clues.file_names) != clues.band_count:
        return nothing
    names_only = [re.split(r"[\\/]", name)[-1].rpartition(".") for name in clues.file_names]
    stems = [before or after for before, _, after in names_only]
    if len(set(stems)) == len(stems):
        said = [role_in_file_name(stem) for stem in stems]
        told = [role for role in said if role]
        if len(set(told)) != len(told):  # the same word in several names is the place's, not the band's
            said = [None] * len(said)
        return _with_codes(said, [_code(stem, at_start=False) for stem in stems], sensor)
    for product in sensor.products if sensor else ():
        holders = [i for i, stem in enumerate(stems) if product.file_word in re.split(r"[^A-Z0-9]+", stem.upper())]
        if len(holders) == len(product.bands):
            for position, index in zip(holders, product.bands):
                nothing[position] = (None, index)
    return nothing


def _with_codes(
    said: Sequence[Optional[str]], codes: Sequence[Optional[str]], sensor: Optional[Sensor]
) -> list[tuple[Optional[str], Optional[int]]]:
    """Add to the roles said in words what the operator's codes mean, unless one of them is not the operator's."""
    if sensor is None:
        return [(role, None) for role in said]
    meaning = {plain(code): i for i, band in enumerate(sensor.bands) for code in (band.name, *band.codes)}
    pan = {plain(code) for code in sensor.pan_codes}
    numbered = [code for code in codes if code and re.fullmatch(r"b\d+", code)]
    foreign = any(code not in meaning and code not in pan for code in numbered)
    result: list[tuple[Optional[str], Optional[int]]] = []
    for role, code in zip(said, codes):
        known = code if code and not (foreign and code in numbered) else ""
        result.append((role or ("pan" if known in pan else None), meaning.get(known)))
    return result


def _code(name: str, at_start: bool) -> Optional[str]:
    """Return the designation in a name, as `plain` writes it: "b4" of "B04 red", "SR_B4" and "..._BAND4", else all."""
    numbers = re.findall(r"(?<![A-Z0-9])B(?:AND)?[ _-]?0*(\d{1,2})(?![0-9])", name.upper())
    if numbers:
        return f"b{numbers[0] if at_start else numbers[-1]}"
    return plain(name) or None if at_start else None


def _own_order(clues: Clues, sensor: Optional[Sensor]) -> tuple[Optional[int], ...]:
    unknown = (None,) * clues.band_count
    if sensor is None or len(set(clues.file_names)) > 1:  # several files may have been named in any order
        return unknown
    codes = [_code(name, at_start=True) or "" for name in _names(clues)]
    for position, code in enumerate(codes, start=1):
        if re.fullmatch(r"b\d+", code) and code != f"b{position}":  # numbered, but not counted from 1
            return unknown
    for order in (tuple(range(len(sensor.bands))), *(p.bands for p in sensor.products if p.file_word is None)):
        if len(order) == clues.band_count:
            return order
    return unknown


def _last_part(key: str) -> str:
    return re.split(r"[.:]", key)[-1]
