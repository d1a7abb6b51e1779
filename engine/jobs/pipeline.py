"""Bounded work on several threads, in order, with a sign of life every tenth of a second."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from types import TracebackType
from typing import Generic, Optional, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

HEARTBEAT_S = 0.1
MOST_THREADS = 8  # when nobody asks for more: each holds a tile in memory, and the disk is the limit by then


class Done(Generic[Result]):
    """A finished piece of work, so that its result can be told from a sign of life (None)."""

    __slots__ = ("result",)

    def __init__(self, result: Result) -> None:
        self.result = result


class Crew:
    """A few threads that outlive one stage of a job, so that what they have opened stays open."""

    def __init__(self, threads: int) -> None:
        self.size = threads or min(os.cpu_count() or 1, MOST_THREADS)
        self._pool = ThreadPoolExecutor(self.size, thread_name_prefix="ksdiff")

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._pool.shutdown(wait=True)

    def ordered(
        self,
        work: Callable[[Item], Result],
        items: Iterable[Item],
        ahead: int = 2,
        stop: Optional[Callable[[], None]] = None,
    ) -> Generator[Optional[Done[Result]], None, None]:
        """Yield `Done(work(item))` for each item in its order, and None while waiting.

        At most `ahead` items more than there are threads are under way or waiting to be taken, which bounds the
        memory.  Closing the generator leaves what has not begun undone, calls `stop`, which is to bring what has to an
        early end, and waits for it.
        """
        pending: deque[Future[Result]] = deque()
        source = iter(items)
        more = True
        try:
            while True:
                while more and len(pending) < self.size + ahead:
                    try:
                        pending.append(self._pool.submit(work, next(source)))
                    except StopIteration:
                        more = False
                if not pending:
                    return
                try:
                    result = pending[0].result(timeout=HEARTBEAT_S)
                except TimeoutError:
                    yield None
                    continue
                pending.popleft()
                yield Done(result)
        except GeneratorExit:
            if stop is not None:
                stop()
            raise
        finally:
            for future in pending:
                future.cancel()
            for future in pending:
                if not future.cancelled():
                    future.exception()  # waits; an error here is not news any more

    def aside(self, work: Callable[[Callable[[], bool]], Result]) -> Generator[Optional[Done[Result]], None, None]:
        """Run one long step beside the caller: yield None while it goes on, then its result.

        `work` gets a function that says whether to go on; closing the generator makes it say no.
        """
        wanted = [True]

        def stop() -> None:
            wanted[0] = False

        return self.ordered(lambda _: work(lambda: wanted[0]), [None], stop=stop)
