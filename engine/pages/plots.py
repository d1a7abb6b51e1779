"""Figures of an evaluation: spectra, errors by band, maps, close-ups, histograms, power and the shift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .charts import Line, Steps, bars, histogram, line_chart
from .document import figure, image, panels, paragraph
from .evaluation import Evaluation, MapPicture, Place
from .maps import arrow_map, colour_bar
from .markup import Markup, element, joined, shortened
from .merit import NEGLIGIBLE_BIAS
from .numerals import decimal, displacement, whole
from .palette import GIVEN, Stroke
from .scores import keyed, named, strokes
from .soundness import size_of
from .standing import Results, numbers


def spectra(evaluation: Evaluation, results: Sequence[Results], given: tuple[str, str], means: str) -> Markup:
    """Return the means of the bands; `given`: key and name of what all are compared with; `means`: key of theirs."""
    known = [wavelength for wavelength in evaluation.wavelengths if wavelength is not None]
    along = len(known) == len(evaluation.band_names) == len(evaluation.wavelengths) and len(set(known)) > 1
    xs = known if along else [float(band) for band in range(len(evaluation.band_names))]
    truth = next((found for each in results if (found := numbers(each, given[0]))), ())
    lines = [Line(xs, truth, GIVEN, marked=True)] if truth else []
    lines += [
        Line(xs, values, line, marked=len(xs) == 1)
        for each, line in zip(results, strokes(evaluation))
        if (values := numbers(each, means))
    ]
    if not lines:
        return Markup()
    chart = line_chart(
        "Means of the bands",
        lines,
        "wavelength, µm" if along else "band",
        "mean, counts",
        names=() if along else evaluation.band_names,
    )
    drawn = [bool(numbers(each, means)) for each in results]
    return _chart("Means of the bands", "", _legend(evaluation, drawn, given[1]), chart)


def by_band(
    evaluation: Evaluation, results: Sequence[Results], name: str, caption: str, signed: bool = False
) -> Markup:
    """Return a panel of bars for each candidate, one bar a band, all on one scale; `name`: key of the numbers."""
    values = [numbers(each, name) for each in results]
    every = [value for each in values for value in each if value is not None]
    if not every:
        return Markup()
    # What means nothing is not drawn as if it did.
    least = NEGLIGIBLE_BIAS if signed else 0.0
    extent = (min(*every, -least), max(*every, least))
    digits = 2 if max(abs(value) for value in every) < 100.0 else 0
    shown = [
        figure(title, bars(caption, evaluation.band_names, each, line.color, extent, digits, signed))
        for title, each, line in zip(named(evaluation), values, strokes(evaluation))
        if each
    ]
    return joined([element("h3", caption), panels(shown)])


def maps(evaluation: Evaluation, pictures: Sequence[Optional[MapPicture]], title: str, caption: str) -> Markup:
    """Return the maps of all candidates; one bar of colours where they share it, else one under each."""
    there = [
        (name, image(each.picture, f"{title}, {candidate.name}"), each)
        for name, candidate, each in zip(named(evaluation), evaluation.candidates, pictures)
        if each is not None
    ]
    if not there:
        return Markup()
    one_scale = len({(each.low, each.high, each.unit) for *_, each in there}) == 1
    shown = [figure(name, picture, Markup() if one_scale else colour_bar(each)) for name, picture, each in there]
    bar = element("div", colour_bar(there[0][2]), class_="bar") if one_scale else Markup()
    return joined([element("h3", title), paragraph(caption, soft=True), bar, panels(shown)])


def close_up(evaluation: Evaluation, place: Place, number: int) -> Markup:
    """Return one place as PAN, MS and each candidate show it; number: its index."""
    where = f"column {whole(place.col)}, row {whole(place.row)} of PAN"
    shown = [figure("PAN", image(place.pan, "PAN")), figure("MS", image(place.ms, "MS"))]
    shown += [
        figure(shortened(each.name, 40), image(each.crops[number], each.name))
        for each in evaluation.candidates
        if number < len(each.crops)
    ]
    return joined([element("h3", f"{place.label[:1].upper()}{place.label[1:]} ({where})"), panels(shown)])


def histograms(evaluation: Evaluation) -> Markup:
    """Return for each band how the values of MS and of the candidates are spread."""
    shown = []
    for band, name in enumerate(evaluation.band_names):
        if band >= min(len(evaluation.histogram_ranges), len(evaluation.ms_histograms)):
            break
        others = [
            Steps(each.histograms[band], Stroke(line.color, line.dash, 1.2))
            for each, line in zip(evaluation.candidates, strokes(evaluation))
            if band < len(each.histograms)
        ]
        given = Steps(evaluation.ms_histograms[band], GIVEN)
        shown.append(
            figure(
                shortened(name, 40), histogram(f"Values of {name}", given, others, evaluation.histogram_ranges[band])
            )
        )
    if not shown:
        return Markup()
    words = (
        "Share of pixels by value, those beyond an end counted at the end; grey is MS. "
        "Sharpening widens the spread, it does not move it."
    )
    legend = _legend(evaluation, [bool(each.histograms) for each in evaluation.candidates], "MS")
    return joined([element("h3", "Spread of values by band"), paragraph(words, soft=True), legend, panels(shown)])


def power(evaluation: Evaluation) -> Markup:
    """Return the spectrum of PAN and the candidates, from large forms to the finest detail."""
    drawn = [bool(each.power) for each in evaluation.candidates]
    lines = [Line(evaluation.frequencies, evaluation.pan_power, GIVEN)] if evaluation.pan_power else []
    lines += [
        Line(evaluation.frequencies, each.power, line)
        for each, line in zip(evaluation.candidates, strokes(evaluation))
        if each.power
    ]
    if not evaluation.frequencies or not lines:
        return Markup()
    limit = (0.5 / evaluation.ratio, "finest that MS holds") if evaluation.ratio > 1.0 else None
    chart = line_chart("Power spectrum", lines, "cycles per PAN pixel", "mean power", log=True, at=limit)
    legend = _legend(evaluation, drawn, "PAN" if evaluation.pan_power else "")
    words = (
        "Left large forms, right the finest detail. Below PAN's line detail is missing; above it there is more than "
        "PAN holds: over-sharpening or noise."
    )
    return _chart("Detail by frequency", words, legend, chart)


def shift_map(evaluation: Evaluation) -> Markup:
    """Return the shift of MS against PAN in words and place by place."""
    words = (
        "The shift of MS against PAN over the whole scene could not be measured."
        if evaluation.shift is None or size_of(evaluation.shift) is None
        else f"Over the whole scene, MS lies {decimal(size_of(evaluation.shift), 2)} PAN pixels off PAN "
        f"({displacement(*evaluation.shift)})."
    )
    if not evaluation.arrows:
        return paragraph(words)
    chart = arrow_map("Shift of MS against PAN", evaluation.overview, evaluation.size, evaluation.arrows)
    return joined([paragraph(words), figure("Where MS lies against PAN, place by place, magnified.", chart)])


def _chart(title: str, words: str, legend: Markup, chart: Markup) -> Markup:
    """Return a chart of full width with its legend beside it."""
    lead = paragraph(words, soft=True) if words else Markup()
    return joined([element("h3", title), lead, element("figure", legend, chart, class_="chart")])


def _legend(evaluation: Evaluation, drawn: Sequence[bool], given: str) -> Markup:
    """Return the names of the lines in a chart; `given`: of the black one."""
    items = [keyed(GIVEN, given)] if given else []
    items += [name for name, there in zip(named(evaluation), drawn) if there]
    return element("ul", *(element("li", item) for item in items), class_="legend")
