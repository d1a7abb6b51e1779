"""Inputs that are cut, removed, replaced or slow while they are read cost a sentence, or change nothing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import InputError
from engine.events import Progress
from engine.jobs.describe import describe
from engine.jobs.sharpen import sharpen
from engine.raster.dataset import Reader
from engine.request import DescribeRequest
from tests import rasters
from tests.jobs.runs import files_in, run
from tests.pairs import Pair, write_pair
from tests.slowness import mostly_slow


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return write_pair(tmp_path / "pair", size=512)


def at_half(pair: Pair, out: Path, fault: Callable[[], object]) -> None:
    """Run into a fault that comes when a good part of the tiles is done."""
    out.parent.mkdir(exist_ok=True)
    waiting = True
    for event in sharpen(pair.request(out, method="exp", tile_size=64, threads=1)):
        if waiting and isinstance(event, Progress) and event.fraction >= 0.5:
            waiting = False
            fault()
    assert not waiting


@pytest.mark.parametrize("which", mostly_slow(["ms", "pan"], 0))
@pytest.mark.parametrize("how", mostly_slow(["cut", "emptied", "written over", "replaced"], 0))
def test_an_input_that_changes_while_it_is_read_ends_the_run_and_leaves_nothing(
    how: str, which: str, pair: Pair, tmp_path: Path
) -> None:
    path = Path(getattr(pair, which))
    other = write_pair(tmp_path / "other", size=512, seed=7)
    changes: dict[str, Callable[[], object]] = {
        "cut": lambda: os.truncate(path, path.stat().st_size // 2),
        "emptied": lambda: os.truncate(path, 0),
        "written over": lambda: path.write_bytes(Path(getattr(other, which)).read_bytes()),
        "replaced": lambda: os.replace(getattr(other, which), path),
    }
    with pytest.raises(InputError, match=f"{which}.tif (was changed while it was read|cannot be read to its end)"):
        at_half(pair, tmp_path / "out" / "o.tif", changes[how])
    assert files_in(tmp_path / "out") == {}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be removed there")
def test_an_input_that_is_removed_while_it_is_read_is_read_to_its_end(pair: Pair, tmp_path: Path) -> None:
    at_half(pair, tmp_path / "whole" / "o.tif", lambda: None)
    at_half(pair, tmp_path / "out" / "o.tif", lambda: (os.remove(pair.pan), os.remove(pair.ms)))
    assert (tmp_path / "out" / "o.tif").read_bytes() == (tmp_path / "whole" / "o.tif").read_bytes()


def test_a_folder_of_inputs_that_goes_before_the_work_is_said(pair: Pair, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "pair")
    with pytest.raises(InputError, match=r"There is no file .*pan\.tif"):
        run(describe(DescribeRequest(pair.pan, (pair.ms,))))


@pytest.mark.slow
def test_statistics_that_a_viewer_puts_beside_an_input_meanwhile_do_not_matter(pair: Pair, tmp_path: Path) -> None:
    at_half(pair, tmp_path / "out" / "o.tif", lambda: Path(f"{pair.ms}.aux.xml").write_text("<PAMDataset/>"))
    assert files_in(tmp_path / "out").keys() == {"o.tif"}


# Slow


@pytest.mark.slow
def test_slow_reads_slow_the_run_down_and_neither_its_signs_of_life_nor_its_end(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Reader._read_array

    def slow(*given: Any) -> Any:
        time.sleep(0.4)
        return read(*given)

    monkeypatch.setattr(Reader, "_read_array", slow)
    events = sharpen(pair.request(tmp_path / "o.tif", method="exp", tile_size=256, threads=2))
    signs, begun = [], time.monotonic()
    for _ in events:
        signs.append(time.monotonic())
        if signs[-1] - begun > 3.0:
            break
    assert np.diff(signs).max() < 0.5  # 0.2 s are promised, and this machine may be busy
    stopping = time.monotonic()
    events.close()
    assert time.monotonic() - stopping < 5.0, "no more than the reads that are under way"
    assert not (tmp_path / "o.tif").exists() and not (tmp_path / "o.tif.part").exists()


def test_a_pipe_and_a_device_are_no_images(tmp_path: Path, pair: Pair) -> None:
    os.mkfifo(tmp_path / "pipe.tif")
    for name in (str(tmp_path / "pipe.tif"), "/dev/zero", "/dev/null", "/dev/stdin"):
        with pytest.raises(InputError, match=r"cannot be opened as an image|is no file"):
            run(describe(DescribeRequest(pair.pan, (name,))))


def test_an_image_whose_header_claims_what_no_disk_holds_is_refused_without_memory(tmp_path: Path, pair: Pair) -> None:
    # Tiles that are not there are zeros, so such a file is sound, and as large as its header says.
    path = str(tmp_path / "vast.tif")
    options = ["SPARSE_OK=TRUE", "BIGTIFF=YES", "TILED=YES", "BLOCKXSIZE=8192", "BLOCKYSIZE=8192"]
    vast = gdal.GetDriverByName("GTiff").Create(path, 2_000_000, 2_000_000, 4, gdal.GDT_UInt16, options)
    vast.SetGeoTransform(rasters.north_up(1.0))
    vast = None
    assert os.path.getsize(path) < 50_000_000
    with pytest.raises(Exception, match=r"needs up to \d+\.\d TB|do not overlap|cannot be|larger") as caught:
        run(sharpen(pair.request(tmp_path / "o.tif", ms=(path,), pan=path, pan_band=1, method="exp")))
    assert not isinstance(caught.value, MemoryError)


@pytest.mark.parametrize(("bands", "interleaved"), [(1, "BAND"), (3, "PIXEL")])
def test_a_small_image_in_a_gigantic_block_is_refused_without_memory(
    bands: int, interleaved: str, tmp_path: Path, pair: Pair
) -> None:
    # To read a pixel, GDAL must decode the block it lies in: 3.7 and 1.2 GB for images of 64 x 64 pixels.
    side = 61_008 if bands == 1 else 20_000
    options = ["SPARSE_OK=TRUE", "TILED=YES", f"BLOCKXSIZE={side}", f"BLOCKYSIZE={side}", f"INTERLEAVE={interleaved}"]
    path = str(tmp_path / "small.tif")
    small = gdal.GetDriverByName("GTiff").Create(path, 64, 64, bands, gdal.GDT_Byte, options)
    small.SetGeoTransform(rasters.north_up(1.0))
    small = None
    with pytest.raises(InputError, match=rf"blocks of {side} x {side} pixels, each of which takes .* GB") as caught:
        run(describe(DescribeRequest(pair.pan, (path,))))
    assert "TILED=YES" in caught.value.remedy
