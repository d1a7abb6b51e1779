"""How near an image is to the truth: indexes that need a reference.

Definitions are those of the DLPan toolbox (Vivone et al. 2015, Deng et al. 2022), so that numbers compare with the
field's papers.  Arrays are (bands, h, w), in counts; work and result are float64.  `measure` takes a scene tile by
tile; the functions named after one index take whole arrays.  `valid` (h, w) says which pixels hold in both images.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import RequestError
from .hypercomplex import BlockSums, measure_blocks
from .pixelwise import PixelSums, measure_pixels
from .structure import (
    Q_WINDOW,
    SSIM_WINDOW,
    EdgeSums,
    WindowSums,
    measure_edges,
    measure_q,
    measure_ssim,
)
from .tile import SETTING, Mask, Part, Share, Sums, Tile, nothing_valid, same_shape


@dataclass(frozen=True, eq=False)
class ReferenceSums(Sums):
    """What one tile contributes to all indexes with a reference."""

    pixels: PixelSums  # SAM, ERGAS, RMSE, bias, PSNR
    edges: EdgeSums  # SCC
    q: WindowSums
    blocks: BlockSums  # Q2n
    ssim: WindowSums  # empty without a peak
    peak: Optional[float] = field(metadata=SETTING)


def measure(
    reference: npt.NDArray[Any],
    image: npt.NDArray[Any],
    tile: Optional[Tile] = None,
    valid: Optional[Mask] = None,
    *,
    peak: Optional[float] = None,
) -> ReferenceSums:
    """Return what one tile contributes; add up all tiles of a scene (`tile.total`) for the scene's numbers.

    reference, image: (bands, h, w) with the halo of `tile`; without a tile they are the whole scene.  A pixel outside
    `valid`, or not finite in any band, is left out, and with it each window and block that holds it.  peak: the
    greatest count, for PSNR and SSIM.  Raise RequestError where the shapes do not fit.
    """
    same_shape(reference, image)
    part = Part.of([reference, image], tile, valid)
    return ReferenceSums(
        measure_pixels(part),
        measure_edges(part),
        measure_q(part),
        measure_blocks(part),
        WindowSums(Share(), np.zeros(len(image))) if peak is None else measure_ssim(part, peak),
        peak,
    )


def cut(images: npt.NDArray[Any], dim_cut: int) -> npt.NDArray[Any]:
    """Cut the border off `images` (..., h, w) as the toolbox does: keep [dim_cut - 1, n - dim_cut); 0 keeps all.

    PanCollection's tables cut 30, the toolbox's own 21; MATLAB's x(d:end-d) takes one pixel less on the near side.
    Raise RequestError when nothing would be left.
    """
    if dim_cut == 0:
        return images
    height, width = images.shape[-2:]
    if dim_cut < 0 or 2 * dim_cut > min(height, width):
        raise RequestError(
            f"A border of {dim_cut} pixels cannot be cut off {height} x {width} pixels.", "Give a smaller border, or 0."
        )
    return images[..., dim_cut - 1 : height - dim_cut, dim_cut - 1 : width - dim_cut]


def sam(reference: npt.NDArray[Any], image: npt.NDArray[Any], valid: Optional[Mask] = None) -> float:
    """Return the spectral angle mapper in degrees: the mean angle between pixel vectors; 0 is best.

    Yuhas, Goetz & Boardman 1992, averaged as in the toolbox: over pixels where neither vector is zero; nan if none.
    """
    return measure_pixels(_whole(reference, image, valid)).sam()


def ergas(reference: npt.NDArray[Any], image: npt.NDArray[Any], ratio: float, valid: Optional[Mask] = None) -> float:
    """Return ERGAS, the relative error in per cent of the mean, divided by `ratio`; 0 is best.

    Wald 2000: 100 / r * sqrt(mean over bands of MSE_b / mean(reference_b)^2).  inf where a band's mean is 0.
    """
    return measure_pixels(_whole(reference, image, valid)).ergas(ratio)


def rmse(reference: npt.NDArray[Any], image: npt.NDArray[Any], valid: Optional[Mask] = None) -> npt.NDArray[np.float64]:
    """Return the root mean square error of each band, in counts: (bands,)."""
    return measure_pixels(_whole(reference, image, valid)).rmse()


def bias(reference: npt.NDArray[Any], image: npt.NDArray[Any], valid: Optional[Mask] = None) -> npt.NDArray[np.float64]:
    """Return the mean of image - reference of each band, in counts: (bands,)."""
    return measure_pixels(_whole(reference, image, valid)).bias()


def psnr(reference: npt.NDArray[Any], image: npt.NDArray[Any], peak: float, valid: Optional[Mask] = None) -> float:
    """Return the peak signal-to-noise ratio in dB: mean over bands of 10 log10(peak^2 / MSE_b); inf when equal.

    `peak` must be told beside the number: 2047 for 11 bits, 1023 for 10.
    """
    return measure_pixels(_whole(reference, image, valid)).psnr(peak)


def scc(reference: npt.NDArray[Any], image: npt.NDArray[Any], valid: Optional[Mask] = None) -> float:
    """Return the spatial correlation coefficient: how alike the edges are; 1 is best, nan where there are none.

    The toolbox's: a frame of 1 pixel is dropped, Sobel magnitudes with zero padding, then the cosine, not centred,
    over all pixels and bands together.  (Zhou et al. 1998 take a Laplacian and Pearson's correlation.)
    """
    return measure_edges(_whole(reference, image, valid, 3, "Edges cannot be compared")).cosine()


def q_average(
    reference: npt.NDArray[Any], image: npt.NDArray[Any], window: int = Q_WINDOW, valid: Optional[Mask] = None
) -> float:
    """Return the universal image quality index, mean over bands; 1 is best.

    Wang & Bovik 2002: windows of `window` x `window` at every position that fits.  Where both images are flat, only
    the means are compared; where both are zero, the value is 1.  Raise RequestError when no window fits.
    """
    return measure_q(_whole(reference, image, valid, window, f"No window of {window} pixels fits"), window).mean()


def ssim(reference: npt.NDArray[Any], image: npt.NDArray[Any], peak: float, valid: Optional[Mask] = None) -> float:
    """Return the structural similarity of the images divided by `peak`, mean over bands; 1 is best.

    Wang et al. 2004: Gaussian window of 11 x 11, sigma 1.5, where it fits.  Raise RequestError when it never does.
    """
    return measure_ssim(_whole(reference, image, valid, SSIM_WINDOW, "SSIM cannot be had"), peak).mean()


def _whole(
    reference: npt.NDArray[Any], image: npt.NDArray[Any], valid: Optional[Mask], side: int = 1, refusal: str = ""
) -> Part:
    """Return two whole images.  Raise RequestError if a side is shorter than `side`, InputError if all is invalid."""
    same_shape(reference, image)
    height, width = image.shape[1:]
    if min(height, width) < side:
        raise RequestError(f"{refusal} on {height} x {width} pixels.", f"Give at least {side} x {side}.")
    part = Part.of([reference, image], valid=valid)
    if part.valid is not None and not part.valid.any():
        raise nothing_valid()
    return part
