"""Find a Python from which an environment can be made: by the installation's prefix, never by sys.executable.

Inside QGIS, sys.executable is QGIS itself, or whichever python3 comes first on the PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from typing import Any, Optional, Union

from ..errors import InputError
from .child import Ticks, cleaned, heard
from .words import ended_with

OLDEST, NEWEST = (3, 9), (3, 14)
LIMIT_S = 20.0
_ASKED = """
import json, platform, sys
try:
    import venv, ensurepip
    problem = ""
except ImportError as error:
    problem = str(error)
facts = {"version": sys.version_info[:3], "bits": 64 if sys.maxsize > 2**32 else 32, "problem": problem}
print(json.dumps({**facts, "system": sys.platform, "machine": platform.machine().lower()}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that can make environments."""

    path: str
    version: tuple[int, int, int]
    system: str  # sys.platform: "linux", "darwin", "win32"
    machine: str  # "x86_64", "amd64", "arm64", "aarch64"


def find(named: Optional[str] = None, limit_s: float = LIMIT_S) -> Ticks[Interpreter]:
    """Return the first Python that can make environments, or the `named` one.  Raise InputError where there is none."""
    refusals = []
    for path in [program(named)] if named else candidates():
        answer = yield from _asked(path, limit_s)
        if isinstance(answer, Interpreter):
            return answer
        refusals.append(f"{path}: {answer}")
    raise InputError(
        f"No Python was found from which an environment can be made. {' '.join(refusals)}".strip(),
        "Install Python 3.12 from python.org (on Debian and Ubuntu: 'sudo apt-get install python3-venv'), "
        "and name its program.",
    )


def program(named: str) -> str:
    """Return the path of a program that was named by its path, or as on a command line."""
    return os.path.abspath(shutil.which(named) or named)


def candidates() -> list[str]:
    """Return the programs to try: that of this installation, then those on the PATH; each exists."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1] - 1, OLDEST[1] - 1, -1)]
    found: dict[str, str] = {}
    for path in (installed(), *(shutil.which(name) for name in ("python3", "python", *names))):
        if path:
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def own() -> Optional[str]:
    """Return the program of the Python that runs us, with the packages that we see; None where it has none."""
    return inside(sys.prefix) if sys.prefix != sys.base_prefix else installed()


def installed() -> Optional[str]:
    """Return the program of the installation that runs us, outside any environment; None where it has none."""
    version = f"python3.{sys.version_info[1]}"
    if sys.platform == "win32":
        places = [os.path.join(sys.base_prefix, name) for name in ("python.exe", "python3.exe")]
    else:
        places = [os.path.join(sys.base_prefix, "bin", name) for name in (version, "python3")]
    if sys.platform == "darwin":  # in the bundle of QGIS: Contents/Frameworks is the prefix
        contents = os.path.dirname(sys.base_prefix.rstrip("/"))
        places += [os.path.join(contents, "MacOS", *more, "python3") for more in (("bin",), ())]
    return next((place for place in places if os.path.isfile(place)), None)


def inside(folder: str) -> str:
    """Return the program of the environment in `folder`."""
    return os.path.join(folder, "Scripts", "python.exe") if os.name == "nt" else os.path.join(folder, "bin", "python")


def _asked(path: str, limit_s: float) -> Ticks[Union[Interpreter, str]]:
    """Return what the program at `path` is, or in a sentence why it cannot be used."""
    try:
        # Without QGIS's libraries even for QGIS's own: what is made from it has to do without them too.
        code, said = yield from heard([path, "-c", _ASKED], cleaned(os.environ), limit_s)
    except TimeoutError:
        return f"It did not answer within {limit_s:g} s."
    except OSError as error:
        return f"It cannot be started ({error.strerror or error})."
    try:
        facts: dict[str, Any] = json.loads(said[-1])
        found = Interpreter(path, tuple(facts["version"]), facts["system"], facts["machine"])
        bits, problem = facts["bits"], facts["problem"]
    except (IndexError, KeyError, TypeError, ValueError):
        last = said[-1][:200] if said else "it said nothing"
        return f"It does not answer as a Python does ({ended_with(code)}; {last})."
    version = ".".join(map(str, found.version))
    if not OLDEST <= found.version[:2] <= NEWEST:
        return f"It is Python {version}; 3.{OLDEST[1]} to 3.{NEWEST[1]} are needed."
    if bits != 64:
        return f"It is a Python of {bits} bits; PyTorch needs 64."
    if problem:
        return (
            f"It lacks what makes environments ({problem}). "
            "On Debian and Ubuntu, run 'sudo apt-get install python3-venv'."
        )
    return found
