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
from .protocol import FOLDER, MOST_LINE, VERSION, Arrays, Nonsense, decoded, encoded, put, take

DEADLINE_S = 600.0  # for one request: the kernels of a large model on a slow machine take minutes
_HEARTBEAT_S = 0.1
_GRACE_S = 0.5  # between asking the worker to end and killing it
_BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")
_TALK = "talk.txt"  # what the worker says on stderr
_TOLD = 300  # characters of it that a sentence quotes

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
        self._answers: dict[int, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._writing = threading.Lock()
        self._silent = self._closed = False
        self._verdict: Optional[tuple[str, str]] = None  # why it was killed from here, for all who wait
        try:
            self._folder = tempfile.mkdtemp(prefix=FOLDER)  # readable by this user alone
        except OSError as error:
            raise _no_room(error) from error
        try:
            with open(os.path.join(self._folder, _TALK), "wb") as talk:
                self._process = subprocess.Popen(  # nosec B603 - a list, no shell
                    [self._path, "-u", _BOOT, str(threads)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=talk,
                    cwd=self._folder,
                    env=cleaned(os.environ, self._path),
                    # Ctrl+C in a terminal is for this process, which then ends the worker.
                    start_new_session=sys.platform != "win32",
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
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
        self, do: str, values: Mapping[str, Any], arrays: Optional[Arrays] = None
    ) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Return what the worker answers: values and arrays.

        Raise the EngineError that it raised, or WorkerError where it does not answer as it should.
        """
        number = next(self._numbers)
        question, answered = (os.path.join(self._folder, f"{number}.{end}") for end in ("in", "out"))
        try:
            try:
                listed = put(question, arrays or {})
            except OSError as error:
                raise self._ending() if self._closed else _no_room(error) from error
            self._send(encoded({"id": number, "do": do, "values": dict(values), "arrays": listed}))
            answer = self._wait(number, do)
            if "error" in answer:
                raise _raised(answer["error"])
            try:
                made = take(answered, answer.get("arrays"))
            except (Nonsense, OSError) as error:
                raise self._ending() if self._closed else _strange(error) from error
            if not isinstance(answer.get("values"), dict):
                raise _strange(answer)
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
                with self._news:
                    self._answers[answer["id"]] = answer
                    self._news.notify_all()
        except Nonsense as error:
            self._condemn(_strange(error))
        finally:
            with self._news:
                self._silent = True
                self._news.notify_all()

    def _wait(self, number: int, do: str) -> dict[str, Any]:
        until = time.monotonic() + DEADLINE_S
        with self._news:
            while number not in self._answers:
                if self._silent or self._closed:
                    raise self._ending()
                if time.monotonic() > until:
                    self._condemn(
                        WorkerError(
                            f"The worker has not answered '{do}' for {DEADLINE_S:g} s, and was stopped.",
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
        if self._verdict is not None:
            return WorkerError(*self._verdict)
        try:
            code = self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:  # it has closed its output, and lives
            self._kill()
            code = self._process.wait()
        reason, remedy = _ENDS.get(code, (f"exit code {code}", f"Try it by hand: {self._path} -c 'import torch'."))
        last = f' Its last words: "{said}".' if (said := self._last_words()) else ""
        return WorkerError(f"The worker, {self._path}, ended without an answer ({reason}).{last}", remedy)

    def _last_words(self) -> str:
        try:
            with open(os.path.join(self._folder, _TALK), encoding="utf-8", errors="replace") as talk:
                said = " ".join(talk.read().split())
        except OSError:
            return ""
        return said if len(said) <= _TOLD else f"... {said[-_TOLD:]}"


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
        self._kept: Arrays = {}
        self._kept_as: Optional[int] = None

    def settle(
        self, windows: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]], shares: Sequence[float]
    ) -> dict[str, npt.NDArray[Any]]:
        arrays = {}
        for index, (pan, ms_up) in enumerate(windows):
            arrays[f"pan {index}"], arrays[f"ms {index}"] = pan, ms_up
        return self._worker.ask("settle", {"shares": list(shares)}, arrays)[1]

    def fuse(
        self, pan: npt.NDArray[np.float32], ms_up: npt.NDArray[np.float32], kernels: Arrays
    ) -> npt.NDArray[np.float32]:
        values = {"kernels": self._number_of(kernels)}
        made = self._worker.ask("fuse", values, {"pan": pan, "ms_up": ms_up})[1]
        if [(name, array.shape) for name, array in made.items()] != [("fused", ms_up.shape)]:
            raise _strange({name: array.shape for name, array in made.items()})
        return made["fused"]

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _number_of(self, kernels: Arrays) -> Optional[int]:
        """Return the number under which the worker has these kernels; they are sent once, not with every tile."""
        with self._turn:
            same = kernels.keys() == self._kept.keys() and all(kernels[name] is self._kept[name] for name in kernels)
            if self._kept_as is None or not same:
                self._kept_as = self._worker.ask("keep", {}, kernels)[0].get("kept_as")
                self._kept = dict(kernels)
            return self._kept_as


def _counts(near: object, step: object, facts: object) -> bool:
    """Return whether these are what a network says of itself."""
    return type(near) is int and near >= 0 and type(step) is int and step >= 1 and isinstance(facts, dict)


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


def _no_room(error: OSError) -> WorkerError:
    return WorkerError(
        f"Tiles for the worker cannot be written to {tempfile.gettempdir()} ({error.strerror or error}).",
        "Make room there, or name another folder with the variable TMPDIR.",
    )
