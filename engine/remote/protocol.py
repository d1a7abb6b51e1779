"""What client and worker say to each other: lines of JSON, and arrays in files of the folder that both work in.

A request is {"id", "do", "values", "arrays"}; its answer {"id", "values", "arrays"} or {"id", "error"}.  The arrays of
request 7 are in the file 7.in and those of its answer in 7.out, one after the other, as "arrays" lists them.  Plain
files, not mapped ones: where the disk is full, writing fails with a reason, and a mapping would kill the process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import WorkerError

VERSION = 4  # raised with every change; client and worker may be of different installations
FOLDER = "ksdiff-worker-"  # how the names of the private folders begin
MOST_LINE = 1 << 20  # bytes
_KINDS: dict[str, np.dtype[Any]] = {"f4": np.dtype(np.float32), "f8": np.dtype(np.float64)}
_MOST_AXES = 8

Arrays = Mapping[str, npt.NDArray[Any]]


class Nonsense(ValueError):
    """What was said is none of the above; the text says what it was."""


def encoded(message: Mapping[str, Any]) -> bytes:
    """Return a message as one line."""
    return json.dumps(message, allow_nan=False).encode("ascii") + b"\n"


def decoded(line: bytes) -> dict[str, Any]:
    """Return the message of a line.  Raise Nonsense where it is none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Nonsense(repr(line[:80])) from error
    if not isinstance(message, dict) or type(message.get("id")) is not int or not line.endswith(b"\n"):
        raise Nonsense(repr(line[:80]))
    return message


def put(path: str, arrays: Arrays) -> list[list[Any]]:
    """Write arrays into a file and return the list of them.  Raise OSError where that fails."""
    listed = []
    with open(path, "wb", buffering=0) as file:
        for name, array in arrays.items():
            kind = f"f{array.dtype.itemsize}"
            if _KINDS.get(kind) != array.dtype:
                raise AssertionError(f"{name} is {array.dtype}")  # pragma: no cover
            listed.append([name, kind, list(array.shape)])
            left = np.ascontiguousarray(array).reshape(-1).data.cast("B")
            while left:  # one call writes at most 2 GiB
                left = left[file.write(left) :]
    return listed


def no_room(folder: str, error: OSError) -> WorkerError:
    """Return what is to be said where `put` fails."""
    return WorkerError(
        f"Tiles for the worker cannot be written to {folder} ({error.strerror or error}).",
        "Make room there, or name another folder with the variable TMPDIR.",
    )


def take(path: str, listed: Any) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file.  Raise Nonsense where they are not those listed, OSError where it is not there."""
    entries = [_checked(entry) for entry in listed] if isinstance(listed, list) else None
    if entries is None:
        raise Nonsense(f"a list of arrays that is {listed!r:.80}")
    expected = sum(kind.itemsize * prod(shape) for _, kind, shape in entries)
    if os.path.getsize(path) != expected:
        raise Nonsense(f"{os.path.getsize(path)} bytes for arrays of {expected}")
    with open(path, "rb") as file:
        return {name: np.fromfile(file, kind, prod(shape)).reshape(shape) for name, kind, shape in entries}


def _checked(entry: Any) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    if isinstance(entry, list) and len(entry) == 3:
        name, kind, shape = entry
        listed = isinstance(name, str) and isinstance(shape, list) and len(shape) <= _MOST_AXES
        if listed and kind in ("f4", "f8") and all(type(side) is int and side > 0 for side in shape):
            return name, _KINDS[kind], tuple(shape)
    raise Nonsense(f"an array described as {entry!r:.80}")
