"""A layer of points holds each place with its numbers, in GeoPackage and GeoJSON, or nothing is left of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from osgeo import gdal, osr

from engine.errors import OutputError
from engine.grid.georef import Grid
from engine.raster.points import write_points
from tests.limits import small_files

CRS = osr.SpatialReference()
CRS.ImportFromEPSG(32633)
GRID = Grid(100, 80, (500_000.0, 0.5, 0.0, 5_300_000.0, 0.0, -0.5), CRS.ExportToWkt())
PLACES = [(10.0, 20.0), (40.0, 60.5)]
NUMBERS = {"dx": [0.25, -1.5], "dy": [0.0, 2.0]}


@pytest.mark.parametrize("extension", [".gpkg", ".geojson", ".GPKG"])
def test_points_lie_where_the_grid_puts_them_with_their_numbers(extension: str, tmp_path: Path) -> None:
    path = str(tmp_path / f"shifts{extension}")
    write_points(path, "shifts", GRID, PLACES, NUMBERS)
    assert os.listdir(tmp_path) == [f"shifts{extension}"]
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    layer = dataset.GetLayer(0)
    assert layer.GetName() == "shifts" and layer.GetSpatialRef().GetAuthorityCode(None) == "32633"
    found = [(feature.geometry().GetX(), feature.geometry().GetY(), feature["dx"], feature["dy"]) for feature in layer]
    assert found == [(500_010.0, 5_299_995.0, 0.25, 0.0), (500_030.25, 5_299_980.0, -1.5, 2.0)]


@pytest.mark.parametrize("extension", [".gpkg", ".geojson"])
def test_without_georeferencing_points_lie_on_the_pixels_as_viewers_show_them(extension: str, tmp_path: Path) -> None:
    path = str(tmp_path / f"shifts{extension}")
    write_points(path, "shifts", Grid(100, 80, None, ""), PLACES[:1], {"dx": [1.0]})
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    feature = next(iter(dataset.GetLayer(0)))  # held, since a geometry is gone with its feature
    assert (feature.geometry().GetX(), feature.geometry().GetY()) == (20.0, -10.0)


def test_a_layer_without_points_is_a_layer(tmp_path: Path) -> None:
    path = str(tmp_path / "shifts.gpkg")
    write_points(path, "shifts", GRID, [], {"dx": []})
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    assert dataset.GetLayer(0).GetFeatureCount() == 0


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "shifts.geojson"
    path.write_text("older")
    write_points(str(path), "shifts", GRID, PLACES, NUMBERS)
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR)
    assert dataset.GetLayer(0).GetFeatureCount() == 2


def test_a_full_disk_leaves_nothing_new_and_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "shifts.gpkg"
    path.write_text("older")
    with pytest.raises(OutputError, match="cannot be written"), small_files(20_000):
        write_points(str(path), "shifts", GRID, PLACES, NUMBERS)
    assert os.listdir(tmp_path) == ["shifts.gpkg"] and path.read_text() == "older"


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_points(str(tmp_path / "gone" / "shifts.gpkg"), "shifts", GRID, PLACES, NUMBERS)
