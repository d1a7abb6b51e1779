"""In which numbers the indexes work: counts as the field's toolbox has them, whatever the files hold."""

from __future__ import annotations

import math

import numpy as np

# Q2n rounds to 16-bit counts, as the toolbox does: fractions, such as reflectances, are made counts first.
_FRACTIONS_BELOW = 4.0
_COUNTS_PER_UNIT = 10000.0


def scale_of(most: float) -> float:
    """Return what makes counts of values whose greatest is `most`: 1 where they are counts already."""
    return _COUNTS_PER_UNIT if 0.0 < most < _FRACTIONS_BELOW else 1.0


def scale_note(scale: float) -> str:
    """Return what to tell people of a scale that is not 1."""
    return f"The values are fractions: Q2n was taken of {scale:g} times them, as whole numbers."


def peak_of(most: float, data_type: str) -> float:
    """Return the greatest count for PSNR and SSIM: that of as many bits as the reference needs, or its maximum."""
    if not math.isfinite(most) or most <= 0.0:
        return 1.0
    if np.dtype(data_type).kind in "iu" and most >= 1.0:
        return 2.0 ** math.ceil(math.log2(most + 1.0)) - 1.0
    return most
