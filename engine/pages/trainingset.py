"""The page of a training set: how many samples it has, where they come from, what was left out, how they look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .document import document, listed, paragraph, section, table
from .finding import Finding
from .markup import Markup, element
from .numerals import rounded, whole
from .samples import STYLE, View, looks

_TITLE = "Training set"
_STYLE = """
.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 0 1.75rem; }
"""
_LEVELS = {"good": "✓ Good", "note": "• Note", "warning": "▲ Warning"}


@dataclass(frozen=True)
class Collection:
    """What was gathered."""

    title: str
    created: str  # date and time, as shown
    version: str
    training: int  # samples
    validation: int
    findings: tuple[Finding, ...]
    facts: Mapping[str, str]
    sources: tuple[tuple[str, ...], ...]  # rows of a table, see `_SOURCES`
    left_out: tuple[tuple[str, int], ...]  # why, and how many places
    bands: tuple[str, ...]  # names, PAN first
    statistics: tuple[Mapping[str, float], ...]  # of each: least, greatest, mean, spread; shares of the bright end
    views: tuple[tuple[str, tuple[View, ...]], ...]  # what kind of samples, and some of them


_SOURCES = (
    "Image", "Sensor", "Ratio", "Shift, PAN pixels", "Counts that are 1", "Places", "To learn from", "To measure on",
)  # fmt: skip
_NUMBERS = ("least", "greatest", "mean", "spread")


def render(collection: Collection) -> str:
    """Return the page as HTML that needs nothing beside it."""
    items = [
        element("li", element("strong", _LEVELS[each.level]), element("span", each.text), class_=each.level)
        for each in (_sizes(collection), *collection.findings)
    ]
    return document(
        _TITLE,
        [
            element("style", Markup(STYLE + _STYLE)),
            element("h1", f"{_TITLE}: {collection.title}"),
            paragraph(f"{collection.created} · KSDiff {collection.version}", soft=True),
            section("meaning", "In plain words", element("ul", *items, class_="verdicts")),
            *(section(f"samples-{number}", *each) for number, each in enumerate(_samples(collection))),
            section("sources", "Where the samples come from", table(_SOURCES, collection.sources, words=True)),
            section("left-out", "What was left out", *_left_out(collection.left_out)),
            section("values", "Values", *_values(collection)),
            section("facts", "How it was made", listed(collection.facts.items())),
        ],
    )


def _sizes(collection: Collection) -> Finding:
    kept = f" and {whole(collection.validation)} to measure on" if collection.validation else ""
    return Finding("good", f"{whole(collection.training)} samples to learn from{kept}.")


def _samples(collection: Collection) -> list[tuple[str, Markup]]:
    words = paragraph("PAN and MS are made coarser by the ratio, so that the original MS is the truth.", soft=True)
    # What enlarged MS misses is what is to be learnt, and no error of anybody.
    plain = [
        (name, [View(tuple((title, picture, None) for title, picture, _ in each.images)) for each in views])
        for name, views in collection.views
    ]
    return [
        (name, Markup(words + element("div", *(looks(each) for each in views), class_="pairs")))
        for name, views in plain
        if views
    ]


def _left_out(reasons: Sequence[tuple[str, int]]) -> list[Markup]:
    if not reasons:
        return [paragraph("Nothing: every place that was looked at is drawn.")]
    return [
        table(["Why", "Places"], [[why, whole(count)] for why, count in reasons]),
        paragraph("Places overlap by half; of several reasons the first counts.", soft=True),
    ]


def _values(collection: Collection) -> list[Markup]:
    rows = [
        [name, *(rounded(numbers[each]) for each in _NUMBERS)]
        for name, numbers in zip(collection.bands, collection.statistics)
    ]
    return [
        table(["Of what is learnt from", *(name.capitalize() for name in _NUMBERS)], rows),
        paragraph("1 is the bright end of the image (the 99.9th percentile of its brightest band).", soft=True),
    ]
