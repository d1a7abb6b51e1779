"""What a report shows of images beside numbers: small views, parts at full size, histograms and power spectra.

All of it is taken from a sample of windows that does not grow with the scene, but for the small view of PAN.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..grid.patch import Floats, Mask
from ..grid.tiling import sample, tiles
from ..grid.window import Window
from ..pages.evaluation import Arrow, Picture, Place
from ..pixels.shift import estimate, spectra
from ..raster.dataset import BandFacts
from ..raster.picture import jpeg
from ..raster.scene import Scene
from ..raster.sharpened import Sharpened
from ..sensors.sensor import display_bands
from .pipeline import Crew, Done
from .survey import Survey, intensities

BINS = 128
_OVERVIEW_SIDE = 640
_CROP_SIDE = 160
_SAMPLED_SIDE = 256
_SAMPLED_WINDOWS = 49
_RINGS = 64  # of the power spectrum
_TAILS = (2.0, 98.0)  # per cent of the values that pictures show as black and white
_WHOLE_RANGE = (0.05, 99.95)
_LEAST_VALID = 0.98
_LEAST_VARIANCE = 1e-12

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """What all pictures of one report share."""

    windows: tuple[Window, ...]  # the sample
    red_green_blue: tuple[int, ...]  # positions among the bands: three of them, or one for grey
    stretch: Numbers  # (bands, 2)
    ranges: Numbers  # (bands, 2), of histograms
    overview: Picture
    arrows: tuple[Arrow, ...]
    places: tuple[Place, ...]
    place_windows: tuple[Window, ...]
    frequencies: tuple[float, ...]
    pan_power: tuple[float, ...]
    variance: Numbers  # of each band of MS, which powers are told in
    histograms: tuple[tuple[int, ...], ...]  # of MS


@dataclass(frozen=True)
class Portrait:
    """What is shown of one image."""

    histograms: tuple[tuple[int, ...], ...]
    power: tuple[float, ...]
    crops: tuple[Picture, ...]


@dataclass(frozen=True)
class _Look:
    """What one window of the pair shows."""

    window: Window
    ms: Floats  # enlarged, valid pixels alone: (bands, pixels)
    activity: float  # contrast of PAN from pixel to pixel
    colour: float  # how much the colours differ
    power: Optional[Numbers]  # of PAN, in its own units
    variance: float  # of PAN at the resolution of MS, which its power is told in
    arrow: Optional[Arrow]


def setting(scene: Scene, survey: Survey, crew: Crew) -> Generator[Optional[Done[Setting]], None, None]:
    """Look at the pair; yield None as a sign of life and, last, what all pictures share."""
    windows = sample(scene.covered, _SAMPLED_SIDE, _SAMPLED_WINDOWS)
    looks: list[_Look] = []
    for sign in crew.ordered(lambda window: _look(scene, survey, window), windows):
        yield None
        if sign is not None:
            looks.append(sign.result)
    overview: Optional[Picture] = None
    for picture in _overview(scene, crew):
        yield None
        overview = picture if picture is not None else overview
    if overview is None:
        raise AssertionError("the small view ended without a result")  # pragma: no cover - it always ends with one
    small = overview
    yield from crew.aside(lambda _: _settled(scene, survey, looks, small))


def portray(image: Sharpened, common: Setting, crew: Crew) -> Generator[Optional[Done[Portrait]], None, None]:
    """Look at one image; yield None as a sign of life and, last, what is shown of it."""
    counts = np.zeros((len(common.ranges), BINS), np.int64)
    powers: list[Numbers] = []

    def look(window: Window) -> tuple[npt.NDArray[np.int64], Optional[Numbers]]:
        bands, valid = image.read(window)
        return _counted(_valid_only(bands, valid), common.ranges), _mean_power(bands, valid, common.variance)

    for sign in crew.ordered(look, common.windows):
        yield None
        if sign is not None:
            counts += sign.result[0]
            powers += [] if sign.result[1] is None else [sign.result[1]]
    crops: list[Picture] = []
    for shown in crew.ordered(lambda window: _coloured(image.read(window), common), common.place_windows):
        yield None
        if shown is not None:
            crops.append(shown.result)
    yield Done(Portrait(_listed(counts), _mean(powers), tuple(crops)))


def _look(scene: Scene, survey: Survey, window: Window) -> _Look:
    optics = survey.optics
    patch = scene.read(window, optics.pan_halo(scene.lattice), optics.fit_margin(scene.lattice), optics.fill_steps)
    ms_up, pan = optics.ms_up(patch), patch.pan_core
    ms = _valid_only(ms_up, patch.valid)
    arrow = None
    # The slivers of windows at the edge show too little.
    pair = intensities(patch, optics) if min(window.shape) >= _SAMPLED_SIDE // 2 else None
    if pair is not None:
        ratios = scene.lattice.rows.ratio, scene.lattice.cols.ratio
        shift = estimate([spectra(*pair)], ratios, max(8.0, 4.0 * max(ratios)))
        if shift is not None and not shift.at_least:
            place = window.moved(-scene.covered.row, -scene.covered.col)
            col, row = place.col + 0.5 * place.width, place.row + 0.5 * place.height
            arrow = Arrow(col, row, float(shift.dx), float(shift.dy), min(1.0, float(shift.correlation)))
    whole = patch.valid is None or patch.valid.mean() >= _LEAST_VALID
    steps = np.abs(np.diff(pan.astype(np.float64), axis=0)).mean() if whole and window.height > 1 else 0.0
    total = np.abs(ms).sum(axis=0)
    # What is black, or nearly so as its enlarged edges are, has no colour, though it differs from what has.
    lit = total > 0.1 * (total.mean() if total.size else 0.0)
    shares = ms[:, lit] / total[lit]
    return _Look(
        window,
        ms,
        float(steps),
        float(shares.std(axis=1).sum() * lit.mean()) if whole and shares.size else 0.0,
        _mean_power(pan[None], patch.valid, np.ones(1)),
        float(optics.pan_low(patch).var(dtype=np.float64)),
        arrow,
    )


def _settled(scene: Scene, survey: Survey, looks: list[_Look], overview: Picture) -> Setting:
    bands = len(scene.bands)
    stretch, ranges, histograms = np.empty((bands, 2)), np.empty((bands, 2)), []
    for band in range(bands):  # one after the other, since the sample of all of them is large
        values = np.concatenate([look.ms[band] for look in looks])
        stretch[band] = _range(values, _TAILS)
        ranges[band] = _of_whole_counts(_range(values, _WHOLE_RANGE), scene.bands[band].facts)
        histograms.append(_counted(values[None], ranges[band : band + 1])[0])
    seen = [look.ms.var(axis=1, dtype=np.float64) for look in looks if look.ms.shape[1]]
    powers = [(look.power, look.variance) for look in looks if look.power is not None]
    contrast = max(float(np.mean([variance for _, variance in powers])), _LEAST_VARIANCE) if powers else 1.0
    _, display = display_bands(survey.identity.roles)
    common = Setting(
        windows=tuple(look.window for look in looks),
        red_green_blue=tuple(band - 1 for band in display),
        stretch=stretch,
        ranges=ranges,
        overview=overview,
        arrows=tuple(look.arrow for look in looks if look.arrow is not None),
        places=(),
        place_windows=(),
        frequencies=tuple((np.arange(_RINGS) + 0.5) * 0.5 / _RINGS),
        pan_power=_mean([power / contrast for power, _ in powers]),
        variance=np.maximum(np.mean(seen, axis=0) if seen else np.ones(bands), _LEAST_VARIANCE),
        histograms=_listed(np.stack(histograms)),
    )
    largest = max(min(look.window.shape) for look in looks)
    broad = [look for look in looks if min(look.window.shape) >= min(largest, _CROP_SIDE)]  # no slivers of the edge
    busiest = max(broad, key=lambda look: (look.activity, look.ms.shape[1])).window
    most_coloured = max((look for look in broad if look.window != busiest), key=lambda look: look.colour, default=None)
    chosen = [("The busiest part", busiest)]
    if most_coloured is not None:
        chosen.append(("The part of most colours", most_coloured.window))
    windows = tuple(_middle(window) for _, window in chosen)
    places = tuple(_place(scene, survey, common, label, window) for (label, _), window in zip(chosen, windows))
    return replace(common, places=places, place_windows=windows)


def _middle(window: Window) -> Window:
    height, width = min(window.height, _CROP_SIDE), min(window.width, _CROP_SIDE)
    return Window(window.row + (window.height - height) // 2, window.col + (window.width - width) // 2, height, width)


def _place(scene: Scene, survey: Survey, common: Setting, label: str, window: Window) -> Place:
    patch = scene.read(window, 0, 1, 0)
    rows = scene.lattice.rows.ms_cells(window.row, window.height) - patch.ms_window.row
    cols = scene.lattice.cols.ms_cells(window.col, window.width) - patch.ms_window.col
    rows, cols = np.clip(rows, 0, patch.ms.shape[1] - 1), np.clip(cols, 0, patch.ms.shape[2] - 1)
    pan = patch.pan_core.astype(np.float64)
    seen = pan if patch.valid is None or not patch.valid.any() else pan[patch.valid]
    low, high = np.percentile(seen, _TAILS)
    return Place(
        label,
        window.row,
        window.col,
        _picture(_bytes(pan, low, high)),
        _coloured((patch.ms[:, rows[:, None], cols[None, :]], patch.valid), common),
    )


def _overview(scene: Scene, crew: Crew) -> Iterator[Optional[Picture]]:
    """Yield None as a sign of life and, last, PAN where both images are, each pixel the mean of a square."""
    whole = scene.covered
    side = max(1, math.ceil(max(whole.shape) / _OVERVIEW_SIDE))
    small = np.full((math.ceil(whole.height / side), math.ceil(whole.width / side)), math.nan)

    def look(tile: Window) -> tuple[Window, Numbers]:
        patch = scene.read(tile, 0, 0, 0)
        pan = patch.pan_core.astype(np.float64)
        return tile.moved(-whole.row, -whole.col), (pan if patch.valid is None else np.where(patch.valid, pan, np.nan))

    for sign in crew.ordered(look, tiles(whole, side * max(1, 1024 // side))):
        yield None
        if sign is not None:
            tile, pan = sign.result
            rows, cols = range(0, tile.height, side), range(0, tile.width, side)
            known = np.isfinite(pan)
            total = np.add.reduceat(np.add.reduceat(np.where(known, pan, 0.0), rows, axis=0), cols, axis=1)
            count = np.add.reduceat(np.add.reduceat(known.astype(np.float64), rows, axis=0), cols, axis=1)
            mean = np.divide(total, count, out=np.full_like(total, math.nan), where=count > 0)
            small[tile.row // side : tile.row // side + len(rows), tile.col // side : tile.col // side + len(cols)] = (
                mean
            )
    known = np.isfinite(small)
    low, high = np.percentile(small[known], _TAILS) if known.any() else (0.0, 1.0)
    yield _picture(_bytes(np.where(known, small, low), low, high))


def _coloured(read: tuple[Floats, Optional[Mask]], common: Setting) -> Picture:
    bands, valid = read
    planes = []
    for band in common.red_green_blue:
        plane = _bytes(bands[band].astype(np.float64), *common.stretch[band])
        planes.append(plane if valid is None else np.where(valid, plane, 255).astype(np.uint8))
    return _picture(np.stack(planes, axis=-1) if len(planes) == 3 else planes[0])


def _bytes(values: Numbers, low: float, high: float) -> npt.NDArray[np.uint8]:
    shown = np.clip((values - low) / max(high - low, 1e-12), 0.0, 1.0)
    return np.asarray(np.rint(np.nan_to_num(shown) * 255.0), np.uint8)


def _picture(image: npt.NDArray[np.uint8]) -> Picture:
    return Picture(jpeg(image), "image/jpeg", image.shape[1], image.shape[0])


def _valid_only(bands: Floats, valid: Optional[Mask]) -> Floats:
    flat = bands.reshape(len(bands), -1) if valid is None else bands[:, valid]
    finite = np.isfinite(flat).all(axis=0)
    return flat if finite.all() else flat[:, finite]


def _range(values: Floats, tails: tuple[float, float]) -> tuple[float, float]:
    low, high = (float(end) for end in np.percentile(values, tails)) if values.size else (0.0, 1.0)
    return low, high if high > low else low + 1.0


def _of_whole_counts(ends: tuple[float, float], band: BandFacts) -> tuple[float, float]:
    """Return a range whose bins all hold as many counts, where there are counts: else their histogram is a comb."""
    if np.dtype(band.data_type).kind == "f":
        return ends
    low, high = ((end - band.offset) / band.scale for end in ends)
    first = math.floor(low) - 0.5
    last = first + BINS * max(1, math.ceil((high - first) / BINS))
    return first * band.scale + band.offset, last * band.scale + band.offset


def _counted(values: Floats, ranges: Numbers) -> npt.NDArray[np.int64]:
    """Return the histogram of each band, what lies beyond its range in the outermost bins."""
    return np.stack(
        [
            np.histogram(np.clip(band, low, high), bins=BINS, range=(low, high))[0].astype(np.int64)
            for band, (low, high) in zip(values, ranges)
        ]
    )


def _mean_power(bands: Floats, valid: Optional[Mask], variance: Numbers) -> Optional[Numbers]:
    """Return the power by frequency, mean over bands, each in terms of its variance; None where too little is valid."""
    if min(bands.shape[1:]) < _SAMPLED_SIDE // 4 or (valid is not None and valid.mean() < _LEAST_VALID):
        return None
    height, width = bands.shape[1:]
    taper = np.outer(np.hanning(height), np.hanning(width))
    ring = np.hypot(np.fft.fftfreq(height, 1.0)[:, None], np.fft.rfftfreq(width, 1.0)[None, :])
    index = np.minimum((ring * 2.0 * _RINGS).astype(np.intp), _RINGS).ravel()  # the last: corners beyond 0.5
    total = np.zeros(_RINGS + 1)
    for band, one in zip(bands, variance):
        values = band.astype(np.float64)
        if valid is not None:
            values = np.where(valid, values, values[valid].mean())
        power = np.abs(np.fft.rfft2((values - values.mean()) * taper)) ** 2 / (one * (taper**2).sum())
        total += np.bincount(index, weights=power.ravel(), minlength=_RINGS + 1)
    many = np.bincount(index, minlength=_RINGS + 1) * len(bands)
    return np.asarray(total[:-1] / np.maximum(many[:-1], 1))


def _mean(powers: list[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.mean(powers, axis=0)) if powers else ()


def _listed(counts: npt.NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(value) for value in row) for row in counts)
