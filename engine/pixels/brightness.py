"""How bright an image is: what networks are scaled by, in training and in use alike."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .resample import Floats

BRIGHT = 99.9  # per cent: above it lie clouds, glints and flaws


def bright_end(bands: Iterable[Floats], percent: float = BRIGHT) -> float:
    """Return the greatest of the bands' values at that percentile, each any shape; 0 where there is not a pixel."""
    return max((float(np.percentile(band, percent)) for band in bands if band.size), default=0.0)
