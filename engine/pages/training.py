"""The page of a training: whether anything was gained, how the losses fell, and by which settings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .charts import Line, key, line_chart
from .document import document, listed, paragraph, section, table
from .finding import Finding
from .markup import Markup, element, joined
from .numerals import rounded, whole
from .palette import BASELINE, Stroke, stroke

_TITLE = "Training of a model"
_LEVELS = {"good": "✓ Good", "note": "• Note", "warning": "▲ Warning"}
_SCORES = {"ergas": "ERGAS", "sam": "SAM, degrees", "q2n": "Q2n", "scc": "SCC", "l1": "Mean error, network values"}
_LITTLE = 0.01  # a gain below this share of the error is none


@dataclass(frozen=True)
class Run:
    """What a training was and came to; `history` as its file has it, one mapping per line."""

    title: str
    created: str  # date and time, as shown
    version: str
    facts: Mapping[str, str]
    settings: Mapping[str, Any]
    steps: tuple[int, ...]  # of each stage, as planned
    history: tuple[Mapping[str, Any], ...]
    best: Mapping[str, float]  # of the last stage
    best_step: int
    enlarged: Mapping[str, float]  # of MS only enlarged
    warnings: tuple[str, ...]


def render(run: Run) -> str:
    """Return the page as HTML that needs nothing beside it."""
    items = [
        element("li", element("strong", _LEVELS[each.level]), element("span", each.text), class_=each.level)
        for each in judged(run)
    ]
    return document(
        _TITLE,
        [
            element("h1", f"{_TITLE}: {run.title}"),
            paragraph(f"{run.created} · KSDiff {run.version}", soft=True),
            section("meaning", "In plain words", element("ul", *items, class_="verdicts")),
            section("scores", "Scores", _scores(run)),
            section("validation", "Validation", _validation(run)),
            section("losses", "Losses", *(_losses(run, number) for number in range(1, len(run.steps) + 1))),
            section("facts", "What was trained", listed(run.facts.items())),
            section("settings", "Settings", _settings(run.settings)),
        ],
    )


def judged(run: Run) -> list[Finding]:
    """Return what the run came to, and its warnings, word for word."""
    warnings = [Finding("warning", warning) for warning in run.warnings]
    if not run.best:
        return [Finding("warning", "The last stage was never validated, so there is no model."), *warnings]
    made, enlarged = run.best["ergas"], run.enlarged["ergas"]
    said = (
        f"ERGAS {rounded(made)} at step {whole(run.best_step)} of the last stage, {rounded(enlarged)} for MS that is "
        "only enlarged"
    )
    if not math.isfinite(made) or made > enlarged * (1.0 - _LITTLE):
        return [Finding("warning", f"Nothing was gained: {said}. Train longer, or with more data."), *warnings]
    gain = 100.0 * (1.0 - made / enlarged)
    return [Finding("good", f"The error against the truth is {gain:.0f} % smaller than without it: {said}."), *warnings]


def _scores(run: Run) -> Markup:
    rows = [
        [words, rounded(run.best.get(name), 4), rounded(run.enlarged.get(name), 4)] for name, words in _SCORES.items()
    ]
    return table(["On the samples for validation", "Model", "MS only enlarged"], rows)


def _validation(run: Run) -> Markup:
    lines, names = [], []
    for number in range(1, len(run.steps) + 1):
        said = [line for line in run.history if line["stage"] == number and "validation" in line]
        if said:
            xs = [sum(run.steps[: number - 1]) + line["step"] for line in said]
            lines.append(Line(xs, [_finite(line["validation"]["ergas"]) for line in said], stroke(number - 1), True))
            with_truth = " (prior from the truth)" if number < len(run.steps) else ""
            names.append((f"Stage {number}{with_truth}", stroke(number - 1)))
    if not lines:
        return Markup()
    span = [min(x for line in lines for x in line.xs), max(x for line in lines for x in line.xs)]
    lines.append(Line(span, [_finite(run.enlarged["ergas"])] * 2, BASELINE))
    names.append(("MS only enlarged", BASELINE))
    chart = line_chart("ERGAS of the samples for validation", lines, "Step", "ERGAS, less is better")
    return joined([chart, _legend(names)])


def _losses(run: Run, stage: int) -> Markup:
    said = [line for line in run.history if line["stage"] == stage and "image" in line]
    if not said:
        return Markup()
    lines, names = [], []
    for place, (name, words) in enumerate((("image", "Image"), ("latent", "Latent"))):
        values = [_finite(line[name]) for line in said]
        if any(value is not None and value > 0.0 for value in values):
            lines.append(Line([line["step"] for line in said], values, stroke(place)))
            names.append((words, stroke(place)))
    chart = line_chart(f"Losses of stage {stage}", lines, "Step", "Mean absolute error", log=True)
    return joined([element("h3", f"Stage {stage}"), chart, _legend(names)])


def _legend(names: Sequence[tuple[str, Stroke]]) -> Markup:
    return element("ul", *(element("li", key(drawn), words) for words, drawn in names), class_="legend")


def _settings(settings: Mapping[str, Any]) -> Markup:
    return table(["Setting", "Value"], [[name, json.dumps(value)] for name, value in settings.items()], words=True)


def _finite(value: Optional[float]) -> Optional[float]:
    return value if value is not None and math.isfinite(value) else None
