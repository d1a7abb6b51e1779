"""Charts of numbers as SVG: lines, bars by band, and histograms; what has no number is not drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Optional

from .axes import Axis, spanning
from .markup import Markup, element
from .numerals import decimal
from .palette import GIVEN, Stroke
from .svg import FRAME, GRID, area, box, dots, drawing, label, line, polyline

_CHARACTER = 6.2  # pixels a character takes at the size of labels, on average


@dataclass(frozen=True)
class Line:
    """One line of a chart; ordinates that are None or not finite are left out."""

    xs: Sequence[float]
    ys: Sequence[Optional[float]]
    stroke: Stroke
    marked: bool = False  # a dot at each point


@dataclass(frozen=True)
class Steps:
    """One line of a histogram: what is counted in equal bins."""

    counts: Sequence[int]
    stroke: Stroke


def line_chart(
    title: str,
    lines: Sequence[Line],
    x_title: str,
    y_title: str,
    log: bool = False,
    names: Sequence[str] = (),  # of the places 0, 1, 2 ... on the x axis; nothing: it has numbers
    at: Optional[tuple[float, str]] = None,  # a place on the x axis to point out, and its name
) -> Markup:
    """Return lines over common axes; `log`: the ordinate's, where values of 0 and below are left out."""
    width, height, left, bottom = 720.0, 300.0, 64.0, 44.0
    x_low, x_high = spanning([x for line in lines for x in line.xs])
    if names:
        x_low, x_high = -0.5, len(names) - 0.5
    y_low, y_high = spanning([y for line in lines for y in line.ys if y is not None], log=log)
    margin = (y_high - y_low) * 0.04 * (not log)
    x_axis = Axis(x_low, x_high, left, width - 10.0)
    y_axis = Axis(y_low - margin, y_high + margin, height - bottom, 10.0, log)
    parts = [*_rules(y_axis, left, width - 10.0), *_below(x_axis, names, height - bottom)]
    parts.append(label((left + width) / 2, height - 6, x_title, "middle", kind="axis"))
    parts.append(label(14, (height - bottom) / 2 + 5, y_title, "middle", kind="axis", turned=True))
    if at is not None:
        place = x_axis.at(at[0])
        if place is not None and left <= place <= width - 10.0:
            parts.append(line(place, 10, place, height - bottom, FRAME, dash="2 3"))
            fits = place + len(at[1]) * _CHARACTER < width - 10.0
            parts.append(label(place + (4 if fits else -4), 20, at[1], "start" if fits else "end"))
    for each in lines:
        points = [(x_axis.at(x), None if y is None else y_axis.at(y)) for x, y in sorted(zip(each.xs, each.ys), key=_x)]
        parts.append(polyline(points, each.stroke))
        parts.append(dots(points, each.stroke.color) if each.marked else Markup())
    return drawing(title, width, height, parts)


def bars(
    title: str,
    names: Sequence[str],
    values: Sequence[Optional[float]],
    color: str,
    extent: tuple[float, float],
    digits: int,
    signed: bool = False,
) -> Markup:
    """Return a bar for each name, from 0, its number beside it; `extent`: least and greatest of all such panels."""
    width, row = 240.0, 17.0
    longest = max((len(name) for name in names), default=0)
    left = min(max(longest * _CHARACTER, 20.0), 84.0) + 8.0
    right = width - 48.0
    axis = Axis(*spanning(extent, zero=True), left, right)
    zero = axis.at(0.0) or left
    height = row * len(names) + 6.0
    parts = []
    for number, (name, value) in enumerate(zip(names, values)):
        top = 3.0 + row * number
        parts.append(label(left - 6, top + 12, name, "end", limit=13))
        parts.append(label(width, top + 12, decimal(value, digits, signed), "end", kind="number"))
        end = None if value is None else axis.at(value)
        if end is not None:
            end = min(max(end, left), right)
            parts.append(box(min(zero, end), top + 3, abs(end - zero), row - 6, color))
    parts.append(line(zero, 2, zero, height - 2, FRAME))
    return drawing(title, width, height, parts)


def histogram(title: str, given: Steps, others: Sequence[Steps], extent: tuple[float, float]) -> Markup:
    """Return `given` as an area and the others as steps, each as shares of its own pixels, bins over `extent`."""
    width, height, bottom = 240.0, 140.0, 20.0
    x_axis = Axis(*spanning(extent), 6.0, width - 6.0)
    shares = [_shares(each.counts) for each in (given, *others)]
    y_axis = Axis(0.0, max((value for each in shares for value in each), default=0.0) or 1.0, height - bottom, 6.0)
    parts = _below(x_axis, (), height - bottom, most=4)
    outline = _steps(shares[0], x_axis, y_axis)
    parts.append(area(outline, GRID))
    parts.append(polyline(outline, replace(GIVEN, width=1.2)))
    parts += [polyline(_steps(each, x_axis, y_axis), other.stroke) for each, other in zip(shares[1:], others)]
    parts.append(line(6.0, height - bottom, width - 6.0, height - bottom, FRAME))
    return drawing(title, width, height, parts)


def key(stroke: Stroke) -> Markup:
    """Return a short piece of a line, to stand before the name of what it shows."""
    shape = line(0, 5, 26, 5, stroke.color, max(stroke.width, 2.5), stroke.dash)
    return element("svg", shape, class_="key", viewBox="0 0 26 10", aria_hidden="true")


def _rules(axis: Axis, left: float, right: float) -> list[Markup]:
    """Return the lines across a chart at the ticks of its ordinate, and their numbers."""
    parts = []
    for value, words in axis.ticks():
        place = axis.at(value)
        if place is not None:
            parts.append(line(left, place, right, place, GRID))
            parts.append(label(left - 6, place + 4, words, "end"))
    return parts


def _below(axis: Axis, names: Sequence[str], base: float, most: int = 8) -> list[Markup]:
    """Return the axis at the foot of a chart, with numbers or with as many of the names as there is room for."""
    room = (axis.end - axis.start) / max(len(names), 1)
    every = math.ceil(36.0 / room)
    limit = int(room * every / _CHARACTER) - 1
    ticks = [(float(at), names[at]) for at in range(0, len(names), every)] if names else axis.ticks(most)
    parts = [line(axis.start, base, axis.end, base, FRAME)]
    for value, words in ticks:
        place = axis.at(value)
        if place is None:
            continue
        parts.append(line(place, base, place, base + 4, FRAME))
        at_edge = "start" if place < axis.start + 12 else "end" if place > axis.end - 12 else "middle"
        parts.append(label(place, base + 16, words, "middle" if names else at_edge, limit=limit if names else 12))
    return parts


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    return [count / total for count in counts] if total else []


def _steps(shares: Sequence[float], x_axis: Axis, y_axis: Axis) -> list[tuple[float, float]]:
    """Return the outline of a histogram, from the foot of its first bin to that of its last."""
    if not shares:
        return []
    edges = [x_axis.start + (x_axis.end - x_axis.start) * at / len(shares) for at in range(len(shares) + 1)]
    heights = [y_axis.start + (y_axis.end - y_axis.start) * value / y_axis.high for value in shares]
    points = [(edges[0], y_axis.start)]
    for at, height in enumerate(heights):
        points += [(edges[at], height), (edges[at + 1], height)]
    return [*points, (edges[-1], y_axis.start)]


def _x(point: tuple[float, Optional[float]]) -> float:
    return point[0]
