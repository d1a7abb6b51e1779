"""Small charts of a training draw what has numbers, and say where another stage begins."""

from __future__ import annotations

import re

from engine.pages.charts import Line
from engine.pages.curves import curves
from engine.pages.palette import BASELINE, stroke

NAN = float("nan")


def points(chart: str) -> list[tuple[float, float]]:
    (path,) = re.findall(r'<path d="([^"]*)"', chart)
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", path)]


def test_less_is_lower_and_later_is_to_the_right() -> None:
    (x1, y1), (x2, y2) = points(curves("ERGAS", [Line([10, 20], [4.0, 2.0], stroke(0))], [], []))
    assert x1 < x2 and y1 < y2


def test_levels_run_across_and_count_for_the_axis() -> None:
    chart = curves("ERGAS", [Line([10], [2.0], stroke(0))], [(3.0, BASELINE), (NAN, BASELINE)], [])
    assert chart.count(f'stroke="{BASELINE.color}"') == 1 and ">3.0<" in chart


def test_another_stage_begins_at_a_dotted_line() -> None:
    line = Line([0, 10], [2.0, 1.0], stroke(0))
    assert curves("", [line], [], [5.0]).count('stroke-dasharray="2 3"') == 1
    assert "stroke-dasharray" not in curves("", [line], [], [])


def test_what_is_no_number_breaks_the_line() -> None:
    chart = curves("", [Line([1, 2, 3], [1.0, None, 2.0], stroke(0))], [], [])
    assert len(points(chart)) == 2 and "L" not in re.findall(r'<path d="([^"]*)"', chart)[0]
    assert "nan" not in chart


def test_values_that_fall_manifold_get_a_logarithmic_axis() -> None:
    assert "10⁻²" in curves("", [Line([1, 2, 3], [1.0, 0.1, 0.01], stroke(0))], [], [])
    assert "10⁻" not in curves("", [Line([1, 2, 3], [1.0, 0.9, 0.8], stroke(0))], [], [])


def test_a_long_run_is_drawn_by_means_of_neighbours() -> None:
    xs = list(range(1, 100_001))
    ys = [1.0 + (x % 2) for x in xs]
    found = points(curves("", [Line(xs, ys, stroke(0))], [(1.0, BASELINE), (2.0, BASELINE)], []))
    assert 50 < len(found) <= 120
    # Half-way between the levels, which are as far from the frame above as below.
    assert all(abs(y - (8.0 + 168.0) / 2.0) < 2.0 for _, y in found)
