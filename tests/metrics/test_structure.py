"""Indexes of windows agree with their definitions spelt out, and leave out every window with a gap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from engine.metrics.structure import SSIM_WINDOW, measure_correlation, measure_edges, measure_q, measure_ssim
from engine.metrics.tile import Part
from tests.metrics.tilings import Array, gaps, speckled
from tests.slowness import mostly_slow

HEIGHT, WIDTH = 61, 70


def part() -> tuple[Part, Array, Array, Array]:
    x, y = speckled(2, HEIGHT, WIDTH)
    valid = gaps(HEIGHT, WIDTH)
    return Part.of([x, y], valid=valid), x, y, valid


def windows(image: Array, side: int) -> Array:
    return np.lib.stride_tricks.sliding_window_view(image, (side, side))


def test_q_with_gaps_is_the_mean_over_the_windows_without() -> None:
    measured, x, y, valid = part()
    keep = windows(valid, 32).all(axis=(2, 3))
    values = []
    for a, b in zip(x, y):
        a, b = (windows(image, 32)[keep].reshape(-1, 32 * 32) for image in (a, b))
        mean_a, mean_b = a.mean(axis=1), b.mean(axis=1)
        covariance = np.mean((a - mean_a[:, None]) * (b - mean_b[:, None]), axis=1)
        variance = a.var(axis=1) + b.var(axis=1)
        contrast = np.divide(2 * covariance, variance, out=np.ones(len(a)), where=variance > 0)  # flat: means alone
        values.append(np.mean(contrast * 2 * mean_a * mean_b / (mean_a**2 + mean_b**2)))
    found = measure_q(measured)
    assert (found.windows.used, found.windows.of) == (np.count_nonzero(keep), keep.size)
    assert 0 < found.windows.used < found.windows.of
    assert found.mean() == pytest.approx(np.mean(values), rel=1e-10)


def test_ssim_with_gaps_is_the_mean_over_the_windows_without() -> None:
    measured, x, y, valid = part()
    keep = windows(valid, SSIM_WINDOW).all(axis=(2, 3))
    steps = np.arange(-5, 6)
    weights = np.exp(-(steps[:, None] ** 2 + steps**2) / (2 * 1.5**2))
    weights /= weights.sum()
    values = []
    for a, b in zip(x / 2047, y / 2047):
        a, b = (windows(image, SSIM_WINDOW)[keep] for image in (a, b))
        mean_a, mean_b = np.sum(weights * a, axis=(1, 2)), np.sum(weights * b, axis=(1, 2))
        da, db = a - mean_a[:, None, None], b - mean_b[:, None, None]
        cross = np.sum(weights * da * db, axis=(1, 2))
        power = np.sum(weights * (da**2 + db**2), axis=(1, 2))
        luminance = (2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)
        values.append(np.mean(luminance * (2 * cross + 9e-4) / (power + 9e-4)))
    found = measure_ssim(measured, 2047)
    assert found.windows.used == np.count_nonzero(keep)
    assert found.mean() == pytest.approx(np.mean(values), rel=1e-10)


def test_edges_with_gaps_are_compared_where_all_neighbours_are_valid() -> None:
    measured, x, y, valid = part()
    keep = ndimage.binary_erosion(valid[1:-1, 1:-1], np.ones((3, 3)), border_value=1)

    def edges(image: Array) -> Array:
        inner = image[1:-1, 1:-1]
        gradient = [ndimage.sobel(inner, axis, mode="constant") for axis in (0, 1)]
        return np.asarray(np.hypot(*gradient)[keep])

    a, b = (np.concatenate([edges(band) for band in image]) for image in (x, y))
    found = measure_edges(measured)
    assert (found.pixels.used, found.pixels.of) == (np.count_nonzero(keep), (HEIGHT - 2) * (WIDTH - 2))
    assert found.cosine() == pytest.approx(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b)), rel=1e-12)


@pytest.mark.parametrize("side", mostly_slow([2, 4, 5], 1))
def test_local_correlation_is_pearsons_where_pan_varies(side: int) -> None:
    bands, pan = speckled(3, HEIGHT, WIDTH)
    bands[0, :, :12] = 7  # a flat band counts as no correlation; flat PAN is left out
    pan = pan[:1]
    valid = gaps(HEIGHT, WIDTH)
    keep = windows(valid, side).all(axis=(2, 3)) & (np.ptp(windows(pan[0], side), axis=(2, 3)) > 0)
    values = []
    for band in bands:
        for a, b in zip(windows(band, side)[keep], windows(pan[0], side)[keep]):
            values.append(np.corrcoef(a.ravel(), b.ravel())[0, 1] if np.ptp(a) else 0.0)
    found = measure_correlation(Part.of([bands, pan], valid=valid), side)
    assert found.windows.used == np.count_nonzero(keep) < np.count_nonzero(windows(valid, side).all(axis=(2, 3)))
    assert found.mean() == pytest.approx(np.mean(values), rel=1e-9)
