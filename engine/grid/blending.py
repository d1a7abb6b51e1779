"""A grid of cells over a scene, each with a share in every pixel near it: shares change smoothly and add up to 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .window import Window

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """`window` cut into `down` x `across` cells of one size, in whole pixels or not; they are numbered row by row.

    Around the border between two cells, over `ramp` times the side of a cell, the share goes from one to the other as a
    cosine does.  Outside `window` the outermost cells go on.  Everything is counted in pixels of the scene, so a pixel
    has the same shares whatever is asked for at once.
    """

    window: Window
    down: int
    across: int
    ramp: float  # more than 0, at most 1

    @classmethod
    def over(cls, window: Window, side: int, most: int, ramp: float) -> Cells:
        """Return cells of about `side` pixels, larger ones where it would take more than `most` of them."""
        side = max(side, math.ceil(math.sqrt(window.height * window.width / most)))
        down, across = max(1, window.height // side), max(1, window.width // side)
        return cls(window, min(down, most), min(across, most), ramp)

    @property
    def count(self) -> int:
        return self.down * self.across

    def holding(self, window: Window) -> int:
        """Return the number of the cell that holds the centre of a window."""
        row = _cell(window.row + window.height / 2 - self.window.row, self.window.height, self.down)
        col = _cell(window.col + window.width / 2 - self.window.col, self.window.width, self.across)
        return row * self.across + col

    def nearest(self, cell: int, others: Iterable[int]) -> int:
        """Return which of the others is nearest to a cell: itself, if it is among them."""

        def apart(other: int) -> float:
            rows, cols = other // self.across - cell // self.across, other % self.across - cell % self.across
            return math.hypot(rows * self.window.height / self.down, cols * self.window.width / self.across)

        return min(others, key=apart)

    def shares(self, window: Window) -> Iterator[tuple[int, Window, Shares]]:
        """Yield the cells with a share in `window`: the number, the part where it is more than 0, and it, (h, w)."""
        rows = self._along(window.row, window.height, self.window.row, self.window.height, self.down)
        cols = list(self._along(window.col, window.width, self.window.col, self.window.width, self.across))
        for row, first_row, row_shares in rows:
            for col, first_col, col_shares in cols:
                part = Window(first_row, first_col, row_shares.size, col_shares.size)
                yield row * self.across + col, part, row_shares[:, None] * col_shares

    def _along(self, start: int, count: int, origin: int, length: int, cells: int) -> Iterator[tuple[int, int, Shares]]:
        """Yield cell, first pixel and shares along one axis."""
        places = (np.arange(start, start + count) + 0.5 - origin) * (cells / length)  # in cells
        beyond = [self._beyond(border, places, cells) for border in range(cells + 1)]
        for cell in range(cells):
            share = beyond[cell] - beyond[cell + 1]
            (inside,) = np.nonzero(share)
            if inside.size:
                first, last = int(inside[0]), int(inside[-1])
                yield cell, start + first, share[first : last + 1]

    def _beyond(self, border: int, places: Shares, cells: int) -> Shares:
        """Return how far places are across a border, from 0 to 1; the first one lies behind all, the last one ahead."""
        if border in (0, cells):
            return np.full(places.shape, float(border == 0))
        way = np.clip((places - border) / self.ramp, -0.5, 0.5)
        return np.asarray(0.5 + 0.5 * np.sin(np.pi * way))


def _cell(place: float, length: int, cells: int) -> int:
    return min(cells - 1, max(0, math.floor(place * cells / length)))
