"""How MS lies under PAN: the ratio and offset of their grids, the pixels they share, and the verdict in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import PairingError
from .georef import Grid, centres_between
from .window import Window

MIN_RATIO = 1.0
MAX_RATIO = 16.0
_RATIO_TOLERANCE = 1e-3  # a ratio of 0.9995 is a ratio of 1 with rounding


@dataclass(frozen=True)
class Axis:
    """One axis of the lattice: an edge at PAN coordinate u lies at MS coordinate `scale * u + offset`.

    Coordinates count pixels from the left or upper edge of the raster, so a pixel k has its centre at k + 0.5.
    """

    scale: float
    offset: float

    @property
    def ratio(self) -> float:
        return 1.0 / self.scale

    def to_ms(self, start: int, count: int) -> npt.NDArray[np.float64]:
        """Return where the centres of PAN pixels fall, as MS pixel indices (the centre of MS pixel k is k)."""
        return self.scale * (np.arange(start, start + count) + 0.5) + self.offset - 0.5

    def to_pan(self, start: int, count: int) -> npt.NDArray[np.float64]:
        """Return where the centres of MS pixels fall, as PAN pixel indices."""
        return (np.arange(start, start + count) + 0.5 - self.offset) / self.scale - 0.5

    def ms_cells(self, start: int, count: int) -> npt.NDArray[np.intp]:
        """Return in which MS pixel the centre of each PAN pixel lies."""
        return np.asarray(np.floor(self.to_ms(start, count) + 0.5 + 1e-9), np.intp)

    def ms_span(self, start: int, count: int) -> tuple[int, int]:
        """Return first and one-past-last MS pixel whose centre lies in these PAN pixels (half-open: no pixel twice)."""
        first = math.ceil(self.scale * start + self.offset - 0.5 - 1e-9)
        last = math.ceil(self.scale * (start + count) + self.offset - 0.5 - 1e-9)
        return first, last


@dataclass(frozen=True)
class Lattice:
    """Where PAN pixels lie on the MS grid, both axes."""

    rows: Axis
    cols: Axis

    @property
    def ratio(self) -> float:
        """PAN pixels per MS pixel; the geometric mean where the axes differ."""
        return math.sqrt(self.rows.ratio * self.cols.ratio)

    def moved(self, dx: float, dy: float) -> Lattice:
        """Return the lattice for an MS image that shows everything `dx` PAN pixels too far right and `dy` down."""
        rows, cols = self.rows, self.cols
        return Lattice(Axis(rows.scale, rows.offset + rows.scale * dy), Axis(cols.scale, cols.offset + cols.scale * dx))

    def ms_window(self, window: Window, margin: int) -> Window:
        """Return the MS pixels under a window of PAN, with `margin` more MS pixels on every side."""
        row, row_end = _floor_span(self.rows, window.row, window.row_end)
        col, col_end = _floor_span(self.cols, window.col, window.col_end)
        return Window(row, col, row_end - row, col_end - col).grown(margin)

    def ms_centres(self, window: Window) -> Window:
        """Return the MS pixels whose centres lie in a window of PAN; windows that tile PAN share none."""
        row, row_end = self.rows.ms_span(window.row, window.height)
        col, col_end = self.cols.ms_span(window.col, window.width)
        return Window(row, col, row_end - row, col_end - col)

    def pan_window(self, ms: Window, margin: int) -> Window:
        """Return the PAN pixels under a window of MS, with `margin` more PAN pixels on every side."""
        row = math.floor((ms.row - self.rows.offset) / self.rows.scale)
        col = math.floor((ms.col - self.cols.offset) / self.cols.scale)
        row_end = math.ceil((ms.row_end - self.rows.offset) / self.rows.scale)
        col_end = math.ceil((ms.col_end - self.cols.offset) / self.cols.scale)
        return Window(row, col, row_end - row, col_end - col).grown(margin)


@dataclass(frozen=True)
class Pairing:
    """How a pair fits: the lattice, the PAN pixels that have MS under them, and sentences for people."""

    lattice: Lattice
    shared: Window  # in PAN pixels
    spanned: Window  # in PAN pixels: the smallest window that holds PAN and MS
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def pair(pan: Grid, ms: Grid, shift: tuple[float, float] = (0.0, 0.0)) -> Pairing:
    """Lay MS under PAN.  Both are in one coordinate system, or at least one is not georeferenced.

    `shift` is how many PAN pixels MS shows everything too far right and down, whatever the georeferencing says.  Raise
    PairingError where they do not meet, are rotated, or PAN is the coarser.
    """
    if pan.is_rotated or ms.is_rotated:
        which = "PAN" if pan.is_rotated else "MS"
        raise PairingError(
            f"The rows of the {which} image do not run along the axes of its coordinate system (a rotated grid).",
            "Make it north-up first, for example with gdalwarp or 'Warp (reproject)', and use the result.",
        )
    if pan.affine is None or ms.affine is None:
        return _pair_by_size(pan, ms, shift)
    px0, pdx, _, py0, _, pdy = pan.affine
    mx0, mdx, _, my0, _, mdy = ms.affine
    if (pdx > 0) != (mdx > 0) or (pdy > 0) != (mdy > 0):
        raise PairingError(
            "One image runs from north to south and the other from south to north.",
            "Warp both with gdalwarp, which writes north-up images, and use the results.",
        )
    lattice = Lattice(Axis(pdy / mdy, (py0 - my0) / mdy), Axis(pdx / mdx, (px0 - mx0) / mdx))
    return _checked(pan, ms, lattice.moved(*shift), (), ())


def _pair_by_size(pan: Grid, ms: Grid, shift: tuple[float, float]) -> Pairing:
    ratio_rows, ratio_cols = pan.height / ms.height, pan.width / ms.width
    # A whole number of MS pixels may leave a remainder of less than one MS pixel of PAN.
    slack = max(0.01, 1.0 / min(ms.width, ms.height))
    if abs(ratio_rows / ratio_cols - 1.0) > slack:
        raise PairingError(
            f"PAN has {pan.width} x {pan.height} pixels and MS {ms.width} x {ms.height}, which cannot be the same "
            "footprint, and there is no georeferencing to say otherwise.",
            "Georeference both images or crop them to the same area.",
        )
    which = (
        "Neither image is"
        if pan.affine is None and ms.affine is None
        else ("PAN is not" if pan.affine is None else "MS is not")
    )
    warning = (
        f"{which} georeferenced: both are taken to show the same footprint, "
        f"so one MS pixel covers {ratio_cols:.4g} x {ratio_rows:.4g} PAN pixels. Check the result."
    )
    lattice = Lattice(Axis(1.0 / ratio_rows, 0.0), Axis(1.0 / ratio_cols, 0.0))
    return _checked(pan, ms, lattice.moved(*shift), (), (warning,))


def _checked(pan: Grid, ms: Grid, lattice: Lattice, notes: tuple[str, ...], warnings: tuple[str, ...]) -> Pairing:
    for axis in (lattice.rows, lattice.cols):
        if axis.ratio < MIN_RATIO - _RATIO_TOLERANCE:
            raise PairingError(
                f"The PAN pixels are {1 / axis.ratio:.3g} times as large as the MS pixels.",
                "Exchange the two images if they were swapped; PAN must be the finer one.",
            )
        if axis.ratio > MAX_RATIO + _RATIO_TOLERANCE:
            raise PairingError(
                f"One MS pixel covers {axis.ratio:.4g} PAN pixels on a side; "
                f"the most that makes sense is {MAX_RATIO:g}.",
                "Check that both images belong together and that their georeferencing is right.",
            )
    rows, cols = lattice.rows, lattice.cols
    row, row_end = centres_between(-rows.offset / rows.scale, (ms.height - rows.offset) / rows.scale)
    col, col_end = centres_between(-cols.offset / cols.scale, (ms.width - cols.offset) / cols.scale)
    covered = Window(row, col, max(0, row_end - row), max(0, col_end - col))
    shared = pan.window.clipped(covered)
    if shared.is_empty:
        raise PairingError(
            f"PAN ({_corners(pan)}) and MS ({_corners(ms)}) do not overlap.",
            "Choose images of the same place, and check their coordinate systems.",
        )
    share = shared.height * shared.width / (pan.height * pan.width)
    if share < 0.9999:
        notes += (f"MS covers {share:.1%} of PAN; the rest of PAN has no colour.",)
    return Pairing(lattice, shared, pan.window.spanning(covered), notes, warnings)


def _floor_span(axis: Axis, start: int, end: int) -> tuple[int, int]:
    return math.floor(axis.scale * start + axis.offset + 1e-9), math.ceil(axis.scale * end + axis.offset - 1e-9)


def _corners(grid: Grid) -> str:
    return "x {0:.10g} to {2:.10g}, y {1:.10g} to {3:.10g}".format(*grid.bounds)
