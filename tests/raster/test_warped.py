"""A warped view shows an image on another grid, and nowhere what the image does not hold."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr

from engine.errors import PairingError
from engine.grid.georef import Grid
from engine.grid.window import Window
from engine.raster.dataset import Reader, facts_of
from engine.raster.warped import discard, natural_grid, warped_onto
from tests.rasters import EPSG, LEFT, TOP, north_up, wkt_of, write

SIDE = 24
RAMP = 1000.0 + np.add.outer(10.0 * np.arange(SIDE), np.arange(SIDE))
SEEN = np.ones((SIDE, SIDE), bool)
SEEN[:5] = False


def grid(affine: tuple[float, ...], width: int = SIDE, height: int = SIDE, epsg: int = EPSG) -> Grid:
    return Grid(width, height, affine, wkt_of(epsg))  # type: ignore[arg-type]


SAME = grid(north_up(4.0))


def look(path: str, target: Grid, nodata: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return what a reader makes of the view: the bands and the mask."""
    view = warped_onto(facts_of(path), target, nodata)
    try:
        array, valid = Reader(view, facts_of(view).bands, None, "float64").read(
            Window(0, 0, target.height, target.width)
        )
        return array, np.ones(array.shape[1:], bool) if valid is None else valid
    finally:
        discard(view)


def test_on_its_own_grid_an_image_is_itself(tmp_path: Path) -> None:
    array, valid = look(write(tmp_path / "a.tif", RAMP.astype(np.uint16), north_up(4.0), EPSG), SAME)
    np.testing.assert_array_equal(array[0], RAMP)
    assert valid.all()


def test_moved_by_whole_pixels_it_is_itself_and_invalid_beyond_its_edge(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", RAMP.astype(np.uint16), north_up(4.0), EPSG)
    array, valid = look(path, grid(north_up(4.0, LEFT + 12.0, TOP + 8.0)))
    np.testing.assert_array_equal(array[0, 2:, :-3], RAMP[:-2, 3:])
    assert valid[2:, :-3].all()
    assert valid.sum() == (SIDE - 2) * (SIDE - 3)


def test_between_its_pixels_a_ramp_stays_a_ramp(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", RAMP.astype(np.float32), north_up(4.0), EPSG)
    array, _ = look(path, grid(north_up(4.0, LEFT + 1.0, TOP - 2.0)))
    np.testing.assert_allclose(array[0, 3:-3, 3:-3], RAMP[3:-3, 3:-3] + 10 * 0.5 + 0.25, atol=2e-3)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "int16", "float32", "float64"])
@pytest.mark.parametrize("where", ["value", "mask", "alpha"])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_what_is_not_valid_stays_so_and_does_not_bleed(kind: str, where: str, count: int, tmp_path: Path) -> None:
    bands = np.where(SEEN, 100, 0)[None].repeat(count, axis=0).astype(kind)
    declared = {"value": {"nodata": 0}, "mask": {"mask": SEEN}, "alpha": {"alpha": SEEN}}[where]
    path = write(tmp_path / "a.tif", bands, north_up(4.0), EPSG, **declared)
    array, valid = look(path, SAME)
    np.testing.assert_array_equal(valid, SEEN)
    array, valid = look(path, grid(north_up(4.0, LEFT + 1.0, TOP - 1.0)))
    assert array.shape[0] == count
    np.testing.assert_allclose(array[:, valid], 100.0, rtol=1e-6)
    assert valid[6:, :-1].all()
    assert not valid[:4].any()


def test_nodata_in_one_band_alone_does_not_become_a_value_in_it(tmp_path: Path) -> None:
    bands = np.full((2, SIDE, SIDE), 100, np.uint16)
    bands[0, :5] = 0
    bands[1, :, :5] = 0
    _, valid = look(write(tmp_path / "a.tif", bands, north_up(4.0), EPSG, nodata=0), SAME)
    expected = np.ones((SIDE, SIDE), bool)
    expected[:5] = expected[:, :5] = False
    np.testing.assert_array_equal(valid, expected)


@pytest.mark.parametrize("declared", [None, math.nan])
def test_nan_spoils_no_neighbour(declared: float | None, tmp_path: Path) -> None:
    bands = np.where(SEEN, 100.0, np.nan).astype(np.float32)
    array, valid = look(
        write(tmp_path / "a.tif", bands, north_up(4.0), EPSG, nodata=declared),
        grid(north_up(4.0, LEFT + 1.0, TOP - 1.0)),
    )
    assert valid[5:, :-1].all()
    np.testing.assert_allclose(array[:, valid], 100.0, rtol=1e-6)


def test_the_nodata_of_the_request_replaces_that_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.where(SEEN, 100, 7).astype(np.uint16), north_up(4.0), EPSG, nodata=100)
    np.testing.assert_array_equal(look(path, SAME, nodata=7.0)[1], SEEN)


def test_zero_is_a_value_where_nobody_declared_it_nodata(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.where(SEEN, 100, 0).astype(np.uint16), north_up(4.0), EPSG)
    array, valid = look(path, SAME)
    assert valid.all()
    assert not array[0, :5].any()


def test_large_integers_are_warped_in_float64(tmp_path: Path) -> None:
    values = (2**31 - 1 - np.arange(SIDE * SIDE)).reshape(SIDE, SIDE).astype(np.int32)
    array, _ = look(write(tmp_path / "a.tif", values, north_up(4.0), EPSG), SAME)
    np.testing.assert_array_equal(array[0].astype(np.int64), values)


def test_a_target_whose_rows_run_north_gets_rows_that_run_north(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", RAMP.astype(np.uint16), north_up(4.0), EPSG)
    array, _ = look(path, grid((LEFT, 4.0, 0.0, TOP - 4.0 * SIDE, 0.0, 4.0)))
    np.testing.assert_array_equal(array[0], RAMP[::-1])


def test_another_coordinate_system_puts_content_where_proj_says(tmp_path: Path) -> None:
    # A ramp of eastings of zone 33, seen from zone 32: the value of a pixel must be its easting in zone 33.
    eastings = LEFT + 30.0 * (np.arange(60) + 0.5)
    path = write(tmp_path / "a.tif", np.broadcast_to(eastings, (60, 60)).astype(np.float64), north_up(30.0), 32633)
    target = natural_grid(facts_of(path), wkt_of(32632))
    array, valid = look(path, target)
    there, here = osr.SpatialReference(), osr.SpatialReference()
    there.ImportFromEPSG(32632)
    here.ImportFromEPSG(32633)
    transform = osr.CoordinateTransformation(there, here)
    row, col = target.height // 2, target.width // 2
    assert target.affine is not None
    x = target.affine[0] + target.affine[1] * (col + 0.5)
    y = target.affine[3] + target.affine[5] * (row + 0.5)
    expected, _, _ = transform.TransformPoint(x, y)
    assert valid[row, col]
    assert array[0, row, col] == pytest.approx(expected, abs=0.03 * 30.0)
    assert not valid[0, 0]  # the corner of the turned square


def test_a_file_named_relative_to_the_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.tif", RAMP.astype(np.uint16), north_up(4.0), EPSG)
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(look("a.tif", SAME)[0][0], RAMP)


def test_signed_bytes_that_gdal_would_take_for_unsigned_are_refused_or_right(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.full((SIDE, SIDE), -5, np.int8), north_up(4.0), EPSG)
    if hasattr(gdal, "GDT_Int8"):
        assert (look(path, SAME)[0] == -5).all()
    else:
        with pytest.raises(PairingError, match=r"signed bytes.*Int16"):
            look(path, SAME)


def test_coordinates_that_cannot_be_transformed_are_refused_in_words(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", RAMP.astype(np.uint16), north_up(4.0), EPSG)
    moon = 'GEOGCS["Moon",DATUM["Moon",SPHEROID["Moon",1737400,0]],PRIMEM["R",0],UNIT["degree",0.0174532925199433]]'
    with pytest.raises(PairingError, match="cannot be laid onto"):
        natural_grid(facts_of(path), moon)


def test_a_discarded_view_is_gone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", RAMP.astype(np.uint16), north_up(4.0), EPSG)
    view = warped_onto(facts_of(path), SAME, None)
    assert gdal.VSIStatL(view) is not None
    discard(view)
    assert gdal.VSIStatL(view) is None
