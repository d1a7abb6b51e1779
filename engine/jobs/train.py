"""Train a model as a configuration says: in this process, or in one of another Python, which needs no GDAL."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing
from importlib.util import find_spec

from ..errors import RequestError, WorkerError
from ..events import Event, Noted, Started
from ..remote.elsewhere import trained
from ..remote.interpreter import Interpreter, find
from ..request import SELF, TrainRequest
from .memory import sleep_while_waiting
from .pipeline import Crew
from .signs import awaited

KEPT = "What was learnt up to the last checkpoint is kept, so that it can be resumed."
_NEEDED = ("torch", "safetensors")


def train(request: TrainRequest) -> Generator[Event, None, None]:
    """Train, and write model, history, report and checkpoints into the folder of the run.

    Yield events at least every 0.2 s; closing the generator writes a last checkpoint, to be continued from.  Raise
    EngineError where it cannot be done.
    """
    return (_here if request.python == SELF else _elsewhere)(request)


def _here(request: TrainRequest) -> Generator[Event, None, None]:
    """Train in this process; PyTorch is imported once this is asked for, and missed in a sentence."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise RequestError(
            f"Training needs {' and '.join(missing)}, which this Python does not have.",
            "Install it, for example with: python -m pip install torch safetensors numpy.",
        )
    sleep_while_waiting()
    from .learning import learn

    yield from learn(request)


def _elsewhere(request: TrainRequest) -> Generator[Event, None, None]:
    python = yield from _found(request.python)
    yield Noted(f"The model learns in a process of {python.path} ({python.reason}).")
    asked = {
        "config": os.path.abspath(request.config),
        "settings": request.settings,
        "resume": request.resume,
        "python": SELF,
    }
    begun = False
    try:
        with closing(trained(python, asked)) as events:
            for event in events:
                begun = begun or isinstance(event, Started)
                yield event
    except WorkerError as error:
        raise WorkerError(error.fact, f"{error.remedy} {KEPT}" if begun else error.remedy) from error


def _found(named: str) -> Generator[Event, None, Interpreter]:
    """Return the Python in which to train.  Raise WorkerError where there is none."""
    with Crew(1) as crew:
        look = crew.aside(lambda going: find(named, stopped=lambda: not going()))
        return (yield from awaited(look, "Starting PyTorch"))
