"""A scene checks its pair once: which pixels it has, on which grid, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import PairingError, RequestError
from engine.grid.tiling import tiles
from engine.grid.window import Window
from engine.methods.optics import Optics
from engine.raster.dataset import same_crs
from engine.raster.scene import opened
from engine.request import PairRequest
from tests.raster.scenes import GAINS, RANDOM, ms_file, pan_file, refused
from tests.rasters import EPSG, LEFT, TOP, north_up, wkt_of, write

# Which pixels, on which grid


def test_the_result_lies_on_the_grid_of_pan(tmp_path: Path) -> None:
    pan = pan_file(tmp_path, affine=north_up(1.0, LEFT + 10.0, TOP - 6.0))
    with opened(PairRequest(pan, (ms_file(tmp_path, 40),))) as scene:
        assert scene.grid.affine == north_up(1.0, LEFT + 10.0, TOP - 6.0)
        assert same_crs(scene.grid.crs, wkt_of(EPSG))
        assert scene.window == scene.shared == Window(0, 0, 64, 64)
        assert not scene.has_gaps
        assert scene.warnings == scene.notes == ()


def test_the_intersection_is_what_both_images_show(tmp_path: Path) -> None:
    ms = ms_file(tmp_path, 8, affine=north_up(4.0, LEFT + 20.0, TOP - 40.0))
    with opened(PairRequest(pan_file(tmp_path), (ms,))) as scene:
        assert scene.window == Window(40, 20, 24, 32)
        assert scene.grid.affine_of(scene.window) == north_up(1.0, LEFT + 20.0, TOP - 40.0)
        patch = scene.read(scene.window, 4, 4, 0)
        assert patch.valid is None


@pytest.mark.parametrize("size", [7, 16, 64, 200])
def test_the_union_is_valid_where_both_images_are_and_nowhere_else(size: int, tmp_path: Path) -> None:
    ms = ms_file(tmp_path, 8, affine=north_up(4.0, LEFT + 20.0, TOP + 12.0))
    pan = pan_file(tmp_path)
    with opened(PairRequest(pan, (ms,), coverage="union")) as scene:
        assert scene.window == Window(-12, 0, 76, 64)
        assert scene.has_gaps
        assert scene.shared == Window(0, 20, 20, 32)
        seen = np.zeros(scene.window.shape, bool)
        for tile in tiles(scene.window, size):
            patch = scene.read(tile, 5, 3, 2)
            seen[tile.slices_in(scene.window)] = True if patch.valid is None else patch.valid
    expected = np.zeros((76, 64), bool)
    expected[12:32, 20:52] = True
    np.testing.assert_array_equal(seen, expected)


def test_an_extent_cuts_the_window(tmp_path: Path) -> None:
    extent = (LEFT + 10.0, TOP - 30.0, LEFT + 20.0, TOP - 5.0)
    with opened(PairRequest(pan_file(tmp_path), (ms_file(tmp_path),), extent=extent)) as scene:
        assert scene.window == Window(5, 10, 25, 10)


@pytest.mark.parametrize("coverage", ["intersection", "union"])
def test_an_extent_elsewhere_is_refused(coverage: str, tmp_path: Path) -> None:
    extent = (LEFT + 1000.0, TOP - 30.0, LEFT + 1020.0, TOP - 5.0)
    refused(
        RequestError,
        "extent holds no pixel",
        pan_file(tmp_path),
        (ms_file(tmp_path),),
        extent=extent,
        coverage=coverage,
    )


def test_a_landsat_pair_keeps_its_half_pixel(tmp_path: Path) -> None:
    # Where value equals map coordinate, on both grids, enlarging must return the coordinate of each PAN pixel.
    pan = pan_file(tmp_path, 60, affine=north_up(15.0, LEFT + 307.5, TOP - 307.5))
    assert_enlarges_to_coordinates(PairRequest(pan, (coordinates(tmp_path, north_up(30.0)),)))


@pytest.mark.parametrize("kernel", ["bilinear", "cubic", "polynomial"])
@pytest.mark.parametrize(
    ("dx", "dy", "left", "top"),
    [(30.0, 30.0, 0.0, 0.0), (20.0, 20.0, 3.1, -8.2), (30 / 4.2, 30 / 4.2, 0.7, 0.0), (1.875, 1.875, 0.0, 0.0),
     (15.0, 7.5, -4.0, 11.0)],
)  # fmt: skip
def test_a_ramp_in_map_coordinates_is_reproduced_at_any_ratio_and_offset(
    dx: float, dy: float, left: float, top: float, kernel: str, tmp_path: Path
) -> None:
    ms = coordinates(tmp_path, north_up(30.0))
    affine = (LEFT + 300.0 + left, dx, 0.0, TOP - 300.0 + top, 0.0, -dy)
    assert_enlarges_to_coordinates(PairRequest(pan_file(tmp_path, 60, affine=affine), (ms,)), kernel)


def test_a_south_up_pair_is_a_pair(tmp_path: Path) -> None:
    ms = coordinates(tmp_path, (LEFT, 4.0, 0.0, TOP, 0.0, 4.0))
    pan = pan_file(tmp_path, affine=(LEFT + 41.0, 1.0, 0.0, TOP + 42.0, 0.0, 1.0))
    assert_enlarges_to_coordinates(PairRequest(pan, (ms,)))


def test_a_south_up_pan_gets_ms_of_another_coordinate_system_the_right_way_up(tmp_path: Path) -> None:
    ms_y = TOP - 4.0 * (np.arange(60) + 0.5) + 100.0
    ms = write(
        tmp_path / "a.tif", np.broadcast_to(ms_y[:, None], (2, 60, 60)).copy(), north_up(4.0, LEFT - 50.0, TOP + 100.0),
        EPSG,
    )  # fmt: skip
    turned = str(tmp_path / "ms.tif")
    gdal.Warp(turned, ms, dstSRS="EPSG:32632", resampleAlg="cubic", dstNodata=-1)
    pan = pan_file(tmp_path, affine=(LEFT, 1.0, 0.0, TOP - 64.0, 0.0, 1.0))
    with opened(PairRequest(pan, (turned,))) as scene:
        patch = scene.read(Window(8, 8, 40, 40), 0, 10, 0)
        up = Optics(GAINS, 0.15, "cubic").ms_up(patch)[0]
    northings = TOP - 64.0 + np.arange(8, 48) + 0.5
    np.testing.assert_allclose(up, np.broadcast_to(northings[:, None], up.shape), atol=0.5)


def coordinates(folder: Path, affine: tuple[float, ...], side: int = 90) -> str:
    """Write an MS of two bands: the x and the y of the centre of each pixel."""
    centres = np.arange(side) + 0.5
    x = np.broadcast_to(affine[0] + affine[1] * centres, (side, side))
    y = np.broadcast_to(affine[3] + affine[5] * centres[:, None], (side, side))
    return write(folder / "ms.tif", np.stack([x, y]), affine, EPSG)


def assert_enlarges_to_coordinates(request: PairRequest, kernel: str = "polynomial") -> None:
    optics = Optics(GAINS, 0.15, kernel)
    with opened(request) as scene:
        assert scene.work_type == "float64"
        window = Window(3, 5, 41, 38)
        up = optics.ms_up(scene.read(window, 0, optics.ms_margin, 0))
        affine = scene.grid.affine
    assert affine is not None
    x = affine[0] + affine[1] * (np.arange(5, 43) + 0.5)
    y = affine[3] + affine[5] * (np.arange(3, 44) + 0.5)
    # 1e-6 of an MS pixel; the values themselves are millions.
    np.testing.assert_allclose(up[0], np.broadcast_to(x, up[0].shape), rtol=0, atol=3e-5)
    np.testing.assert_allclose(up[1], np.broadcast_to(y[:, None], up[1].shape), rtol=0, atol=3e-5)


# Georeferencing that is missing or in the way


def test_without_georeferencing_one_footprint_is_assumed_and_said(tmp_path: Path) -> None:
    pan = pan_file(tmp_path, affine=None, epsg=None)
    with opened(PairRequest(pan, (ms_file(tmp_path, affine=None, epsg=None),))) as scene:
        assert scene.lattice.ratio == 4.0
        assert scene.grid.affine is None
        assert "same footprint" in scene.warnings[0]


def test_sizes_that_do_not_fit_are_refused_without_georeferencing(tmp_path: Path) -> None:
    pan = pan_file(tmp_path, array=np.ones((1, 64, 32), np.uint16), affine=None)
    refused(PairingError, "cannot be the same footprint", pan, (ms_file(tmp_path, affine=None),))


def test_a_georeferenced_ms_locates_a_pan_that_is_not(tmp_path: Path) -> None:
    pan = pan_file(tmp_path, affine=None, epsg=None)
    with opened(PairRequest(pan, (ms_file(tmp_path),))) as scene:
        assert scene.grid.affine == north_up(1.0)
        assert same_crs(scene.grid.crs, wkt_of(EPSG))
        assert scene.grid.crs
        assert "PAN is not georeferenced" in scene.warnings[0]


def test_a_georeferenced_pan_keeps_its_place_beside_ms_that_has_none(tmp_path: Path) -> None:
    with opened(PairRequest(pan_file(tmp_path), (ms_file(tmp_path, affine=None, epsg=None),))) as scene:
        assert scene.grid.affine == north_up(1.0)
        assert "MS is not georeferenced" in scene.warnings[0]


@pytest.mark.parametrize("nameless", ["MS", "PAN"])
def test_one_coordinate_system_without_a_name_is_taken_to_be_the_other(nameless: str, tmp_path: Path) -> None:
    pan = pan_file(tmp_path, epsg=None if nameless == "PAN" else EPSG)
    ms = ms_file(tmp_path, epsg=None if nameless == "MS" else EPSG)
    with opened(PairRequest(pan, (ms,))) as scene:
        assert f"{nameless} names no coordinate system" in scene.warnings[0]
        assert same_crs(scene.grid.crs, wkt_of(EPSG))
        assert scene.grid.crs


@pytest.mark.parametrize("which", ["pan", "ms"])
def test_ground_control_points_alone_are_refused_with_the_way_out(which: str, tmp_path: Path) -> None:
    files = {"pan": pan_file(tmp_path), "ms": ms_file(tmp_path)}
    bare = write(tmp_path / "gcp.tif", np.ones((1, 16, 16), np.uint16))
    dataset = gdal.Open(bare, gdal.GA_Update)
    points = [(0, 0), (16, 0), (0, 16), (16, 16)]
    dataset.SetGCPs([gdal.GCP(15 + x / 1e4, 45 - y / 1e4, 0, x, y) for x, y in points], wkt_of(4326))
    dataset = None
    files[which] = bare
    refused(PairingError, "ground control points.*[Oo]rthorectify", files["pan"], (files["ms"],))


def test_rational_polynomials_alone_are_refused_with_the_way_out(tmp_path: Path) -> None:
    one = " ".join(["1"] + ["0"] * 19)
    rpc = {
        **{f"{axis}_{kind}": "1" for axis in ("LINE", "SAMP", "LAT", "LONG", "HEIGHT") for kind in ("OFF", "SCALE")},
        **{f"{axis}_{part}_COEFF": one for axis in ("LINE", "SAMP") for part in ("NUM", "DEN")},
    }
    ms = write(tmp_path / "ms.tif", np.ones((2, 16, 16), np.uint16), metadata={"RPC": rpc})
    refused(PairingError, "rational polynomials.*elevation model", pan_file(tmp_path), (ms,))


def test_a_rotated_image_is_refused(tmp_path: Path) -> None:
    ms = ms_file(tmp_path, affine=(LEFT, 3.9, 0.4, TOP, 0.4, -3.9))
    refused(PairingError, "rotated grid", pan_file(tmp_path), (ms,))


def test_swapped_images_are_noticed(tmp_path: Path) -> None:
    pan = pan_file(tmp_path)
    refused(PairingError, "swapped", ms_file(tmp_path, array=np.ones((1, 16, 16), np.uint16)), (pan,))


# Several files, several grids, several coordinate systems


def test_bands_of_several_files_count_through(tmp_path: Path) -> None:
    files = tuple(
        ms_file(tmp_path, name=f"b{index}.tif", array=np.full((2, 16, 16), 10 * index + np.arange(2)[:, None, None],
                np.uint16), names=(f"{index}a", f"{index}b")) for index in range(3)
    )  # fmt: skip
    pan = pan_file(tmp_path)
    with opened(PairRequest(pan, files)) as scene:
        assert [band.facts.description for band in scene.bands] == ["0a", "0b", "1a", "1b", "2a", "2b"]
    with opened(PairRequest(pan, files, bands=(6, 1, 4))) as scene:
        assert [band.facts.description for band in scene.bands] == ["2b", "0a", "1b"]
        assert scene.chosen == (5, 0, 3)
        assert scene.read(scene.window, 0, 0, 0).ms[:, 0, 0].tolist() == [21.0, 0.0, 11.0]


def test_a_band_that_is_not_there_is_refused_with_their_number(tmp_path: Path) -> None:
    refused(RequestError, "no MS band 3.*2 bands", pan_file(tmp_path), (ms_file(tmp_path),), bands=(3,))


def test_files_may_differ_in_nodata_and_type(tmp_path: Path) -> None:
    one, two = np.full((1, 16, 16), 50, np.uint16), np.full((1, 16, 16), 60, np.int32)
    one[0, 0], two[0, :, 0] = 0, -9999
    files = (
        ms_file(tmp_path, name="one.tif", array=one, nodata=0),
        ms_file(tmp_path, name="two.tif", array=two, nodata=-9999),
    )
    with opened(PairRequest(pan_file(tmp_path), files)) as scene:
        assert scene.work_type == "float64"
        patch = scene.read(scene.window, 0, 2, 0)
        rows, cols = Window(0, 0, 16, 16).slices_in(patch.ms_window)
        assert patch.ms_valid is not None
        expected = np.ones((16, 16), bool)
        expected[0] = expected[:, 0] = False
        np.testing.assert_array_equal(patch.ms_valid[rows, cols], expected)


def test_a_file_on_another_grid_is_laid_onto_that_of_the_first(tmp_path: Path) -> None:
    first = ms_file(tmp_path, array=np.full((1, 16, 16), 70, np.uint16))
    ramp = np.broadcast_to(LEFT - 40.0 + 8.0 * (np.arange(20) + 0.5), (1, 20, 20)).astype(np.float64)
    second = ms_file(tmp_path, name="coarse.tif", array=ramp, affine=north_up(8.0, LEFT - 40.0, TOP + 40.0))
    with opened(PairRequest(pan_file(tmp_path), (first, second))) as scene:
        assert scene.lattice.ratio == 4.0
        assert "another grid" in scene.warnings[0]
        patch = scene.read(scene.window, 0, 0, 0)
        np.testing.assert_allclose(patch.ms[1, 0], LEFT + 4.0 * (np.arange(16) + 0.5), atol=1e-3)
        assert (patch.ms[0] == 70).all()


def test_a_file_that_is_one_pixel_larger_is_laid_over_exactly(tmp_path: Path) -> None:
    values = RANDOM.integers(1, 1000, (1, 17, 17)).astype(np.uint16)
    first = ms_file(tmp_path, array=values[:, :16, :16])
    second = ms_file(tmp_path, name="larger.tif", array=values)
    with opened(PairRequest(pan_file(tmp_path), (first, second))) as scene:
        patch = scene.read(scene.window, 0, 0, 0)
        np.testing.assert_array_equal(patch.ms[1], values[0, :16, :16])


def test_files_that_cannot_be_related_are_refused(tmp_path: Path) -> None:
    files = (ms_file(tmp_path, affine=None), ms_file(tmp_path, 17, name="other.tif", affine=None))
    refused(PairingError, "17 x 17 pixels.*16 x 16.*georeferencing", pan_file(tmp_path), files)


def turned_ms(folder: Path, **changes: Any) -> str:
    """Return an MS file in zone 32 whose bands hold the northing of zone 33, over all of PAN."""
    northings = TOP + 100.0 - 4.0 * (np.arange(70) + 0.5)
    values = np.broadcast_to(northings[:, None], (2, 70, 70)).astype(np.float64) - TOP
    straight = ms_file(folder, name="straight.tif", array=values, affine=north_up(4.0, LEFT - 100.0, TOP + 100.0))
    flat = gdal.Warp("", straight, format="MEM", dstSRS="EPSG:32632", resampleAlg="cubic", dstNodata=-9999)
    return write(folder / "ms.tif", flat.ReadAsArray(), flat.GetGeoTransform(), 32632, **{"nodata": -9999, **changes})


def test_ms_in_another_coordinate_system_is_warped_under_pan_and_said(tmp_path: Path) -> None:
    optics = Optics(GAINS, 0.15, "cubic", True)
    with opened(PairRequest(pan_file(tmp_path), (turned_ms(tmp_path),))) as scene:
        assert "EPSG:32632" in scene.warnings[0]
        assert "warped" in scene.warnings[0]
        assert scene.grid.affine == north_up(1.0)
        assert scene.lattice.ratio == pytest.approx(4.0)
        up = optics.ms_up(scene.read(scene.window, 0, optics.ms_margin, 0))[0]
        assert scene.window == Window(0, 0, 64, 64)
    northings = -(np.arange(64) + 0.5)
    np.testing.assert_allclose(up, np.broadcast_to(northings[:, None], up.shape), atol=0.2)


def test_a_warped_ms_keeps_its_scale_and_offset(tmp_path: Path) -> None:
    pan = pan_file(tmp_path)
    with opened(PairRequest(pan, (turned_ms(tmp_path),))) as scene:
        plain = scene.read(scene.window, 0, 0, 0).ms
    with opened(PairRequest(pan, (turned_ms(tmp_path, scale=0.5, offset=7.0),))) as scene:
        np.testing.assert_allclose(scene.read(scene.window, 0, 0, 0).ms, 0.5 * plain + 7.0)
        assert (scene.bands[0].facts.scale, scene.bands[0].facts.offset) == (0.5, 7.0)


def test_a_warped_ms_is_not_valid_beyond_its_turned_edges(tmp_path: Path) -> None:
    pan = pan_file(tmp_path, 300)
    with opened(PairRequest(pan, (turned_ms(tmp_path),))) as scene:
        patch = scene.read(scene.window, 0, 2, 0)
        assert patch.valid is not None
        assert 0.1 < patch.valid.mean() < 0.9
        rows, cols = np.nonzero(patch.valid)
        # The square of zone 33 that MS was made from ends 180 m east and south of PAN's corner.
        assert rows.max() == pytest.approx(180, abs=9)
        assert cols.max() == pytest.approx(180, abs=9)


def test_the_nodata_of_the_request_counts_when_warping(tmp_path: Path) -> None:
    pan = pan_file(tmp_path, 300, array=np.full((1, 300, 300), 5, np.uint16))
    with opened(PairRequest(pan, (turned_ms(tmp_path, nodata=None),), nodata=-9999.0)) as scene:
        patch = scene.read(scene.window, 0, 2, 0)
        assert patch.ms_valid is not None
        assert patch.ms[:, patch.ms_valid].min() > -250.0  # no trace of -9999


def test_views_are_gone_when_the_scene_is_closed_or_refused(tmp_path: Path) -> None:
    pan, ms = pan_file(tmp_path), turned_ms(tmp_path)

    def views() -> list[str]:
        return [name for name in gdal.ReadDir("/vsimem/") or [] if name.startswith("ksdiff_")]

    with opened(PairRequest(pan, (ms,))):
        assert len(views()) == 1
    assert views() == []
    refused(RequestError, "no MS band 9", pan, (ms,), bands=(9,))
    assert views() == []
