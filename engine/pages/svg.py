"""Shapes of SVG that charts and maps share; a page's own style sheet says how their text looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from .markup import Markup, element, shortened
from .numerals import plain
from .palette import Stroke

Point = tuple[Optional[float], Optional[float]]  # on the page; None: the value cannot be drawn

GRID = "#e3e3e3"
FRAME = "#8a8a8a"


def drawing(title: str, width: float, height: float, parts: Iterable[str]) -> Markup:
    """Return a picture that fits its place, is never larger than said, and is read aloud as `title`."""
    return element(
        "svg",
        element("title", title),
        *parts,
        role="img",
        viewBox=f"0 0 {plain(width)} {plain(height)}",
        style=f"max-width:{plain(width)}px",
    )


def line(x1: float, y1: float, x2: float, y2: float, color: str, width: float = 1.0, dash: str = "") -> Markup:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=color, stroke_width=width, stroke_dasharray=dash or None)


def box(x: float, y: float, width: float, height: float, color: str) -> Markup:
    return element("rect", x=x, y=y, width=width, height=height, fill=color)


def polyline(points: Sequence[Point], stroke: Stroke) -> Markup:
    """Return a line through the points, broken where one cannot be drawn; a point alone is a dot."""
    return element(
        "path",
        d=_path(points),
        fill="none",
        stroke=stroke.color,
        stroke_width=stroke.width,
        stroke_dasharray=stroke.dash or None,
        stroke_linejoin="round",
        stroke_linecap="round" if not stroke.dash else "butt",
    )


def area(points: Sequence[tuple[float, float]], color: str) -> Markup:
    return element("path", d=f"{_path(points)}Z", fill=color) if points else Markup()


def dots(points: Sequence[Point], color: str) -> Markup:
    return Markup(
        "".join(element("circle", cx=x, cy=y, r=2.4, fill=color) for x, y in points if x is not None and y is not None)
    )


def label(
    x: float, y: float, words: str, anchor: str = "start", limit: int = 80, kind: str = "", turned: bool = False
) -> Markup:
    """Return text that ends, begins or is centred (`anchor`) at a point; cut to `limit` characters, whole on hover."""
    shown = shortened(words, limit)
    return element(
        "text",
        *([element("title", words)] if shown != words else []),
        shown,
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        class_=kind or None,
        transform=f"rotate(-90 {plain(x)} {plain(y)})" if turned else None,
    )


def _path(points: Sequence[Point]) -> str:
    commands = []
    pen_down = False
    for at, (x, y) in enumerate(points):
        if x is None or y is None:
            pen_down = False
            continue
        commands.append(f"{'L' if pen_down else 'M'}{plain(x)} {plain(y)}")
        alone = not pen_down and (at + 1 == len(points) or None in points[at + 1])
        commands.append("h0.01" if alone else "")
        pen_down = True
    return "".join(commands)
