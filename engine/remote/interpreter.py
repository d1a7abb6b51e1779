"""Which Python runs the worker: looked for where the user said, then where one is likely; and with what environment."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess  # nosec B404 - runs nothing but the Python that the user chose, or the one that runs this
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..environment import child
from ..errors import WorkerError
from ..ownpython import own_pythons

VARIABLE = "KSDIFF_PYTHON"
OLDEST = (3, 9)
_NEEDED = ("torch", "numpy", "safetensors")
_PATIENCE_S = 20.0  # a first start, with a virus scanner looking on
_HEARTBEAT_S = 0.1
_TOLD = 300  # characters of its last words that a sentence quotes
_REMEDY = (
    "In QGIS, run 'Set up environment' once. Elsewhere, name a Python that has torch, numpy and safetensors, with "
    f"--python or as {VARIABLE}."
)
# Asks for versions without an import of torch, which takes seconds.  "" is the working folder, where anything may lie.
_PROBE = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import json
from importlib import metadata, util
versions = {}
for name in sys.argv[1:]:
    if util.find_spec(name) is not None:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "of unknown version"
sys.stdout.write(json.dumps([list(sys.version_info[:3]), versions]))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that has what the worker needs, and why it was chosen: a clause that ends a sentence."""

    path: str
    reason: str


@dataclass(frozen=True)
class Versions:
    """What a Python has."""

    python: str
    torch: str
    numpy: str
    safetensors: str


_good: dict[str, Versions] = {}  # by path; an error is not kept: it may have been mended since


def find(setting: str = "", managed: str = "", stopped: Callable[[], bool] = lambda: False) -> Interpreter:
    """Return the Python that is to run the worker: that of the variable, the setting, the managed one, or this one.

    Raise WorkerError where there is none, where the one that the user chose will not do, and soon after `stopped`.
    """
    for path, reason in (
        (os.environ.get(VARIABLE, ""), f"as the variable {VARIABLE} says"),
        (setting, "as it was chosen"),
    ):
        if path:
            # The worker starts in a folder of its own.  A bare name is looked for on the PATH.
            whole = os.path.abspath(os.path.expanduser(path)) if os.path.dirname(path) else path
            check(whole, stopped)
            return Interpreter(whole, reason)
    likely = [(managed, "the environment made for it")] if managed and os.path.exists(managed) else []
    why_not = []
    for path, reason in (*likely, *((own, "the Python that runs this has PyTorch") for own in own_pythons())):
        try:
            check(path, stopped)
        except WorkerError as error:
            why_not.append(error.fact)
        else:
            return Interpreter(path, reason)
    raise WorkerError(" ".join(["PyTorch was not found.", *why_not[:1]]), _REMEDY)


def check(path: str, stopped: Callable[[], bool] = lambda: False) -> Versions:
    """Return what the Python at `path` has.  Raise WorkerError, saying why, where it cannot run the worker."""
    if path not in _good:
        _good[path] = _checked(path, stopped)
    return _good[path]


def _checked(path: str, stopped: Callable[[], bool]) -> Versions:
    talk = b""
    try:
        answer, talk = _answer([path, "-c", _PROBE, *_NEEDED], stopped)
        version, found = json.loads(answer)
        python = tuple(version)
    except subprocess.TimeoutExpired as error:
        raise WorkerError(f"{path} did not answer within {_PATIENCE_S:g} s.", _REMEDY) from error
    except OSError as error:
        raise WorkerError(f"{path} cannot be started ({error.strerror or error}).", _REMEDY) from error
    except (ValueError, TypeError) as error:
        words = " ".join(talk.decode("utf-8", "replace").split())[-_TOLD:]
        said = f' Its last words: "{words}".' if words else ""
        raise WorkerError(f"{path} does not answer as a Python does.{said}", _REMEDY) from error
    if python < OLDEST:
        raise WorkerError(
            f"{path} is Python {_dotted(python)}, and {_dotted(OLDEST)} is the oldest that will do.", _REMEDY
        )
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise WorkerError(f"{path} has no {' and no '.join(missing)}.", _REMEDY)
    return Versions(_dotted(python), **found)


def _answer(command: list[str], stopped: Callable[[], bool]) -> tuple[bytes, bytes]:
    """Return what a program says on stdout and on stderr.

    Raise TimeoutExpired when it takes too long or is to be stopped.
    """
    process = subprocess.Popen(  # nosec B603 - a list, no shell; see above
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=cleaned(os.environ, command[0]),
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    until = time.monotonic() + _PATIENCE_S
    with process:
        while True:
            try:
                return process.communicate(timeout=_HEARTBEAT_S)
            except subprocess.TimeoutExpired:
                if stopped() or time.monotonic() > until:
                    _kill(process)
                    raise


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill it, and what a script that stands for a Python has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def cleaned(environment: Mapping[str, str], path: str) -> dict[str, str]:
    """Return the environment for a worker in the Python at `path`: this one, without what is meant for another."""
    kept = child.cleaned(environment, own=path in own_pythons())
    kept.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while they wait slow each other down
    kept.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")  # what Apple's graphics lacks, the processor does
    return kept


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
