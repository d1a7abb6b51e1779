"""Say how faithful a sharpened image is to its PAN and MS, at full resolution, where no truth is known."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Optional, TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import InputError, PairingError
from ..events import Event, Finished, Noted, Progress, Started, Warned
from ..grid.pairing import Axis
from ..grid.patch import Floats, Mask
from ..grid.tiling import sample
from ..grid.tiling import tiles as windows_of
from ..grid.window import Window
from ..methods.optics import Optics
from ..metrics import noreference, reference, reprojection
from ..metrics.hypercomplex import BLOCK
from ..metrics.report import Full
from ..metrics.structure import WindowSums
from ..metrics.tile import Sums, Tile, tiles, total
from ..pixels.degrade import degrade, optics_taps
from ..pixels.resample import Taps, gaussian, mtf_sigma, resample
from ..pixels.shift import Shift
from ..raster.scene import Scene, opened
from ..raster.sharpened import Sharpened
from ..request import AssessRequest
from .counts import scale_note, scale_of
from .memory import peak_mb
from .pipeline import Crew
from .placed import Look, Placement, both, look, settle
from .signs import awaited
from .survey import WINDOW_SIZES, WINDOWS, Survey, surveyed

Item = TypeVar("Item")
Result = TypeVar("Result")
Places = npt.NDArray[np.float64]

# Along each axis, the share of an MS pixel's weight that has to lie in the image.  The outermost pixels have 0.77 to
# 0.85: what is left of them stands for a place half a PAN pixel farther in, which is an error of ours, not the image's.
_INSIDE = 0.95
# Shares of the progress bar, as measured on scenes of middle size.
_LOOKED, _PLACED, _ON_PAN = 0.02, 0.05, 0.90
_SHIFT_STAGE = "Looking for a shift"


@dataclass(frozen=True, eq=False)
class Counts(Sums):
    """Pixels of the part assessed, and, by band, the valid ones at either end of the image's data type: (bands,)."""

    pixels: int
    valid: int  # in the image, PAN and MS
    lost: int  # not in the image, though in PAN and MS
    invented: int  # in the image, though not in PAN and MS
    bottom: npt.NDArray[np.int64]
    top: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Assessment:
    """What was found of one image in `window`, counted in PAN pixels of the scene."""

    window: Window
    full: Full
    counts: Counts
    placement: Placement


@dataclass(frozen=True, eq=False)
class _OnPan(Sums):
    """What one tile on the grid of PAN contributes."""

    distortions: noreference.DistortionSums
    detail: WindowSums
    counts: Counts


def assess(request: AssessRequest) -> Generator[Event, None, None]:
    """Yield progress and, last, all numbers; events come at least every 0.2 s.

    Raise EngineError where the image does not lie on PAN, or has nothing in common with the pair.
    """
    begun = time.monotonic()
    with opened(request) as scene, Crew(request.threads) as crew:
        image = Sharpened(request.fused, scene, request.nodata)
        yield from (Noted(note) for note in scene.notes)
        yield from (Warned(warning) for warning in scene.warnings)
        survey = yield from surveyed(scene, request.sensor, "polynomial", crew)
        yield from (Warned(warning) for warning in survey.warnings)
        facts = {
            "fused": request.fused,
            "pan": request.pan,
            "ms": list(request.ms),
            "sensor": survey.identity.sensor.id,
            "sensor_reason": survey.identity.reason,
            "mtf_gains": list(survey.optics.gains),
        }
        yield Started("assess", facts)
        found = yield from assessed(scene, survey, image, crew, request.tile_size)
        yield from (Warned(warning) for warning in found.placement.warnings)
        for read in (scene, image):
            read.check_unchanged()
    counts = found.counts
    result = {
        **facts,
        "width": found.window.width,
        "height": found.window.height,
        "bands": len(scene.bands),
        **found.full.to_dict(),
        "shift_from_pan": _rounded(found.placement.from_pan),
        "shift_from_ms": _rounded(found.placement.from_ms),
        "pixels": counts.pixels,
        "valid": counts.valid,
        "lost": counts.lost,
        "invented": counts.invented,
        "clipped_bottom": counts.bottom.tolist(),
        "clipped_top": counts.top.tolist(),
        "seconds": round(time.monotonic() - begun, 3),
        "peak_mb": peak_mb(),
        "warnings": [*scene.warnings, *survey.warnings, *found.placement.warnings],
    }
    yield Finished(result)


def assessed(
    scene: Scene, survey: Survey, image: Sharpened, crew: Crew, tile_size: int
) -> Generator[Event, None, Assessment]:
    """Yield events while an image is assessed, progress from 0 to 1, and return the assessment.

    tile_size: in PAN pixels; changes speed and memory, never the result.  Raise PairingError where the image lies
    beside what PAN and MS share, InputError where nothing of it can be compared.
    """
    window = scene.covered.clipped(image.covered)
    if window.is_empty:
        raise PairingError(
            f"{image.path} shows no pixel that PAN and MS share.", "Choose the image that was made of this pair."
        )
    if image.takes_units_of_ms:
        yield Noted(
            f"{image.path} declares neither scale nor offset while MS does: its counts are read as those of MS."
        )

    def brightest(part: Window) -> float:
        return float(scene.read(part, 0, 0, 0).ms.max())  # what is not valid reads as 0 and makes no difference

    # 1. What makes counts of the values, and where the image lies.
    cut = list(windows_of(window, tile_size))
    greatest = yield from _stage(crew, brightest, cut, (0.0, _LOOKED), "Looking at the pair")
    scale = scale_of(max(greatest))
    if scale != 1.0:
        yield Noted(scale_note(scale))
    placement = yield from _placement(scene, survey, image, window, crew)

    # 2. Both grids, tile by tile.
    sight = _Sight(scene, survey.optics, image, window, scale)
    ratio = scene.lattice.ratio
    side = max(1, tile_size // BLOCK) * BLOCK  # so that no block is cut
    fine = list(tiles(*window.shape, side, reprojection.window_of(ratio)))
    on_pan = yield from _stage(crew, sight.on_pan, fine, (_PLACED, _ON_PAN), "Comparing with PAN")
    coarse = list(tiles(*sight.ms_window.shape, max(1, round(side / ratio) // BLOCK) * BLOCK))
    on_ms = yield from _stage(crew, sight.on_ms, coarse, (_ON_PAN, 1.0), "Comparing with MS")

    sums = total(on_pan)
    full = Full.of(sums.distortions, sums.detail, total(on_ms), ratio)
    full = replace(
        full,
        mean_ms=[mean / scale for mean in full.mean_ms],
        mean_reprojected=[mean / scale for mean in full.mean_reprojected],
    )
    return Assessment(window, full, sums.counts, placement)


def _stage(
    crew: Crew, work: Callable[[Item], Result], items: list[Item], share: tuple[float, float], stage: str
) -> Generator[Event, None, list[Result]]:
    """Do the work on all items, yield how far the whole is, and return the results."""
    results: list[Result] = []
    for sign in crew.ordered(work, items):
        if sign is not None:
            results.append(sign.result)
        yield Progress(share[0] + (share[1] - share[0]) * len(results) / len(items), stage)
    return results


def _placement(
    scene: Scene, survey: Survey, image: Sharpened, window: Window, crew: Crew
) -> Generator[Event, None, Placement]:
    """Yield progress and return where the image lies, from the largest windows that are whole."""
    found: list[Look] = []
    for number, size in enumerate(WINDOW_SIZES, 1):
        every = sample(window, size, WINDOWS)
        whole = max(part.shape for part in every)
        share = tuple(_LOOKED + (_PLACED - _LOOKED) * step / len(WINDOW_SIZES) for step in (number - 1, number))
        looks = yield from _stage(
            crew,
            partial(look, scene, survey, image),
            [part for part in every if part.shape == whole],
            (share[0], share[1]),
            _SHIFT_STAGE,
        )
        found = [one for one in looks if one is not None]
        if found:
            break
    agreed = crew.aside(lambda _: settle(found, scene.lattice, survey.shift))
    return (yield from awaited(agreed, _SHIFT_STAGE, lambda: _PLACED))


class _Sight:
    """Measures tiles of `window`, in PAN pixels of the scene, and of `ms_window`, in pixels of MS.

    MS enlarged and PAN at the resolution of MS are had as methods have them, where georeferencing puts the pixels.
    The field's toolbox takes an interpolator of 23 taps and an antialiased bicubic, at fixed phases, and knows no gaps.
    """

    def __init__(self, scene: Scene, optics: Optics, image: Sharpened, window: Window, scale: float) -> None:
        self._scene = scene
        self._optics = optics
        self._image = image
        self._window = window
        self._scale = scale
        self._halo = optics.pan_halo(scene.lattice)
        ratio = max(scene.lattice.rows.ratio, scene.lattice.cols.ratio)
        self._reach = max(1, math.ceil(4.0 * mtf_sigma(min(optics.gains), ratio)))  # of the filters, in PAN pixels
        self.ms_window = self._ms_inside()

    def on_pan(self, tile: Tile) -> _OnPan:
        """Return the distortions, the detail and the counts of one tile of `window`."""
        optics = self._optics
        outer = _moved(tile, self._window)
        wide = outer.grown(self._reach)
        patch = self._scene.read(outer, self._halo, optics.ms_margin, optics.fill_steps)
        bands, known = self._image.read(wide)
        rows, cols = outer.slices_in(wide)
        fused = bands[:, rows, cols]
        fused_valid = None if known is None else known[rows, cols]
        # Filters near a gap do with what is there.  To leave out all that they reach would cost twice the blocks and
        # move no distortion by more than 0.0001.
        valid = both(patch.valid, fused_valid)
        places = (_numbers(outer.row, outer.height), _numbers(outer.col, outer.width))
        fused_low, _ = degrade(bands, known, self._taps(*places, wide))
        distortions = noreference.measure(
            self._scaled(fused),
            self._scaled(optics.ms_up(patch)),
            self._scaled(patch.pan_core),
            self._scaled(optics.pan_low(patch)),
            self._scaled(fused_low),
            tile,
            valid,
        )
        detail = reprojection.measure(fused, patch.pan_core, self._scene.lattice.ratio, tile, valid)
        return _OnPan(distortions, detail, self._counts(tile, fused, fused_valid, patch.valid))

    def on_ms(self, tile: Tile) -> reference.ReferenceSums:
        """Return how one tile of `ms_window` compares with the image seen through the optics of MS."""
        lattice = self._scene.lattice
        outer = _moved(tile, self.ms_window)
        patch = self._scene.read(lattice.pan_window(outer, 0), 0, 0, 0)
        rows, cols = outer.slices_in(patch.ms_window)
        wide = lattice.pan_window(outer, self._reach + 1)
        bands, known = self._image.read(wide)
        places = (lattice.rows.to_pan(outer.row, outer.height), lattice.cols.to_pan(outer.col, outer.width))
        taps = self._taps(*places, wide)
        seen, _ = degrade(bands, known, taps)
        valid = None if patch.ms_valid is None else patch.ms_valid[rows, cols]
        if known is not None:
            widest = taps[self._optics.gains.index(min(self._optics.gains))]
            valid = both(valid, resample((~known).astype(np.float32), *widest) <= 1.0 - _INSIDE**2)
        return reference.measure(self._scaled(patch.ms[:, rows, cols]), self._scaled(seen), tile, valid)

    def _scaled(self, images: Floats) -> Floats:
        return images if self._scale == 1.0 else images * self._scale

    def _taps(self, rows: Places, cols: Places, window: Window) -> list[tuple[Taps, Taps]]:
        """Return the optics of MS for each band, centred at places in PAN pixels, for arrays that hold `window`."""
        lattice = self._scene.lattice
        return [
            (down.within(window.row, window.height), across.within(window.col, window.width))
            for down, across in optics_taps(rows, cols, (lattice.rows.ratio, lattice.cols.ratio), self._optics.gains)
        ]

    def _counts(self, tile: Tile, fused: Floats, fused_valid: Optional[Mask], pair_valid: Optional[Mask]) -> Counts:
        core = rows, cols = tile.core
        bands = fused[:, rows, cols]
        everywhere = np.ones(bands.shape[1:], bool)
        own = everywhere if fused_valid is None else fused_valid[core]
        pair = everywhere if pair_valid is None else pair_valid[core]
        valid = own & pair
        ends = (self._image.least, self._image.greatest)
        bottom, top = (np.count_nonzero((bands == end[:, None, None]) & valid, axis=(1, 2)) for end in ends)
        shared, lost, invented = (int(np.count_nonzero(one)) for one in (valid, pair & ~own, own & ~pair))
        return Counts(valid.size, shared, lost, invented, bottom, top)

    def _ms_inside(self) -> Window:
        """Return the MS pixels with their centre in the window and nearly all of their weight in the image."""
        lattice, covered, gain = self._scene.lattice, self._image.covered, min(self._optics.gains)
        under = lattice.ms_centres(self._window)
        row, row_end = _inside(lattice.rows, under.row, under.row_end, gain, covered.row, covered.row_end)
        col, col_end = _inside(lattice.cols, under.col, under.col_end, gain, covered.col, covered.col_end)
        if row >= row_end or col >= col_end:
            raise InputError(
                f"No MS pixel has all of its surroundings in the {self._window.width} x {self._window.height} PAN "
                f"pixels of {self._image.path} that can be assessed.",
                "Give a larger image.",
            )
        return Window(row, col, row_end - row, col_end - col)


def _inside(axis: Axis, start: int, end: int, gain: float, first: int, last: int) -> tuple[int, int]:
    """Return which MS pixels of start to end have enough of their weight in the PAN pixels first to last."""
    taps = gaussian(axis.to_pan(start, end - start), mtf_sigma(gain, axis.ratio))
    held = (taps.index >= first) & (taps.index < last)
    enough = np.flatnonzero((taps.weight * held).sum(axis=1) >= _INSIDE)
    return (start + int(enough[0]), start + int(enough[-1]) + 1) if enough.size else (start, start)


def _moved(tile: Tile, scene: Window) -> Window:
    """Return what a tile reads, counted as `scene` is."""
    rows, cols = tile.outer
    return Window(scene.row + rows.start, scene.col + cols.start, rows.stop - rows.start, cols.stop - cols.start)


def _numbers(start: int, count: int) -> Places:
    return np.arange(start, start + count, dtype=np.float64)


def _rounded(shift: Optional[Shift]) -> Optional[list[float]]:
    return None if shift is None else [round(float(shift.dx), 3), round(float(shift.dy), 3)]
