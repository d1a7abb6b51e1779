"""The walk of a training: for each stage, steps, validations and checkpoints, until its steps or its time are over.

sources -> batch -> Learner.step -> averaged weights -> validation -> the best of the last stage is the model
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Callable, Optional

import torch
from torch import Tensor

from ..data.sample import Source
from ..data.sampling import Batch, Sampler
from ..errors import InputError
from ..events import Event, Metric, Noted, Progress, Warned
from ..network.ksdiff import Architecture, KSDiff
from .checkpoint import Checkpoint, Folder, State
from .config import TrainingConfig
from .distributed import Processes
from .learner import Learner
from .pace import Pace, Standing, in_words
from .schedule import Clock, learning_rate, stage_seconds
from .stages import Stage, stages
from .start import take_weights
from .validation import SCORE, Rival, Scores, Stopped, Validation, moved

_NOTE_SECONDS = (10.0, 60.0)  # between lines on the losses: before the first, and after
_MOST_PROGRESS = 0.999
_MOST_BETWEEN_LINES = 25  # steps: a line of the history waits for the GPU
_LINES = 200  # of the history, in a stage, at least
ENLARGED = "MS only enlarged"
_SHOWN = {"ergas": "ERGAS", "sam": "SAM", "q2n": "Q2n", "scc": "SCC"}


@dataclass(frozen=True)
class Material:
    """What is learnt from and measured on; `ratio` is that of PAN to MS."""

    sources: Sequence[Source]
    weights: Sequence[float]
    validation: Sequence[Source]
    ratio: float
    rivals: Sequence[Mapping[str, Rival]] = ()  # by name for each source of the validation, to be compared with
    baseline: str = ENLARGED  # what the samples bring as MS


@dataclass(frozen=True)
class Outcome:
    """What became of a run; `best` is empty where it was stopped before the last stage was validated."""

    best: Scores
    best_step: int
    enlarged: Scores  # of the MS that the samples bring, which may be more than enlarged
    rivals: Mapping[str, Scores]  # of the methods that were compared with, on the same samples
    state: State
    stopped: bool


class _Diverged(Exception):
    """The losses are no numbers any more."""


class Training:
    """One run in this process.  It tells events as it goes and gives each new best of the last stage to `keep`."""

    def __init__(
        self,
        config: TrainingConfig,
        architecture: Architecture,
        material: Material,
        folder: Folder,
        processes: Processes,
        tell: Callable[[Event], None],
        keep: Callable[[Mapping[str, Tensor], Scores, Validation], None],
    ) -> None:
        self._config, self._folder, self._processes = config, folder, processes
        self._tell, self._keep = tell, keep
        self._stages = stages(config, architecture)
        self._sampler = Sampler(
            material.sources,
            material.weights,
            config.patch,
            config.batch,
            config.seed,
            processes.rank,
            processes.world,
            config.variation,
        )
        torch.manual_seed(config.seed)
        # Adapting begins from a model for use, which has no truth encoder.
        self.network = KSDiff(architecture, with_truth_encoder=not config.adapt)
        if config.start:
            take_weights(self.network, config.path(config.start))
        piece = config.batch // config.accumulate
        self.validation = Validation(
            material.validation, config.patch, config.validation_samples, piece, material.ratio, processes.device
        )
        self._rivals, self._baseline = material.rivals, material.baseline
        self._state = State()
        self._stage = self._stages[0]
        self._pace = Pace(config, 1, len(self._stages), 0.0)
        self._fraction = 0.0
        self._best: dict[str, Tensor] = {}
        self._good: dict[str, Tensor] = {}  # what to go back to
        self._good_state = State()
        self._loaded: Mapping[str, Tensor] = {}
        self._began = self._noted = self._saved = time.monotonic()
        self._notes = 0
        self._told = torch.zeros(0)

    def load(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint instead of from the beginning."""
        self._state, self._loaded = checkpoint.state, checkpoint.tensors
        self._stage = self._stages[self._state.stage - 1]
        self._began = time.monotonic() - self._state.seconds

    def run(self, going: Callable[[], bool]) -> Outcome:
        """Train until all stages are over, or until `going` says no; then a last checkpoint is written.

        Raise EngineError where it cannot go on.
        """
        if self._processes.device.type == "cpu":
            torch.set_num_threads(self._config.threads or torch.get_num_threads())
        if self._rivals and self._processes.is_first:
            self._tell(Progress(0.0, "Measuring classical methods"))
            with suppress(Stopped):  # the stage stops too, and leaves a checkpoint
                self.validation.compete(self._rivals, going)
        self._saved = self._noted = time.monotonic()
        self._began = self._saved - self._state.seconds
        stopped = False
        try:
            for stage in self._stages[self._state.stage - 1 :]:
                self._run_stage(stage, going)
        except Stopped:
            stopped = True
        last = self._state.stage == len(self._stages)
        return Outcome(
            dict(self._state.best or {}) if last else {},
            self._state.best_step,
            self.validation.enlarged,
            self.validation.rivals,
            self._state,
            stopped,
        )

    @property
    def state(self) -> State:
        """How far the run is; it changes while it runs."""
        return self._state

    @property
    def standing(self) -> Standing:
        """Where the run stands now, for people."""
        state, stage, elapsed = self._state, self._stage, self._elapsed()
        rate = state.samples / state.learning_seconds if state.learning_seconds else 0.0
        return Standing(
            stage=stage.number,
            stages=len(self._stages),
            name=stage.name,
            step=state.step,
            steps=stage.config.steps,
            fraction=self._fraction,
            elapsed=elapsed,
            left=self._pace.left(state.step, elapsed),
            samples=state.samples,
            samples_per_second=rate,
        )

    def _run_stage(self, stage: Stage, going: Callable[[], bool]) -> None:
        self._stage = stage
        self._pace = Pace(self._config, stage.number, len(self._stages), self._state.stage_began, self._step_before())
        self._processes.share(self.network)
        learner = Learner(self.network, stage, self._config, self._processes)
        if self._loaded:
            learner.restore({name: value for name, value in self._loaded.items() if not name.startswith("best/")})
            self._best = {name[5:]: value for name, value in self._loaded.items() if name.startswith("best/")}
            self._loaded = {}
        else:
            self._save(stage, learner)
        self._remember(learner)
        while True:
            try:
                self._steps(stage, learner, going)
                break
            except _Diverged:
                self._go_back(stage, learner)
            except (Stopped, InputError):  # so that nothing that was learnt before a sample could not be read is lost
                self._save(stage, learner)
                raise
        if stage.number < len(self._stages):
            if self._best:
                self.network.load_state_dict(self._best)
            self._best = {}
            old = self._state
            self._state = State(
                stage=stage.number + 1,
                seconds=self._elapsed(),
                stage_began=self._elapsed(),
                learning_seconds=old.learning_seconds,
                waiting_seconds=old.waiting_seconds,
                samples=old.samples,
                rate_factor=old.rate_factor,
                history=old.history,
            )
        else:
            self._save(stage, learner)

    def _steps(self, stage: Stage, learner: Learner, going: Callable[[], bool]) -> None:
        state, config = self._state, self._config
        seconds = stage_seconds(config, stage.number, len(self._stages), state.stage_began)
        clock = Clock(stage.config.steps, state.stage_began, seconds)
        lines = max(1, min(_MOST_BETWEEN_LINES, stage.config.steps // _LINES))
        # Within a step only one that is alone can stop: the others would wait for it.
        within = going if self._processes.world == 1 else _always
        if config.start and config.start_competes and not state.step:
            self._validate(stage, learner, within)  # what it began with may stay the best
        batches = self._batches(stage, state.step)
        self._told, told_steps, passed = torch.zeros(3, device=self._processes.device), 0, 0.0
        try:
            while True:
                passed = clock.fraction(state.step, self._elapsed())
                patience_is_over = config.patience is not None and state.without_best >= config.patience
                # The first process's clock and measurements hold for all; any of them can stop all.
                first = float(self._processes.is_first)
                stop, passed, over = self._processes.agree(
                    [float(not going()), first * passed, first * float(patience_is_over)]
                )
                if stop:
                    raise Stopped
                done = passed >= 1.0 or over > 0.0
                if told_steps and (done or state.step % lines == 0 or self._is_due(state)):
                    self._line(stage, told_steps, learning_rate(stage.config, state.step, passed))
                    told_steps = 0
                # Whatever the time, a run ends with a model: the last stage is measured once at least.
                needed = done and stage.number == len(self._stages) and not state.measured
                if needed or (state.validated < state.step and (done or self._is_due(state))):
                    self._validate(stage, learner, within)
                if done:
                    return
                self._checkpoint_by_time(stage, learner)
                begun = time.monotonic()
                batch = moved(next(batches), self._processes.device)
                waited = time.monotonic() - begun
                rate = state.rate_factor * learning_rate(stage.config, state.step, passed)
                self._told += learner.step(state.step, batch, rate, within)
                told_steps += 1
                state.step += 1
                state.samples += config.batch
                state.waiting_seconds += waited
                state.learning_seconds += time.monotonic() - begun
                self._progress(stage)
        except Stopped:
            if told_steps:  # so that the curves go on without a gap
                self._line(stage, told_steps, learning_rate(stage.config, state.step, passed))
            raise
        finally:
            batches.close()  # type: ignore[attr-defined]

    def _is_due(self, state: State) -> bool:
        return state.step - state.validated >= self._config.validate_every

    def _batches(self, stage: Stage, step: int) -> Iterator[Batch]:
        # The second stage sees the samples that follow those of the first, however soon that ended.
        return self._sampler.prefetch(step + (self._config.stage1.steps if stage.number > 1 else 0))

    def _line(self, stage: Stage, steps: int, rate: float) -> None:
        """Add to the history what the last steps were like.  Raise _Diverged if that is no number."""
        means = (self._told / steps).tolist()  # waits for the GPU
        self._told = torch.zeros_like(self._told)
        # The norm is the same in all processes, so that all of them go back, or none does.
        if means[2] != means[2] or means[2] in (float("inf"), float("-inf")):
            raise _Diverged
        image, latent, norm = means
        image, latent = (total / self._processes.world for total in self._processes.agree([image, latent]))
        state = self._state
        speed = state.samples / state.learning_seconds if state.learning_seconds else 0.0
        self._state.history.append(
            {
                "stage": stage.number, "step": state.step, "image": image, "latent": latent, "norm": norm,
                "rate": rate * state.rate_factor, "samples_per_second": round(speed, 2),
                "seconds": round(self._elapsed(), 1),
            }
        )  # fmt: skip

    def _validate(self, stage: Stage, learner: Learner, going: Callable[[], bool]) -> None:
        state = self._state
        if self._processes.is_first:
            self._tell(Progress(self._overall(), f"{stage.name}, validating"))
            scores = self.validation.scores(stage, learner.average.network, going)
            seconds = round(self._elapsed(), 1)
            state.history.append(
                {"stage": stage.number, "step": state.step, "validation": dict(scores), "seconds": seconds}
            )
            for name, value in scores.items():
                self._tell(Metric(f"stage{stage.number}_{name}", value))
            self._tell(Noted(self._judged(stage, scores)))
            state.without_best += 1
            if state.best is None or scores[SCORE] < state.best[SCORE]:
                state.best, state.best_step, state.without_best = dict(scores), state.step, 0
                self._best = _copied(learner.average.network.state_dict())
                if stage.number == len(self._stages):
                    self._keep(learner.average.network.state_for_use(), scores, self.validation)
        state.validated, state.measured = state.step, True
        self._remember(learner)

    def _judged(self, stage: Stage, scores: Scores) -> str:
        """Return how the network does, beside what it has to beat: one line for each validation."""
        others = {self._baseline: self.validation.enlarged}
        best = self.validation.best_rival
        if best is not None:
            others[best] = self.validation.rivals[best]
        made = ", ".join(
            f"{words} {scores[name]:.4g} ({', '.join(f'{each[name]:.4g}' for each in others.values())})"
            for name, words in _SHOWN.items()
        )
        from_truth = ", with the prior that the truth gives" if stage.number < len(self._stages) else ""
        return f"{stage.name}, step {self._state.step}{from_truth}: {made}; in brackets, {' and '.join(others)}."

    def _remember(self, learner: Learner) -> None:
        self._good, self._good_state = _copied(learner.tensors()), deepcopy(self._state)

    def _go_back(self, stage: Stage, learner: Learner) -> None:
        step = self._state.step
        if self._state.rate_factor < 1.0:
            raise InputError(
                f"The losses are no numbers again, at step {step} of {stage.name.lower()}, with half the learning rate "
                "too.",
                "Look for extreme values in the images, or give a smaller learning rate in another folder.",
            )
        self._state = deepcopy(self._good_state)
        self._state.rate_factor = 0.5
        learner.restore(self._good)
        self._tell(
            Warned(
                f"The losses were no numbers at step {step} of {stage.name.lower()}: the training went back to step "
                f"{self._state.step} and goes on with half the learning rate."
            )
        )

    def _checkpoint_by_time(self, stage: Stage, learner: Learner) -> None:
        if time.monotonic() - self._saved >= self._config.checkpoint_every_minutes * 60.0:
            self._save(stage, learner)

    def _save(self, stage: Stage, learner: Learner) -> None:
        self._saved = time.monotonic()
        if not self._processes.is_first or not bool(torch.isfinite(self._told).all()):
            return
        state = deepcopy(self._state)
        state.seconds = self._elapsed()
        best = {f"best/{name}": value for name, value in self._best.items()}
        number = state.step + (self._config.stage1.steps if stage.number > 1 else 0)
        self._folder.save(number, Checkpoint(state, {**learner.tensors(), **best}))

    def _progress(self, stage: Stage) -> None:
        state, now = self._state, time.monotonic()
        overall = self._overall()
        self._tell(Progress(overall, stage.name))
        patience = _NOTE_SECONDS[min(self._notes, 1)]
        if now - self._noted >= patience and state.history and "image" in state.history[-1]:
            self._noted = now
            self._notes += 1
            line = state.history[-1]
            latent = f" and {line['latent']:.3g} (latent)" if stage.number > 1 else ""
            left = self._pace.left(state.step, self._elapsed())
            self._tell(
                Noted(
                    f"{stage.name}, step {state.step} of {stage.config.steps}: loss {line['image']:.4g}{latent}, "
                    f"learning rate {line['rate']:.2g}, {line['samples_per_second']:.3g} samples a second; "
                    f"{overall:.0%} of the run is done, about {in_words(left or 0.0)} left."
                )
            )

    def _overall(self) -> float:
        """Return how much of the whole run has passed; it never falls, and is 1 only once the result is there."""
        passed = self._pace.fraction(self._state.step, self._elapsed())
        self._fraction = max(self._fraction, min(passed, _MOST_PROGRESS))
        return self._fraction

    def _step_before(self) -> Optional[float]:
        """Return the seconds that a step of the stage before took; None where there was none."""
        done = [line["step"] for line in self._state.history if line["stage"] < self._state.stage]
        return self._state.stage_began / done[-1] if done and done[-1] else None

    def _elapsed(self) -> float:
        return time.monotonic() - self._began


def _always() -> bool:
    return True


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in tensors.items()}
