"""What a run keeps of its work, so that the next one can go on: its tiles and what was learnt, in a file by the result.

The result itself cannot be gone on with.  GDAL notes where the blocks of a GeoTIFF lie when it closes the file, so one
that was cut short has lost them; and in one that is opened again, blocks and directories lie elsewhere than they would
have.  So finished tiles are put into a journal too, as they are, and a run that goes on writes its file from the first
tile: those of the journal it takes from there, the others it makes.  GDAL is asked for the same as without a stop, so
the file is the same, byte for byte, and that holds for cloud-optimised files and overviews as well.  The price is the
size of the pixels on the disk until the run has ended, and it is paid by those alone who ask for it.  The tiles are not
compressed: that would take more time than the disk does.

A journal is a line that says what it is, and then entries:

    length of the head, checksum of the head, head, body        (two unsigned 32-bit numbers, JSON, bytes)

The head says how long the body is, its checksum, and what it holds.  First comes "run", all that decides the pixels;
then "state", the arrays that the method has learnt; then one "tile" after the other, in the order in which they were
made.  Whatever is not whole when it is read is taken for not there, so the order in which a disk writes does no harm,
and a loss of power costs the tiles of the last seconds.  Nothing in a journal is run, and no more memory is taken for
what it says than its file is long.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
import threading
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Optional

import numpy as np
import numpy.typing as npt
from osgeo import gdal

from ..errors import OutputError
from ..grid.window import Window
from .aside import opened_as_ours, remove
from .writer import Encoded, Profile, journal_of

_FIRST_LINE = b"KSDiff journal 2\n"
_LENGTHS = struct.Struct("<II")
_MOST_HEAD = 1 << 24  # bytes
_NUMBERS = re.compile(r"[<>|][biuf][1248]")  # the types of arrays that are read
_SAFE_EVERY_S = 10.0  # how much work a loss of power may cost
_LIBRARIES = {"GDAL": gdal.__version__, "NumPy": np.__version__}  # another one may round otherwise

Arrays = Mapping[str, npt.NDArray[Any]]


class _Entry(NamedTuple):
    """Where a body lies in the file, and what its head says of it."""

    start: int
    size: int
    checksum: int
    facts: Any


class _Unsound(Exception):
    """The file is no journal, or what it says makes no sense."""


class Journal:
    """The journal of one run; several threads may use it at once.  Only who has claimed the result may make one.

    `run` is all that decides the pixels, in words; `tiles` are the windows of which the result is made.  What an
    earlier run left is used where it was made in the same way: then `state` is what that had learnt.  Otherwise `state`
    is None until `begin`, and `refused` says in a few words why not; empty: there was nothing.  It stays on the disk
    until then.
    """

    def __init__(self, out: str, run: Mapping[str, str], profile: Profile, tiles: Collection[Window]) -> None:
        self.path = journal_of(out)
        self.state: Optional[Arrays] = None
        self.refused = ""
        self._run = {**run, **_LIBRARIES}
        self._kind, self._bands = np.dtype(profile.data_type), len(profile.bands)
        self._tiles = frozenset(tiles)
        self._kept: dict[Window, _Entry] = {}
        self._turn = threading.Lock()
        self._file: Optional[BinaryIO] = None
        self._end = 0
        self._made_safe = time.monotonic()
        try:
            self._file = open(self.path, "r+b", buffering=0, opener=opened_as_ours)  # noqa: SIM115 - until close
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._impossible("opened", error) from error
        try:
            self._read(self._file)
        except (_Unsound, OSError) as error:
            self.refused = f"it is damaged ({error})"
        if self.state is None:
            self.close()

    @property
    def share(self) -> float:
        """The share of the pixels that are kept."""
        with self._turn:
            kept = sum(window.height * window.width for window in self._kept)
        return kept / max(1, sum(window.height * window.width for window in self._tiles))

    def begin(self, state: Arrays) -> None:
        """Begin anew with what the method has learnt.  Raise OutputError where the disk does not allow it."""
        try:
            self._file = open(self.path, "w+b", buffering=0, opener=opened_as_ours)  # noqa: SIM115 - until close
            self._end = 0
            self._put(_FIRST_LINE)
            arrays = {name: np.ascontiguousarray(values) for name, values in state.items()}
            shapes = [[name, values.dtype.str, list(np.shape(state[name]))] for name, values in arrays.items()]
            self._append({"run": self._run})
            self._append({"state": shapes}, *(_bytes_of(values) for values in arrays.values()))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._impossible("begun", error) from error
        self.state = state

    def found(self, window: Window) -> Optional[Encoded]:
        """Return what is kept of a tile; None where it is not there, or not whole."""
        with self._turn:
            entry = self._kept.get(window)
            if entry is None or self._file is None:
                return None
            try:
                body = self._body(self._file, entry)
            except (_Unsound, OSError):
                del self._kept[window]
                return None
        array = np.frombuffer(body, self._kind).reshape(self._bands, *window.shape)
        return Encoded(array, entry.facts["clipped"], entry.facts["valid"])

    def keep(self, window: Window, made: Encoded) -> None:
        """Keep a tile.  Raise OutputError where the disk does not allow it."""
        place = [window.row, window.col, window.height, window.width]
        body = _bytes_of(np.ascontiguousarray(made.array))
        head = {"tile": place, "valid": made.valid, "clipped": made.clipped}
        with self._turn:
            if self._file is None:  # closed while the last tiles were still being made
                return
            try:
                self._kept[window] = self._append(head, body)
                if time.monotonic() - self._made_safe >= _SAFE_EVERY_S:
                    os.fsync(self._file.fileno())
                    self._made_safe = time.monotonic()
            except OSError as error:
                raise self._impossible("written", error) from error

    def close(self) -> None:
        """Keep nothing more; what is there stays."""
        with self._turn:
            if self._file is not None:
                self._file.close()
                self._file = None

    def discard(self) -> None:
        """Remove it: there is nothing to go on with."""
        self.close()
        self.state = None
        self._kept.clear()
        remove(self.path)

    # Entries

    def _append(self, facts: dict[str, Any], *body: Any) -> _Entry:
        size, checksum = sum(map(len, body)), 0
        for part in body:
            checksum = zlib.crc32(part, checksum)
        head = json.dumps({**facts, "size": size, "checksum": checksum}).encode("ascii")
        self._put(_LENGTHS.pack(len(head), zlib.crc32(head)) + head, *body)
        return _Entry(self._end - size, size, checksum, facts)

    def _put(self, *parts: Any) -> None:
        """Write behind the last whole entry; a part of one is left behind where that fails, and written over later."""
        if self._file is None:
            raise AssertionError("the journal has been begun")  # pragma: no cover
        self._file.seek(self._end)
        for part in parts:
            left = memoryview(part)
            while len(left):
                left = left[self._file.write(left) :]
        self._end = self._file.tell()

    def _read(self, file: BinaryIO) -> None:
        length = os.fstat(file.fileno()).st_size
        if file.read(len(_FIRST_LINE)) != _FIRST_LINE:
            raise _Unsound("it is no journal")
        first = self._entry(file, length, "run")
        differing = _differing(first.facts["run"], self._run)
        if differing:
            self.refused = f"these differ: {differing}"
            return
        entry = self._entry(file, length, "state")
        state = _arrays(entry.facts["state"], self._body(file, entry))
        end, kept = entry.start + entry.size, {}
        while True:
            file.seek(end)
            try:
                entry = self._entry(file, length, "tile")
                window = self._window(entry)
            except _Unsound:  # cut short, or the end
                break
            kept[window] = entry
            end = entry.start + entry.size
        self.state, self._kept, self._end = state, kept, end

    def _entry(self, file: BinaryIO, length: int, kind: str) -> _Entry:
        """Read the head that begins here, and pass over its body."""
        lengths = file.read(_LENGTHS.size)
        if len(lengths) < _LENGTHS.size:
            raise _Unsound("it ends too early")
        size, checksum = _LENGTHS.unpack(lengths)
        head = file.read(min(size, _MOST_HEAD))
        if len(head) < size or zlib.crc32(head) != checksum:
            raise _Unsound("an entry is not whole")
        try:
            facts = json.loads(head)
        except (ValueError, RecursionError) as error:
            raise _Unsound("an entry cannot be read") from error
        start = file.tell()
        if not isinstance(facts, dict) or kind not in facts or not _counts(facts.get("size"), facts.get("checksum")):
            raise _Unsound("an entry says something else than it should")
        if facts["size"] > length - start:
            raise _Unsound("it ends too early")
        file.seek(start + facts["size"])
        return _Entry(start, facts["size"], facts["checksum"], facts)

    def _body(self, file: BinaryIO, entry: _Entry) -> bytearray:
        body = bytearray(entry.size)
        left = memoryview(body)
        file.seek(entry.start)
        while len(left):
            count = file.readinto(left)  # type: ignore[attr-defined]  # a file without a buffer has it
            if not count:
                raise _Unsound("it ends too early")
            left = left[count:]
        if zlib.crc32(body) != entry.checksum:
            raise _Unsound("an entry is not whole")
        return body

    def _window(self, entry: _Entry) -> Window:
        """Return the tile of an entry that fits to this run in all that it says."""
        place, valid, clipped = (entry.facts.get(name) for name in ("tile", "valid", "clipped"))
        if not isinstance(place, list) or len(place) != 4 or not _counts(*place, valid, clipped):
            raise _Unsound("a tile is not described")
        window = Window(*place)
        pixels = window.height * window.width
        values = pixels * self._bands
        if window not in self._tiles or entry.size != values * self._kind.itemsize:
            raise _Unsound("a tile is another than it should be")
        if valid > pixels or clipped > values:
            raise _Unsound("a tile is counted wrongly")
        return window

    def _impossible(self, deed: str, error: OSError) -> OutputError:
        return OutputError(
            f"{self.path} could not be {deed} ({error.strerror}).",
            "Check the free space and the permissions of its folder.",
        )


def _bytes_of(values: npt.NDArray[Any]) -> memoryview:
    return values.reshape(-1).view(np.uint8).data


def _counts(*values: Any) -> bool:
    return all(type(value) is int and value >= 0 for value in values)


def _arrays(shapes: Any, body: bytearray) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that lie one behind the other in `body`, copied: theirs is what is computed with."""
    arrays, start = {}, 0
    try:
        for name, kind, shape in shapes:
            if not isinstance(name, str) or not _NUMBERS.fullmatch(kind) or not _counts(*shape):
                raise _Unsound("what was learnt is of a kind that cannot be")
            wanted, count = np.dtype(kind), math.prod(shape)
            if count * wanted.itemsize > len(body) - start:
                raise _Unsound("what was learnt is not whole")
            arrays[name] = np.frombuffer(body, wanted, count, start).reshape(shape).copy()
            start += count * wanted.itemsize
    except (TypeError, ValueError) as error:
        raise _Unsound("what was learnt cannot be read") from error
    return arrays


def _differing(then: Any, now: Mapping[str, str]) -> str:
    """Return what differs between two runs, in words; empty where nothing does."""
    if not isinstance(then, dict) or not all(isinstance(value, str) for value in then.values()):
        raise _Unsound("it does not say what it belongs to")
    names = [name for name in (*now, *(name for name in then if name not in now)) if then.get(name) != now.get(name)]
    return _listed([_change(name, then.get(name, ""), now.get(name, "")) for name in names])


def _change(name: str, then: str, now: str) -> str:
    told = all(0 < len(value) <= 40 and value.isprintable() for value in (then, now))
    return f"{name} ({then} then, {now} now)" if told else name


def _listed(changes: Sequence[str]) -> str:
    most = 3
    more = f" and {len(changes) - most} more" if len(changes) > most else ""
    return ", ".join(change[:200] for change in changes[:most]) + more
