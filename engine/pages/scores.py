"""Tables of what was measured: the numbers of each image, the best marked, and what was left out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..metrics.report import METRICS, Metric
from .charts import key
from .document import paragraph, table
from .evaluation import Counts, Evaluation
from .markup import Markup, element, joined, shortened, symbols
from .numerals import NOTHING, decimal, rounded, share, whole
from .palette import BASELINE, Stroke, stroke
from .soundness import size_of
from .standing import Results, number, standings

# In the order of the columns, with the decimals that are worth reading.
REDUCED = {"ergas": 3, "sam": 3, "q2n": 4, "scc": 4, "q": 4, "psnr": 2, "ssim": 4}
_DISTORTIONS = {"hqnr": 4, "d_lambda_k": 4, "d_s": 4, "qnr": 4, "d_lambda": 4}
FULL = {**_DISTORTIONS, "d_rho": 4, "r_sam": 3, "r_ergas": 3, "r_q": 4, "r_q2n": 4}
REDUCED_LEFT_OUT = {
    "pixels_left_out": "pixels (ERGAS, SAM, PSNR and what is said by band)",
    "edges_left_out": "pixels (SCC)",
    "windows_left_out": "windows (Q)",
    "ssim_left_out": "windows (SSIM)",
    "blocks_left_out": "blocks (Q2n)",
}
FULL_LEFT_OUT = {
    "blocks_left_out": "blocks (HQNR, QNR and their distortions)",
    "correlations_left_out": "windows (D_rho)",
    "r_pixels_left_out": "pixels (R-SAM, R-ERGAS and what is said by band)",
    "r_windows_left_out": "windows (R-Q)",
    "r_blocks_left_out": "blocks (R-Q2n)",
}
BEST, AS_GOOD = "★", "≈"


def strokes(evaluation: Evaluation) -> list[Stroke]:
    """Return how the lines of each candidate are drawn, the same all over the page."""
    numbers = iter(range(len(evaluation.candidates)))
    return [BASELINE if each.kind == "baseline" else stroke(next(numbers)) for each in evaluation.candidates]


def named(evaluation: Evaluation, limit: int = 40) -> list[Markup]:
    """Return the names of all candidates, at most `limit` characters of each, after a piece of its line."""
    return [keyed(line, shortened(each.name, limit)) for line, each in zip(strokes(evaluation), evaluation.candidates)]


def keyed(line: Stroke, name: str) -> Markup:
    """Return the name of what a line shows after a piece of the line."""
    return element("span", key(line), element("span", name), class_="name")


def scores(evaluation: Evaluation, results: Sequence[Results], digits: dict[str, int]) -> Markup:
    """Return the table of some metrics, `digits` decimals by their keys, with a legend of its signs."""
    columns = []
    for name, places in digits.items():
        values = [number(each, name) for each in results]
        columns.append(
            [_score(decimal(value, places), standing) for value, standing in zip(values, standings(name, values))]
        )
    rows = [[name, *cells] for name, result, *cells in zip(named(evaluation), results, *columns) if result is not None]
    signs = "↓ lower is better, ↑ higher is better."
    if len(rows) > 1:
        signs += f" {BEST} best; {AS_GOOD} as good: the difference to the best means nothing."
    heads = ["Image", *(_head(METRICS[name]) for name in digits)]
    return joined([table(heads, rows), paragraph(signs, soft=True)])


def left_out(results: Sequence[Results], labels: dict[str, str]) -> Markup:
    """Return what share of the scene does not count, for pixels that are not valid; nothing where all counts."""
    parts = []
    for name, label in labels.items():
        shares = [found for each in results if (found := number(each, name)) is not None]
        if max(shares, default=0.0) > 0.0:
            bound = "up to " if min(shares) != max(shares) else ""
            parts.append(f"{bound}{share(max(shares))} of the {label}")
    return (
        paragraph(symbols(f"Left out, not valid or incomplete: {', '.join(parts)}."), soft=True) if parts else Markup()
    )


def shifts(evaluation: Evaluation) -> Markup:
    """Return where each candidate lies against PAN and MS; nothing where that was not measured."""
    rows = [
        [name, *_shift(each.shift_from_pan), *_shift(each.shift_from_ms)]
        for name, each in zip(named(evaluation), evaluation.candidates)
        if size_of(each.shift_from_pan) is not None or size_of(each.shift_from_ms) is not None
    ]
    heads = ["Image", *(f"{word} {given}" for given in ("PAN", "MS") for word in ("right of", "below", "in all, off"))]
    return table(heads, rows) if rows else Markup()


def pixel_counts(evaluation: Evaluation) -> Markup:
    """Return how many pixels of each candidate are lost, invented or clipped."""
    rows = [
        [name, *_counts(each.counts)]
        for name, each in zip(named(evaluation), evaluation.candidates)
        if each.counts is not None
    ]
    heads = ["Image", "Pixels", "Lost", "Invented", "Values at the least count", "Values at the greatest count"]
    return table(heads, rows) if rows else Markup()


def definitions(keys: Sequence[str]) -> Markup:
    """Return what each metric is, and from where on differences mean something."""
    rows = []
    for name in keys:
        metric = METRICS[name]
        unit = f", {metric.unit}" if metric.unit else ""
        rows.append([symbols(f"{metric.name}{unit}"), symbols(metric.definition), symbols(_threshold(metric))])
    return table(["Metric", "What it is", "Differences count from"], rows, words=True)


def _score(words: str, standing: Optional[str]) -> Markup:
    signs = {"best": (BEST, "best"), "as good": (AS_GOOD, "as good as the best")}
    sign, meaning = signs.get(standing or "", ("", ""))
    mark = element("sup", sign, title=meaning or None)
    return element("td", words, mark, class_="best" if standing == "best" else None)


def _head(metric: Metric) -> Markup:
    arrow = "↓" if metric.better == "lower" else "↑"
    unit = f" {metric.unit}" if metric.unit else ""
    return joined(
        [
            symbols(metric.name),
            " ",
            element("span", f"{arrow}{unit}", class_="unit", title=f"{metric.better} is better"),
        ]
    )


def _threshold(metric: Metric) -> str:
    if metric.relative:
        return f"{rounded(100.0 * metric.relative)} % of the greater value"
    return f"{rounded(metric.absolute)} {metric.unit}"


def _shift(shift: Optional[tuple[float, float]]) -> list[str]:
    length = size_of(shift)
    if shift is None or length is None:
        return [NOTHING] * 3
    return [decimal(shift[0], 2, signed=True), decimal(shift[1], 2, signed=True), decimal(length, 2)]


def _counts(counts: Counts) -> list[str]:
    return [
        whole(counts.pixels),
        _with_share(counts.lost, counts.pixels),
        _with_share(counts.invented, counts.pixels),
        _with_share(sum(counts.bottom), counts.pixels * len(counts.bottom)),
        _with_share(sum(counts.top), counts.pixels * len(counts.top)),
    ]


def _with_share(count: int, total: int) -> str:
    return f"{whole(count)} ({share(count / total)})" if count and total else whole(count)
