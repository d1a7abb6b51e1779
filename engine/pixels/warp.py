"""Resampling along a smooth field: each pixel from a place of its own, columns first and then rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .resample import Floats, interpolation, reach

Shifts = npt.NDArray[np.float64]

_KERNEL = "polynomial"  # what keeps most of an image that is resampled once more when it is enlarged
REACH = reach(_KERNEL)  # pixels that are needed on each side of a place


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
    whole = np.floor(shifts)
    taps = interpolation((shifts - whole).ravel(), _KERNEL)
    first = whole.astype(np.intp) + _own(shifts.shape, start, axis - 1)
    out: npt.NDArray[Any] = np.zeros((len(bands), *shifts.shape), bands.dtype)
    for index, weight in zip(taps.index.T, taps.weight.astype(bands.dtype).T):
        near = np.clip(first + index.reshape(shifts.shape), 0, bands.shape[axis] - 1)
        out += np.take_along_axis(bands, near[None], axis) * weight.reshape(shifts.shape)
    return out


def _own(shape: tuple[int, ...], start: int, axis: int) -> npt.NDArray[np.intp]:
    """Return the pixels themselves, counted from `start` along one axis of `shape`."""
    count = start + np.arange(shape[axis])
    return count[:, None] if axis == 0 else count
