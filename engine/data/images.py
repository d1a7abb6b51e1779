"""Imagery to draw samples from: kept in memory where there is room, and where in it no gap is near."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

import numpy as np
import numpy.typing as npt

from ..grid.patch import Mask
from ..grid.tiling import tiles
from ..grid.window import Window
from .sample import Floats, evenly

Read = Callable[[Window], tuple[Floats, Optional[Mask]]]

_CELL = 8  # pixels: gaps are remembered in cells of this size, so that the map of a large scene stays small
_TILE = 1024


class Memory:
    """How much imagery may be kept in memory, over all sources that share this."""

    def __init__(self, megabytes: float = 512.0) -> None:
        self._left = int(megabytes * 1024 * 1024)
        self._lock = threading.Lock()

    def takes(self, size: int) -> bool:
        """Reserve `size` bytes and tell whether there was room for them."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True


class Image:
    """The part of an image that samples need: read once and kept, or window by window where memory does not allow it.

    `read` gives (bands, h, w) and what is valid; it is called by one thread at a time.
    """

    def __init__(self, read: Read, window: Window, bands: int, memory: Memory) -> None:
        self.window = window
        self._lock = threading.Lock()
        self._read: Optional[Read] = read
        self._kept: Optional[Floats] = None
        if memory.takes(bands * window.height * window.width * np.dtype(np.float32).itemsize):
            self._kept = read(window)[0].astype(np.float32, copy=False)
            self._read = None  # so that the file is closed

    def __call__(self, window: Window) -> Floats:
        """Return (bands, h, w), float32, of a window inside that of the image; not to be written to."""
        if self._read is not None:
            with self._lock:
                return self._read(window)[0].astype(np.float32, copy=False)
        rows, cols = window.slices_in(self.window)
        return np.asarray(self._kept)[:, rows, cols]


@dataclass(frozen=True)
class Gaps:
    """Which cells of a window hold an invalid pixel; cell (0, 0) begins at its upper left."""

    window: Window
    cells: npt.NDArray[np.bool_]

    @classmethod
    def none(cls, window: Window) -> Gaps:
        return cls(window, np.zeros((-(-window.height // _CELL), -(-window.width // _CELL)), bool))

    @classmethod
    def of(cls, window: Window, valid: Callable[[Window], Optional[Mask]]) -> Gaps:
        """Look at all of `window`, tile by tile."""
        gaps = cls.none(window)
        for tile in tiles(window, _TILE):
            mask = valid(tile)
            if mask is not None:
                bad = np.pad(~mask, ((0, -tile.height % _CELL), (0, -tile.width % _CELL)))
                down, across = bad.shape[0] // _CELL, bad.shape[1] // _CELL
                row, col = (tile.row - window.row) // _CELL, (tile.col - window.col) // _CELL
                blocks = bad.reshape(down, _CELL, across, _CELL).any(axis=(1, 3))
                gaps.cells[row : row + down, col : col + across] = blocks
        return gaps


class Places:
    """Where patches may lie: inside `area`, with no gap in them nor `margin` pixels around, as far as there is image.

    Both are remembered cell by cell: from which to which pixel a patch may begin there.
    """

    def __init__(self, area: Window, patch: int, margin: int, gaps: Gaps) -> None:
        self._patch = patch
        rows = _by_cell(area.row, area.row_end - patch, patch + margin, margin, gaps.window.row, len(gaps.cells))
        cols = _by_cell(area.col, area.col_end - patch, patch + margin, margin, gaps.window.col, len(gaps.cells.T))
        # The number of bad cells above and left of each corner tells how many there are in any rectangle.
        before = np.pad(gaps.cells.cumsum(axis=0, dtype=np.int64).cumsum(axis=1), ((1, 0), (1, 0)))
        (top, bottom), (left, right) = rows[:, 2:].T[:, :, None], cols[:, 2:].T
        row, col = np.nonzero(
            before[bottom, right] - before[top, right] - before[bottom, left] + before[top, left] == 0
        )
        self._first = np.stack([rows[row, 0], cols[col, 0]], axis=1)
        self._last = np.stack([rows[row, 1], cols[col, 1]], axis=1)
        self._upto = np.prod(self._last - self._first + 1, axis=1).cumsum()

    @property
    def is_empty(self) -> bool:
        return not len(self._first)

    def draw(self, generator: np.random.Generator) -> Window:
        """Return a random patch; each pixel where one may begin is as likely as any other."""
        cell = int(np.searchsorted(self._upto, generator.integers(self._upto[-1]), side="right"))
        row, col = generator.integers(self._first[cell], self._last[cell] + 1)
        return Window(int(row), int(col), self._patch, self._patch)

    def spread(self, count: int) -> list[Window]:
        """Return up to `count` patches that do not overlap, spread evenly."""
        chosen: list[Window] = []
        for cell in evenly(len(self._first)):
            if len(chosen) == count:
                break
            row, col = self._first[cell]
            window = Window(int(row), int(col), self._patch, self._patch)
            if all(window.clipped(other).is_empty for other in chosen):
                chosen.append(window)
        return sorted(chosen)


def _by_cell(first: int, last: int, after: int, margin: int, start: int, cells: int) -> npt.NDArray[np.int64]:
    """Return, for each cell with places from `first` to `last`: its first and last, and the span of cells in reach."""
    found = []
    for cell in range((first - start) // _CELL, (last - start) // _CELL + 1):
        low, high = max(first, start + cell * _CELL), min(last, start + (cell + 1) * _CELL - 1)
        reach = (low - margin - start) // _CELL, -(-(high + after - start) // _CELL)
        found.append((low, high, max(0, reach[0]), min(cells, reach[1])))
    return np.array(found, np.int64)
