"""Where a sharpened image lies: how far its content is shifted against that of PAN and of MS, and what that means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..grid.pairing import Lattice
from ..grid.patch import Mask
from ..grid.window import Window
from ..methods.component import mix
from ..methods.method import Moments, solve
from ..pixels.shift import Shift, Spectra, estimate, spectra
from ..raster.scene import Scene
from ..raster.sharpened import Sharpened
from .survey import LEAST_SIDE, LEAST_VALID, WARN_SHIFT, Survey, in_words

_LIKE_PAN = 0.85  # correlation with PAN in fine detail: images that have it reach 0.95 and more, enlarged MS 0.75


@dataclass(frozen=True)
class Placement:
    """The shifts of the image, in PAN pixels (None: not measurable), and what users should know of them."""

    from_pan: Optional[Shift]
    from_ms: Optional[Shift]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """What one window shows: the spectra of the image with PAN and with MS."""

    with_pan: Spectra
    with_ms: Spectra


def look(scene: Scene, survey: Survey, image: Sharpened, window: Window) -> Optional[Look]:
    """Compare the mix of bands of the image that comes nearest to PAN with PAN, and with the same mix of MS enlarged.

    None where too little is valid, or no mix resembles PAN.
    """
    optics = survey.optics
    patch = scene.read(window, 0, optics.ms_margin, optics.fill_steps)
    bands, valid = image.read(window)
    valid = both(valid, patch.valid)
    if min(window.shape) < LEAST_SIDE or (valid is not None and valid.mean() < LEAST_VALID):
        return None
    covariance = Moments.of([*bands, patch.pan_core], valid).covariance
    weights = solve(covariance[:-1, :-1], covariance[:-1, -1])
    if not weights.any():
        return None
    images = [patch.pan_core, mix(optics.ms_up(patch), weights), mix(bands, weights)]
    if valid is not None:
        images = [np.where(valid, one, one[valid].mean()) for one in images]
    pan, ms, mixed = images
    return Look(spectra(pan, mixed), spectra(ms, mixed))


def settle(looks: Sequence[Look], lattice: Lattice, pair: Optional[Shift]) -> Placement:
    """Return the placement that the windows agree on.  pair: how far MS lies from PAN, which no image can help."""
    ratios = (lattice.rows.ratio, lattice.cols.ratio)
    reach = max(8.0, 4.0 * max(ratios))
    # Against PAN the finest detail counts; against MS there is none finer than its pixels.
    from_pan = estimate((one.with_pan for one in looks), (1.0, 1.0), reach)
    from_ms = estimate((one.with_ms for one in looks), ratios, reach)
    return Placement(from_pan, from_ms, _warnings(from_pan, from_ms, pair))


def both(one: Optional[Mask], two: Optional[Mask]) -> Optional[Mask]:
    """Return what is valid in both; None: all."""
    if one is None or two is None:
        return one if two is None else two
    return one & two


def _warnings(from_pan: Optional[Shift], from_ms: Optional[Shift], pair: Optional[Shift]) -> tuple[str, ...]:
    # What is between MS and PAN, where these are shifted, has its reason in them.
    off_pan, off_ms = _beyond(from_pan, 1.0, pair), _beyond(from_ms, -1.0, pair)
    # What shows too little of PAN's detail, such as MS enlarged, has no place against PAN, unless MS says the same.
    if off_pan is not None and (off_pan.correlation >= _LIKE_PAN or off_ms is not None):
        return (
            f"The image lies {in_words(off_pan)} when laid over PAN. "
            "Correct its georeferencing, or make it anew with a program that keeps to that of PAN.",
        )
    if off_ms is not None:
        return (
            f"The colours of the image lie {in_words(off_ms)} when laid over MS, though its detail lies on PAN: they "
            "were enlarged by another convention, such as half a pixel beside. "
            "Make it anew with a program that keeps to the georeferencing of MS.",
        )
    return ()


def _beyond(found: Optional[Shift], sign: float, pair: Optional[Shift]) -> Optional[Shift]:
    """Return what of a shift lies off the line from nothing to `sign` times that of the pair; None if not worth a word.

    An image takes its colours from MS and its detail from PAN, and so lies on either or between them.
    """
    if found is None:
        return None
    off = np.array([found.dx, found.dy])
    if pair is not None and (pair.dx or pair.dy):
        line = sign * np.array([pair.dx, pair.dy])
        off = off - np.clip(off @ line / (line @ line), 0.0, 1.0) * line
    if float(np.hypot(*off)) <= WARN_SHIFT:
        return None
    return Shift(float(off[0]), float(off[1]), found.correlation, found.at_least)
