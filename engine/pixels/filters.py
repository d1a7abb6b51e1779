"""Small local operations on bands: filling gaps before a filter runs over them, and division that cannot explode."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .resample import Taps, resample

Floats = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


def spread(valid: Mask) -> Mask:
    """Return the mask grown by one pixel in all eight directions."""
    out = valid.copy()
    out[1:] |= valid[:-1]
    out[:-1] |= valid[1:]
    across = out.copy()
    out[:, 1:] |= across[:, :-1]
    out[:, :-1] |= across[:, 1:]
    return out


def fill_gaps(bands: Floats, valid: Mask, steps: int) -> Floats:
    """Return a copy of (bands, h, w) whose invalid pixels hold the mean of their valid neighbours, `steps` pixels deep.

    Each step fills one ring of pixels from the ring before; what lies deeper becomes 0.
    """
    out = np.where(valid, bands, np.zeros((), bands.dtype))
    known = valid
    for _ in range(steps):
        if known.all():
            break
        ring = spread(known) & ~known
        rows, cols = np.nonzero(ring)
        total = np.zeros((bands.shape[0], rows.size), bands.dtype)
        count = np.zeros(rows.size, bands.dtype)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                row = np.clip(rows + down, 0, valid.shape[0] - 1)
                col = np.clip(cols + right, 0, valid.shape[1] - 1)
                seen = known[row, col]
                total += np.where(seen, out[:, row, col], np.zeros((), bands.dtype))
                count += seen
        out[:, rows, cols] = total / count
        known = known | ring
    return out


def resample_valid(image: Floats, valid: Mask, rows: Taps, cols: Taps) -> tuple[Floats, Mask]:
    """Resample (h, w) with positive weights from its valid pixels alone.

    Return the result, 0 where nothing valid is in reach, and the mask of where something was.
    """
    total = resample(np.where(valid, image, np.zeros((), image.dtype)), rows, cols)
    # One minus what is lost, not what is left: it is 1 to the last bit where nothing is, as if there were no mask.
    share = 1.0 - resample((~valid).astype(image.dtype), rows, cols)
    # Below one per cent of the weight, what is left is the far tail of the filter: noise, not signal.
    known = share > 0.01
    return np.divide(total, share, out=np.zeros_like(total), where=known), known


def ratio_or_one(numerator: Floats, denominator: Floats, floor: Floats | float, limit: float) -> Floats:
    """Return numerator / denominator within 0 and `limit`, and 1 where the denominator is not above `floor`."""
    ratio = np.ones(np.broadcast(numerator, denominator).shape, numerator.dtype)
    np.divide(numerator, denominator, out=ratio, where=denominator > floor)
    return np.asarray(np.clip(ratio, 0.0, limit, out=ratio))


def still(image: Floats, reach: int) -> Mask:
    """Return where nothing changes in an image (h, w) within `reach` pixels: (h - 2 reach, w - 2 reach)."""
    side = 2 * reach + 1
    across, down = image[:, 1:] != image[:, :-1], image[1:] != image[:-1]
    return ~(_any_within(across, side, side - 1) | _any_within(down, side - 1, side))


def _any_within(marks: Mask, height: int, width: int) -> Mask:
    """Return for each window of this size, by its first pixel, whether any mark lies in it."""
    sums = np.pad(marks.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32), ((1, 0), (1, 0)))
    return np.asarray(
        sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width] > 0
    )
