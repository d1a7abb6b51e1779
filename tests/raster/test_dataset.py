"""A file tells what it is, and its windows come with what is valid in them, however that was declared."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr

from engine.errors import InputError
from engine.grid.window import Window
from engine.raster.dataset import (
    GdalFailure,
    Reader,
    crs_name,
    facts_of,
    gdal_failures_raised,
    looks_measured,
    open_raster,
    same_crs,
)
from tests.rasters import EPSG, north_up, wkt_of, write

WHOLE = Window(0, 0, 6, 8)
LEFT_OUT = np.ones((6, 8), bool)
LEFT_OUT[:, :3] = False
COUNTS = 1 + np.arange(48).reshape(1, 6, 8)
RGBA = ("Red", "Green", "Blue", "Alpha")
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


def read(path: str, window: Window = WHOLE, nodata: float | None = None, work_type: str = "float64") -> tuple:
    return Reader(path, facts_of(path).bands, nodata, work_type).read(window)


# What a file says of itself


def test_a_file_tells_its_grid_and_its_bands(tmp_path: Path) -> None:
    path = write(
        tmp_path / "ms.tif",
        COUNTS.repeat(2, axis=0).astype(np.uint16),
        north_up(4.0),
        EPSG,
        nodata=7,
        scale=[0.5, 1.0],
        offset=[-3.0, 0.0],
        names=["Blue", "Green"],
        colors=["Blue", "Green"],
        metadata={"": {"SENSOR": "X"}, "IMAGERY": {"CLOUDCOVER": "3"}},
        band_metadata=[{"": {"WAVELENGTH": "0.48"}}],
    )
    facts = facts_of(path)
    assert (facts.grid.width, facts.grid.height, facts.grid.affine) == (8, 6, north_up(4.0))
    assert same_crs(facts.grid.crs, wkt_of(EPSG))
    assert ("", "SENSOR", "X") in facts.metadata
    assert ("IMAGERY", "CLOUDCOVER", "3") in facts.metadata
    one, two = facts.bands
    assert (one.index, one.data_type, one.nodata, one.scale, one.offset) == (1, "uint16", 7.0, 0.5, -3.0)
    assert (one.description, one.color, one.metadata) == ("Blue", "Blue", (("", "WAVELENGTH", "0.48"),))
    assert (two.scale, two.offset, two.metadata) == (1.0, 0.0, ())


def test_statistics_of_the_old_pixels_are_not_taken_along(tmp_path: Path) -> None:
    kept = {"STATISTICS_MEAN": "5", "NOTE": "x"}
    path = write(tmp_path / "a.tif", COUNTS.astype(np.uint8), band_metadata=[{"": kept}])
    assert facts_of(path).bands[0].metadata == (("", "NOTE", "x"),)


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_read_as_what_it_is(kind: str, tmp_path: Path) -> None:
    limits = np.iinfo(kind) if np.dtype(kind).kind in "iu" else None
    least, most = (-1e15, 1e15) if limits is None else (limits.min, limits.max)  # beyond, it marks what is no value
    values = np.array([[least, 0, 1, most]], kind)
    path = write(tmp_path / "a.tif", values)
    assert facts_of(path).bands[0].data_type == kind
    array, valid = read(path, Window(0, 0, 1, 4))
    np.testing.assert_array_equal(array[0], values.astype(np.float64))
    assert valid is None


def test_a_file_without_georeferencing_says_so(tmp_path: Path) -> None:
    grid = facts_of(write(tmp_path / "a.tif", COUNTS.astype(np.uint8))).grid
    assert grid.affine is None
    assert grid.crs == ""


@pytest.mark.parametrize("affine", [(1.0, 0.0, 0.0, 0.0, 0.0, 0.0), (1.0, 2.0, 2.0, 0.0, 3.0, 3.0)])
def test_pixels_without_an_area_lie_nowhere(affine: tuple[float, ...], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lies where no place is"):
        facts_of(write(tmp_path / "a.tif", COUNTS.astype(np.uint8), affine, EPSG))


def test_rpc_and_ground_control_points_are_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTS.astype(np.uint8))
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.SetGCPs([gdal.GCP(15.0, 45.0, 0.0, 0.0, 0.0), gdal.GCP(15.1, 45.0, 0.0, 8.0, 0.0)], wkt_of(4326))
    dataset = None
    facts = facts_of(path)
    assert facts.has_gcps
    assert not facts.has_rpc


@pytest.mark.parametrize("scale", [0.0, math.inf, math.nan])
def test_a_scale_that_cannot_be_meant_is_none(scale: float, tmp_path: Path) -> None:
    path = write(tmp_path / "a.vrt.tif", COUNTS.astype(np.uint8), scale=scale, offset=math.nan)
    band = facts_of(path).bands[0]
    assert (band.scale, band.offset) == (1.0, 0.0)


# What cannot be sharpened


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        facts_of(str(tmp_path / "absent.tif"))


def test_a_file_that_is_no_image_is_refused_with_what_gdal_says(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("not an image")
    with pytest.raises(InputError, match=r"cannot be opened as an image \(.*not recognized"):
        facts_of(str(tmp_path / "a.tif"))


@pytest.mark.parametrize("switch", [gdal.UseExceptions, gdal.DontUseExceptions])
def test_failures_are_sentences_whatever_the_process_has_set(switch: object, tmp_path: Path) -> None:
    before = gdal.GetUseExceptions()
    switch()  # type: ignore[operator]
    try:
        with pytest.raises(InputError, match="There is no file"):
            open_raster(str(tmp_path / "absent.tif"))
        assert facts_of(write(tmp_path / "a.tif", COUNTS.astype(np.uint8))).bands
    finally:
        (gdal.UseExceptions if before else gdal.DontUseExceptions)()


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTS.astype(np.complex64))
    with pytest.raises(InputError, match="CFloat32, which cannot be sharpened"):
        facts_of(path)


def test_a_colour_table_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = str(tmp_path / "a.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 4, 4, 1, gdal.GDT_Byte)
    table = gdal.ColorTable()
    table.SetColorEntry(1, (255, 0, 0))
    dataset.GetRasterBand(1).SetColorTable(table)
    dataset = None
    with pytest.raises(InputError, match=r"colour-table.*-expand rgb"):
        facts_of(path)


def test_a_file_of_several_images_names_one_of_them(tmp_path: Path) -> None:
    path = str(tmp_path / "a.nc")
    driver = gdal.GetDriverByName("netCDF")
    if driver is None:
        pytest.skip("GDAL was built without netCDF")
    source = gdal.GetDriverByName("MEM").Create("", 4, 4, 2, gdal.GDT_Float32)
    driver.CreateCopy(path, source)
    with pytest.raises(InputError, match="NETCDF:"):
        facts_of(path)


def test_a_damaged_file_is_called_damaged_when_its_pixels_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.random.default_rng(1).integers(0, 255, (1, 64, 64)).astype(np.uint8))
    reader = Reader(path, facts_of(path).bands, None, "float32")
    size = Path(path).stat().st_size
    with open(path, "r+b") as file:
        file.truncate(size // 2)
    with pytest.raises(InputError, match=r"cannot be read to its end.*damaged"):
        Reader(path, reader._bands, None, "float32").read(Window(0, 0, 64, 64))


# What is valid


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("where", ["value", "mask", "alpha"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_validity_is_read_however_it_was_declared(kind: str, where: str, count: int, tmp_path: Path) -> None:
    bands = np.where(LEFT_OUT, COUNTS, 0).repeat(count, axis=0).astype(kind)
    declared = {"value": {"nodata": 0}, "mask": {"mask": LEFT_OUT}, "alpha": {"alpha": LEFT_OUT}}[where]
    path = write(tmp_path / "a.tif", bands, **declared)
    facts = facts_of(path)
    assert len(facts.bands) == count  # alpha is no band of its own
    assert all(band.has_mask for band in facts.bands)
    array, valid = read(path)
    assert array.shape == (count, 6, 8)
    np.testing.assert_array_equal(valid, LEFT_OUT)


@pytest.mark.parametrize("value", [-9999, 0, 32767])
def test_nodata_below_zero_is_nodata(value: int, tmp_path: Path) -> None:
    bands = np.where(LEFT_OUT, COUNTS, value).astype(np.int16)
    np.testing.assert_array_equal(read(write(tmp_path / "a.tif", bands, nodata=value))[1], LEFT_OUT)


@pytest.mark.parametrize("value", [-128, -4, 127])
def test_nodata_of_signed_bytes_is_compared_as_signed(value: int, tmp_path: Path) -> None:
    bands = np.where(LEFT_OUT, COUNTS, value).astype(np.int8)
    bands[0, 0, 7] = 0  # what GDAL before 3.7 makes of a nodata below 0
    np.testing.assert_array_equal(read(write(tmp_path / "a.tif", bands, nodata=value))[1], LEFT_OUT)


@pytest.mark.parametrize("declared", [None, math.nan, -9999.0])
def test_nan_is_never_a_value(declared: float | None, tmp_path: Path) -> None:
    bands = np.where(LEFT_OUT, COUNTS, np.nan).astype(np.float32)
    array, valid = read(write(tmp_path / "a.tif", bands, nodata=declared))
    np.testing.assert_array_equal(valid, LEFT_OUT)
    assert np.isfinite(array).all()  # no arithmetic may meet it


def test_infinity_is_never_a_value(tmp_path: Path) -> None:
    bands = np.where(LEFT_OUT, COUNTS, np.inf).astype(np.float64)
    bands[0, 0, 0] = -np.inf
    array, valid = read(write(tmp_path / "a.tif", bands))
    np.testing.assert_array_equal(valid, LEFT_OUT)
    assert np.isfinite(array).all()


def test_zero_is_a_value_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.zeros((1, 6, 8), np.uint16))
    assert not facts_of(path).bands[0].has_mask
    assert read(path)[1] is None


@pytest.mark.parametrize("nodata", [-9999.0, 256.0, 0.5, math.nan])
def test_a_nodata_value_that_the_type_cannot_hold_marks_nothing(nodata: float, tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.zeros((1, 6, 8), np.uint8), nodata=nodata)
    assert read(path)[1] is None
    plain = write(tmp_path / "b.tif", np.zeros((1, 6, 8), np.uint8))
    assert read(plain, nodata=nodata)[1] is None


def test_the_nodata_of_the_request_replaces_that_of_the_file(tmp_path: Path) -> None:
    bands = np.where(LEFT_OUT, COUNTS, 0).astype(np.uint16)
    bands[0, 5, 7] = 9
    path = write(tmp_path / "a.tif", bands, nodata=9)
    np.testing.assert_array_equal(read(path, nodata=0)[1], LEFT_OUT)


@pytest.mark.parametrize("where", ["mask", "alpha"])
def test_the_nodata_of_the_request_comes_on_top_of_mask_and_alpha(where: str, tmp_path: Path) -> None:
    bands = COUNTS.repeat(4, axis=0).astype(np.uint16)
    bands[:, 5, 7] = 0
    path = write(tmp_path / "a.tif", bands, **{where: LEFT_OUT})
    expected = LEFT_OUT.copy()
    expected[5, 7] = False
    np.testing.assert_array_equal(read(path, nodata=0)[1], expected)


def test_a_pixel_is_valid_where_all_bands_are(tmp_path: Path) -> None:
    bands = COUNTS.repeat(2, axis=0).astype(np.uint16)
    bands[0, 0] = 0
    bands[1, :, 0] = 0
    _, valid = read(write(tmp_path / "a.tif", bands, nodata=0))
    expected = np.ones((6, 8), bool)
    expected[0] = expected[:, 0] = False
    np.testing.assert_array_equal(valid, expected)


def test_an_alpha_band_that_looks_measured_is_noticed(tmp_path: Path) -> None:
    # GDAL calls the fourth band of bytes alpha, so the near infrared of a picture may be taken for transparency.
    measured = np.random.default_rng(3).integers(1, 255, (4, 60, 60)).astype(np.uint8)
    path = write(tmp_path / "a.tif", measured, colors=RGBA)
    assert len(facts_of(path).bands) == 3
    assert looks_measured(facts_of(path))


def test_a_mask_with_soft_edges_does_not_look_measured(tmp_path: Path) -> None:
    soft = np.full((4, 60, 60), 255, np.uint8)
    soft[3, :, :20], soft[3, :, 20] = 0, 130
    path = write(tmp_path / "a.tif", soft, colors=RGBA)
    assert not looks_measured(facts_of(path))
    assert not looks_measured(facts_of(write(tmp_path / "b.tif", soft[:3])))


# Values and windows


def test_scale_and_offset_give_physical_units(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTS.astype(np.int16), scale=0.25, offset=-2.0)
    np.testing.assert_array_equal(read(path)[0], COUNTS * 0.25 - 2.0)


def test_large_integers_survive_in_float64(tmp_path: Path) -> None:
    counts = (2**31 - 1 - COUNTS).astype(np.int32)
    array, _ = read(write(tmp_path / "a.tif", counts))
    np.testing.assert_array_equal(array.astype(np.int64), counts)


def test_only_the_wanted_bands_are_read_in_the_wanted_order(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.stack([COUNTS[0] + 100 * band for band in range(3)]).astype(np.uint16))
    bands = facts_of(path).bands
    array, _ = Reader(path, [bands[2], bands[0]], None, "float32").read(Window(1, 1, 1, 1))
    assert array[:, 0, 0].tolist() == [210.0, 10.0]


@pytest.mark.parametrize(
    "window", [Window(-2, -3, 5, 6), Window(4, 6, 5, 5), Window(-9, -9, 30, 30), Window(2, -1, 1, 1 + 1)]
)
def test_beyond_the_file_the_nearest_pixel_repeats_with_its_validity(window: Window, tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.where(LEFT_OUT, COUNTS, 0).astype(np.uint16), nodata=0)
    rows = np.clip(np.arange(window.row, window.row_end), 0, 5)
    cols = np.clip(np.arange(window.col, window.col_end), 0, 7)
    array, valid = read(path, window)
    expected = LEFT_OUT[np.ix_(rows, cols)]
    np.testing.assert_array_equal(array[0][expected], COUNTS[0][np.ix_(rows, cols)][expected])
    np.testing.assert_array_equal(np.ones(window.shape, bool) if valid is None else valid, expected)


def test_a_window_that_does_not_touch_the_file_is_our_own_mistake(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", COUNTS.astype(np.uint16))
    with pytest.raises(ValueError, match="does not touch"):
        read(path, Window(6, 0, 4, 4))


def test_a_pixel_is_the_same_in_whatever_window_it_is_read(tmp_path: Path) -> None:
    values = np.random.default_rng(2).integers(0, 2000, (2, 40, 40)).astype(np.uint16)
    path = write(tmp_path / "a.tif", values, nodata=0, scale=0.1, offset=3.0)
    whole, _ = read(path, Window(-5, -5, 50, 50), work_type="float32")
    for window in (Window(-5, -5, 7, 9), Window(10, 10, 11, 13), Window(33, 35, 12, 10)):
        part, _ = read(path, window, work_type="float32")
        rows, cols = window.slices_in(Window(-5, -5, 50, 50))
        assert part.tobytes() == whole[:, rows, cols].copy().tobytes()


# Coordinate systems


def test_one_coordinate_system_in_two_spellings_is_one() -> None:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    assert same_crs(crs.ExportToWkt(), crs.ExportToWkt(["FORMAT=WKT2_2018"]))
    assert not same_crs(wkt_of(32633), wkt_of(32632))


def test_an_unknown_coordinate_system_is_taken_to_agree() -> None:
    assert same_crs("", wkt_of(EPSG))
    assert same_crs(wkt_of(EPSG), "")


def test_a_coordinate_system_has_a_name_for_people() -> None:
    assert crs_name(wkt_of(32633)) == "EPSG:32633 WGS 84 / UTM zone 33N"
    assert crs_name("") == "unknown"
    local = 'LOCAL_CS["site grid",UNIT["metre",1]]'
    assert crs_name(local) == "site grid"


@pytest.mark.parametrize("consequence", [GdalFailure("could not be created"), RuntimeError("could not be created")])
def test_what_gdal_said_first_is_the_reason(consequence: Exception) -> None:
    with pytest.raises(GdalFailure, match="the reason"), gdal_failures_raised():
        gdal.Error(gdal.CE_Failure, 1, "the reason")
        raise consequence
    with pytest.raises(GdalFailure, match="could not be created"), gdal_failures_raised():
        raise consequence
