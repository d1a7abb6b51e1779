"""Best and as good are what the thresholds of the metrics say, whichever way is better."""

from __future__ import annotations

import math
from typing import Optional

import pytest

from engine.pages.standing import best, better, number, numbers, standings


@pytest.mark.parametrize(
    ("metric", "values", "expected"),
    [
        # 2 % of the greater value: 2.03 is as good as 2.00, 2.05 is not.
        ("ergas", (4.0, 2.05, 2.00, 2.03), ("behind", "behind", "best", "as good")),
        ("q2n", (0.901, 0.900, 0.898), ("best", "as good", "behind")),  # 0.002
        ("r_bias_percent", (-0.5, 0.25, -0.1), ("behind", "as good", "best")),  # 0.2, nearest to 0
        ("psnr", (40.0, None, 39.9), ("best", None, "as good")),
        ("psnr", (None, 40.0, None), (None, None, None)),
        ("sam", (None, None), (None, None)),
        ("sam", (), ()),
    ],
)
def test_each_value_stands_to_the_best_as_its_metric_says(
    metric: str, values: tuple[Optional[float], ...], expected: tuple[Optional[str], ...]
) -> None:
    assert standings(metric, values) == expected


def test_the_first_of_equal_values_is_the_best_and_the_other_as_good() -> None:
    assert standings("ergas", (2.0, 2.0)) == ("best", "as good")


def test_better_needs_a_difference_that_means_something() -> None:
    assert better("ergas", 2.0, 3.0)
    assert not better("ergas", 3.0, 2.0)
    assert not better("ergas", 2.99, 3.0)
    assert not better("ergas", None, 3.0)
    assert better("q2n", 0.9, 0.8)


def test_nothing_is_best_of_nothing() -> None:
    assert best("ergas", (None, None)) is None


@pytest.mark.parametrize("value", [None, math.nan, math.inf, "1.0"])
def test_what_is_no_number_counts_as_missing(value: object) -> None:
    assert number({"sam": value}, "sam") is None
    assert numbers({"bias": [value, 1.0]}, "bias") == (None, 1.0)
    assert numbers({"bias": [value]}, "bias") == ()


def test_results_that_are_not_there_have_no_numbers() -> None:
    assert number(None, "sam") is number({}, "sam") is None
    assert numbers(None, "bias") == numbers({}, "bias") == numbers({"bias": None}, "bias") == ()
