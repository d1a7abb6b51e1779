"""Making bands coarser as Wald's protocol asks: each as a sensor with larger pixels would have seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .filters import Mask, resample_valid
from .resample import Floats, Positions, Taps, gaussian, mtf_sigma, resample
from .toolbox import decimate, mtf_filter

# The share of a pixel's weight that has to be valid.  A pixel wholly inside a straight edge keeps 0.77 even under the
# widest filter of the sensors known (a gain of 0.11); with half of it missing, what is left would stand for a place a
# third of a pixel away.
LEAST_SHARE = 0.7


def optics_taps(
    rows: Positions, cols: Positions, ratios: tuple[float, float], gains: Sequence[float]
) -> list[tuple[Taps, Taps]]:
    """Return the taps (rows, cols) of each band: Gaussians of its MTF gain around places given in pixels.

    ratios: (rows, cols), pixels per pixel of the sensor that sees them.
    """
    return [(gaussian(rows, mtf_sigma(gain, ratios[0])), gaussian(cols, mtf_sigma(gain, ratios[1]))) for gain in gains]


def degrade(bands: Floats, valid: Optional[Mask], taps: Sequence[tuple[Taps, Taps]]) -> tuple[Floats, Optional[Mask]]:
    """Return the bands (bands, h, w) summed along the taps (rows, cols) of each, and what of them is valid; None: all.

    The weights are positive and sum to 1.  Pixels that are not valid take no part, and what has too little left is
    not valid.
    """
    out = np.empty((len(bands), len(taps[0][0].index), len(taps[0][1].index)), bands.dtype)
    if valid is None or valid.all():
        for band, one, (rows, cols) in zip(bands, out, taps):
            one[...] = resample(band, rows, cols)
        return out, None
    enough = np.ones(out.shape[1:], bool)
    for band, one, (rows, cols) in zip(bands, out, taps):
        one[...], _ = resample_valid(band, valid, rows, cols)
        enough &= resample((~valid).astype(bands.dtype), rows, cols) <= 1.0 - LEAST_SHARE
    return out, enough


def degrade_as_toolbox(band: Floats, gain: float, ratio: int) -> npt.NDArray[Any]:
    """Return one band (h, w) blurred by the reference toolbox's MTF kernel and thinned out: every `ratio`-th pixel."""
    return np.ascontiguousarray(decimate(mtf_filter(band[None], (gain,), ratio), ratio)[0])
