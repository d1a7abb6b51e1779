"""Blocks that take more memory than a scene should, wherever an image hides them; and memory that GDAL does not get."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import InputError
from engine.raster import blocks
from engine.raster.dataset import GdalFailure, facts_of, gdal_failures_raised
from tests import rasters
from tests.reliability.faults import ended, engine, one_sentence

SMALL, LARGE, HUGE = 16, 32_000, 40_000  # sides of blocks; in 8 bits, the last two are 1.02 and 1.6 GB


def stored(path: Path, side: int, offset: float = 0.0) -> str:
    """Write an image of 32 x 32 pixels in one block, or in several, of which none is on the disk."""
    options = ["TILED=YES", f"BLOCKXSIZE={side}", f"BLOCKYSIZE={side}", "SPARSE_OK=TRUE", "COMPRESS=DEFLATE"]
    image = gdal.GetDriverByName("GTiff").Create(str(path), 32, 32, 1, gdal.GDT_Byte, options)
    x0, *rest = rasters.north_up(1.0)
    image.SetGeoTransform((x0 + offset, *rest))
    return str(path)


def mosaic(path: Path, sources: list[str]) -> str:
    gdal.BuildVRT(str(path), sources).FlushCache()
    return str(path)


@pytest.mark.parametrize("nested", [False, True])
def test_a_huge_block_in_the_last_file_of_a_mosaic_is_refused_in_its_name(nested: bool, tmp_path: Path) -> None:
    sources = [stored(tmp_path / f"{number:02}.tif", SMALL, 32.0 * number) for number in range(30)]
    path = mosaic(tmp_path / "all.vrt", [*sources, stored(tmp_path / "huge.tif", HUGE, 32.0 * 30)])
    path = mosaic(tmp_path / "outer.vrt", [path]) if nested else path
    with pytest.raises(InputError, match=rf"huge\.tif is stored in blocks of {HUGE} x {HUGE} pixels") as caught:
        facts_of(path)
    assert "TILED=YES" in caught.value.remedy


def test_a_huge_block_in_an_archive_or_in_overviews_is_refused(tmp_path: Path) -> None:
    inside = f"/vsizip/{tmp_path / 'a.zip'}/huge.tif"
    file = gdal.VSIFOpenL(inside, "wb")
    content = Path(stored(tmp_path / "huge.tif", HUGE)).read_bytes()
    gdal.VSIFWriteL(content, 1, len(content), file)
    gdal.VSIFCloseL(file)
    (tmp_path / "plain.tif.ovr").write_bytes(content)
    for path in (mosaic(tmp_path / "all.vrt", [inside]), stored(tmp_path / "plain.tif", SMALL)):
        with pytest.raises(InputError, match=rf"blocks of {HUGE} x {HUGE} pixels"):
            facts_of(path)


def test_each_file_of_a_mosaic_is_opened_once_and_again_when_it_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [stored(tmp_path / f"{number:02}.tif", SMALL, 32.0 * number) for number in range(20)]
    path = mosaic(tmp_path / "all.vrt", sources)
    looks: list[str] = []
    true = blocks._block_of

    def noted(dataset: Any) -> Any:
        looks.append(dataset.GetDescription())
        return true(dataset)

    monkeypatch.setattr(blocks, "_block_of", noted)
    facts_of(path)
    assert sorted(looks) == sorted([path, *sources])
    facts_of(path)
    assert looks[len(sources) + 1 :] == [path], "the others are as they were"
    os.remove(sources[3])
    stored(Path(sources[3]), HUGE, 96.0)
    os.utime(sources[3], (1, 1))
    with pytest.raises(InputError, match=r"03\.tif"):
        facts_of(path)


# Memory that GDAL does not get.


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a system that heeds the limit")
def test_a_file_for_which_there_is_no_memory_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    pan = stored(tmp_path / "large.tif", LARGE)
    ms = rasters.write(tmp_path / "ms.tif", np.full((8, 8), 9, np.uint16), rasters.north_up(4.0))
    asked = ["--pan", pan, "--ms", ms, "--out", tmp_path / "out" / "o.tif", "--method", "exp"]
    # A process of its own: where GDAL finds no memory for a block, it counts it as held from then on.
    limit = (768 + 40 * (os.cpu_count() or 1)) << 20
    code, said, talk = ended(engine("sharpen", *asked, "--quiet", "--threads", 1, limit_bytes=limit), 120)
    assert code == 1 and said == "" and os.listdir(tmp_path / "out") == []
    assert one_sentence(talk).startswith("Error: There is not enough memory for this. Close other programs")


@pytest.mark.parametrize("number", [gdal.CPLE_OutOfMemory, gdal.CPLE_FileIO])
def test_what_gdal_says_first_tells_memory_from_other_failures(number: int) -> None:
    kind = MemoryError if number == gdal.CPLE_OutOfMemory else GdalFailure
    with pytest.raises(kind, match="the first"), gdal_failures_raised():
        gdal.Error(gdal.CE_Failure, number, "the first")
        gdal.Error(gdal.CE_Failure, gdal.CPLE_AppDefined, "what came of it")
