"""How the sensor saw the scene: what every method may ask of a patch, at the right phase.

MS enlarged to PAN, PAN as the MS sensor would have seen it, on its own pixels or enlarged again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..grid.pairing import Lattice
from ..grid.patch import Floats, Mask, Patch
from ..grid.window import Window
from ..pixels.filters import fill_gaps, resample_valid
from ..pixels.resample import Taps, box, gaussian, interpolation, mtf_sigma, reach, resample


@dataclass(frozen=True)
class Reach:
    """How far a method looks beyond a window, and how deep it looks into gaps of MS."""

    pan: int  # PAN pixels on each side
    ms: int  # MS pixels on each side
    fill: int  # MS pixels that are to be filled from the edge of a gap inwards


@dataclass(frozen=True)
class Optics:
    """`gains` are the MTF responses of the MS bands at their Nyquist frequency, `pan_gain` that of PAN."""

    gains: tuple[float, ...]
    pan_gain: float
    kernel: str
    has_gaps: bool = False  # whether invalid pixels can occur, so that margins must allow for filling them
    # By band, the share of the darkest per cent that is haze; None where only the minimum can be taken for it.
    haze_shares: tuple[Optional[float], ...] = ()
    deep: float = 0.0  # what PAN is taken for where it lies too deep in gaps to be filled
    pan_noise: float = 0.0  # standard deviation of what PAN gets back of its noise, where it is made coarser

    @property
    def intensity_gain(self) -> float:
        return sum(self.gains) / len(self.gains)

    @property
    def fill_steps(self) -> int:
        return reach(self.kernel) + 1 if self.has_gaps else 0

    @property
    def ms_margin(self) -> int:
        """MS pixels needed around a window to enlarge MS."""
        return reach(self.kernel) + 1 + self.fill_steps

    def fit_margin(self, lattice: Lattice) -> int:
        """MS pixels needed around a window to learn from it: MS is filtered once more there."""
        return self.ms_margin + math.ceil(4.0 * mtf_sigma(min(*self.gains, self.pan_gain), lattice.ratio)) + 1

    def pan_halo(self, lattice: Lattice) -> int:
        """PAN pixels needed around a window for `pan_low`."""
        ratio = max(lattice.rows.ratio, lattice.cols.ratio)
        return math.ceil((self.ms_margin + 1) * ratio + 4.0 * mtf_sigma(min(self.gains), ratio)) + 2

    def ms_up(self, patch: Patch) -> Floats:
        """Return MS on the PAN pixels of the window: (bands, h, w)."""
        return self.enlarged(patch, patch.ms)

    def enlarged(self, patch: Patch, images: Floats, covered: Optional[Window] = None) -> Floats:
        """Return images on the MS pixels `covered`, or those in memory, on the PAN pixels of the window."""
        window, covered = patch.window, covered or patch.ms_window
        rows = interpolation(patch.lattice.rows.to_ms(window.row, window.height), self.kernel)
        cols = interpolation(patch.lattice.cols.to_ms(window.col, window.width), self.kernel)
        return resample(images, *_within(rows, cols, covered))

    def ms_own(self, patch: Patch) -> Floats:
        """Return the MS pixels whose centres lie in the window: (bands, rows, cols)."""
        rows, cols = patch.ms_centres.slices_in(patch.ms_window)
        return patch.ms[:, rows, cols]

    def ms_own_valid(self, patch: Patch) -> Optional[Mask]:
        """Return which of the pixels of `ms_own` are valid and have valid PAN under them; None: all."""
        window = patch.ms_centres
        valid: Optional[Mask] = None
        if patch.ms_valid is not None:
            valid = patch.ms_valid[window.slices_in(patch.ms_window)]
        if patch.pan_valid is not None:
            rows, cols = sight(patch.lattice, window, self.intensity_gain, patch.pan_window)
            _, known = resample_valid(patch.pan, patch.pan_valid, rows, cols)
            valid = known if valid is None else valid & known
        return valid

    def ms_blurred(self, patch: Patch) -> Floats:
        """Return `ms_own` blurred once more by each band's MTF, as if MS were the PAN of a coarser MS."""
        window = patch.ms_centres
        bands = []
        for band, gain in zip(patch.ms, self.gains):
            rows = gaussian(_indices(window.row, window.height), mtf_sigma(gain, patch.lattice.rows.ratio))
            cols = gaussian(_indices(window.col, window.width), mtf_sigma(gain, patch.lattice.cols.ratio))
            bands.append(resample(band, *_within(rows, cols, patch.ms_window)))
        return np.stack(bands)

    def pan_own(self, patch: Patch, gain: Optional[float] = None) -> Floats:
        """Return PAN seen through the MS optics on the pixels of `ms_own`: (rows, cols)."""
        return self._see(patch, patch.ms_centres, self.intensity_gain if gain is None else gain)

    def pan_low(self, patch: Patch, gain: Optional[float] = None) -> Floats:
        """Return PAN seen through the MS optics and enlarged as MS is, on the PAN pixels of the window: (h, w)."""
        needed = patch.lattice.ms_window(patch.window, self.ms_margin)
        seen = self._see(patch, needed, self.intensity_gain if gain is None else gain)
        return self.enlarged(patch, seen, needed)

    def pan_smooth(self, patch: Patch) -> Floats:
        """Return PAN blurred to the sharpness of MS on the PAN pixels of the window, for statistics: (h, w)."""
        return self.pan_low(patch)

    def pan_wide(self, patch: Patch, sigma: float, margin: int) -> Floats:
        """Return `pan_low` blurred by `sigma` MS pixels, of which `margin` count: (h, w)."""
        deeper = margin if self.has_gaps else 0  # into gaps, so that the wider filter finds them filled too
        needed = patch.lattice.ms_window(patch.window, self.ms_margin + margin + deeper)
        return self.enlarged(patch, blurred(self._see(patch, needed, self.intensity_gain, deeper), sigma), needed)

    def pan_box(self, patch: Patch) -> Floats:
        """Return the mean of PAN over the area of one MS pixel around each PAN pixel of the window: (h, w)."""
        window = patch.window
        rows = box(_indices(window.row, window.height), patch.lattice.rows.ratio)
        cols = box(_indices(window.col, window.width), patch.lattice.cols.ratio)
        return _filter(patch, *_within(rows, cols, patch.pan_window))[0]

    def dc_gain(self, gain: float) -> float:
        """Return what the low-pass filter of `gain` does to a constant: nothing, here."""
        return 1.0

    def _see(self, patch: Patch, window: Window, gain: float, deeper: int = 0) -> Floats:
        """Return PAN through the MS optics on the MS pixels of `window`, gaps filled as those of MS are, or deeper."""
        seen, known = _filter(patch, *sight(patch.lattice, window, gain, patch.pan_window))
        if known is None:
            return seen
        deep = seen.dtype.type(self.deep)
        return np.asarray(fill_gaps(seen[None] - deep, known, self.fill_steps + deeper)[0] + deep)


def sight(lattice: Lattice, window: Window, gain: float, covered: Window) -> tuple[Taps, Taps]:
    """Return the taps, of an image on the PAN pixels `covered`, by which optics see it on the MS pixels of `window`."""
    rows = gaussian(lattice.rows.to_pan(window.row, window.height), mtf_sigma(gain, lattice.rows.ratio))
    cols = gaussian(lattice.cols.to_pan(window.col, window.width), mtf_sigma(gain, lattice.cols.ratio))
    return _within(rows, cols, covered)


def blurred(images: Floats, sigma: float) -> Floats:
    """Return images (..., h, w) under a Gaussian of `sigma` of their own pixels; beyond them, their edge repeats."""
    height, width = images.shape[-2:]
    rows, cols = (gaussian(_indices(0, side), sigma).within(0, side) for side in (height, width))
    return resample(images, rows, cols)


def _filter(patch: Patch, rows: Taps, cols: Taps) -> tuple[Floats, Optional[Mask]]:
    """Return PAN summed along the taps and, where it has gaps, the mask of what is known of it."""
    if patch.pan_valid is None:
        return resample(patch.pan, rows, cols), None
    return resample_valid(patch.pan, patch.pan_valid, rows, cols)


def _within(rows: Taps, cols: Taps, window: Window) -> tuple[Taps, Taps]:
    return rows.within(window.row, window.height), cols.within(window.col, window.width)


def _indices(start: int, count: int) -> npt.NDArray[Any]:
    return np.arange(start, start + count, dtype=np.float64)
