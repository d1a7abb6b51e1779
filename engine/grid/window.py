"""A rectangle of whole pixels; rows and columns may lie outside the raster they are counted in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Window:
    """Pixels `row` to `row + height` (exclusive) and `col` to `col + width` (exclusive)."""

    row: int
    col: int
    height: int
    width: int

    @property
    def row_end(self) -> int:
        return self.row + self.height

    @property
    def col_end(self) -> int:
        return self.col + self.width

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    @property
    def is_empty(self) -> bool:
        return self.height <= 0 or self.width <= 0

    @property
    def centre(self) -> tuple[float, float]:
        """Row and column of the middle, counted from the upper left corner of the raster."""
        return self.row + self.height / 2, self.col + self.width / 2

    def grown(self, pixels: int) -> Window:
        """Return the window with `pixels` more on every side."""
        return Window(self.row - pixels, self.col - pixels, self.height + 2 * pixels, self.width + 2 * pixels)

    def moved(self, rows: int, cols: int) -> Window:
        return Window(self.row + rows, self.col + cols, self.height, self.width)

    def clipped(self, other: Window) -> Window:
        """Return what both windows share; its sides are 0 where they do not meet."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        return Window(
            row, col, max(0, min(self.row_end, other.row_end) - row), max(0, min(self.col_end, other.col_end) - col)
        )

    def spanning(self, other: Window) -> Window:
        """Return the smallest window that holds both."""
        row, col = min(self.row, other.row), min(self.col, other.col)
        return Window(row, col, max(self.row_end, other.row_end) - row, max(self.col_end, other.col_end) - col)

    def slices_in(self, outer: Window) -> tuple[slice, slice]:
        """Return the row and column slices of this window in an array that covers `outer`."""
        row, col = self.row - outer.row, self.col - outer.col
        return slice(row, row + self.height), slice(col, col + self.width)
