"""Two images of one grid, read side by side: a fused image and the reference it is compared with."""

from __future__ import annotations

import math
import threading
from typing import Optional

import numpy as np

from ..errors import InputError, PairingError
from ..grid.georef import Grid
from ..grid.patch import Floats, Mask
from ..grid.window import Window
from .dataset import RasterFacts, Reader, crs_name, facts_of, same_crs


class Twins:
    """What both images cover of their common grid; windows are counted from its upper left corner.

    within: only this part, in pixels of the fused image.
    """

    def __init__(
        self, fused: str, reference: str, nodata: Optional[float] = None, within: Optional[Window] = None
    ) -> None:
        one, two = facts_of(fused), facts_of(reference)
        if len(one.bands) != len(two.bands):
            raise InputError(
                f"{fused} has {band_count(one)} and {reference} {band_count(two)}.",
                "Compare images of the same bands in the same order.",
            )
        self.bands = len(one.bands)
        self.data_type = two.bands[0].data_type
        here, there = meeting(one.grid, fused, two.grid, reference)
        common = here if within is None else here.clipped(within)
        if common.is_empty:
            raise PairingError(
                f"{fused} and {reference} share nothing of the part to compare.", "Compare images of one place."
            )
        self._places = common, common.moved(there.row - here.row, there.col - here.col)
        self.height, self.width = self._places[0].shape
        # Of what both cover; a reference without a place on the ground takes that of the image.
        located, place = (two.grid, self._places[1]) if two.grid.affine is not None else (one.grid, self._places[0])
        self.grid = Grid(self.width, self.height, located.affine_of(place), located.crs)
        self._readers = [Reader(facts.path, facts.bands, nodata, "float64") for facts in (one, two)]
        self._lock = threading.Lock()

    def read(self, window: Window) -> tuple[Floats, Floats, Optional[Mask]]:
        """Return fused and reference, (bands, h, w) in physical units, and what is valid in both; None: all."""
        with self._lock:
            parts = [
                reader.read(window.moved(place.row, place.col)) for reader, place in zip(self._readers, self._places)
            ]
        masks = [mask for _, mask in parts if mask is not None]
        return parts[0][0], parts[1][0], np.logical_and.reduce(masks) if masks else None

    def check_unchanged(self) -> None:
        """Raise InputError where a file has changed since; see `Scene.check_unchanged`."""
        for reader in self._readers:
            reader.check_unchanged()


def meeting(first: Grid, first_name: str, second: Grid, second_name: str) -> tuple[Window, Window]:
    """Return where each raster holds what both cover.  Raise PairingError where their pixels do not coincide."""
    if first.affine is None or second.affine is None:
        if (first.width, first.height) != (second.width, second.height):
            raise PairingError(
                f"{first_name} has {first.width} x {first.height} pixels and {second_name} {second.width} x "
                f"{second.height}, and georeferencing to relate them is missing.",
                "Compare images of one size, or georeference them.",
            )
        return first.window, second.window
    if not same_crs(first.crs, second.crs):
        raise PairingError(
            f"{first_name} is in {crs_name(first.crs)} and {second_name} in {crs_name(second.crs)}.",
            "Warp one onto the grid of the other first.",
        )
    # Three corners of the first in pixels of the second, so that no size, turn or skew goes unseen.
    corners = np.array([[0.0, 0.0], [first.width, 0.0], [0.0, first.height]])
    (x1, *across1, y1, right1, down1), (x2, *across2, y2, right2, down2) = first.affine, second.affine
    ground = corners @ np.transpose([across1, (right1, down1)]) + (x1 - x2, y1 - y2)
    there = np.linalg.solve([across2, (right2, down2)], ground.T).T
    right, down = np.round(there[0])
    off = float(np.abs(there - corners - (right, down)).max())
    if not math.isfinite(off) or off > 0.05:
        raise PairingError(
            f"The pixels of {first_name} ({_size(first)}) and {second_name} ({_size(second)}) do not coincide.",
            "Compare images of one grid: the same pixel size, and pixels that lie on each other.",
        )
    row, col = int(down), int(right)
    moved = second.window.moved(-row, -col)  # the second, counted in pixels of the first
    common = first.window.clipped(moved)
    if common.is_empty:
        raise PairingError(f"{first_name} and {second_name} do not overlap.", "Compare images of one place.")
    return common, common.moved(row, col)


def band_count(facts: RasterFacts) -> str:
    """Return the number of bands in words."""
    return f"{len(facts.bands)} band{'s' if len(facts.bands) > 1 else ''}"


def _size(grid: Grid) -> str:
    width, height = grid.pixel_size
    return f"{grid.width} x {grid.height} pixels of {width:g} x {height:g}"
