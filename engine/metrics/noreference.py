"""How good a sharpened image is where no truth is known: spectral and spatial distortions at full resolution.

Definitions are those of the DLPan toolbox (Vivone et al. 2015, Deng et al. 2022): blocks of 32 x 32 side by side and
MS enlarged with the 23-tap polynomial (`pixels.toolbox`).  (bands, h, w), PAN (h, w), in counts; float64; no masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import RequestError
from ..pixels.toolbox import imresize, interp23tap, mtf_filter
from .hypercomplex import BLOCK, q2n, split_blocks
from .reference import Images, q_from_moments, same_shape


def d_lambda_khan(
    fused: npt.NDArray[Any], ms_up: npt.NDArray[Any], gains: Sequence[float], ratio: float, block: int = BLOCK
) -> float:
    """Return Khan's spectral distortion: 1 - Q2n(enlarged MS, fused blurred by the MTF of MS); 0 is best.

    Khan, Alparone & Chanussot 2009 as in the toolbox: blurred but not decimated, against `ms_up` (bands, h, w).
    (Vivone et al. 2021 decimate and compare with the MS as it is: other numbers.)  gains: one per band.
    """
    return 1.0 - q2n(ms_up, mtf_filter(fused, gains, ratio), block)


def d_lambda(fused: npt.NDArray[Any], ms_up: npt.NDArray[Any], block: int = BLOCK) -> float:
    """Return QNR's spectral distortion: mean over band pairs of |Q(F_i, F_j) - Q(M_i, M_j)|; 0 is best.

    Alparone et al. 2008, exponent 1, on the enlarged MS.  A single band has no pairs, and 0.
    """
    fused, ms_up = same_shape(fused, ms_up)
    first, second = np.triu_indices(len(fused), k=1)
    if not first.size:
        return 0.0
    difference = _block_q(fused, block) - _block_q(ms_up, block)
    return float(np.mean(np.abs(difference[first, second])))


def d_s(
    fused: npt.NDArray[Any], ms_up: npt.NDArray[Any], pan: npt.NDArray[Any], ratio: int, block: int = BLOCK
) -> float:
    """Return the spatial distortion: mean over bands of |Q(F_b, PAN) - Q(M_b, PAN at MS resolution)|; 0 is best.

    Alparone et al. 2008, exponent 1; PAN is reduced with the antialiased bicubic and enlarged with the 23 taps.
    Raise RequestError unless ratio is a power of two.
    """
    fused, ms_up = same_shape(fused, ms_up)
    pan = _pan_for(fused, pan)
    pan_low = interp23tap(imresize(pan, 1.0 / ratio), ratio)
    with_pan = _block_q(np.concatenate([fused, pan[None]]), block)[-1, :-1]
    with_low = _block_q(np.concatenate([ms_up, pan_low[None]]), block)[-1, :-1]
    return float(np.mean(np.abs(with_pan - with_low)))


def qnr(spectral: float, spatial: float) -> float:
    """Return QNR = (1 - D_lambda)(1 - D_s), Alparone et al. 2008, exponents 1; 1 is best."""
    return (1.0 - spectral) * (1.0 - spatial)


def hqnr(spectral: float, spatial: float) -> float:
    """Return the hybrid QNR = (1 - D_lambda of Khan)(1 - D_s), Aiazzi et al. 2014: QNR with Khan's distortion."""
    return qnr(spectral, spatial)


def _block_q(images: Images, block: int) -> Images:
    """Return Q of every band with every other, mean over the blocks: (bands, bands)."""
    height, width = images.shape[1:]
    if height % block or width % block:
        raise RequestError(
            f"{height} x {width} pixels are no whole number of blocks of {block}.",
            f"Cut the images to multiples of {block}.",
        )
    pixels = split_blocks(images, block)  # (blocks, bands, pixels)
    mean = pixels.mean(axis=2)
    pixels = pixels - mean[:, :, None]
    covariance = pixels @ pixels.transpose(0, 2, 1) / (block * block - 1)
    power = np.diagonal(covariance, axis1=1, axis2=2)
    shape = covariance.shape
    quality = q_from_moments(
        np.broadcast_to(mean[:, :, None], shape),
        np.broadcast_to(mean[:, None, :], shape),
        power[:, :, None] + power[:, None, :],
        covariance,
    )
    return np.asarray(quality.mean(axis=0))


def _pan_for(fused: Images, pan: npt.NDArray[Any]) -> Images:
    if pan.shape != fused.shape[1:]:
        raise RequestError(
            f"PAN of shape {pan.shape} does not lie on bands of {fused.shape[1:]}.", "Give PAN as (rows, columns)."
        )
    return np.asarray(pan, dtype=np.float64)
