"""What samples can be cut from, once it was looked at: what it was found to be, and which places are worth having."""

from __future__ import annotations

import math
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Callable, Optional, TypeVar

import numpy as np
import numpy.typing as npt

from ...data.cut import Cutter
from ...data.from_bands import BandWords
from ...data.images import Memory
from ...pixels.shift import Shift
from ..survey import in_words
from .heldout import Boxes, Ground

Result = TypeVar("Result")

MISREGISTERED = "misregistered"


@dataclass(frozen=True)
class Part:
    """A part of a source that is opened at once, and the places in it that are worth a sample."""

    places: npt.NDArray[np.int64]  # (places, 3): see data.cut
    boxes: Boxes
    open: Callable[[Memory], Cutter]


@dataclass(frozen=True)
class Quarry:
    """A source, what it was found to be, and what of it was left out."""

    name: str
    files: tuple[str, ...]
    sensor: str
    ratio: float
    bands: tuple[BandWords, ...]
    gains: tuple[float, ...]  # MTF of the bands at the Nyquist frequency of MS
    pan_gain: float
    divisor: float  # counts that are 1
    shift: Optional[Shift]  # of MS against PAN, in PAN pixels; None: not measurable
    considered: int  # places
    left_out: Counter[str] = field(default_factory=Counter)
    parts: tuple[Part, ...] = ()
    crs: str = ""
    apart: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def ground(self) -> Ground:
        """Where its places lie."""
        return Ground(np.concatenate([np.zeros((0, 4)), *(part.boxes for part in self.parts)]), self.crs, self.apart)


def within(found: Quarry, limit: float) -> bool:
    """Return whether MS lies no farther off than so many PAN pixels, as far as that could be measured."""
    return found.shift is None or math.hypot(found.shift.dx, found.shift.dy) <= limit


def misregistered(found: Quarry, limit: float) -> Quarry:
    """Return a source from which nothing is cut, since MS lies off."""
    off = "" if found.shift is None else in_words(found.shift)
    warning = f"MS lies {off}. That is more than {limit:g}, so nothing is cut from {found.name}."
    return replace(
        found,
        left_out=Counter({MISREGISTERED: found.considered}),
        parts=(),
        warnings=(*found.warnings, warning),
    )


def step(patch: int) -> int:
    """Return how far places lie from their neighbours: they overlap by half."""
    return max(1, patch // 2)


def short(path: str) -> str:
    """Return the name of a file with that of its folder: that is where scenes differ."""
    return "/".join(os.path.abspath(path).replace(os.sep, "/").split("/")[-2:])
