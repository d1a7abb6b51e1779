"""What a running verb says on stderr: warnings, notes, and how far it is; and its result as a table."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator
from typing import Any

from ..events import Event, Finished, Noted, Progress, Warned, plain


def follow(events: Generator[Event, None, None], quiet: bool) -> dict[str, Any]:
    """Tell stderr what happens and return the result."""
    line = _ProgressLine(quiet)
    result: dict[str, Any] = {}
    try:
        for event in events:
            if isinstance(event, Progress):
                line.show(event)
            elif isinstance(event, Warned):
                line.end()
                say(f"Warning: {event.message}")
            elif isinstance(event, Noted) and not quiet:
                line.end()
                say(event.message)
            elif isinstance(event, Finished):
                result = event.result
    finally:
        events.close()
        line.end()
    return result


class _ProgressLine:
    """One line on a terminal, rewritten in place; a line every ten seconds elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._on = not quiet
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._begun = self._shown = time.monotonic()
        self._open = False

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._on or now - self._shown < (0.2 if self._terminal else 10.0):
            return
        self._shown = now
        left = ""
        if progress.fraction > 0.05:
            left = f", {(now - self._begun) * (1.0 - progress.fraction) / progress.fraction:.0f} s left"
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
    lines = []
    for key, value in result.items():
        if isinstance(value, (dict, list)):
            value = json.dumps(plain(value), ensure_ascii=False)
        elif isinstance(value, float):
            value = f"{value:.6g}"
        lines.append(f"{key:<14} {value}")
    return "\n".join(lines) + "\n"


def say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
