"""Environments that were made: what tells a finished one from a half-made one, and that one run at a time makes it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

from ..errors import OutputError
from ..lock import take
from .pythons import inside

MARKER = "ksdiff-environment.json"  # written last: what lacks it is half-made
_LOCK = "setup.lock"


def marker(folder: str) -> Optional[dict[str, Any]]:
    """Return what is noted about the environment in `folder`; None where it is not finished, or gone."""
    try:
        with open(os.path.join(folder, MARKER), encoding="utf-8") as file:
            noted = json.load(file)
    except (OSError, ValueError):
        return None
    return noted if isinstance(noted, dict) and os.path.exists(inside(folder)) else None


def mark(folder: str, facts: dict[str, Any]) -> None:
    """Note that the environment in `folder` is finished."""
    path = os.path.join(folder, MARKER)
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        json.dump({**facts, "made": time.time()}, file, indent=2)
    os.replace(f"{path}.part", path)


def finished(directory: str) -> list[str]:
    """Return the Pythons of all finished environments under `directory`, the newest first."""
    try:
        folders = [entry.path for entry in os.scandir(directory) if entry.is_dir()]
    except OSError:
        return []
    noted = {folder: marker(folder) for folder in folders if not folder.endswith(".old")}
    made = {folder: float(facts.get("made", 0)) for folder, facts in noted.items() if facts is not None}
    return [inside(folder) for folder in sorted(made, key=lambda folder: made[folder], reverse=True)]


@contextmanager
def locked(directory: str) -> Iterator[int]:
    """Keep other runs out of `directory` until the block ends, or the process, however it ends; yield the open file.

    Raise OutputError where another run is under way.
    """
    path = os.path.join(directory, _LOCK)
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not take(number):
            raise OutputError(
                f"Another set-up is under way in {directory}{_owner(number)}.",
                "Wait until it has ended, or end that process.",
            )
        told = {"process": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        os.ftruncate(number, 0)
        os.lseek(number, 0, os.SEEK_SET)
        os.write(number, json.dumps(told).encode())
        yield number
    finally:
        os.close(number)


def _owner(number: int) -> str:
    try:
        os.lseek(number, 0, os.SEEK_SET)
        told = json.loads(os.read(number, 1000))
        return f" (process {told['process']}, since {told['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
