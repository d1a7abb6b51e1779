"""Indexes of the surroundings of pixels against a reference or PAN: SCC, Q, SSIM and local correlation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

import numpy as np

from .tile import Images, Mask, Part, Share, Stretch, Sums, divided
from .windows import FLAT, kept, q_from_moments, strips, whole_windows, window_sums

Q_WINDOW = 32  # the toolbox's block size for Q
SSIM_WINDOW = 11  # Wang et al. 2004: 11 x 11, sigma 1.5, K1 = 0.01, K2 = 0.03
SSIM_SIGMA = 1.5
SSIM_K1 = 0.01
SSIM_K2 = 0.03


@dataclass(frozen=True, eq=False)
class WindowSums(Sums):
    """The values of an index over the windows used, summed for each band."""

    windows: Share
    values: Images  # (bands,)

    def mean(self) -> float:
        """Return the mean over windows and bands; nan where no window was used."""
        return float(np.mean(self.values)) / self.windows.used if self.windows.used else math.nan


@dataclass(frozen=True, eq=False)
class EdgeSums(Sums):
    """Products of Sobel magnitudes x and y over all bands of the pixels used."""

    pixels: Share
    cross: float
    square_x: float
    square_y: float

    def cosine(self) -> float:
        """Return the cosine of the two fields of edges; nan where one has none."""
        norm = math.sqrt(self.square_x * self.square_y)
        return self.cross / norm if norm else math.nan


def measure_edges(part: Part) -> EdgeSums:
    """Return what one tile contributes to SCC; part: reference, image.

    A pixel is left out when one of the 3 x 3 around it, the scene's outermost frame apart, is not valid.
    """
    reference, image = part.pair()
    rows, cols = _framed(part.tile.rows), _framed(part.tile.cols)
    area = max(0, rows.stop - rows.start) * max(0, cols.stop - cols.start)
    used, cross, square_x, square_y = 0, 0.0, 0.0, 0.0
    for strip in strips(rows, cols, 1) if area else ():
        keep = _inner(part, strip, cols)
        count = 0
        for band_x, band_y in zip(reference, image):
            x, y = (_sobel(_with_zeros(part, band, strip, cols)) for band in (band_x, band_y))
            cross += kept(x * y, keep)[0]
            square_x += kept(x * x, keep)[0]
            total, count = kept(y * y, keep)
            square_y += total
        used += count
    return EdgeSums(Share(used, area), cross, square_x, square_y)


def measure_q(part: Part, window: int = Q_WINDOW) -> WindowSums:
    """Return what one tile contributes to Q; part: reference, image."""
    return _measure_windows(part, window, lambda x, y: _q_map(x, y, window))


def measure_ssim(part: Part, peak: float) -> WindowSums:
    """Return what one tile contributes to SSIM of the images divided by `peak`; part: reference, image."""
    return _measure_windows(part, SSIM_WINDOW, lambda x, y: _ssim_map(x / peak, y / peak))


def _measure_windows(part: Part, window: int, index: Callable[[Images, Images], Images]) -> WindowSums:
    reference, image = part.pair()
    rows, cols = part.tile.rows.windows(window), part.tile.cols.windows(window)
    values = np.zeros(len(image))
    windows = Share()
    for strip in strips(rows, cols, window):
        keep = _whole(part, strip, cols, window)
        share = Share()
        for band in range(len(image)):
            found = index(part.cut(reference[band], strip, cols), part.cut(image[band], strip, cols))
            value, used = kept(found, keep)
            values[band] += value
            share = Share(used, found.size)
        windows += share
    return WindowSums(windows, values)


def measure_correlation(part: Part, window: int) -> WindowSums:
    """Return what one tile contributes to the local correlation of bands with PAN; part: bands, PAN (1, h, w).

    Pearson's, in windows of `window` x `window`.  Windows where PAN is flat are left out; where only the band is
    flat, the correlation is 0.
    """
    bands, (pan,) = part.pair()
    rows, cols = part.tile.rows.windows(window), part.tile.cols.windows(window)
    values = np.zeros(len(bands))
    windows = Share()
    for strip in strips(rows, cols, window):
        y = part.cut(pan, strip, cols)
        mean_y = window_sums(y, window) / window**2
        variance_y = window_sums(y * y, window) / window**2 - mean_y**2
        keep = variance_y > FLAT * mean_y**2
        whole = _whole(part, strip, cols, window)
        keep = keep if whole is None else keep & whole
        for band in range(len(bands)):
            x = part.cut(bands[band], strip, cols)
            mean_x = window_sums(x, window) / window**2
            variance_x = window_sums(x * x, window) / window**2 - mean_x**2
            covariance = window_sums(x * y, window) / window**2 - mean_x * mean_y
            norm = np.where(keep & (variance_x > FLAT * mean_x**2), variance_x * variance_y, 0.0)
            values[band] += float(np.clip(divided(covariance, np.sqrt(norm), 0.0), -1.0, 1.0).sum())
        windows += Share(int(np.count_nonzero(keep)), keep.size)
    return WindowSums(windows, values)


def _whole(part: Part, rows: slice, cols: slice, window: int) -> Optional[Mask]:
    return None if part.valid is None else whole_windows(part.valid[rows, cols], window)


def _q_map(x: Images, y: Images, window: int) -> Images:
    count = window**2
    mean_x, mean_y = window_sums(x, window) / count, window_sums(y, window) / count
    covariance = window_sums(x * y, window) / count - mean_x * mean_y
    variance = window_sums(x * x + y * y, window) / count - (mean_x**2 + mean_y**2)
    return q_from_moments(mean_x, mean_y, variance, covariance)


def _ssim_map(x: Images, y: Images) -> Images:
    mean_x, mean_y = _gaussian_mean(x), _gaussian_mean(y)
    product, square = mean_x * mean_y, mean_x**2 + mean_y**2
    variance = _gaussian_mean(x * x + y * y) - square
    covariance = _gaussian_mean(x * y) - product
    c1, c2 = SSIM_K1**2, SSIM_K2**2  # L = 1: the images are divided by their peak
    return np.asarray((2.0 * product + c1) / (square + c1) * (2.0 * covariance + c2) / (variance + c2))


def _gaussian_mean(image: Images) -> Images:
    return _gaussian_rows(_gaussian_rows(image).T).T


def _gaussian_rows(image: Images) -> Images:
    middle = SSIM_WINDOW // 2
    weights = np.exp(-((np.arange(SSIM_WINDOW) - middle) ** 2) / (2.0 * SSIM_SIGMA**2))
    weights /= weights.sum()
    count = len(image) - SSIM_WINDOW + 1
    mean = weights[middle] * image[middle : middle + count]
    for tap in range(middle):  # the window is symmetric: one product for two taps
        far = SSIM_WINDOW - 1 - tap
        mean += weights[tap] * (image[tap : tap + count] + image[far : far + count])
    return np.asarray(mean)


def _framed(axis: Stretch) -> slice:
    """Return the place in the arrays of the core without the outermost pixels of the scene."""
    start, stop = max(axis.start, 1), min(axis.stop, axis.size - 1)
    axis.inputs(max(start - 1, 1), min(stop + 1, axis.size - 1))  # refuses too small a halo
    return slice(start - axis.first, max(start, stop) - axis.first)


def _inside(part: Part, rows: slice, cols: slice) -> tuple[slice, slice, tuple[tuple[int, int], tuple[int, int]]]:
    """Return rows and columns grown by 1 within the scene's frame, and how much of that 1 falls on the frame."""
    grown, missing = [], []
    for axis, places in ((part.tile.rows, rows), (part.tile.cols, cols)):
        start = max(places.start - 1, 1 - axis.first)
        stop = min(places.stop + 1, axis.size - 1 - axis.first)
        grown.append(slice(start, stop))
        missing.append((start - places.start + 1, places.stop + 1 - stop))
    return grown[0], grown[1], (missing[0], missing[1])


def _with_zeros(part: Part, band: Images, rows: slice, cols: slice) -> Images:
    """Return the given pixels and 1 around them, with zeros where the scene's frame is."""
    inner_rows, inner_cols, missing = _inside(part, rows, cols)
    return np.pad(part.cut(band, inner_rows, inner_cols), missing)


def _inner(part: Part, rows: slice, cols: slice) -> Optional[Mask]:
    """Return which of the given pixels have only valid ones around them; what falls on the frame is zero, not gap."""
    if part.valid is None:
        return None
    inner_rows, inner_cols, missing = _inside(part, rows, cols)
    return whole_windows(np.pad(part.valid[inner_rows, inner_cols], missing, constant_values=True), 3)


def _sobel(padded: Images) -> Images:
    """Return the magnitude of the Sobel gradient where it can be had: (h - 2, w - 2)."""
    smooth_cols = padded[:, :-2] + 2.0 * padded[:, 1:-1] + padded[:, 2:]
    smooth_rows = padded[:-2] + 2.0 * padded[1:-1] + padded[2:]
    down = smooth_cols[:-2] - smooth_cols[2:]
    across = smooth_rows[:, :-2] - smooth_rows[:, 2:]
    return np.asarray(np.sqrt(down**2 + across**2))
