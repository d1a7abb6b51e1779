"""How far MS lies from PAN, as a whole and from place to place, what corrects it, and what is said of that.

A shift of the whole scene moves the lattice on which MS lies, so nothing is resampled for it.  What it leaves in places
becomes a smooth field, along which MS is read.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Optional

import numpy as np

from ..events import Event, Progress
from ..grid.field import AS_LOCATED, Correction, Field, fitted
from ..grid.window import Window
from ..methods.optics import Optics
from ..pixels.shift import Shift, spectra
from ..raster.scene import Scene, opened
from ..raster.writer import Profile
from ..request import LEARNED, PairRequest, SharpenRequest
from .pipeline import Crew
from .signs import awaited
from .survey import LOCAL_SIDE, WARN_SHIFT, LocalShift, Survey, in_words, intensities, overlapping, shift_of, surveyed

# PAN pixels.  No pair lies better than this, nor is a shift measured better, so nothing smaller is taken away.
LEAST_SHIFT = 0.1
# PAN pixels.  Images that name no coordinate system are mostly those that research passes on, often half a pixel off
# where their sizes or geotransforms put them.  A model would bring what PAN shows to where MS lies by mistake: on real
# pairs it then had up to 60 % more error than the best classical method.
_MISPLACED = 0.4
_EXPLAINED = 1.0  # PAN pixels around such a place, as the sensor's own misregistration is no larger as a rule
# Of correcting and measuring anew: the larger a shift, the less of what belongs together lies in both windows.
_ROUNDS = 3
_FIELD_ROUNDS = 2  # the second halves what is left, as windows are sharper once they have been straightened
_LOCAL_STAGE = "Measuring local shifts"
_DIGITS = 3  # of an applied shift, so that the metadata say exactly what was done
_MOST_ALONG = 20  # windows along a side of the scene; where that is enough, each half lies in the next
_LEAST_PLACES = 4  # windows, below which there is no field
_LEAST_FIELD = 0.2  # PAN pixels in a twentieth of the places; noise makes 0.17 at most of pairs that are aligned


@dataclass(frozen=True, eq=False)
class Registration:
    """What was measured of a pair as it is, and what is done about it."""

    how: str = "report"  # one of REGISTRATIONS
    found: Optional[Shift] = None  # None: not measured, or not measurable
    local: tuple[LocalShift, ...] = ()
    correction: Correction = AS_LOCATED
    unasked: bool = False

    @property
    def corrects(self) -> bool:
        return self.correction is not AS_LOCATED

    def told(self, survey: Survey) -> Survey:
        """Return the survey of the corrected pair with the shift of the pair as it is."""
        return replace(survey, shift=self.found) if self.corrects else survey

    def warnings(self, survey: Survey) -> tuple[str, ...]:
        """Return what is to be warned of, given the survey of the corrected pair."""
        if not self.corrects:
            return survey.warnings
        said, left = [], survey.shift
        if self.unasked and self.found is not None:
            said.append(
                f"MS lies {in_words(self.found)}. Neither image names a coordinate system that would tell where it "
                f"belongs, so MS is moved by {-self.correction.dx:+.2f}, {-self.correction.dy:+.2f} PAN pixels (x, y) "
                "for the model. Give both images one to have it stay."
            )
        if left is not None and left.length > WARN_SHIFT:
            said.append(
                f"After the correction MS still lies {in_words(left)}. "
                "Check the result along edges; where they do not meet, co-register the images by other means."
            )
        return (*said, *survey.pair_warnings)

    def facts(self, survey: Survey) -> dict[str, Any]:
        """Return what a report says of it, given the survey of the corrected pair."""
        field, left = self.correction.field, survey.shift
        return {
            "register": self.how,
            "shift_applied": [self.correction.dx, self.correction.dy],
            "shift_applied_local_px": None if field is None else round(field.greatest, 3),
            "shift_left_px": None if left is None else round(left.length, 3),
        }

    @property
    def summary(self) -> str:
        """What was done, in words."""
        if self.found is None:
            return "The shift of MS cannot be measured, and so is not corrected."
        if not self.corrects:
            return "MS lies on PAN as well as can be measured: nothing is corrected."
        field = self.correction.field
        more = "" if field is None else f", and by up to {field.greatest:.2f} more in places"
        dx, dy = self.correction.dx, self.correction.dy
        return f"MS is moved by {-dx:+.2f}, {-dy:+.2f} PAN pixels (x, y){more}, onto PAN."

    def marked(self, profile: Profile) -> Profile:
        """Return the profile of a result whose metadata say what was corrected."""
        if not self.corrects:
            return profile
        made = {"REGISTER": self.how, "SHIFT_APPLIED": f"{self.correction.dx:.3f} {self.correction.dy:.3f}"}
        if self.correction.field is not None:
            made["SHIFT_APPLIED_LOCAL"] = f"{self.correction.field.greatest:.3f}"
        told = tuple(("", f"KSDIFF_{key}", value) for key, value in made.items())
        return replace(profile, metadata=profile.metadata + told)


def registered(request: SharpenRequest, crew: Crew) -> Generator[Event, None, Registration]:
    """Yield events at least every 0.2 s while what was asked for is measured, and return it with what corrects it.

    Nothing is done where nothing was asked for, but for a model and images whose place nobody knows.
    """
    ratio = _ratio_of_no_place(request) if request.register == "report" and request.method == LEARNED else None
    unasked = ratio is not None
    if request.register == "report" and not request.out_shifts and not unasked:
        return Registration()
    survey, found = yield from as_a_whole(request, crew)
    if found is None or found.length < (_MISPLACED if unasked else LEAST_SHIFT):
        correction = AS_LOCATED
    elif ratio is not None:
        correction = _placing(found, ratio)
    else:
        correction = correcting(found)
    local: list[LocalShift] = []
    if request.register == "local" and found is not None:
        with opened(request, correction) as scene:
            shared = scene.shared
        for _ in range(_FIELD_ROUNDS):
            local = yield from in_places(request, survey.optics, correction, crew)
            fitting = crew.ordered(partial(_field, shared, correction), [local])
            field = yield from awaited(fitting, _LOCAL_STAGE)
            if field is None:
                break
            correction = replace(correction, field=field)
    elif request.out_shifts:
        local = yield from in_places(request, survey.optics, correction, crew)
    if request.register != "report":
        return Registration(request.register, found, tuple(local), correction)
    if unasked and correction is not AS_LOCATED:
        return Registration("global", found, tuple(local), correction, unasked)
    return Registration(local=tuple(local))


def _ratio_of_no_place(request: SharpenRequest) -> Optional[float]:
    """Return the ratio of a pair of images that name no coordinate system; None where they do."""
    with opened(request) as scene:
        return None if scene.grid.crs else scene.lattice.ratio


def _placing(shift: Shift, ratio: float) -> Correction:
    """Return what puts MS where it belongs that was thinned out without a thought of where its pixels lie.

    Each of its pixels shows one of a blurred image, that at half the ratio or the first of `ratio`, and not what is
    around the middle of the pixel.  If none of that explains the shift, all of it is taken away.
    """
    places = sorted((0.0, -0.5, 0.5 * (ratio - 1.0)), key=abs)
    nearest = min(places, key=lambda place: round(math.hypot(shift.dx - place, shift.dy - place), 2))
    if math.hypot(shift.dx - nearest, shift.dy - nearest) > _EXPLAINED:
        return correcting(shift)
    return Correction(nearest, nearest) if nearest else AS_LOCATED


def correcting(shift: Shift) -> Correction:
    return Correction(round(shift.dx, _DIGITS), round(shift.dy, _DIGITS))


def as_a_whole(request: PairRequest, crew: Crew) -> Generator[Event, None, tuple[Survey, Optional[Shift]]]:
    """Return the survey of the pair as it is, and its shift: what was found, and what that left when it was corrected.

    The shift is None where it cannot be measured.
    """
    with opened(request) as scene:
        first = yield from surveyed(scene, request.sensor, "polynomial", crew)
    found = left = first.shift
    for _ in range(_ROUNDS - 1):
        if found is None or left is None or left.length < LEAST_SHIFT:
            break
        with opened(request, correcting(found)) as scene:
            left = (yield from surveyed(scene, request.sensor, "polynomial", crew)).shift
        if left is not None:
            found = replace(left, dx=found.dx + left.dx, dy=found.dy + left.dy)
    return first, found


def in_places(
    request: PairRequest, optics: Optics, correction: Correction, crew: Crew
) -> Generator[Event, None, list[LocalShift]]:
    """Return the shifts of the pair as it is, measured on the corrected one, in windows all over it.

    Where nothing can be measured there is none.
    """
    local: list[LocalShift] = []
    with opened(request, correction) as scene:
        for sign in crew.ordered(partial(_measured, scene, optics, correction), _windows(scene)):
            if sign is not None and sign.result is not None:
                local.append(sign.result)
            yield Progress(0.0, _LOCAL_STAGE)
    return local


def _windows(scene: Scene) -> list[Window]:
    """Return windows of one shape that lie evenly over what both images show, to its edges."""
    shared, axes = scene.shared, (scene.lattice.rows, scene.lattice.cols)
    height, width = (min(length, round(LOCAL_SIDE * axis.ratio)) for length, axis in zip(shared.shape, axes))
    return overlapping(shared, (height, width), _MOST_ALONG)


def _measured(scene: Scene, optics: Optics, correction: Correction, window: Window) -> Optional[LocalShift]:
    margin, halo = optics.fit_margin(scene.lattice), optics.pan_halo(scene.lattice)
    pair = intensities(scene.read(window, halo, margin, optics.fill_steps), optics)
    left = None if pair is None else shift_of(scene, [spectra(*pair)])
    if left is None:
        return None
    dx, dy = correction.at(*window.centre)
    return LocalShift(window, replace(left, dx=left.dx + dx, dy=left.dy + dy))


def _field(shared: Window, correction: Correction, local: Sequence[LocalShift]) -> Optional[Field]:
    """Return the field of what the correction leaves in places; None where that is too little, or too little known."""
    if len(local) < _LEAST_PLACES:
        return None
    places = np.array([one.window.centre for one in local])
    left = np.array([(one.shift.dx - correction.dx, one.shift.dy - correction.dy) for one in local])
    spacing = max(min(local[0].window.shape) // 2, math.ceil(max(shared.shape) / _MOST_ALONG))
    field = fitted(shared, spacing, places, left)
    there = [np.hypot(*field.at(place[:1], place[1:]).ravel()) for place in places]
    return None if np.percentile(there, 95.0) < _LEAST_FIELD else field
