"""Pictures are encoded in memory, decode to what went in, and leave nothing behind."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import OutputError
from engine.raster.picture import jpeg, png

GREY = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
COLOUR = np.stack([GREY, GREY[::-1], 255 - GREY], axis=2)


def decoded(data: bytes) -> np.ndarray:
    gdal.FileFromMemBuffer("/vsimem/look", data)
    try:
        return np.asarray(gdal.Open("/vsimem/look").ReadAsArray())
    finally:
        gdal.Unlink("/vsimem/look")


@pytest.mark.parametrize("image", [GREY, COLOUR], ids=["grey", "colour"])
def test_a_png_holds_every_value(image: np.ndarray) -> None:
    data = png(image)
    assert data.startswith(b"\x89PNG")
    expected = image if image.ndim == 2 else np.moveaxis(image, 2, 0)
    np.testing.assert_array_equal(decoded(data), expected)


def test_a_png_is_what_its_specification_says() -> None:
    data = png(GREY)
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    assert (width, height, data[24], data[25]) == (6, 4, 8, 0)  # bit depth 8, colour type 0: grey
    start = data.index(b"IDAT")
    length = int.from_bytes(data[start - 4 : start], "big")
    assert len(zlib.decompress(data[start + 4 : start + 4 + length])) == 4 * (6 + 1)


@pytest.mark.parametrize("channels", [None, 3])
def test_a_jpeg_is_near_to_the_image_and_nearer_at_a_higher_quality(channels: int | None) -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (64, 64) if channels is None else (64, 64, 3)).astype(np.uint8)
    image = np.cumsum(image.astype(float), axis=0)
    image = (255 * (image - image.min()) / np.ptp(image)).astype(np.uint8)
    coarse, fine = jpeg(image, quality=20), jpeg(image, quality=95)
    assert coarse[:2] == fine[:2] == b"\xff\xd8"
    assert len(coarse) < len(fine)
    expected = image if channels is None else np.moveaxis(image, 2, 0)
    errors = [np.abs(decoded(data).astype(float) - expected).mean() for data in (coarse, fine)]
    assert errors[1] < errors[0] < 20


def test_the_slices_of_an_image_that_lies_otherwise_in_memory_are_kept() -> None:
    np.testing.assert_array_equal(decoded(png(COLOUR[::2, ::-1])), np.moveaxis(COLOUR[::2, ::-1], 2, 0))


def test_nothing_stays_in_memory_whether_it_went_well_or_not() -> None:
    before = set(gdal.ReadDir("/vsimem/") or ())
    png(GREY)
    jpeg(COLOUR)
    with pytest.raises(OutputError):
        png(np.zeros((0, 4), np.uint8))
    assert set(gdal.ReadDir("/vsimem/") or ()) <= before


def test_what_gdal_cannot_encode_is_refused_with_a_remedy() -> None:
    with pytest.raises(OutputError, match="cannot be encoded") as refusal:
        jpeg(np.zeros((1, 70_000), np.uint8))  # the format ends at 65,500
    assert "JPEG" in refusal.value.remedy


def test_without_the_driver_the_refusal_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    by_name = gdal.GetDriverByName
    monkeypatch.setattr(gdal, "GetDriverByName", lambda name: None if name == "PNG" else by_name(name))
    with pytest.raises(OutputError, match="PNG"):
        png(GREY)


def test_a_setting_of_the_process_that_writes_sidecars_changes_nothing() -> None:
    gdal.SetConfigOption("GDAL_PAM_ENABLED", "YES")
    try:
        png(GREY)
        assert not gdal.ReadDirRecursive("/vsimem/")
    finally:
        gdal.SetConfigOption("GDAL_PAM_ENABLED", None)


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (4, 4, 4), (2, 4, 4, 3)])
def test_what_is_no_image_of_bytes_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not an image"):
        png(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="not an image"):
        png(np.zeros((4, 4), np.uint16))  # type: ignore[arg-type]


def test_where_others_let_gdal_raise_a_picture_is_made_all_the_same() -> None:
    gdal.UseExceptions()
    try:
        assert png(GREY).startswith(b"\x89PNG")
    finally:
        gdal.DontUseExceptions()
