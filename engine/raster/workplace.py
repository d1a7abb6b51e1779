"""A folder for images that wait while a job works; what a killed job has left there goes with the next one."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import OutputError
from .claim import claim

_PREFIX = "ksdiff_work_"
_CLAIM = "in_use"
_YOUNG_S = 60.0  # the time between making a folder and claiming it, with a wide margin


@contextmanager
def workplace(folder: str) -> Iterator[str]:
    """Give a new folder inside `folder`, or the system's for temporary files where that is empty; remove it afterwards.

    Raise OutputError where there can be none.
    """
    try:
        parent = folder or tempfile.gettempdir()
        _tidy(parent)
        place = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
        claimed = claim(os.path.join(place, _CLAIM))
    except OSError as error:
        raise OutputError(
            f"There is no place for temporary files in {folder or 'the folder of the system'} ({error.strerror}).",
            "Make room there, or name another folder.",
        ) from error
    try:
        yield place
    finally:
        if claimed is not None:
            claimed.close()
        shutil.rmtree(place, ignore_errors=True)


def _tidy(parent: str) -> None:
    """Remove the folders of jobs that were killed: nobody claims them any more."""
    for name in os.listdir(parent):
        place = os.path.join(parent, name)
        if not name.startswith(_PREFIX) or os.path.islink(place) or not os.path.isdir(place):
            continue
        try:
            if time.time() - os.path.getmtime(place) < _YOUNG_S:
                continue
            claimed = claim(os.path.join(place, _CLAIM))
        except OSError:
            continue  # somebody else's
        if claimed is not None:
            claimed.close()
            shutil.rmtree(place, ignore_errors=True)
