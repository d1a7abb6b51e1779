"""How long a run will take is told from the time of its steps, stage by stage, and from its budget."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import pytest

pytest.importorskip("torch")

from engine.training.config import TrainingConfig
from engine.training.pace import Pace, in_words
from tests.training.synthetic import config


def settings(first: int = 100, second: int = 50, **changes: Any) -> TrainingConfig:
    return config(Path("run"), stage1={"steps": first, "lr": 1e-3}, stage2={"steps": second, "lr": 1e-3}, **changes)


def test_both_stages_count_by_the_time_of_their_steps() -> None:
    pace = Pace(settings(), 1, 2, 0.0)
    # 20 steps took 40 s: 80 more take 160 s, and 50 of the second stage, each 1.15 times as dear, 115 s.
    assert pace.left(20, 40.0) == pytest.approx(160.0 + 115.0)
    assert pace.fraction(20, 40.0) == pytest.approx(40.0 / (40.0 + 275.0))


def test_before_the_first_step_nothing_tells_how_long() -> None:
    assert Pace(settings(), 1, 2, 0.0).left(0, 3.0) is None
    assert Pace(settings(), 1, 2, 0.0).fraction(0, 3.0) == 0.0


def test_a_budget_ends_the_run_whatever_its_steps() -> None:
    pace = Pace(settings(10**6, 10**6, max_minutes=10.0), 1, 2, 0.0)
    assert pace.left(0, 30.0) == pytest.approx(570.0)
    assert pace.left(20, 40.0) == pytest.approx(560.0)
    assert pace.fraction(20, 300.0) == pytest.approx(0.5)


def test_a_first_stage_that_its_share_ends_is_not_told_longer() -> None:
    pace = Pace(settings(10**6, 10, max_minutes=10.0, stage1_share=0.5), 1, 2, 0.0)
    # Half of ten minutes for the first stage, of which 100 s are over, and ten steps of 1.15 s.
    assert pace.left(100, 100.0) == pytest.approx(200.0 + 11.5)


def test_the_second_stage_is_told_by_the_first_until_its_own_steps_tell() -> None:
    pace = Pace(settings(), 2, 2, 200.0, before=2.0)
    assert pace.left(0, 200.0) == pytest.approx(50 * 2.0 * 1.15)
    assert pace.step_seconds(45, 200.0 + 45 * 4.0) == pytest.approx(4.0, rel=0.06)
    assert pace.left(50, 400.0) == 0.0 and pace.fraction(50, 400.0) == 1.0


def test_a_run_of_one_stage_ends_with_it() -> None:
    assert Pace(settings(), 1, 1, 0.0).left(100, 50.0) == 0.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (40.4, "40 seconds"), (89.0, "89 seconds"), (150.0, "2 minutes"), (12600.0, "3.5 hours")],
)
def test_times_are_told_as_people_do(seconds: float, words: Optional[str]) -> None:
    assert in_words(seconds) == words
