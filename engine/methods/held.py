"""Holding a sharpened image to the MS it was made of: through the optics of MS it should look like MS again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Optional

from ..grid.pairing import Lattice
from ..grid.patch import Floats, Mask, Patch
from ..grid.window import Window
from ..pixels.resample import mtf_sigma, reach, resample
from .optics import Optics, sight

_KERNEL = "cubic"  # what is missed is small and smooth: a longer kernel gains nothing, and needs more around a window
_MOST_LOST = 0.01  # of the weight of what an MS pixel sees may lie in gaps


def halo(optics: Optics, lattice: Lattice) -> int:
    """Return how many PAN pixels around a window have to be sharpened for `missed`."""
    ratio = max(lattice.rows.ratio, lattice.cols.ratio)
    return math.ceil((reach(_KERNEL) + 1) * ratio + 4.0 * mtf_sigma(min(optics.gains), ratio)) + 1


def missed(optics: Optics, patch: Patch, made: Floats, around: Window) -> Floats:
    """Return what MS has and `made` has not, enlarged: (bands, h, w) on the window of `patch`.

    `made` is (bands, h, w) on the window `around`, `halo` pixels larger or as large as all there is.  Nothing is missed
    where MS, or what lies under it, is not valid.
    """
    needed = patch.lattice.ms_window(patch.window, reach(_KERNEL)).clipped(patch.ms_window)
    rows, cols = needed.slices_in(patch.ms_window)
    lacking = patch.ms[:, rows, cols].copy()
    for band, gain in enumerate(optics.gains):
        lacking[band] -= resample(made[band], *sight(patch.lattice, needed, gain, around))
    known = _known(optics, patch, needed)
    if known is not None:
        lacking[:, ~known] = 0.0
    return replace(optics, kernel=_KERNEL).enlarged(patch, lacking, needed)


def _known(optics: Optics, patch: Patch, needed: Window) -> Optional[Mask]:
    """Return which of the MS pixels `needed` are valid and lie over valid PAN; None: all."""
    known = None if patch.ms_valid is None else patch.ms_valid[needed.slices_in(patch.ms_window)]
    if patch.pan_valid is None:
        return known
    gaps = (~patch.pan_valid).astype(patch.pan.dtype)
    over = resample(gaps, *sight(patch.lattice, needed, min(optics.gains), patch.pan_window)) < _MOST_LOST
    return over if known is None else known & over
