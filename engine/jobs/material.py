"""What a training learns from: the sources that a configuration names, and what their bands are.

Stores of samples are read here, without GDAL, which a Python that trains need not have; images are in `imagery`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional

from ..data.from_bands import BandStore, BandWords
from ..data.from_store import open_store
from ..data.images import Memory
from ..data.sample import Scaling, Source
from ..errors import InputError, Interrupted, RequestError
from ..training.config import Data, ImageData, PairData, StoreData, TrainingConfig


@dataclass(frozen=True)
class Gathered:
    """One source, and what it was found to be."""

    source: Source
    weight: float
    sensor: str
    ratio: float
    bands: tuple[BandWords, ...]
    gains: tuple[float, ...]  # MTF of each band at the Nyquist frequency of MS; empty: of whatever band it is shown
    pan_gain: float
    least_ratio: Optional[float] = None  # where it holds several
    left_out: int = 0  # samples that hold values that are no numbers


def gather(
    config: TrainingConfig, entries: Sequence[Data], memory: Memory, going: Callable[[], bool]
) -> list[Gathered]:
    """Return the sources, their images in memory as far as there is room.

    Raise EngineError where one cannot be used, Interrupted once `going` says no.
    """
    scaling = None if config.divisor is None else Scaling(config.divisor)
    found: list[Gathered] = []
    for entry in entries:
        if not going():
            raise Interrupted
        try:
            found.append(_gathered(config, entry, memory, scaling))
        except InputError as error:
            name = _named(config, entry)
            if name in error.fact:
                raise
            raise InputError(f"{name} cannot be learnt from. {error.fact}", error.remedy) from error
    return found


def described(found: Sequence[Gathered]) -> tuple[BandWords, ...]:
    """Return the bands that all sources have: the first's names, roles on which all agree, mean wavelengths.

    Raise RequestError where they have different numbers of bands, or there are no sources.
    """
    if not found:
        raise RequestError("There is nothing to learn from.", "Name 'data' or 'folders'.")
    for one in found:
        if len(one.bands) != len(found[0].bands):
            raise RequestError(
                f"{found[0].source.name} has {len(found[0].bands)} bands and {one.source.name} has {len(one.bands)}.",
                "Choose the same bands of every image.",
            )
    words = []
    for alike in zip(*(one.bands for one in found)):
        same_role = len({band.role for band in alike}) == 1
        waves = [band.wavelength_um for band in alike if band.wavelength_um is not None]
        mean = round(sum(waves) / len(waves), 4) if len(waves) == len(alike) else None
        words.append(BandWords(alike[0].name, alike[0].role if same_role else None, mean))
    return tuple(words)


def unique(bands: tuple[BandWords, ...]) -> tuple[BandWords, ...]:
    """Return the bands with a number behind each name that is not its own, and without what a card refuses in names."""
    bands = tuple(
        replace(band, name="".join(sign if sign.isprintable() else " " for sign in band.name).strip() or "band")
        for band in bands
    )
    names = [band.name for band in bands]
    return tuple(
        band
        if names.count(band.name) == 1 and band.name != "PAN"
        else BandWords(f"{band.name} {place}", band.role, band.wavelength_um)
        for place, band in enumerate(bands, 1)
    )


def _gathered(config: TrainingConfig, entry: Data, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    if isinstance(entry, StoreData):
        return _store(config, entry, scaling)
    try:
        from . import imagery
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "osgeo":
            raise
        raise RequestError(
            f"{_named(config, entry)} can only be read with GDAL, which this Python does not have.",
            "Make a set of samples of it where there is one, as in QGIS, and learn from that.",
        ) from error
    if isinstance(entry, PairData):
        return imagery.pair(config, entry, memory, scaling)
    if isinstance(entry, ImageData):
        return imagery.image(config, entry, memory, scaling)
    return imagery.patches(config, entry, memory, scaling)


def _named(config: TrainingConfig, entry: Data) -> str:
    if isinstance(entry, PairData):
        return config.path(entry.ms[0])
    if isinstance(entry, StoreData):
        return config.path(entry.store)
    return config.path(entry.image if isinstance(entry, ImageData) else entry.h5)


def _store(config: TrainingConfig, entry: StoreData, scaling: Optional[Scaling]) -> Gathered:
    source = open_store(config.path(entry.store), scaling)
    least, most = source.ratios
    gains, pan_gain = (source.gains, source.pan_gain) if isinstance(source, BandStore) else ((), 0.0)
    return Gathered(source, entry.weight, source.sensor, most, unique(source.described), gains, pan_gain, least)
