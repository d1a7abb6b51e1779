"""What is told of a training set: in the log, in its manifest, and on its page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ... import __version__
from ...data.from_bands import Contents
from ...events import plain
from ...pages.finding import Finding
from ...pages.samples import view
from ...pages.trainingset import Collection, render
from ...request.trainingset import TrainingSetRequest
from ...sensors.sensor import display_bands
from .cutting import BETWEEN, MOST_BYTES, SURPLUS, TRAINING, VALIDATION, Plan, Stored, sample_bytes
from .heldout import Split
from .newfolder import megabytes
from .placing import CLOUDS, NODATA, SATURATED, TEXTURE
from .quarry import MISREGISTERED, Quarry

MANIFEST, REPORT = "trainingset.json", "trainingset.html"
FORMAT = 1
WHY = {
    MISREGISTERED: "MS lies farther off PAN than the limit",
    NODATA: "pixels are missing there or near",
    CLOUDS: "clouds",
    SATURATED: "saturated: too bright for the sensor",
    TEXTURE: "too little texture to learn from",
    BETWEEN: "between what is learnt from and what is measured on",
    SURPLUS: "more than were asked for, or overlapping others that are measured on",
}


@dataclass(frozen=True)
class Inventory:
    """All that is known once the samples are cut."""

    request: TrainingSetRequest
    quarries: Sequence[Quarry]
    parted: Split
    plan: Plan
    contents: Contents
    stored: Stored
    unusable: dict[str, str]  # why, by name

    @property
    def left_out(self) -> Counter[str]:
        each = (quarry.left_out for quarry in self.quarries)
        return sum(each, Counter()) + self.plan.left_out + self.stored.left_out

    @property
    def facts(self) -> dict[str, Any]:
        """Return what is told of the set wherever it is told."""
        least, most = self.contents.ratios
        stored = self.stored.samples
        return {
            "samples": sum(stored.values()),
            "training": stored.get(TRAINING, 0),
            "validation": stored.get(VALIDATION, 0),
            "patch": self.contents.patch,
            "bands": len(self.contents.bands),
            "band_names": [band.name for band in self.contents.bands],
            "ratio": round(most, 6),
            "least_ratio": round(least, 6),
            "sensor": self.contents.sensor,
            "draws_of_a_place": round(self.plan.often(), 2),
            "held_out": _held_out(self),
            "left_out": dict(self.left_out),
            "unusable": self.unusable,
        }


def told(made: Inventory) -> list[str]:
    """Return what the log says of the result."""
    stored, left_out = made.stored.samples, made.left_out
    lines = [
        f"{stored[TRAINING]} samples to learn from, each place {made.plan.often():.1f} times, and "
        f"{stored.get(VALIDATION, 0)} to measure on; {_held_out(made)}."
    ]
    if made.plan.most < made.request.most:
        lines.append(
            f"No more than {made.plan.most} samples of this size are cut: a set has {megabytes(MOST_BYTES)} at most."
        )
    if left_out:
        lines.append(f"Left out of {sum(quarry.considered for quarry in made.quarries)} places:")
        lines += [f"  {count}: {WHY[reason]}" for reason, count in left_out.most_common()]
    return lines


def _held_out(made: Inventory) -> str:
    if not made.request.validation:
        return "nothing is held out"
    return "whole images are held out" if made.parted.whole else "a strip at one end of each image is held out"


def write(folder: Path, made: Inventory, warnings: Sequence[str]) -> None:
    """Write manifest and page into the folder.  Raise OSError where that cannot be."""
    sources = [
        {
            "name": quarry.name,
            "files": list(quarry.files),
            "sensor": quarry.sensor,
            "ratio": quarry.ratio,
            "divisor": quarry.divisor,
            "shift": None if quarry.shift is None else [quarry.shift.dx, quarry.shift.dy],
            "places": quarry.considered,
            "left_out": dict(quarry.left_out),
            **{store: int(draws[number].sum()) for store, draws in made.plan.draws.items()},
        }
        for number, quarry in enumerate(made.quarries)
    ]
    manifest = {
        "format": FORMAT,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "version": __version__,
        **made.facts,
        "bands": [asdict(band) for band in made.contents.bands],
        "sources": sources,
        "statistics": made.stored.statistics,
        "warnings": list(warnings),
        "request": asdict(made.request),
    }
    (folder / MANIFEST).write_text(json.dumps(plain(manifest), indent=1, allow_nan=False), encoding="utf-8")
    page = render(_page(made, sources, warnings))
    (folder / REPORT).write_text(page, encoding="utf-8", errors="backslashreplace")


def _page(made: Inventory, sources: Sequence[dict[str, Any]], warnings: Sequence[str]) -> Collection:
    facts, request, stored = made.facts, made.request, made.stored
    _, shown = display_bands([band.role for band in made.contents.bands])
    views = tuple(
        (
            name,
            tuple(
                view(one.pan, one.truth, [("MS, enlarged", one.ms_up)], [band - 1 for band in shown])
                for one in stored.shown.get(store, ())
            ),
        )
        for store, name in ((TRAINING, "Samples to learn from"), (VALIDATION, "Samples to measure on"))
    )
    size = facts["samples"] * sample_bytes(request.patch, facts["bands"])
    details = {
        "Bands": ", ".join(facts["band_names"]),
        "Sensor": facts["sensor"],
        "Size of a sample": f"{request.patch} x {request.patch} pixels of MS, {megabytes(size)} for all",
        "Draws of a place": f"{facts['draws_of_a_place']:g} in the mean, each with other MTF gains and another shift",
        "For validation": f"{facts['held_out']}; there nothing is varied",
        "Limit of the shift": f"{request.limit:g} PAN pixels",
        "Least texture": f"{request.least_texture:g} of the bright end",
        "Seed": str(request.seed),
    }
    numbers = stored.statistics[TRAINING]
    return Collection(
        Path(request.out).name,
        datetime.now().strftime("%Y-%m-%d %H:%M"),
        __version__,
        facts["training"],
        facts["validation"],
        tuple(Finding("warning", warning) for warning in warnings),
        details,
        tuple(
            (
                source["name"],
                source["sensor"],
                f"{source['ratio']:.4g}",
                "not measurable" if source["shift"] is None else "{:+.2f} right, {:+.2f} down".format(*source["shift"]),
                f"{source['divisor']:.4g}",
                str(source["places"]),
                str(source[TRAINING]),
                str(source[VALIDATION]),
            )
            for source in sources
        ),
        tuple((WHY[reason], count) for reason, count in made.left_out.most_common()),
        ("PAN", *facts["band_names"]),
        (numbers["pan"], *numbers["bands"]),
        views,
    )
