"""Signs of life and progress of the parts of a job, as a part of what the whole job says."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from typing import Optional, TypeVar

from ..events import Event, Progress
from .pipeline import Done

Result = TypeVar("Result")


def awaited(
    signs: Generator[Optional[Done[Result]], None, None], stage: str, passed: Callable[[], float] = lambda: 0.0
) -> Generator[Event, None, Result]:
    """Yield progress at each sign of life of a single piece of work, and return its result, which comes last.

    passed: how much of the job has passed.  Closing this closes the work; what is done is left to end by itself, since
    closing it would stop what it has started.
    """
    done: Optional[Done[Result]] = None
    with closing(signs):
        for sign in signs:
            if sign is None:
                yield Progress(passed(), stage)
            else:
                done = sign
    if done is None:
        raise AssertionError("the work ended without a result")  # pragma: no cover - it always ends with one
    return done.result


def within(events: Generator[Event, None, Result], first: float, last: float = 1.0) -> Generator[Event, None, Result]:
    """Yield the events of a part of a job, its progress as that of the whole, and return what the part returns."""
    with closing(events):
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                result: Result = end.value
                return result
            if isinstance(event, Progress):
                event = replace(event, fraction=first + (last - first) * event.fraction)
            yield event
