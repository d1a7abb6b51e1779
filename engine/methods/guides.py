"""What a network that knows no sensor is shown of one band, and what it is told of the pair.

Everything is a difference, in a unit that the pair itself gives: no bit depth, no haze, no number of bands is left in
it.  The network begins at a classical guess, MTF-GLP-FS, and learns what that misses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Optional

import numpy as np
import numpy.typing as npt

from ..grid.pairing import Axis, Lattice
from ..grid.patch import Floats, Patch
from ..grid.window import Window
from ..pixels.filters import fill_gaps
from ..pixels.noise import noise_of
from ..pixels.resample import resample
from .method import Moments, State, slope, solve, total
from .optics import Optics, Reach, blurred, sight

# In the order of the channels that a network gets beside the band itself: `Guides.shown` gives the images, the state
# has the facts, the same numbers everywhere.
IMAGES = (
    "PAN",
    "detail of PAN",
    "detail of PAN in proportion to the band",
    "band as MS has it",
    "PAN as MS would have it",
    "PAN that the bands do not explain",
    "band that the other bands do not explain",
)
FACTS = (
    "ratio",
    "sharpness of PAN",
    "sharpness of the band",
    "correlation of band and PAN",
    "gain of the band on PAN",
    "share of PAN that the bands explain",
    "share of the band that the others explain",
    "contrast of the detail",
    "shift in columns",
    "shift in rows",
)
BESIDE_PAN = len(IMAGES) + len(FACTS) - 1  # channels
_WIDE = 2.0  # MS pixels: what is wider than this Gaussian is brightness, of which MS is right
_WIDE_REACH = 8  # MS pixels, 4 times that
_LEAST_COARSE = 6  # pixels on a side of MS made coarser
# Pixels: what is lost between these two Gaussians, and before the first, tells how sharp an image is.
_FINE = (0.7, 1.4)
_FINE_REACH = 6  # pixels, 4 times the wider
_MOST_FACTOR = 20.0  # units, for detail in proportion, which has no meaning in the dark
_GAINS = (0.1, 0.6)  # of PAN, between the dullest sensors known and images that were resampled without a filter
_HALVINGS = 8
# Of the logarithm that tells sharpness: what the sensor's gain leaves within this is no contradiction.
_ALIKE = 0.12
_DARK = 0.05  # of the mean of PAN


@dataclass(frozen=True)
class Shown:
    """The classical guess in counts, (bands, h, w), and in units what a network gets of each band beside the FACTS.

    band: (bands, 1, h, w), the guess without its brightness; guides: (bands, IMAGES, h, w); both float32.
    """

    guess: Floats
    band: Floats
    guides: Floats


@dataclass(frozen=True)
class Measured:
    """Moments on the PAN pixels, and of the finest detail of PAN and of MS on their own pixels."""

    pair: Moments
    pan: Moments
    ms: Moments

    def __add__(self, other: Measured) -> Measured:
        return Measured(self.pair + other.pair, self.pan + other.pan, self.ms + other.ms)


class Guides:
    """Measures a pair, and shows it band by band.  `shift`: how many PAN pixels MS lies right of and below PAN."""

    def __init__(self, optics: Optics, shift: tuple[float, float] = (0.0, 0.0)) -> None:
        self._optics = optics
        self._shift = shift
        self._distinct = sorted(set(optics.gains))
        self._which = [self._distinct.index(gain) for gain in optics.gains]

    def of_coarser(self, lattice: Lattice) -> Guides:
        """Return the guides of a pair on this lattice once it is made coarser, where its shift is fewer pixels."""
        across, down = self._shift
        return Guides(self._optics, (across / lattice.cols.ratio, down / lattice.rows.ratio))

    def reach(self, lattice: Lattice) -> Reach:
        """Return what must be in memory around the window of a patch."""
        optics = self._optics
        deeper = _WIDE_REACH if optics.has_gaps else 0
        wide = math.ceil((_WIDE_REACH + deeper) * max(lattice.rows.ratio, lattice.cols.ratio))
        return Reach(
            optics.pan_halo(lattice) + wide, optics.ms_margin + _WIDE_REACH + deeper, optics.fill_steps + deeper
        )

    def measure(self, patch: Patch) -> Measured:
        """Return what one patch contributes to the state."""
        optics = self._optics
        ms_up, brightness, low, smooth, pan_brightness = self._images(patch, optics)
        pair = [*ms_up, patch.pan_core, *low, *(ms_up - brightness), smooth - pan_brightness]
        pan = patch.pan
        if patch.pan_valid is not None:
            pan = fill_gaps(pan[None], patch.pan_valid, _FINE_REACH)[0]
        fine = _finest_in(patch.window, pan, patch.pan_window)
        own = [band for images in _finest_in(patch.ms_centres, patch.ms, patch.ms_window) for band in images]
        return Measured(
            Moments.of(pair, patch.valid), Moments.of(fine, patch.valid), Moments.of(own, optics.ms_own_valid(patch))
        )

    def settle(self, measured: Iterable[Measured], lattice: Lattice) -> State:
        """Return the state of the scene.  Raise MethodError where too little was seen."""
        looks = list(measured)
        moments = total([look.pair for look in looks])
        everything = sum(looks[1:], looks[0])
        bands = len(self._which)
        covariance = moments.covariance
        first = bands + 1 + len(self._distinct)
        pan_own = first + bands
        own = slice(first, pan_own)  # MS without its brightness
        gains = np.array(
            [
                slope(float(covariance[band, bands]), float(covariance[bands + 1 + which, bands]))
                for band, which in enumerate(self._which)
            ]
        )
        level = np.abs(moments.mean)
        own_covariance, shared = covariance[own, own], covariance[own, pan_own]
        spread, least = np.sqrt(np.diagonal(own_covariance)), 1e-6 * level[:bands] + 1e-12
        units = np.maximum(spread, least)
        pan_unit = max(math.sqrt(covariance[pan_own, pan_own]), 1e-6 * level[bands] + 1e-12)
        varied = [band for band in range(bands) if spread[band] > least[band]]  # rounding explains nothing
        mix = _explaining(own_covariance, shared, varied)
        others = np.stack(
            [
                _explaining(own_covariance, own_covariance[band], [other for other in varied if other != band])
                for band in range(bands)
            ]
        )
        explained = np.einsum("bk,bk->b", others, own_covariance) / units**2
        detail = [
            covariance[bands, bands] + covariance[low, low] - 2.0 * covariance[bands, low]
            for low in range(bands + 1, first)
        ]
        facts = np.empty((bands, len(FACTS)))
        facts[:, 0] = lattice.ratio / 4.0 - 1.0
        facts[:, 1] = _log_ratio(*everything.pan.std)
        facts[:, 2] = [_log_ratio(*everything.ms.std[[band, bands + band]]) for band in range(bands)]
        facts[:, 3] = shared / (units * pan_unit)
        facts[:, 4] = gains * pan_unit / units
        facts[:, 5] = math.sqrt(max(0.0, float((mix * shared).sum()))) / pan_unit
        facts[:, 6] = np.sqrt(np.maximum(explained, 0.0))
        facts[:, 7] = [_log_ratio(math.sqrt(max(0.0, detail[which])), pan_unit) for which in self._which]
        facts[:, 8:] = self._shift
        return {
            "gains": gains,
            "units": units,
            "pan_unit": np.asarray(pan_unit),
            "pan_level": moments.mean[bands],
            "dark": np.asarray(_DARK * level[bands] + 1e-12),
            "mix": mix,
            "others": others,
            "facts": facts,
        }

    def shown(self, patch: Patch, state: State) -> Shown:
        """Return the guess, and what is shown of each band, for the window of `patch`."""
        # Zeros deep in gaps would darken what the wide filters make of their surroundings.
        optics = replace(self._optics, deep=float(state["pan_level"]))
        ms_up, brightness, low, smooth, pan_brightness = self._images(patch, optics)
        kind = ms_up.dtype
        gains, units, mix, others = (state[name].astype(kind) for name in ("gains", "units", "mix", "others"))
        pan_unit, dark = kind.type(state["pan_unit"]), kind.type(state["dark"])
        details = [patch.pan_core - image for image in low]
        own, pan_own = ms_up - brightness, smooth - pan_brightness
        unexplained = own - _mixed(others, own)
        bands, height, width = ms_up.shape
        guides = np.empty((bands, len(IMAGES), height, width), np.float32)
        guides[:, 0] = (patch.pan_core - pan_brightness) / pan_unit
        guides[:, 4] = pan_own / pan_unit
        guides[:, 5] = (pan_own - _mixed(mix[None], own)[0]) / pan_unit
        guess = np.empty_like(ms_up)
        for band, which in enumerate(self._which):
            detail = details[which]
            guess[band] = ms_up[band] + gains[band] * detail
            guides[band, 1] = detail / pan_unit
            factor = ms_up[band] * detail / np.maximum(low[which], dark) / units[band]
            guides[band, 2] = np.clip(factor, -_MOST_FACTOR, _MOST_FACTOR)
            guides[band, 3] = own[band] / units[band]
            guides[band, 6] = unexplained[band] / units[band]
        shown = ((guess - brightness) / units[:, None, None])[:, None]
        return Shown(guess, np.asarray(shown, np.float32), guides)

    def _images(self, patch: Patch, optics: Optics) -> tuple[Floats, Floats, list[Floats], Floats, Floats]:
        """Return enlarged MS, its brightness, PAN through each distinct gain and through their mean, its brightness."""
        ms_up = optics.ms_up(patch)
        brightness = optics.enlarged(patch, blurred(patch.ms, _WIDE))
        low = [optics.pan_low(patch, gain) for gain in self._distinct]
        smooth = low[0] if len(low) == 1 else optics.pan_low(patch)
        return ms_up, brightness, low, smooth, optics.pan_wide(patch, _WIDE, _WIDE_REACH)


def coarser(optics: Optics, patch: Patch) -> Optional[tuple[Patch, Floats]]:
    """Return the pair of `patch` as sensors with pixels `ratio` times as large see it, and MS, which is its truth.

    PAN comes to lie on the MS pixels whose centres are in the window, whose edges count as those of an image.  None
    where there are gaps, or too few pixels to tell anything.
    """
    counts = coarser_shape(optics, patch)
    if counts is None:
        return None
    truth, lattice = optics.ms_own(patch), Lattice(*_coarser_axes(patch))
    window, own = Window(0, 0, *truth.shape[1:]), Window(0, 0, *counts)
    ms = np.empty((len(truth), *counts), truth.dtype)
    for band, gain, into in zip(truth, optics.gains, ms):
        into[...] = resample(band, *sight(lattice, own, gain, window))
    return Patch(window, lattice, window, _pan_coarser(optics, patch), own, ms), truth


def coarser_shape(optics: Optics, patch: Patch) -> Optional[tuple[int, int]]:
    """Return how many pixels MS made coarser has; None where there are gaps, or too few to tell anything."""
    centres = patch.ms_centres
    # What is whole but for rounding is whole.
    rows, cols = (math.floor(length * axis.scale + 1e-9) for length, axis in zip(centres.shape, _coarser_axes(patch)))
    gaps = any(mask is not None and not mask.all() for mask in (patch.valid, optics.ms_own_valid(patch)))
    return None if gaps or min(rows, cols) < _LEAST_COARSE else (rows, cols)


def _coarser_axes(patch: Patch) -> tuple[Axis, Axis]:
    return Axis(patch.lattice.rows.scale, 0.0), Axis(patch.lattice.cols.scale, 0.0)


def coarser_pairs(optics: Optics, patches: Sequence[Patch], state: State) -> list[tuple[Patch, Floats]]:
    """Return what `coarser` makes of the patches of a scene whose state is known, PAN being like it is there."""
    alike = as_seen(optics, patches, state)
    return [pair for patch in patches if (pair := coarser(alike, patch)) is not None]


def as_seen(optics: Optics, patches: Sequence[Patch], state: State) -> Optics:
    """Return optics that leave PAN, made coarser, as noisy and as sharp on its own pixels as it is in the scene.

    What is known of a sensor is of its images as they come down, not as products that were resampled or made coarser
    before: the relation between PAN and MS, which a network needs, would be another at the coarser scale.  Where no
    patch can be made coarser the optics stay.
    """
    usable = [patch for patch in patches if coarser_shape(optics, patch) is not None]
    if not usable:
        return optics
    noisy = replace(optics, pan_noise=noise_of(patch.pan_core for patch in usable))
    sharpness = float(state["facts"][0, FACTS.index("sharpness of PAN")])

    def beyond(gain: float) -> float:
        """Return by how much PAN is sharper than it is in the scene, once it is made coarser with this gain."""
        first, *rest = (Moments.of(_finest(_pan_coarser(replace(noisy, pan_gain=gain), patch))) for patch in usable)
        return _log_ratio(*sum(rest, first).std) - sharpness

    if abs(beyond(optics.pan_gain)) < _ALIKE:  # as is usual, or noise hides how sharp it is
        return noisy
    low, high = _GAINS
    for _ in range(_HALVINGS):
        gain = 0.5 * (low + high)
        low, high = (gain, high) if beyond(gain) < 0.0 else (low, gain)
    return replace(noisy, pan_gain=0.5 * (low + high))


def _pan_coarser(optics: Optics, patch: Patch) -> Floats:
    """Return PAN made coarser, with noise that depends on the place alone: (rows, cols)."""
    pan = optics.pan_own(patch, optics.pan_gain)
    if optics.pan_noise > 0.0:
        generator = np.random.default_rng((patch.window.row, patch.window.col))
        pan = pan + (optics.pan_noise * generator.standard_normal(pan.shape)).astype(pan.dtype)
    return pan


def _explaining(
    covariance: npt.NDArray[np.float64], target: npt.NDArray[np.float64], by: list[int]
) -> npt.NDArray[np.float64]:
    """Return the weights of all bands, 0 but for those `by`, in the mix nearest to what has these covariances."""
    weights = np.zeros(len(target))
    if by:
        weights[by] = solve(covariance[np.ix_(by, by)], target[by])
    return weights


def _mixed(weights: Floats, images: Floats) -> Floats:
    """Return mixes of images, (mixes, h, w), by weights (mixes, images).

    A matrix product would be left to whatever library the program around has loaded for it, such as QGIS that of GSL,
    and would come out with other last bits there.
    """
    return np.asarray(np.einsum("mi,ihw->mhw", weights, images))


def _finest(images: Floats) -> tuple[Floats, Floats]:
    """Return what two Gaussians take from images: the finest detail, and the next."""
    once, twice = (blurred(images, sigma) for sigma in _FINE)
    return images - once, once - twice


def _finest_in(window: Window, images: Floats, covered: Window) -> tuple[Floats, Floats]:
    """Return `_finest` in a window of images that cover another: no more is filtered than it depends on."""
    around = window.grown(_FINE_REACH).clipped(covered)
    rows, cols = around.slices_in(covered)
    fine, next_to_it = _finest(images[..., rows, cols])
    rows, cols = window.slices_in(around)
    return fine[..., rows, cols], next_to_it[..., rows, cols]


def _log_ratio(first: float, second: float) -> float:
    return math.log((first + 1e-12) / (second + 1e-12))
