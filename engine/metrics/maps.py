"""Where an image is good and where it is not: maps of one tile, for a report or a layer."""

from __future__ import annotations

import math
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .hypercomplex import BLOCK, block_map
from .tile import Mask, Part, Tile, same_shape
from .windows import strips


def error_map(
    reference: npt.NDArray[Any],
    image: npt.NDArray[Any],
    means: npt.NDArray[Any],
    tile: Optional[Tile] = None,
    valid: Optional[Mask] = None,
) -> npt.NDArray[np.float32]:
    """Return the mean over bands of |image - reference| / mean_b, in per cent: (h, w) of the core, nan where invalid.

    means: the reference's band means over the whole scene (`PixelSums.means`), so that tiles fit together; a band
    whose mean is 0 is left out.
    """
    same_shape(reference, image)
    part = Part.of([reference, image], tile, valid)
    weights = np.abs(np.asarray(means, dtype=np.float64))
    weights = np.divide(100.0, weights, out=np.zeros_like(weights), where=weights != 0.0)
    bands = np.count_nonzero(weights)
    rows, cols = part.tile.core
    errors = np.full((rows.stop - rows.start, cols.stop - cols.start), math.nan, dtype=np.float32)
    for strip in strips(rows, cols, 1) if bands else ():
        difference = np.abs(part.cut(image, strip, cols) - part.cut(reference, strip, cols))
        relative = np.einsum("b,bij->ij", weights, difference) / bands
        if part.valid is not None:
            relative[~part.valid[strip, cols]] = math.nan
        errors[strip.start - rows.start : strip.stop - rows.start] = relative
    return errors


def quality_map(
    reference: npt.NDArray[Any],
    image: npt.NDArray[Any],
    tile: Optional[Tile] = None,
    valid: Optional[Mask] = None,
    block: int = BLOCK,
) -> npt.NDArray[np.float64]:
    """Return Q2n of each block that begins in the tile: (rows of blocks, blocks), nan for a block left out.

    The first block is the one that begins at `tile.rows.origins(block)`, `tile.cols.origins(block)` in the scene.
    """
    same_shape(reference, image)
    return block_map(Part.of([reference, image], tile, valid), block)
