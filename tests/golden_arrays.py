"""The arrays the golden numbers belong to, made by formula: no binary file, no random generator."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Array = npt.NDArray[np.float64]

SIZE = 256
RATIO = 4
MULTIPLIER = np.uint64(6364136223846793005)  # Knuth's MMIX generator
INCREMENT = np.uint64(1442695040888963407)


@dataclass(frozen=True)
class Scene:
    """A truth, what a sensor would have seen of it, and a plausible fusion.  Arrays are read-only."""

    truth: Array  # (bands, 256, 256)
    fused: Array  # (bands, 256, 256)
    ms_up: Array  # (bands, 256, 256), cubic spline
    ms: Array  # (bands, 64, 64)
    pan: Array  # (256, 256)


@functools.cache
def scene(bands: int) -> Scene:
    """Return the scene of golden_values.json and golden_methods.csv with 4 or 8 bands."""
    fine, coarse = _texture(7, 2.0), _texture(8, 6.0)
    truth = np.stack([200 + 900 * (fine * (0.9 - 0.05 * k) + coarse * (0.3 + 0.07 * k)) + 60 * k for k in range(bands)])
    truth = np.rint(truth)
    blurred = np.stack([ndimage.gaussian_filter(band, 1.9, mode="nearest") for band in truth])
    ms = np.rint(blurred[:, RATIO // 2 :: RATIO, RATIO // 2 :: RATIO])
    ms_up = np.stack([ndimage.zoom(band, RATIO, order=3, mode="nearest", grid_mode=True) for band in ms])
    # Summed with the bands innermost, as in the original: where the mean falls on a half, the order decides.
    pan = np.rint(np.moveaxis(truth, 0, -1).mean(-1))
    fused = np.rint(ms_up + 0.8 * (pan - ndimage.gaussian_filter(pan, 1.9, mode="nearest")))
    return Scene(*(_frozen(array) for array in (truth, fused, ms_up, ms, pan)))


@functools.cache
def waves(bands: int, size: int = SIZE) -> Scene:
    """Return a scene of sines with 4 or 8 bands, without `ms`; its golden numbers stand in the tests."""
    row = np.arange(size, dtype=np.float64)[None, :, None]
    col = np.arange(size, dtype=np.float64)[None, None, :]
    band = np.arange(bands, dtype=np.float64)[:, None, None]
    smooth = (
        600
        + 20 * band
        + 250 * np.sin(2 * np.pi * row * (band + 1) / 97)
        + 200 * np.cos(2 * np.pi * col * (band + 2) / 113)
    )
    truth = _round(smooth + 100 * np.sin(2 * np.pi * row * col / 701))
    fused = truth + _round(30 * np.sin(0.7 * row + 1.3 * col + 0.5 * band))
    pan = _round(truth.mean(axis=0) + 60 * np.sin(2 * np.pi * (row + col) / 9)[0] + 0.0625)
    return Scene(*(_frozen(array) for array in (truth, fused, _round(smooth), np.empty((bands, 0, 0)), pan)))


def _round(values: Array) -> Array:
    return np.floor(values + 0.5)


@functools.cache
def _texture(seed: int, sigma: float) -> Array:
    noise = ndimage.gaussian_filter(noise_by_formula(SIZE * SIZE, seed).reshape(SIZE, SIZE), sigma, mode="wrap")
    return np.asarray((noise - noise.min()) / np.ptp(noise))


def noise_by_formula(count: int, seed: int) -> Array:
    """Return `count` steps of the linear congruential generator x' = a x + c (mod 2^64), scaled to [0, 1).

    All at once: x_n = a^n x_0 + c (1 + a + ... + a^(n-1)), where the overflow of 64-bit integers is the modulus.
    """
    powers = np.cumprod(np.full(count, MULTIPLIER, dtype=np.uint64))
    series = np.cumsum(np.concatenate([np.ones(1, dtype=np.uint64), powers[:-1]]))
    states = powers * np.uint64(seed) + INCREMENT * series
    return (states >> np.uint64(11)).astype(np.float64) / 2**53


def _frozen(array: Any) -> Array:
    frozen = np.ascontiguousarray(array, dtype=np.float64)
    frozen.flags.writeable = False
    return frozen
