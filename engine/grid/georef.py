"""Where a raster lies on the ground: its size, its affine geotransform and its coordinate system."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from .window import Window

Affine = tuple[float, float, float, float, float, float]  # GDAL's order: x0, dx, row skew, y0, column skew, dy


@dataclass(frozen=True)
class Grid:
    """A raster of `width` x `height` pixels.  `affine` is None where the file is not georeferenced."""

    width: int
    height: int
    affine: Optional[Affine]
    crs: str  # WKT; empty where unknown

    @property
    def window(self) -> Window:
        return Window(0, 0, self.height, self.width)

    @property
    def is_rotated(self) -> bool:
        """Whether rows and columns do not run along the axes (beyond rounding: 0.01 pixel over the whole raster)."""
        if self.affine is None:
            return False
        _, dx, row_skew, _, col_skew, dy = self.affine
        return abs(row_skew) * self.height > 0.01 * abs(dx) or abs(col_skew) * self.width > 0.01 * abs(dy)

    @property
    def pixel_size(self) -> tuple[float, float]:
        """Width and height of a pixel, both positive, in map units (1, 1 where not georeferenced)."""
        if self.affine is None:
            return 1.0, 1.0
        _, dx, row_skew, _, col_skew, dy = self.affine
        return math.hypot(dx, col_skew), math.hypot(dy, row_skew)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """xmin, ymin, xmax, ymax in map units."""
        x0, dx, _, y0, _, dy = self.affine or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
        x1, y1 = x0 + dx * self.width, y0 + dy * self.height
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def affine_of(self, window: Window) -> Optional[Affine]:
        """Return the geotransform of a raster that covers `window` of this grid."""
        if self.affine is None:
            return None
        x0, dx, row_skew, y0, col_skew, dy = self.affine
        return (
            x0 + dx * window.col + row_skew * window.row,
            dx,
            row_skew,
            y0 + col_skew * window.col + dy * window.row,
            col_skew,
            dy,
        )

    def window_of(self, extent: tuple[float, float, float, float]) -> Window:
        """Return the pixels whose centres lie in `extent` (xmin, ymin, xmax, ymax); empty when none does."""
        x0, dx, _, y0, _, dy = self.affine or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
        xmin, ymin, xmax, ymax = extent
        cols = sorted(((xmin - x0) / dx, (xmax - x0) / dx))
        rows = sorted(((ymin - y0) / dy, (ymax - y0) / dy))
        col, col_end = centres_between(*cols)
        row, row_end = centres_between(*rows)
        return Window(row, col, max(0, row_end - row), max(0, col_end - col))


def centres_between(low: float, high: float) -> tuple[int, int]:
    """Return first and one-past-last index of the pixels whose centres lie between two edges, both included.

    The tolerance of 1e-4 pixel forgives the rounding of geotransforms in files.
    """
    return math.ceil(low - 0.5 - 1e-4), math.floor(high - 0.5 + 1e-4) + 1
