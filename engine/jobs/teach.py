"""Train a model from a set of samples: settings and checks before, `train` in the middle, a model in its place after.

training set -> recipe -> NAME-run/ (checkpoints, page) -> NAME.safetensors, where sharpening finds it
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from ..errors import OutputError, RequestError
from ..events import Event, Finished, Metric, Noted, Progress, Started, Warned
from ..modelfile.card import Card, read_card
from ..modelfile.places import EXTENSION, SHIPPED, home, present
from ..request import TeachRequest, TrainRequest
from ..request.trainingset import TrainingSetRequest
from .library import file_of, looked_into
from .recipe import VERSION, Recipe, Samples, slug
from .room import check_disk, memory_doubt
from .shelf import check_shelf, shelve
from .signs import within
from .train import train

RUN = "-run"  # to the name of a model: the folder where it is trained
_CONFIG, _HISTORY = "config.json", "history.jsonl"  # as training.checkpoint has them, which only PyTorch can open
_CUT = 0.1  # of the progress, where the training set is made as well


def teach(request: TeachRequest, making: Optional[TrainingSetRequest] = None) -> Generator[Event, None, None]:
    """Train a model and put it where it is found; `making`: make the training set first, where there is none yet.

    Yield events at least every 0.2 s; closing the generator keeps a last checkpoint, to be resumed from.  Raise
    EngineError where it cannot be done.
    """
    begun = time.monotonic()
    if request.start is not None:
        request = replace(request, start=file_of(request.start, present(SHIPPED, home())))
    out, run = (beside(request.out, request.name, ending) for ending in (EXTENSION, RUN))
    resumed = request.resume and _holds_run(run)
    if request.resume and not resumed:
        yield Noted(f"There is nothing to resume in {run}: the training begins anew.")
    if not resumed:
        _check_new(request, out, run)
    _check_shelf(out, request.out == "")
    cut = 0.0
    if making is not None and not os.path.isdir(request.trainingset):
        cut = _CUT
        yield from _made(making)
    recipe = Recipe.of(Samples.of(request.trainingset), request, _begins_with(request))
    warnings = [] if resumed else [*recipe.doubts(), *filter(None, [memory_doubt(recipe.memory_mb)])]
    check_disk(run, recipe.disk_bytes)
    yield from map(Noted, [] if resumed else recipe.notes())
    yield from map(Warned, warnings)
    result = yield from _trained(recipe, run, resumed, cut)
    yield Noted(f"The model {request.name} goes to {out}.")
    # From here on the file may be in its place, so nothing is said any more that could stop it.
    shelve(result["model"], out, kept=True)
    yield Progress(1.0, "Done")
    yield Finished(
        {
            **result,
            "output": out,
            "run": run,
            "model": f"{slug(request.name)} {VERSION}",
            "steps": _steps(run),
            "epochs": round(result["samples"] / recipe.samples.count, 3),
            "seconds": round(time.monotonic() - begun, 3),
            "warnings": [*warnings, *result["warnings"]],
        }
    )


def _trained(recipe: Recipe, run: str, resumed: bool, first: float) -> Generator[Event, None, dict[str, Any]]:
    """Train, with progress from `first` to 1, and return what came of it and on which device."""
    result: dict[str, Any] = {}
    device = ""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ksdiff-"))
        for event in stack.enter_context(closing(within(train(_asked(recipe, run, folder, resumed)), first))):
            if isinstance(event, Finished):
                result = event.result
                continue
            if isinstance(event, Metric):
                continue  # a note on each validation says them in one line
            if isinstance(event, Started):
                device = event.facts["device"]
            yield event
    return {**result, "device": device}


def beside(out: str, name: str, ending: str) -> str:
    """Return the path of the model `out`, or else of this name, with another ending: what belongs to it lies there."""
    out = os.path.abspath(out) if out else str(home() / f"{slug(name)}{EXTENSION}")
    return f"{out[: -len(EXTENSION)]}{ending}"


def _made(making: TrainingSetRequest) -> Generator[Event, None, None]:
    """Make the training set; it needs GDAL, which a training does not."""
    from .trainingset import trainingset

    yield Noted(f"The samples of the training are kept in {making.out}.")
    with closing(within(trainingset(making), 0.0, _CUT)) as events:
        for event in events:
            if not isinstance(event, (Finished, Started)):
                yield event


def _begins_with(request: TeachRequest) -> Optional[Card]:
    return None if request.start is None else read_card(request.start)


def _asked(recipe: Recipe, run: str, folder: str, resumed: bool) -> TrainRequest:
    """Return what is asked of `train`; a run that goes on keeps its settings but for where and how long."""
    request = recipe.request
    if resumed:
        settings = [f"device={request.device}", f"threads={request.threads}"]
        if request.steps is None:
            settings.append(f"max_minutes={request.minutes}")
        return TrainRequest(os.path.join(run, _CONFIG), tuple(settings), resume=True, python=request.python)
    config = os.path.join(folder, _CONFIG)
    with open(config, "w", encoding="utf-8") as file:
        json.dump(recipe.configuration(run), file)
    return TrainRequest(config, python=request.python)


def _holds_run(run: str) -> bool:
    return any(Path(run).glob("step-*.npz"))


def _check_new(request: TeachRequest, out: str, run: str) -> None:
    """Raise RequestError where a model or a run of this name is there."""
    if os.path.lexists(out):
        raise RequestError(f"There is a model {out} already.", "Choose another name, or remove it first.")
    if _holds_run(run) or os.path.exists(os.path.join(run, _HISTORY)):
        raise RequestError(
            f"A training of this name was begun before, in {run}.", "Resume it, choose another name, or remove it."
        )
    named = slug(request.name)
    for known in looked_into((os.path.dirname(out),) if os.path.isdir(os.path.dirname(out)) else ()).models:
        if known.card.name == named:
            raise RequestError(f"The model {known.path} is called {named} already.", "Choose another name.")


def _check_shelf(out: str, is_home: bool) -> None:
    """Make the folder of models where that is meant.  Raise OutputError where the result cannot be written there."""
    folder = os.path.dirname(out)
    try:
        if is_home:
            os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder of models {folder} cannot be made ({error.strerror}).", "Name another file for the model."
        ) from error
    check_shelf(out)


def _steps(run: str) -> int:
    """Return how many steps the stages made, as the history of the run tells."""
    last: dict[int, int] = {}
    with open(os.path.join(run, _HISTORY), encoding="utf-8") as lines:
        for line in lines:
            told: dict[str, Any] = json.loads(line)
            last[told["stage"]] = told["step"]
    return sum(last.values())
