"""Ticks are round, within the axis, and told apart by how they are written; odd ranges draw something all the same."""

from __future__ import annotations

import math

import pytest

from engine.pages.axes import Axis, labelled, round_step, round_values, spanning


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (0.0, 10.0, (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)),
        (-3.0, 7.0, (-2.0, 0.0, 2.0, 4.0, 6.0)),
        (0.013, 0.029, (0.015, 0.02, 0.025)),
        (287.0, 1203.0, (400.0, 600.0, 800.0, 1000.0, 1200.0)),
    ],
)
def test_ticks_are_round_and_within_the_axis(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert round_values(low, high, 6) == pytest.approx(expected)


@pytest.mark.parametrize("high", [3e-7, 0.11, 0.99, 7.3, 2047.0, 65535.0, 8.4e12])
@pytest.mark.parametrize("most", [3, 5, 8])
def test_there_are_never_more_ticks_than_asked_for_and_at_least_two(high: float, most: int) -> None:
    values = round_values(0.0, high, most)
    assert 2 <= len(values) <= most
    step = values[1]
    mantissa = step / 10.0 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(mantissa - nice) for nice in (1.0, 2.0, 2.5, 5.0)) < 1e-6


def test_a_step_is_the_next_round_number() -> None:
    assert [round_step(value) for value in (0.3, 1.0, 1.1, 2.2, 3.0, 6.0)] == pytest.approx([0.5, 1, 2, 2.5, 5, 10])


def test_labels_have_the_decimals_that_tell_them_apart_and_no_more() -> None:
    assert labelled((0.0, 0.25, 0.5)) == ["0.00", "0.25", "0.50"]
    assert labelled((0.0, 500.0, 1000.0)) == ["0", "500", "1000"]
    assert labelled((-0.1, 0.0, 0.1)) == ["−0.1", "0.0", "0.1"]
    assert labelled((0.0, 2e-6, 4e-6)) == ["0", "2e−6", "4e−6"]


def test_the_ticks_of_a_logarithmic_axis_are_powers_of_ten() -> None:
    ticks = Axis(0.003, 2e4, 0.0, 100.0, log=True).ticks()
    assert [value for value, _ in ticks] == pytest.approx([1e-2, 1e0, 1e2, 1e4])
    assert [words for _, words in ticks] == ["10⁻²", "1", "100", "10⁴"]


def test_places_follow_the_values() -> None:
    axis = Axis(0.0, 10.0, 100.0, 300.0)
    assert [axis.at(value) for value in (0.0, 5.0, 10.0)] == [100.0, 200.0, 300.0]
    decades = Axis(1.0, 100.0, 0.0, 200.0, log=True)
    assert decades.at(10.0) == pytest.approx(100.0)


def test_what_has_no_place_is_not_drawn_and_what_is_far_off_stays_near() -> None:
    axis = Axis(0.0, 1.0, 0.0, 100.0)
    assert axis.at(math.nan) is axis.at(math.inf) is None
    assert axis.at(1e300) == 200.0
    assert Axis(1.0, 10.0, 0.0, 1.0, log=True).at(0.0) is None


@pytest.mark.parametrize("values", [[], [math.nan], [5.0], [0.0, 0.0], [-2.0], [1e308, -1e308], [math.inf, 3.0]])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("zero", [False, True])
def test_an_axis_spans_something_whatever_it_is_given(values: list[float], log: bool, zero: bool) -> None:
    low, high = spanning(values, zero=zero and not log, log=log)
    assert math.isfinite(low) and math.isfinite(high) and low < high
    assert not log or low > 0.0
    assert log or not zero or low <= 0.0 <= high
    assert Axis(low, high, 0.0, 100.0, log).ticks()
