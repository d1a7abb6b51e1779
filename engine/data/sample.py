"""One training sample, how counts become the values a network sees, and what is varied from sample to sample."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InputError, RequestError
from ..pixels.brightness import bright_end

Floats = npt.NDArray[Any]

MOST_DEVIATION = 2.0  # drawn shifts end at so many standard deviations, so that the pixels they need are bounded
MOST_SHIFT = 8.0  # PAN pixels, the farthest that MS is ever drawn away
_LEAST_GAIN, _MOST_GAIN = 0.05, 0.95  # a Gaussian has neither 0 nor 1 at the Nyquist frequency


@dataclass(frozen=True)
class Sample:
    """PAN and MS as a sharpener gets them, and what it should make of them, all on one grid, in counts, float32.

    `origin` names the piece for people.  Raise InputError where the three do not match or hold NaN.
    """

    pan: Floats  # (h, w), or (channels, h, w) where guides come with it
    ms_up: Floats  # (bands, h, w)
    truth: Floats  # (bands, h, w)
    origin: str
    finished: bool = False  # its source has varied all there is: what comes with PAN has directions and units

    def __post_init__(self) -> None:
        if self.truth.ndim != 3 or self.truth.shape != self.ms_up.shape or self.truth.shape[1:] != self.pan.shape[-2:]:
            raise InputError(
                f"The images of {self.origin} do not match: PAN is {_size(self.pan)}, enlarged MS "
                f"{_size(self.ms_up)}, the truth {_size(self.truth)}.",
                "Give images of one grid, MS and truth with the same bands.",
            )
        # A sum is NaN or infinite where any of its terms is, and is found faster than by looking at each.
        if not all(math.isfinite(image.sum()) for image in (self.pan, self.ms_up, self.truth)):
            raise InputError(
                f"{self.origin} holds values that are no numbers (NaN or infinite).",
                "Declare what stands for missing pixels as nodata, or leave this file out.",
            )


@dataclass(frozen=True)
class Scaling:
    """Counts over `divisor` are what a network sees: about 0 to 1, PAN and all bands alike.

    `brightness` is what is missing from MS and truth then, and is put back where errors are compared with it.
    """

    divisor: float
    brightness: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.divisor) and self.divisor > 0.0):
            raise RequestError(
                f"Counts cannot be divided by {self.divisor:g}.", "Give the largest count of the sensor, such as 2047."
            )

    @classmethod
    def of(cls, bands: Iterable[Floats]) -> Scaling:
        """Return the scaling by the brightest 99.9th percentile among bands, each any shape, valid pixels only.

        Raise InputError where they hold nothing above 0.
        """
        top = bright_end(band[np.isfinite(band)] for band in bands)
        if not top > 0.0:
            raise InputError(
                "The images hold no valid values above 0, so there is nothing to scale by.",
                "Check the nodata values, or give the divisor.",
            )
        return cls(top)


@dataclass(frozen=True)
class Variation:
    """What is drawn anew for each sample, so that a network does not rely on what it cannot know.

    Raise RequestError where a number has no meaning.
    """

    mtf: float = 0.05  # MTF gains are off by up to this; MS bands together, PAN on its own
    shift: float = 0.15  # standard deviation, in PAN pixels and on each axis, of how far MS lies from where it should
    brightness: tuple[float, float] = (0.7, 1.3)  # one factor for PAN and all bands, so that band ratios stay
    turns: bool = True  # the eight ways to lay a square
    mix: float = 0.25  # of PAN simulated from bands: standard deviation of the logarithm of their weights
    noise: float = 0.002  # of PAN simulated from bands: standard deviation, as a share of the scaling's divisor
    # Of the noise of PAN, which it loses where it is made coarser: up to so much comes back.  A network that never saw
    # any takes it for detail, of which it makes more.
    grain: float = 1.0

    def __post_init__(self) -> None:
        low, high = self.brightness
        if not 0.0 < low <= high or not math.isfinite(high):
            raise RequestError(
                f"Brightness cannot vary between {low:g} and {high:g}.", "Give two factors above 0, the smaller first."
            )
        for name in ("mtf", "shift", "mix", "noise", "grain"):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0.0:
                raise RequestError(f"A variation of {name} by {value:g} has no meaning.", "Give 0 or more.")
        if self.shift * MOST_DEVIATION > MOST_SHIFT:
            raise RequestError(
                f"Shifts of {self.shift:g} PAN pixels would tear PAN and MS apart.",
                f"Give at most {MOST_SHIFT / MOST_DEVIATION:g}.",
            )

    def gains(self, known: tuple[float, ...], generator: np.random.Generator) -> tuple[float, ...]:
        """Return MTF gains, all off by the same draw."""
        error = self.mtf * generator.uniform(-1.0, 1.0)
        return tuple(min(max(gain + error, _LEAST_GAIN), _MOST_GAIN) for gain in known)

    def shifts(self, generator: np.random.Generator) -> tuple[float, float]:
        """Return how far down and right, in PAN pixels, MS shows things from where they are."""
        down, right = self.shift * np.clip(generator.standard_normal(2), -MOST_DEVIATION, MOST_DEVIATION)
        return float(down), float(right)


STILL = Variation(mtf=0.0, shift=0.0, brightness=(1.0, 1.0), turns=False, mix=0.0, noise=0.0, grain=0.0)


class Source(Protocol):
    """Where samples come from.  Threads may draw at the same time; what is drawn depends on `generator` alone."""

    name: str
    bands: int
    guides: int  # channels that come with PAN, beside it
    scaling: Scaling

    def check(self, patch: int) -> None:
        """Raise EngineError where no sample of `patch` x `patch` pixels can be had."""

    def draw(self, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        """Return a random sample."""

    def spread(self, patch: int, count: int) -> list[Sample]:
        """Return up to `count` samples spread evenly, always the same, with nothing varied."""


def evenly(total: int) -> npt.NDArray[np.intp]:
    """Return the indices 0 to `total` in an order whose every beginning is spread evenly (golden-ratio steps)."""
    return np.argsort(np.arange(total) * 0.6180339887498949 % 1.0, kind="stable")


def too_large(name: str, patch: int, shape: tuple[int, int], of: str) -> Optional[RequestError]:
    """Return the error where a patch does not fit into `shape` (h, w), else None."""
    if patch <= min(shape):
        return None
    return RequestError(
        f"A patch of {patch} x {patch} pixels is larger than {of} {name}, {shape[1]} x {shape[0]}.",
        f"Choose a patch of at most {min(shape)}, or leave this image out.",
    )


def _size(image: Floats) -> str:
    return " x ".join(str(length) for length in image.shape)
