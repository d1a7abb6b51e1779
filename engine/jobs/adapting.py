"""Adapting a model for any sensor to the pair in hand, for the verbs that want it: samples here, learning with PyTorch.

What comes and goes on the way lies in a private folder, which is gone at the end, however that comes.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, Union

from ..errors import ModelFileError, OutputError
from ..events import Event, Noted, Warned
from ..grid.window import Window
from ..modelfile.card import Card, read_card
from ..raster.scene import Scene
from ..remote.client import Worker
from ..remote.client import adapt as adapt_in
from ..remote.interpreter import find
from ..request import SELF, AdaptRequest, SharpenRequest
from .examples import Examples, examples
from .pipeline import Crew
from .signs import awaited, within
from .suited import import_torch
from .survey import Survey, surveyed

Result = TypeVar("Result")
_Request = Union[SharpenRequest, AdaptRequest]
Told = dict[str, Any]  # what training.adaptation returns

FOLDER = "ksdiff-adapt-"  # how the names of the private folders begin
_STAGE = "Adapting"
_LEARNING = 0.1  # of the progress, from which on PyTorch learns
CLASSICAL, BEFORE, AFTER = "mtf-glp-fs", "before", "after"  # names of scores, as training.adaptation has them
_COLUMNS = (("scc", "SCC"), ("q2n", "Q2n"))


@dataclass(frozen=True)
class Adapted:
    """A model that was adapted: its file and card, what came of it in numbers, and what was found out of the pair."""

    path: str
    card: Card
    facts: dict[str, Any]
    survey: Survey


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a folder that this user alone can read, and remove it with all that is in it."""
    try:
        folder = tempfile.mkdtemp(prefix=FOLDER)
    except OSError as error:
        raise OutputError(
            f"No folder can be made in {tempfile.tempdir} ({error.strerror}).",
            "Make room there, or name another folder with the variable TMPDIR.",
        ) from error
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_adaptable(card: Card) -> None:
    """Raise ModelFileError for a model that takes certain bands."""
    if card.input.bands:
        raise ModelFileError(
            f"The model {card.title} takes certain bands, and only a model for any bands can be adapted.",
            "Choose such a model, or train one of your own on the scene with 'train'.",
        )


def adapted(
    request: _Request,
    minutes: float,
    area: Window,
    base: tuple[str, Card],
    out: str,
    scene: Scene,
    crew: Crew,
) -> Generator[Event, None, Adapted]:
    """Yield events at least every 0.2 s while a model learns from an area of PAN, and return what it became.

    Raise ModelFileError where the base cannot be adapted, InputError where the pair is too small, and what `loaded`
    raises.
    """
    path, card = base
    check_adaptable(card)
    survey = yield from surveyed(scene, request.sensor, card.input.enlargement, crew)
    if isinstance(request, AdaptRequest):  # who sharpens surveys once more, and says it then
        yield from (Warned(warning) for warning in survey.warnings)
    optics = replace(survey.optics, kernel=card.input.enlargement)
    with private_folder() as folder:
        made = yield from within(
            examples(scene, area, optics, survey.shift_or_zero, folder, request.seed, crew), 0.0, _LEARNING
        )
        learn = _here if request.python == SELF else _in_worker
        values = _values(request, minutes, scene, survey, made, path, out, folder, crew)
        told = yield from within(learn(values, request, crew, _Clock(minutes)), _LEARNING)
    for warning in told["warnings"]:
        yield Warned(warning)
    new = read_card(out)
    facts = {"base": f"{card.name} {card.version}", "base_hash": card.tensor_hash, "minutes": minutes, **told}
    yield from map(Noted, _table(facts))
    if not facts["improved"]:
        yield Warned(f"In {facts['steps']} steps nothing better was found: the model stays as it was.")
    return Adapted(out, new, facts, survey)


def _values(
    request: _Request,
    minutes: float,
    scene: Scene,
    survey: Survey,
    made: Examples,
    model: str,
    out: str,
    folder: Path,
    crew: Crew,
) -> dict[str, Any]:
    """Return the fields of training.adaptation.Task."""
    files = dict.fromkeys(
        os.path.basename(name) for name in (scene.pan.path, *(band.file.path for band in scene.bands))
    )
    return {
        "model": os.path.abspath(model),
        "training": made.training,
        "held_out": made.held_out,
        "folder": str(folder / "run"),
        "out": os.path.abspath(out),
        "scene": f"{' and '.join(files)}, made coarser",
        "sensors": (survey.identity.sensor.id,) if survey.identity.known else (),
        "patch": made.patch,
        "minutes": minutes,
        "seed": request.seed,
        "threads": crew.size,
        "device": request.device,
    }


def _here(values: dict[str, Any], request: _Request, crew: Crew, clock: _Clock) -> Generator[Event, None, Told]:
    yield from awaited(crew.ordered(import_torch, [None]), _STAGE, clock.passed)
    from ..training.adaptation import Task, adapt

    task = Task(**values)
    return (yield from awaited(crew.aside(lambda going: adapt(task, going)), _STAGE, clock.passed))


def _in_worker(values: dict[str, Any], request: _Request, crew: Crew, clock: _Clock) -> Generator[Event, None, Told]:
    stopped = threading.Event()
    look = crew.ordered(lambda name: find(name, stopped=stopped.is_set), [request.python], stop=stopped.set)
    python = yield from awaited(look, _STAGE, clock.passed)
    with Worker(python, 1) as worker:
        yield Noted(f"The model learns in a process of {python.path} ({python.reason}).")
        ask = crew.ordered(lambda _: adapt_in(worker, values), [None], stop=worker.close)
        return (yield from awaited(ask, _STAGE, clock.passed))


class _Clock:
    """Tells as progress how much of the time has passed."""

    def __init__(self, minutes: float) -> None:
        self._begun, self._seconds = time.monotonic(), 60.0 * minutes

    def passed(self) -> float:
        return min(0.99, (time.monotonic() - self._begun) / self._seconds)


def _table(facts: dict[str, Any]) -> Iterator[str]:
    """Yield, line by line, what was measured on what was held out."""
    yield (
        f"Adapted in {facts['steps']} steps. On {facts['held_out']} samples of the pair made coarser, which were held "
        f"out, the error as a share of that of {CLASSICAL}:"
    )
    for name, share in ((BEFORE, facts["error_before"]), (AFTER, facts["error_after"])):
        more = "".join(f", {words} {facts['scores'][name].get(key, math.nan):.4f}" for key, words in _COLUMNS)
        yield f"  {name:6} {share:7.2%}{more}"
