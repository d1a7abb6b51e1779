"""Resampling on one axis at a time, with phases taken from absolute coordinates.

Everything here is a weighted sum of a few neighbours (`Taps`), added up in a fixed order, so that a pixel gets the
same bits in whatever tile it is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]
Positions = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Taps:
    """For each output pixel, which input pixels it sums with which weights: both (outputs, taps)."""

    index: npt.NDArray[np.intp]
    weight: npt.NDArray[np.float64]

    def within(self, start: int, count: int) -> Taps:
        """Return the taps for an array that holds the inputs `start` to `start + count`; beyond, its edge repeats."""
        return Taps(np.clip(self.index - start, 0, count - 1), self.weight)

    @property
    def span(self) -> tuple[int, int]:
        """First and one-past-last input pixel that is used."""
        return int(self.index.min()), int(self.index.max()) + 1


def _nearest(fraction: Positions) -> Positions:
    first = (fraction < 0.5).astype(np.float64)
    return np.stack([first, 1.0 - first], axis=1)


def _bilinear(fraction: Positions) -> Positions:
    return np.stack([1.0 - fraction, fraction], axis=1)


def _cubic(fraction: Positions) -> Positions:
    """Keys' cubic convolution with a = -1/2 (Catmull-Rom), as in GDAL."""
    t = fraction
    return np.stack(
        [
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        ],
        axis=1,
    )


def _cubicspline(fraction: Positions) -> Positions:
    """The cubic B-spline as a smoother (it does not pass through the samples), as in GDAL."""
    t = fraction
    weights = [(1.0 - t) ** 3, 3.0 * t**3 - 6.0 * t**2 + 4.0, -3.0 * t**3 + 3.0 * t**2 + 3.0 * t + 1.0, t**3]
    return np.asarray(np.stack(weights, axis=1) / 6.0)


def _lanczos(fraction: Positions) -> Positions:
    distance = fraction[:, None] - np.arange(-2, 4)
    weight = np.sinc(distance) * np.sinc(distance / 3.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _polynomial(fraction: Positions) -> Positions:
    """The polynomial of degree 11 through the 12 nearest samples (Lagrange).

    At the half-way phase these are the coefficients of the field's 23-tap interpolator (Aiazzi et al. 2002); unlike
    it, this form has every phase, so that MS pixels stay where their geotransform puts them.
    """
    nodes = np.arange(-5, 7)
    columns = []
    for node in nodes:
        others = nodes[nodes != node]
        columns.append(np.prod((fraction[:, None] - others) / (node - others), axis=1))
    return np.stack(columns, axis=1)


# name: (taps before and at the position, weights by fraction)
_KERNELS: dict[str, tuple[int, Callable[[Positions], Positions]]] = {
    "nearest": (1, _nearest),
    "bilinear": (1, _bilinear),
    "cubic": (2, _cubic),
    "cubicspline": (2, _cubicspline),
    "lanczos": (3, _lanczos),
    "average": (1, _nearest),  # averaging has nothing to average when enlarging: GDAL does the same
    "polynomial": (6, _polynomial),
}


def reach(kernel: str) -> int:
    """Return how many input pixels on each side of a position the kernel uses."""
    return _KERNELS[kernel][0]


def interpolation(positions: Positions, kernel: str) -> Taps:
    """Return the taps that interpolate at `positions`, in indices of the input (its pixel k is centred at k)."""
    before, weights = _KERNELS[kernel]
    # A position within 1e-9 of a sample is that sample: rounding must not choose another set of neighbours.
    nearest = np.rint(positions)
    positions = np.where(np.abs(positions - nearest) < 1e-9, nearest, positions)
    base = np.floor(positions)
    index = base.astype(np.intp)[:, None] + np.arange(1 - before, before + 1)
    return Taps(index, weights(positions - base))


def gaussian(positions: Positions, sigma: float) -> Taps:
    """Return the taps of a Gaussian of `sigma` input pixels around each position; the weights sum to 1."""
    radius = max(1, math.ceil(4.0 * sigma))
    base = np.rint(positions)
    index = base.astype(np.intp)[:, None] + np.arange(-radius, radius + 1)
    weight = np.exp(-0.5 * ((index - positions[:, None]) / max(sigma, 1e-6)) ** 2)
    return Taps(index, np.asarray(weight / weight.sum(axis=1, keepdims=True)))


def box(positions: Positions, width: float) -> Taps:
    """Return the taps of a mean over `width` input pixels around each position, parts of pixels included."""
    radius = math.ceil(0.5 * width + 0.5)
    base = np.rint(positions)
    index = base.astype(np.intp)[:, None] + np.arange(-radius, radius + 1)
    near = np.abs(index - positions[:, None])
    weight = np.clip(0.5 * width + 0.5 - near, 0.0, 1.0)
    return Taps(index, np.asarray(weight / weight.sum(axis=1, keepdims=True)))


def mtf_sigma(gain: float, ratio: float) -> float:
    """Return the width, in PAN pixels, of the Gaussian whose response at the MS Nyquist frequency is `gain`.

    exp(-2 pi^2 s^2 f^2) = gain at f = 1 / (2 ratio).
    """
    return ratio * math.sqrt(-2.0 * math.log(gain)) / math.pi


def resample(bands: Floats, rows: Taps, cols: Taps) -> Floats:
    """Return (..., rows, cols) summed along both axes; columns first, because there are fewer rows to do it on."""
    return _along_rows(_along_cols(bands, cols), rows)


def _along_cols(bands: Floats, taps: Taps) -> Floats:
    out = np.empty((*bands.shape[:-1], taps.index.shape[0]), bands.dtype)
    part = np.empty_like(out)
    weight = taps.weight.astype(bands.dtype)
    for tap in range(taps.index.shape[1]):
        target = part if tap else out
        np.take(bands, taps.index[:, tap], axis=-1, out=target, mode="clip")
        target *= weight[:, tap]
        if tap:
            out += part
    return out


def _along_rows(bands: Floats, taps: Taps) -> Floats:
    count, width = taps.index.shape[0], bands.shape[-1]
    out = np.empty((*bands.shape[:-2], count, width), bands.dtype)
    if not out.size:
        return out
    weight = taps.weight.astype(bands.dtype)[:, :, None]
    # Strips of a size that stays in the processor's cache while all taps pass over it.
    strip = max(8, 65536 // max(1, width))
    part = np.empty((strip, width), bands.dtype)
    for source, target in zip(bands.reshape(-1, *bands.shape[-2:]), out.reshape(-1, count, width)):
        for start in range(0, count, strip):
            end = min(count, start + strip)
            total = target[start:end]
            for tap in range(taps.index.shape[1]):
                into = part[: end - start] if tap else total
                np.take(source, taps.index[start:end, tap], axis=0, out=into, mode="clip")
                into *= weight[start:end, tap]
                if tap:
                    total += into
    return out
