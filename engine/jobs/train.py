"""Train a model as a configuration says; PyTorch is imported once this is asked for, and missed in a sentence."""

from __future__ import annotations

from collections.abc import Generator
from importlib.util import find_spec

from ..errors import RequestError
from ..events import Event
from ..request import TrainRequest
from .memory import sleep_while_waiting

_NEEDED = ("torch", "safetensors")


def train(request: TrainRequest) -> Generator[Event, None, None]:
    """Train, and write model, history, report and checkpoints into the folder of the run.

    Yield events at least every 0.2 s; closing the generator writes a last checkpoint, to be continued from.  Raise
    EngineError where it cannot be done.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise RequestError(
            f"Training needs {' and '.join(missing)}, which this Python does not have.",
            "Install it, for example with: python -m pip install torch safetensors numpy.",
        )
    sleep_while_waiting()
    from .learning import learn

    yield from learn(request)
