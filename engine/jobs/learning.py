"""One run of a training: gather what is learnt from, learn beside the caller, keep the best, say what came of it.

config -> material -> Training.run in a thread of its own -> events here -> model.safetensors, training.html
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timezone
from functools import partial
from math import isfinite
from queue import Empty, SimpleQueue
from typing import Any, Callable, Optional, TypeVar

from .. import __version__
from ..data.images import Memory
from ..errors import EngineError, Interrupted, ModelFileError, RequestError
from ..events import Event, Finished, Noted, Progress, Started, Warned
from ..modelfile import store
from ..modelfile.card import Band, Card, InputContract, Recipe, Scaling, Score
from ..modelfile.card import Stage as StageWords
from ..network.device import resolve
from ..network.ksdiff import Architecture
from ..pixels.brightness import BRIGHT
from ..request import TrainRequest
from ..sensors.sensor import display_bands
from ..training.checkpoint import HISTORY, MODEL, Folder
from ..training.config import TrainingConfig
from ..training.distributed import Processes
from ..training.learner import precision_of
from ..training.loop import ENLARGED, Material, Outcome, Training
from ..training.stages import stages
from ..training.validation import Validation
from .live import RESUME, About, LivePage
from .material import Gathered, described, gather
from .memory import peak_mb
from .pipeline import Crew
from .rivals import rivals
from .signs import awaited

Result = TypeVar("Result")

_GUESS = "MTF-GLP-FS"  # what a store of single bands brings as MS: methods.guides
_KERNEL = "polynomial"  # how training data are enlarged: data.wald
_TOLERANCE_UM = 0.05  # how far the wavelength of a band may lie from that in training


def learn(request: TrainRequest) -> Generator[Event, None, None]:
    """Train; see jobs.train."""
    begun = time.monotonic()
    config = TrainingConfig.load(request.config, request.settings)
    with ExitStack() as stack, Crew(1) as crew, _joined(config) as processes:
        memory = Memory(config.memory_mb)
        found = yield from awaited(
            crew.aside(lambda going: gather(config, config.training_sources(), memory, going)), "Reading the images"
        )
        checks = yield from awaited(
            crew.aside(lambda going: gather(config, config.validation_sources(), memory, going)), "Reading the images"
        )
        work = _Work(config, found, checks, processes)
        stack.callback(work.folder.claim.give_up)
        training = yield from awaited(crew.aside(lambda _: work.training(request.resume)), "Preparing")
        first = processes.is_first
        page = work.page(training)
        yield from (event for event in work.said() if first)
        if first:
            yield Started("train", {**work.facts, "report": page.path})
            yield Noted(f"The report of this training renews itself as it learns: {page.path}")
            yield Noted(work.summary())
        outcome = yield from _learnt(crew, work, training, page, first)
        if not first:
            yield Finished({"process": processes.rank})
            return
        work.folder.write_history(outcome.state)
        verdict = page.finish()
        if verdict.level == "warning":
            work.warnings.append(verdict.text)
        yield Warned(verdict.text) if verdict.level == "warning" else Noted(verdict.text)
        yield Progress(1.0, "Done")
        yield Finished(
            {
                "model": str(work.folder.path / MODEL) if outcome.best else None,
                "history": str(work.folder.path / HISTORY),
                "report": page.path,
                "scores": dict(outcome.best),
                "exp": dict(outcome.enlarged),
                "classical": {name: dict(scores) for name, scores in outcome.rivals.items()},
                "best_step": outcome.best_step,
                "samples": outcome.state.samples,
                "samples_per_second": round(outcome.state.samples / max(outcome.state.learning_seconds, 1e-9), 3),
                "waiting_share": round(outcome.state.waiting_seconds / max(outcome.state.learning_seconds, 1e-9), 4),
                "seconds": round(time.monotonic() - begun, 3),
                "peak_mb": peak_mb(),
                "warnings": list(work.warnings),
            }
        )


def _learnt(
    crew: Crew, work: _Work, training: Training, page: LivePage, first: bool
) -> Generator[Event, None, Outcome]:
    """Train beside the caller, the page written as it goes, and left in its last state however this ends.

    Raise Interrupted where the run was stopped, and what it raises.
    """
    outcome: Optional[Outcome] = None
    leave: Optional[Callable[[], None]] = page.stop  # whatever ends it before its end
    try:
        if first:
            yield from page.begin()
        with closing(crew.aside(training.run)) as signs:
            for sign in signs:
                yield from work.heard()
                if sign is not None:
                    outcome = sign.result
                    break
                if first:
                    yield from page.refresh()
                yield work.progress
        yield from work.heard()
        if outcome is None or outcome.stopped:
            raise Interrupted(RESUME)
        leave = None
    except Interrupted:
        raise
    except EngineError as error:
        leave = partial(page.fail, error.fact, error.remedy)
        raise
    finally:
        if first and leave is not None:
            leave()
    return outcome


@contextmanager
def _joined(config: TrainingConfig) -> Iterator[Processes]:
    processes = Processes.joined(resolve(config.device))
    try:
        yield processes
    finally:
        processes.leave()


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
        self._baseline = _GUESS if self._architecture.guides else ENLARGED
        self._training: Optional[Training] = None
        self._page: Optional[LivePage] = None

    def training(self, resume: bool) -> Training:
        """Return the run, begun or taken up again."""
        config = self._config
        material = Material(
            [one.source for one in self._found],
            [one.weight for one in self._found],
            [one.source for one in self._checks],
            self._checks[0].ratio if self._checks else 1.0,
            # A store of single bands brings what the best classical method makes of them already.
            [rivals(one.gains, one.pan_gain, one.ratio) for one in self._checks if one.gains],
            self._baseline,
        )
        training = Training(
            config, self._architecture, material, self.folder, self._processes, self._queue.put, self._keep
        )
        self._training = training
        # What the card would refuse is better known before hours of work than after.
        try:
            Card.from_json(self._card(dict(training.validation.enlarged), training.validation, {}).to_json())
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
        for each in (*self._found, *self._own_checks):
            if each.left_out:
                self._warn(f"{each.left_out} samples of {each.source.name} hold NaN, and are left out.")
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

    def page(self, training: Training) -> LivePage:
        """Return the page of the run."""
        total = sum(one.weight for one in self._found)
        sources = [_row(one, "learning", f"{one.weight / total:.0%}") for one in self._found]
        sources += [_row(one, "validation", "") for one in self._own_checks]
        _, shown = display_bands([band.role for band in self._bands])
        about = About(
            self._config.card.title,
            {name.replace("_", " "): _said(value) for name, value in self.facts.items()},
            tuple(sources),
            self._config.to_dict(),
            self._baseline,
            tuple(band - 1 for band in shown),
        )
        self._page = LivePage(training, self.folder, about, self.warnings)
        return self._page

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
        history = [] if self._training is None else self._training.state.history
        made = {int(line["stage"]): int(line["step"]) for line in history}
        store.save(str(self.folder.path / MODEL), self._card(scores, validation, made), tensors)
        if self._page is not None:
            self._page.keep_best()

    def _card(self, scores: Mapping[str, float], validation: Validation, made: Mapping[int, int]) -> Card:
        """Return the card of weights with these scores; `made` are the steps that led to them, by stage."""
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
                    StageWords(stage.name, made.get(stage.number, 0), config.seed)
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
                    {"exp": dict(validation.enlarged), **_finite(validation)},
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


def _finite(validation: Validation) -> dict[str, dict[str, float]]:
    """Return the scores of the best classical method for the card, which takes numbers alone."""
    name = validation.best_rival
    if name is None:
        return {}
    return {name.lower(): {key: value for key, value in validation.rivals[name].items() if isfinite(value)}}


def _row(one: Gathered, use: str, share: str) -> tuple[str, ...]:
    """Return what the page tells of a source."""
    ratios = f"{one.ratio:.4g}" if one.least_ratio in (None, one.ratio) else f"{one.least_ratio:.4g} to {one.ratio:.4g}"
    return one.source.name, use, one.sensor, ratios, str(len(one.bands)), share


def _said(value: Any) -> str:
    """Return a fact for people."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)
