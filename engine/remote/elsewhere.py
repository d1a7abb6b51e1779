"""A training in another Python as seen from here: its events as they come, its end, and its death in words."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Generator, Mapping
from queue import Empty, SimpleQueue
from typing import Any

from ..errors import EngineError, WorkerError
from ..events import Event, Failed, Finished, Metric, Noted, Progress, Started, Warned
from .interpreter import Interpreter
from .process import DEATH_S, Process, strange
from .protocol import MOST_LINE

SILENCE_S = 300.0  # it says something ten times a second, but for what PyTorch's start takes on a slow disk
_GRACE_S = 0.65  # for a last checkpoint, between asking it to end and killing it
_HEARTBEAT_S = 0.1
_STARTING = Progress(0.0, "Starting PyTorch")
_KINDS = {kind.__name__.lower(): kind for kind in (Started, Progress, Noted, Warned, Metric, Finished, Failed)}
_TYPES: dict[str, Any] = {
    **dict.fromkeys(("verb", "stage", "message", "name", "fact", "remedy"), str),
    **dict.fromkeys(("facts", "result"), dict),
    **dict.fromkeys(("fraction", "value"), (int, float)),
    "exit_code": int,
}


def trained(interpreter: Interpreter, asked: Mapping[str, Any]) -> Generator[Event, None, None]:
    """Yield the events of a training, the last one repeated as a sign of life; `asked` are a TrainRequest's fields.

    Closing the generator asks it for a last checkpoint and ends it within a second.  Raise the EngineError that it
    raised, or WorkerError where it dies, says what is none of it, or nothing for SILENCE_S.
    """
    process = Process(interpreter, ["errand", json.dumps(dict(asked))])
    lines: SimpleQueue[bytes] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), name="ksdiff-training", daemon=True)
    reader.start()
    try:
        yield from _told(process, lines)
    finally:
        process.end(_GRACE_S)
        reader.join(DEATH_S)
        process.clear()


def _told(process: Process, lines: SimpleQueue[bytes]) -> Generator[Event, None, None]:
    last, heard = _STARTING, time.monotonic()
    while True:
        try:
            line = lines.get(timeout=_HEARTBEAT_S)
        except Empty:
            if time.monotonic() - heard > SILENCE_S:
                raise WorkerError(
                    f"The training has said nothing for {SILENCE_S:g} s, and was stopped.",
                    "See whether the graphics card hangs, or choose the device cpu.",
                ) from None
            yield last
            continue
        heard = time.monotonic()
        if not line:
            raise WorkerError(*process.found_dead("The training"))
        event = _event(line)
        if isinstance(event, Failed):
            raise EngineError(event.fact, event.remedy)
        if isinstance(event, Progress):
            last = event
        yield event
        if isinstance(event, Finished):
            return


def _read(process: Process, lines: SimpleQueue[bytes]) -> None:
    """Hand on what it says, line by line, and nothing at the end."""
    with process.stdout as stream:
        for line in iter(lambda: stream.readline(MOST_LINE), b""):
            lines.put(line)
    lines.put(b"")


def _event(line: bytes) -> Event:
    """Return what `events.to_json` made a line of.  Raise WorkerError where it is none."""
    try:
        told = json.loads(line)
        kind = _KINDS[told.pop("event")]
        if kind is Metric and told["value"] is None:
            told["value"] = math.nan  # which JSON does not know
        if not all(isinstance(value, _TYPES[name]) for name, value in told.items()):
            raise TypeError("a field of another type")
        event: Event = kind(**told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise strange(repr(line[:80])) from error
    return event
