"""What a report found, put together: for its page, as JSON and as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Optional

import numpy as np
import numpy.typing as npt

from .. import __version__
from ..errors import without_secrets
from ..events import plain
from ..pages.evaluation import Candidate, Counts, Evaluation, MapPicture, Picture
from ..pages.palette import coloured
from ..pixels.shift import Shift
from ..raster.clues import wavelength_of
from ..raster.picture import png
from ..raster.scene import Scene
from ..request import ReportRequest
from .assess import Assessment
from .compare import Comparison
from .portrait import BINS, Portrait, Setting
from .product import name_of
from .survey import Survey

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the start of a formula
_BLOCK_ZOOM = 3  # a map of blocks has few pixels


Kind = Literal["baseline", "method", "file"]


@dataclass(frozen=True)
class Finding:
    """What was found of one image."""

    name: str
    kind: Kind
    source: str
    comparison: Optional[Comparison]
    assessment: Assessment
    portrait: Portrait


def evaluation_of(
    request: ReportRequest,
    scene: Scene,
    survey: Survey,
    common: Setting,
    findings: Sequence[Finding],
    warnings: Sequence[str],
) -> Evaluation:
    """Return everything that was found."""
    # One scale for all images, so that their colours can be compared: that of MS only enlarged, which comes first.
    errors = [one.comparison.maps.error for one in findings if one.comparison is not None and one.comparison.maps]
    highest = _high(errors[0]) if errors else 1.0
    return Evaluation(
        pan=without_secrets(request.pan),
        ms=tuple(map(without_secrets, request.ms)),
        reference=None if request.reference is None else without_secrets(request.reference),
        created=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        version=__version__,
        facts=_facts(scene, survey),
        band_names=tuple(
            band.facts.description or name_of(survey.identity, position) or f"band {position + 1}"
            for position, band in enumerate(scene.bands)
        ),
        wavelengths=tuple(_wavelength(scene, survey, position) for position in range(len(scene.bands))),
        ratio=scene.lattice.ratio,
        border=request.border,
        candidates=tuple(_candidate(one, highest) for one in findings),
        shift=_pair_of(survey.shift),
        arrows=common.arrows,
        size=(scene.covered.width, scene.covered.height),
        overview=common.overview,
        places=common.places,
        histogram_bins=BINS,
        histogram_ranges=tuple((float(low), float(high)) for low, high in common.ranges),
        ms_histograms=common.histograms,
        frequencies=common.frequencies,
        pan_power=common.pan_power,
        warnings=tuple(dict.fromkeys(warning for warning in warnings if warning not in survey.shift_warnings)),
        notes=scene.notes,
        shift_warnings=survey.shift_warnings,
    )


def _candidate(one: Finding, highest_error: float) -> Candidate:
    error = quality = None
    if one.comparison is not None and one.comparison.maps is not None:
        error = _map(one.comparison.maps.error, 0.0, highest_error, "%", 1)
        quality = _map(one.comparison.maps.quality, 0.5, 1.0, "", _BLOCK_ZOOM)
    return Candidate(
        name=one.name,
        kind=one.kind,
        source=one.source,
        reduced=None if one.comparison is None else one.comparison.numbers,
        full=one.assessment.full.to_dict(),
        counts=_counts(one.assessment),
        shift_from_pan=_pair_of(one.assessment.placement.from_pan),
        shift_from_ms=_pair_of(one.assessment.placement.from_ms),
        error=error,
        quality=quality,
        histograms=one.portrait.histograms,
        power=one.portrait.power,
        crops=one.portrait.crops,
    )


def _counts(assessment: Assessment) -> Counts:
    found = assessment.counts
    ends = (tuple(int(count) for count in end) for end in (found.bottom, found.top))
    return Counts(found.pixels, found.lost, found.invented, *ends)


def _pair_of(shift: Optional[Shift]) -> Optional[tuple[float, float]]:
    return None if shift is None else (float(shift.dx), float(shift.dy))


def judged_first(evaluation: Evaluation) -> Candidate:
    """Return the image the report is about: the first file, else the first method, else MS only enlarged."""
    ranks = {"file": 0, "method": 1, "baseline": 2}
    return min(evaluation.candidates, key=lambda candidate: ranks[candidate.kind])


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return all numbers, without the pictures, as JSON knows them."""
    found = {
        "version": evaluation.version,
        "created": evaluation.created,
        "pan": evaluation.pan,
        "ms": list(evaluation.ms),
        "reference": evaluation.reference,
        "facts": dict(evaluation.facts),
        "band_names": list(evaluation.band_names),
        "wavelengths_um": list(evaluation.wavelengths),
        "ratio": evaluation.ratio,
        "border": evaluation.border,
        "shift": evaluation.shift,
        "local_shifts": [
            {"col": arrow.col, "row": arrow.row, "dx": arrow.dx, "dy": arrow.dy, "correlation": arrow.correlation}
            for arrow in evaluation.arrows
        ],
        "images": [
            {
                "name": one.name,
                "kind": one.kind,
                "source": one.source,
                "reduced": one.reduced,
                "full": one.full,
                "counts": None if one.counts is None else vars(one.counts),
                "shift_from_pan": one.shift_from_pan,
                "shift_from_ms": one.shift_from_ms,
            }
            for one in evaluation.candidates
        ],
        "warnings": [*evaluation.shift_warnings, *evaluation.warnings],
        "notes": list(evaluation.notes),
    }
    return dict(plain(found))


def as_text(evaluation: Evaluation) -> str:
    """Return all numbers as a JSON document."""
    return json.dumps(as_json(evaluation), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def as_csv(evaluation: Evaluation) -> str:
    """Return a table with one line per image; numbers of bands have the band's number in the name of their column."""
    rows = [dict(_row(one)) for one in evaluation.candidates]
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _row(one: Candidate) -> Iterator[tuple[str, Any]]:
    yield "image", _inert(one.name)
    yield "kind", one.kind
    yield "source", _inert(one.source)
    for prefix, numbers in (("reduced", one.reduced), ("full", one.full)):
        for name, value in (numbers or {}).items():
            yield from _cells(f"{prefix}_{name}", value)
    for name, value in ({} if one.counts is None else vars(one.counts)).items():
        yield from _cells(f"count_{name}", value)
    for name, shift in (("shift_from_pan", one.shift_from_pan), ("shift_from_ms", one.shift_from_ms)):
        for axis, value in zip("xy", shift or ("", "")):
            yield f"{name}_{axis}", value


def _cells(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (list, tuple)):
        for number, item in enumerate(value, 1):
            yield f"{name}_{number}", "" if item is None else item
    else:
        yield name, "" if value is None else value


def _inert(text: str) -> str:
    """Return text that a spreadsheet shows and does not run."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _facts(scene: Scene, survey: Survey) -> Mapping[str, str]:
    lattice, identity = scene.lattice, survey.identity
    covered = scene.covered
    return {
        "Sensor": f"{identity.sensor.name} ({identity.reason.rstrip('.')})",
        "Size": f"{covered.width} x {covered.height} PAN pixels that both images cover",
        "Ratio": f"{lattice.cols.ratio:.4g} x {lattice.rows.ratio:.4g} PAN pixels per MS pixel",
        "MTF gains": f"{', '.join(f'{gain:.2f}' for gain in survey.optics.gains)} ({survey.gain_reason})",
        "Data type": ", ".join(dict.fromkeys(band.facts.data_type for band in scene.bands)),
    }


def _wavelength(scene: Scene, survey: Survey, position: int) -> Optional[float]:
    own = wavelength_of(scene.bands[position].facts.metadata)
    index = survey.identity.index[position]
    return own if own is not None or index is None else survey.identity.sensor.bands[index].wavelength_um


def _map(values: npt.NDArray[np.float64], low: float, high: float, unit: str, zoom: int) -> MapPicture:
    image = coloured(values, low, high)
    image = np.ascontiguousarray(image.repeat(zoom, axis=0).repeat(zoom, axis=1))
    return MapPicture(Picture(png(image), "image/png", image.shape[1], image.shape[0]), low, high, unit)


def _high(values: npt.NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(max(np.percentile(known, 99.0), 1e-6)) if known.size else 1.0
