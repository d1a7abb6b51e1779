"""Sums over windows at every position, and over blocks side by side, of one tile of a scene.

Window sums are added up by doubling: a window's sum has log2(n) roundings, none for counts, and the same bits in
whatever tile it is computed.  So no mean need be subtracted first, as it must before running sums of a whole row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .tile import Images, Mask, Part, Stretch, divided

# A window whose variance is less than this share of its mean square is flat: the difference of two rounded sums
# carries no more than this.  One count in one of 32 x 32 pixels of 60000 is still ten times as much.
FLAT = 1e-14
CACHED = 1 << 16  # pixels of a strip: a dozen float64 arrays of it stay in the processor's cache


def strips(rows: slice, cols: slice, size: int) -> Iterator[slice]:
    """Yield pieces of `rows` that overlap by size - 1: together they hold each window of `size` rows once."""
    if cols.stop - cols.start < size:
        return
    # At least as many new rows as are computed twice.
    step = max(size, CACHED // (cols.stop - cols.start))
    for start in range(rows.start, rows.stop - size + 1, step):
        yield slice(start, min(rows.stop, start + step + size - 1))


def window_sums(image: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """Return the sums over all `size` x `size` squares that fit: (h - size + 1, w - size + 1)."""
    return _run_sums(_run_sums(image, size).T, size).T


def _run_sums(image: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    """Return the sums of `length` successive rows."""
    count = len(image) - length + 1
    total: Optional[npt.NDArray[Any]] = None
    runs, width, done = image, 1, 0
    while True:
        if length & width:
            part = runs[done : done + count]
            total = part if total is None else total + part
            done += width
            if done == length:
                return total
        runs, width = runs[: len(runs) - width] + runs[width:], 2 * width


def whole_windows(valid: Optional[Mask], size: int) -> Optional[Mask]:
    """Return which windows hold valid pixels only; None stands for all."""
    if valid is None or valid.all():
        return None
    return np.asarray(window_sums((~valid).astype(np.int32), size) == 0)


def kept(values: Images, keep: Optional[Mask]) -> tuple[float, int]:
    """Return the sum of the values to keep, and how many they are."""
    if keep is None:
        return float(values.sum()), values.size
    return float(values[keep].sum()), int(np.count_nonzero(keep))


def q_from_moments(mean_x: Images, mean_y: Images, variance: Images, covariance: Images) -> Images:
    """Return Q = 4 s_xy m_x m_y / ((s_x^2 + s_y^2)(m_x^2 + m_y^2)) with `variance` = s_x^2 + s_y^2.

    Where the variance is 0, the term of the means alone; where the means are 0, 1.
    """
    product = 2.0 * mean_x * mean_y
    square = mean_x**2 + mean_y**2
    flat = variance <= FLAT * square
    plain = ~flat & (square != 0.0)
    if plain.all():
        return np.asarray(2.0 * covariance * product / (variance * square))
    quality = np.where(flat, divided(product, square, 1.0), 1.0)
    np.divide(2.0 * covariance * product, variance * square, out=quality, where=plain)
    return quality


def block_rows(part: Part, block: int, mirrored: bool) -> Iterator[tuple[Mask, list[Images]]]:
    """Yield the rows of blocks of a tile: which blocks of the row are kept (blocks,), and for each image its pixels.

    The pixels are (blocks kept, bands, block * block).  Blocks with an invalid pixel are not kept; incomplete ones at
    the far edges of the scene are filled by mirroring, the edge pixel included, or else not kept either.
    """
    tile = part.tile
    cols = tile.cols.origins(block)
    if not cols:
        return
    across = _places(tile.cols, cols[0], cols[-1] + block, block, mirrored)
    for row in tile.rows.origins(block):
        down = _places(tile.rows, row, row + block, block, mirrored)
        keep = np.zeros(len(cols), dtype=bool)
        complete = across.size // block if down.size else 0
        keep[:complete] = True
        if complete and part.valid is not None:
            mask = _taken(part.valid[None], down, across)[0]
            keep[:complete] = mask.reshape(block, complete, block).all(axis=(0, 2))
        if keep.any():
            taken = [_taken(image, down, across).astype(np.float64, copy=False) for image in part.images]
            yield keep, [_split(image, block)[keep[:complete]] for image in taken]
        else:
            yield keep, [np.empty((0, len(image), block * block)) for image in part.images]


def _places(axis: Stretch, start: int, stop: int, block: int, mirrored: bool) -> npt.NDArray[np.intp]:
    """Return the array indices of the blocks in [start, stop); what lies beyond the scene mirrors or is dropped."""
    if not mirrored:
        stop = min(stop, axis.size // block * block)
    places = np.arange(start, stop)
    if stop > axis.size:
        places %= 2 * axis.size
        places = np.where(places < axis.size, places, 2 * axis.size - 1 - places)
    if places.size:
        axis.inputs(int(places.min()), int(places.max()) + 1)  # refuses too small a halo
    return np.asarray(places - axis.first)


def _taken(images: npt.NDArray[Any], rows: npt.NDArray[np.intp], cols: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    if (np.diff(rows) == 1).all() and (np.diff(cols) == 1).all():
        return images[:, rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return images[:, rows[:, None], cols]


def _split(images: Images, block: int) -> Images:
    """Return (bands, block, n * block) as (n, bands, block * block)."""
    bands, _, width = images.shape
    tiles = images.reshape(bands, block, width // block, block)
    return np.asarray(tiles.transpose(2, 0, 1, 3).reshape(-1, bands, block * block))
