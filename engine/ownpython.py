"""The Python that runs us, as a program of its own: what another process of it can be started with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache


@cache
def own_pythons() -> tuple[str, ...]:
    """Return what may be the executable of this very Python; inside QGIS `sys.executable` is QGIS, or a stranger."""
    return tuple(dict.fromkeys(path for path in _guesses() if os.path.isfile(path)))


def _guesses() -> Iterator[str]:
    major, minor = sys.version_info[:2]
    for prefix in (sys.prefix, sys.base_prefix):
        if sys.platform == "win32":
            yield from (os.path.join(prefix, *name) for name in (("Scripts", "python.exe"), ("python.exe",)))
            yield os.path.join(prefix, "python3.exe")
        else:
            yield from (os.path.join(prefix, "bin", name) for name in (f"python{major}.{minor}", "python3"))
