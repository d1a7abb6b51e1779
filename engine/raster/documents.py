"""Texts beside rasters, such as reports: all of a run get their names, whole, or none does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..errors import OutputError
from .aside import check_parts, opened_as_ours, put_aside, put_back, remove


def check_nameable(path: str, extensions: Sequence[str]) -> None:
    """Raise OutputError where nothing could be written under this name: the extension, no folder, or one in the way."""
    if os.path.splitext(path)[1].lower() not in extensions:
        raise OutputError(f"{path} does not end in {extensions[0]}.", f"Let the name end in {extensions[0]}.")
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise OutputError(f"The folder {folder} does not exist.", "Create it, or choose another.")
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder.", "Choose another name.")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"The folder {folder} may not be written to.", "Choose another, or ask for permission.")
    check_parts(path, (".part",))


@contextmanager
def written(texts: Mapping[str, str]) -> Iterator[None]:
    """Give each text, as UTF-8, its name for as long as the body takes; if that ends well, for good.

    If it fails, older files of these names are in their places again.  Raise OutputError where a text cannot be
    written, with nothing new left behind.
    """
    parts = {path: f"{path}.part" for path in texts}
    older: dict[str, str] = {}
    named: list[str] = []
    try:
        for path, text in texts.items():
            with (
                _sentences(path),
                open(
                    parts[path], "w", encoding="utf-8", errors="backslashreplace", newline="", opener=opened_as_ours
                ) as file,
            ):
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for path, part in parts.items():
            with _sentences(path):
                older.update(put_aside([path]))
                os.replace(part, path)
            named.append(path)
        yield
    except BaseException:
        for path in named:
            remove(path)
        put_back(older)
        raise
    else:
        for waiting in older.values():
            remove(waiting)
    finally:
        for part in parts.values():
            remove(part)


@contextmanager
def _sentences(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}).",
            "Make room on the disk, close the file where it is open, or choose another name.",
        ) from error
