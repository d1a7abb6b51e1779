"""What the scores of a training mean: how much nearer to the truth the model is than what it has to beat."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Optional

from .finding import Finding
from .markup import Markup, element
from .numerals import rounded, whole

Scores = Mapping[str, float]
# What people call a score, and whether less of it is better.
NAMES = {
    "ergas": ("ERGAS", True),
    "sam": ("SAM, degrees", True),
    "q2n": ("Q2n", False),
    "scc": ("SCC", False),
    "l1": ("Mean error, network values", True),
}
_MARKS = ("ergas", "sam", "q2n")
_LITTLE = 0.01  # a gain below this share of the error is none


def judged(
    running: bool,
    stages: int,
    last: Optional[Mapping[str, Any]],
    best: tuple[Scores, int],
    others: Mapping[str, Scores],
) -> Finding:
    """Return whether anything is gained over each of the others, by name: the first is what samples bring as MS.

    last: the line of the last validation; best: the scores of the last stage, and their step.
    """
    scores, step = best
    if running and last is None:
        return Finding("note", "Nothing has been measured yet.")
    if running and last is not None and last["stage"] < stages:
        said = _compared(last["validation"]["ergas"], others)
        return Finding(
            "note",
            f"Stage {last['stage']} learns with a prior that the truth gives, which sharpening will not have. So far, "
            f"at step {whole(last['step'])}, {said}.",
        )
    if not scores:
        return Finding("warning", "The last stage was never validated, so there is no model.")
    made = scores["ergas"]
    said = f"{_compared(made, others)}, at step {whole(step)} of the last stage"
    for place, (name, theirs) in enumerate(others.items()):
        if math.isfinite(made) and made < theirs["ergas"] * (1.0 - _LITTLE):
            continue
        if running:
            return Finding("note", f"So far nothing was gained over {name}: {said}.")
        until_then = f"; until then {name} does as well" if place else ""
        return Finding(
            "warning", f"Nothing was gained over {name}: {said}. Train longer, or with more data{until_then}."
        )
    gains = " and ".join(
        f"{_percent(made, theirs['ergas'])} smaller than that of {who}" for who, theirs in others.items()
    )
    return Finding("good", f"{'So far the' if running else 'The'} error against the truth is {gains}: {said}.")


def marks(made: Scores, others: Mapping[str, Scores], when: str = "") -> list[Markup]:
    """Return the numbers that count, each with how it compares with those of others; `when`: put behind its name."""
    found = []
    for name in _MARKS:
        words, less = NAMES[name]
        value = made.get(name, math.nan)
        lines = [element("span", words + when), element("b", rounded(value, 4))]
        for who, scores in others.items():
            theirs = scores.get(name, math.nan)
            verb = "better" if (value < theirs if less else value > theirs) else "worse"
            lines.append(element("span", f"{verb} than {who}: {rounded(theirs, 4)}", class_=verb))
        found.append(element("div", *lines))
    return found


def _compared(made: float, others: Mapping[str, Scores]) -> str:
    theirs = " and ".join(f"{rounded(scores['ergas'])} for {name}" for name, scores in others.items())
    return f"ERGAS is {rounded(made)}, against {theirs}"


def _percent(made: float, other: float) -> str:
    return f"{100.0 * (1.0 - made / other):.0f} %"
