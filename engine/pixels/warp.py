"""Resampling along a smooth field: each pixel from a place of its own, columns first and then rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .resample import Floats

Shifts = npt.NDArray[np.float64]

# Pixels that are needed on each side of a place.  What is read here is resampled once more when it is enlarged, and
# MS is full of detail up to its Nyquist frequency.  Of such an image (1 / frequency, blurred to a gain of 0.3, folded)
# Lanczos' kernel errs by 0.6 %, least of the windowed sincs of this reach; the polynomial through 12 pixels by 1.0 %.
REACH = 8
_TAPS = range(1 - REACH, REACH + 1)


def warped(bands: Floats, right: Shifts, down: Shifts, start: tuple[int, int]) -> Floats:
    """Return (bands, h, w): the image from pixel `start` (row, column) on, each read so far right of and below itself.

    bands: (bands, H, W); right: (H, w), along each row of the image; down: (h, w), along the columns of what comes of
    that; both in pixels.  Beyond the image its edge repeats.
    """
    return _read_along(_read_along(bands, right, start[1], 2), down, start[0], 1)


def nearest(mask: npt.NDArray[np.bool_], right: Shifts, down: Shifts, start: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return the same of a mask (H, W), from the nearest pixels: (h, w)."""
    for shifts, axis in ((right, 1), (down, 0)):
        index = np.rint(shifts).astype(np.intp) + _own(shifts.shape, start[axis], axis)
        mask = np.take_along_axis(mask, np.clip(index, 0, mask.shape[axis] - 1), axis)
    return mask


def _read_along(bands: Floats, shifts: Shifts, start: int, axis: int) -> Floats:
    # The fraction is that of the shift alone, so that a pixel gets the same bits in whatever part of the image.
    nearest_pixel = np.rint(shifts)
    shifts = np.where(np.abs(shifts - nearest_pixel) < 1e-9, nearest_pixel, shifts)
    whole = np.floor(shifts)
    weights = _lanczos(shifts - whole)
    first = whole.astype(np.intp) + _own(shifts.shape, start, axis - 1)
    out: npt.NDArray[Any] = np.zeros((len(bands), *shifts.shape), bands.dtype)
    for tap, weight in zip(_TAPS, weights.astype(bands.dtype)):
        near = np.clip(first + tap, 0, bands.shape[axis] - 1)
        out += np.take_along_axis(bands, near[None], axis) * weight
    return out


def _lanczos(fraction: Shifts) -> Shifts:
    """Return the weight of each tap, 0 or 1 where the fraction is 0: (taps, h, w), with a sum of 1."""
    sine = np.sin(np.pi * fraction)
    weights = []
    for tap in _TAPS:
        angle = np.pi * (fraction - tap)
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = (-1) ** tap * sine * np.sin(angle / REACH) * REACH / angle**2
        weights.append(np.where(angle == 0.0, 1.0, weight))
    return np.asarray(weights / np.sum(weights, axis=0))


def _own(shape: tuple[int, ...], start: int, axis: int) -> npt.NDArray[np.intp]:
    """Return the pixels themselves, counted from `start` along one axis of `shape`."""
    count = start + np.arange(shape[axis])
    return count[:, None] if axis == 0 else count
