"""The arrays inside an HDF5 file, read part by part; the only use of GDAL's multidimensional reader."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from osgeo import gdal

from ..errors import InputError
from .dataset import GdalFailure, gdal_failures_raised
from .faraway import at_reach, check_near

_MOST_VALUES = 1 << 28  # of one part: a file of a few bytes may claim more than any memory holds


class H5Array:
    """One array; the first axis can be sliced."""

    def __init__(self, path: str, array: Any) -> None:
        self._path, self._array = path, array
        self.shape = tuple(int(size) for size in array.GetShape() or ())

    def __getitem__(self, part: slice) -> npt.NDArray[Any]:
        start, stop, _ = part.indices(self.shape[0])
        start, stop = min(start, self.shape[0] - 1), max(start, stop)
        if math.prod((max(1, stop - start), *self.shape[1:])) > _MOST_VALUES:
            raise InputError(f"{self._path} claims arrays of {self.shape}, too large to read.", "Copy it again.")
        begin, count = [start, *(0 for _ in self.shape[1:])], [max(1, stop - start), *self.shape[1:]]
        try:
            with gdal_failures_raised():
                values = self._array.ReadAsArray(array_start_idx=begin, count=count)
        except GdalFailure as failure:
            raise InputError(f"{self._path} cannot be read to its end ({failure}).", "Copy it again.") from failure
        return np.asarray(values)[: stop - start]  # GDAL reads no empty part


def h5_arrays(path: str) -> dict[str, H5Array]:
    """Return the arrays at the top of the file by name.  Raise InputError where it is no such file."""
    check_near(path)  # opening a pipe would wait without an end, and without heeding a wish to stop
    try:
        with gdal_failures_raised(), at_reach(path):
            dataset = gdal.OpenEx(path, gdal.OF_MULTIDIM_RASTER | gdal.OF_VERBOSE_ERROR, allowed_drivers=["HDF5"])
            if dataset is None:
                raise GdalFailure("no such file, or of another kind")
            group = dataset.GetRootGroup()
            arrays = {name: group.OpenMDArray(name) for name in group.GetMDArrayNames() or ()}
            if None in arrays.values():  # GDAL does not always say why
                raise GdalFailure("an array in it cannot be opened")
            return {name: H5Array(path, array) for name, array in arrays.items()}
    except GdalFailure as failure:
        raise InputError(
            f"{path} cannot be opened as an HDF5 file ({failure}).", "Check its name, and that this GDAL reads HDF5."
        ) from failure
