"""Charts place values where their axes say, never emit what is no number, and are named for those who listen."""

from __future__ import annotations

import math
import re

import pytest

from engine.pages.charts import Line, Steps, bars, histogram, line_chart
from engine.pages.evaluation import Arrow, MapPicture
from engine.pages.maps import arrow_map, colour_bar
from engine.pages.palette import Stroke
from tests.pages.samples import PICTURE

RED = Stroke("#ff0000")


def path(drawing: str, color: str = "#ff0000") -> str:
    found = re.search(rf'<path d="([^"]*)" fill="none" stroke="{color}"', drawing)
    assert found
    return found[1]


def widths(drawing: str, color: str = "#ff0000") -> list[float]:
    return [float(width) for width in re.findall(rf'width="([\d.]+)" height="[\d.]+" fill="{color}"', drawing)]


def test_a_line_is_drawn_in_the_order_of_its_abscissas() -> None:
    drawn = path(line_chart("t", [Line([2.0, 1.0, 3.0], [20.0, 10.0, 30.0], RED)], "x", "y"))
    places = [tuple(map(float, pair)) for pair in re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn)]
    assert places == sorted(places)
    (x0, y0), (x1, y1), (x2, y2) = places
    assert x1 - x0 == pytest.approx(x2 - x1) and y0 - y1 == pytest.approx(y1 - y2, abs=0.02) and y1 < y0


@pytest.mark.parametrize("gap", [None, math.nan, math.inf])
def test_a_line_is_broken_where_it_has_no_value(gap: float | None) -> None:
    drawn = path(line_chart("t", [Line([1.0, 2.0, 3.0, 4.0], [1.0, gap, 2.0, 3.0], RED)], "x", "y"))
    assert drawn.count("M") == 2 and drawn.count("L") == 1


def test_on_a_logarithmic_axis_nothing_below_zero_is_drawn() -> None:
    drawn = path(line_chart("t", [Line([1.0, 2.0, 3.0], [10.0, 0.0, 100.0], RED)], "x", "y", log=True))
    assert drawn.count("M") == 2 and "L" not in drawn


def test_bars_are_as_long_as_their_values_on_the_common_scale() -> None:
    drawn = bars("t", ["a", "b", "c"], [1.0, -2.0, None], "#ff0000", (-2.0, 4.0), 2, signed=True)
    one, two = widths(drawn)
    assert two == pytest.approx(2.0 * one, abs=0.03)
    assert ">+1.00<" in drawn and ">−2.00<" in drawn and ">–<" in drawn


def test_a_histogram_is_drawn_as_shares_of_its_own_pixels() -> None:
    drawn = histogram("t", Steps((1, 3), Stroke("#000000")), [Steps((10, 30), RED)], (0.0, 10.0))
    assert path(drawn) == path(drawn, "#111111")


def test_an_empty_histogram_is_drawn_without_a_line() -> None:
    assert "nan" not in histogram("t", Steps((0, 0), RED), [Steps((), RED)], (math.nan, math.nan))


def test_names_below_the_axis_are_thinned_where_there_is_no_room() -> None:
    names = [f"band {number}" for number in range(100)]
    drawn = line_chart("t", [Line(list(range(100)), [1.0] * 100, RED)], "x", "y", names=names)
    assert 10 <= len(re.findall(r"band \d+", drawn)) <= 20


def test_every_drawing_has_a_title_and_is_an_image_for_those_who_listen() -> None:
    drawings = [
        line_chart("Title", [], "x", "y"),
        bars("Title", [], [], "#000000", (0.0, 0.0), 2),
        histogram("Title", Steps((), RED), [], (0.0, 1.0)),
        arrow_map("Title", PICTURE, (10, 10), []),
    ]
    for drawn in drawings:
        assert re.match(r'<svg role="img" [^>]*><title>Title</title>', drawn)


def test_arrows_point_where_ms_lies_and_have_their_middle_at_the_place() -> None:
    drawn = arrow_map("t", PICTURE, (640, 320), [Arrow(100.0, 50.0, 0.3, 0.0, 0.93)])
    x, y, neck = map(float, re.search(r'd="M([\d.]+) ([\d.]+)L([\d.]+) \2" stroke="#ffd400"', drawn).groups())  # type: ignore[union-attr]
    assert y == 50.0 and x < 100.0 < neck
    assert "<title>0.30 to the right; correlation 0.93</title>" in drawn


def test_tiny_shifts_are_not_blown_up() -> None:
    drawn = arrow_map("t", PICTURE, (640, 320), [Arrow(100.0, 50.0, 0.001, 0.0, 0.9)])
    assert "<circle" in drawn
    assert "0.2 PAN pixels" in drawn


def test_arrows_without_a_number_are_left_out() -> None:
    drawn = arrow_map("t", PICTURE, (640, 320), [Arrow(1.0, 1.0, math.nan, 0.0, math.nan)])
    assert "nan" not in drawn


def test_a_bar_of_colours_names_its_ends_and_the_grey() -> None:
    drawn = colour_bar(MapPicture(PICTURE, 0.0, 20.0, "%"))
    assert ">0 %<" in drawn and ">20 %<" in drawn and "no value" in drawn
    assert "#440154" in drawn and "#fde725" in drawn
