"""Methods that replace a component of MS by PAN: Brovey, generalised IHS, Gram-Schmidt and its adaptive form.

They differ in which mix of the bands they take for the intensity I, and in how much of PAN - I each band receives.
All work pixel by pixel once the statistics of the scene are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import MethodError
from ..grid.patch import Floats, Patch
from ..pixels.filters import ratio_or_one
from .method import Classical, Moments, State, product, slope, solve, solve_not_negative, total
from .optics import Optics

# Detail may at most multiply a band by this: more is noise over a dark intensity, not texture.
MAX_RATIO = 8.0


class Exp(Classical):
    """MS enlarged, nothing added: what every other method has to beat."""

    def measure(self, patch: Patch) -> None:
        return None

    def settle(self, measured: Iterable[Any]) -> State:
        for _ in measured:
            pass
        return {}

    def apply(self, patch: Patch, state: State) -> Floats:
        return self._optics.ms_up(patch)


class _Weighted(Classical):
    """The intensity is a weighted sum of the bands; PAN gets its mean and spread, seen at the sharpness of MS."""

    def __init__(self, optics: Optics, weights: Optional[Sequence[float]] = None) -> None:
        super().__init__(optics)
        self._weights = None if weights is None else np.asarray(weights, np.float64)

    def measure(self, patch: Patch) -> tuple[Moments, npt.NDArray[np.float64]]:
        ms = self._optics.ms_own(patch)
        valid = self._optics.ms_own_valid(patch)
        moments = Moments.of([*ms, self._optics.pan_own(patch)], valid)
        seen = ms if valid is None else ms[:, valid]
        darkest = seen.reshape(len(ms), -1).min(axis=1, initial=np.inf)
        return moments, darkest.astype(np.float64)

    def settle(self, measured: Iterable[tuple[Moments, npt.NDArray[np.float64]]]) -> State:
        parts = list(measured)
        moments = total(part for part, _ in parts)
        darkest = np.min([dark for _, dark in parts], axis=0)
        bands = len(darkest)
        if self._weights is not None:
            if len(self._weights) != bands:
                raise MethodError(
                    f"{len(self._weights)} band weights were given for {bands} bands.", "Give one weight per band."
                )
            weights = self._weights
        else:
            # The non-negative mix of bands that comes nearest to PAN, as ArcGIS's ComputePansharpenWeights does.
            covariance = moments.covariance
            weights = solve_not_negative(covariance[:bands, :bands], covariance[:bands, bands])
        if weights.sum() <= 0.0:
            weights = np.ones(bands)
        weights = weights / weights.sum()
        spread = moments.spread_of(weights)
        gain = slope(spread, float(moments.std[bands]))
        return {
            "weights": weights,
            "gain": np.asarray(gain),
            "shift": np.asarray(product(moments.mean[:bands], weights) - gain * moments.mean[bands]),
            # Ratios have no meaning across zero: bands with negative values are lifted above it first.
            "dark": np.minimum(darkest, 0.0),
            "level": np.asarray(product(moments.mean[:bands] - np.minimum(darkest, 0.0), weights)),
        }


class Brovey(_Weighted):
    """F_b = M_b * P / I (Gillespie et al. 1987), PAN first brought to the mean and spread of I."""

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        kind = bands.dtype.type
        dark = state["dark"].astype(kind)[:, None, None]
        lifted = dark.any()
        if lifted:
            bands -= dark
        intensity = mix(bands, state["weights"])
        pan = patch.pan_core * kind(state["gain"]) + kind(state["shift"] - product(state["dark"], state["weights"]))
        bands *= ratio_or_one(pan, intensity, kind(1e-3 * abs(state["level"])), MAX_RATIO)
        if lifted:
            bands += dark
        return bands


class Gihs(_Weighted):
    """F_b = M_b + (P - I), the fast form of IHS for any number of bands (Tu et al. 2001)."""

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        kind = bands.dtype.type
        detail = patch.pan_core * kind(state["gain"]) + kind(state["shift"])
        detail -= mix(bands, state["weights"])
        bands += detail
        return bands


class Gs(Classical):
    """Gram-Schmidt, mode 1 (Laben and Brower 2000): I is the plain mean of the bands."""

    def measure(self, patch: Patch) -> Moments:
        return Moments.of([*self._optics.ms_up(patch), patch.pan_core], patch.valid)

    def settle(self, measured: Iterable[Moments]) -> State:
        moments = total(measured)
        bands = moments.mean.size - 1
        weights = np.full(bands, 1.0 / bands)
        return _injection(moments, weights, slope(moments.spread_of(weights), float(moments.std[bands])))

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        kind = bands.dtype.type
        # delta = (P - mean P) * spread - (I - mean I), and each band gets gain_b times it.
        delta = patch.pan_core * kind(state["pan_gain"]) + kind(state["shift"])
        delta -= mix(bands, state["weights"])
        for band, gain in zip(bands, state["gains"].astype(kind)):
            band += gain * delta
        return bands


class Gsa(Gs):
    """Gram-Schmidt adaptive (Aiazzi et al. 2007): I is the mix of bands that comes nearest to PAN seen by MS."""

    def measure(self, patch: Patch) -> tuple[Moments, Moments]:  # type: ignore[override]
        own = Moments.of([*self._optics.ms_own(patch), self._optics.pan_own(patch)], self._optics.ms_own_valid(patch))
        return own, super().measure(patch)

    def settle(self, measured: Iterable[tuple[Moments, Moments]]) -> State:  # type: ignore[override]
        parts = list(measured)
        own, enlarged = total(part for part, _ in parts), total(part for _, part in parts)
        bands = enlarged.mean.size - 1
        weights = solve(own.covariance[:bands, :bands], own.covariance[:bands, bands])
        return _injection(enlarged, weights, 1.0)


def _injection(moments: Moments, weights: npt.NDArray[np.float64], pan_gain: float) -> State:
    """Return the state of the Gram-Schmidt family: gain_b = cov(I, M_b) / var(I)."""
    bands = weights.size
    with_intensity = product(moments.covariance[:bands, :bands], weights)
    variance = float(product(with_intensity, weights))
    return {
        "weights": weights,
        "pan_gain": np.asarray(pan_gain),
        "shift": np.asarray(product(moments.mean[:bands], weights) - pan_gain * moments.mean[bands]),
        "gains": np.array([slope(float(value), variance) for value in with_intensity]),
    }


def mix(bands: Floats, weights: npt.NDArray[Any]) -> Floats:
    """Return the weighted sum of (bands, h, w), added in the order of the bands."""
    kind = bands.dtype.type
    result: Floats = bands[0] * kind(weights[0])
    for band, weight in zip(bands[1:], weights[1:]):
        if weight:
            result += band * kind(weight)
    return result
