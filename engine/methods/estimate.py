"""What the pair itself tells of the optics: how blurred MS is against PAN, when no sensor table says it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

import numpy as np

from ..grid.patch import Patch
from .method import Moments, product, solve
from .optics import Optics

# Published gains lie between 0.2 and 0.55; an image that was resampled before is duller than its sensor.
_CANDIDATES = tuple(float(gain) for gain in np.round(np.arange(0.05, 0.651, 0.05), 2))
# Below this share of explained variance the bands hardly see what PAN sees, and the optimum means nothing.
_LEAST_EXPLAINED = 0.6


def compare_gains(patch: Patch, kernel: str, bands: int) -> list[Moments]:
    """Return, for each candidate gain, the moments of [MS bands, PAN seen with that gain] on one patch."""
    optics = Optics((_CANDIDATES[0],) * bands, _CANDIDATES[0], kernel)
    ms, valid = optics.ms_own(patch), optics.ms_own_valid(patch)
    return [Moments.of([*ms, optics.pan_own(patch, gain)], valid) for gain in _CANDIDATES]


def best_gain(compared: Iterable[list[Moments]]) -> Optional[float]:
    """Return the gain at which the bands explain most of PAN, interpolated; None where they explain too little."""
    sums: Optional[list[Moments]] = None
    for moments in compared:
        sums = moments if sums is None else [one + two for one, two in zip(sums, moments)]
    if sums is None or sums[0].count < 400:
        return None
    explained = np.array([_explained(moments) for moments in sums])
    best = int(np.argmax(explained))
    if explained[best] < _LEAST_EXPLAINED:
        return None
    if best in (0, len(_CANDIDATES) - 1):
        return _CANDIDATES[best]
    before, at, after = explained[best - 1 : best + 2]
    bend = before - 2.0 * at + after
    step = 0.5 * (before - after) / bend if bend else 0.0
    return float(_CANDIDATES[best] + step * (_CANDIDATES[1] - _CANDIDATES[0]))


def _explained(moments: Moments) -> float:
    covariance = moments.covariance
    pan = covariance.shape[0] - 1
    if covariance[pan, pan] <= 0.0:
        return 0.0
    weights = solve(covariance[:pan, :pan], covariance[:pan, pan])
    return float(product(covariance[:pan, pan], weights) / covariance[pan, pan])
