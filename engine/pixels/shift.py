"""How far two images of one place are shifted, from their cross-spectrum (phase correlation, below one pixel)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]
Cross = npt.NDArray[np.complex128]
Values = npt.NDArray[np.float64]

# A weaker correlation is one of noise: the two images then show nothing in common to measure a shift by.
_LEAST_CORRELATION = 0.15
# In small images few frequencies are left, and noise reaches more: up to seven times its standard deviation at the best
# of all positions (measured, with the taper).  A true shift that is not above that is known to half a pixel at best.
_LEAST_ABOVE_CHANCE = 7.0
_LEAST_VOTES = 3  # windows that show a shift each: of two that contradict each other, none is the odd one
_LEAST_SPREAD = 0.05  # pixels: windows of real images do not agree better than this
_ROUNDS = 10  # after which the trust in the windows does not change any more


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
    """Cross-spectrum and energies of a pair of windows."""

    shape: tuple[int, int]
    cross: Cross
    first: Values
    second: Values


def spectra(first: Floats, second: Floats) -> Spectra:
    """Return the spectra of two images of one shape, tapered towards their edges."""
    rows, cols = first.shape
    taper = np.outer(np.hanning(rows + 2)[1:-1], np.hanning(cols + 2)[1:-1])
    one, two = (np.fft.rfft2((image - image.mean(dtype=np.float64)) * taper) for image in (first, second))
    return Spectra((rows, cols), two * np.conj(one), _energy(one), _energy(two))


def _energy(spectrum: Cross) -> Values:
    return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float64)


def estimate(
    windows: Iterable[Spectra],
    resolution: tuple[float, float],
    reach: float,
    alone: Optional[Sequence[Optional[Shift]]] = None,
) -> Optional[Shift]:
    """Return the shift that most windows agree on, or None where the images have too little in common.

    Each window has one vote however bright it is, which counts as far as it is certain, and less the further the shift
    that it shows lies from that of the others: what is bright and moves, such as a cloud, does not decide.
    `resolution` (rows, cols) is the pixel size of the coarser image in pixels: finer detail is left out.  Shifts beyond
    `reach` pixels are not looked for.  `alone` is what this says of each window by itself, where that is known.
    """
    windows = list(windows)
    if not windows:
        return None
    if len({window.shape for window in windows}) > 1:
        raise ValueError("windows of different shapes have no spectrum in common")
    band = _Band.of(windows[0].shape, resolution)
    votes = [band.vote(window) for window in windows]
    if alone is None:
        alone = [None if vote is None else band.peak(vote, reach) for vote in votes]
    counted = [(vote, shift) for vote, shift in zip(votes, alone) if vote is not None]
    if len(counted) < 2:
        return counted[0][1] if counted else None
    trust = _trust([shift for _, shift in counted])
    return band.peak(sum(share * vote for share, (vote, _) in zip(trust, counted)), reach)


def _trust(shifts: Sequence[Optional[Shift]]) -> Values:
    """Return the shares of windows in what they show together, given what each shows alone; they sum to 1."""
    # A window that shows nothing alone may add something to others like it.
    certainty = np.array([_LEAST_CORRELATION if shift is None else shift.correlation for shift in shifts])
    alone = np.array([shift is not None for shift in shifts])
    trust = certainty.copy()
    if alone.sum() >= _LEAST_VOTES:
        places = np.array([(shift.dx, shift.dy) for shift in shifts if shift is not None])
        middle = np.median(places, axis=0)
        for _ in range(_ROUNDS):
            off = np.hypot(*(places - middle).T)
            spread = max(_LEAST_SPREAD, 1.5 * float(np.median(off)))
            trust[alone] = certainty[alone] / (1.0 + (off / (2.0 * spread)) ** 2) ** 2
            middle = np.average(places, axis=0, weights=trust[alone])
    return np.asarray(trust / trust.sum())


@dataclass(frozen=True, eq=False)
class _Band:
    """The frequencies of windows of one shape by which a shift is measured: all arrays (rows, columns of rfft2)."""

    shape: tuple[int, int]
    f_rows: Values  # (rows, 1), cycles per pixel
    f_cols: Values  # (1, columns)
    twice: Values  # (1, columns): rfft holds most columns once for two
    weight: Values

    @classmethod
    def of(cls, shape: tuple[int, int], resolution: tuple[float, float]) -> _Band:
        rows, cols = shape
        f_rows, f_cols = np.fft.fftfreq(rows, 1.0)[:, None], np.fft.rfftfreq(cols, 1.0)[None, :]
        # From an eighth of the coarser image's Nyquist frequency, where slow brightness differs, up to that frequency.
        radius = np.hypot(f_rows * 2.0 * resolution[0], f_cols * 2.0 * resolution[1])
        weight = np.exp(-((radius / 0.7) ** 4)) * (1.0 - np.exp(-((radius / 0.12) ** 2)))
        twice = np.ones(f_cols.shape)
        twice[:, 1 : (cols + 1) // 2] = 2.0
        return cls(shape, f_rows, f_cols, twice, weight * twice)

    def vote(self, window: Spectra) -> Optional[Cross]:
        """Return the cross-spectrum as if both images had the energy 1; None where one has none."""
        energy = float(np.sqrt((self.weight * window.first).sum() * (self.weight * window.second).sum()))
        return window.cross / energy if energy > 0.0 else None

    def peak(self, cross: Cross, reach: float) -> Optional[Shift]:
        """Return where a cross-spectrum of energy 1 shows most correlation; None where chance would show as much."""
        # Half whitened: pure phase is noise where there is no signal, and the plain correlation has a flat peak.
        magnitude = np.abs(cross)
        whitened = self.weight * cross / np.sqrt(magnitude + 1e-12 * magnitude.max())
        surface = np.fft.irfft2(whitened / self.twice, s=self.shape)
        down, right = (np.abs(np.fft.fftfreq(size, 1.0) * size) <= reach for size in self.shape)
        surface = np.where(down[:, None] & right[None, :], surface, -np.inf)
        peak = np.unravel_index(int(np.argmax(surface)), self.shape)
        place = [float(np.fft.fftfreq(size, 1.0)[at] * size) for size, at in zip(self.shape, peak)]
        # The surface is known between pixels too: look closer around the peak, twice.
        for step in (0.25, 0.02):
            offsets = step * np.arange(-6, 7)
            turn_rows = np.exp(2j * np.pi * np.outer(place[0] + offsets, self.f_rows[:, 0]))
            turn_cols = np.exp(2j * np.pi * np.outer(self.f_cols[0], place[1] + offsets))
            # In numpy's own loops, since inside QGIS matrix products come from another library, with other last bits.
            close = np.einsum("kc,cl->kl", np.einsum("kr,rc->kc", turn_rows, whitened), turn_cols).real
            row, col = np.unravel_index(int(np.argmax(close)), close.shape)
            place = [place[0] + offsets[row], place[1] + offsets[col]]
        dy, dx = place
        turned = np.exp(2j * np.pi * (self.f_rows * dy + self.f_cols * dx))
        correlation = float((self.weight * (cross * turned).real).sum())
        chance = float(np.sqrt(0.5 * ((self.weight * magnitude) ** 2).sum()))  # with random phases, at one position
        if correlation < max(_LEAST_CORRELATION, _LEAST_ABOVE_CHANCE * chance):
            return None
        return Shift(float(dx), float(dy), correlation, at_least=bool(max(abs(dx), abs(dy)) > reach - 1.0))
