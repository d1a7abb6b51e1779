"""Samples of a pair for its own model: the pair made coarser, whose truth is MS, to learn from and to measure on.

    windows, or a small scene whole -> coarser, by the optics as told and as they may be -> Guides -> stores

What is measured on lies apart from what is learnt from: whole windows, or in a small scene a strip along one side.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Callable, Optional

import numpy as np

from ..data.from_store import Made, write_store
from ..errors import InputError, Interrupted
from ..events import Event, Progress
from ..grid.pairing import Lattice
from ..grid.patch import Floats, Patch
from ..grid.tiling import sample
from ..grid.window import Window
from ..methods.guides import FACTS, IMAGES, Guides, as_seen, coarser, coarser_shape
from ..methods.method import State
from ..methods.optics import Optics, Reach
from ..raster.scene import Scene
from .pipeline import Crew
from .signs import awaited

STAGE = "Making samples"
PATCHES = tuple(range(64, 15, -8))  # pixels of PAN made coarser that a network sees at once: the largest that fits
_EDGE = 8  # pixels at the border of a window made coarser that no sample takes: it is no border of a scene
_WINDOWS = (128, 82, 50, 34)  # MS pixels: smaller ones find what is whole between gaps
_MOST_PIXELS = 48 * 128**2  # of MS, in all windows
_LEAST_WINDOWS = 10
_LOOKS = 4  # windows that tell how sharp PAN is
_GOLDEN = 0.6180339887498949  # of a scene: steps that reach every part of it and line up with no column of windows
_HELD_OUT = 5  # every fifth window
_STRIP = 3  # of a small scene at most a third is held out
_LONGEST, _LARGEST_WHOLE = 1280, 2**18  # MS pixels along a small scene, and in all of it
_MIDDLE = 0.7  # of a side: what a small scene has without its collar
_LARGEST = 120  # pixels of a sample, of which patches are taken at random
_MOST_BYTES = 500_000_000  # of the store to learn from
_MOST_MEASURED = 256
_GREATEST = 1000.0  # spreads of a band from its mean: beyond, a band is none
# How wrong the MTF gains of MS may be told, how much sharper or less sharp PAN may be, as a factor on its gain, and how
# much of its noise it gets back.  What is measured on has none: truth and PAN are compared, not truth and noise.
_DOUBTS = ((-0.03, 0.8, 1.0), (0.03, 1.0, 0.0), (0.0, 1.25, 0.5))


class NothingToLearn(InputError):
    """The pair is too small, or has too many gaps."""


@dataclass(frozen=True)
class Examples:
    """Two stores of samples, and how large a patch is."""

    training: str
    held_out: str
    patch: int


@dataclass(frozen=True)
class _Coarse:
    """A window made coarser in each way, and where in it samples may lie; the first way is the optics as told."""

    pairs: list[Patch]
    truth: Floats
    training: Optional[Window]
    held_out: Optional[Window]


@dataclass(frozen=True)
class _Plan:
    """Windows of PAN, and in each the parts of its MS pixels to learn from and to measure on, the edge left out."""

    windows: list[tuple[Window, Optional[Window], Optional[Window]]]
    least: int  # how many windows have to be without gaps
    patch: int


def coarsenings(optics: Optics) -> list[Optics]:
    """Return the optics by which the pair is made coarser: as they are told, and as they may be in truth."""
    return [replace(optics, pan_noise=0.0)] + [
        replace(
            optics,
            gains=tuple(float(np.clip(gain + more, 0.05, 0.6)) for gain in optics.gains),
            pan_gain=float(np.clip(optics.pan_gain * factor, 0.02, 0.9)),
            pan_noise=optics.pan_noise * noise,
        )
        for more, factor, noise in _DOUBTS
    ]


def examples(
    scene: Scene,
    area: Window,
    optics: Optics,
    shift: tuple[float, float],
    folder: Path,
    seed: int,
    crew: Crew,
) -> Generator[Event, None, Examples]:
    """Yield signs of life while two stores are written into `folder`, and return what they are.

    `area` is the part of PAN to look at; `shift` is how many PAN pixels MS lies right of and below PAN.  Raise
    NothingToLearn where the pair is too small, or has too many gaps.
    """
    yield Progress(0.0, STAGE)
    lattice, told = scene.lattice, Guides(optics, shift)
    reach = told.reach(lattice)
    for plan in _plans(scene.lattice, area):
        ways = coarsenings((yield from _as_seen(scene, [window for window, *_ in plan.windows], optics, told, crew)))
        found: list[_Coarse] = []
        for sign in crew.ordered(partial(_made_coarser, scene, ways, reach), plan.windows):
            if sign is None:
                yield Progress(0.0, STAGE)
            elif sign.result is not None:
                found.append(sign.result)
        if len(found) >= plan.least:
            break
    else:
        raise NothingToLearn(
            "The pair is too small to adapt a model to, or has too many gaps: made coarser, nothing is left to learn "
            f"from or to measure on ({area.width} x {area.height} pixels of PAN are shared with MS).",
            f"Sharpen without adapting, or choose a larger part: {_LEAST_SIDE} MS pixels without gaps are enough.",
        )
    if plan.least > 1:
        found = [
            replace(one, training=None) if number % _HELD_OUT == _HELD_OUT // 2 else replace(one, held_out=None)
            for number, one in enumerate(found)
        ]
    guides = told.of_coarser(lattice)

    def write(going: Callable[[], bool]) -> Examples:
        states = []
        for way in range(len(ways)):
            _check(going)
            pairs = [one.pairs[way] for one in found]
            states.append(guides.settle([guides.measure(pair) for pair in pairs], pairs[0].lattice))
        random = np.random.default_rng((seed, len(found)))
        learnt = [(one, one.training) for one in found if one.training is not None]
        side = min(_LARGEST, *(min(inside.shape) for _, inside in learnt))
        most = _MOST_BYTES // (2 * side**2 * (len(IMAGES) + 2))
        measured = [(one, one.held_out) for one in found if one.held_out is not None]
        for name, parts, size, limit, some in (
            ("training", learnt, side, most, states),
            ("held-out", measured, plan.patch, _MOST_MEASURED, states[:1]),
        ):
            samples = _samples(parts, size, limit, guides, some, random, going)
            ratios = (lattice.ratio, lattice.ratio)
            write_store(folder / name, IMAGES, FACTS, ratios, samples, "a pair made coarser")
        return Examples(str(folder / "training"), str(folder / "held-out"), plan.patch)

    return (yield from awaited(crew.aside(write), STAGE))


def _as_seen(
    scene: Scene, windows: Sequence[Window], optics: Optics, told: Guides, crew: Crew
) -> Generator[Event, None, Optics]:
    """Return optics that leave PAN, made coarser, like it is in a few windows that are whole, if any is."""
    reach = told.reach(scene.lattice)
    spread = sorted(range(len(windows)), key=lambda number: number * _GOLDEN % 1.0)

    def seen(going: Callable[[], bool]) -> Optics:
        patches: list[Patch] = []
        for number in spread:
            _check(going)
            patch = scene.read(windows[number], reach.pan, reach.ms, reach.fill)
            if coarser_shape(optics, patch) is not None:
                patches.append(patch)
            if len(patches) == _LOOKS:
                break
        if not patches:
            return optics
        return as_seen(optics, patches, told.settle([told.measure(patch) for patch in patches], scene.lattice))

    return (yield from awaited(crew.aside(seen), STAGE))


_LEAST_SIDE = _STRIP * PATCHES[-1] + 2 * _EDGE


def _plans(lattice: Lattice, area: Window) -> Iterator[_Plan]:
    """Yield ways to cut an area, the best first: windows, a small scene whole, smaller windows between gaps."""
    for size in _WINDOWS:
        side = round(size * lattice.ratio)
        windows = sample(area, side, _MOST_PIXELS // size**2)
        whole = [window for window in windows if window.shape == (side, side)]
        if len(whole) >= _LEAST_WINDOWS:
            inside = [_inside(lattice, window) for window in whole]
            patch = _fitting(min(min(part.shape) for part in inside))
            if patch is not None:
                yield _Plan([(*one, one[1]) for one in zip(whole, inside)], _LEAST_WINDOWS, patch)
        if size == _WINDOWS[0]:
            yield from (plan for plan in (_strips(lattice, area), _strips(lattice, _middle(area))) if plan is not None)


def _strips(lattice: Lattice, area: Window) -> Optional[_Plan]:
    """Return the middle of an area as one window, a strip of which is held out; None where it is too small."""
    longest = min(_LONGEST * lattice.ratio, max(area.shape))
    most = round(longest), round(_LARGEST_WHOLE * lattice.ratio**2 / longest)
    if area.width > area.height:
        most = most[::-1]
    height, width = min(area.height, most[0]), min(area.width, most[1])
    row, col = area.row + (area.height - height) // 2, area.col + (area.width - width) // 2
    window = Window(row, col, height, width)
    inside = _inside(lattice, window)
    patch = _fitting(min(max(inside.shape) // _STRIP, *inside.shape))
    if patch is None:
        return None
    strip = max(patch, max(inside.shape) // _HELD_OUT)
    if inside.width >= inside.height:
        first, last = replace(inside, width=inside.width - strip), replace(inside, width=strip)
        last = last.moved(0, first.width)
    else:
        first, last = replace(inside, height=inside.height - strip), replace(inside, height=strip)
        last = last.moved(first.height, 0)
    return _Plan([(window, first, last)], 1, patch)


def _middle(area: Window) -> Window:
    rows, cols = (round(0.5 * (1.0 - _MIDDLE) * side) for side in area.shape)
    return Window(area.row + rows, area.col + cols, area.height - 2 * rows, area.width - 2 * cols)


def _inside(lattice: Lattice, window: Window) -> Window:
    """Return the MS pixels of a window without its edge, counted from the first."""
    centres = lattice.ms_centres(window)
    return Window(_EDGE, _EDGE, centres.height - 2 * _EDGE, centres.width - 2 * _EDGE)


def _fitting(side: int) -> Optional[int]:
    return next((patch for patch in PATCHES if patch <= side), None)


def _made_coarser(
    scene: Scene,
    ways: Sequence[Optics],
    reach: Reach,
    planned: tuple[Window, Optional[Window], Optional[Window]],
) -> Optional[_Coarse]:
    """Return a window made coarser; None where it has gaps, or fewer MS pixels than its neighbours."""
    window, training, held_out = planned
    patch = scene.read(window, reach.pan, reach.ms, reach.fill)
    made = [coarser(optics, patch) for optics in ways]
    pairs = [pair for pair, _ in filter(None, made)]
    if len(pairs) < len(ways) or made[0] is None:
        return None
    truth = made[0][1]
    whole = Window(0, 0, truth.shape[1], truth.shape[2])
    if any(part is not None and part.clipped(whole) != part for part in (training, held_out)):
        return None
    return _Coarse(pairs, truth, training, held_out)


def _samples(
    parts: Sequence[tuple[_Coarse, Window]],
    side: int,
    most: int,
    guides: Guides,
    states: Sequence[State],
    random: np.random.Generator,
    going: Callable[[], bool],
) -> Iterator[Made]:
    """Yield what is shown of single bands in squares that cover the parts; a random choice where they are too many."""
    bands = len(parts[0][0].truth)
    squares = [list(_squares(inside, side)) for _, inside in parts]
    count = sum(map(len, squares)) * bands * len(states)
    chosen = np.zeros(count, bool)
    chosen[random.permutation(count)[:most]] = True
    number = 0
    for (one, _), places in zip(parts, squares):
        for way, state in enumerate(states):
            here = chosen[number : number + len(places) * bands].reshape(bands, len(places))
            number += here.size
            if not here.any():
                continue
            _check(going)
            shown = guides.shown(one.pairs[way], state)
            units = state["units"][:, None, None]
            missed = (one.truth - shown.guess) / units
            for band, place in zip(*np.nonzero(here)):
                rows, cols = places[place].slices_in(Window(0, 0, *one.truth.shape[1:]))
                given = shown.band[band][:, rows, cols]
                images = shown.guides[band, : len(IMAGES), rows, cols]
                truth = given + missed[band][None, rows, cols]
                if max(np.abs(images).max(), np.abs(truth).max()) < _GREATEST:
                    yield images, given, truth, state["facts"][band]


def _squares(inside: Window, side: int) -> Iterator[Window]:
    """Yield squares that cover a part, overlapping as little as possible."""
    rows, cols = (
        np.linspace(0, length - side, -(-length // side)).round().astype(int)
        for length in (inside.height, inside.width)
    )
    for row in rows:
        for col in cols:
            yield Window(inside.row + int(row), inside.col + int(col), side, side)


def _check(going: Callable[[], bool]) -> None:
    if not going():
        raise Interrupted
