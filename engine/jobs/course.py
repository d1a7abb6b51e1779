"""A job made of jobs: what its parts say becomes one progress, and their warnings are told once."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any, Optional, TypeVar

from ..events import Event, Finished, Noted, Progress, Warned
from .pipeline import Done
from .signs import awaited

Result = TypeVar("Result")


class Course:
    """Keeps how much of the work, in any unit, is done of `total`, and what was warned of."""

    def __init__(self, total: float) -> None:
        self._total = total
        self._done = 0.0
        self.warnings: list[str] = []  # of the parts that were heard, and of the job itself
        self._told: set[str] = set()

    def stage(
        self, events: Generator[Event, None, Any], work: float, name: str, heard: bool = True, of: str = ""
    ) -> Generator[Event, None, Any]:
        """Pass on the progress of a part, and what it tells if it is `heard`; return what it returns or finishes with.

        of: what its warnings are about, which they do not say themselves.  Closing this closes the part.
        """
        result: Any = None
        try:
            while True:
                try:
                    event = next(events)
                except StopIteration as stop:
                    result = result if stop.value is None else stop.value
                    break
                if isinstance(event, Finished):
                    result = event.result
                elif isinstance(event, Progress):
                    yield Progress(self._passed(work * event.fraction), name)
                elif isinstance(event, Warned) and heard:
                    yield from self.warned(event.message, of=of)
                elif isinstance(event, Noted) and heard:
                    yield from self.noted(event.message)
        finally:
            events.close()
            self._done += work
        return result

    def signs(
        self, signs: Generator[Optional[Done[Result]], None, None], work: float, name: str
    ) -> Generator[Event, None, Result]:
        """Turn signs of life into progress; return the result that comes last.  Closing this closes the part."""
        try:
            return (yield from awaited(signs, name, lambda: self._passed(0.0)))
        finally:
            self._done += work

    def warned(self, *messages: str, of: str = "") -> Iterator[Warned]:
        """Yield a warning `of` something for each message that has not been told before, of whatever it was."""
        for message in self._news(messages):
            self.warnings.append(f"{of}: {message}" if of else message)
            yield Warned(self.warnings[-1])

    def noted(self, *messages: str) -> Iterator[Noted]:
        """Yield a note for each message that has not been told before."""
        yield from (Noted(message) for message in self._news(messages))

    def _news(self, messages: Iterable[str]) -> Iterator[str]:
        for message in messages:
            if message not in self._told:
                self._told.add(message)
                yield message

    def _passed(self, work: float) -> float:
        # 1 would say that the results are in their places.
        return min(0.99, (self._done + work) / self._total)
