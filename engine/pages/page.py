"""The page of an evaluation: what it means, what was measured, how it looks, and how it was made."""

from __future__ import annotations

from .document import document, listed, paragraph, section, table
from .evaluation import Evaluation
from .markup import Markup, element, joined, symbols
from .numerals import rounded, whole
from .plots import by_band, close_up, histograms, maps, power, shift_map, spectra
from .scores import (
    FULL,
    FULL_LEFT_OUT,
    REDUCED,
    REDUCED_LEFT_OUT,
    definitions,
    left_out,
    named,
    pixel_counts,
    scores,
    shifts,
)
from .verdict import verdicts

_TITLE = "Evaluation of sharpened images"
_KINDS = {"baseline": "MS only enlarged", "method": "method", "file": "file"}
_LEVELS = {"good": "✓ Good", "note": "• Note", "warning": "▲ Warning"}


def render(evaluation: Evaluation) -> str:
    """Return the page as HTML that needs nothing beside it."""
    sections = (
        ("close-ups", "Close-ups", _close_ups(evaluation)),
        ("truth", "Against the truth", _against_truth(evaluation)),
        ("full", "Against PAN and MS", _against_pair(evaluation)),
        ("values", "Values and detail", _values(evaluation)),
        ("registration", "Registration", _registration(evaluation)),
        ("pixels", "Valid pixels", _pixels(evaluation)),
        ("notes", "Notes", _notes(evaluation)),
        ("metrics", "Metrics", _metrics(evaluation)),
    )
    links = [element("a", title, href=f"#{anchor}") for anchor, title, body in sections if body]
    return document(
        _TITLE,
        [
            element("h1", _TITLE),
            paragraph(f"{evaluation.created} · KSDiff {evaluation.version}", soft=True),
            element("nav", *(joined([link, " "]) for link in links)),
            section("meaning", "In plain words", _verdicts(evaluation)),
            section("pair", "What was compared", _pair(evaluation)),
            *(section(*each) for each in sections),
            _footer(evaluation),
        ],
    )


def _verdicts(evaluation: Evaluation) -> Markup:
    items = [
        element("li", element("strong", _LEVELS[each.level]), element("span", symbols(each.text)), class_=each.level)
        for each in verdicts(evaluation)
    ]
    return element("ul", *items, class_="verdicts")


def _pair(evaluation: Evaluation) -> Markup:
    truth = evaluation.reference
    if truth is None and any(each.reduced is not None for each in evaluation.candidates):
        truth = "MS itself, for PAN and MS made coarser by the ratio"
    given = [
        ("PAN", evaluation.pan),
        ("MS", joined(element("div", name) for name in evaluation.ms)),
        ("Truth", truth or "none"),
        *evaluation.facts.items(),
    ]
    rows = [
        [name, _KINDS[each.kind], each.source]
        for name, each in zip(named(evaluation, limit=400), evaluation.candidates)
    ]
    return joined([listed(given), table(["Image", "Kind", "From"], rows, words=True) if rows else ""])


def _close_ups(evaluation: Evaluation) -> Markup:
    return joined(close_up(evaluation, place, number) for number, place in enumerate(evaluation.places))


def _against_truth(evaluation: Evaluation) -> Markup:
    results = [each.reduced for each in evaluation.candidates]
    if not any(results):
        return Markup()
    if evaluation.reference is None:
        protocol = "PAN and MS were made coarser by the ratio and sharpened; MS itself is the truth (Wald's protocol)."
    else:
        protocol = "The images were compared with the truth that was given."
    border = f" {whole(evaluation.border)} pixels along each side do not count." if evaluation.border else ""
    return joined(
        [
            paragraph(f"{protocol}{border}"),
            scores(evaluation, results, REDUCED),
            left_out(results, REDUCED_LEFT_OUT),
            spectra(evaluation, results, ("mean_reference", "Truth"), "mean_image"),
            by_band(evaluation, results, "rmse_percent", "Error by band (RMSE), % of the band mean"),
            by_band(evaluation, results, "bias_percent", "Bias by band, % of the band mean", signed=True),
            maps(
                evaluation,
                [each.error for each in evaluation.candidates],
                "Errors by place",
                "Mean over bands of the error, in per cent of the band means. Dark is good.",
            ),
            maps(
                evaluation,
                [each.quality for each in evaluation.candidates],
                "Quality by block",
                "Q2n in blocks of 32 x 32 pixels. Bright is good.",
            ),
        ]
    )


def _against_pair(evaluation: Evaluation) -> Markup:
    results = [each.full for each in evaluation.candidates]
    if not any(results):
        return Markup()
    return joined(
        [
            paragraph(
                "At the resolution of PAN no truth is known. HQNR and QNR weigh spectral against spatial distortion; "
                "the values with R- compare MS with the image brought back to its grid."
            ),
            scores(evaluation, results, FULL),
            left_out(results, FULL_LEFT_OUT),
            spectra(evaluation, results, ("mean_ms", "MS"), "mean_reprojected"),
            by_band(evaluation, results, "r_rmse_percent", "Difference to MS by band (R-RMSE), % of the band mean"),
            by_band(
                evaluation, results, "r_bias_percent", "Bias to MS by band (R-Bias), % of the band mean", signed=True
            ),
        ]
    )


def _values(evaluation: Evaluation) -> Markup:
    return joined([histograms(evaluation), power(evaluation)])


def _registration(evaluation: Evaluation) -> Markup:
    table_of_shifts = shifts(evaluation)
    if evaluation.shift is None and not evaluation.arrows and not table_of_shifts:
        return Markup()
    how = paragraph("Where each image lies, in PAN pixels.") if table_of_shifts else ""
    return joined([shift_map(evaluation), how, table_of_shifts])


def _pixels(evaluation: Evaluation) -> Markup:
    counts = pixel_counts(evaluation)
    if not counts:
        return Markup()
    words = (
        "Lost: no value where PAN and MS have one. Invented: a value where they have none. Values at an end of the "
        "data type are what clipping leaves; shares of all values."
    )
    return joined([counts, paragraph(words, soft=True)])


def _notes(evaluation: Evaluation) -> Markup:
    items = [element("li", item) for item in evaluation.notes]
    return element("ul", *items) if items else Markup()


def _metrics(evaluation: Evaluation) -> Markup:
    keys: list[str] = []
    if any(each.reduced for each in evaluation.candidates):
        keys += [*REDUCED, "rmse", "rmse_percent", "bias_percent"]
    if any(each.full for each in evaluation.candidates):
        keys += [*FULL, "r_rmse_percent", "r_bias_percent"]
    return definitions(keys) if keys else Markup()


def _footer(evaluation: Evaluation) -> Markup:
    words = (
        f"Made by KSDiff {evaluation.version}, {evaluation.created}, for a ratio of {rounded(evaluation.ratio, 4)}. "
        "The tables are computed in double precision from all pixels that count; pictures are stretched for looking."
    )
    return element("footer", words)
