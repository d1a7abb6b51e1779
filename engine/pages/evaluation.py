"""What an evaluation found, ready to be shown: plain values and encoded pictures, no files and no scenes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Optional


@dataclass(frozen=True)
class Picture:
    """An encoded image."""

    data: bytes
    mime: str  # image/png or image/jpeg
    width: int
    height: int


@dataclass(frozen=True)
class MapPicture:
    """Values of the scene as colours of `palette.coloured`, from `low` to `high`; grey where there is none."""

    picture: Picture
    low: float
    high: float
    unit: str  # as written after a number: "%", or nothing


@dataclass(frozen=True)
class Counts:
    """What of an image is valid, over the pixels that PAN and MS share."""

    pixels: int
    lost: int  # not valid, though PAN and MS are
    invented: int  # valid, though PAN and MS are not
    bottom: tuple[int, ...]  # by band: values at the least count of the data type, as clipping leaves them
    top: tuple[int, ...]  # by band: values at the greatest count


@dataclass(frozen=True)
class Candidate:
    """One sharpened image under judgement."""

    name: str  # as shown: a method, or the name of a file
    kind: Literal["baseline", "method", "file"]  # baseline: MS only enlarged
    source: str  # where it comes from, in words or as a path
    reduced: Optional[Mapping[str, Any]]  # `Reduced.to_dict`; None where there was no truth to compare with
    full: Optional[Mapping[str, Any]]  # `Full.to_dict`
    counts: Optional[Counts]
    shift_from_pan: Optional[tuple[float, float]]  # PAN pixels (right, down); None: not measurable
    shift_from_ms: Optional[tuple[float, float]]
    error: Optional[MapPicture]  # per cent of the band means, against the truth
    quality: Optional[MapPicture]  # Q2n of blocks of 32 x 32, against the truth
    histograms: tuple[tuple[int, ...], ...]  # by band: counts in `Evaluation.histogram_bins` equal bins
    power: tuple[float, ...]  # mean power at `Evaluation.frequencies`; empty where not measured
    crops: tuple[Picture, ...]  # one for each of `Evaluation.places`


@dataclass(frozen=True)
class Arrow:
    """The shift of MS against PAN at one place, all in PAN pixels from the upper left."""

    col: float
    row: float
    dx: float
    dy: float
    correlation: float  # 0 to 1


@dataclass(frozen=True)
class Place:
    """A part of the scene shown at full size, beside the same part of each candidate."""

    label: str  # why it was chosen: "the busiest part"
    row: int  # of PAN itself, whatever part of it was looked at
    col: int
    pan: Picture
    ms: Picture  # as it is: enlarged by repeating its pixels


@dataclass(frozen=True)
class Evaluation:
    """Everything a page shows.  `candidates` keep the order in which they were asked for, the baseline first."""

    pan: str
    ms: tuple[str, ...]
    reference: Optional[str]  # None: the truth, if any, is the MS of the pair made coarser
    created: str  # date and time, as shown
    version: str
    facts: Mapping[str, str]  # label: value, about the pair
    band_names: tuple[str, ...]
    wavelengths: tuple[Optional[float], ...]  # micrometres
    ratio: float
    border: int  # pixels cut off for the comparison with the truth
    candidates: tuple[Candidate, ...]
    shift: Optional[tuple[float, float]]  # of MS against PAN over the whole scene, PAN pixels
    arrows: tuple[Arrow, ...]
    size: tuple[int, int]  # width and height of the part that PAN and MS share, PAN pixels
    overview: Picture  # that part of PAN, small, to draw the arrows on
    places: tuple[Place, ...]
    histogram_bins: int
    histogram_ranges: tuple[tuple[float, float], ...]  # by band: from where to where the bins reach
    ms_histograms: tuple[tuple[int, ...], ...]  # of MS itself, in the same bins
    frequencies: tuple[float, ...]  # cycles per PAN pixel, 0 to 0.5
    pan_power: tuple[float, ...]  # of PAN, scaled to the mean contrast of the MS bands
    warnings: tuple[str, ...]  # but for those of the shift, which the page tells in its own words
    notes: tuple[str, ...]
    shift_warnings: tuple[str, ...] = ()
