"""A model that was made is put where it was asked for, whole or not at all."""

from __future__ import annotations

import os
import shutil

from ..errors import OutputError
from ..raster.aside import check_parts, remove


def check_shelf(out: str) -> None:
    """Raise OutputError where it is known before minutes of work that a model cannot be written as `out`."""
    folder = os.path.dirname(os.path.abspath(out))
    if not os.path.isdir(folder):
        raise OutputError(f"There is no folder {folder}.", "Make it, or choose another.")
    if not os.access(folder, os.W_OK) or os.path.isdir(out):
        raise OutputError(f"{out} cannot be written.", "Choose another name, or check the permissions of its folder.")
    check_parts(out, (".part",))


def shelve(made: str, out: str, kept: bool) -> None:
    """Copy a model to where it was asked for.  `kept`: it stays where it was made, which is then said.

    Raise OutputError where the disk fails.
    """
    part = f"{out}.part"
    remove(part)  # where it is a link, what it leads to would be written to
    try:
        shutil.copyfile(made, part)
        os.replace(part, out)
    except OSError as error:
        remedy = "resume, or copy the file by hand" if kept else "choose another name"
        raise OutputError(
            f"{out} cannot be written ({error.strerror}){f'; the model itself is {made}' if kept else ''}.",
            f"Make room on the disk, check the permissions of the folder, or {remedy}.",
        ) from error
    finally:
        remove(part)
