"""Arrays with an entry for each sample, written as samples come and mapped into memory when they are read.

They are numpy's own files, never pickles, so a store may be larger than the memory and other programs can read it.
"""

from __future__ import annotations

import tokenize
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import InputError

_HEADER = 128  # bytes that an array begins with, of which the number of samples is known last

# What can be raised where a file is no array of ours, or no manifest.
# The last four: what damaged headers of numpy's files end in.
UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, RecursionError, EOFError, zipfile.BadZipFile,
    SyntaxError, tokenize.TokenError, MemoryError, OverflowError,
)  # fmt: skip


class ArrayWriter:
    """Writes one array of each name into a folder; `kinds` are their types, as numpy's files name them."""

    def __init__(self, folder: Path, kinds: Mapping[str, str]) -> None:
        self._kinds = tuple(kinds.values())
        self.count = 0
        self.shapes: list[tuple[int, ...]] = []  # of one sample, known once there is one
        with ExitStack() as stack:
            self._files = [stack.enter_context(_file(folder, name).open("wb")) for name in kinds]
            for file in self._files:
                file.write(bytes(_HEADER))
            self._open = stack.pop_all()

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._open.close()

    def add(self, sample: Sequence[npt.ArrayLike]) -> None:
        """Write what a sample has for each array.

        Raise InputError where it has other shapes than the first, or values that the types do not hold.
        """
        with np.errstate(over="ignore"):  # what it makes infinite is refused
            parts = [np.asarray(values).astype(kind) for values, kind in zip(sample, self._kinds)]
        self.shapes = self.shapes or [part.shape for part in parts]
        if [part.shape for part in parts] != self.shapes or not all(np.isfinite(part).all() for part in parts):
            raise InputError(
                f"Sample {self.count} has other shapes than the first, or values that 16 bits do not hold.",
                "Look at the images it was made of, and leave them out.",
            )
        for file, part in zip(self._files, parts):
            file.write(part.tobytes())
        self.count += 1

    def finish(self) -> None:
        """Write how many samples there are.  Raise InputError where there are none."""
        if not self.count:
            raise InputError("There are no samples to be stored.", "Give images that are larger than a sample.")
        for file, kind, shape in zip(self._files, self._kinds, self.shapes):
            file.seek(0)
            file.write(_header(kind, (self.count, *shape)))
            file.flush()


def read_arrays(folder: str, kinds: Mapping[str, str], shapes: Sequence[tuple[int, ...]]) -> list[npt.NDArray[Any]]:
    """Return the arrays of a folder, mapped into memory.

    Raise one of UNREADABLE where they cannot be read, InputError where types or shapes are others.
    """
    files = [_file(Path(folder), name) for name in kinds]
    if any(file.exists() and not file.is_file() for file in files):  # opening a pipe would wait without an end
        raise ValueError("an array of it is no file")
    arrays = [np.load(file, mmap_mode="r", allow_pickle=False) for file in files]
    # An archive of arrays can be loaded too, and has no shape.
    found = [(array.shape, array.dtype.str) for array in arrays if isinstance(array, np.ndarray)]
    if found != list(zip(shapes, kinds.values())):
        raise InputError(f"The arrays of the store {folder} do not fit its manifest.", "Make the store again.")
    return arrays


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.npy"


def _header(kind: str, shape: tuple[int, ...]) -> bytes:
    """Return how an array of numpy's format 1.0 begins, always as long, so that it can be written last."""
    text = repr({"descr": kind, "fortran_order": False, "shape": shape}).ljust(_HEADER - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + (_HEADER - 10).to_bytes(2, "little") + text.encode("ascii")
