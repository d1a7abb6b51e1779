"""One sentence about an evaluation, and how good or bad the news is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Optional

from .evaluation import Candidate, Evaluation
from .markup import enumerated

Level = Literal["good", "note", "warning"]


@dataclass(frozen=True)
class Finding:
    """A verdict: `text` starts with the fact and ends, where something is wrong, with what to do."""

    level: Level
    text: str


def named(candidates: Iterable[Candidate]) -> str:
    """Return the names of the images for a sentence: "a, b and c"."""
    return enumerated(candidate.name for candidate in candidates)


def baseline_of(evaluation: Evaluation) -> Optional[Candidate]:
    """Return the image that is MS only enlarged, where there is one."""
    return next((each for each in evaluation.candidates if each.kind == "baseline"), None)


def sharpened(evaluation: Evaluation) -> list[Candidate]:
    """Return the images that claim more than the baseline does."""
    return [each for each in evaluation.candidates if each.kind != "baseline"]


def plural(count: int, one: str, many: str) -> str:
    """Return the form of a verb or noun that goes with so many."""
    return one if count == 1 else many
