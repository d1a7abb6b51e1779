"""Shares of other computers, as Windows names them: what a stranger's file says there is not opened."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.raster import faraway
from engine.raster.dataset import facts_of, files_behind
from tests import rasters


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take names as Windows does; what is named is not there in these tests, and so no computer is asked."""
    monkeypatch.setattr(faraway, "_HAS_SHARES", True)


def virtual(folder: Path, source: str, more: str = "") -> str:
    """Write a virtual raster whose only pixels are those of `source`."""
    (folder / "v.vrt").write_text(
        f'<VRTDataset rasterXSize="8" rasterYSize="8">{more}<VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        f'<SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>1</SourceBand>'
        '<SourceProperties RasterXSize="8" RasterYSize="8" DataType="UInt16"/></SimpleSource></VRTRasterBand>'
        "</VRTDataset>",
        encoding="utf-8",
    )
    return str(folder / "v.vrt")


SHARES = [
    r"\\server\share\a.tif",
    "//server/share/a.tif",
    r"/\server\share\a.tif",
    r"\\?\UNC\server\share\a.tif",
    r"\??\UNC\server\share\a.tif",
    r"&#92;&#92;server\share\a.tif",
    r" \\server\share\a.tif",
    r"/vsizip/\\server\share\a.zip\a.tif",
    "/vsizip/{//server/share/a.zip}/a.tif",
    "/vsisubfile/0_99,//server/share/a.tif",
    "/vsicached?chunk_size=9&amp;file=%5C%5Cserver%5Cshare%5Ca.tif",
    r"vrt://\\server\share\a.tif?bands=1",
    r'HDF5:"\\server\share\a.h5"://red',
    r"HDF5:\\server\share\a.h5://red",
    "GTIFF_DIR:off:8://server/share/a.tif",
    r"DERIVED_SUBDATASET:LOGAMPLITUDE:\\server\share\a.tif",
]


@pytest.mark.parametrize("source", SHARES)
def test_a_mosaic_that_leads_to_a_share_is_refused_where_there_are_shares(
    source: str, windows: None, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        facts_of(virtual(tmp_path, source))
    assert r"v.vrt leads to \\server\share on the network" in caught.value.fact


@pytest.mark.parametrize("source", [r"\\server\share\a.tif", "//server/share/a.tif"])
def test_elsewhere_such_a_name_is_one_of_this_computer(source: str, tmp_path: Path) -> None:
    path = virtual(tmp_path, source)
    assert files_behind(path) == {path} and facts_of(path).grid.width == 8


LOCAL = [
    r"C:\data\a.tif",
    "C://data//a.tif",
    r"\\?\C:\data\a.tif",
    r"\\.\C:\data\a.tif",
    r"\data\a.tif",
    "/data/a.tif",
    "vrt://b.vrt?bands=1",
    "/vsizip//data/a.zip/a.tif",
    "/vsizip/C:/a.zip//server/a.tif",
    'HDF5:"C:/a.h5"://group/red',
    "HDF5:a.h5://group/red",
    'NETCDF:"a.nc":/group/red',
    "a//b//c.tif",
]


@pytest.mark.parametrize("source", LOCAL)
def test_names_of_this_computer_are_no_shares(source: str, windows: None, tmp_path: Path) -> None:
    facts_of(virtual(tmp_path, source))


@pytest.mark.parametrize(
    ("own", "named", "fine"),
    [
        (r"\\server\share\all.vrt", r"\\server\share\tiles\a.tif", True),
        ("//SERVER/share/all.vrt", r"\\server\Share\a.tif", True),
        (r"\\?\UNC\server\share\all.vrt", r"\\server\share\a.tif", True),
        (r"\\server\share\all.vrt", r"\\server\other\a.tif", False),
        (r"\\server\share\all.vrt", r"\\another\share\a.tif", False),
        (r"C:\all.vrt", r"\\server\share\a.tif", False),
        # A view in memory is of what the user has named, and that has been looked through.
        ("/vsimem/view.vrt", r"\\server\share\a.tif", True),
    ],
)
def test_a_file_on_a_share_may_lead_to_others_on_it_alone(own: str, named: str, fine: bool, windows: None) -> None:
    if fine:
        faraway._check_share(own, named)
        return
    with pytest.raises(InputError, match="on the network, which was not named"):
        faraway._check_share(own, named)


def test_a_share_that_the_user_names_is_looked_through_as_any_folder(
    windows: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A file of this system whose name would be a share there.
    name = r"\\server\share\v.vrt"
    monkeypatch.chdir(tmp_path)
    Path(virtual(tmp_path, r"\\server\share\a.tif")).rename(tmp_path / name)
    assert faraway.check_near(name) == {name}
    Path(virtual(tmp_path, r"\\stranger\share\a.tif")).rename(tmp_path / name)
    with pytest.raises(InputError, match="leads to"):
        faraway.check_near(name)


def test_overviews_that_the_tags_of_an_image_name_on_a_share_are_refused(windows: None, tmp_path: Path) -> None:
    metadata: dict[str, Any] = {"OVERVIEWS": {"OVERVIEW_FILE": r":::BASE:::\\server\share\o.tif"}}
    path = rasters.write(tmp_path / "a.tif", np.ones((8, 8), np.uint16), metadata=metadata)
    with pytest.raises(InputError, match="leads to"):
        facts_of(path)


@pytest.mark.parametrize("piece", [" ", "a:", ":", '"', " :", "/vsizip/", "/vsisubfile/1,:", "/vsix?file=", "file=:"])
def test_no_name_takes_long_to_look_at(piece: str, windows: None) -> None:
    begun = time.monotonic()
    for text in (piece * 200_000, f"/vsix/{piece * 200_000}"):
        faraway._share_of(text)
    assert time.monotonic() - begun < 1.0
