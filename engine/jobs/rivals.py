"""The classical methods on samples of a training, so that a network is measured against more than doing nothing.

A sample holds MS enlarged and PAN on one grid; how MS looked before is gone.  So what a method asks of the pair is
answered on that grid, and each sample is a scene of its own.  Fitted to all samples of a scene at once, the errors were
within 4 per cent of these, now more and now less (Landsat 7 and 8, WorldView-2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Optional

import numpy as np

from ..grid.pairing import Axis, Lattice
from ..grid.patch import Floats, Mask, Patch
from ..grid.window import Window
from ..methods.method import create, fit
from ..methods.optics import Optics, blurred
from ..pixels.resample import mtf_sigma
from ..training.validation import Rival

# As people read them, and as methods are called.  One of each family, and those that win most often.
_METHODS = {
    "Brovey": "brovey",
    "GSA": "gsa",
    "BDSD-PC": "bdsd-pc",
    "MTF-GLP-FS": "mtf-glp-fs",
    "MTF-GLP-HPM": "mtf-glp-hpm",
}
_SAME = Lattice(Axis(1.0, 0.0), Axis(1.0, 0.0))


def rivals(gains: Sequence[float], pan_gain: float, ratio: float) -> Mapping[str, Rival]:
    """Return the methods by name, for samples of a sensor with these MTF gains, one per band, and of this ratio."""
    optics = _OneGrid(tuple(gains), pan_gain, "polynomial", ratio=ratio)
    return {name: partial(_sharpened, method, optics) for name, method in _METHODS.items()}


def _sharpened(name: str, optics: Optics, pan: Floats, ms_up: Floats) -> Floats:
    """Return (bands, h, w); raise MethodError where the sample tells too little."""
    window = Window(0, 0, *pan.shape)
    patch = Patch(window, _SAME, window, pan, window, ms_up)
    method = create(name, optics)
    return method.apply(patch, fit(method, [patch]))


@dataclass(frozen=True)
class _OneGrid(Optics):
    """The optics where MS is on the grid of PAN already, but as blurred as pixels `ratio` times as large make it."""

    ratio: float = 4.0

    def ms_up(self, patch: Patch) -> Floats:
        return patch.ms.copy()

    def ms_own(self, patch: Patch) -> Floats:
        return patch.ms

    def ms_own_valid(self, patch: Patch) -> Optional[Mask]:
        return None

    def ms_blurred(self, patch: Patch) -> Floats:
        # As a sensor with pixels as much larger again sees what MS shows.
        return np.stack(
            [blurred(band, mtf_sigma(gain, self.ratio) * self.ratio) for band, gain in zip(patch.ms, self.gains)]
        )

    def pan_own(self, patch: Patch, gain: Optional[float] = None) -> Floats:
        return self.pan_low(patch, gain)

    def pan_low(self, patch: Patch, gain: Optional[float] = None) -> Floats:
        return blurred(patch.pan, mtf_sigma(self.intensity_gain if gain is None else gain, self.ratio))
