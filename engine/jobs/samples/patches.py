"""A file of patches, as the field's benchmark has them, as a place to cut samples from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from typing import Optional

import numpy as np
import numpy.typing as npt

from ...data.cut import PatchCutter, corners
from ...data.images import Memory
from ...data.sample import STILL, evenly
from ...errors import InputError
from ...events import Event, Progress
from ...grid.window import Window
from ...pixels.shift import Shift, estimate, spectra
from ...raster.hdf5 import h5_arrays
from ...request.trainingset import TrainingSetRequest
from ...sensors.sensor import GENERIC, Clues, Sensor, band_index, detect, find, gains_for
from ..bandwords import words_in_order
from ..pipeline import Crew
from ..signs import awaited
from .placing import NODATA, SATURATED, TEXTURE, first_reason, saturated, squares, texture
from .quarry import Part, Quarry, misregistered, short, step, within

_SPREAD = 64  # samples that the shift is measured from, and the least that are looked at
_ROW = 16  # samples between what is learnt from and measured on: neighbours in the file may be neighbours in fact
_STAGE = "Looking at the file"


def of_patches(path: str, request: TrainingSetRequest, wanted: int, crew: Crew) -> Generator[Event, None, Quarry]:
    """Yield events while a file of patches is looked at, about `wanted` places of it, and return what was found.

    Raise EngineError where it cannot be used.
    """
    name, patch = short(path), request.patch
    source = yield from awaited(crew.aside(lambda _: PatchCutter(name, h5_arrays(path), Memory(0.0))), _STAGE)
    source.check(patch)
    shift = yield from awaited(crew.aside(lambda _: _shift_of(source)), _STAGE)
    sensor = _sensor_of(path, source.bands, request.sensor)
    area = Window(0, 0, *source.shape)
    squared = corners(area, patch, step(patch))  # of one sample
    numbers = np.sort(evenly(source.count)[: max(_SPREAD, wanted // len(squared))]).tolist()
    found = Quarry(
        name,
        (path,),
        sensor.id,
        source.ratio,
        words_in_order(sensor, source.bands),
        gains_for(sensor, band_index(Clues(band_count=source.bands), sensor)),
        sensor.pan_gain,
        source.scaling.divisor,
        shift,
        len(numbers) * len(squared),
        apart=_ROW,
    )
    if not within(found, request.limit):
        return misregistered(found, request.limit)
    tops = np.full(source.bands, np.inf if sensor.bits is None else 2.0**sensor.bits - 1.0)

    def look(number: int) -> tuple[npt.NDArray[np.int64], dict[str, int]]:
        truth = source.truth(number)
        gap = np.full(len(squared), not np.isfinite(truth).all())
        full = saturated(truth, tops, area, squares(squared, patch))
        flat = texture(np.nan_to_num(truth), source.scaling.divisor, area, squared, patch) < request.least_texture
        good, counts = first_reason([(NODATA, gap), (SATURATED, full), (TEXTURE, flat)])
        return np.insert(squared[good], 0, number, axis=1), counts

    places: list[npt.NDArray[np.int64]] = []
    left_out: Counter[str] = Counter()
    for sign in crew.ordered(look, numbers):
        yield Progress(len(places) / len(numbers), _STAGE)
        if sign is not None:
            good, counts = sign.result
            places.append(good)
            left_out.update(counts)
    every = np.concatenate(places)
    first = every[:, :1].astype(np.float64)
    boxes = np.concatenate([first, 0.0 * first, first + 1.0, 0.0 * first + 1.0], axis=1)
    part = Part(every, boxes, lambda memory: PatchCutter(name, h5_arrays(path), memory, source.scaling))
    warning = (
        f"Nothing tells where the samples of {name} lie. If a part of them is held out, it is those at the end of the "
        "file, which may be neighbours of others."
    )
    return replace(found, left_out=left_out, parts=(part,), warnings=(warning,) if request.validation else ())


def _sensor_of(path: str, bands: int, name: str) -> Sensor:
    if name.lower() != "auto":
        return find(name)
    found = detect(Clues((path,) * bands, band_count=bands))
    return find(GENERIC) if found is None else found.sensor


def _shift_of(source: PatchCutter) -> Optional[Shift]:
    """Return how far MS lies off in the samples of a file, in pixels of PAN."""
    side, random = min(source.shape), np.random.default_rng(0)
    pairs = []
    for number in evenly(source.count)[:_SPREAD].tolist():
        with suppress(InputError):  # it holds what is no number, and is left out
            one = source.at((number, 0, 0), side, STILL, random)
            pairs.append(spectra(one.pan, one.ms_up.mean(axis=0)))
    return estimate(pairs, (source.ratio, source.ratio), max(8.0, 4.0 * source.ratio))
