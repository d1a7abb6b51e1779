"""How near an image is to the truth: indexes that need a reference.

Definitions are those of the DLPan toolbox (Vivone et al. 2015, Deng et al. 2022), so that numbers compare with the
field's papers.  Arrays are (bands, h, w), in counts; work and result are float64.  Whole arrays, no masks.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import RequestError

Images = npt.NDArray[np.float64]

Q_WINDOW = 32  # the toolbox's block size for Q
SSIM_WINDOW = 11  # Wang et al. 2004: 11 x 11, sigma 1.5, K1 = 0.01, K2 = 0.03
SSIM_SIGMA = 1.5
SSIM_K1 = 0.01
SSIM_K2 = 0.03
# A window whose variance is less than this share of its mean square is flat: the difference of two rounded sums
# carries no more than this.  One count in one of 32 x 32 pixels of 60000 is still ten times as much.
FLAT = 1e-14


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


def same_shape(reference: npt.NDArray[Any], image: npt.NDArray[Any]) -> tuple[Images, Images]:
    """Return both as float64.  Raise RequestError unless they are (bands, h, w) of one shape."""
    if reference.ndim != 3 or reference.shape != image.shape:
        raise RequestError(
            f"Images of shape {reference.shape} and {image.shape} cannot be compared.",
            "Give two images of the same bands, rows and columns.",
        )
    return np.asarray(reference, dtype=np.float64), np.asarray(image, dtype=np.float64)


def sam(reference: npt.NDArray[Any], image: npt.NDArray[Any]) -> float:
    """Return the spectral angle mapper in degrees: the mean angle between pixel vectors; 0 is best.

    Yuhas, Goetz & Boardman 1992, averaged as in the toolbox: over pixels where neither vector is zero; nan if none.
    """
    x, y = same_shape(reference, image)
    # One root of the product, not a product of roots: proportional vectors of counts then give exactly 0.
    norms = np.sqrt(np.sum(x * x, axis=0) * np.sum(y * y, axis=0))
    known = norms != 0.0
    if not known.any():
        return math.nan
    cosine = np.sum(x * y, axis=0)[known] / norms[known]
    return math.degrees(float(np.mean(np.arccos(np.clip(cosine, -1.0, 1.0)))))


def ergas(reference: npt.NDArray[Any], image: npt.NDArray[Any], ratio: float) -> float:
    """Return ERGAS, the relative error in per cent of the mean, divided by `ratio`; 0 is best.

    Wald 2000: 100 / r * sqrt(mean over bands of MSE_b / mean(reference_b)^2).  inf where a band's mean is 0.
    """
    relative = _divided_or_inf(_mse(reference, image), np.mean(reference, axis=(1, 2), dtype=np.float64) ** 2)
    return 100.0 / ratio * math.sqrt(float(np.mean(relative)))


def rmse(reference: npt.NDArray[Any], image: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the root mean square error of each band, in counts: (bands,)."""
    return np.sqrt(_mse(reference, image))


def bias(reference: npt.NDArray[Any], image: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the mean of image - reference of each band, in counts: (bands,)."""
    x, y = same_shape(reference, image)
    return np.asarray(np.mean(y - x, axis=(1, 2)))


def psnr(reference: npt.NDArray[Any], image: npt.NDArray[Any], peak: float) -> float:
    """Return the peak signal-to-noise ratio in dB: mean over bands of 10 log10(peak^2 / MSE_b); inf when equal.

    `peak` must be told beside the number: 2047 for 11 bits, 1023 for 10.
    """
    return float(np.mean(10.0 * np.log10(_divided_or_inf(np.full(len(reference), peak**2), _mse(reference, image)))))


def scc(reference: npt.NDArray[Any], image: npt.NDArray[Any]) -> float:
    """Return the spatial correlation coefficient: how alike the edges are; 1 is best, nan where there are none.

    The toolbox's: a frame of 1 pixel is dropped, Sobel magnitudes with zero padding, then the cosine, not centred,
    over all pixels and bands together.  (Zhou et al. 1998 take a Laplacian and Pearson's correlation.)
    """
    x, y = same_shape(reference, image)
    if min(x.shape[1:]) < 3:
        raise RequestError(
            f"Edges cannot be compared on {x.shape[1]} x {x.shape[2]} pixels.", "Give an image of at least 3 x 3."
        )
    cross = square_x = square_y = 0.0
    for band_x, band_y in zip(x, y):  # band by band: only the sums go across
        edges_x, edges_y = _sobel(band_x[1:-1, 1:-1]), _sobel(band_y[1:-1, 1:-1])
        cross += float(np.sum(edges_x * edges_y))
        square_x += float(np.sum(edges_x * edges_x))
        square_y += float(np.sum(edges_y * edges_y))
    norm = math.sqrt(square_x * square_y)
    return cross / norm if norm else math.nan


def q_average(reference: npt.NDArray[Any], image: npt.NDArray[Any], window: int = Q_WINDOW) -> float:
    """Return the universal image quality index, mean over bands; 1 is best.

    Wang & Bovik 2002: windows of `window` x `window` at every position that fits.  Where both images are flat, only
    the means are compared; where both are zero, the value is 1.  Raise RequestError when no window fits.
    """
    x, y = same_shape(reference, image)
    if min(x.shape[1:]) < window:
        raise RequestError(
            f"No window of {window} pixels fits in {x.shape[1]} x {x.shape[2]} pixels.",
            "Give a larger image or a smaller window.",
        )
    return float(np.mean([np.mean(_q_map(band_x, band_y, window)) for band_x, band_y in zip(x, y)]))


def ssim(reference: npt.NDArray[Any], image: npt.NDArray[Any], peak: float) -> float:
    """Return the structural similarity of the images divided by `peak`, mean over bands; 1 is best.

    Wang et al. 2004: Gaussian window of 11 x 11, sigma 1.5, where it fits.  Raise RequestError when it never does.
    """
    x, y = same_shape(reference, image)
    if min(x.shape[1:]) < SSIM_WINDOW:
        raise RequestError(
            f"SSIM cannot be had from {x.shape[1]} x {x.shape[2]} pixels.",
            f"Give at least {SSIM_WINDOW} x {SSIM_WINDOW}.",
        )
    return float(np.mean([np.mean(_ssim_map(band_x / peak, band_y / peak)) for band_x, band_y in zip(x, y)]))


def q_from_moments(mean_x: Images, mean_y: Images, variance: Images, covariance: Images) -> Images:
    """Return Q = 4 s_xy m_x m_y / ((s_x^2 + s_y^2)(m_x^2 + m_y^2)) with `variance` = s_x^2 + s_y^2.

    Where the variance is 0, the term of the means alone; where the means are 0, 1.
    """
    product = 2.0 * mean_x * mean_y
    square = mean_x**2 + mean_y**2
    flat = variance <= FLAT * square
    quality = np.ones(square.shape)
    np.divide(product, square, out=quality, where=flat & (square != 0.0))
    np.divide(2.0 * covariance * product, variance * square, out=quality, where=~flat & (square != 0.0))
    return quality


def _divided_or_inf(numerator: Images, denominator: Images) -> Images:
    """Return numerator / denominator, and inf where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full(numerator.shape, math.inf), where=denominator != 0.0)


def _mse(reference: npt.NDArray[Any], image: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    x, y = same_shape(reference, image)
    return np.asarray(np.mean((y - x) ** 2, axis=(1, 2)))


def _q_map(x: Images, y: Images, window: int) -> Images:
    count = window**2
    sum_x, sum_y = _window_sums(x, window), _window_sums(y, window)
    sum_xy = _window_sums(x * y, window)
    sum_squares = _window_sums(x * x + y * y, window)
    covariance = sum_xy / count - sum_x * sum_y / count**2
    variance = sum_squares / count - (sum_x**2 + sum_y**2) / count**2
    return q_from_moments(sum_x / count, sum_y / count, variance, covariance)


def _window_sums(image: Images, window: int) -> Images:
    """Return the sums over all `window` x `window` squares that fit: (h - window + 1, w - window + 1)."""
    return _run_sums(_run_sums(image, window).T, window).T


def _run_sums(image: Images, length: int) -> Images:
    """Return the sums of `length` successive rows, by doubling: exact for counts and as short as sums can be."""
    count = len(image) - length + 1
    total = np.zeros((count, image.shape[1]))
    runs, width, done = image, 1, 0
    while done < length:
        if length & width:
            total += runs[done : done + count]
            done += width
        runs, width = runs[: len(runs) - width] + runs[width:], 2 * width
    return total


def _sobel(image: Images) -> Images:
    """Return the magnitude of the Sobel gradient; outside the image is zero."""
    padded = np.pad(image, 1)
    smooth_cols = padded[:, :-2] + 2.0 * padded[:, 1:-1] + padded[:, 2:]
    smooth_rows = padded[:-2] + 2.0 * padded[1:-1] + padded[2:]
    down = smooth_cols[:-2] - smooth_cols[2:]
    across = smooth_rows[:, :-2] - smooth_rows[:, 2:]
    return np.asarray(np.sqrt(down**2 + across**2))


def _ssim_map(x: Images, y: Images) -> Images:
    mean_x, mean_y = _gaussian_mean(x), _gaussian_mean(y)
    variance = _gaussian_mean(x * x + y * y) - mean_x**2 - mean_y**2
    covariance = _gaussian_mean(x * y) - mean_x * mean_y
    c1, c2 = SSIM_K1**2, SSIM_K2**2  # L = 1: the images are divided by their peak
    luminance = (2.0 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return np.asarray(luminance * (2.0 * covariance + c2) / (variance + c2))


def _gaussian_mean(image: Images) -> Images:
    steps = np.arange(SSIM_WINDOW) - SSIM_WINDOW // 2
    weights = np.exp(-(steps**2) / (2.0 * SSIM_SIGMA**2))
    weights /= weights.sum()
    height, width = (size - SSIM_WINDOW + 1 for size in image.shape)
    rows = np.sum([weight * image[tap : tap + height] for tap, weight in enumerate(weights)], axis=0)
    return np.asarray(np.sum([weight * rows[:, tap : tap + width] for tap, weight in enumerate(weights)], axis=0))
