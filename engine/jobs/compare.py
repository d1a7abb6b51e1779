"""Compare an image with the truth on its grid, tile by tile: the numbers, and maps of where it errs."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..events import Event, Noted, Progress
from ..grid.window import Window
from ..metrics import reference
from ..metrics.hypercomplex import BLOCK
from ..metrics.maps import error_map, quality_map
from ..metrics.report import Reduced
from ..metrics.tile import Tile, tiles, total
from ..raster.twins import Twins
from .counts import peak_of, scale_note, scale_of
from .pipeline import Crew

TILE = 1024
_MAP_SIDE = 480  # pixels of a map of errors for people
_IN_UNITS = ("rmse", "bias", "mean_reference", "mean_image", "peak")

Errors = npt.NDArray[np.float32]
ErrorSink = Callable[[Window, Errors], None]  # takes the errors of a window, in per cent


@dataclass(frozen=True)
class Maps:
    """Where an image errs: (rows, cols) from the upper left, nan where nothing is valid."""

    error: npt.NDArray[np.float64]  # per cent of the band means, each value the mean of a square
    quality: npt.NDArray[np.float64]  # Q2n of blocks


@dataclass(frozen=True)
class Comparison:
    """What was found: `Reduced.to_dict`, in the units of the files, and the maps if they were asked for."""

    numbers: dict[str, Any]
    maps: Optional[Maps]


@dataclass(frozen=True)
class _Found:
    """What one tile contributes."""

    sums: reference.ReferenceSums
    error: Optional[Errors]
    quality: Optional[npt.NDArray[np.float64]]


def compared(
    twins: Twins,
    ratio: float,
    border: int,
    crew: Crew,
    with_maps: bool = False,
    sink: Optional[ErrorSink] = None,
) -> Generator[Event, None, Comparison]:
    """Yield events and return the comparison.  Windows for the `sink` are counted from where the border ends.

    Raise InputError where nothing is left within the border or no pixel is valid in both.
    """
    height, width = twins.height - 2 * border, twins.width - 2 * border
    if height < 1 or width < 1:
        raise InputError(
            f"Nothing is left of {twins.width} x {twins.height} pixels without a border of {border}.",
            "Give a smaller border.",
        )
    cut = list(tiles(height, width, TILE))

    def look(tile: Tile) -> tuple[float, npt.NDArray[np.float64], int]:
        rows, cols = (slice(part.start, part.stop) for part in (tile.rows, tile.cols))
        _, truth, valid = twins.read(_window(rows, cols, border))
        truth = truth.reshape(twins.bands, -1) if valid is None else truth[:, valid]
        return float(truth.max(initial=-math.inf)), truth.sum(axis=1), truth.shape[1]

    most, sums, pixels, seen = -math.inf, np.zeros(twins.bands), 0, 0
    for looked in crew.ordered(look, cut):
        if looked is not None:
            most = max(most, looked.result[0])
            sums, pixels, seen = sums + looked.result[1], pixels + looked.result[2], seen + 1
        yield Progress(0.2 * (seen / len(cut)), "Looking at the reference")
    scale = scale_of(most)
    peak = peak_of(most, twins.data_type)
    means = sums / max(1, pixels)

    def measure(tile: Tile) -> _Found:
        fused, truth, valid = twins.read(_window(*tile.outer, border))
        measured = reference.measure(truth * scale, fused * scale, tile, valid, peak=peak * scale)
        if not with_maps and sink is None:
            return _Found(measured, None, None)
        quality = quality_map(truth * scale, fused * scale, tile, valid) if with_maps else None
        return _Found(measured, error_map(truth, fused, means, tile, valid), quality)

    drawing = _Drawing(height, width) if with_maps else None
    measured: list[reference.ReferenceSums] = []
    for sign in crew.ordered(measure, cut, ahead=0):
        if sign is not None:
            tile, found = cut[len(measured)], sign.result
            measured.append(found.sums)
            if drawing is not None:
                drawing.add(tile, found)
            if sink is not None and found.error is not None:
                sink(Window(tile.rows.start, tile.cols.start, *found.error.shape), found.error)
        yield Progress(0.2 + 0.8 * (len(measured) / len(cut)), "Comparing")
    if scale != 1.0:
        yield Noted(scale_note(scale))
    numbers = Reduced.of(total(measured), ratio).to_dict()
    for name in _IN_UNITS:
        numbers[name] = _scaled(numbers[name], 1.0 / scale)
    return Comparison(numbers, None if drawing is None else drawing.maps())


class _Drawing:
    """Puts the maps together from what the tiles contribute."""

    def __init__(self, height: int, width: int) -> None:
        self._side = max(1, math.ceil(max(height, width) / _MAP_SIDE))
        shape = math.ceil(height / self._side), math.ceil(width / self._side)
        self._total, self._count = np.zeros(shape), np.zeros(shape)
        self._quality = np.full((math.ceil(height / BLOCK), math.ceil(width / BLOCK)), math.nan)

    def add(self, tile: Tile, found: _Found) -> None:
        """Take in one tile."""
        if found.error is None or found.quality is None:
            return
        known = np.isfinite(found.error)
        rows, cols = (np.arange(part.start, part.stop) // self._side for part in (tile.rows, tile.cols))
        place = np.ix_(np.unique(rows), np.unique(cols))
        starts = [np.flatnonzero(np.diff(cells, prepend=-1)) for cells in (rows, cols)]
        for target, values in ((self._total, np.where(known, found.error, 0.0)), (self._count, known)):
            summed = np.add.reduceat(values.astype(np.float64), starts[0], axis=0)
            target[place] += np.add.reduceat(summed, starts[1], axis=1)
        row, col = (part.origins(BLOCK).start // BLOCK for part in (tile.rows, tile.cols))
        height, width = found.quality.shape
        self._quality[row : row + height, col : col + width] = found.quality

    def maps(self) -> Maps:
        """Return the maps."""
        error = np.divide(self._total, self._count, out=np.full(self._total.shape, math.nan), where=self._count > 0)
        return Maps(error, self._quality)


def _window(rows: slice, cols: slice, border: int) -> Window:
    return Window(rows.start + border, cols.start + border, rows.stop - rows.start, cols.stop - cols.start)


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, list):
        return [_scaled(item, factor) for item in value]
    return None if value is None else value * factor
