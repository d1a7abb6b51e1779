"""Q2n: one quality index for all bands at once, with pixels as hypercomplex numbers.

Alparone et al. 2004 (Q4), Garzelli & Nencini 2009 (any number of bands), computed as the DLPan toolbox does.
A block's value needs only the means and the covariances of its bands: the product of two hypercomplex numbers is
bilinear, and so its mean over the block is a signed sum of the band covariances.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .tile import Images, Mask, Part, Share, Sums, nothing_valid, same_shape
from .windows import block_rows

BLOCK = 32
UINT16_MAX = 65535.0
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class BlockSums(Sums):
    """The Q2n of the blocks used, summed."""

    blocks: Share
    values: float

    def mean(self) -> float:
        """Return the mean over blocks; nan where no block was used."""
        return self.values / self.blocks.used if self.blocks.used else math.nan


def q2n(
    reference: npt.NDArray[Any], image: npt.NDArray[Any], block: int = BLOCK, valid: Optional[Mask] = None
) -> float:
    """Return Q2n (Q4 for 4 bands, Q8 for 8): mean over blocks of `block` x `block`, side by side; 1 is best.

    (bands, h, w) in counts: as in the toolbox both images are rounded to 16 bits, negative values to 0, so images
    of another unit must be scaled first.  Right and bottom are filled up by mirroring.  Blocks with a pixel that is
    not valid are left out: nan when all are.
    """
    same_shape(reference, image)
    part = Part.of([reference, image], valid=valid)
    if part.valid is not None and not part.valid.any():
        raise nothing_valid()
    return measure_blocks(part, block).mean()


def q2n_blocks(reference: npt.NDArray[Any], image: npt.NDArray[Any], block: int = BLOCK) -> npt.NDArray[np.float64]:
    """Return Q2n of each block, in reading order: (blocks,)."""
    same_shape(reference, image)
    return block_map(Part.of([reference, image]), block).ravel()


def measure_blocks(part: Part, block: int = BLOCK, mirrored: bool = True) -> BlockSums:
    """Return what one tile contributes to Q2n; part: reference, image."""
    values = block_map(part, block, mirrored)
    known = ~np.isnan(values)
    return BlockSums(Share(int(np.count_nonzero(known)), values.size), float(values[known].sum()))


def block_map(part: Part, block: int = BLOCK, mirrored: bool = True) -> npt.NDArray[np.float64]:
    """Return Q2n of the blocks that begin in a tile: (rows of blocks, blocks); nan for a block left out.

    Blocks with a pixel that is not valid are left out, and incomplete ones unless `mirrored`.
    """
    values = np.full((len(part.tile.rows.origins(block)), len(part.tile.cols.origins(block))), math.nan)
    for row, (keep, (x, y)) in zip(values, block_rows(part, block, mirrored)):
        row[keep] = _quality(x, y)
    return values


def _quality(x: Images, y: Images) -> Images:
    """Return Q2n of each block: x, y (blocks, bands, pixels) -> (blocks,)."""
    x, y = _padded_bands(_counts(x)), _padded_bands(_counts(y))
    pixels = x.shape[2]

    # 1. Each band of the reference to mean 1 and deviation 1, the image by the same numbers.
    mean = x.mean(axis=2, keepdims=True)
    deviation = x.std(axis=2, ddof=1, keepdims=True)
    deviation = np.where(deviation == 0.0, EPSILON, deviation)
    # The toolbox leaves the scale of a band alone where the reference's mean is exactly 0, as in the bands padded.
    y = (y - mean) / np.where(mean == 0.0, 1.0, deviation) + 1.0
    x = (x - mean) / deviation + 1.0

    # 2. Means, variances and the covariances of every band of x with every band of y.
    mean_x, mean_y = x.mean(axis=2), y.mean(axis=2)  # (blocks, bands)
    x -= mean_x[:, :, None]
    y -= mean_y[:, :, None]
    variance = (np.sum(x * x, axis=(1, 2)) + np.sum(y * y, axis=(1, 2))) / (pixels - 1)  # (blocks,)
    covariance = x @ y.transpose(0, 2, 1) / (pixels - 1)  # (blocks, bands, bands)

    # 3. The hypercomplex covariance: e_i e_j = +-e_k with k = i xor j; its norm is taken over k.
    signed = covariance * _conjugate_product_signs(x.shape[1])
    bands = np.arange(x.shape[1])
    partner = bands[:, None] ^ bands[None, :]
    parts = np.take_along_axis(signed, partner[None], axis=2).sum(axis=1)  # [k] sums [i, i xor k]
    modulus = np.sqrt(np.sum(parts**2, axis=1))

    # 4. Correlation and contrast times the term of the means; that term alone where both images are flat.
    square_x, square_y = np.sum(mean_x**2, axis=1), np.sum(mean_y**2, axis=1)
    means = 2.0 * np.sqrt(square_x * square_y) / (square_x + square_y)  # never 0 / 0: mean_x is 1 in every band
    contrast = np.divide(2.0 * modulus, variance, out=np.ones_like(variance), where=variance != 0.0)
    return np.asarray(means * contrast)


def _counts(images: Images) -> Images:
    """Round to 16-bit counts, halves up, and clip to their range."""
    return np.asarray(np.clip(np.floor(images + 0.5), 0.0, UINT16_MAX))


def _padded_bands(images: Images) -> Images:
    """Add bands of zeros up to a power of two."""
    bands = images.shape[1]
    power = 1 << (bands - 1).bit_length()
    return images if power == bands else np.pad(images, ((0, 0), (0, power - bands), (0, 0)))


@functools.lru_cache(maxsize=16)
def _product_signs(size: int) -> npt.NDArray[np.int8]:
    """Return S with e_i e_j = S[i, j] e_(i xor j), in the toolbox's order of the Cayley-Dickson construction.

    With x = (a, b), y = (c, d), b and d conjugated first: x y = (a c - d b*, a* d + c b), and all that recursively.
    """
    if size == 1:
        return np.ones((1, 1), dtype=np.int8)
    half = _product_signs(size // 2)
    sign = _conjugation_signs(size // 2)
    left = sign[:, None]  # conjugates e_i of x
    right = sign[None, :]  # conjugates e_j of y
    return np.block(
        [
            [half, left * right * half],  # a c      a* d, d conjugated first
            [left * half.T, -right * half.T],  # c b, b conjugated first      d b*: b's two conjugations cancel
        ]
    )


def _conjugate_product_signs(size: int) -> npt.NDArray[np.int8]:
    """Return the signs of e_i times the conjugate of e_j."""
    return np.asarray(_product_signs(size) * _conjugation_signs(size)[None, :])


def _conjugation_signs(size: int) -> npt.NDArray[np.int8]:
    return np.array([1] + [-1] * (size - 1), dtype=np.int8)
