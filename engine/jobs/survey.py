"""What is found out about a pair before it is sharpened: sensor, optics, band roles, and how far MS is shifted."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Optional

import numpy as np

from ..errors import RequestError
from ..events import Event, Progress
from ..grid.patch import Floats, Patch
from ..grid.tiling import sample
from ..grid.window import Window
from ..methods.component import mix
from ..methods.estimate import best_gain, compare_gains
from ..methods.method import Moments, solve
from ..methods.optics import Optics
from ..pixels.shift import Shift, Spectra, estimate, spectra
from ..raster.clues import clues_of
from ..raster.scene import Scene
from ..sensors.sensor import GENERIC, Sensor, band_index, detect, display_bands, find, gains_for, roles, weights_for
from .pipeline import Crew, Done
from .signs import awaited

# PAN pixels: the first that fits a window into what is valid, since a window tells more the larger it is.
WINDOW_SIZES = (512, 256, 128)
WINDOWS = 9
_GAIN_WINDOWS = 4
_STAGE = "Looking at the pair"
LEAST_SIDE = 16
_MANY_ZEROS = 0.01
_SAME_SIZE = 1.05
# A window helps to measure the shift only where nearly all of it is valid: the edge of a collar has no parallax.
LEAST_VALID = 0.98
WARN_SHIFT = 0.3  # PAN pixels
_LEAST_PLACES = 4  # parts of windows
_PARTS_ALONG = 3  # of a window, each half as long and half in the next
# MS pixels along a side of a window for a local shift.  On real pairs there is too much noise in windows of 32, and
# those of 64 see too little of how the shift changes.
LOCAL_SIDE = 48
# The share of the darkest per cent of a band that is taken for haze (path radiance falls towards the infrared).
_HAZE_SHARES = {"blue": 0.95, "green": 0.45, "red": 0.40, "nir": 0.05}


@dataclass(frozen=True)
class Identity:
    """Who took the pair, as far as the files tell."""

    sensor: Sensor
    reason: str
    known: bool  # False: the generic sensor stands in
    roles: tuple[Optional[str], ...]  # of the chosen bands
    index: tuple[Optional[int], ...]  # of the chosen bands, into sensor.bands
    gains: tuple[float, ...]
    weights: Optional[tuple[float, ...]]


@dataclass(frozen=True)
class LocalShift:
    """The shift of MS against PAN in one window of PAN."""

    window: Window
    shift: Shift


@dataclass(frozen=True)
class Survey:
    """The identity, the optics to work with, and the shift of MS against PAN in PAN pixels (None: not measurable)."""

    identity: Identity
    optics: Optics
    gain_reason: str
    shift: Optional[Shift]
    local: tuple[LocalShift, ...]  # in the windows that were looked at, where it could be measured
    shift_warnings: tuple[str, ...]
    pair_warnings: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self.shift_warnings, *self.pair_warnings)

    @property
    def shift_or_zero(self) -> tuple[float, float]:
        """How many PAN pixels MS lies right of and below PAN; 0 where that is not measurable."""
        return (0.0, 0.0) if self.shift is None else (self.shift.dx, self.shift.dy)

    @property
    def shift_px(self) -> Optional[float]:
        return None if self.shift is None else self.shift.length

    @property
    def spread_px(self) -> Optional[float]:
        """How far apart the local shifts lie, in PAN pixels; None where there are too few."""
        return spread([one.shift for one in self.local])


@dataclass(frozen=True)
class _Look:
    parts: list[tuple[Window, Spectra, Optional[Shift]]]  # PAN pixels; what the part shows alone
    gains: list[Moments]
    pixels: int  # of MS
    zeros: int  # of these, how many are 0 in all bands although nothing declares 0 as missing


def identify(scene: Scene, name: str) -> Identity:
    """Return who took the pair: the sensor of that name, or what the files say when the name is 'auto'."""
    clues = clues_of(scene)
    if name.lower() == "auto":
        found = detect(clues)
        sensor = found.sensor if found else find(GENERIC)
        reason = found.reason if found else "Neither metadata, file names nor wavelengths tell the sensor."
        known = found is not None
    else:
        try:
            sensor = find(name)
        except Exception as error:
            raise RequestError(str(error), "Or choose 'auto'.") from error
        reason, known = "It was named in the request.", sensor.id != GENERIC
    index = [band_index(clues, sensor)[band] for band in scene.chosen]
    role = [roles(clues, sensor if known else None)[band] for band in scene.chosen]
    return Identity(
        sensor, reason, known, tuple(role), tuple(index), gains_for(sensor, index), weights_for(sensor, index)
    )


def look(scene: Scene, sensor: str, kernel: str, crew: Crew) -> Generator[Optional[Done[Survey]], None, None]:
    """Survey the pair; yield None as a sign of life and, last, the survey."""
    identity = identify(scene, sensor)
    optics = _optics(scene, identity, identity.gains, identity.sensor.pan_gain, kernel)
    looks: list[_Look] = []
    for size in WINDOW_SIZES:
        windows = sample(scene.shared, size, WINDOWS)
        whole = max(window.shape for window in windows)
        needs_gains = not identity.known and not looks
        for_gains = set(windows[:: -(-len(windows) // _GAIN_WINDOWS)]) if needs_gains else set()
        look_at = partial(_look_at, scene, optics, _part_of(scene, whole), for_gains)
        for sign in crew.ordered(look_at, windows):
            if sign is None:
                yield None
            else:
                looks.append(sign.result)
        if not scene.has_gaps or any(one.parts for one in looks):
            break
    gain_reason = "from the sensor table"
    if not identity.known:
        gain = best_gain(one.gains for one in looks if one.gains)
        gain_reason = "generic values, since PAN and MS have too little in common to estimate them"
        if gain is not None:
            gain_reason = f"estimated from the pair ({gain:.2f} at the Nyquist frequency of MS)"
            optics = _optics(scene, identity, (round(gain, 3),) * len(scene.bands), optics.pan_gain, kernel)
    parts = [part for one in looks for part in one.parts]
    shift = shift_of(scene, [seen for _, seen, _ in parts], [alone for _, _, alone in parts])
    local = tuple(LocalShift(place, alone) for place, _, alone in parts if alone is not None)
    shift_warnings = _shift_warnings(shift, [one.shift for one in local], bool(parts))
    yield Done(Survey(identity, optics, gain_reason, shift, local, shift_warnings, tuple(_pair_warnings(scene, looks))))


def surveyed(scene: Scene, sensor: str, kernel: str, crew: Crew) -> Generator[Event, None, Survey]:
    """Yield events while the pair is looked at, and return the survey: `survey = yield from surveyed(...)`."""
    yield Progress(0.0, _STAGE)
    return (yield from awaited(look(scene, sensor, kernel, crew), _STAGE))


def display_of(identity: Identity) -> dict[str, object]:
    """Return how to show the bands: the kind in words, and 1-based bands for red, green, blue (or one for grey)."""
    kind, bands = display_bands(identity.roles)
    return {"kind": kind, "bands": list(bands)}


def _optics(scene: Scene, identity: Identity, gains: tuple[float, ...], pan_gain: float, kernel: str) -> Optics:
    haze: tuple[Optional[float], ...] = tuple(None for _ in gains)
    if sorted(role or "" for role in identity.roles) == sorted(_HAZE_SHARES):
        haze = tuple(_HAZE_SHARES[role] for role in identity.roles if role)
    return Optics(gains, pan_gain, kernel, scene.has_gaps, haze)


def _look_at(scene: Scene, optics: Optics, part: tuple[int, int], for_gains: set[Window], window: Window) -> _Look:
    margin, halo = optics.fit_margin(scene.lattice), optics.pan_halo(scene.lattice)
    patch = scene.read(window, halo, margin, optics.fill_steps)
    gains = compare_gains(patch, optics.kernel, len(scene.bands)) if window in for_gains else []
    own, valid = optics.ms_own(patch), optics.ms_own_valid(patch)
    offsets = np.array([band.facts.offset for band in scene.bands], own.dtype)[:, None, None]
    zeros = (own == offsets).all(axis=0)
    if valid is not None:
        zeros &= valid
    pair = intensities(patch, optics)
    parts = []
    if pair is not None:
        for place in overlapping(window, part, _PARTS_ALONG):
            seen = spectra(*(image[place.slices_in(window)] for image in pair))
            parts.append((place, seen, shift_of(scene, [seen])))
    return _Look(parts, gains, zeros.size, int(np.count_nonzero(zeros)))


def _part_of(scene: Scene, whole: tuple[int, int]) -> tuple[int, int]:
    """Return the shape of the parts of a window that have a vote each: half its sides, or all if that is too small."""
    least = LOCAL_SIDE * max(scene.lattice.rows.ratio, scene.lattice.cols.ratio)
    height, width = whole
    return (height // 2, width // 2) if min(whole) // 2 >= least else whole


def overlapping(window: Window, shape: tuple[int, int], most: int) -> list[Window]:
    """Return windows of one shape that lie evenly over another, to its edges, half of each in the next.

    None where that shape does not fit; at most `most` along each side, which then lie further apart.
    """
    height, width = shape
    if window.height < height or window.width < width:
        return []
    rows, cols = (
        np.rint(np.linspace(0, length - side, min(most, 1 + math.ceil(2 * (length - side) / side)))).astype(int)
        for length, side in zip(window.shape, shape)
    )
    return [Window(window.row + int(row), window.col + int(col), height, width) for row in rows for col in cols]


def shift_of(
    scene: Scene, windows: Sequence[Spectra], alone: Optional[Sequence[Optional[Shift]]] = None
) -> Optional[Shift]:
    """Return how far MS lies from PAN, as the windows agree; None where they have too little in common.

    `alone` is what each window says by itself, where that is known.
    """
    resolution = (scene.lattice.rows.ratio, scene.lattice.cols.ratio)
    return estimate(windows, resolution, max(8.0, 4.0 * max(resolution)), alone)


def spread(shifts: Sequence[Shift]) -> Optional[float]:
    """Return how far half of the shifts at least lie from their middle; None where they are too few to say."""
    if len(shifts) < _LEAST_PLACES:
        return None
    places = np.array([(shift.dx, shift.dy) for shift in shifts])
    return float(np.median(np.hypot(*(places - np.median(places, axis=0)).T)))


def intensities(patch: Patch, optics: Optics) -> Optional[tuple[Floats, Floats]]:
    """Return PAN and the mix of bands that comes nearest to it, both (h, w); None where too little is valid."""
    if min(patch.window.shape) < LEAST_SIDE or (patch.valid is not None and patch.valid.mean() < LEAST_VALID):
        return None
    own = Moments.of([*optics.ms_own(patch), optics.pan_own(patch)], optics.ms_own_valid(patch))
    covariance = own.covariance
    weights = solve(covariance[:-1, :-1], covariance[:-1, -1])
    if not weights.any():
        return None
    pan, intensity = patch.pan_core, optics.enlarged(patch, mix(patch.ms, weights))
    if patch.valid is not None:
        pan, intensity = (np.where(patch.valid, image, image[patch.valid].mean()) for image in (pan, intensity))
    return pan, intensity


def _pair_warnings(scene: Scene, looks: list[_Look]) -> Iterator[str]:
    zeros, pixels = sum(look.zeros for look in looks), sum(look.pixels for look in looks)
    if zeros > _MANY_ZEROS * pixels:
        yield (
            f"About {zeros / pixels:.0%} of the MS pixels are 0 in all bands, and nothing declares 0 as missing. "
            "If they are a collar or gaps, give 0 as the nodata value."
        )
    if scene.lattice.ratio < _SAME_SIZE:
        yield (
            "MS has the pixel size of PAN, so nothing tells how blurred it is, and methods that add what PAN shows "
            "beyond MS change little. Give MS as it was delivered, or use the method gsa."
        )


def _shift_warnings(shift: Optional[Shift], local: Sequence[Shift], measured: bool) -> tuple[str, ...]:
    if shift is None:
        why = "they show too little in common" if measured else "no part of them is large enough and without gaps"
        return (f"How well PAN and MS lie on each other could not be measured: {why}. Check the result along edges.",)
    warnings = []
    if shift.length > WARN_SHIFT:
        least = "at least " if shift.at_least else ""
        warnings.append(
            f"MS lies {least}{in_words(shift)}, which blurs and colours edges. "
            "Sharpen with REGISTER set to GLOBAL, which takes this away, or correct the georeferencing of MS."
        )
    apart = spread(local)
    if apart is not None and apart > WARN_SHIFT:
        warnings.append(
            f"How far MS lies off PAN differs from place to place, by {apart:.1f} PAN pixels and more in half of "
            "the scene. Sharpen with REGISTER set to LOCAL, or co-register the images first."
        )
    return tuple(warnings)


def in_words(shift: Shift) -> str:
    """Return how far something lies from where it should, such as '1.0 PAN pixels too far to the right'."""
    parts = []
    for value, positive, negative in ((shift.dx, "to the right", "to the left"), (shift.dy, "down", "up")):
        if abs(value) >= 0.05:
            parts.append(f"{abs(value):.1f} PAN pixels too far {positive if value > 0 else negative}")
    return " and ".join(parts)
