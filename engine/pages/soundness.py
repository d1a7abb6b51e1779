"""Verdicts on what must not happen: MS that is shifted, and pixels that are lost, invented or clipped."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Optional

from .evaluation import Candidate, Counts, Evaluation
from .finding import Finding, Level, baseline_of, named, sharpened
from .numerals import decimal, displacement, share

TOLERABLE_SHIFT = 0.3  # PAN pixels; beyond, edges get coloured fringes that are seen
_SCATTER = 0.5  # PAN pixels between places; what is measured at one place is uncertain by about a third of this
_MANY = 0.001  # share of pixels from which on a loss or clipping is more than a curiosity


def registration(evaluation: Evaluation) -> list[Finding]:
    """Return how well MS and PAN lie on each other."""
    length = size_of(evaluation.shift)
    if evaluation.shift is None or length is None:
        return [
            Finding(
                "note",
                "How MS and PAN lie on each other could not be measured. Look for coloured edges in the close-ups.",
            )
        ]
    words = displacement(*evaluation.shift)
    if length > TOLERABLE_SHIFT:
        pair = Finding(
            "warning",
            f"MS lies {decimal(length, 2)} PAN pixels off PAN ({words}), which blurs and colours edges in every "
            "method. Sharpen with the shift corrected (REGISTER), or correct the georeferencing of MS.",
        )
    else:
        pair = Finding("good", f"MS and PAN lie on each other to {decimal(length, 2)} PAN pixels.")
    return [pair, *_scatter(evaluation)]


def _scatter(evaluation: Evaluation) -> list[Finding]:
    dx, dy = evaluation.shift or (0.0, 0.0)
    off = sorted(
        length for arrow in evaluation.arrows if (length := size_of((arrow.dx - dx, arrow.dy - dy))) is not None
    )
    if len(off) < 5 or off[int(0.9 * len(off))] <= _SCATTER:
        return []
    return [
        Finding(
            "note",
            f"The shift differs over the scene, by up to {decimal(off[int(0.9 * len(off))], 1)} PAN pixels: relief or "
            "movement that one shift cannot undo. Orthorectify both images with the same elevation model.",
        )
    ]


def pixels(evaluation: Evaluation) -> list[Finding]:
    """Return which images lose, invent or clip pixels."""
    counted = [(each, each.counts) for each in sharpened(evaluation) if each.counts is not None]
    if not counted:
        return []
    baseline = baseline_of(evaluation)
    usual = 0.0 if baseline is None else clipped_share(baseline.counts)
    findings = [
        *_faulty(
            [(each, _share(counts.lost, counts.pixels)) for each, counts in counted],
            "has no value at",
            "have no value at",
            "of the pixels where PAN and MS have one. Check which nodata value was set.",
        ),
        *_faulty(
            [(each, _share(counts.invented, counts.pixels)) for each, counts in counted],
            "has values where PAN or MS has none, at",
            "have values where PAN or MS has none, at",
            "of the pixels. Mask them, or set the nodata value.",
        ),
        *_faulty(
            [(each, clipped_share(counts) - usual) for each, counts in counted],
            "seems to have clipped",
            "seem to have clipped",
            "of all values to the range of the data type, beyond what plain enlargement does. "
            "Write a data type that holds them.",
        ),
    ]
    return findings or [Finding("good", "No pixel is lost, invented or clipped.")]


def clipped_share(counts: Optional[Counts]) -> float:
    """Return the share of the values at an end of the data type."""
    if counts is None:
        return 0.0
    bands = max(len(counts.bottom), len(counts.top))
    return _share(sum(counts.bottom) + sum(counts.top), counts.pixels * bands)


def size_of(shift: Optional[tuple[float, float]]) -> Optional[float]:
    """Return the length of a shift; None where it is not known."""
    if shift is None or not all(map(math.isfinite, shift)):
        return None
    return math.hypot(*shift)


def _faulty(shares: Sequence[tuple[Candidate, float]], one: str, many: str, rest: str) -> Iterator[Finding]:
    """Yield a sentence about the images whose share is above 0; a warning from _MANY on."""
    faulty = [each for each, part in shares if part > 0.0]
    if faulty:
        worst = max(part for _, part in shares)
        verb, bound = (one, "") if len(faulty) == 1 else (many, "up to ")
        level: Level = "warning" if worst >= _MANY else "note"
        yield Finding(level, f"{named(faulty)} {verb} {bound}{share(worst)} {rest}")


def _share(count: int, total: int) -> float:
    return count / total if total else 0.0
