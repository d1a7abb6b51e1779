"""Files that are read for a while, and whether they are still what they were: a mix of two images is none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Optional

from ..errors import InputError

# Statistics that a viewer puts beside an image; what else is there shows in the facts of the bands.
AUXILIARY = ".aux.xml"
_AT_EACH_LOOK = 16  # a mosaic of thousands would otherwise cost more to look at than to read

_Version = tuple[int, int, int]


class Watch:
    """Remembers what files were when it began, or when they were added; those that are not there are not watched."""

    def __init__(self, names: Iterable[str]) -> None:
        self._versions: dict[str, _Version] = {}
        self._often: list[tuple[str, _Version]] = []
        self.add(names)

    def add(self, names: Iterable[str]) -> None:
        """Watch more files; those that are watched already stay what they were."""
        for name in names:
            if not name.endswith(AUXILIARY) and name not in self._versions:
                version = _version_of(name)
                if version is not None:
                    self._versions[name] = version
        self._often = list(self._versions.items())[:_AT_EACH_LOOK]

    def look(self) -> None:
        """Raise InputError where one of the first files has changed: that is all of them, but for large mosaics."""
        _compare(self._often)

    def look_at_all(self) -> None:
        """Raise InputError where any of the files has changed."""
        _compare(self._versions.items())


def _compare(versions: Iterable[tuple[str, _Version]]) -> None:
    for name, version in versions:
        if _version_of(name) not in (version, None):  # None: removed, which harms no open file
            raise InputError(
                f"{name} was changed while it was read.", "Run it again when nothing writes to it any more."
            )


def _version_of(path: str) -> Optional[_Version]:
    """Return what changes when a file does; None where there is no file of that name."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
