"""Methods whose coefficients are fitted band by band: BDSD with physical constraints, and Brovey with haze removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..grid.patch import Floats, Patch
from ..pixels.filters import ratio_or_one
from .component import MAX_RATIO, mix
from .method import Classical, Moments, State, product, slope, solve, solve_not_negative, total
from .optics import Optics


class BdsdPc(Classical):
    """F_b = M_b + g_b (P - sum_i w_bi M_i), g_b >= 0 and w_bi >= 0 (Garzelli et al. 2008; Vivone 2019).

    The coefficients are those that bring MS, blurred once more, back to MS.
    """

    def measure(self, patch: Patch) -> Moments:
        blurred = self._optics.ms_blurred(patch)
        pan = self._optics.pan_own(patch, self._optics.pan_gain)
        lost = self._optics.ms_own(patch) - blurred
        return Moments.of([*blurred, pan, *lost], self._optics.ms_own_valid(patch))

    def settle(self, measured: Iterable[Moments]) -> State:
        second = total(measured).second
        bands = (second.shape[0] - 1) // 2
        signs = np.append(-np.ones(bands), 1.0)
        gram = second[: bands + 1, : bands + 1] * np.outer(signs, signs)
        columns = [
            signs * solve_not_negative(gram, signs * second[: bands + 1, bands + 1 + band]) for band in range(bands)
        ]
        return {"coefficients": np.stack(columns)}

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        kind = bands.dtype.type
        out = np.empty_like(bands)
        for index, coefficients in enumerate(state["coefficients"]):
            out[index] = bands[index] + patch.pan_core * kind(coefficients[-1])
            out[index] += mix(bands, coefficients[:-1])
        return out


# The most values per band and patch that are kept to find the darkest per cent of the scene.
_KEPT = 65536


class BtH(Classical):
    """F_b = (M_b - L_b) P' / (I - L_I) + L_b: Brovey above the haze L of each band (Lolli et al. 2017)."""

    def __init__(self, optics: Optics, weights: Optional[Sequence[float]] = None) -> None:
        super().__init__(optics)
        self._shares = optics.haze_shares or (None,) * len(optics.gains)

    def measure(self, patch: Patch) -> tuple[Moments, list[npt.NDArray[Any]]]:
        bands = self._optics.ms_up(patch)
        dark = []
        for band, share in zip(bands, self._shares):
            seen = band.ravel() if patch.valid is None else band[patch.valid]
            if share is None or not seen.size:
                dark.append(seen.min(keepdims=True) if seen.size else seen)
            else:
                dark.append(seen[:: -(-seen.size // _KEPT)].copy())
        return Moments.of([*bands, self._optics.pan_smooth(patch)], patch.valid), dark

    def settle(self, measured: Iterable[tuple[Moments, list[npt.NDArray[Any]]]]) -> State:
        parts = list(measured)
        moments = total(part for part, _ in parts)
        bands = moments.mean.size - 1
        haze = np.empty(bands)
        for band, share in enumerate(self._shares):
            seen = np.concatenate([dark[band] for _, dark in parts]).astype(np.float64)
            if share is None:
                haze[band] = seen.min()
            else:
                darkest = float(np.percentile(seen, 1.0, method="hazen"))
                haze[band] = min(darkest, share * darkest)  # a share of a negative count would lie above it
        second = moments.second
        weights = solve(second[:bands, :bands], second[:bands, bands])
        mean = float(product(moments.mean[:bands] - haze, weights))
        spread = moments.spread_of(weights)
        gain = slope(spread, float(moments.std[bands]))
        return {
            "weights": weights,
            "haze": haze,
            "gain": np.asarray(gain),
            "shift": np.asarray(mean - gain * moments.mean[bands]),
            "level": np.asarray(abs(mean)),
        }

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        kind = bands.dtype.type
        haze = state["haze"].astype(kind)[:, None, None]
        bands -= haze
        intensity = mix(bands, state["weights"])
        np.maximum(bands, 0.0, out=bands)  # nothing is darker than haze
        pan = patch.pan_core * kind(state["gain"]) + kind(state["shift"])
        bands *= ratio_or_one(pan, intensity, kind(1e-3 * state["level"]), MAX_RATIO)
        bands += haze
        return bands
