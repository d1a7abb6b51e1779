"""How far enlarged MS lies from its truth, told by their gradients: for patches too small for phase correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from tests.pairs import gaussian_width


def shift_against(ms_up: Any, truth: Any, ratio: float, gain: float = 0.3, margin: int = 16) -> Any:
    """Return how far down and right, in pixels, enlarged MS (bands, h, w) shows things from where the truth does.

    d in ms_up(x) = blurred(x - d), to first order, by least squares over all bands away from the border.
    """
    width = gaussian_width(gain, ratio)
    blurred = ndimage.gaussian_filter(np.asarray(truth, np.float64), (0.0, width, width))
    cut = (slice(None), slice(margin, -margin), slice(margin, -margin))
    slopes = [np.gradient(blurred, axis=axis)[cut].ravel() for axis in (1, 2)]
    difference = (blurred - ms_up)[cut].ravel()
    return np.linalg.lstsq(np.stack(slopes, axis=1), difference, rcond=None)[0]
