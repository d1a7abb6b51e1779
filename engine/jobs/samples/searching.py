"""Pairs and files of patches in folders, found by how they are called.

In one folder `pan.tif` goes with `ms.tif` and `clouds.tif`, and `a_pan.tif` with `a_ms.tif` and `a_clouds.tif`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Callable

from ...errors import InputError, Interrupted
from ...request.trainingset import PairFiles

_DEEPEST = 5  # folders in folders
_MOST_FOLDERS = 20_000
_NAMES = {"pan": "pan", "ms": "ms", "mul": "ms", "clouds": "clouds", "cloud": "clouds"}
_NAMED = re.compile(rf"(?P<stem>(?:.*[_\-. ])?)(?P<kind>{'|'.join(_NAMES)})\.tiff?", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What folders hold."""

    pairs: tuple[PairFiles, ...]
    h5: tuple[str, ...]


def search(folders: Sequence[str], going: Callable[[], bool]) -> Found:
    """Return what folders and those below hold, in the order of names.

    Raise InputError where a folder is none, or holds nothing, and Interrupted once `going` says no.
    """
    pairs: dict[str, PairFiles] = {}
    files: dict[str, None] = {}
    for folder in folders:
        if not os.path.isdir(folder):
            raise InputError(f"There is no folder {folder}.", "Check its name.")
        before = len(pairs) + len(files)
        for place, names in _walked(folder):
            if not going():
                raise Interrupted
            for pair in _paired(place, names):
                pairs.setdefault(os.path.realpath(pair.pan), pair)
            for name in names:
                if name.lower().endswith((".h5", ".hdf5")):
                    files.setdefault(os.path.join(place, name))
        if len(pairs) + len(files) == before:
            raise InputError(
                f"The folder {folder} holds nothing to learn from that others do not.",
                "Let it, or folders in it, hold pan.tif beside ms.tif, a_pan.tif beside a_ms.tif, or .h5 files.",
            )
    return Found(tuple(pairs.values()), tuple(files))


def _walked(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Yield folders and the names of their files, the folder itself first; those that are hidden are passed over."""
    for count, (place, below, names) in enumerate(os.walk(folder), 1):
        if count > _MOST_FOLDERS:
            raise InputError(f"{folder} holds more than {_MOST_FOLDERS} folders.", "Name the folders that hold images.")
        depth = os.path.relpath(place, folder).count(os.sep) + (place != folder)
        below[:] = sorted(name for name in below if not name.startswith(".") and depth < _DEEPEST)
        yield place, sorted(names)


def _paired(folder: str, names: Sequence[str]) -> Iterator[PairFiles]:
    kinds: dict[str, dict[str, str]] = {}
    for name in names:
        match = _NAMED.fullmatch(name)
        if match is not None:
            stem, kind = match["stem"].lower(), _NAMES[match["kind"].lower()]
            kinds.setdefault(stem, {}).setdefault(kind, os.path.join(folder, name))
    for found in kinds.values():
        if "pan" in found and "ms" in found:
            yield PairFiles(found["pan"], (found["ms"],), found.get("clouds"))
