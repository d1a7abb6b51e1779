"""Samples cut out of what was found worth it, and written into stores: how many of each place, and in which variations.

A place to learn from may be drawn several times, each time with other MTF gains and another shift of MS; one to measure
on is drawn once, with nothing varied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional

import numpy as np
import numpy.typing as npt

from ...data.cut import Cutter, Place
from ...data.from_bands import BandStoreWriter, Contents, Origin
from ...data.images import Memory
from ...data.sample import STILL, Sample, Variation
from ...errors import InputError
from ...events import Event, Progress
from ...grid.patch import Mask
from ...request.trainingset import TrainingSetRequest
from ..pipeline import Crew
from .heldout import Split, apart
from .newfolder import written
from .placing import NODATA
from .quarry import Part, Quarry

TRAINING, VALIDATION = "training", "validation"
BETWEEN, SURPLUS = "between", "surplus"  # why a place is left out, besides those of `placing` and `quarry`
_MOST_DRAWS = 8  # of one place
MOST_BYTES = 2_000_000_000  # of both stores
_MEMORY_MB = 256.0  # of a part that is kept
_SHOWN = {TRAINING: 6, VALIDATION: 4}  # samples for people to look at
_STAGE = "Cutting samples"

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How often each place of each source is drawn, by the name of the store; and what was left out for it."""

    draws: dict[str, tuple[Counts, ...]]
    left_out: Counter[str]
    most: int  # samples, by the request or by the room they take

    def samples(self, store: str) -> int:
        return sum(int(draws.sum()) for draws in self.draws[store])

    def often(self) -> float:
        """Return how often a place is drawn to learn from, in the mean."""
        places = sum(np.count_nonzero(draws) for draws in self.draws[TRAINING])
        return self.samples(TRAINING) / places if places else 0.0


@dataclass(frozen=True)
class Stored:
    """What was written: the numbers of samples and the statistics by store, samples to look at, what was left out."""

    samples: dict[str, int]
    statistics: dict[str, Any]
    shown: dict[str, list[Sample]]
    left_out: Counter[str]


def sample_bytes(patch: int, bands: int) -> int:
    """Return the size of a sample in a store."""
    return 2 * patch**2 * (1 + 2 * bands) + 16


def planned(quarries: Sequence[Quarry], parted: Split, request: TrainingSetRequest) -> Plan:
    """Return how often each place is drawn."""
    random = np.random.default_rng((request.seed, len(quarries)))
    size = sample_bytes(request.patch, len(quarries[0].bands))
    most = min(request.most, max(2, MOST_BYTES // size))
    to_measure = round(most * request.validation) if request.validation else 0
    left_out: Counter[str] = Counter()
    draws: dict[str, tuple[Counts, ...]] = {}
    measured = []
    for quarry, learn, measure in zip(quarries, parted.training, parted.validation):
        left_out[BETWEEN] += int(np.count_nonzero(~learn & ~measure))
        alone = np.zeros(len(measure), bool)
        alone[np.flatnonzero(measure)[apart(quarry.ground.boxes[measure])]] = True
        measured.append(alone)
        left_out[SURPLUS] += int(np.count_nonzero(measure & ~alone))
    for store, masks, wanted, often in (
        (TRAINING, parted.training, most - to_measure, _MOST_DRAWS),
        (VALIDATION, measured, to_measure, 1),
    ):
        sizes = [len(mask) for mask in masks]
        every = _often(np.concatenate(masks), wanted, often, random)
        left_out[SURPLUS] += int(np.count_nonzero(np.concatenate(masks) & (every == 0)))
        draws[store] = tuple(np.split(every, np.cumsum(sizes)[:-1]))
    return Plan(draws, +left_out, most)


def cut(
    folder: Path, quarries: Sequence[Quarry], plan: Plan, contents: Contents, request: TrainingSetRequest, crew: Crew
) -> Generator[Event, None, Stored]:
    """Yield events while the stores are written, and return what is in them.

    Raise OutputError where the disk fails, InputError where no sample is one.  What a sample is depends on the seed
    and its place alone.
    """
    stored = Stored({}, {}, {}, Counter())
    stores = [store for store in plan.draws if plan.samples(store)]
    begun, total = 0, sum(plan.samples(store) for store in stores)
    for store in stores:
        count = plan.samples(store)
        wanted = set(np.linspace(0, count - 1, min(count, _SHOWN[store])).round().astype(int).tolist())
        shown: list[Sample] = []
        variation = STILL if store == VALIDATION else Variation()
        with (
            written(request.out),
            BandStoreWriter(folder / store, contents, f"cut for {store}") as writer,
            closing(_samples(quarries, plan.draws[store], request, variation, crew)) as cutting,
        ):
            number = 0
            for sign in cutting:
                yield Progress((begun + number) / total, _STAGE)
                if sign is None:
                    continue
                sample, origin = sign
                if sample is not None and _added(writer, sample, origin):
                    shown += [sample] if number in wanted else []
                else:
                    stored.left_out[NODATA] += 1
                number += 1
            stored.statistics[store] = writer.finish()
        stored.samples[store], stored.shown[store] = writer.samples, shown
        begun += count
    return stored


def _added(writer: BandStoreWriter, sample: Sample, origin: Origin) -> bool:
    """Write a sample and return whether it could be: 16 bits hold no value far beyond what is bright."""
    try:
        writer.add(sample, origin)
    except InputError:
        return False
    return True


def _samples(
    quarries: Sequence[Quarry], draws: Sequence[Counts], request: TrainingSetRequest, variation: Variation, crew: Crew
) -> Generator[Optional[tuple[Optional[Sample], Origin]], None, None]:
    """Yield each sample with its origin, the sample None where it holds no numbers, and None as a sign of life."""
    for number, (quarry, often) in enumerate(zip(quarries, draws)):
        first = 0
        for part in quarry.parts:
            here = often[first : first + len(part.places)]
            tasks = [
                ((number, first + index, draw), _place(part.places[index]))
                for index in np.flatnonzero(here).tolist()
                for draw in range(here[index])
            ]
            first += len(part.places)
            if not tasks:
                continue
            cutter: Optional[Cutter] = None
            for opened in crew.aside(partial(_opened, part)):
                yield None
                cutter = None if opened is None else opened.result
            if cutter is None:
                raise AssertionError("the work ended without a result")  # pragma: no cover - it always ends with one
            origins = iter(tasks)
            for made in crew.ordered(partial(_sample, cutter, request, variation), tasks):
                yield None if made is None else (made.result, (number, *next(origins)[1]))


def _opened(part: Part, _going: Callable[[], bool]) -> Cutter:
    return part.open(Memory(_MEMORY_MB))


def _sample(
    cutter: Cutter, request: TrainingSetRequest, variation: Variation, task: tuple[tuple[int, int, int], Place]
) -> Optional[Sample]:
    """Return the sample of a place; None where it holds values that are no numbers, as files of patches may."""
    key, place = task
    try:
        return cutter.at(place, request.patch, variation, np.random.default_rng((request.seed, *key)))
    except InputError:
        return None


def _place(place: npt.NDArray[np.int64]) -> Place:
    return int(place[0]), int(place[1]), int(place[2])


def _often(good: Mask, wanted: int, most: int, random: np.random.Generator) -> Counts:
    """Return how often each good place is drawn: as often as any other, or once more, by chance."""
    places = np.flatnonzero(good)
    draws = np.zeros(len(good), np.int64)
    if len(places):
        all_of_them, more = divmod(min(wanted, most * len(places)), len(places))
        draws[places] = all_of_them
        draws[random.permutation(places)[:more]] += 1
    return draws
