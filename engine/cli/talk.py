"""What a running verb says on stderr: warnings, notes, and how far it is; and its result as a table."""

from __future__ import annotations

import contextlib
import math
import signal
import sys
import time
from collections.abc import Generator
from typing import Any, Optional

from ..errors import Interrupted
from ..events import Event, Finished, Noted, Progress, Warned

_TELLING = 0.02  # of the whole, done since this process looks on, before it tells how long the rest will take


class Interruption:
    """What the user's wish to stop does: it ends the start at once, and a job under way at its next event.

    A job answers every 0.2 s.  An exception in the middle of one could come too late to stop its last step, or into
    a callback of GDAL's.
    """

    def __init__(self) -> None:
        self.asked = False
        self.awaits_event = False

    def ask(self, _signal: int, _frame: Any) -> None:
        """Handle a signal."""
        self.asked = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # an impatient second one disturbs neither cleaning up nor the end
        sys.unraisablehook = _unheard  # raised into a callback, as in an import, it is lost, and the next event ends it
        if not self.awaits_event:
            raise Interrupted  # a KeyboardInterrupt seen by exec, as in an import, ends Python by the signal


def _unheard(_error: Any) -> None:
    """Say nothing of an exception that Python could not raise."""


def follow(events: Generator[Event, None, None], quiet: bool, interruption: Interruption) -> dict[str, Any]:
    """Tell stderr what happens and return the result.  Raise Interrupted once the job has stopped on request."""
    line = _ProgressLine(quiet)
    result: dict[str, Any] = {}
    try:
        for event in events:
            interruption.awaits_event = True
            if isinstance(event, Finished):
                result = event.result
            elif isinstance(event, Progress) and event.fraction >= 1.0:
                continue  # the result is in its place: too late to stop
            elif interruption.asked:
                raise Interrupted
            elif isinstance(event, Progress):
                line.show(event)
            elif isinstance(event, Warned):
                line.end()
                say(f"Warning: {event.message}")
            elif isinstance(event, Noted) and not quiet:
                line.end()
                say(event.message)
    finally:
        events.close()
        line.end()
    return result


class _ProgressLine:
    """One line on a terminal, rewritten in place; a line every ten seconds elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._on = not quiet
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._shown = time.monotonic()
        self._first: Optional[tuple[float, float]] = None  # when the first progress came, and how far it was
        self._open = False

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._first is None:  # a run that is gone on with begins far from nothing
            self._first = now, progress.fraction
        if not self._on or now - self._shown < (0.2 if self._terminal else 10.0):
            return
        self._shown = now
        left = ""
        begun, before = self._first
        if progress.fraction - before > _TELLING:
            left = f", {(now - begun) * (1.0 - progress.fraction) / (progress.fraction - before):.0f} s left"
        text = f"{progress.stage}: {progress.fraction:.0%}{left}"
        if self._terminal:
            sys.stderr.write(f"\r{text:<70}")
            sys.stderr.flush()
            self._open = True
        else:
            say(text)

    def end(self) -> None:
        if self._open:
            sys.stderr.write("\r" + " " * 70 + "\r")
            self._open = False


def table(result: dict[str, Any]) -> str:
    """Return the result as lines of a name and what it is, in words for people."""
    return "".join(f"{key:<14} {_words(value)}\n" for key, value in result.items())


def _words(value: Any) -> str:
    if value is None or value in ("", [], (), {}):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else "-"
    if isinstance(value, (list, tuple)):
        return ("; " if isinstance(value[0], dict) else ", ").join(_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items())
    return str(value)


def say(text: str) -> None:
    """Say a line on stderr, where there is one that can be written to: nobody listening is no reason to fail."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
