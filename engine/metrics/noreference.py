"""How good a sharpened image is where no truth is known: spectral and spatial distortions at full resolution.

Definitions are those of the DLPan toolbox (Vivone et al. 2015, Deng et al. 2022): blocks of 32 x 32 side by side and
MS enlarged to PAN's grid.  (bands, h, w), PAN (h, w), in counts; float64.  `measure` takes a scene tile by tile and
what it needs enlarged, reduced or blurred from the caller, in whatever convention the caller's grids have; the
functions named after one distortion take whole arrays in the toolbox's convention (`pixels.toolbox`), without masks.
Other than in the toolbox, sides need not be multiples of 32: blocks that are incomplete are left out, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import RequestError
from ..pixels.toolbox import imresize, interp23tap, mtf_filter
from .hypercomplex import BLOCK, BlockSums, measure_blocks
from .tile import Images, Mask, Part, Share, Sums, Tile, same_shape
from .windows import block_rows, q_from_moments


@dataclass(frozen=True, eq=False)
class PairSums(Sums):
    """Q of every band with every other, (bands, bands), summed over the blocks used."""

    blocks: Share
    values: Images

    def mean(self) -> Images:
        """Return the mean over blocks; nan where no block was used."""
        return self.values / (self.blocks.used or math.nan)


@dataclass(frozen=True, eq=False)
class DistortionSums(Sums):
    """What one tile contributes to the distortions."""

    spectral: BlockSums  # Q2n of the enlarged MS and the blurred fused image
    fused: PairSums  # the fused bands and, last, PAN
    ms: PairSums  # the enlarged MS bands and, last, the reduced and enlarged PAN

    def d_lambda_khan(self) -> float:
        return 1.0 - self.spectral.mean()

    def d_lambda(self) -> float:
        return _between_bands(self.fused.mean()[:-1, :-1], self.ms.mean()[:-1, :-1])

    def d_s(self) -> float:
        return _with_last(self.fused.mean(), self.ms.mean())

    def qnr(self) -> float:
        return qnr(self.d_lambda(), self.d_s())

    def hqnr(self) -> float:
        return hqnr(self.d_lambda_khan(), self.d_s())


def measure(
    fused: npt.NDArray[Any],
    ms_up: npt.NDArray[Any],
    pan: npt.NDArray[Any],
    pan_low: npt.NDArray[Any],
    fused_low: npt.NDArray[Any],
    tile: Optional[Tile] = None,
    valid: Optional[Mask] = None,
    block: int = BLOCK,
) -> DistortionSums:
    """Return what one tile contributes; add up all tiles of a scene (`tile.total`) for the scene's numbers.

    All on PAN's grid, with the halo of `tile`: ms_up (bands, h, w) is MS enlarged, pan (h, w), pan_low (h, w) is PAN
    reduced to the resolution of MS and enlarged as MS was, fused_low (bands, h, w) the fused image blurred by the MTF
    of MS but not decimated.  valid: which pixels hold in all of them; blocks with another pixel are left out.
    """
    same_shape(fused, ms_up)
    same_shape(fused, fused_low)
    planes = [_plane(fused, pan), _plane(fused, pan_low)]
    part = Part.of([fused, ms_up, *planes, fused_low], tile, valid)
    sharp = Part(part.tile, (fused, planes[0]), part.valid)
    coarse = Part(part.tile, (ms_up, planes[1]), part.valid)
    blurred = Part(part.tile, (ms_up, fused_low), part.valid)
    return DistortionSums(
        measure_blocks(blurred, block, mirrored=False), measure_pairs(sharp, block), measure_pairs(coarse, block)
    )


def measure_pairs(part: Part, block: int = BLOCK) -> PairSums:
    """Return what one tile contributes to Q of every band with every other, of all images of the part together."""
    bands = sum(len(image) for image in part.images)
    counted = PairSums(Share(), np.zeros((bands, bands)))
    for keep, images in block_rows(part, block, mirrored=False):
        # 1. Means and sample covariances of all bands, block by block.
        pixels = np.concatenate(images, axis=1)  # (blocks, bands, pixels)
        mean = pixels.mean(axis=2)
        pixels -= mean[:, :, None]
        covariance = pixels @ pixels.transpose(0, 2, 1) / (block * block - 1)
        power = np.diagonal(covariance, axis1=1, axis2=2)
        # 2. Q of each pair.
        shape = covariance.shape
        quality = q_from_moments(
            np.broadcast_to(mean[:, :, None], shape),
            np.broadcast_to(mean[:, None, :], shape),
            power[:, :, None] + power[:, None, :],
            covariance,
        )
        counted += PairSums(Share(len(pixels), keep.size), quality.sum(axis=0))
    return counted


def d_lambda_khan(
    fused: npt.NDArray[Any], ms_up: npt.NDArray[Any], gains: Sequence[float], ratio: float, block: int = BLOCK
) -> float:
    """Return Khan's spectral distortion: 1 - Q2n(enlarged MS, fused blurred by the MTF of MS); 0 is best.

    Khan, Alparone & Chanussot 2009 as in the toolbox: blurred but not decimated, against `ms_up` (bands, h, w).
    (Vivone et al. 2021 decimate and compare with the MS as it is: other numbers.)  gains: one per band.
    """
    same_shape(fused, ms_up)
    _check_block(fused, block)
    part = Part.of([ms_up, mtf_filter(fused, gains, ratio)])
    return 1.0 - measure_blocks(part, block, mirrored=False).mean()


def d_lambda(fused: npt.NDArray[Any], ms_up: npt.NDArray[Any], block: int = BLOCK) -> float:
    """Return QNR's spectral distortion: mean over band pairs of |Q(F_i, F_j) - Q(M_i, M_j)|; 0 is best.

    Alparone et al. 2008, exponent 1, on the enlarged MS.  A single band has no pairs, and 0.
    """
    same_shape(fused, ms_up)
    _check_block(fused, block)
    return _between_bands(*(measure_pairs(Part.of([images]), block).mean() for images in (fused, ms_up)))


def d_s(
    fused: npt.NDArray[Any], ms_up: npt.NDArray[Any], pan: npt.NDArray[Any], ratio: int, block: int = BLOCK
) -> float:
    """Return the spatial distortion: mean over bands of |Q(F_b, PAN) - Q(M_b, PAN at MS resolution)|; 0 is best.

    Alparone et al. 2008, exponent 1; PAN is reduced with the antialiased bicubic and enlarged with the 23 taps.
    Raise RequestError unless ratio is a power of two.
    """
    same_shape(fused, ms_up)
    _check_block(fused, block)
    plane = _plane(fused, pan)
    plane_low = _plane(fused, interp23tap(imresize(pan, 1.0 / ratio), ratio))
    sharp, coarse = Part.of([fused, plane]), Part.of([ms_up, plane_low])
    return _with_last(measure_pairs(sharp, block).mean(), measure_pairs(coarse, block).mean())


def qnr(spectral: float, spatial: float) -> float:
    """Return QNR = (1 - D_lambda)(1 - D_s), Alparone et al. 2008, exponents 1; 1 is best."""
    return (1.0 - spectral) * (1.0 - spatial)


def hqnr(spectral: float, spatial: float) -> float:
    """Return the hybrid QNR = (1 - D_lambda of Khan)(1 - D_s), Aiazzi et al. 2014: QNR with Khan's distortion."""
    return qnr(spectral, spatial)


def _between_bands(fused: Images, ms: Images) -> float:
    """Return the mean |difference| of Q over the pairs of bands, 0 for a single band."""
    first, second = np.triu_indices(len(fused), k=1)
    return float(np.mean(np.abs(fused - ms)[first, second])) if first.size else 0.0


def _with_last(fused: Images, ms: Images) -> float:
    """Return the mean |difference| of Q of each band with the last, PAN."""
    return float(np.mean(np.abs(fused - ms)[-1, :-1]))


def _plane(fused: npt.NDArray[Any], pan: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if pan.shape != fused.shape[1:]:
        raise RequestError(
            f"PAN of shape {pan.shape} does not lie on bands of {fused.shape[1:]}.",
            "Give PAN as (rows, columns), with sides that the ratio divides.",
        )
    return pan[None]


def _check_block(fused: npt.NDArray[Any], block: int) -> None:
    height, width = fused.shape[1:]
    if min(height, width) < block:
        raise RequestError(f"No block of {block} pixels fits in {height} x {width} pixels.", "Give a larger image.")
