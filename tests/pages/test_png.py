"""PNG files written here are what others read."""

from __future__ import annotations

import struct
import uuid
import zlib
from typing import Any

import numpy as np
import pytest

from engine.pages.png import png


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (1, 1), (128, 64, 3)])
def test_gdal_reads_what_was_written(shape: tuple[int, ...]) -> None:
    gdal = pytest.importorskip("osgeo.gdal")
    image = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    picture = png(image)
    path = f"/vsimem/{uuid.uuid4().hex}.png"
    gdal.FileFromMemBuffer(path, picture.data)
    try:
        found = gdal.Open(path).ReadAsArray()
    finally:
        gdal.Unlink(path)
    np.testing.assert_array_equal(found if image.ndim == 2 else np.moveaxis(found, 0, 2), image)
    assert (picture.width, picture.height, picture.mime) == (shape[1], shape[0], "image/png")


def test_each_chunk_has_the_checksum_of_the_format() -> None:
    content = png(np.zeros((2, 3), np.uint8)).data
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    place, names = 8, []
    while place < len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 8 : place + 8 + length]
        assert struct.unpack(">I", content[place + 8 + length : place + 12 + length]) == (zlib.crc32(name + body),)
        names.append(name)
        place += 12 + length
    assert names == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize(
    "image", [np.zeros((2, 3)), np.zeros((2, 3, 4), np.uint8), np.zeros((0, 3), np.uint8), np.zeros(3, np.uint8)]
)
def test_what_is_no_image_of_bytes_is_refused(image: Any) -> None:
    with pytest.raises(ValueError, match="not an image of bytes"):
        png(image)
