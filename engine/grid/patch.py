"""A piece of a scene in memory: PAN and MS around one window, with what is valid in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .pairing import Lattice
from .window import Window

Floats = npt.NDArray[Any]  # float32, or float64 where the files hold more than float32 can
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Patch:
    """What a method sees.  It answers for the PAN pixels of `window`; the arrays reach further by a halo.

    Outside the files the nearest pixel is repeated; invalid pixels hold the values of their neighbours where a valid
    one is near (so that filters do not bleed) and 0 elsewhere.
    """

    window: Window
    lattice: Lattice
    pan_window: Window
    pan: Floats  # (rows, cols) of pan_window
    ms_window: Window
    ms: Floats  # (bands, rows, cols) of ms_window
    valid: Optional[Mask] = None  # (rows, cols) of window; None: all are valid
    pan_valid: Optional[Mask] = None  # (rows, cols) of pan_window; None: all are valid
    ms_valid: Optional[Mask] = None  # (rows, cols) of ms_window; None: all are valid

    @property
    def pan_core(self) -> Floats:
        """PAN in `window`: (rows, cols)."""
        rows, cols = self.window.slices_in(self.pan_window)
        return self.pan[rows, cols]

    @property
    def ms_centres(self) -> Window:
        """The MS pixels whose centres lie in `window`, as far as they are in memory."""
        return self.lattice.ms_centres(self.window).clipped(self.ms_window)
