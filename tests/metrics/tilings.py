"""A scene cut into tiles, each measured from its own arrays alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from engine.metrics.tile import Mask, Tile, tiles, total
from tests.golden_arrays import noise_by_formula

Array = npt.NDArray[Any]


def over_tiles(
    measure: Callable[..., Any], images: list[Array], size: int, valid: Optional[Mask] = None, **options: Any
) -> Any:
    """Return the sum of what `measure(*images, tile, valid)` finds on tiles of `size` pixels."""

    def one(tile: Tile) -> Any:
        parts = [image[(..., *tile.outer)].copy() for image in images]
        return measure(*parts, tile=tile, valid=None if valid is None else valid[tile.outer].copy(), **options)

    return total(one(tile) for tile in tiles(*images[0].shape[-2:], size))


def speckled(bands: int, height: int, width: int) -> tuple[Array, Array]:
    """Return a truth and an image near it, noisy counts on a slope, with a flat and a black corner."""
    noise = noise_by_formula(2 * bands * height * width, bands).reshape(2, bands, height, width)
    slope = np.linspace(300, 900, width) + np.linspace(0, 400, height)[:, None]
    truth = np.floor(slope + 300 * noise[0])
    image = np.floor(truth + 60 * noise[1] - 20)
    for part in (truth, image):
        part[:, :40, :40] = 500
        part[:, -20:, -20:] = 0
    return truth, image


def gaps(height: int, width: int) -> Mask:
    """Return a mask with a corner, a stroke and a single pixel missing."""
    valid = np.ones((height, width), dtype=bool)
    valid[-9:, :13] = False
    valid[height // 2, width // 2 :] = False
    valid[5, 50] = False
    return valid
