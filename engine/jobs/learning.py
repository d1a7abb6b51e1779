"""One run of a training: gather what is learnt from, learn beside the caller, keep the best, say what came of it.

config -> material -> Training.run in a thread of its own -> events here -> model.safetensors, training.html
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from queue import Empty, SimpleQueue
from typing import Any, Callable, Optional, TypeVar

from .. import __version__
from ..data.images import Memory
from ..errors import Interrupted, ModelFileError, RequestError
from ..events import Event, Finished, Noted, Progress, Started, Warned
from ..modelfile import store
from ..modelfile.card import Band, Card, InputContract, Recipe, Scaling, Score
from ..modelfile.card import Stage as StageWords
from ..network.device import resolve
from ..network.ksdiff import Architecture
from ..pages.training import Run, judged, render
from ..pixels.brightness import BRIGHT
from ..request import TrainRequest
from ..training.checkpoint import HISTORY, MODEL, PAGE, Folder
from ..training.config import TrainingConfig
from ..training.distributed import Processes
from ..training.learner import precision_of
from ..training.loop import Material, Outcome, Training
from ..training.stages import stages
from ..training.validation import Validation
from .material import Gathered, described, gather
from .memory import peak_mb
from .pipeline import Crew

Result = TypeVar("Result")

_KERNEL = "polynomial"  # how training data are enlarged: data.wald
_TOLERANCE_UM = 0.05  # how far the wavelength of a band may lie from that in training


def learn(request: TrainRequest) -> Generator[Event, None, None]:
    """Train; see jobs.train."""
    begun = time.monotonic()
    config = TrainingConfig.load(request.config, request.settings)
    with ExitStack() as stack, Crew(1) as crew, _joined(config) as processes:
        memory = Memory(config.memory_mb)
        found = yield from _beside(
            crew, lambda going: gather(config, config.training_sources(), memory, going), "Reading the images"
        )
        checks = yield from _beside(
            crew, lambda going: gather(config, config.validation_sources(), memory, going), "Reading the images"
        )
        work = _Work(config, found, checks, processes)
        stack.callback(work.folder.claim.give_up)
        training = yield from _beside(crew, lambda _: work.training(request.resume), "Preparing")
        first = processes.is_first
        yield from (event for event in work.said() if first)
        if first:
            yield Started("train", work.facts)
            yield Noted(work.summary())

        outcome: Optional[Outcome] = None
        for sign in crew.aside(training.run):
            yield from work.heard()
            if sign is None:
                yield work.progress
            else:
                outcome = sign.result
        yield from work.heard()
        if outcome is None or outcome.stopped:
            raise Interrupted
        if not first:
            yield Finished({"process": processes.rank})
            return
        run = work.page(outcome)
        work.folder.write_history(outcome.state)
        work.folder.write(PAGE, render(run).encode("utf-8", "backslashreplace"))
        for verdict in judged(run):
            yield Warned(verdict.text) if verdict.level == "warning" else Noted(verdict.text)
        yield Progress(1.0, "Done")
        yield Finished(
            {
                "model": str(work.folder.path / MODEL) if outcome.best else None,
                "history": str(work.folder.path / HISTORY),
                "report": str(work.folder.path / PAGE),
                "scores": dict(outcome.best),
                "exp": dict(outcome.enlarged),
                "best_step": outcome.best_step,
                "samples": outcome.state.samples,
                "samples_per_second": round(outcome.state.samples / max(outcome.state.learning_seconds, 1e-9), 3),
                "waiting_share": round(outcome.state.waiting_seconds / max(outcome.state.learning_seconds, 1e-9), 4),
                "seconds": round(time.monotonic() - begun, 3),
                "peak_mb": peak_mb(),
                "warnings": list(run.warnings),
            }
        )


@contextmanager
def _joined(config: TrainingConfig) -> Iterator[Processes]:
    processes = Processes.joined(resolve(config.device))
    try:
        yield processes
    finally:
        processes.leave()


def _beside(crew: Crew, work: Callable[[Callable[[], bool]], Result], name: str) -> Generator[Event, None, Result]:
    """Do a piece of work beside the caller, with signs of life, and return its result."""
    for sign in crew.aside(work):
        if sign is not None:
            return sign.result
        yield Progress(0.0, name)
    raise AssertionError("the work ended without a result")  # pragma: no cover - it always ends with one


class _Work:
    """What belongs to one run, and what its thread says to the caller."""

    def __init__(
        self, config: TrainingConfig, found: list[Gathered], checks: list[Gathered], processes: Processes
    ) -> None:
        self._config, self._found, self._processes = config, found, processes
        self._own_checks = checks
        self._checks = checks or found
        self._queue: SimpleQueue[Event] = SimpleQueue()
        self.progress = Progress(0.0, "Preparing")
        self.warnings: list[str] = []
        self._bands = described([*found, *checks] if found else [])
        self._architecture = config.network(len(self._bands))
        _check_guides([*found, *checks], self._architecture)
        self.folder = Folder(config.path(config.folder), config, self._architecture)
        self.facts: dict[str, Any] = {}
        self._validation: Optional[Validation] = None

    def training(self, resume: bool) -> Training:
        """Return the run, begun or taken up again."""
        config = self._config
        material = Material(
            [one.source for one in self._found],
            [one.weight for one in self._found],
            [one.source for one in self._checks],
            self._checks[0].ratio if self._checks else 1.0,
        )
        training = Training(
            config, self._architecture, material, self.folder, self._processes, self._queue.put, self._keep
        )
        # What the card would refuse is better known before hours of work than after.
        try:
            self._card(dict(training.validation.enlarged), training.validation)
        except ModelFileError as error:
            raise RequestError(
                f"A model of this training could not be described. {error.fact}",
                "Correct 'card', or the data, in the configuration.",
            ) from error
        if resume:
            if self._processes.is_first and self.folder.path.is_dir():
                self.folder.claim.hold()
            checkpoint, wrong = self.folder.latest()
            for one in wrong:
                self._warn(f"{one} The one before it is used.")
            training.load(checkpoint)
        elif self._processes.is_first:
            self.folder.begin()
        if not self._own_checks:
            self._warn(
                "No images are named for validation, so the training's own are measured: the scores tell how well they "
                "are learnt, not how well others will do."
            )
        self._facts(training)
        return training

    def said(self) -> Iterator[Event]:
        """Yield what the run has told since the last call; the progress is kept instead."""
        while True:
            try:
                event = self._queue.get_nowait()
            except Empty:
                return
            if isinstance(event, Progress):
                self.progress = Progress(max(event.fraction, self.progress.fraction), event.stage)
            else:
                if isinstance(event, Warned) and event.message not in self.warnings:
                    self.warnings.append(event.message)
                yield event

    def heard(self) -> Iterator[Event]:
        """Yield what only the first process is to say."""
        for event in self.said():
            if self._processes.is_first:
                yield event

    def page(self, outcome: Outcome) -> Run:
        """Return what the page of the run shows."""
        return Run(
            self._config.card.title,
            datetime.now().strftime("%Y-%m-%d %H:%M"),
            __version__,
            {name: str(value) for name, value in self.facts.items() if not isinstance(value, dict)},
            self._config.to_dict(),
            tuple(stage.config.steps for stage in stages(self._config, self._architecture)),
            tuple(outcome.state.history),
            dict(outcome.best),
            outcome.best_step,
            dict(outcome.enlarged),
            tuple(self.warnings),
        )

    def summary(self) -> str:
        facts = self.facts
        parts = ", ".join(f"{name} {count}" for name, count in facts["parameters"].items())
        return (
            f"{facts['bands']} bands, ratio {facts['ratio']:g}, {facts['sources']} sources; parameters: {parts}; on "
            f"{facts['device']} with precision {facts['precision']}; {facts['validation_samples']} samples to validate."
        )

    def _warn(self, message: str) -> None:
        self._queue.put(Warned(message))

    def _facts(self, training: Training) -> None:
        parameters: dict[str, int] = {}
        for name, value in training.network.named_parameters():
            part = name.split(".")[0]
            parameters[part] = parameters.get(part, 0) + value.numel()
        device = self._processes.device
        self.facts = {
            "folder": str(self.folder.path),
            "parameters": parameters,
            "bands": len(self._bands),
            "band_names": [band.name for band in self._bands],
            "sensors": sorted({one.sensor for one in self._found}),
            "ratio": round(self._found[0].ratio, 6),
            "sources": len(self._found),
            "validation_samples": training.validation.samples,
            "backbone": self._architecture.backbone,
            "device": str(device),
            "precision": precision_of(self._config.precision, device),
            "processes": self._processes.world,
        }

    def _keep(self, tensors: Mapping[str, Any], scores: Mapping[str, float], validation: Validation) -> None:
        store.save(str(self.folder.path / MODEL), self._card(scores, validation), tensors)

    def _card(self, scores: Mapping[str, float], validation: Validation) -> Card:
        config, words = self._config, self._config.card
        ratios = [one.ratio for one in self._found]
        least = [one.least_ratio or one.ratio for one in self._found]
        divisor = config.divisor
        return Card(
            name=words.name,
            title=words.title,
            description=words.description,
            version=words.version,
            created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            input=InputContract(
                # With guides the network sees one band at a time, so MS may have any.
                bands=()
                if self._architecture.guides
                else tuple(Band(band.name, band.role, band.wavelength_um) for band in self._bands),
                wavelength_tolerance_um=_TOLERANCE_UM,
                ratio=ratios[0],
                ratios_tested=(min(least), max(ratios)),
                scaling=Scaling("percentile", BRIGHT) if divisor is None else Scaling("divisor", divisor),
                value_range=validation.value_range,
                enlargement=_KERNEL,
            ),
            architecture=self._architecture.to_dict(),
            sensors=tuple(sorted({one.sensor for one in self._found})),
            training_data=words.training_data,
            recipe=Recipe(
                tuple(
                    StageWords(stage.name, stage.config.steps, config.seed)
                    for stage in stages(config, self._architecture)
                ),
                config.hash(),
                __version__,
            ),
            scores=(
                Score(
                    "images for validation" if self._own_checks else "the training's own images",
                    f"Wald's protocol, {validation.samples} patches of {config.patch} x {config.patch} pixels measured "
                    "as one scene",
                    dict(scores),
                    {"exp": dict(validation.enlarged)},
                ),
            ),
            licence=words.licence,
        )


def _check_guides(found: Sequence[Gathered], architecture: Architecture) -> None:
    for one in found:
        guides = one.source.guides
        if guides != architecture.guides:
            raise RequestError(
                f"{one.source.name} has {guides} channels beside PAN, and the network takes {architecture.guides}.",
                f"Set architecture.guides to {guides}, and learn from sources of one kind.",
            )
