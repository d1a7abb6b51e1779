"""A training that another process asked for: its events as lines on stdout, for as long as that process is there.

Closing stdin, or being gone, is how the other one says that it is to end; see `remote.elsewhere`.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from contextlib import closing, suppress

from ..errors import EngineError
from ..events import Event, Failed, to_json
from ..remote.inside import begin, leave
from ..request import TrainRequest, from_json
from .train import train

_PATIENCE_S = 20.0  # for a last step and a checkpoint, where nobody is there to end it sooner
_log = logging.getLogger(__name__)


def main(asked: str) -> None:
    """Train, and end this process; `asked` are the fields of a TrainRequest as JSON."""
    answers = begin()
    unwanted = threading.Event()
    threading.Thread(target=_watch, args=(unwanted,), daemon=True).start()

    def say(event: Event) -> None:
        with suppress(OSError):  # nobody listens: stdin is closed as well, then
            answers.write(to_json(event).encode("ascii") + b"\n")
            answers.flush()

    try:
        with closing(train(from_json(TrainRequest, json.loads(asked)))) as events:
            for event in events:
                say(event)
                if unwanted.is_set():
                    break
    except EngineError as error:
        say(Failed(error.fact, error.remedy, error.exit_code))
    except Exception as error:  # noqa: BLE001 - whatever it was, the one who asked has to hear of it
        _log.exception("The training failed")
        what = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        say(Failed(f"The training failed ({what}).", "Where memory ran out, use a smaller batch or network.", 1))
    leave()


def _watch(unwanted: threading.Event) -> None:
    """Wait until nobody is there who could want it; end the process where it does not do so by itself then."""
    with suppress(OSError):
        while os.read(0, 1):
            pass
    unwanted.set()
    time.sleep(_PATIENCE_S)
    leave()
