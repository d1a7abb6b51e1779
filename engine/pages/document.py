"""A page that stands alone: one file without scripts and without anything from elsewhere, also fit for paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .evaluation import Picture
from .markup import Markup, data_uri, element, joined

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light; --ink: #1b1f23; --soft: #57606a; --rule: #d8dee4; --ground: #f6f8fa; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1040px; padding: 2rem 1.5rem 3rem; background: #fff; color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 1.25rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
.soft, figcaption, footer, .legend { color: var(--soft); font-size: .875rem; }
nav { margin: 1rem 0 0; font-size: .875rem; }
nav a { margin-right: 1rem; color: #0550ae; }
.verdicts { list-style: none; margin: 0; padding: 0; }
.verdicts li { display: grid; grid-template-columns: 6.2rem 1fr; align-items: baseline; margin: 0 0 .4rem;
  padding: .5rem .75rem; border-left: 4px solid; background: var(--ground); }
.verdicts strong { font-size: .8125rem; }
.good { border-color: #1a7f37 !important; } .good strong { color: #1a7f37; }
.note { border-color: #57606a !important; } .note strong { color: #57606a; }
.warning { border-color: #bc4c00 !important; background: #fff4e8 !important; } .warning strong { color: #953800; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .45rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: baseline; }
thead th { border-bottom: 2px solid var(--ink); white-space: nowrap; vertical-align: bottom; }
th:first-child, .words td, .words th { text-align: left; }
tbody th { min-width: 9rem; max-width: 18rem; font-weight: normal; }
td { white-space: nowrap; } .words td { white-space: normal; } .words td:nth-child(2) { min-width: 9rem; }
sub, sup { line-height: 0; }
td sup { display: inline-block; width: .9em; margin-left: .1em; text-align: left; }
.best { font-weight: 700; }
.unit { font-weight: normal; color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .4rem 0; padding: 0; list-style: none; }
.legend li { max-width: 22rem; }
.name { display: flex; gap: .45rem; align-items: baseline; }
.key { flex: none; }
.symbol { white-space: nowrap; }
figure { margin: .75rem 0; }
.chart { display: grid; grid-template-columns: minmax(0, 720px) minmax(0, 1fr); gap: 0 1.5rem; }
.chart .legend { flex-flow: column; grid-area: 1 / 2; }
.bar { margin-bottom: .75rem; }
figcaption { margin-bottom: .2rem; line-height: 1.35; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: .9rem 1.1rem; }
.panels figure { margin: 0; align-self: end; }
.panels img { display: block; width: 100%; max-width: 400px; height: auto; image-rendering: pixelated;
  border: 1px solid var(--rule); }
svg { display: block; width: 100%; height: auto; } svg.key { width: 26px; height: 10px; }
svg text { font-size: 11px; fill: #3a4148; font-variant-numeric: tabular-nums; }
svg text.axis { font-size: 12px; fill: var(--soft); } svg text.number { fill: var(--ink); }
dl { display: grid; grid-template-columns: fit-content(14rem) minmax(0, 1fr); gap: .25rem 1.25rem; margin: .5rem 0; }
dt { min-width: 8rem; color: var(--soft); } dd { margin: 0; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
@media (max-width: 900px) { .chart { display: block; } .chart .legend { flex-flow: row wrap; } }
@media (max-width: 640px) { body { padding: 1rem; } .verdicts li, dl { grid-template-columns: 1fr; } }
@page { size: A4; margin: 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  nav { display: none; }
  h2, h3, p:not(:last-child), .bar, .legend { break-after: avoid; }
  figure, tr, .verdicts li, .legend { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; } table { font-size: 8pt; } th, td { padding: .2rem .25rem; }
  tbody th { min-width: 6rem; }
  .panels { grid-template-columns: repeat(3, 1fr); }
  .chart { display: block; } .chart .legend { flex-flow: row wrap; }
}
"""


def document(title: str, body: Iterable[str]) -> str:
    """Return the whole page, as text to be written in UTF-8."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(_STYLE)),
    )
    page = element("html", head, "\n", element("body", *_lines(body)), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def section(anchor: str, title: str, *parts: str) -> Markup:
    """Return a part of the page that links can lead to; nothing where it has no parts."""
    filled = [part for part in parts if part]
    return element("section", element("h2", title), *_lines(filled), id=anchor) if filled else Markup()


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], words: bool = False) -> Markup:
    """Return a table whose first column names its rows; `words`: the others hold words, not numbers."""
    head = element("tr", *(element("th", cell, scope="col") for cell in heads))
    body = [
        element("tr", element("th", first, scope="row"), *(_cell(cell) for cell in others)) for first, *others in rows
    ]
    whole = element("table", element("thead", head), element("tbody", *body), class_="words" if words else None)
    return element("div", whole, class_="wide")


def _cell(cell: str) -> Markup:
    return cell if isinstance(cell, Markup) and cell.startswith("<td") else element("td", cell)


def panels(figures: Iterable[str]) -> Markup:
    """Return small figures side by side."""
    return element("div", *_lines(figures), class_="panels")


def figure(caption: str, *content: str) -> Markup:
    return element("figure", element("figcaption", caption), *content)


def image(picture: Picture, description: str) -> Markup:
    return element(
        "img", src=data_uri(picture), alt=description, width=float(picture.width), height=float(picture.height)
    )


def paragraph(*parts: str, soft: bool = False) -> Markup:
    return element("p", *parts, class_="soft" if soft else None)


def listed(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Return terms and what is said of them."""
    return element("dl", *(joined([element("dt", term), element("dd", words)]) for term, words in pairs))


def _lines(parts: Iterable[str]) -> list[str]:
    """Return the parts on lines of their own: a page is also read as text, by those who look for a fault."""
    return [Markup(f"\n{joined([part])}") for part in parts]
