"""The worker as seen from outside: started, asked by any thread, and gone with all its files when it is closed."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .. import errors
from ..errors import EngineError, WorkerError
from .interpreter import Interpreter
from .process import DEATH_S, Process, strange
from .protocol import MOST_LINE, VERSION, Arrays, Nonsense, decoded, encoded, no_room, put, take

DEADLINE_S = 600.0  # for one request: the kernels of a large model on a slow machine take minutes
_HEARTBEAT_S = 0.1
_Window = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]  # PAN and MS


class Worker:
    """One process with one folder.  Raise WorkerError where it cannot be started."""

    def __init__(self, interpreter: Interpreter, threads: int) -> None:
        self._numbers = itertools.count()
        self._asked: set[int] = set()  # what has no answer yet
        self._answers: dict[int, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._writing = threading.Lock()
        self._judging = threading.Lock()
        self._silent = self._closed = False
        self._verdict: Optional[tuple[str, str]] = None  # why it was killed from here, for all who wait
        self._process = Process(interpreter, ["worker", str(threads)])
        self._folder = self._process.folder
        self._listener = threading.Thread(target=self._listen, name="ksdiff-worker", daemon=True)
        self._listener.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(
        self, do: str, values: Mapping[str, Any], arrays: Optional[Arrays] = None, deadline_s: Optional[float] = None
    ) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Return what the worker answers: values and arrays.

        Raise the EngineError that it raised, or WorkerError where it does not answer as it should, or not in time.
        """
        number = next(self._numbers)
        question, answered = (os.path.join(self._folder, f"{number}.{end}") for end in ("in", "out"))
        try:
            try:
                listed = put(question, arrays or {})
            except OSError as error:
                raise self._ending() if self._closed else no_room(tempfile.gettempdir(), error) from error
            self._asked.add(number)
            self._send(encoded({"id": number, "do": do, "values": dict(values), "arrays": listed}))
            answer = self._wait(number, do, DEADLINE_S if deadline_s is None else deadline_s)
            if "error" in answer:
                raise _raised(answer["error"])
            try:
                made = take(answered, answer.get("arrays"))
                if not isinstance(answer.get("values"), dict):
                    raise Nonsense(str(answer))
            except (Nonsense, OSError) as error:
                if not self._closed:
                    self._condemn(strange(error))  # it is not worth waiting for its other answers
                raise self._ending() from error
            return answer["values"], made
        finally:
            for path in (question, answered):
                with contextlib.suppress(OSError):
                    os.remove(path)

    def close(self) -> None:
        """End the worker, whatever it is at, and remove its folder.  May be called again, and from any thread."""
        self._closed = True
        self._process.end()
        self._listener.join(DEATH_S)
        self._process.clear()

    def _send(self, line: bytes) -> None:
        try:
            with self._writing:
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except (OSError, ValueError) as error:  # ValueError: closed in the meantime
            raise self._ending() from error

    def _listen(self) -> None:
        """Collect the answers until there are no more."""
        try:
            for line in iter(lambda: self._process.stdout.readline(MOST_LINE), b""):
                answer = decoded(line)
                if answer["id"] not in self._asked:  # who asked would wait until the deadline
                    raise Nonsense(repr(line[:80]))
                with self._news:
                    self._asked.remove(answer["id"])
                    self._answers[answer["id"]] = answer
                    self._news.notify_all()
        except Nonsense as error:
            self._condemn(strange(error))
        finally:
            with self._news:
                self._silent = True
                self._news.notify_all()
            self._process.stdout.close()  # here, as another thread would wait for this one

    def _wait(self, number: int, do: str, deadline_s: float) -> dict[str, Any]:
        until = time.monotonic() + deadline_s
        with self._news:
            while number not in self._answers:
                if self._silent or self._closed:
                    raise self._ending()
                if time.monotonic() > until:
                    self._condemn(
                        WorkerError(
                            f"The worker has not answered '{do}' for {deadline_s:g} s, and was stopped.",
                            "Use smaller tiles or a smaller model, or see whether the graphics card hangs.",
                        )
                    )
                    raise self._ending()
                self._news.wait(_HEARTBEAT_S)
            return self._answers.pop(number)

    def _condemn(self, error: WorkerError) -> None:
        self._verdict = error.fact, error.remedy
        self._process.kill()

    def _ending(self) -> WorkerError:
        """Return what is to be said of a worker that will not answer any more."""
        if self._closed:
            return WorkerError("The worker was stopped.", "Run it again.")
        with self._judging:  # who asks first waits, and may kill it; the others are told what was found
            if self._verdict is None:
                self._verdict = self._process.found_dead("The worker")
            return WorkerError(*self._verdict)


def adapt(worker: Worker, task: Mapping[str, Any]) -> dict[str, Any]:
    """Let a worker adapt a model, and return what came of it; see `training.adaptation`.  Raise what that raises."""
    asked = {"version": VERSION, "task": dict(task)}
    told, _ = worker.ask("adapt", asked, deadline_s=60.0 * task["minutes"] + DEADLINE_S)
    numbers = told.get("error_before"), told.get("error_after"), told.get("steps"), told.get("held_out")
    scores, words = told.get("scores"), told.get("warnings")
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise strange(told)
    if not isinstance(words, list) or not isinstance(scores, dict) or type(told.get("improved")) is not bool:
        raise strange(told)
    return told


class RemoteFuser:
    """A model in a worker; see `methods.neural.Fuser`.  Raise what loading it raises."""

    def __init__(self, worker: Worker, model: str, device: str, seed: int) -> None:
        self._worker = worker
        asked = {"version": VERSION, "model": os.path.abspath(model), "device": device, "seed": seed}
        told, _ = worker.ask("hello", asked)
        if told.get("version") != VERSION or not _counts(told) or not _names(told.get("facts")):
            raise strange(told)
        self.near: int = told["near"]
        self.step: int = told["step"]
        self.room: Optional[int] = told["room"]
        self.facts: dict[str, str] = told["facts"]
        self._turn = threading.Lock()
        self._kept: dict[tuple[int, ...], tuple[list[npt.NDArray[Any]], int]] = {}

    def settle(self, windows: Sequence[_Window], shares: Sequence[float]) -> dict[str, npt.NDArray[Any]]:
        return self._worker.ask("settle", {"shares": list(shares)}, _numbered(windows))[1]

    def fuse(
        self, pan: npt.NDArray[np.float32], ms_up: npt.NDArray[np.float32], kernels: Arrays, margin: int = 0
    ) -> npt.NDArray[np.float32]:
        return self.fuse_each([(pan, ms_up)], [kernels], margin)[0]

    def fuse_each(
        self, windows: Sequence[_Window], kernels: Sequence[Arrays], margin: int = 0
    ) -> list[npt.NDArray[np.float32]]:
        values = {"kernels": [self._number_of(one) for one in kernels], "margin": margin}
        made = self._worker.ask("fuse", values, _numbered(windows))[1]
        shapes = [(len(ms_up), *(side - 2 * margin for side in ms_up.shape[1:])) for _, ms_up in windows]
        if [(name, array.shape) for name, array in made.items()] != [
            (f"fused {index}", shape) for index, shape in enumerate(shapes)
        ]:
            raise strange({name: array.shape for name, array in made.items()})
        return list(made.values())

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _number_of(self, kernels: Arrays) -> int:
        """Return the number under which the worker has these kernels; they are sent once, not with every tile.

        All are kept: of one scene they are some dozens at most, and the method has them in memory too.
        """
        key = tuple(map(id, kernels.values()))
        with self._turn:
            if key not in self._kept:  # the arrays are kept beside, so that no others get their ids
                told = self._worker.ask("keep", {}, kernels)[0]
                if type(told.get("kept_as")) is not int:
                    raise strange(told)
                self._kept[key] = list(kernels.values()), told["kept_as"]
            return self._kept[key][1]


def _numbered(windows: Sequence[_Window]) -> Arrays:
    """Return windows as the arrays of a request."""
    return {
        f"{name} {index}": image for index, window in enumerate(windows) for name, image in zip(("pan", "ms"), window)
    }


def _counts(told: Mapping[str, Any]) -> bool:
    """Return whether what a network says of itself has the numbers that it has to."""
    room = told.get("room", 0)  # None is an answer
    counts = ((told.get("near"), 0), (told.get("step"), 1), (1 if room is None else room, 1))
    return all(type(count) is int and count >= least for count, least in counts)


def _names(facts: object) -> bool:
    """Return whether these facts of a network name its device and its PyTorch."""
    return isinstance(facts, dict) and all(isinstance(facts.get(name), str) for name in ("device", "torch"))


def _raised(told: Any) -> EngineError:
    """Return the error that the worker raised."""
    if isinstance(told, list) and len(told) == 3 and all(isinstance(part, str) for part in told):
        kind = getattr(errors, told[0], None)
        if isinstance(kind, type) and issubclass(kind, EngineError) and kind is not errors.Interrupted:
            return kind(told[1], told[2])
    return strange(told)
