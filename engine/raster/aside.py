"""Files of others under names that are used while a result is written: they are spared, and wait aside."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Iterable, Sequence

from ..errors import OutputError

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
    except OSError as error:
        if not os.path.lexists(path):  # on a disk that may only be read, that is not what the error says
            return
        _log.warning("%s could not be removed: %s", path, error)


def opened_as_ours(path: str, flags: int) -> int:
    """Open a file under a name of ours, as `os.open`; a link of that name goes, and what it leads to stays as it is.

    Raise OSError, and wait for nobody, where there is a pipe or a device.
    """
    if os.path.islink(path):
        os.remove(path)
    elif os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise OSError(errno.EINVAL, "There is a pipe or a device of that name")
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def check_parts(path: str, endings: Sequence[str]) -> None:
    """Raise OutputError where what is written first, under longer names, cannot have them.

    That is where the disk takes no name so long, or a folder has it.
    """
    for ending in endings:
        try:
            mode = os.lstat(path + ending).st_mode
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise OutputError(
                    f"The name of {path} is too long: while it is written, '{ending}' stands behind it.",
                    "Choose a shorter name.",
                ) from error
            continue
        if stat.S_ISDIR(mode):
            raise OutputError(
                f"{path} cannot be written: {path}{ending} is in the way ({os.strerror(errno.EISDIR)}).",
                "Move that folder away, or choose another name.",
            )


def cannot_replace(path: str, error: OSError) -> OutputError:
    """Return the error that says why a result did not get its name."""
    there = os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)
    return OutputError(
        f"{path} cannot be replaced ({error.strerror}).",
        "Close it where it is open (also as a layer in QGIS), or choose another name."
        if there
        else "See that its folder is still there and may be written to, or choose another.",
    )
