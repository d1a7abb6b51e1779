"""`describe` says what `sharpen` will do, truly, and touches nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal

from engine.errors import InputError
from engine.events import Finished
from engine.events import plain as strict
from engine.jobs.describe import describe
from engine.jobs.sharpen import sharpen
from engine.request import DescribeRequest, SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import files_in, run
from tests.pairs import Pair, write_pair
from tests.slowness import slow


def described(pan: str, *ms: str, **changes: Any) -> dict[str, Any]:
    return run(describe(DescribeRequest(pan, ms, **changes))).result


@pytest.mark.parametrize(
    "row",
    [
        slow({}),
        {"ratio": 2, "half_pixel": True},
        {"collar": True},
        slow({"data_type": "float32", "scale": 1e-3}),
        slow({"shift": (2.0, 0.0)}),
        slow({"epsg": None}),
    ],
)
def test_what_is_described_is_what_sharpening_gives(row: dict[str, Any], tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256, **row)
    (tmp_path / "out").mkdir()
    before = files_in(tmp_path / "pair")
    told = described(pair.pan, pair.ms)
    assert files_in(tmp_path / "pair") == before
    made = run(sharpen(pair.request(tmp_path / "out" / "sharp.tif"))).result
    for key in ("ratio", "ratio_x", "ratio_y", "shift", "shift_px", "sensor", "sensor_reason", "display"):
        assert told[key] == made[key], key
    assert told["problems"] == made["warnings"]
    dataset = gdal.Open(str(tmp_path / "out" / "sharp.tif"))
    band = dataset.GetRasterBand(1)
    result = told["result"]
    assert (result["width"], result["height"], result["bands"]) == (dataset.RasterXSize, dataset.RasterYSize, 4)
    assert result["data_type"] == gdal.GetDataTypeName(band.DataType).lower()
    nodata = band.GetNoDataValue()
    assert str(result["nodata"]) == str(nodata)
    size = result["width"] * result["height"] * 4 * gdal.GetDataTypeSize(band.DataType) / 8
    assert result["size_mb"] == pytest.approx(size / 1e6, abs=0.001)


def test_the_description_tells_how_the_grids_lie(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, ratio=2, half_pixel=True, size=256)
    told = described(pair.pan, pair.ms)
    assert told["ratio"] == 2.0 and told["offset"] == [0.5, 0.5]
    assert told["pan"]["pixel_size"] == [0.5, 0.5] and told["ms"]["pixel_size"] == [1.0, 1.0]
    assert told["pan"]["crs"].startswith("EPSG:32633") and told["ms"]["georeferenced"]
    assert [band["role"] for band in told["ms"]["bands"]] == ["blue", "green", "red", "nir"]
    assert told["ms"]["bands"][0]["data_type"] == "uint16" and told["ms"]["bands"][0]["nodata"] is None


def test_the_description_is_strict_json_even_where_nodata_is_not_a_number(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256, collar=True, data_type="float32", nodata=float("nan"))
    told = described(pair.pan, pair.ms)
    assert json.loads(json.dumps(strict(told), allow_nan=False))["ms"]["bands"][0]["nodata"] == "nan"


def test_extent_bands_and_coverage_shape_the_described_result(plain: Pair, tmp_path: Path) -> None:
    extent = (pairs.LEFT, pairs.TOP - 50.0, pairs.LEFT + 25.0, pairs.TOP)
    result = described(plain.pan, plain.ms, extent=extent, bands=(2, 3))["result"]
    assert (result["width"], result["height"], result["bands"]) == (50, 100, 2)
    ms = str(tmp_path / "ms.tif")
    gdal.Translate(ms, plain.ms, srcWin=[0, 0, 48, 96])
    part = described(plain.pan, ms)
    assert part["result"]["width"] == 192 and any("50.0%" in note for note in part["notes"])
    assert described(plain.pan, ms, coverage="union")["result"]["width"] == 384


def test_a_file_may_have_any_name(plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The description needs no output, so no name of an input can be one."""
    monkeypatch.chdir(tmp_path)
    gdal.Translate("result.tif", plain.pan)
    assert described("result.tif", plain.ms)["pan"]["file"] == "result.tif"


def test_files_that_gdal_finds_in_archives_and_virtual_rasters_are_files(plain: Pair, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "ms.zip", "w") as archive:
        archive.write(plain.ms, "inside/ms.tif")
    gdal.BuildVRT(str(tmp_path / "pan.vrt"), [plain.pan]).FlushCache()
    told = described(str(tmp_path / "pan.vrt"), f"/vsizip/{tmp_path}/ms.zip/inside/ms.tif")
    expected = described(plain.pan, plain.ms)
    assert told["result"] == expected["result"] and told["shift"] == expected["shift"]


def test_mistakes_are_refused_as_by_sharpen(plain: Pair, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        described(plain.pan, str(tmp_path / "absent.tif"))


def test_only_the_last_event_is_the_answer(plain: Pair) -> None:
    events = run(describe(DescribeRequest(plain.pan, (plain.ms,)))).events
    assert [isinstance(event, Finished) for event in events] == [False] * (len(events) - 1) + [True]


def test_the_stated_size_is_enough_to_decide_whether_the_disk_will_do(plain: Pair, tmp_path: Path) -> None:
    told = described(plain.pan, plain.ms)["result"]["size_mb"]
    run(sharpen(SharpenRequest(plain.pan, (plain.ms,), out=str(tmp_path / "sharp.tif"), options=("COMPRESS=NONE",))))
    written = (tmp_path / "sharp.tif").stat().st_size / 1e6
    padded = 512 * 512 * 4 * 2 / 1e6  # the file holds whole blocks
    assert told <= written <= padded * 1.05
    assert rasters.read(tmp_path / "sharp.tif").nbytes / 1e6 == pytest.approx(told, abs=0.001)
