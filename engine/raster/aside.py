"""Files of others under names that GDAL uses while it writes: they wait aside and come back untouched."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable

_log = logging.getLogger(__name__)


def put_aside(names: Iterable[str]) -> dict[str, str]:
    """Move what has one of these names; return where each waits.  Raise OSError where one cannot be moved."""
    aside = {}
    for name in names:
        waiting = f"{name}.older.part"
        # Where one waits already, a run was killed: what has its name now was written by that run.
        if os.path.exists(name) and not os.path.exists(waiting):
            os.replace(name, waiting)
        if os.path.exists(waiting):
            aside[name] = waiting
    return aside


def put_back(aside: dict[str, str]) -> None:
    """Give back their names to those that wait."""
    for name, waiting in aside.items():
        try:
            os.replace(waiting, name)
        except OSError as error:
            _log.warning("%s could not be named %s again: %s", waiting, name, error)


def remove(path: str) -> None:
    """Remove a file that may be there; where it cannot be removed, it stays."""
    try:
        os.remove(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        _log.warning("%s could not be removed: %s", path, error)
