"""Another program: started without what would mislead it, followed line by line, and killed with all it began."""

from __future__ import annotations

import contextlib
import math
import os
import queue
import shlex
import signal
import subprocess  # nosec B404 - the room's purpose; only lists of arguments, and never a shell
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import IO, Optional, TypeVar

_BEAT_S = 0.1
_LONGEST_LINE = 20_000  # characters; a program that never ends its line must not fill the memory

# What a program that embeds Python exports, and what sends another Python to the wrong files.
_MISLEADING = {
    *("PYTHONPATH", "PYTHONEXECUTABLE", "PYTHONUSERBASE", "PYTHONSTARTUP", "VIRTUAL_ENV"),
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX"),
    *("QGIS_PREFIX_PATH", "QGIS_PLUGINPATH", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "GDAL_DRIVER_PATH"),
}
_LIBRARIES = ("PYTHONHOME", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_")

T = TypeVar("T")
Ticks = Generator[None, None, T]  # a sign of life at least every 0.1 s; returns T


def cleaned(environment: Mapping[str, str], own: bool = False) -> dict[str, str]:
    """Return the environment for another Python; `own`, the one that runs us, needs the libraries that we need."""
    kept = {name: value for name, value in environment.items() if name.upper() not in _MISLEADING}
    if not own:
        kept = {name: value for name, value in kept.items() if not name.startswith(_LIBRARIES)}
        if sys.platform == "win32" and "PATH" in kept:
            kept["PATH"] = os.pathsep.join(_outside(kept["PATH"].split(os.pathsep), sys.base_prefix))
    return {**kept, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def _outside(folders: Iterable[str], prefix: str) -> list[str]:
    """Return the folders that lie not in the installation of OSGeo4W or QGIS whose Python is `prefix`."""
    apps = os.path.dirname(_whole(prefix))
    if os.path.basename(apps) != "apps":  # a Python of its own
        return list(folders)
    inside = os.path.dirname(apps) + os.sep
    return [folder for folder in folders if not (_whole(folder) + os.sep).startswith(inside)]


def _whole(path: str) -> str:
    """Return the path as it can be compared: launchers of Windows write PROGRA~1 for Program Files."""
    return os.path.normcase(os.path.realpath(path))


def lines(
    command: Sequence[str], environment: Mapping[str, str], limit_s: float = math.inf, holding: Sequence[int] = ()
) -> Generator[Optional[str], None, int]:
    """Yield each line of what it says, on whichever stream, and None every 0.1 s of silence; return its exit code.

    It starts in an empty folder, where nothing shadows a module.  `holding` are open files that it keeps open for
    as long as it lives (not on Windows).  Closing the generator kills it.  Raise OSError where it cannot be started,
    TimeoutError when it takes longer than `limit_s`.
    """
    end = time.monotonic() + limit_s
    with tempfile.TemporaryDirectory(prefix="ksdiff-") as folder:
        process = subprocess.Popen(  # nosec B603 - a list of arguments, no shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            encoding="utf-8",
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=sys.platform != "win32",
            pass_fds=() if sys.platform == "win32" else tuple(holding),
        )
        try:
            said: queue.SimpleQueue[str] = queue.SimpleQueue()
            threading.Thread(target=_read, args=(process.stdout, said), daemon=True).start()
            ended = False
            while not ended or process.poll() is None:
                if time.monotonic() > end:
                    raise TimeoutError(f"{command[0]} took longer than {limit_s:g} s")
                try:
                    line = said.get(timeout=_BEAT_S)
                except queue.Empty:
                    yield None
                    continue
                ended = ended or not line
                yield line.rstrip() or None
        finally:
            _kill(process)
    return int(process.returncode)


def heard(command: Sequence[str], environment: Mapping[str, str], limit_s: float) -> Ticks[tuple[int, list[str]]]:
    """Return its exit code and the last lines it says.  Raise as `lines` does."""
    said: deque[str] = deque(maxlen=20)
    talk = lines(command, environment, limit_s)
    try:
        while True:
            line = next(talk)
            if line:
                said.append(line)
            yield None
    except StopIteration as end:
        return int(end.value), list(said)
    finally:
        talk.close()


def _read(stream: IO[str], said: queue.SimpleQueue[str]) -> None:
    with stream:
        for line in iter(lambda: stream.readline(_LONGEST_LINE), ""):
            said.put(line)
    said.put("")  # the end: a line has its end at least


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill it with its children, unless it has ended; the launcher of a Windows environment takes its Python along."""
    if process.returncode is None:
        if sys.platform == "win32":
            process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def shown(command: Sequence[str]) -> str:
    """Return the command as it is typed."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
