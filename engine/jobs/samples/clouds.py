"""A raster that says where clouds are, of any pixel size, asked about places of another."""

from __future__ import annotations

import numpy as np

from ...errors import PairingError
from ...grid.georef import Grid
from ...grid.pairing import Axis, Lattice
from ...grid.patch import Mask
from ...grid.window import Window
from ...raster.dataset import Reader, crs_name, facts_of, same_crs
from .placing import Corners, Tally, under

_UNLOCATED = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


class Clouds:
    """Where the first band of a raster is neither 0 nor missing.  What it does not cover is clear.

    Raise EngineError where it cannot be read, or laid over the pixels of `grid`.
    """

    def __init__(self, path: str, grid: Grid) -> None:
        facts = facts_of(path)
        self._path, self._band, self._whole = path, facts.bands[0], facts.grid.window
        self._lattice = _laid(path, facts.grid, grid)

    def over(self, places: Corners, patch: int) -> Mask:
        """Return which patches of the grid, given by their upper left pixels, hold a cloud."""
        spans = rows, cols = under(self._lattice, places, patch)
        if not len(places):
            return np.zeros(0, bool)
        top, left = int(rows[0].min()), int(cols[0].min())
        seen = Window(top, left, int(rows[1].max()) - top, int(cols[1].max()) - left).clipped(self._whole)
        if seen.is_empty:
            return np.zeros(len(places), bool)
        image, valid = Reader(self._path, [self._band], None, "float64").read(seen)
        clouded = image[0] != 0.0
        return np.asarray(Tally(clouded if valid is None else clouded & valid, seen).over(spans) > 0)


def _laid(path: str, clouds: Grid, grid: Grid) -> Lattice:
    """Return how the pixels of the grid lie on those of the clouds, as how MS lies under PAN."""
    if clouds.affine is None or grid.affine is None:  # one footprint, then
        rows, cols = clouds.height / grid.height, clouds.width / grid.width
        return Lattice(Axis(1.0 / rows, 0.0), Axis(1.0 / cols, 0.0))
    if clouds.crs and grid.crs and not same_crs(clouds.crs, grid.crs):
        raise PairingError(
            f"{path} is in {crs_name(clouds.crs)}, and the images are in {crs_name(grid.crs)}.",
            "Warp the raster of clouds to the coordinate system of the images.",
        )
    x0, dx, _, y0, _, dy = clouds.affine
    gx0, gdx, _, gy0, _, gdy = grid.affine
    if clouds.is_rotated or dx * gdx <= 0.0 or dy * gdy <= 0.0:
        raise PairingError(
            f"The rows or columns of {path} run in another direction than those of the images.",
            "Warp the raster of clouds onto the grid of the images.",
        )
    return Lattice(Axis(dy / gdy, (y0 - gy0) / gdy), Axis(dx / gdx, (x0 - gx0) / gdx))
