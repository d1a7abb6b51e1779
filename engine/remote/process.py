"""A process in another Python that runs a part of the engine: started, ended, and mourned in a sentence.

What is said to it and what it answers is not known here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess  # nosec B404 - starts nothing but parts of the engine
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import IO, Any

from ..errors import WorkerError
from .interpreter import Interpreter, cleaned
from .protocol import FOLDER, no_room

GRACE_S = 0.5  # between asking a process to end and killing it
DEATH_S = 0.15  # which one that was killed takes, but for a machine that has more to do than it can
BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")
# On Windows: no console, and what draws a map goes first.  Elsewhere the process steps back by itself.
_UNSEEN_AND_PATIENT = sum(getattr(subprocess, flag, 0) for flag in ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS"))
_TALK = "talk.txt"  # what it says on stderr
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


class Process:
    """One process with one folder; see `boot` for the arguments.  Raise WorkerError where it cannot be started."""

    def __init__(self, interpreter: Interpreter, arguments: Sequence[str]) -> None:
        self.path = interpreter.path
        try:
            self.folder = tempfile.mkdtemp(prefix=FOLDER)  # readable by this user alone
        except OSError as error:
            raise no_room(tempfile.tempdir or "any folder", error) from error
        try:
            with open(os.path.join(self.folder, _TALK), "wb") as talk:
                self._process = subprocess.Popen(  # nosec B603 - a list, no shell
                    [self.path, "-u", BOOT, *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=talk,
                    cwd=self.folder,
                    # What libraries leave among the temporary files goes with the folder.
                    env={**cleaned(os.environ, self.path), **dict.fromkeys(_TEMPORARY, self.folder)},
                    # Ctrl+C in a terminal is for this process, which then ends the other.
                    start_new_session=sys.platform != "win32",
                    creationflags=_UNSEEN_AND_PATIENT,
                )
        except OSError as error:
            self.clear()
            raise WorkerError(
                f"{self.path} cannot be started ({error.strerror or error}).", "Choose another Python."
            ) from error

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdin(self) -> IO[bytes]:
        return self._process.stdin  # type: ignore[return-value]  # a pipe

    @property
    def stdout(self) -> IO[bytes]:
        return self._process.stdout  # type: ignore[return-value]

    def end(self, grace_s: float = GRACE_S) -> None:
        """Ask it to end, by closing its stdin, and kill it where it has not after so many seconds."""
        with contextlib.suppress(OSError):  # it may be gone already
            self.stdin.close()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
            try:
                self._process.wait(DEATH_S)
            except subprocess.TimeoutExpired:  # it will do nothing more, but has to be asked for once
                threading.Thread(target=self._process.wait, daemon=True).start()

    def kill(self) -> None:
        """Kill it, and what a script that stands for its Python has started."""
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.poll() is None:  # or its number may be another's by now
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def clear(self) -> None:
        """Remove its folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def found_dead(self, who: str) -> tuple[str, str]:
        """Return a fact and a remedy about one that nothing was done to, and kill it where it still lives."""
        by_hand = f"Try it by hand: {self.path} -c 'import torch'."
        try:
            code = self._process.wait(GRACE_S)
            reason, remedy = _ENDS.get(code, (f"exit code {code}", by_hand))
        except subprocess.TimeoutExpired:
            reason, remedy = "it closed its output and went on", by_hand
            self.kill()
        last = f' Its last words: "{said}".' if (said := self._last_words()) else ""
        return f"{who}, {self.path}, ended without an answer ({reason}).{last}", remedy

    def _last_words(self) -> str:
        try:
            with open(os.path.join(self.folder, _TALK), encoding="utf-8", errors="replace") as talk:
                said = " ".join(talk.read().split())
        except OSError:
            return ""
        return said if len(said) <= _TOLD else f"... {said[-_TOLD:]}"


def strange(said: Any) -> WorkerError:
    """Return what is to be said where a process says what it should not."""
    return WorkerError(
        f"The worker answered what is no answer: {str(said)[:_TOLD]}.",
        "Choose a Python that prints nothing when it starts, and see that the plugin is whole.",
    )
