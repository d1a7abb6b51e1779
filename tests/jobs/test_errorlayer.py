"""The raster of errors: where it lies, what it holds, and that it is there whole or not at all."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import Interrupted, OutputError
from engine.grid.window import Window
from engine.jobs.errorlayer import ErrorLayer
from engine.raster.twins import Twins
from tests import rasters

PIXEL, LEFT, TOP = 2.0, rasters.LEFT, rasters.TOP


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "out").mkdir()
    yield tmp_path / "out" / "error.tif"


@pytest.fixture
def twins(tmp_path: Path) -> Twins:
    """An image of 40 x 30 pixels, and a truth that begins 4 pixels right of and 2 below it and ends with it."""
    image = rasters.write(tmp_path / "i.tif", np.ones((1, 30, 40), np.uint8), rasters.north_up(PIXEL), rasters.EPSG)
    place = rasters.north_up(PIXEL, LEFT + 4 * PIXEL, TOP - 2 * PIXEL)
    truth = rasters.write(tmp_path / "t.tif", np.ones((1, 28, 36), np.uint8), place, rasters.EPSG)
    return Twins(image, truth)


def go_on() -> bool:
    return True


@pytest.mark.parametrize("border", [0, 3])
def test_it_lies_on_what_both_cover_within_the_border(border: int, twins: Twins, out: Path) -> None:
    height, width = 28 - 2 * border, 36 - 2 * border
    errors = np.arange(height * width, dtype=np.float32).reshape(height, width)
    errors[1, 2] = math.nan
    with ErrorLayer(str(out), 1) as layer:
        layer.begin(twins, border, ())
        for row in range(0, height, 8):
            rows = errors[row : row + 8]
            layer.write(Window(row, 0, *rows.shape), rows)
        layer.finish(go_on)
    raster = gdal.Open(str(out))
    begin = (LEFT + (4 + border) * PIXEL, TOP - (2 + border) * PIXEL)
    assert raster.GetGeoTransform() == (begin[0], PIXEL, 0.0, begin[1], 0.0, -PIXEL)
    assert raster.GetSpatialRef().GetAuthorityCode(None) == str(rasters.EPSG)
    assert math.isnan(raster.GetRasterBand(1).GetNoDataValue())
    assert raster.GetRasterBand(1).DataType == gdal.GDT_Float32
    assert "per cent" in raster.GetMetadataItem("KSDIFF_ERROR")
    np.testing.assert_array_equal(raster.ReadAsArray(), errors)
    assert os.listdir(out.parent) == ["error.tif"]


def test_what_is_written_stays_as_it_was(twins: Twins, out: Path) -> None:
    errors = np.full((28, 36), 5.0, np.float32)
    with ErrorLayer(str(out), 1) as layer:
        layer.begin(twins, 0, ())
        layer.write(Window(0, 0, 28, 36), errors)
    assert (errors == 5.0).all()


def test_leaving_without_finishing_leaves_nothing(twins: Twins, out: Path) -> None:
    with pytest.raises(KeyError), ErrorLayer(str(out), 1) as layer:
        layer.begin(twins, 0, ())
        raise KeyError
    assert os.listdir(out.parent) == []


def test_one_that_was_dropped_makes_room_for_another(twins: Twins, out: Path) -> None:
    with ErrorLayer(str(out), 1) as layer:
        for value in (1.0, 2.0):
            layer.begin(twins, 0, ())
            assert layer.begun
            layer.write(Window(0, 0, 28, 36), np.full((28, 36), value, np.float32))
            if value == 1.0:
                layer.drop()
                assert not layer.begun
        layer.finish(go_on)
    assert (rasters.read(out) == 2.0).all()


def test_a_stop_before_it_has_its_name_leaves_nothing(twins: Twins, out: Path) -> None:
    with pytest.raises(Interrupted), ErrorLayer(str(out), 1) as layer:
        layer.begin(twins, 0, ())
        layer.finish(lambda: False)
    assert os.listdir(out.parent) == []


def test_one_that_was_not_begun_writes_nothing(out: Path) -> None:
    with ErrorLayer("", 1) as layer:
        layer.write(Window(0, 0, 1, 1), np.zeros((1, 1), np.float32))
        layer.finish(go_on)
    assert os.listdir(out.parent) == []


def test_an_input_behind_its_name_is_spared(twins: Twins, tmp_path: Path) -> None:
    before = (tmp_path / "i.tif").read_bytes()
    os.symlink(tmp_path / "i.tif", tmp_path / "error.tif")
    with (
        pytest.raises(OutputError, match="holds data that is an input"),
        ErrorLayer(str(tmp_path / "error.tif"), 1) as layer,
    ):
        layer.begin(twins, 0, (str(tmp_path / "i.tif"),))
    assert (tmp_path / "i.tif").read_bytes() == before
