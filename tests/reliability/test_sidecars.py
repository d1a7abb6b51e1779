"""Files beside an image, and odd things that images say of themselves: no crash, no wait, and no wrong pixel."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import EngineError, InputError, PairingError, RequestError
from engine.raster.dataset import facts_of
from engine.request import SharpenRequest, from_json
from tests import pairs, rasters
from tests.jobs.runs import refusal, sharpened
from tests.pairs import Floats, Pair, write_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture(scope="module")
def expected(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Floats:
    return sharpened(pair.request(tmp_path_factory.mktemp("out") / "o.tif", method="gsa"))[0]


def with_beside(pair: Pair, ending: str, content: bytes, folder: Path) -> SharpenRequest:
    """Return a request for copies of the pair, each with that beside it."""
    (folder / "out").mkdir()
    copies = [str(folder / name) for name in ("pan.tif", "ms.tif")]
    for copy, path in zip(copies, (pair.pan, pair.ms)):
        shutil.copy(path, copy)
        Path(f"{copy}{ending}").write_bytes(content)
    return pair.request(folder / "out" / "o.tif", pan=copies[0], ms=(copies[1],), method="gsa")


def of_band(text: str) -> str:
    return f'<PAMDataset><PAMRasterBand band="1">{text}</PAMRasterBand></PAMDataset>'


TABLE = "<GDALRasterAttributeTable><FieldDefn index='0'><Name>V</Name></FieldDefn>{}</GDALRasterAttributeTable>"
HARMLESS = {
    "no document": "garbage",
    "half a document": "<PAMDataset",
    "binary": b"\0\xff" * 500,
    "deep": "<PAMDataset>" + "<a>" * 20_000,
    "nodata in words": of_band("<NoDataValue>abc</NoDataValue>"),
    "nodata that is no number": of_band("<NoDataValue>nan</NoDataValue>"),
    "scale that is no number": of_band("<Scale>nan</Scale>"),
    "scale beyond all numbers": of_band("<Scale>1e308</Scale>"),
    "scale of nearly nothing": of_band("<Scale>1e-300</Scale>"),
    "offset beyond all measurements": of_band("<Offset>1e30</Offset>"),
    "table with a far row": of_band(TABLE.format('<Row index="2000000000"><F>1</F></Row>')),
    "histogram of two thousand million": of_band(
        "<Histograms><HistItem><HistMin>0</HistMin><HistMax>1</HistMax><BucketCount>2000000000</BucketCount>"
        "<HistCounts>1|1</HistCounts></HistItem></Histograms>"
    ),
}


@pytest.mark.parametrize("kind", HARMLESS)
@pytest.mark.filterwarnings("error")
def test_nonsense_beside_an_image_changes_no_pixel(kind: str, pair: Pair, expected: Floats, tmp_path: Path) -> None:
    content = HARMLESS[kind]
    content = content.encode() if isinstance(content, str) else content
    result, _ = sharpened(with_beside(pair, ".aux.xml", content, tmp_path))
    assert np.abs(result - expected).max() <= 1.0, "a mask of valid pixels alone rounds sums otherwise"


@pytest.mark.parametrize("ending", [".ovr", ".msk", ".aux"])
@pytest.mark.parametrize("content", [b"garbage" * 99, b"II*\0\x08\0\0\0" + b"\xff" * 500], ids=["text", "signature"])
def test_overviews_and_masks_that_are_none_change_no_pixel(
    ending: str, content: bytes, pair: Pair, expected: Floats, tmp_path: Path
) -> None:
    result, _ = sharpened(with_beside(pair, ending, content, tmp_path))
    assert np.array_equal(result, expected)


def test_overviews_of_another_image_are_not_taken_for_it(pair: Pair, expected: Floats, tmp_path: Path) -> None:
    asked = with_beside(pair, ".older", b"", tmp_path)
    for path in (asked.pan, *asked.ms):
        image = gdal.Open(path)  # read only: the overviews get a file of their own
        image.BuildOverviews("NEAREST", [2, 4])
        image = None
        assert os.path.exists(f"{path}.ovr")
        overviews = gdal.Open(f"{path}.ovr", gdal.GA_Update)
        overviews.GetRasterBand(1).Fill(60_000)
        overviews = None
    result, _ = sharpened(asked)
    assert np.array_equal(result, expected)


@pytest.mark.parametrize("place", ["nan,1,0,0,0,-1", "0,1,0,inf,0,-1"])
def test_a_place_that_is_no_number_is_refused(place: str, pair: Pair, tmp_path: Path) -> None:
    text = f"<PAMDataset><GeoTransform>{place}</GeoTransform></PAMDataset>"
    assert "lies where no place is" in refusal(with_beside(pair, ".aux.xml", text.encode(), tmp_path), InputError)


@pytest.mark.parametrize(
    ("place", "kind"),
    [("0,0,0,0,0,0", InputError), ("1e308,1e308,0,0,0,-1", PairingError), ("1e-308,1e-308,0,0,0,-1e-308", InputError)],
)
def test_a_place_of_impossible_size_is_refused(place: str, kind: type[EngineError], pair: Pair, tmp_path: Path) -> None:
    text = f"<PAMDataset><GeoTransform>{place}</GeoTransform></PAMDataset>"
    asked = with_beside(pair, ".aux.xml", text.encode(), tmp_path)
    Path(f"{asked.pan}.aux.xml").unlink()
    refusal(asked, kind)


def test_a_huge_attribute_table_is_not_looked_through_for_names(pair: Pair, tmp_path: Path) -> None:
    rows = "".join(f'<Row index="{number}"><F>{number}</F></Row>' for number in range(40_000))
    asked = with_beside(pair, ".aux.xml", of_band(TABLE.format(rows)).encode(), tmp_path)
    facts_of(asked.pan)  # GDAL's parser has been through it once
    times = []
    for path in (pair.pan, asked.pan):
        begun = time.process_time()
        facts_of(path)
        times.append(time.process_time() - begun)
    begun = time.process_time()
    gdal.Open(asked.pan).GetMetadata()
    alone = time.process_time() - begun
    assert times[1] - times[0] < 4.0 * alone + 0.2, (times, alone)


# What images say of themselves


def image(path: Path, array: Any, pixel: float, **more: Any) -> str:
    return rasters.write(path, array, pairs.affine((pixel, pixel)), pairs.EPSG, **more)


@pytest.mark.parametrize("kind", ["Int64", "UInt64"])
def test_numbers_of_64_bits_are_refused_with_a_way_out(kind: str, pair: Pair, tmp_path: Path) -> None:
    if not hasattr(gdal, f"GDT_{kind}"):
        pytest.skip("since GDAL 3.5")
    path = str(tmp_path / "i.tif")
    made = gdal.GetDriverByName("GTiff").Create(path, 32, 32, 4, getattr(gdal, f"GDT_{kind}"))
    made.SetGeoTransform(pairs.affine((4.0, 4.0)))
    made = None
    (tmp_path / "out").mkdir()
    said = refusal(pair.request(tmp_path / "out" / "o.tif", ms=(path,)), InputError)
    assert kind in said and "Float64" in said


def test_images_that_run_from_south_to_north_give_the_same_picture(
    pair: Pair, expected: Floats, tmp_path: Path
) -> None:
    files = []
    for name, path in (("pan", pair.pan), ("ms", pair.ms)):
        left, width, _, top, _, height = gdal.Open(path).GetGeoTransform()
        array = rasters.read(path)[:, ::-1]
        place = (left, width, 0.0, top + height * array.shape[1], 0.0, -height)
        files.append(rasters.write(tmp_path / f"{name}.tif", array, place, pairs.EPSG))
    result, _ = sharpened(pair.request(tmp_path / "o.tif", pan=files[0], ms=(files[1],), method="gsa"))
    assert np.abs(result[:, ::-1] - expected).max() <= 1.0, "sums of other order, rounded"


@pytest.mark.parametrize("left", [179.975, -180.025])
def test_ms_in_degrees_across_the_antimeridian_is_laid_onto_pan_in_metres(left: float, tmp_path: Path) -> None:
    rows, cols = np.mgrid[:512, :512]
    pan = 500.0 + 200.0 * np.sin(cols / 40.0) * np.cos(rows / 40.0)
    place = (826_000.0, 10.0, 0.0, 1_106_000.0, 0.0, -10.0)
    pan_path = rasters.write(tmp_path / "pan.tif", pan.astype(np.uint16), place, 32660)
    bounds = (left, 9.948, left + 0.042, 9.99)
    ms_path = str(tmp_path / "ms.tif")
    source = gdal.Open(pan_path)
    gdal.Warp(ms_path, source, dstSRS="EPSG:4326", outputBounds=bounds, xRes=4e-4, yRes=4e-4, resampleAlg="average")
    assert (gdal.Open(ms_path).ReadAsArray() > 0).all(), "both sides of the antimeridian are there"
    result, _ = sharpened(SharpenRequest(pan_path, (ms_path,), out=str(tmp_path / "o.tif"), method="exp"))
    written = gdal.Open(str(tmp_path / "o.tif")).GetGeoTransform()
    row, col = round((place[3] - written[3]) / 10.0), round((written[0] - place[0]) / 10.0)
    under = pan[row : row + result.shape[1], col : col + result.shape[2]]
    inner = (slice(24, -24), slice(24, -24))
    assert min(under.shape) > 400 and np.abs(result[0] - under)[inner].mean() < 5.0


@pytest.mark.parametrize("value", ["NaN", "nan", "", True, 10**400, -(10**400)], ids=range(6))
def test_nodata_that_is_no_number_of_a_pixel_is_refused(value: Any) -> None:
    with pytest.raises(RequestError, match=r"is no number|larger than any pixel"):
        from_json(SharpenRequest, {"pan": "a.tif", "ms": ["b.tif"], "out": "c.tif", "nodata": value})


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e300, -1e300, 2**70])
def test_nodata_that_no_pixel_holds_marks_none(value: float, pair: Pair, expected: Floats, tmp_path: Path) -> None:
    result, _ = sharpened(pair.request(tmp_path / "o.tif", method="gsa", nodata=value))
    assert np.array_equal(result, expected)
