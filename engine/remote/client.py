"""The worker as seen from outside: started, asked by any thread, and gone with all its files when it is closed."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess  # nosec B404 - starts nothing but the worker
import sys
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
from .interpreter import Interpreter, cleaned
from .protocol import FOLDER, MOST_LINE, VERSION, Arrays, Nonsense, decoded, encoded, no_room, put, take

DEADLINE_S = 600.0  # for one request: the kernels of a large model on a slow machine take minutes
_HEARTBEAT_S = 0.1
_GRACE_S = 0.5  # between asking the worker to end and killing it
_BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")
# On Windows: no console, and what draws a map goes first.  Elsewhere the worker steps back by itself.
_UNSEEN_AND_PATIENT = sum(getattr(subprocess, flag, 0) for flag in ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS"))
_TALK = "talk.txt"  # what the worker says on stderr
_TOLD = 300  # characters of it that a sentence quotes
_TEMPORARY = ("TMPDIR", "TEMP", "TMP")

_MEMORY = "it was killed, most likely because memory ran out", "Close other programs, or use fewer threads."
_CRASH = "a library it uses crashed", "Install PyTorch anew, or choose another Python."
_PROCESSOR = "this processor lacks an instruction that PyTorch uses", "Install a PyTorch made for older processors."
_LIBRARY = "a library of Windows is missing", "Install Microsoft's Visual C++ Redistributable."
# By what the process returned: signals (negative; 128 more where a script stands between), statuses of Windows.
_ENDS = {
    **dict.fromkeys((-9, 137), _MEMORY),
    **dict.fromkeys((-4, 132, 0xC000001D), _PROCESSOR),
    **dict.fromkeys((-6, 134, -7, 135, -11, 139, 0xC0000005), _CRASH),
    0xC0000135: _LIBRARY,
}


class Worker:
    """One process with one folder.  Raise WorkerError where it cannot be started."""

    def __init__(self, interpreter: Interpreter, threads: int) -> None:
        self._path = interpreter.path
        self._numbers = itertools.count()
        self._asked: set[int] = set()  # what has no answer yet
        self._answers: dict[int, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._writing = threading.Lock()
        self._judging = threading.Lock()
        self._silent = self._closed = False
        self._verdict: Optional[tuple[str, str]] = None  # why it was killed from here, for all who wait
        try:
            self._folder = tempfile.mkdtemp(prefix=FOLDER)  # readable by this user alone
        except OSError as error:
            raise no_room(tempfile.tempdir or "any folder", error) from error
        try:
            with open(os.path.join(self._folder, _TALK), "wb") as talk:
                self._process = subprocess.Popen(  # nosec B603 - a list, no shell
                    [self._path, "-u", _BOOT, str(threads)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=talk,
                    cwd=self._folder,
                    # What libraries leave among the temporary files goes with the folder.
                    env={**cleaned(os.environ, self._path), **dict.fromkeys(_TEMPORARY, self._folder)},
                    # Ctrl+C in a terminal is for this process, which then ends the worker.
                    start_new_session=sys.platform != "win32",
                    creationflags=_UNSEEN_AND_PATIENT,
                )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise WorkerError(
                f"{self._path} cannot be started ({error.strerror or error}).", "Choose another Python."
            ) from error
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
                    self._condemn(_strange(error))  # it is not worth waiting for its other answers
                raise self._ending() from error
            return answer["values"], made
        finally:
            for path in (question, answered):
                with contextlib.suppress(OSError):
                    os.remove(path)

    def close(self) -> None:
        """End the worker, whatever it is at, and remove its folder.  May be called again, and from any thread."""
        self._closed = True
        with contextlib.suppress(OSError):  # it may be gone already
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        self._listener.join(_GRACE_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _send(self, line: bytes) -> None:
        try:
            with self._writing:
                self._process.stdin.write(line)  # type: ignore[union-attr]
                self._process.stdin.flush()  # type: ignore[union-attr]
        except (OSError, ValueError) as error:  # ValueError: closed in the meantime
            raise self._ending() from error

    def _listen(self) -> None:
        """Collect the answers until there are no more."""
        try:
            for line in iter(lambda: self._process.stdout.readline(MOST_LINE), b""):  # type: ignore[union-attr]
                answer = decoded(line)
                if answer["id"] not in self._asked:  # who asked would wait until the deadline
                    raise Nonsense(repr(line[:80]))
                with self._news:
                    self._asked.remove(answer["id"])
                    self._answers[answer["id"]] = answer
                    self._news.notify_all()
        except Nonsense as error:
            self._condemn(_strange(error))
        finally:
            with self._news:
                self._silent = True
                self._news.notify_all()
            self._process.stdout.close()  # type: ignore[union-attr]  # here, as another thread would wait for this one

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

    def _kill(self) -> None:
        """Kill the worker, and what a script that stands for its Python has started."""
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.poll() is None:  # or its number may be another's by now
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _condemn(self, error: WorkerError) -> None:
        self._verdict = error.fact, error.remedy
        self._kill()

    def _ending(self) -> WorkerError:
        """Return what is to be said of a worker that will not answer any more."""
        if self._closed:
            return WorkerError("The worker was stopped.", "Run it again.")
        with self._judging:  # who asks first waits, and may kill it; the others are told what was found
            if self._verdict is None:
                self._verdict = self._found_dead()
            return WorkerError(*self._verdict)

    def _found_dead(self) -> tuple[str, str]:
        """Return a fact and a remedy about a worker that nothing was done to, and kill it where it still lives."""
        by_hand = f"Try it by hand: {self._path} -c 'import torch'."
        try:
            code = self._process.wait(_GRACE_S)
            reason, remedy = _ENDS.get(code, (f"exit code {code}", by_hand))
        except subprocess.TimeoutExpired:
            reason, remedy = "it closed its output and went on", by_hand
            self._kill()
        last = f' Its last words: "{said}".' if (said := self._last_words()) else ""
        return f"The worker, {self._path}, ended without an answer ({reason}).{last}", remedy

    def _last_words(self) -> str:
        try:
            with open(os.path.join(self._folder, _TALK), encoding="utf-8", errors="replace") as talk:
                said = " ".join(talk.read().split())
        except OSError:
            return ""
        return said if len(said) <= _TOLD else f"... {said[-_TOLD:]}"


def adapt(worker: Worker, task: Mapping[str, Any]) -> dict[str, Any]:
    """Let a worker adapt a model, and return what came of it; see `training.adaptation`.  Raise what that raises."""
    asked = {"version": VERSION, "task": dict(task)}
    told, _ = worker.ask("adapt", asked, deadline_s=60.0 * task["minutes"] + DEADLINE_S)
    numbers = told.get("error_before"), told.get("error_after"), told.get("steps"), told.get("held_out")
    scores, words = told.get("scores"), told.get("warnings")
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise _strange(told)
    if not isinstance(words, list) or not isinstance(scores, dict) or type(told.get("improved")) is not bool:
        raise _strange(told)
    return told


class RemoteFuser:
    """A model in a worker; see `methods.neural.Fuser`.  Raise what loading it raises."""

    def __init__(self, worker: Worker, model: str, device: str, seed: int) -> None:
        self._worker = worker
        asked = {"version": VERSION, "model": os.path.abspath(model), "device": device, "seed": seed}
        told, _ = worker.ask("hello", asked)
        if told.get("version") != VERSION or not _counts(told.get("near"), told.get("step"), told.get("facts")):
            raise _strange(told)
        self.near: int = told["near"]
        self.step: int = told["step"]
        self.facts: dict[str, str] = told["facts"]
        self._turn = threading.Lock()
        self._kept: dict[tuple[int, ...], tuple[list[npt.NDArray[Any]], int]] = {}

    def settle(
        self, windows: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]], shares: Sequence[float]
    ) -> dict[str, npt.NDArray[Any]]:
        arrays = {}
        for index, (pan, ms_up) in enumerate(windows):
            arrays[f"pan {index}"], arrays[f"ms {index}"] = pan, ms_up
        return self._worker.ask("settle", {"shares": list(shares)}, arrays)[1]

    def fuse(
        self, pan: npt.NDArray[np.float32], ms_up: npt.NDArray[np.float32], kernels: Arrays, margin: int = 0
    ) -> npt.NDArray[np.float32]:
        values = {"kernels": self._number_of(kernels), "margin": margin}
        made = self._worker.ask("fuse", values, {"pan": pan, "ms_up": ms_up})[1]
        shape = len(ms_up), *(side - 2 * margin for side in ms_up.shape[1:])
        if [(name, array.shape) for name, array in made.items()] != [("fused", shape)]:
            raise _strange({name: array.shape for name, array in made.items()})
        return made["fused"]

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
                    raise _strange(told)
                self._kept[key] = list(kernels.values()), told["kept_as"]
            return self._kept[key][1]


def _counts(near: object, step: object, facts: object) -> bool:
    """Return whether these are what a network says of itself."""
    told = isinstance(facts, dict) and all(isinstance(facts.get(name), str) for name in ("device", "torch"))
    return told and type(near) is int and near >= 0 and type(step) is int and step >= 1


def _raised(told: Any) -> EngineError:
    """Return the error that the worker raised."""
    if isinstance(told, list) and len(told) == 3 and all(isinstance(part, str) for part in told):
        kind = getattr(errors, told[0], None)
        if isinstance(kind, type) and issubclass(kind, EngineError) and kind is not errors.Interrupted:
            return kind(told[1], told[2])
    return _strange(told)


def _strange(said: Any) -> WorkerError:
    return WorkerError(
        f"The worker answered what is no answer: {str(said)[:_TOLD]}.",
        "Choose a Python that prints nothing when it starts, and see that the plugin is whole.",
    )
