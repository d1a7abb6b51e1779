"""Methods that add to MS what PAN shows beyond its own blurred self: SFIM and the MTF-GLP family.

P_b is PAN as the MS sensor would have seen it in band b (Gaussian of its MTF, on the MS pixels, enlarged again).
They leave the colours of MS alone and need PAN around a pixel, not the pixel only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Optional

import numpy as np

from ..grid.pairing import Lattice
from ..grid.patch import Floats, Patch
from ..pixels.filters import ratio_or_one
from .component import MAX_RATIO
from .method import Classical, Moments, State, slope, total
from .optics import Optics, Reach


class _Surrounded(Classical):
    """Methods that filter PAN, and so look around the window they sharpen."""

    def reach(self, lattice: Lattice) -> Reach:
        return replace(super().reach(lattice), pan=self._optics.pan_halo(lattice))


class _Detail(_Surrounded):
    """What the family shares: one P_b per distinct gain, and the moments of [MS..., P, P smooth, P_b...]."""

    def __init__(self, optics: Optics, weights: Optional[Sequence[float]] = None) -> None:
        super().__init__(optics)
        self._distinct = sorted(set(optics.gains))
        self._which = [self._distinct.index(gain) for gain in optics.gains]

    def _low(self, patch: Patch) -> list[Floats]:
        return [self._optics.pan_low(patch, gain) for gain in self._distinct]

    def measure(self, patch: Patch) -> Moments:
        images = [*self._optics.ms_up(patch), patch.pan_core, self._optics.pan_smooth(patch), *self._low(patch)]
        return Moments.of(images, patch.valid)


class MtfGlp(_Detail):
    """F_b = M_b + P' - P'_b, with P' = PAN at the mean and spread of band b (Aiazzi et al. 2002, 2006)."""

    def settle(self, measured: Iterable[Moments]) -> State:
        moments = total(measured)
        bands = len(self._which)
        smooth = float(moments.std[bands + 1])
        gains = np.array([slope(float(moments.std[band]), smooth) for band in range(bands)])
        return {"gains": gains, "shifts": moments.mean[:bands] - gains * moments.mean[bands]}

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        kind = bands.dtype.type
        low = self._low(patch)
        for index, band in enumerate(bands):
            gain, shift = state["gains"][index], state["shifts"][index]
            detail = patch.pan_core - low[self._which[index]]
            # The filter sees the shifted PAN, so what it does to a constant counts too (nothing, if it sums to 1).
            lost = shift * (1.0 - self._optics.dc_gain(self._optics.gains[index]))
            band += kind(gain) * detail + kind(lost)
        return bands


class MtfGlpFs(_Detail):
    """F_b = M_b + g_b (P - P_b), g_b = cov(M_b, P) / cov(P_b, P): full-scale regression (Vivone et al. 2018)."""

    def settle(self, measured: Iterable[Moments]) -> State:
        covariance = total(measured).covariance
        pan = len(self._which)
        gains = [
            slope(float(covariance[band, pan]), float(covariance[pan + 2 + which, pan]))
            for band, which in enumerate(self._which)
        ]
        return {"gains": np.array(gains)}

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        details = [patch.pan_core - low for low in self._low(patch)]
        for band, which, gain in zip(bands, self._which, state["gains"].astype(bands.dtype)):
            band += gain * details[which]
        return bands


class MtfGlpHpm(MtfGlp):
    """F_b = M_b * P' / P'_b: the detail of MTF-GLP as a factor (high-pass modulation; Vivone et al. 2014).

    Where P'_b is not clearly above zero, or M_b is below, a factor has no meaning: there MTF-GLP's sum is used.
    """

    def settle(self, measured: Iterable[Moments]) -> State:
        moments = total(measured)
        state = super().settle([moments])
        return {**state, "levels": np.abs(moments.mean[: len(self._which)])}

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        kind = bands.dtype.type
        low = self._low(patch)
        for index, band in enumerate(bands):
            gain, shift = kind(state["gains"][index]), kind(state["shifts"][index])
            sharp = patch.pan_core * gain + shift
            dull = low[self._which[index]] * gain + shift * kind(self._optics.dc_gain(self._optics.gains[index]))
            floor = kind(0.02 * state["levels"][index])
            meant = (dull > floor) & (band > 0)
            factor = ratio_or_one(sharp, dull, floor, MAX_RATIO)
            band[...] = np.where(meant, band * factor, band + sharp - dull)
        return bands


class Sfim(_Surrounded):
    """F_b = M_b * P / mean of P over an MS pixel (Liu 2000), within the guard of `ratio_or_one`."""

    def measure(self, patch: Patch) -> Moments:
        return Moments.of([patch.pan_core], patch.valid)

    def settle(self, measured: Iterable[Moments]) -> State:
        return {"level": np.abs(total(measured).mean)}

    def apply(self, patch: Patch, state: State) -> Floats:
        bands = self._optics.ms_up(patch)
        floor = bands.dtype.type(0.02 * state["level"][0])
        bands *= ratio_or_one(patch.pan_core, self._optics.pan_box(patch), floor, MAX_RATIO)
        return bands
