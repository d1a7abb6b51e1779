"""Verdicts on what must not happen: images that are shifted, and pixels that are lost, invented or clipped."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Optional

from .evaluation import Candidate, Counts, Evaluation
from .finding import Finding, Level, baseline_of, named, plural, sharpened
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
            "method. Co-register the images, or correct the georeferencing of MS.",
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


def displaced(evaluation: Evaluation) -> list[Finding]:
    """Return which sharpened images do not lie where PAN and MS do."""
    from_pan = [each for each in sharpened(evaluation) if _is_off(each.shift_from_pan)]
    # An image on PAN is off MS by what MS is off PAN; that is the pair's fault and said with it.
    pair_is_off = _is_off(evaluation.shift)
    from_ms = [
        each
        for each in sharpened(evaluation)
        if each not in from_pan
        and _is_off(each.shift_from_ms)
        and not (pair_is_off and each.shift_from_pan is not None)
    ]
    return [
        *_off(from_pan, [each.shift_from_pan for each in from_pan], "PAN"),
        *_off(from_ms, [each.shift_from_ms for each in from_ms], "MS"),
    ]


def _off(images: Sequence[Candidate], shifts: Sequence[Optional[tuple[float, float]]], given: str) -> Iterator[Finding]:
    worst = max(shifts, key=lambda shift: size_of(shift) or 0.0, default=None)
    if worst is not None:
        yield Finding(
            "warning",
            f"{named(images)} {plural(len(images), 'lies', 'lie')} off {given}, {plural(len(images), 'by', 'up to')} "
            f"{decimal(size_of(worst), 2)} PAN pixels ({displacement(*worst)}). "
            "Check the georeferencing of the file, and how the program that made it counts pixels.",
        )


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
            "has clipped",
            "have clipped",
            "of all values to the range of the data type, beyond what plain enlargement does. Write a wider data type.",
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


def _is_off(shift: Optional[tuple[float, float]]) -> bool:
    return (size_of(shift) or 0.0) > TOLERABLE_SHIFT


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
