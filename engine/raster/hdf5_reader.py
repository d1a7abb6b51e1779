"""What reads the arrays of an HDF5 file through GDAL: in this process, or run by path as a process of its own.

As a process it is told one file, and then which parts of its arrays to read, one line of JSON each; it answers in such
lines, a part followed by its bytes.  It ends when its stdin does.  It imports nothing of the engine.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":  # Python has put the folder of a script first; the arguments are where GDAL and numpy lie
    sys.path[:] = [*sys.path[1:], *sys.argv[1:]]

import json
import math
import os
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Optional

import numpy as np
import numpy.typing as npt
from osgeo import gdal

_ADDRESSES = 4 << 30  # bytes that a process of its own may take beside the part that it reads
_LARGEST = 16  # bytes of one value


class Reader:
    """The arrays at the top of a file.  Raise RuntimeError, or let GDAL complain, where it is no such file."""

    def __init__(self, path: str) -> None:
        dataset = gdal.OpenEx(path, gdal.OF_MULTIDIM_RASTER | gdal.OF_VERBOSE_ERROR, allowed_drivers=["HDF5"])
        if dataset is None:
            raise RuntimeError("no such file, or of another kind")
        group = dataset.GetRootGroup()
        names = [name for name in group.GetMDArrayNames() or () if _is_text(name)]
        self._arrays = {name: group.OpenMDArray(name) for name in names}
        if None in self._arrays.values():  # GDAL does not always say why
            raise RuntimeError("an array in it cannot be opened")
        self.shapes = {
            name: tuple(int(size) for size in array.GetShape() or ()) for name, array in self._arrays.items()
        }

    def read(self, name: str, start: Sequence[int], count: Sequence[int]) -> npt.NDArray[Any]:
        """Return a part of an array of numbers.  Raise RuntimeError, or let GDAL complain, where it cannot be read."""
        array = self._arrays[name]
        if array.GetDataType().GetClass() != gdal.GEDTC_NUMERIC:
            raise RuntimeError(f"{name} holds no numbers")
        values = array.ReadAsArray(array_start_idx=list(start), count=list(count))
        if values is None:
            raise RuntimeError(f"{name} gives no values")
        return np.ascontiguousarray(values)


def _is_text(name: Any) -> bool:
    """Whether a name is UTF-8: GDAL does not take back what else it gives."""
    try:
        return isinstance(name, str) and bool(name.encode())
    except UnicodeEncodeError:
        return False


def main() -> None:
    """Answer what is asked for on stdin until it ends."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library may talk there
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    complaints: list[str] = []

    def keep(level: int, _number: int, message: str) -> None:
        if level >= gdal.CE_Failure:
            complaints.append(message)

    gdal.PushErrorHandler(keep)
    _say(out, {"hdf5": gdal.GetDriverByName("HDF5") is not None})
    reader: Optional[Reader] = None
    while True:
        question = json.loads(asked.get())
        complaints.clear()
        values: Optional[npt.NDArray[Any]] = None
        answer: dict[str, Any] = {}
        try:
            if reader is None:
                _limit(0)
                reader = Reader(question["path"])
                answer = {"shapes": reader.shapes}
            else:
                _limit(math.prod(question["count"]) * _LARGEST)
                values = reader.read(question["name"], question["start"], question["count"])
                answer = {"kind": values.dtype.str}
        except RuntimeError as error:
            complaints.append(str(error))
        except MemoryError:
            complaints.append("it takes more memory than there is")
        if complaints:  # what was said first is the reason; the rest is what came of it
            answer, values = {"problem": complaints[0]}, None
        _say(out, answer, values)


def _listen(asked: queue.SimpleQueue[bytes]) -> None:
    """Take what is asked for; at its end, end at once, whatever a library is at or has left to do."""
    for line in sys.stdin.buffer:
        asked.put(line)
    os._exit(0)


def _say(out: IO[bytes], answer: dict[str, Any], values: Optional[npt.NDArray[Any]] = None) -> None:
    out.write(json.dumps(answer).encode() + b"\n")
    if values is not None:
        out.write(values.reshape(-1).view(np.uint8).data)
    out.flush()


def _limit(more: int) -> None:
    """Bound the memory that a file can make the library take."""
    if sys.platform != "win32":
        import resource

        with suppress(ValueError, OSError):  # where there is a stricter limit, or none can be set
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES + more, hard))


if __name__ == "__main__":
    main()
