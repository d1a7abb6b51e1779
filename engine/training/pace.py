"""How fast a run goes and how long it will take: both stages by the time of their steps, within the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .config import TrainingConfig
from .schedule import stage_seconds

# A step of stage 2 runs the diffusion beside the network: 1.04 to 1.15 times the time of one of stage 1, measured.
_DEARER = 1.15
_BELIEF = 5  # steps that the time of the stage before weighs as much as


@dataclass(frozen=True)
class Standing:
    """Where a run stands; times in seconds, of the run without its interruptions."""

    stage: int
    stages: int
    name: str
    step: int  # of the stage; so many are done
    steps: int  # of the stage, at most
    fraction: float  # of the whole run
    elapsed: float
    left: Optional[float]  # None: not to be told yet
    samples: int  # seen, over all stages
    samples_per_second: float


class Pace:
    """The time of the steps of one stage, which began at `began`; `before`: that of a step of the stage before."""

    def __init__(
        self, config: TrainingConfig, number: int, stages: int, began: float, before: Optional[float] = None
    ) -> None:
        seconds = stage_seconds(config, number, stages, began)
        self._steps = (config.stage1 if number == 1 else config.stage2).steps
        self._steps_after = config.stage2.steps if number < stages else 0
        self._began, self._before = began, before
        self._end = None if seconds is None else began + seconds
        self._budget = None if config.max_minutes is None else 60.0 * config.max_minutes

    def step_seconds(self, step: int, elapsed: float) -> Optional[float]:
        """Return the time of a step of this stage, validation and all, once so many are done; None: not known."""
        spent = max(0.0, elapsed - self._began)
        if self._before is None:
            return spent / step if step else None
        return (spent + _BELIEF * _DEARER * self._before) / (step + _BELIEF)

    def left(self, step: int, elapsed: float) -> Optional[float]:
        """Return the seconds until the whole run is over; None where nothing tells."""
        budget = None if self._budget is None else max(0.0, self._budget - elapsed)
        each = self.step_seconds(step, elapsed)
        if each is None:
            return budget
        mine = (self._steps - step) * each
        if self._end is not None:
            mine = min(mine, max(0.0, self._end - elapsed))
        whole = mine + self._steps_after * each * _DEARER
        return whole if budget is None else min(whole, budget)

    def fraction(self, step: int, elapsed: float) -> float:
        """Return how much of the time of the whole run has passed, 0 to 1."""
        left = self.left(step, elapsed)
        if left is None:
            return 0.0
        return elapsed / (elapsed + left) if elapsed + left > 0.0 else 1.0


def in_words(seconds: float) -> str:
    """Return a time for people: "40 seconds", "25 minutes", "3.5 hours"."""
    minutes = round(seconds / 60.0)
    if minutes >= 90:
        return f"{seconds / 3600.0:.1f} hours"
    return f"{minutes} minutes" if minutes >= 2 else f"{max(1, round(seconds))} second{'s' * (round(seconds) > 1)}"
