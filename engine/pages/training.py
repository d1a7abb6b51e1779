"""The page of a training, while it runs and at its end: where it stands, whether anything was gained, how it looks."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Optional

from .charts import Line, key
from .curves import curves
from .document import document, listed, paragraph, section, table
from .finding import Finding
from .gains import NAMES, judged, marks
from .markup import Markup, element, joined
from .numerals import plain, rounded, whole
from .palette import BASELINE, GIVEN, Stroke, stroke
from .samples import STYLE as LOOKS_STYLE
from .samples import View, looks

_TITLE = "Training of a model"
_LEVELS = {"good": "✓ Good", "note": "• Note", "warning": "▲ Warning"}
_STATES = {"running": "Running", "finished": "Finished", "stopped": "Stopped", "failed": "Failed"}
_CURVES = {"ergas": "ERGAS, less is better", "sam": "SAM in degrees, less is better", "q2n": "Q2n, more is better"}
_LOSSES = {"image": "Of the image", "latent": "Of the latent", "rate": "Learning rate"}
_RIVAL = Stroke(GIVEN.color, "2 2.5", 1.5)
_REFRESH_SECONDS = 10
_STYLE = """
.status { margin: 1.25rem 0; padding: .9rem 1.1rem 1rem; border: 1px solid var(--rule); border-radius: 8px;
  background: var(--ground); }
.status p { margin: 0; max-width: none; } .status strong { margin-right: .6rem; font-size: 1.05rem; }
.status .running { color: #0550ae; } .status .finished { color: #1a7f37; }
.status .stopped, .status .failed { color: #953800; }
.track { height: 8px; margin: .6rem 0; border-radius: 4px; background: var(--rule); overflow: hidden; }
.track div { height: 100%; background: #0072b2; }
.marks { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .8rem; margin: 1rem 0; }
.marks div { padding: .7rem 1rem; border: 1px solid var(--rule); border-radius: 8px; }
.marks b { display: block; font-size: 1.7rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.marks span { display: block; font-size: .8125rem; color: var(--soft); }
.marks .better { color: #1a7f37; } .marks .worse { color: #953800; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: .5rem 1rem; }
.curves figure { margin: .25rem 0; }
details summary { cursor: pointer; color: #0550ae; font-size: .875rem; }
"""


@dataclass(frozen=True)
class Status:
    """Where a run stands."""

    state: Literal["running", "finished", "stopped", "failed"]
    words: str  # which step of which stage, how fast, how long it will take
    advice: str  # what to do next; empty: nothing
    fraction: float


@dataclass(frozen=True)
class Run:
    """What a training is and came to; `history` as its file has it, one mapping per line."""

    title: str
    written: str  # date and time, as shown
    version: str
    status: Status
    facts: Mapping[str, str]
    sources: tuple[tuple[str, ...], ...]  # rows of a table: what, kind, sensor, ratio, bands, share
    settings: Mapping[str, Any]
    stages: int
    history: tuple[Mapping[str, Any], ...]
    best: Mapping[str, float]  # of the last stage
    best_step: int
    baseline: str  # what MS of the samples is
    enlarged: Mapping[str, float]  # of that
    rivals: Mapping[str, Mapping[str, float]]  # other methods by name, on the same samples
    views: tuple[View, ...]
    seen: str  # of which step the views are
    warnings: tuple[str, ...]

    @property
    def last(self) -> Optional[Mapping[str, Any]]:
        """The line of the history with the last validation."""
        return next((line for line in reversed(self.history) if "validation" in line), None)

    @property
    def others(self) -> dict[str, Mapping[str, float]]:
        """What the model has to beat: what the samples bring as MS, and the method nearest to the truth beside it."""
        best = min(self.rivals, key=lambda name: self.rivals[name]["ergas"], default=None)
        return {self.baseline: self.enlarged, **({} if best is None else {best: self.rivals[best]})}


def render(run: Run) -> str:
    """Return the page as HTML that needs nothing beside it, and that loads itself anew while the run goes on."""
    items = [
        element("li", element("strong", _LEVELS[each.level]), element("span", each.text), class_=each.level)
        for each in (verdict(run), *(Finding("warning", warning) for warning in run.warnings))
    ]
    state = f"{run.status.fraction:.0%}" if run.status.state == "running" else _STATES[run.status.state]
    page = document(
        f"{state}: {run.title}",
        [
            element("h1", f"{_TITLE}: {run.title}"),
            paragraph(f"Written {run.written} · KSDiff {run.version}", soft=True),
            _status(run.status),
            section("meaning", "In plain words", element("ul", *items, class_="verdicts"), _marks(run)),
            section("validation", "Validation", _validation(run)),
            section("scores", "Beside other methods", _scores(run)),
            section("samples", "How it looks", *_samples(run)),
            section("losses", "Losses", _losses(run)),
            section("data", "What it learns from", _sources(run), listed(run.facts.items())),
            section("settings", "Settings", _settings(run.settings)),
        ],
    )
    refresh = element("meta", http_equiv="refresh", content=str(_REFRESH_SECONDS))
    style = element("style", Markup(_STYLE + LOOKS_STYLE))
    more = joined([refresh, style] if run.status.state == "running" else [style])
    # Of all that is shown every "<" is escaped, so the first end of a head is the head's.
    return page.replace("</head>", f"{more}</head>", 1)


def verdict(run: Run) -> Finding:
    """Return what the run came to, so far or at its end."""
    return judged(run.status.state == "running", run.stages, run.last, (run.best, run.best_step), run.others)


def _status(status: Status) -> Markup:
    done = element("div", "", style=f"width: {plain(100.0 * min(max(status.fraction, 0.0), 1.0))}%")
    lead = element("p", element("strong", _STATES[status.state], class_=status.state), status.words)
    advice = [element("p", status.advice, class_="soft")] if status.advice else []
    return element("div", lead, element("div", done, class_="track"), *advice, class_="status")


def _marks(run: Run) -> Markup:
    """Return the three numbers that count, and how far they are from those of others."""
    running = run.status.state == "running"
    made = (run.best if not running else {}) or (run.last["validation"] if run.last else {})
    return element("div", *marks(made, run.others, " now" if running else ""), class_="marks") if made else Markup()


def _validation(run: Run) -> Markup:
    measured = [line for line in run.history if "validation" in line]
    if not measured:
        return Markup()
    levels = dict(zip(run.others, (BASELINE, _RIVAL)))
    charts = []
    for name, title in _CURVES.items():
        lines = [
            Line(
                [_begin(run, number) + line["step"] for line in measured if line["stage"] == number],
                [_finite(line["validation"].get(name)) for line in measured if line["stage"] == number],
                stroke(number - 1),
                marked=True,
            )
            for number in range(1, run.stages + 1)
        ]
        across = [(run.others[who].get(name, math.nan), drawn) for who, drawn in levels.items()]
        chart = curves(title, [each for each in lines if each.xs], across, _begins(run))
        charts.append(element("figure", element("figcaption", title), chart))
    stages = sorted({line["stage"] for line in measured})
    names = [(_stage_name(run, number), stroke(number - 1)) for number in stages]
    names += levels.items()
    return joined([_legend(names), element("div", *charts, class_="curves")])


def _samples(run: Run) -> list[Markup]:
    if not run.views:
        return []
    which = "Samples for validation, the hardest first" if len(run.views) > 1 else "A sample for validation"
    words = f"{which}, at the stretch of the truth; the model as it was at {run.seen}."
    return [paragraph(words, soft=True), *(looks(each) for each in run.views)]


def _losses(run: Run) -> Markup:
    shown = []
    for name, title in _LOSSES.items():
        lines = []
        for number in range(1, run.stages + 1):
            said = [line for line in run.history if line["stage"] == number and line.get(name)]
            if said:
                xs = [_begin(run, number) + line["step"] for line in said]
                lines.append(Line(xs, [_finite(line[name]) for line in said], stroke(number - 1)))
        if lines:
            shown.append(element("figure", element("figcaption", title), curves(title, lines, [], _begins(run))))
    if not shown:
        return Markup()
    stages = sorted({line["stage"] for line in run.history})
    names = [(f"Stage {number}", stroke(number - 1)) for number in stages] if run.stages > 1 else []
    return joined([_legend(names), element("div", *shown, class_="curves")])


def _scores(run: Run) -> Markup:
    made = run.best or (run.last["validation"] if run.last else {})
    name = f"The model, step {whole(run.best_step)} of its last stage" if run.best else "The model, measured last"
    rows = {name: made} if made else {}
    rows.update(sorted(run.rivals.items(), key=lambda each: each[1]["ergas"]))
    rows[run.baseline] = run.enlarged
    return table(
        ["On the samples for validation", *(words for words, _ in NAMES.values())],
        [[who, *(_score(rows.values(), scores, mark) for mark in NAMES)] for who, scores in rows.items()],
    )


def _score(every: Iterable[Mapping[str, float]], mine: Mapping[str, float], mark: str) -> Markup:
    """Return a number, in bold where it is the best of all."""
    values = [value for scores in every if (value := _finite(scores.get(mark))) is not None]
    best = (min if NAMES[mark][1] else max)(values, default=None)
    value = mine.get(mark)
    return element("td", rounded(value, 4), class_="best" if value is not None and value == best else None)


def _sources(run: Run) -> Markup:
    heads = ["Source", "For", "Sensor", "Ratio", "Bands", "Share"]
    return table(heads, run.sources, words=True) if run.sources else Markup()


def _settings(settings: Mapping[str, Any]) -> Markup:
    rows = [[name, json.dumps(value)] for name, value in settings.items()]
    return element(
        "details", element("summary", "All settings of the run"), table(["Setting", "Value"], rows, words=True)
    )


def _legend(names: Sequence[tuple[str, Stroke]]) -> Markup:
    return element(
        "ul",
        *(element("li", element("span", key(drawn), words, class_="name")) for words, drawn in names),
        class_="legend",
    )


def _stage_name(run: Run, number: int) -> str:
    with_truth = " (prior from the truth)" if number < run.stages else ""
    return f"Stage {number}{with_truth}" if run.stages > 1 else "The model"


def _begin(run: Run, number: int) -> int:
    """Return how many steps had been done when a stage began, however early the one before had ended."""
    return max((line["step"] for line in run.history if line["stage"] < number), default=0)


def _begins(run: Run) -> list[int]:
    """Return the steps at which stages after the first began."""
    begun = sorted({line["stage"] for line in run.history})
    return [_begin(run, number) for number in begun[1:]]


def _finite(value: Optional[float]) -> Optional[float]:
    return value if value is not None and math.isfinite(value) else None
