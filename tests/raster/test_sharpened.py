"""A sharpened image laid over its scene: windows in PAN pixels, what lies outside, its units, and what does not fit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError, InputError, PairingError
from engine.grid.georef import Grid
from engine.grid.window import Window
from engine.raster.scene import Scene, opened
from engine.raster.sharpened import Sharpened
from engine.raster.twins import meeting
from engine.request import PairRequest
from tests import rasters
from tests.rasters import north_up

EPSG = 32633
GRID = north_up(1.0)
COUNTS = np.arange(2 * 16 * 24, dtype=np.uint16).reshape(2, 16, 24)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from made(tmp_path)


def made(folder: Path, **ms: Any) -> Iterator[Scene]:
    rasters.write(folder / "pan.tif", np.ones((16, 24), np.uint16), GRID, EPSG)
    rasters.write(folder / "ms.tif", np.ones((2, 4, 6), np.uint16), north_up(4.0), EPSG, **ms)
    with opened(PairRequest(str(folder / "pan.tif"), (str(folder / "ms.tif"),))) as scene:
        yield scene


def image(folder: Path, array: Any = COUNTS, affine: Any = GRID, **file: Any) -> str:
    return rasters.write(folder / "image.tif", array, affine, None if affine is None else EPSG, **file)


def test_windows_are_counted_in_pixels_of_pan(scene: Scene, tmp_path: Path) -> None:
    part = COUNTS[:, 4:12, 6:20]
    laid = Sharpened(image(tmp_path, part, north_up(1.0, rasters.LEFT + 6, rasters.TOP - 4)), scene)
    assert laid.covered == Window(4, 6, 8, 14)
    bands, valid = laid.read(Window(5, 7, 3, 4))
    np.testing.assert_array_equal(bands, COUNTS[:, 5:8, 7:11])
    assert valid is None and bands.dtype == scene.work_type


def test_outside_the_image_nothing_is_valid(scene: Scene, tmp_path: Path) -> None:
    laid = Sharpened(image(tmp_path), scene)
    bands, valid = laid.read(Window(-2, 20, 5, 8))
    assert valid is not None
    expected = np.zeros((5, 8), bool)
    expected[2:, :4] = True
    np.testing.assert_array_equal(valid, expected)
    np.testing.assert_array_equal(bands[:, 2:, :4], COUNTS[:, :3, 20:])
    bands, valid = laid.read(Window(100, 100, 2, 3))
    assert valid is not None and not valid.any() and bands.shape == (2, 2, 3)


def test_an_image_without_georeferencing_fits_by_its_size(scene: Scene, tmp_path: Path) -> None:
    laid = Sharpened(image(tmp_path, affine=None), scene)
    assert laid.covered == Window(0, 0, 16, 24)


def test_the_nodata_value_of_the_pair_holds_where_the_image_names_none(scene: Scene, tmp_path: Path) -> None:
    _, valid = Sharpened(image(tmp_path), scene, nodata=5).read(Window(0, 0, 16, 24))
    assert valid is not None and np.argwhere(~valid).tolist() == [[0, 5]]
    _, valid = Sharpened(image(tmp_path, nodata=7), scene, nodata=5).read(Window(0, 0, 16, 24))
    assert valid is not None and np.argwhere(~valid).tolist() == [[0, 7]]


@pytest.mark.parametrize(
    ("ms", "own", "kind", "expected"),
    [
        ({}, {}, "uint16", 1.0),
        ({"scale": 0.5, "offset": 3.0}, {}, "uint16", 0.5 + 3.0),  # lost: those of MS
        ({"scale": 0.5, "offset": 3.0}, {"scale": 0.25}, "uint16", 0.25),  # its own
        ({"scale": 0.5, "offset": 3.0}, {}, "float32", 1.0),  # scaled already
    ],
)
def test_an_image_is_read_in_the_units_of_ms(ms: Any, own: Any, kind: str, expected: float, tmp_path: Path) -> None:
    for scene in made(tmp_path, **ms):
        laid = Sharpened(image(tmp_path, COUNTS.astype(kind), **own), scene)
        assert laid.read(Window(0, 1, 1, 1))[0][0, 0, 0] == expected
        assert laid.takes_units_of_ms == bool(ms and not own and kind == "uint16")


@pytest.mark.parametrize(
    ("kind", "file", "expected"),
    [
        ("uint16", {}, (0.0, 65535.0)),
        ("uint16", {"nodata": 0}, (1.0, 65535.0)),
        ("uint8", {"nodata": 255, "scale": 0.1, "offset": 1.0}, (1.0, 0.1 * 254 + 1.0)),
        ("int32", {}, (-(2.0**31), 2.0**31 - 1)),
        ("float32", {}, (math.nan, math.nan)),
    ],
)
def test_it_knows_where_its_data_type_ends(kind: str, file: Any, expected: Any, scene: Scene, tmp_path: Path) -> None:
    laid = Sharpened(image(tmp_path, COUNTS.astype(kind), **file), scene)
    for found, value in zip((laid.least, laid.greatest), expected):
        assert found.tolist() == pytest.approx([value, value], rel=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("array", "affine", "kind", "said"),
    [
        (COUNTS[:1], GRID, InputError, "image.tif has 1 band, and 2 of MS"),
        (COUNTS, north_up(1.0, rasters.LEFT + 0.5), PairingError, "do not coincide"),
        (COUNTS[:, :8, :12], north_up(2.0), PairingError, r"12 x 8 pixels of 2 x 2\).*24 x 16 pixels of 1 x 1"),
        (COUNTS[:, :8], None, PairingError, "image.tif has 24 x 8 pixels and .*pan.tif 24 x 16"),
        (COUNTS, north_up(1.0, rasters.LEFT + 24), PairingError, "do not overlap"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(
    array: Any, affine: Any, kind: type[EngineError], said: str, scene: Scene, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=said):
        Sharpened(image(tmp_path, array, affine), scene)


def test_an_image_in_another_coordinate_system_is_refused(scene: Scene, tmp_path: Path) -> None:
    rasters.write(tmp_path / "image.tif", COUNTS, GRID, 32632)
    with pytest.raises(PairingError, match="UTM zone 32N"):
        Sharpened(str(tmp_path / "image.tif"), scene)


@pytest.mark.parametrize(("row_skew", "col_skew"), [(0.01, 0.0), (0.0, 0.01), (0.01, 0.01)])
def test_a_grid_that_is_turned_or_skewed_does_not_coincide_with_pan(
    row_skew: float, col_skew: float, scene: Scene, tmp_path: Path
) -> None:
    affine = (*GRID[:2], row_skew, GRID[3], col_skew, GRID[5])
    with pytest.raises(PairingError, match="do not coincide"):
        Sharpened(image(tmp_path, affine=affine), scene)


def test_two_images_on_one_turned_grid_meet_where_both_are() -> None:
    turned = Grid(24, 16, (100.0, 0.8, 0.6, 200.0, 0.6, -0.8), None)
    inner = Grid(10, 8, (100.0 + 5 * 0.8 + 3 * 0.6, 0.8, 0.6, 200.0 + 5 * 0.6 - 3 * 0.8, 0.6, -0.8), None)
    assert meeting(inner, "inner", turned, "turned") == (Window(0, 0, 8, 10), Window(3, 5, 8, 10))
