"""Waiting for another program without falling silent."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from ..events import Event, Progress

T = TypeVar("T")


def while_waiting(work: Generator[None, None, T], fraction: float, stage: str) -> Generator[Event, None, T]:
    """Yield progress for each sign of life of `work`; return what it returns.  Closing the generator stops it."""
    try:
        while True:
            next(work)
            yield Progress(fraction, stage)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        work.close()
