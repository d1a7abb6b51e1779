"""What a process of ours in another Python does at its start and at its end, whatever its work is."""

from __future__ import annotations

import os
import shutil
import sys
from typing import BinaryIO, NoReturn

from .protocol import FOLDER

_NICE = 10  # of 19: whoever draws a map or answers a click goes first, and who is alone loses nothing


def begin() -> BinaryIO:
    """Step back behind other programs and return what stdout was.

    From now on what libraries write there, in C too, goes to stderr.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if sys.platform != "win32":  # where the one who starts it asks for it
        os.nice(_NICE)
    return answers


def leave() -> NoReturn:
    """End at once, whatever other threads are at, and remove the folder: one who was killed could not."""
    folder = os.getcwd()
    if os.path.basename(folder).startswith(FOLDER):
        os.chdir(os.path.dirname(folder))
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)
