"""Small images as the bytes of a PNG file, without GDAL, which a Python that trains need not have."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from .evaluation import Picture

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KINDS = {1: 0, 3: 2}  # the colour type of the format by the number of channels: grey, and red, green, blue
_NO_FILTER = 0  # of a row: its bytes as they are


def png(image: npt.NDArray[np.uint8]) -> Picture:
    """Return the image without loss; (h, w) grey or (h, w, 3) red, green, blue.

    Raise ValueError where it is no such image (PNG, W3C Recommendation of 2003).
    """
    pixels = image[:, :, None] if image.ndim == 2 else image
    if pixels.ndim != 3 or pixels.dtype != np.uint8 or pixels.shape[2] not in _KINDS or not pixels.size:
        raise ValueError(f"not an image of bytes: {image.dtype}, {image.shape}")
    height, width, channels = pixels.shape
    rows = np.full((height, 1 + width * channels), _NO_FILTER, np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    # Size, 8 bits a channel, the kind; the only compression and filters there are; not interlaced.
    head = struct.pack(">IIBBBBB", width, height, 8, _KINDS[channels], 0, 0, 0)
    parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)), _chunk(b"IEND", b""))
    return Picture(_SIGNATURE + b"".join(parts), "image/png", width, height)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
