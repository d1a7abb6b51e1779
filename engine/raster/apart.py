"""An HDF5 file read in a process of its own, since the library that reads such files may crash over a damaged one."""

from __future__ import annotations

import json
import math
import os
import subprocess  # nosec B404 - starts nothing but the Python that runs us
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osgeo

from ..errors import InputError
from .dataset import GdalFailure

_SCRIPT = Path(__file__).with_name("hdf5_reader.py")
_START_S = 60.0  # a first start from a slow disk, with a virus scanner looking on
_PATIENCE_S = 300.0  # for one answer: a large part from a slow disk takes minutes, a library in a circle for ever
_BEAT_S = 0.5
_DEATH_S = 1.0  # which a process that was killed takes at most, but for a disk that does not answer
_LONGEST_LINE = 1 << 26  # bytes
_F_SETPIPE_SZ, _PIPE = 1031, 1 << 20  # Linux; Python has a name for it since 3.10
_KINDS = {np.dtype(code).str: np.dtype(code) for code in "bBhHiIlLqQefdFD"}  # the numbers that there are
_FOR_OTHERS = ("PYTHONPATH", "PYTHONEXECUTABLE", "PYTHONSTARTUP", "PYTHONINSPECT")
_SET = {
    "PYTHONUTF8": "1",
    "USE_PATH_FOR_GDAL_PYTHON": "YES",  # on Windows, where QGIS has its libraries
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/none",  # a file of this computer leads to no other
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1"),  # nothing is computed there
}


class Unfit(Exception):
    """This Python cannot be started, or does not read HDF5 files."""


class Apart:
    """A file of this computer, open in a process of the Python at `python`; the process ends with this object.

    Any thread may read.  Raise Unfit where there is no such process, GdalFailure where it is no HDF5 file, InputError
    where the process breaks down over it.
    """

    def __init__(self, python: str, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        packages = dict.fromkeys(str(Path(str(module.__file__)).parents[1]) for module in (osgeo, np))
        kept = {name: value for name, value in os.environ.items() if name.upper() not in _FOR_OTHERS}
        try:
            self._process = subprocess.Popen(  # nosec B603 - a list, no shell
                [python, str(_SCRIPT), *packages],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what GDAL says is in the answers
                env={**kept, **_SET},
                # Ctrl+C in a terminal is for this process, which then ends the other.
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise Unfit from error
        self._latest = [math.inf]  # by when an answer has to be there
        ended = threading.Event()
        self._end = weakref.finalize(self, _end, self._process, ended, os.getpid())
        threading.Thread(target=_watch, args=(self._process, ended, self._latest), daemon=True).start()
        _widen(self._process.stdout.fileno())  # type: ignore[union-attr]  # a pipe
        try:
            with self._talk(_START_S):
                fit = self._answer().get("hdf5")
        except InputError as error:
            raise Unfit from error
        if fit is not True:
            self._end()
            raise Unfit
        with self._talk(_PATIENCE_S):
            self._ask({"path": path})
            answer = self._answer()
            if "problem" not in answer:
                self.shapes = _shapes(answer)
        if "problem" in answer:
            self._end()
            raise GdalFailure(str(answer["problem"]))

    def read(self, name: str, start: Sequence[int], count: Sequence[int]) -> npt.NDArray[Any]:
        """Return a part of an array.

        Raise GdalFailure where it cannot be read, InputError where the process breaks down.
        """
        with self._talk(_PATIENCE_S):
            self._ask({"name": name, "start": list(start), "count": list(count)})
            answer = self._answer()
            if "problem" not in answer:
                return self._values(answer, tuple(count))
        raise GdalFailure(str(answer["problem"]))

    @contextmanager
    def _talk(self, patience_s: float) -> Iterator[None]:
        """Have the process for this thread alone, and not for ever.  Raise InputError where it breaks down."""
        with self._lock:
            self._latest[0] = time.monotonic() + patience_s
            try:
                yield
            except BaseException as error:
                self._end()  # what it may still say would be taken for the next answer
                if not isinstance(error, (OSError, ValueError)):  # ValueError: no answer, or its end
                    raise
                raise InputError(
                    f"{self._path} cannot be read: the library that reads HDF5 files broke down over it.",
                    "The file is damaged, most likely; copy it again.",
                ) from error
            finally:
                self._latest[0] = math.inf

    def _ask(self, question: dict[str, Any]) -> None:
        stdin = self._process.stdin
        stdin.write(json.dumps(question).encode() + b"\n")  # type: ignore[union-attr]  # a pipe
        stdin.flush()  # type: ignore[union-attr]

    def _answer(self) -> dict[str, Any]:
        answer = json.loads(self._process.stdout.readline(_LONGEST_LINE))  # type: ignore[union-attr]
        if not isinstance(answer, dict):
            raise ValueError(f"no answer: {answer!r:.80}")
        return answer

    def _values(self, answer: dict[str, Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
        kind = _KINDS.get(str(answer.get("kind")))
        if kind is None:
            raise ValueError(f"no kind of number: {answer!r:.80}")
        values = np.empty(shape, kind)
        if self._process.stdout.readinto(values.reshape(-1).view(np.uint8)) < values.nbytes:  # type: ignore[union-attr]
            raise ValueError("cut off")
        return values


def _shapes(answer: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array.  Raise ValueError where the answer is none."""
    shapes = answer.get("shapes")
    if not isinstance(shapes, dict) or not all(isinstance(shape, list) for shape in shapes.values()):
        raise ValueError(f"no shapes: {answer!r:.80}")
    if not all(type(size) is int and size >= 0 for shape in shapes.values() for size in shape):
        raise ValueError(f"no sizes: {answer!r:.80}")
    return {name: tuple(shape) for name, shape in shapes.items()}


def _widen(pipe: int) -> None:
    """Let a pipe hold what one sample takes, where the system can, so that the processes need not take turns."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # this user has too many of that kind
            fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE)


def _watch(process: subprocess.Popen[bytes], ended: threading.Event, latest: list[float]) -> None:
    """Kill it where an answer is not there in time.  A timer for each answer would take longer than most answers."""
    while not ended.wait(_BEAT_S):
        if time.monotonic() > latest[0]:
            process.kill()


def _end(process: subprocess.Popen[bytes], ended: threading.Event, owner: int) -> None:
    """Kill it, for it may be in a circle, and leave neither it nor its pipes."""
    if os.getpid() != owner:  # a copy of this process, to which it does not belong
        return
    ended.set()
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            pipe.close()  # type: ignore[union-attr]
    with suppress(subprocess.TimeoutExpired):
        process.wait(_DEATH_S)
