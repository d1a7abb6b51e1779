"""Images made of several files: each is watched while it is read, and from a run to the one that goes on."""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import InputError
from engine.events import Event, Progress
from engine.jobs.sharpen import sharpen
from engine.jobs.simulate import simulate
from engine.raster import watch
from engine.raster.dataset import Reader, facts_of, files_behind
from engine.request import SimulateRequest
from tests import rasters
from tests.jobs.runs import files_in, run, stopped
from tests.pairs import Pair, write_pair


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return write_pair(tmp_path / "pair", size=256)


def tiled(path: str, folder: Path, count: int) -> tuple[str, list[Path]]:
    """Cut an image into as many strips and return the mosaic of them, and the strips from the first row on."""
    folder.mkdir()
    image = gdal.Open(path)
    step = image.RasterYSize // count
    strips = [folder / f"{number:03}.tif" for number in range(count)]
    for number, strip in enumerate(strips):
        rows = step if number < count - 1 else image.RasterYSize - number * step
        gdal.Translate(str(strip), image, srcWin=[0, number * step, image.RasterXSize, rows])
    mosaic = gdal.BuildVRT(str(folder / "all.vrt"), [str(strip) for strip in strips])
    mosaic.FlushCache()
    return str(folder / "all.vrt"), strips


def nested(path: str, folder: Path) -> tuple[str, Path]:
    outer = folder / "outer.vrt"
    gdal.BuildVRT(str(outer), [tiled(path, folder / "inner", 2)[0]]).FlushCache()
    return str(outer), folder / "inner" / "001.tif"


def wrapped(path: str, folder: Path) -> tuple[str, Path]:
    mosaic, strips = tiled(path, folder / "inner", 2)
    return f"vrt://{mosaic}?bands=1,2,3,4", strips[1]


def archived(path: str, folder: Path) -> tuple[str, Path]:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(path, "ms.tif")
    return f"/vsizip/{folder / 'a.zip'}/ms.tif", folder / "a.zip"


def warped(path: str, folder: Path) -> tuple[str, Path]:
    """In another coordinate system, so that the engine reads a view in its memory."""
    gdal.Warp(str(folder / "w.tif"), path, dstSRS="EPSG:32632")
    return str(folder / "w.tif"), folder / "w.tif"


def with_header(path: str, folder: Path) -> tuple[str, Path]:
    """An image of two files, of which the second is not the one that is named."""
    gdal.Translate(str(folder / "e.img"), path, format="ENVI")
    return str(folder / "e.img"), folder / "e.hdr"


MADE_OF: dict[str, Callable[[str, Path], tuple[str, Path]]] = {
    "mosaic": lambda path, folder: (lambda made: (made[0], made[1][1]))(tiled(path, folder / "t", 2)),
    "mosaic of a mosaic": nested,
    "wrapped mosaic": wrapped,
    "archive": archived,
    "warped": warped,
    "header": with_header,
}


def until(events: Any, share: float) -> None:
    next(event for event in events if isinstance(event, Progress) and event.fraction >= share)


def other_contents(path: Path) -> None:
    """Write other pixels over an image, as a program does that makes it anew."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(byte ^ 1 for byte in content[len(content) // 2 :])
    path.write_bytes(content)


def replaced(path: Path) -> None:
    shutil.copyfile(path, f"{path}.new")
    os.replace(f"{path}.new", path)


@pytest.mark.parametrize("kind", [*MADE_OF])
def test_a_file_of_which_an_image_is_made_must_not_change_while_it_is_read(
    kind: str, pair: Pair, tmp_path: Path
) -> None:
    ms, source = MADE_OF[kind](pair.ms, tmp_path)
    (tmp_path / "out").mkdir()
    for change in (replaced, other_contents):
        events = sharpen(pair.request(tmp_path / "out" / "o.tif", ms=(ms,), method="exp", tile_size=64, threads=1))
        until(events, 0.5)
        change(source)
        with pytest.raises(InputError, match=f"{source.name} was changed while it was read"):
            run(events)
        assert files_in(tmp_path / "out") == {}


def test_a_file_of_a_mosaic_that_is_cut_meanwhile_is_said(pair: Pair, tmp_path: Path) -> None:
    mosaic, strips = tiled(pair.pan, tmp_path / "t", 2)
    (tmp_path / "out").mkdir()
    events = sharpen(pair.request(tmp_path / "out" / "o.tif", pan=mosaic, method="exp", tile_size=64, threads=1))
    until(events, 0.3)
    os.truncate(strips[1], 300)
    with pytest.raises(InputError, match=r"was changed while it was read|cannot be read to its end"):
        run(events)
    assert files_in(tmp_path / "out") == {}


def test_a_file_of_a_mosaic_that_is_gone_is_never_taken_for_empty(pair: Pair, tmp_path: Path) -> None:
    mosaic, strips = tiled(pair.pan, tmp_path / "t", 8)
    (tmp_path / "out").mkdir()
    asked = pair.request(tmp_path / "out" / "o.tif", pan=mosaic, method="exp", tile_size=64, threads=1)
    run(sharpen(asked))
    whole = (tmp_path / "out" / "o.tif").read_bytes()
    events = sharpen(asked)
    until(events, 0.3)
    strips[-1].unlink()
    try:  # whether it was open already is GDAL's affair
        run(events)
    except InputError as error:
        assert "cannot be read to its end" in error.fact
    assert (tmp_path / "out" / "o.tif").read_bytes() == whole


# Many files


def test_one_of_many_files_that_changes_is_found_at_the_end_and_no_journal_stays(pair: Pair, tmp_path: Path) -> None:
    mosaic, strips = tiled(pair.pan, tmp_path / "t", 64)
    (tmp_path / "out").mkdir()
    asked = pair.request(tmp_path / "out" / "o.tif", pan=mosaic, method="exp", tile_size=64, threads=1, resume=True)
    events = sharpen(asked)
    until(events, 0.5)
    other_contents(strips[-1])
    with pytest.raises(InputError, match=r"063.tif was changed while it was read"):
        run(events)
    assert files_in(tmp_path / "out") == {}, "nobody knows which tiles are of which image"


def test_simulated_images_are_of_one_image_too(pair: Pair, tmp_path: Path) -> None:
    mosaic, strips = tiled(pair.pan, tmp_path / "t", 64)
    (tmp_path / "out").mkdir()
    names = {f"out_{name}": str(tmp_path / "out" / f"{name}.tif") for name in ("pan", "ms", "reference")}
    events = simulate(SimulateRequest(mosaic, (pair.ms,), **names, tile_size=64, threads=1))
    until(events, 0.3)
    other_contents(strips[-1])
    with pytest.raises(InputError, match=r"063.tif was changed while it was read"):
        run(events)
    assert files_in(tmp_path / "out") == {}


def test_many_files_are_looked_at_twice_and_few_of_them_with_each_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = rasters.write(tmp_path / "a.tif", np.ones((80, 8), np.uint16), rasters.north_up(1.0), 32633)
    mosaic, _ = tiled(path, tmp_path / "t", 80)
    facts = facts_of(mosaic)
    looks = [0]
    true = watch._version_of

    def counted(name: str) -> Any:
        looks[0] += 1
        return true(name)

    monkeypatch.setattr(watch, "_version_of", counted)
    reader = Reader(mosaic, facts.bands, None, "float32")
    assert looks == [81]
    reader.read(facts.grid.window)
    assert looks == [81 + 16]
    reader.check_unchanged()
    assert looks == [81 + 16 + 81]


# From one run to the next


@pytest.mark.parametrize("kind", [*MADE_OF])
def test_a_run_goes_on_only_where_all_that_its_images_are_made_of_is_as_it_was(
    kind: str, pair: Pair, tmp_path: Path
) -> None:
    ms, source = MADE_OF[kind](pair.ms, tmp_path)
    (tmp_path / "out").mkdir()
    asked = pair.request(tmp_path / "out" / "o.tif", ms=(ms,), method="exp", tile_size=64, threads=1, resume=True)
    for change, goes_on in ((lambda _: None, True), (replaced, False)):
        assert "are kept" in stopped(asked)
        change(source)
        notes: list[Event] = list(sharpen(asked))
        said = " ".join(str(getattr(note, "message", "")) for note in notes)
        assert ("Going on with an earlier run" in said) == goes_on
        assert ("This run begins anew" in said and source.name in said) != goes_on, said


def test_names_with_many_colons_cost_no_memory(tmp_path: Path) -> None:
    text = (
        '<VRTDataset rasterXSize="8" rasterYSize="8"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        f"<SourceFilename>{'a:' * 200_000}</SourceFilename><SourceBand>1</SourceBand>"
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    (tmp_path / "v.vrt").write_text(text)
    begun = time.monotonic()
    assert files_behind(str(tmp_path / "v.vrt")) == {os.path.realpath(tmp_path / "v.vrt")}
    assert time.monotonic() - begun < 2.0
