"""The optics of the field's reference toolbox, half-pixel convention and all, to compare methods with its results."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from engine.grid.pairing import Axis, Lattice
from engine.grid.patch import Floats, Mask, Patch
from engine.grid.window import Window
from engine.methods.optics import Optics
from engine.pixels import toolbox

RATIO = 4
# The toolbox's generic low-pass has a gain of 0.3 and scales its Gaussian by 41 where its MTF filter takes 40.
GENERIC_GAIN = 0.3 ** ((40 / 41) ** 2)
BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16.0


class ToolboxOptics(Optics):
    """One whole image; MS pixel k lies on PAN pixel 4k + 2 and is enlarged with the circular 23-tap filter."""

    def ms_up(self, patch: Patch) -> Floats:
        return toolbox.interp23tap(patch.ms, RATIO)

    def ms_own_valid(self, patch: Patch) -> Optional[Mask]:
        return None

    def ms_blurred(self, patch: Patch) -> Floats:
        small = np.stack([toolbox.imresize(band, 1 / RATIO) for band in self.ms_up(patch)])
        return toolbox.mtf_filter(small, self.gains, RATIO)

    def pan_own(self, patch: Patch, gain: Optional[float] = None) -> Floats:
        # Without a gain the toolbox takes its undecimated wavelet: two levels, each filtered forth and back.
        seen = _binomial(patch.pan, times=4)[None] if gain is None else self._filtered(patch, gain)
        return np.asarray(toolbox.decimate(seen, RATIO)[0])

    def pan_low(self, patch: Patch, gain: Optional[float] = None) -> Floats:
        return toolbox.interp23tap(toolbox.decimate(self._filtered(patch, gain), RATIO), RATIO)[0]

    def pan_smooth(self, patch: Patch) -> Floats:
        return self._filtered(patch, None)[0]

    def dc_gain(self, gain: float) -> float:
        return float(toolbox.mtf_kernel(gain, RATIO).sum())

    def _filtered(self, patch: Patch, gain: Optional[float]) -> Floats:
        return toolbox.mtf_filter(patch.pan[None], [GENERIC_GAIN if gain is None else gain], RATIO)


class ReducedOptics(ToolboxOptics):
    """As above, for BDSD: the toolbox takes the enlarged MS, reduced again, for the MS it starts from."""

    def ms_own(self, patch: Patch) -> Floats:
        return np.stack([toolbox.imresize(band, 1 / RATIO) for band in self.ms_up(patch)])


def _binomial(image: Floats, times: int) -> Floats:
    for _ in range(times):
        for axis in (0, 1):
            padded = np.pad(image, [(2, 2) if axis == other else (0, 0) for other in (0, 1)], mode="edge")
            size = image.shape[axis]
            image = sum(  # type: ignore[assignment]
                weight * np.take(padded, range(tap, tap + size), axis=axis) for tap, weight in enumerate(BINOMIAL)
            )
    return image


def whole(pan: Any, ms: Any) -> Patch:
    """Return one patch that is the whole image, in float64."""
    height, width = pan.shape
    axis = Axis(1 / RATIO, 0.0)
    return Patch(
        Window(0, 0, height, width),
        Lattice(axis, axis),
        Window(0, 0, height, width),
        np.asarray(pan, np.float64),
        Window(0, 0, height // RATIO, width // RATIO),
        np.asarray(ms, np.float64),
    )
