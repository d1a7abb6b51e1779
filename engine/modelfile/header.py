"""The header of a .safetensors file, read with the standard library; the file is checked, the weights stay on disk.

A file is 8 bytes (the length of the header, little endian), the header as JSON, and the weights without a gap.
"""

from __future__ import annotations

import math
import os
import stat
from dataclasses import dataclass
from typing import Any

from ..errors import ModelFileError
from .strict import demand, parse, refuse

_PREFIX = 8
_MOST_HEADER = 1 << 20  # bytes: a card takes about 10 kB, a tensor's entry about 120 bytes; it is parsed in 20 ms
_MOST_ELEMENTS = 1 << 30  # of a tensor: 4 GB
_MOST_DIMENSIONS = 8
_ITEM_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
_CAN_HOLD_CODE = (b"PK\x03\x04", *(bytes((0x80, protocol)) for protocol in range(2, 6)))  # torch.save's zip; a pickle
_CUT_OFF = "Download or copy it again."


@dataclass(frozen=True)
class Tensor:
    """Where one tensor lies: its first byte in the file, and how many there are."""

    name: str
    kind: str  # as the format writes it, such as F32
    shape: tuple[int, ...]
    offset: int
    size: int


def read_metadata(path: str) -> dict[str, str]:
    """Return the texts under `__metadata__`.  Raise ModelFileError where this is no whole, sound .safetensors file."""
    text, data_bytes = _header(path)
    header = parse(text, "The header")
    metadata = header.pop("__metadata__", {})
    sound = isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values())
    demand(sound, "The header's metadata are no texts.")
    _check_tensors(header, data_bytes)
    return {str(key): value for key, value in metadata.items()}


def read_tensors(path: str) -> tuple[Tensor, ...]:
    """Return where the tensors lie, in the order of their names.  Raise ModelFileError as `read_metadata` does."""
    text, data_bytes = _header(path)
    entries = parse(text, "The header")
    entries.pop("__metadata__", None)
    _check_tensors(entries, data_bytes)
    data = _PREFIX + len(text.encode())
    return tuple(
        Tensor(name, entry["dtype"], tuple(entry["shape"]), data + _span(entry)[0], _span(entry)[1] - _span(entry)[0])
        for name, entry in sorted(entries.items())
    )


def _header(path: str) -> tuple[str, int]:
    """Return the header and how many bytes follow it."""
    size, start, content = 0, b"", b""
    try:
        mode = os.stat(path).st_mode  # before it is opened: opening a pipe would wait for a writer
        if stat.S_ISREG(mode):
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                start = file.read(_PREFIX)
                content = file.read(min(int.from_bytes(start, "little"), _MOST_HEADER))
    except FileNotFoundError as error:
        raise ModelFileError("It does not exist.", "Check its name.") from error
    except OSError as error:
        raise ModelFileError(f"It cannot be read ({error.strerror}).", "Check its permissions and its disk.") from error
    except ValueError as error:  # a zero byte, or what is no letter
        raise ModelFileError("No file can have this name.", "Correct it.") from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "no file"
        raise ModelFileError(f"It is {kind}.", "Choose a .safetensors file.")
    length = int.from_bytes(start, "little")
    if size == 0:
        raise ModelFileError("It is empty.", _CUT_OFF)
    is_json = content.startswith(b"{")
    if length > _MOST_HEADER or not is_json:
        raise _other_kind(start, length, is_json)
    if size < _PREFIX + length or len(content) < length:
        raise ModelFileError("It is cut off in its header.", _CUT_OFF)
    try:
        return content.decode("utf-8"), size - _PREFIX - length
    except UnicodeDecodeError as error:
        raise refuse("The header is not written in UTF-8.") from error


def _other_kind(start: bytes, length: int, is_json: bool) -> ModelFileError:
    if start.startswith(_CAN_HOLD_CODE):
        return ModelFileError(
            "It is a .pt, .pth or pickle file under another name: such a file can hold code, and is not opened.",
            "Ask its maker for a .safetensors file, which holds numbers only.",
        )
    if is_json:
        return ModelFileError(
            f"Its header is said to have {length} bytes, and no model of ours needs more than {_MOST_HEADER}.",
            "Choose a .safetensors file that was made for this plugin.",
        )
    return ModelFileError("It is no .safetensors file.", "Choose a model that was made for this plugin.")


def _check_tensors(entries: dict[str, Any], data_bytes: int) -> None:
    """Raise ModelFileError unless the tensors fill what follows the header, one after the other."""
    demand(bool(entries), "It holds no weights.")
    end = 0
    for begin, stop in sorted(_span(entry) for entry in entries.values()):
        demand(begin == end, "The weights overlap, or leave a hole.")
        end = stop
    if end > data_bytes:
        raise ModelFileError(f"It is cut off: {data_bytes} of {end} bytes of weights are there.", _CUT_OFF)
    demand(end == data_bytes, f"There are {data_bytes - end} bytes behind the weights.")


def _span(entry: Any) -> tuple[int, int]:
    """Return where a tensor begins and ends, in bytes behind the header."""
    described = isinstance(entry, dict) and entry.keys() == {"dtype", "shape", "data_offsets"}
    demand(described, "A tensor is not described as .safetensors files do.")
    item_bytes = _ITEM_BYTES.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    if item_bytes is None:
        raise refuse(f"A tensor is of another type than {', '.join(_ITEM_BYTES)}.")
    shape, offsets = entry["shape"], entry["data_offsets"]
    small = (
        _whole_numbers(shape) and len(shape) <= _MOST_DIMENSIONS and all(1 <= side <= _MOST_ELEMENTS for side in shape)
    )
    demand(small and math.prod(shape) <= _MOST_ELEMENTS, "A tensor has an impossible shape.")
    demand(_whole_numbers(offsets) and len(offsets) == 2 and offsets[0] >= 0, "A tensor has no place in the file.")
    demand(offsets[1] - offsets[0] == math.prod(shape) * item_bytes, "A tensor's shape does not fit its place.")
    return offsets[0], offsets[1]


def _whole_numbers(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int for value in values)
