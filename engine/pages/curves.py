"""Small charts of how numbers change over the steps of a training, beside what they have to beat."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

from .axes import Axis, spanning
from .charts import Line
from .markup import Markup
from .palette import Stroke
from .svg import FRAME, GRID, dots, drawing, label, line, polyline

_WIDTH, _HEIGHT = 330.0, 210.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 322.0, 8.0, 168.0
_MOST_POINTS = 120  # of a line
_MANIFOLD = 20.0  # values that differ by more are drawn on a logarithmic axis


def curves(
    title: str, lines: Sequence[Line], levels: Sequence[tuple[float, Stroke]], begins: Sequence[float]
) -> Markup:
    """Return lines over steps; `levels` run across, and `begins` are the steps at which another stage began."""
    values = [y for each in lines for y in each.ys if y is not None and math.isfinite(y)]
    x_low, x_high = spanning([0.0, *(x for each in lines for x in each.xs)])
    values += [value for value, _ in levels if math.isfinite(value)]
    log = min(values, default=0.0) > 0.0 and max(values) > _MANIFOLD * min(values)
    y_low, y_high = spanning(values, log=log)
    margin = 0.0 if log else (y_high - y_low) * 0.06
    x_axis = Axis(x_low, x_high, _LEFT, _RIGHT)
    y_axis = Axis(y_low - margin, y_high + margin, _BOTTOM, _TOP, log)
    parts: list[Markup] = []
    for value, words in y_axis.ticks(7):
        place = y_axis.at(value)
        if place is not None:
            parts += [line(_LEFT, place, _RIGHT, place, GRID), label(_LEFT - 5, place + 4, words, "end")]
    parts.append(line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, FRAME))
    for value, words in x_axis.ticks(4):
        place = x_axis.at(value)
        if place is not None:
            at_edge = "end" if place > _RIGHT - 14 else "middle"
            parts += [line(place, _BOTTOM, place, _BOTTOM + 4, FRAME), label(place, _BOTTOM + 16, words, at_edge)]
    parts.append(label((_LEFT + _RIGHT) / 2, _HEIGHT - 4, "step", "middle", kind="axis"))
    for begin in begins:
        place = x_axis.at(begin)
        if place is not None:
            parts.append(line(place, _TOP, place, _BOTTOM, FRAME, dash="2 3"))
    for value, stroke in levels:
        place = y_axis.at(value)
        if place is not None:
            parts.append(line(_LEFT, place, _RIGHT, place, stroke.color, stroke.width, stroke.dash))
    for each in lines:
        points = [(x_axis.at(x), None if y is None else y_axis.at(y)) for x, y in zip(*_thinned(each.xs, each.ys))]
        parts += [polyline(points, each.stroke), dots(points, each.stroke.color) if each.marked else Markup()]
    return drawing(title, _WIDTH, _HEIGHT, parts)


def _thinned(xs: Sequence[float], ys: Sequence[Optional[float]]) -> tuple[list[float], list[Optional[float]]]:
    """Return fewer points where there are many: means of neighbours, None where one of them is no number."""
    size = max(1, math.ceil(len(xs) / _MOST_POINTS))
    groups = [(xs[start : start + size], ys[start : start + size]) for start in range(0, len(xs), size)]
    return (
        [float(across[-1]) for across, _ in groups],
        [None if None in up else math.fsum(value for value in up if value is not None) / len(up) for _, up in groups],
    )
