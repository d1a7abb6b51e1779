"""The arrays inside an HDF5 file, read part by part; the only use of GDAL's multidimensional reader."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..ownpython import own_pythons
from .apart import Apart, Unfit
from .dataset import GdalFailure, gdal_failures_raised
from .faraway import at_reach, check_near, is_far
from .hdf5_reader import Reader

_MOST_VALUES = 1 << 28  # of one part: a file of a few bytes may claim more than any memory holds
_unfit: set[str] = set()  # Pythons that start no reader, so that not each file asks them again


class _Source(Protocol):
    """An open file.  Each part is read in whole, by any thread.  What GDAL cannot do is raised as GdalFailure."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]: ...

    def read(self, name: str, start: Sequence[int], count: Sequence[int]) -> npt.NDArray[Any]: ...


class _Here:
    """A file open in this process."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        with gdal_failures_raised(), at_reach(path):
            self._reader = Reader(path)
        self.shapes = self._reader.shapes

    def read(self, name: str, start: Sequence[int], count: Sequence[int]) -> npt.NDArray[Any]:
        with self._lock, gdal_failures_raised():
            return self._reader.read(name, start, count)


class H5Array:
    """One array; the first axis can be sliced."""

    def __init__(self, path: str, name: str, source: _Source) -> None:
        self._path, self._name, self._source = path, name, source
        self.shape = source.shapes[name]

    def __getitem__(self, part: slice) -> npt.NDArray[Any]:
        start, stop, _ = part.indices(self.shape[0])
        start, stop = min(start, self.shape[0] - 1), max(start, stop)
        if math.prod((max(1, stop - start), *self.shape[1:])) > _MOST_VALUES:
            raise InputError(f"{self._path} claims arrays of {self.shape}, too large to read.", "Copy it again.")
        begin, count = [start, *(0 for _ in self.shape[1:])], [max(1, stop - start), *self.shape[1:]]
        try:
            values = self._source.read(self._name, begin, count)
        except GdalFailure as failure:
            raise InputError(f"{self._path} cannot be read to its end ({failure}).", "Copy it again.") from failure
        return np.asarray(values)[: stop - start]  # GDAL reads no empty part


def h5_arrays(path: str, here: bool = False) -> dict[str, H5Array]:
    """Return the arrays at the top of the file by name, but for those whose name is no text.

    They are read in a process of their own, which ends with the last of them; in this one where it is to be `here`,
    where the file is on no disk of this computer, and where no such process can be started.  Raise InputError where it
    is no such file.
    """
    check_near(path)  # opening a pipe would wait without an end, and without heeding a wish to stop
    try:
        source = _Here(path) if here or is_far(path) or "/vsimem/" in path else _opened(path)
    except GdalFailure as failure:
        raise InputError(
            f"{path} cannot be opened as an HDF5 file ({failure}).", "Check its name, and that this GDAL reads HDF5."
        ) from failure
    return {name: H5Array(path, name, source) for name in source.shapes}


def _opened(path: str) -> _Source:
    for python in own_pythons():
        if python not in _unfit:
            try:
                return Apart(python, path)
            except Unfit:
                _unfit.add(python)
    return _Here(path)
