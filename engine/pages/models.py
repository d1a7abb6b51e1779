"""The page of models: what each takes, how good it was, from what it learnt, on which terms, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ..metrics.report import METRICS
from .document import document, listed, paragraph, section, table
from .finding import plural
from .markup import Markup, element, joined
from .numerals import rounded, whole
from .standing import standings

_TITLE = "Models"
_ITSELF = "this model"
_OTHERS = {"q2n": "Q2n", "l1": "Mean error"}  # scores of trainings that evaluations call otherwise, or have not


@dataclass(frozen=True)
class Measured:
    """What was measured on one set of images, for the model and by what it was compared with."""

    dataset: str
    protocol: str
    scores: Mapping[str, Mapping[str, float]]  # by method, then by metric; the model itself under no name


@dataclass(frozen=True)
class Lesson:
    """What a model learnt from, on which terms, and whom to thank."""

    what: str
    licence: str
    credits: Sequence[str]


@dataclass(frozen=True)
class Shown:
    """One model, ready to be shown."""

    title: str
    name: str  # with its version
    created: str
    description: str
    facts: Mapping[str, str]
    measured: Sequence[Measured]
    lessons: Sequence[Lesson]


def render(models: Sequence[Shown], problems: Sequence[str], created: str, version: str) -> str:
    """Return the page as HTML that needs nothing beside it; the models keep their order."""
    links = [element("a", model.name, href=f"#{_anchor(place)}") for place, model in enumerate(models)]
    count = f"{whole(len(models))} {plural(len(models), 'model', 'models')}"
    warnings = [
        element("li", element("strong", "▲ Warning"), element("span", problem), class_="warning")
        for problem in problems
    ]
    return document(
        _TITLE,
        [
            element("h1", _TITLE),
            paragraph(f"{count} · {created} · KSDiff {version}", soft=True),
            element("nav", *(joined([link, " "]) for link in links)) if len(links) > 1 else "",
            element("ul", *warnings, class_="verdicts") if warnings else "",
            *(_card(model, _anchor(place)) for place, model in enumerate(models)),
        ],
    )


def _anchor(place: int) -> str:
    return f"model-{place + 1}"


def _card(model: Shown, anchor: str) -> Markup:
    return section(
        anchor,
        model.title,
        paragraph(f"{model.name} · made {model.created}", soft=True),
        *(paragraph(line) for line in model.description.splitlines() if line.strip()),
        listed(model.facts.items()),
        *(_scores(model.measured) if model.measured else ()),
        *(_lessons(model.lessons) if model.lessons else ()),
    )


def _scores(measured: Sequence[Measured]) -> list[Markup]:
    metrics = list(dict.fromkeys(name for each in measured for found in each.scores.values() for name in found))
    rows: list[list[str]] = []
    for each in measured:
        cells = {name: _cells(name, [found.get(name) for found in each.scores.values()]) for name in metrics}
        for place, method in enumerate(each.scores):
            by = element("span", f" · {method or _ITSELF}", class_="unit")
            rows.append([joined([each.dataset, by]), *(cells[name][place] for name in metrics)])
    protocols = listed((each.dataset, each.protocol) for each in measured)
    return [element("h3", "Scores"), table(["Images", *map(_metric, metrics)], rows), protocols]


def _metric(name: str) -> str:
    metric = METRICS.get(name.lower())
    if metric is None:
        return _OTHERS.get(name, name)
    return f"{metric.name}, {metric.unit}" if metric.unit else metric.name


def _cells(name: str, values: Sequence[Optional[float]]) -> list[Markup]:
    """Return the values of one metric by several methods, the best marked where it is known which is."""
    known = name.lower() in METRICS
    marks = standings(name.lower(), values) if known else (None,) * len(values)
    return [
        element("td", rounded(value, 4), class_="best" if mark in ("best", "as good") else None)
        for value, mark in zip(values, marks)
    ]


def _lessons(lessons: Sequence[Lesson]) -> list[Markup]:
    rows = [[each.what, each.licence, "; ".join(each.credits)] for each in lessons]
    return [element("h3", "Learnt from"), table(["Images", "Licence", "Credits"], rows, words=True)]
