"""The files that hold what is read are found, however it was named."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from engine.raster.dataset import files_behind
from tests.rasters import EPSG, north_up, write


def located(path: Path) -> str:
    return write(path, np.ones((1, 6, 8), np.uint8), north_up(4.0), EPSG)


def real(*paths: Path) -> set[str]:
    return {os.path.realpath(path) for path in paths}


def test_behind_a_plain_file_are_itself_and_its_sidecars(tmp_path: Path) -> None:
    path = located(tmp_path / "a.tif")
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset></PAMDataset>")
    assert files_behind(path) == real(tmp_path / "a.tif", tmp_path / "a.tif.aux.xml")


def test_behind_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    located(tmp_path / "a.tif")
    (tmp_path / "link.tif").symlink_to(tmp_path / "a.tif")
    assert files_behind(str(tmp_path / "link.tif")) == real(tmp_path / "a.tif")


@pytest.mark.parametrize("relative", [True, False])
def test_behind_a_virtual_raster_of_virtual_rasters_are_all_of_them(
    relative: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "deep" / "inner.vrt"
    inner.parent.mkdir()
    path = located(tmp_path / "deep" / "a.tif")
    gdal.BuildVRT(str(inner), [path])
    gdal.Warp(str(tmp_path / "outer.vrt"), str(inner), format="VRT", dstSRS="EPSG:32632")
    if relative:
        monkeypatch.chdir(tmp_path)
    outer = "outer.vrt" if relative else str(tmp_path / "outer.vrt")
    assert files_behind(outer) == real(tmp_path / "outer.vrt", inner, Path(path))
    assert files_behind(f"vrt://{outer}?bands=1") >= real(inner, Path(path))


def test_behind_a_virtual_raster_in_memory_is_the_file_on_disk(tmp_path: Path) -> None:
    path = located(tmp_path / "a & b.tif")
    view = f"/vsimem/{tmp_path.name}.vrt"
    gdal.BuildVRT(view, [path])
    text = gdal.Open(view).GetMetadata("xml:VRT")[0]
    try:
        assert files_behind(view) == real(Path(path))
        assert files_behind(text) == real(Path(path))
    finally:
        gdal.Unlink(view)


@pytest.mark.parametrize("wrapped", [False, True])
def test_behind_an_image_inside_a_file_is_the_file(wrapped: bool, tmp_path: Path) -> None:
    path = located(tmp_path / "a.tif")
    inside = f"GTIFF_DIR:1:{path}"
    if wrapped:
        gdal.BuildVRT(str(tmp_path / "a.vrt"), [inside])
        assert files_behind(str(tmp_path / "a.vrt")) == real(Path(path), tmp_path / "a.vrt")
    else:
        assert files_behind(inside) == real(Path(path))


def test_behind_an_image_that_cannot_be_opened_is_the_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_text("no such thing")
    assert files_behind(f'HDF5:"{tmp_path / "a.h5"}"://red') == real(tmp_path / "a.h5")
    assert files_behind(str(tmp_path / "absent.tif")) == frozenset()


def test_a_virtual_raster_of_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.vrt"
    gdal.BuildVRT(str(path), [located(tmp_path / "b.tif")])
    path.write_text(path.read_text().replace(">b.tif<", ">a.vrt<"))
    assert files_behind(str(path)) == real(path)
