"""A sample says what is wrong with it, scaling brings counts to about 0 to 1, and variations have bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.data.sample import MOST_DEVIATION, STILL, Sample, Scaling, Variation, evenly
from engine.errors import EngineError, InputError, RequestError


def sample(pan: Any = None, ms_up: Any = None, truth: Any = None) -> Sample:
    ones = np.ones((3, 8, 8), np.float32)
    return Sample(
        ones[0] if pan is None else pan, ones if ms_up is None else ms_up, ones if truth is None else truth, "a.tif"
    )


@pytest.mark.parametrize("shapes", [{"truth": (4, 8, 8)}, {"ms_up": (3, 8, 4)}, {"pan": (4, 8)}, {"truth": (8, 8)}])
def test_images_that_do_not_match_are_refused_with_their_sizes(shapes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(InputError) as caught:
        sample(**{name: np.ones(shape, np.float32) for name, shape in shapes.items()})
    assert "a.tif" in caught.value.fact and " x 8" in caught.value.fact


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("which", ["pan", "ms_up", "truth"])
def test_a_value_that_is_no_number_is_refused(which: str, value: float) -> None:
    image = np.ones((3, 8, 8), np.float32)
    image[:, 3, 3] = value
    with pytest.raises(InputError, match=r"a.tif holds values that are no numbers"):
        sample(**{which: image[0] if which == "pan" else image})


def test_scaling_takes_the_brightest_band_and_leaves_out_glints() -> None:
    dark, bright = np.linspace(0.0, 10.0, 10_001), np.linspace(0.0, 1000.0, 10_001)
    bright[-1] = 65535.0
    assert Scaling.of([dark, bright]).divisor == pytest.approx(999.0)  # 99.9 % of 0 to 1000
    bright[:5000] = np.nan
    assert Scaling.of([bright, dark]).divisor == pytest.approx(999.5)  # 99.9 % of 500 to 1000


def test_scaling_by_nothing_is_refused() -> None:
    for images in ([], [np.zeros((2, 4, 4))], [np.array([])]):
        with pytest.raises(InputError, match="nothing to scale by"):
            Scaling.of(images)
    with pytest.raises(RequestError, match="cannot be divided by 0"):
        Scaling(0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mtf": -0.1},
        {"grain": -1.0},
        {"shift": float("nan")},
        {"shift": 5.0},
        {"brightness": (0.0, 1.0)},
        {"brightness": (1.3, 0.7)},
    ],
)
def test_a_variation_without_meaning_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(EngineError) as caught:
        Variation(**wrong)
    assert caught.value.remedy.startswith("Give")


def test_gains_move_together_within_their_uncertainty_and_stay_gains() -> None:
    random = np.random.default_rng(1)
    drawn = np.array([Variation(mtf=0.05).gains((0.30, 0.36), random) for _ in range(500)])
    assert np.allclose(drawn[:, 1] - drawn[:, 0], 0.06)
    assert drawn[:, 0].min() >= 0.25 and drawn[:, 0].max() <= 0.35 and np.ptp(drawn[:, 0]) > 0.095
    assert min(Variation(mtf=0.5).gains((0.1,), random)[0] for _ in range(50)) > 0.0


def test_shifts_have_the_deviation_asked_for_and_an_end() -> None:
    random = np.random.default_rng(1)
    drawn = np.array([Variation(shift=1.5).shifts(random) for _ in range(4000)])
    assert np.abs(drawn).max() == pytest.approx(1.5 * MOST_DEVIATION)
    assert drawn.std(axis=0) == pytest.approx([1.5 * 0.959] * 2, rel=0.03)  # of a normal cut at 2 deviations
    assert STILL.shifts(random) == (0.0, 0.0)


def test_every_beginning_of_the_even_order_is_spread() -> None:
    order = evenly(1000)
    assert sorted(order) == list(range(1000))
    for count in (5, 20, 100):
        steps = np.diff(np.sort(np.append(order[:count], order[:count].min() + 1000)))
        assert steps.max() <= 2.7 * 1000 / count
