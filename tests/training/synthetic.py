"""A source of samples that costs nothing: coloured ripples that PAN sees sharply and MS blurred."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Optional

import numpy as np

from engine.data.sample import Floats, Sample, Scaling, Variation
from engine.events import Event
from engine.network.ksdiff import Architecture
from engine.training.checkpoint import Checkpoint, Folder
from engine.training.config import TrainingConfig
from engine.training.distributed import Processes
from engine.training.loop import Material, Outcome, Training
from engine.training.parsing import build

BANDS = 3
DIVISOR = 1000.0
SETTINGS: dict[str, Any] = {
    "architecture": "tiny",
    "patch": 32,
    "batch": 4,
    "stage1": {"steps": 6, "lr": 2e-3, "warm_up": 2},
    "stage2": {"steps": 4, "lr": 1e-3, "warm_up": 2},
    "validate_every": 3,
    "validation_samples": 4,
    "ema": 0.9,
    "precision": "off",
    "device": "cpu",
    "threads": 1,  # two wait for each other where other programs are busy
    "seed": 5,
}


class Ripples:
    """Samples drawn from waves of random direction; `spoilt` from that draw on, if told, are far too bright."""

    name = "ripples"
    bands = BANDS
    scaling = Scaling(DIVISOR)

    def check(self, patch: int) -> None:
        """Any patch is fine."""

    def draw(self, patch: int, variation: Variation, random: np.random.Generator) -> Sample:
        return self._sample(patch, random)

    def spread(self, patch: int, count: int) -> list[Sample]:
        return [self._sample(patch, np.random.default_rng((77, number))) for number in range(count)]

    def _sample(self, patch: int, random: np.random.Generator) -> Sample:
        row, col = np.mgrid[:patch, :patch]
        angle, phase = random.uniform(0, 2 * np.pi, 2)
        share = random.uniform(0.2, 1.0, (BANDS, 1, 1))
        slow, fast = (np.sin(rate * (row * np.sin(angle) + col * np.cos(angle)) + phase) for rate in (0.1, 1.5))
        truth = 500.0 + share * (200.0 * slow + 100.0 * fast)
        ms_up = 500.0 + share * 200.0 * slow
        pan = truth.mean(axis=0)
        return Sample(*(image.astype(np.float32) for image in (pan, ms_up, truth)), "ripples")


def config(folder: Path, **changes: Any) -> TrainingConfig:
    made: TrainingConfig = build(TrainingConfig, {**SETTINGS, "folder": str(folder), **changes}, "")
    return made


class Run:
    """A run, and all that it said and kept."""

    def __init__(
        self,
        settings: TrainingConfig,
        architecture: Optional[Architecture] = None,
        source: Optional[Any] = None,
        processes: Processes = Processes(),  # noqa: B008 - frozen
        rivals: Any = (),
    ) -> None:
        self.events: list[Event] = []
        self.kept: list[dict[str, Any]] = []
        architecture = architecture or settings.network(BANDS)
        self.folder = Folder(settings.folder, settings, architecture)
        source = source or Ripples()
        material = Material([source], [1.0], [Ripples()], 2.0, rivals)
        self.training = Training(
            settings, architecture, material, self.folder, processes, self.events.append, self._keep
        )

    def _keep(self, tensors: Any, scores: Any, validation: Any) -> None:
        self.kept.append({name: value.clone() for name, value in tensors.items()})

    def go(self, going: Callable[[], bool] = lambda: True) -> Outcome:
        self.folder.begin()
        return self.training.run(going)

    def resume(self, going: Callable[[], bool] = lambda: True) -> Outcome:
        self.training.load(self.latest())
        return self.training.run(going)

    def latest(self) -> Checkpoint:
        return self.folder.latest()[0]


def until_step(run: Run, stage: int, step: int) -> Callable[[], bool]:
    """Return what stops a run once so many steps of a stage are done."""

    def going() -> bool:
        state = run.training._state
        return (state.stage, state.step) < (stage, step)

    return going


def weights(run: Run) -> dict[str, Floats]:
    return {name: value.numpy() for name, value in run.latest().tensors.items()}
