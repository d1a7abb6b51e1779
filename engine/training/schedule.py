"""How fast to learn, and when to stop: a cosine over the steps or the time of a stage, whichever runs out first."""

from __future__ import annotations

import math
from typing import Optional

from .config import StageConfig, TrainingConfig


def learning_rate(stage: StageConfig, step: int, fraction: float) -> float:
    """Return the rate of a step, counted from 0, when so much of the stage has passed (0 to 1)."""
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(fraction, 1.0)))
    rise = min(1.0, (step + 1) / stage.warm_up) if stage.warm_up else 1.0
    return rise * (stage.lr_end + (stage.lr - stage.lr_end) * cosine)


class Clock:
    """How much of a stage has passed; `elapsed` is always the time of the whole run, in seconds."""

    def __init__(self, steps: int, began: float, seconds: Optional[float]) -> None:
        self._steps, self._began, self._seconds = steps, began, seconds

    def fraction(self, step: int, elapsed: float) -> float:
        """Return 0 to 1 before a step, counted from 0; at 1 the stage is over."""
        passed = 0.0
        if self._seconds is not None:
            passed = (elapsed - self._began) / self._seconds if self._seconds > 0.0 else 1.0
        return min(1.0, max(step / self._steps, passed))


def stage_seconds(config: TrainingConfig, number: int, stages: int, began: float) -> Optional[float]:
    """Return how long stage `number` (1 or 2) of so many may last when it begins at `began`; None: for ever.

    The last one has all the time that is left.
    """
    if config.max_minutes is None:
        return None
    whole = config.max_minutes * 60.0
    if number == stages:
        return whole - began
    by_steps = config.stage1.steps / (config.stage1.steps + config.stage2.steps)
    return whole * (by_steps if config.stage1_share is None else config.stage1_share) - began
