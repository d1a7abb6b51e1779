"""What a training learns from: the sources that a configuration names, and what their bands are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from ..data.from_h5 import H5Source
from ..data.from_scenes import SceneSource, SimulatedSource
from ..data.from_store import StoreSource
from ..data.images import Memory
from ..data.sample import Scaling, Source
from ..errors import InputError, Interrupted, RequestError
from ..modelfile.card import ANY_SENSOR
from ..raster.clues import clues_of
from ..raster.dataset import facts_of
from ..raster.hdf5 import h5_arrays
from ..raster.scene import opened
from ..request import PairRequest
from ..sensors.sensor import Clues, band_index, find, gains_for, roles, weights_for
from ..training.config import Data, ImageData, PairData, PatchData, StoreData, TrainingConfig
from .survey import identify


@dataclass(frozen=True)
class BandWords:
    """What is known of one MS band."""

    name: str
    role: Optional[str]
    wavelength_um: Optional[float]


@dataclass(frozen=True)
class Gathered:
    """One source, and what it was found to be."""

    source: Source
    weight: float
    sensor: str
    ratio: float
    bands: tuple[BandWords, ...]
    least_ratio: Optional[float] = None  # where it holds several


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


def _gathered(config: TrainingConfig, entry: Data, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    if isinstance(entry, PairData):
        return _pair(config, entry, memory, scaling)
    if isinstance(entry, ImageData):
        return _image(config, entry, memory, scaling)
    if isinstance(entry, StoreData):
        return _store(config, entry)
    return _patches(config, entry, memory, scaling)


def _named(config: TrainingConfig, entry: Data) -> str:
    if isinstance(entry, PairData):
        return config.path(entry.ms[0])
    if isinstance(entry, StoreData):
        return config.path(entry.store)
    return config.path(entry.image if isinstance(entry, ImageData) else entry.h5)


def _pair(config: TrainingConfig, entry: PairData, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    request = PairRequest(
        config.path(entry.pan),
        tuple(config.path(name) for name in entry.ms),
        bands=entry.bands,
        sensor=entry.sensor,
        nodata=entry.nodata,
    )
    with opened(request) as scene:
        identity = identify(scene, entry.sensor)
        waves = clues_of(scene).wavelengths_um
        names = [band.facts.description for band in scene.bands]
        known = [
            None if index is None else identity.sensor.bands[index].wavelength_um for index in identity.index
        ]  # of the sensor, where the file does not say
        told = [waves[place] if place < len(waves) else None for place in scene.chosen]
        ratio = scene.lattice.ratio
    source = SceneSource(
        request,
        entry.gains or identity.gains,
        identity.sensor.pan_gain if entry.pan_gain is None else entry.pan_gain,
        memory,
        scaling,
    )
    bands = tuple(
        BandWords(name or role or f"band {place}", role, wave or sensor_wave)
        for place, (name, role, wave, sensor_wave) in enumerate(zip(names, identity.roles, told, known), 1)
    )
    return Gathered(source, entry.weight, identity.sensor.id, ratio, _unique(bands))


def _image(config: TrainingConfig, entry: ImageData, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    path, sensor = config.path(entry.image), find(entry.sensor)
    facts = facts_of(path)
    count = len(facts.bands)
    chosen = entry.bands or tuple(range(1, count + 1))
    clues = Clues((path,) * count, tuple(band.description for band in facts.bands), band_count=count)
    if not all(1 <= band <= count for band in chosen):
        raise RequestError(f"{path} has no band {max(chosen)}.", f"It has {count}, counted from 1.")
    index = [band_index(clues, sensor)[band - 1] for band in chosen]
    role = [roles(clues, sensor)[band - 1] for band in chosen]
    weights = entry.pan_weights or weights_for(sensor, index) or (1.0,) * len(chosen)
    source = SimulatedSource(
        path,
        entry.ratio,
        gains_for(sensor, index),
        sensor.pan_gain,
        weights,
        memory,
        chosen,
        entry.nodata,
        scaling,
    )
    bands = tuple(
        BandWords(
            facts.bands[band - 1].description or one or f"band {band}",
            one,
            None if place is None else sensor.bands[place].wavelength_um,
        )
        for band, one, place in zip(chosen, role, index)
    )
    return Gathered(source, entry.weight, sensor.id, entry.ratio, _unique(bands))


def _patches(config: TrainingConfig, entry: PatchData, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    path, sensor = config.path(entry.h5), find(entry.sensor)
    arrays = h5_arrays(path)
    if scaling is None and sensor.bits is not None:
        scaling = Scaling(2.0**sensor.bits - 1.0)  # as the benchmark's own programs divide
    source = H5Source(path, arrays, memory, scaling)
    index = band_index(Clues(band_count=source.bands), sensor)
    known = [None if place is None else sensor.bands[place] for place in index]
    bands = tuple(
        BandWords(f"band {number}", None, None) if band is None else BandWords(band.name, band.role, band.wavelength_um)
        for number, band in enumerate(known, 1)
    )
    ratio = arrays["gt"].shape[-1] / arrays["ms"].shape[-1]
    return Gathered(source, entry.weight, sensor.id, ratio, _unique(bands))


def _store(config: TrainingConfig, entry: StoreData) -> Gathered:
    source = StoreSource(config.path(entry.store))
    least, most = source.ratios
    return Gathered(source, entry.weight, ANY_SENSOR, most, (BandWords("any band", None, None),), least)


def _unique(bands: tuple[BandWords, ...]) -> tuple[BandWords, ...]:
    names = [band.name for band in bands]
    return tuple(
        band
        if names.count(band.name) == 1 and band.name != "PAN"
        else BandWords(f"{band.name} {place}", band.role, band.wavelength_um)
        for place, band in enumerate(bands, 1)
    )
