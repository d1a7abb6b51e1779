"""Where in an image a sample is worth having: what is missing, clouded, saturated or flat there, place by place."""

from __future__ import annotations

from typing import Optional

import numpy as np
import numpy.typing as npt

from ...data.images import Gaps
from ...grid.pairing import Axis, Lattice
from ...grid.patch import Floats, Mask
from ...grid.window import Window

# Why a place is left out, in the order in which it is looked for.
NODATA, CLOUDS, SATURATED, TEXTURE = "nodata", "clouds", "saturated", "texture"
_CELL = 4096 // len(Gaps.none(Window(0, 0, 4096, 1)).cells)  # pixels, in which gaps are remembered
_MOST_ODD = 0.01  # share of the pixels of a sample that may be saturated, or blank

Corners = npt.NDArray[np.int64]  # (places, 2): row and column
Numbers = npt.NDArray[np.float64]
Spans = tuple[
    tuple[Corners, Corners], tuple[Corners, Corners]
]  # of rows and of columns, the first and one past the last


class Tally:
    """Sums over rectangles of an image, each in constant time; `window` is what the image covers."""

    def __init__(self, image: npt.NDArray[np.generic], window: Window) -> None:
        self._window = window
        self._before = np.pad(image.cumsum(axis=0, dtype=np.float64).cumsum(axis=1), ((1, 0), (1, 0)))

    def over(self, spans: Spans) -> Numbers:
        """Return the sum over each of these; what lies outside counts as 0."""
        (top, bottom), (left, right) = (
            [np.clip(edge - start, 0, size) for edge in edges]
            for edges, start, size in zip(spans, (self._window.row, self._window.col), self._window.shape)
        )
        before = self._before
        return np.asarray(before[bottom, right] - before[top, right] - before[bottom, left] + before[top, left])


def squares(places: Corners, patch: int, margin: int = 0) -> Spans:
    """Return from which to before which rows and columns patches reach, with a margin around."""
    row, col = places.T
    return (row - margin, row + patch + margin), (col - margin, col + patch + margin)


def gapped(gaps: Gaps, places: Corners, patch: int, margin: int) -> Mask:
    """Return which patches have a missing pixel in them or within the margin, as far as there is image."""
    if not gaps.cells.any():
        return np.zeros(len(places), bool)
    (top, bottom), (left, right) = squares(places, patch, margin)
    first = gaps.window
    rows = (top - first.row) // _CELL, -(-(bottom - first.row) // _CELL)
    cols = (left - first.col) // _CELL, -(-(right - first.col) // _CELL)
    return np.asarray(Tally(gaps.cells, Window(0, 0, *gaps.cells.shape)).over((rows, cols)) > 0)


def under(lattice: Lattice, places: Corners, patch: int) -> Spans:
    """Return from which to before which rows and columns of the finer image patches of the coarser one reach."""

    def edges(axis: Axis, first: Corners) -> tuple[Corners, Corners]:
        start, end = ((edge - axis.offset) / axis.scale for edge in (first, first + patch))
        return np.floor(start + 1e-6).astype(np.int64), np.ceil(end - 1e-6).astype(np.int64)

    return edges(lattice.rows, places[:, 0]), edges(lattice.cols, places[:, 1])


def saturated(image: Floats, tops: Numbers, window: Window, spans: Spans) -> Mask:
    """Return where too many pixels of an image over `window` reach the greatest value of their band, one of `tops`."""
    return _many((image >= tops.astype(image.dtype)[:, None, None]).any(axis=0), window, spans)


def blank(image: Floats, nothing: Numbers, window: Window, spans: Spans) -> Mask:
    """Return where too many pixels of an image over `window` are `nothing` in all bands: missing, if undeclared."""
    return _many((image == nothing.astype(image.dtype)[:, None, None]).all(axis=0), window, spans)


def _many(marked: Mask, window: Window, spans: Spans) -> Mask:
    height, width = (last - first for first, last in spans)
    return np.asarray(Tally(marked, window).over(spans) > _MOST_ODD * height * width)


def texture(image: Floats, divisor: float, window: Window, places: Corners, patch: int) -> Numbers:
    """Return the greatest spread (standard deviation) of a band in each patch, as a share of the divisor."""
    spans = squares(places, patch)
    most = np.zeros(len(places))
    for band in image:
        values = band.astype(np.float64) / divisor
        values -= values.mean()  # so that squares do not drown what they differ by
        mean, square = (Tally(each, window).over(spans) / patch**2 for each in (values, values**2))
        most = np.maximum(most, square - mean**2)
    return np.asarray(np.sqrt(np.maximum(most, 0.0)))


def first_reason(found: list[tuple[str, Mask]]) -> tuple[Mask, dict[str, int]]:
    """Return which places nothing speaks against, and how many each reason leaves out; the first found counts."""
    good: Optional[Mask] = None
    counts: dict[str, int] = {}
    for reason, against in found:
        good = np.ones(len(against), bool) if good is None else good
        counts[reason] = counts.get(reason, 0) + int(np.count_nonzero(against & good))
        good &= ~against
    return np.zeros(0, bool) if good is None else good, {reason: count for reason, count in counts.items() if count}
