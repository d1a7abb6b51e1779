"""Which places are learnt from and which are kept to measure on: apart on the ground, never neighbours.

Images that show the same ground belong together.  Where there are enough of them, whole ones are held out; else a
strip at one end of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np
import numpy.typing as npt

from ...grid.patch import Mask

Boxes = npt.NDArray[np.float64]  # (places, 4): xmin, ymin, xmax, ymax

_NEARLY = 1.5  # times the share that is asked for may be held out where whole images are


@dataclass(frozen=True)
class Ground:
    """Where the places of one image lie, in map units.  `crs` is empty where they cannot be compared with others'."""

    boxes: Boxes
    crs: str
    apart: float  # how far a place to measure on lies from one to learn from, at least

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        low, high = self.boxes[:, :2].min(axis=0), self.boxes[:, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


@dataclass(frozen=True)
class Split:
    """Of each image, which places are learnt from and which are measured on; others lie between the two."""

    training: tuple[Mask, ...]
    validation: tuple[Mask, ...]
    whole: bool  # whole images were held out


def split(grounds: Sequence[Ground], share: float, seed: int, same_crs: Callable[[str, str], bool]) -> Split:
    """Hold out a share of the places.  A share of 0 holds out none."""
    if not share:
        every = tuple(np.ones(len(ground.boxes), bool) for ground in grounds)
        return Split(every, tuple(~mask for mask in every), False)
    groups = together(grounds, same_crs)
    kept = _whole(grounds, groups, share, seed)
    if kept is not None:
        masks = [np.full(len(ground.boxes), number in kept) for number, ground in enumerate(grounds)]
        return Split(tuple(~mask for mask in masks), tuple(masks), True)
    training: dict[int, Mask] = {}
    validation: dict[int, Mask] = {}
    for group in groups:
        for number, (learnt, measured) in zip(group, _strips([grounds[number] for number in group], share)):
            training[number], validation[number] = learnt, measured
    numbers = range(len(grounds))
    return Split(tuple(training[n] for n in numbers), tuple(validation[n] for n in numbers), False)


def together(grounds: Sequence[Ground], same_crs: Callable[[str, str], bool]) -> list[list[int]]:
    """Return the numbers of images in groups, none of which overlaps another."""
    groups: list[list[int]] = []
    for number, ground in enumerate(grounds):
        meets = [group for group in groups if any(_meet(ground, grounds[other], same_crs) for other in group)]
        groups = [group for group in groups if group not in meets]
        groups.append(sorted([number, *(other for group in meets for other in group)]))
    return sorted(groups)


def apart(boxes: Boxes) -> npt.NDArray[np.intp]:
    """Return the numbers of places none of which overlaps another, the first first."""
    if not len(boxes):
        return np.zeros(0, np.intp)
    # Places lie on a lattice of their own size, so at most four neighbouring cells hold what one can overlap.
    size = boxes[:, 2:] - boxes[:, :2]
    cells = np.floor((boxes[:, :2] - boxes[:, :2].min(axis=0)) / size.max(axis=0) + 1e-6).astype(np.int64)
    taken: dict[tuple[int, int], list[int]] = {}
    chosen: list[int] = []
    for number, (col, row) in enumerate(cells.tolist()):
        near = (taken.get((col + x, row + y), ()) for x in (-1, 0, 1) for y in (-1, 0, 1))
        if not any(_overlap(boxes[number], boxes[other]) for cell in near for other in cell):
            taken.setdefault((col, row), []).append(number)
            chosen.append(number)
    return np.array(chosen, np.intp)


def _whole(grounds: Sequence[Ground], groups: Sequence[Sequence[int]], share: float, seed: int) -> Optional[set[int]]:
    """Return the images to hold out; None where no choice of whole ones comes near the share."""
    sizes = [sum(len(grounds[number].boxes) for number in group) for group in groups]
    wanted = share * sum(sizes)
    most = min(_NEARLY * wanted, 0.5 * (wanted + sum(sizes)))
    held, kept = 0, set()
    for place in np.random.default_rng((seed, len(groups))).permutation(len(groups)):
        if held < wanted and held + sizes[place] <= most:
            held += sizes[place]
            kept |= set(groups[place])
    return kept if held * _NEARLY >= wanted else None


def _strips(grounds: Sequence[Ground], share: float) -> list[tuple[Mask, Mask]]:
    """Return what is learnt from and measured on, where one line across all of these separates them."""
    boxes = np.concatenate([ground.boxes for ground in grounds])
    if not len(boxes):
        return [(np.zeros(0, bool), np.zeros(0, bool)) for _ in grounds]
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    axis = int(np.argmax(high - low))
    line = float(np.quantile(boxes[:, axis], 1.0 - share, method="lower"))
    if line <= boxes[:, axis].min():  # all begin on one line: nothing can lie before it
        line = float(boxes[:, axis].max())
    return [(ground.boxes[:, axis + 2] <= line - ground.apart, ground.boxes[:, axis] >= line) for ground in grounds]


def _meet(one: Ground, two: Ground, same_crs: Callable[[str, str], bool]) -> bool:
    if not (one.crs and two.crs and len(one.boxes) and len(two.boxes)):
        return False
    return _overlap(one.bounds, two.bounds) and same_crs(one.crs, two.crs)


def _overlap(one: Sequence[float], two: Sequence[float]) -> bool:
    nearly = 1e-9 * max(abs(one[2] - one[0]), abs(one[3] - one[1]))  # edges that touch are rounded
    return min(one[2], two[2]) - max(one[0], two[0]) > nearly and min(one[3], two[3]) - max(one[1], two[1]) > nearly
