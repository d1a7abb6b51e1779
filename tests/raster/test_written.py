"""The file holds what its profile says, in the layout that was asked for."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import OutputError
from engine.grid.window import Window
from engine.raster.dataset import facts_of, same_crs
from engine.raster.options import default_compression
from engine.raster.writer import BandProfile, Encoded, Writer, encode
from tests.raster.results import HEIGHT, WIDTH, make, names, pixels, profile
from tests.rasters import EPSG, north_up, read, wkt_of, write

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_comes_back_as_it_was_written(kind: str, tmp_path: Path) -> None:
    limits = np.iinfo(kind) if np.dtype(kind).kind in "iu" else np.finfo("float32")
    wanted = profile(1, data_type=kind, height=3, width=5)
    values = np.linspace(float(limits.min), float(limits.max), 15).reshape(1, 3, 5)
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    encoded = encode(values.copy(), None, wanted)
    writer.write(Window(0, 0, 3, 5), encoded)
    writer.finish()
    assert facts_of(str(tmp_path / "o.tif")).bands[0].data_type == kind
    np.testing.assert_array_equal(read(tmp_path / "o.tif"), encoded.array)
    np.testing.assert_allclose(read(tmp_path / "o.tif"), values, rtol=1e-6, atol=0.5)


def test_tiles_land_where_they_belong_and_on_the_ground_too(tmp_path: Path) -> None:
    expected = make(tmp_path / "o.tif", profile(), step=190)
    np.testing.assert_array_equal(read(tmp_path / "o.tif"), expected)
    grid = facts_of(str(tmp_path / "o.tif")).grid
    assert grid.affine == north_up(1.0)
    assert same_crs(grid.crs, wkt_of(EPSG))
    assert grid.crs


def test_without_georeferencing_none_is_invented(tmp_path: Path) -> None:
    make(tmp_path / "o.tif", profile(1, affine=None, crs=""))
    grid = facts_of(str(tmp_path / "o.tif")).grid
    assert (grid.affine, grid.crs) == (None, "")


def test_by_default_the_result_is_tiled_and_compressed(tmp_path: Path) -> None:
    make(tmp_path / "o.tif", profile())
    dataset = gdal.Open(str(tmp_path / "o.tif"))
    structure = dataset.GetMetadata("IMAGE_STRUCTURE")
    assert structure["COMPRESSION"] == default_compression()
    assert structure["INTERLEAVE"] == "BAND"
    assert dataset.GetRasterBand(1).GetBlockSize() == [512, 512]
    assert dataset.GetRasterBand(1).GetOverviewCount() == 0
    assert os.path.getsize(tmp_path / "o.tif") < HEIGHT * WIDTH * 3 * 2 / 2


@pytest.mark.parametrize(
    ("options", "expected", "block"),
    [
        (("COMPRESS=LZW",), "LZW", [512, 512]),
        (("compress=none",), None, [512, 512]),
        (("TILED=NO", "COMPRESS=DEFLATE"), "DEFLATE", [WIDTH, None]),
        (("tiled=no",), default_compression(), [WIDTH, None]),
        (("BLOCKXSIZE=128", "BLOCKYSIZE=64"), default_compression(), [128, 64]),
        (("COMPRESS=DEFLATE", "ZLEVEL=9", "PREDICTOR=1"), "DEFLATE", [512, 512]),
    ],
)
def test_the_creation_options_of_the_user_win(
    options: tuple[str, ...], expected: str | None, block: list[int | None], tmp_path: Path
) -> None:
    written = make(tmp_path / "o.tif", profile(options=options))
    dataset = gdal.Open(str(tmp_path / "o.tif"))
    assert dataset.GetMetadata("IMAGE_STRUCTURE").get("COMPRESSION") == expected
    width, height = dataset.GetRasterBand(1).GetBlockSize()
    assert width == block[0]
    assert block[1] in (None, height)
    np.testing.assert_array_equal(read(tmp_path / "o.tif"), written)


def test_an_option_that_gdal_refuses_is_an_error_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"could not be created \(.*Bad value 17.*creation options"):
        Writer(str(tmp_path / "o.tif"), profile(options=("COMPRESS=LZW", "BLOCKXSIZE=17")))
    assert names(tmp_path) == []


def test_a_world_file_that_was_asked_for_gets_the_name_that_programs_look_for(tmp_path: Path) -> None:
    make(tmp_path / "o.tif", profile(1, options=("TFW=YES",)))
    assert names(tmp_path) == ["o.tfw", "o.tif"]


def test_metadata_that_may_not_be_in_the_file_stay_beside_it(tmp_path: Path) -> None:
    band = BandProfile("red", "Red", 0.5, 1.0, (("", "NOTE", "x"),))
    make(tmp_path / "o.tif", profile(options=("PROFILE=BASELINE",), bands=(band,)))
    assert names(tmp_path) == ["o.tif", "o.tif.aux.xml"]
    found = facts_of(str(tmp_path / "o.tif")).bands[0]
    assert (found.description, found.scale, found.metadata) == ("red", 0.5, (("", "NOTE", "x"),))


TELLING = (
    ("", "SENSOR", "X-1"),
    ("", "TIFFTAG_DATETIME", "2024:05:06 07:08:09"),
    ("IMAGERY", "CLOUDCOVER", "3"),
    ("IMD", "IMAGE_1.satId", "WV03"),
)
BANDS = tuple(
    BandProfile(name, color, scale, offset, (("", "NOTE", name), ("IMAGERY", "CENTRAL_WAVELENGTH_UM", wavelength)))
    for name, color, scale, offset, wavelength in (
        ("Coastal", "Undefined", 1.0, 0.0, "0.43"),
        ("Blue", "Blue", 0.5, -1.0, "0.48"),
        ("Green", "Green", 2.75e-05, -0.2, "0.56"),
        ("Red", "Red", 1.0, 0.0, "0.66"),
        ("NIR", "Undefined", 1.0, 5.0, "0.84"),
    )
)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("cloud_optimised", [False, True])
def test_everything_said_about_the_bands_survives_inside_the_file(
    kind: str, cloud_optimised: bool, tmp_path: Path
) -> None:
    wanted = profile(
        bands=BANDS, metadata=TELLING, nodata=0.0, data_type=kind, cloud_optimised=cloud_optimised, overviews=True
    )
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(5) / 10, None, wanted))
    writer.finish()
    assert names(tmp_path) == ["o.tif"]  # nothing beside it that is lost when somebody moves it
    facts = facts_of(str(tmp_path / "o.tif"))
    assert len(facts.bands) == 5
    for found, band in zip(facts.bands, BANDS):
        assert (found.description, found.color, found.nodata) == (band.description, band.color, 0.0)
        assert (found.scale, found.offset) == pytest.approx((band.scale, band.offset))
        # A COG keeps the default domain alone.
        assert {item[1:] for item in band.metadata} <= {item[1:] for item in found.metadata}
        assert cloud_optimised or set(band.metadata) <= set(found.metadata)
    assert {item[1:] for item in TELLING} <= {item[1:] for item in facts.metadata}
    assert cloud_optimised or set(TELLING) <= set(facts.metadata)


def test_a_key_of_the_default_domain_is_not_replaced_by_one_of_another(tmp_path: Path) -> None:
    said = (("", "DATE", "mine"), ("IMAGERY", "DATE", "theirs"))
    make(tmp_path / "o.tif", profile(1, metadata=said, cloud_optimised=True))
    assert ("", "DATE", "mine") in facts_of(str(tmp_path / "o.tif")).metadata


@pytest.mark.parametrize("change", [{}, {"overviews": True}, {"cloud_optimised": True}])
@pytest.mark.parametrize("threads", [1, 4])
def test_two_runs_write_the_same_bytes(change: dict[str, Any], threads: int, tmp_path: Path) -> None:
    digests = set()
    for name in ("a.tif", "b.tif"):
        make(tmp_path / name, profile(**change, threads=threads, metadata=(("", "NOTE", "x"),)))
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_overviews_are_averages_of_valid_pixels(tmp_path: Path) -> None:
    wanted = profile(1, nodata=0.0, overviews=True)
    values = pixels(1)
    valid = np.ones((HEIGHT, WIDTH), bool)
    valid[:, :101] = False
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(values.copy(), valid, wanted))
    writer.finish()
    assert names(tmp_path) == ["o.tif"]
    dataset = gdal.Open(str(tmp_path / "o.tif"))
    band = dataset.GetRasterBand(1)
    assert band.GetOverviewCount() == 1  # 350 pixels are too many for a thumbnail, 175 are not
    half = band.GetOverview(0).ReadAsArray().astype(float)
    expected = np.rint(values[0, :, 102:]).reshape(HEIGHT // 2, 2, -1, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(half[:, 51:], expected, atol=0.6)
    assert not half[:, :50].any()
    assert half[:, 50].min() > 100  # half valid: the mean of what is, not of nodata


def test_a_small_result_needs_no_overviews(tmp_path: Path) -> None:
    make(tmp_path / "o.tif", profile(1, height=200, width=150, overviews=True))
    dataset = gdal.Open(str(tmp_path / "o.tif"))
    assert dataset.GetRasterBand(1).GetOverviewCount() == 0


def test_a_cloud_optimised_result_is_laid_out_as_one(tmp_path: Path) -> None:
    expected = make(tmp_path / "o.tif", profile(cloud_optimised=True, nodata=0.0))
    assert names(tmp_path) == ["o.tif"]
    dataset = gdal.Open(str(tmp_path / "o.tif"))
    structure = dataset.GetMetadata("IMAGE_STRUCTURE")
    assert structure["LAYOUT"] == "COG"
    assert structure["COMPRESSION"] == "DEFLATE"
    assert dataset.GetRasterBand(1).GetOverviewCount() >= 1
    np.testing.assert_array_equal(read(tmp_path / "o.tif"), expected)
    assert headers_come_before_pixels(tmp_path / "o.tif")


def test_the_options_of_the_user_win_in_a_cloud_optimised_result_too(tmp_path: Path) -> None:
    options = ("COMPRESS=LZW", "BLOCKSIZE=256", "OVERVIEWS=NONE")
    make(tmp_path / "o.tif", profile(cloud_optimised=True, options=options))
    dataset = gdal.Open(str(tmp_path / "o.tif"))
    assert dataset.GetMetadata("IMAGE_STRUCTURE")["COMPRESSION"] == "LZW"
    assert dataset.GetRasterBand(1).GetBlockSize() == [256, 256]
    assert dataset.GetRasterBand(1).GetOverviewCount() == 0


def headers_come_before_pixels(path: Path) -> bool:
    """Whether all image file directories lie before the first tile: what makes a GeoTIFF cloud-optimised."""
    dataset = gdal.Open(str(path))
    band = dataset.GetRasterBand(1)
    ends = [int(dataset.GetMetadataItem("IFD_OFFSET", "TIFF") or band.GetMetadataItem("IFD_OFFSET", "TIFF"))]
    for level in range(band.GetOverviewCount()):
        ends.append(int(band.GetOverview(level).GetMetadataItem("IFD_OFFSET", "TIFF")))
    first = min(
        int(image.GetMetadataItem("BLOCK_OFFSET_0_0", "TIFF"))
        for image in [band, *(band.GetOverview(level) for level in range(band.GetOverviewCount()))]
    )
    return ends == sorted(ends) and ends[-1] < first


def test_a_blank_tile_is_written_as_nodata(tmp_path: Path) -> None:
    wanted = profile(1, nodata=9.0, height=20, width=20)
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    writer.write(Window(0, 0, 20, 20), Encoded(np.full((1, 20, 20), 9, np.uint16), 0, 0))
    writer.finish()
    assert (read(tmp_path / "o.tif") == 9).all()


@pytest.mark.parametrize("switch", [gdal.UseExceptions, gdal.DontUseExceptions])
def test_failures_are_sentences_whatever_the_process_has_set(switch: Any, tmp_path: Path) -> None:
    before = gdal.GetUseExceptions()
    switch()
    try:
        with pytest.raises(OutputError, match="creation options"):
            Writer(str(tmp_path / "o.tif"), profile(options=("BLOCKXSIZE=17",)))
        make(tmp_path / "o.tif", replace(profile(1), cloud_optimised=True))
    finally:
        (gdal.UseExceptions if before else gdal.DontUseExceptions)()
    assert names(tmp_path) == ["o.tif"]


def test_the_helper_of_these_tests_reads_what_it_writes(tmp_path: Path) -> None:
    values = np.arange(-20, 20, dtype=np.int8).reshape(1, 4, 10)
    np.testing.assert_array_equal(read(write(tmp_path / "a.tif", values)), values)
