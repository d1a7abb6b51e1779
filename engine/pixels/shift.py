"""How far two images of one place are shifted, from their cross-spectrum (phase correlation, below one pixel)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]

# A weaker correlation is one of noise: the two images then show nothing in common to measure a shift by.
_LEAST_CORRELATION = 0.15
# In small images few frequencies are left, and noise reaches more: up to seven times its standard deviation at the best
# of all positions (measured, with the taper).  A true shift that is not above that is known to half a pixel at best.
_LEAST_ABOVE_CHANCE = 7.0


@dataclass(frozen=True)
class Shift:
    """Content of the second image lies `dx` pixels right of and `dy` pixels below the same content in the first."""

    dx: float
    dy: float
    correlation: float  # 0 to 1, at the best position
    at_least: bool = False  # the best position lies at the end of what was searched: the shift may be larger

    @property
    def length(self) -> float:
        return float((self.dx**2 + self.dy**2) ** 0.5)


@dataclass(frozen=True)
class Spectra:
    """Cross-spectrum and energies of a pair of windows; they add up over windows of one shape."""

    shape: tuple[int, int]
    cross: npt.NDArray[np.complex128]
    first: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]


def spectra(first: Floats, second: Floats) -> Spectra:
    """Return the spectra of two images of one shape, tapered towards their edges."""
    rows, cols = first.shape
    taper = np.outer(np.hanning(rows + 2)[1:-1], np.hanning(cols + 2)[1:-1])
    one, two = (np.fft.rfft2((image - image.mean(dtype=np.float64)) * taper) for image in (first, second))
    return Spectra((rows, cols), two * np.conj(one), _energy(one), _energy(two))


def _energy(spectrum: npt.NDArray[np.complex128]) -> npt.NDArray[np.float64]:
    return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float64)


def estimate(windows: Iterable[Spectra], resolution: tuple[float, float], reach: float) -> Optional[Shift]:
    """Return the shift that most windows agree on, or None where the images have too little in common.

    `resolution` (rows, cols) is the pixel size of the coarser image in pixels: finer detail is left out.  Shifts beyond
    `reach` pixels are not looked for.
    """
    cross: Any = 0.0
    first: Any = 0.0
    second: Any = 0.0
    shape: Optional[tuple[int, int]] = None
    for window in windows:
        if shape not in (None, window.shape):
            raise ValueError("windows of different shapes do not add up")
        shape = window.shape
        cross, first, second = cross + window.cross, first + window.first, second + window.second
    if shape is None:
        return None
    rows, cols = shape
    f_rows, f_cols = np.fft.fftfreq(rows, 1.0)[:, None], np.fft.rfftfreq(cols, 1.0)[None, :]
    # From an eighth of the coarser image's Nyquist frequency, where slow brightness differs, up to that frequency.
    radius = np.hypot(f_rows * 2.0 * resolution[0], f_cols * 2.0 * resolution[1])
    weight = np.exp(-((radius / 0.7) ** 4)) * (1.0 - np.exp(-((radius / 0.12) ** 2)))
    twice = np.ones(f_cols.shape)  # rfft holds most columns once for two
    twice[:, 1 : (cols + 1) // 2] = 2.0
    weight = weight * twice
    energy = float(np.sqrt((weight * first).sum() * (weight * second).sum()))
    if energy <= 0.0:
        return None
    # Half whitened: pure phase is noise where there is no signal, and the plain correlation has a flat peak.
    whitened = weight * cross / np.sqrt(np.abs(cross) + 1e-12 * np.abs(cross).max())
    surface = np.fft.irfft2(whitened / twice, s=shape)
    down, right = (np.abs(np.fft.fftfreq(size, 1.0) * size) <= reach for size in shape)
    surface = np.where(down[:, None] & right[None, :], surface, -np.inf)
    peak = np.unravel_index(int(np.argmax(surface)), shape)
    place = [float(np.fft.fftfreq(size, 1.0)[at] * size) for size, at in zip(shape, peak)]
    # The surface is known between pixels too: look closer around the peak, twice.
    for step in (0.25, 0.02):
        offsets = step * np.arange(-6, 7)
        turn_rows = np.exp(2j * np.pi * np.outer(place[0] + offsets, f_rows[:, 0]))
        turn_cols = np.exp(2j * np.pi * np.outer(f_cols[0], place[1] + offsets))
        close = (turn_rows @ whitened @ turn_cols).real
        row, col = np.unravel_index(int(np.argmax(close)), close.shape)
        place = [place[0] + offsets[row], place[1] + offsets[col]]
    dy, dx = place
    turned = np.exp(2j * np.pi * (f_rows * dy + f_cols * dx))
    correlation = float((weight * (cross * turned).real).sum()) / energy
    chance = float(np.sqrt(0.5 * ((weight * np.abs(cross)) ** 2).sum())) / energy  # with random phases, at one position
    least = max(_LEAST_CORRELATION, _LEAST_ABOVE_CHANCE * chance)
    if correlation < least:
        return None
    return Shift(float(dx), float(dy), correlation, at_least=bool(max(abs(dx), abs(dy)) > reach - 1.0))
