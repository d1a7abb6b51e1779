"""The learning rate warms up, falls as a cosine, and ends low however a stage ends: by its steps or by its time."""

from __future__ import annotations

import math
from typing import Any

import pytest

pytest.importorskip("torch")

from engine.training.config import StageConfig, TrainingConfig
from engine.training.schedule import Clock, learning_rate, stage_seconds

STAGE = StageConfig(steps=1000, lr=1e-3, lr_end=1e-5, warm_up=10)


def test_the_rate_follows_the_cosine() -> None:
    assert learning_rate(STAGE, 500, 0.5) == pytest.approx((1e-3 + 1e-5) / 2)
    assert learning_rate(STAGE, 250, 0.25) == pytest.approx(1e-5 + 0.99e-3 * (1 + math.sqrt(0.5)) / 2)
    assert learning_rate(STAGE, 999, 1.0) == pytest.approx(1e-5)


def test_the_rate_warms_up_from_the_first_step() -> None:
    assert [learning_rate(STAGE, step, 0.0) for step in (0, 4, 9, 10)] == pytest.approx([1e-4, 5e-4, 1e-3, 1e-3])
    assert learning_rate(StageConfig(10, 1e-3, warm_up=0), 0, 0.0) == pytest.approx(1e-3)


def test_a_stage_is_over_after_its_steps_or_its_time_whichever_comes_first() -> None:
    clock = Clock(100, began=50.0, seconds=10.0)
    assert clock.fraction(20, 51.0) == pytest.approx(0.2)
    assert clock.fraction(20, 57.0) == pytest.approx(0.7)
    assert clock.fraction(100, 51.0) == clock.fraction(3, 60.0) == clock.fraction(3, 99.0) == 1.0
    assert Clock(100, 0.0, None).fraction(20, 1e9) == pytest.approx(0.2)
    assert Clock(100, 70.0, -10.0).fraction(0, 70.0) == 1.0


def config(**changes: Any) -> TrainingConfig:
    return TrainingConfig("run", stage1=StageConfig(30, 1e-3), stage2=StageConfig(10, 1e-3), **changes)


def test_the_time_is_shared_in_proportion_to_the_steps_and_the_last_stage_gets_the_rest() -> None:
    assert stage_seconds(config(), 1, 2, 0.0) is None
    assert stage_seconds(config(max_minutes=2.0), 1, 2, 0.0) == pytest.approx(90.0)
    assert stage_seconds(config(max_minutes=2.0), 2, 2, 50.0) == pytest.approx(70.0)
    assert stage_seconds(config(max_minutes=2.0, stage1_share=0.25), 1, 2, 0.0) == pytest.approx(30.0)
    assert stage_seconds(config(max_minutes=2.0), 1, 1, 0.0) == pytest.approx(120.0)
