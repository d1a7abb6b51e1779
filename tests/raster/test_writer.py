"""The result is whole or not there, and nothing is left beside it."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import Interrupted, OutputError, RequestError
from engine.grid.tiling import tiles
from engine.grid.window import Window
from engine.raster.writer import Writer, check_writable, encode
from tests import rasters
from tests.limits import small_files
from tests.raster.results import HEIGHT, WIDTH, make, names, pixels, profile

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


# Before anything is written


def disk(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(10**12, 10**12 - free, free))


@pytest.mark.parametrize(
    ("change", "share"), [({}, 1.0), ({"overviews": True}, 4 / 3), ({"cloud_optimised": True}, 7 / 3)]
)
def test_a_disk_too_small_is_noticed_before_anything_is_written(
    change: dict[str, Any], share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = profile(**change)
    needed = math.floor(HEIGHT * WIDTH * 3 * 2 * share)
    disk(monkeypatch, needed + 1)
    check_writable(str(tmp_path / "o.tif"), wanted)
    disk(monkeypatch, needed - 1)
    with pytest.raises(OutputError, match=r"620 x 700 pixels and 3 bands needs up to \d.*MB.*free"):
        Writer(str(tmp_path / "o.tif"), wanted)
    assert names(tmp_path) == []


def test_the_sizes_in_the_message_are_in_units_for_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk(monkeypatch, 5_000)
    with pytest.raises(OutputError, match=r"267\.0 GB.*5 kB free"):
        check_writable(str(tmp_path / "o.tif"), profile(1, height=10_000, width=13_350_000))


@pytest.mark.parametrize("name", ["o.png", "o", "o.tif.zip"])
def test_the_result_is_a_geotiff_and_must_be_named_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"does not end in \.tif"):
        check_writable(str(tmp_path / name), profile())


@pytest.mark.parametrize("name", ["o.tif", "o.TIF", "o.tiff"])
def test_the_extension_may_be_spelled_as_people_do(name: str, tmp_path: Path) -> None:
    check_writable(str(tmp_path / name), profile())


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="There is no folder"):
        Writer(str(tmp_path / "absent" / "o.tif"), profile())


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="There is no folder"):
        Writer(str(tmp_path / "file" / "o.tif"), profile())


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "o.tif").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        Writer(str(tmp_path / "o.tif"), profile())


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # whoever runs this may be allowed everything
    with pytest.raises(OutputError, match="may not be written"):
        Writer(str(tmp_path / "o.tif"), profile())


@pytest.mark.parametrize("how", ["itself", "link", "virtual", "inside"])
def test_a_result_that_would_replace_what_an_input_reads_is_refused(how: str, tmp_path: Path) -> None:
    path = rasters.write(tmp_path / "a.tif", np.ones((1, 4, 4), np.uint8), rasters.north_up(1.0), rasters.EPSG)
    before = Path(path).read_bytes()
    asked = {"itself": path, "inside": f"GTIFF_DIR:1:{path}"}.get(how, str(tmp_path / "b.vrt"))
    if how == "link":
        asked = str(tmp_path / "b.tif")
        os.link(path, asked)
    elif how == "virtual":
        gdal.BuildVRT(asked, [path])
    with pytest.raises(OutputError, match=r"a\.tif holds data that is an input\. Choose another name"):
        check_writable(path, profile(), [str(tmp_path / "other.tif"), asked])
    assert Path(path).read_bytes() == before
    check_writable(str(tmp_path / "c.tif"), profile(), [asked])
    check_writable(path, profile(), [])


def test_a_result_whose_sidecars_an_input_reads_is_refused(tmp_path: Path) -> None:
    rasters.write(tmp_path / "a.tif", np.ones((1, 4, 4), np.uint8), rasters.north_up(1.0), rasters.EPSG)
    mask = rasters.write(tmp_path / "o.tif.msk", np.ones((1, 4, 4), np.uint8))
    with pytest.raises(OutputError, match="holds data that is an input"):
        check_writable(str(tmp_path / "o.tif"), profile(), [mask])
    (tmp_path / "a.tfw").write_text("1\n0\n0\n-1\n0\n0\n")
    (tmp_path / "a.tif").rename(tmp_path / "a.tiff")
    wanted = tmp_path / "a.tif"
    inputs = [rasters.write(tmp_path / "a.tiff", np.ones((1, 4, 4), np.uint8))]
    check_writable(str(wanted), profile(), inputs)
    with pytest.raises(OutputError, match="holds data that is an input"):
        check_writable(str(wanted), profile(options=("TFW=YES",)), inputs)


def test_creation_options_are_checked_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="COMPRES"):
        Writer(str(tmp_path / "o.tif"), profile(options=("COMPRES=LZW",)))
    assert names(tmp_path) == []


# One run at a time


@pytest.mark.parametrize("change", [{}, {"overviews": True}, {"cloud_optimised": True}])
def test_a_second_run_on_one_name_is_refused_and_the_first_is_whole(change: dict[str, Any], tmp_path: Path) -> None:
    wanted, path = profile(**change), str(tmp_path / "o.tif")
    whole = encode(pixels(), None, wanted)
    first = Writer(path, wanted)

    def another(_ended: bool = False) -> bool:
        with pytest.raises(OutputError, match=r"Another run is writing .*o\.tif\. Wait for it, or choose another name"):
            Writer(path, wanted)
        return True

    another()
    first.write(Window(0, 0, HEIGHT, WIDTH), whole)
    another()
    first.finish(another)
    np.testing.assert_array_equal(rasters.read(tmp_path / "o.tif"), whole.array)
    second = Writer(path, wanted)  # its name is free again
    second.discard()
    Writer(path, wanted).discard()
    np.testing.assert_array_equal(rasters.read(tmp_path / "o.tif"), whole.array)
    assert names(tmp_path) == ["o.tif"]


def test_another_process_is_kept_out_and_what_a_killed_one_left_is_no_hindrance(
    tmp_path: Path,
) -> None:
    code = (
        "import sys, time; from tests.raster.results import *\n"
        "writer = Writer(sys.argv[1], profile()); print('begun', flush=True); time.sleep(60)"
    )
    path = tmp_path / "o.tif"
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        with pytest.raises(OutputError, match="Another run is writing"):
            Writer(str(path), profile())
    finally:
        process.kill()
        process.communicate()
    assert "o.tif.part" in names(tmp_path)
    make(path, profile())
    assert names(tmp_path) == ["o.tif"]


def test_a_readable_image_that_a_killed_run_left_does_not_let_two_runs_in(tmp_path: Path) -> None:
    rasters.write(tmp_path / "o.tif.part", np.ones((1, 4, 4), np.uint8))
    first = Writer(str(tmp_path / "o.tif"), profile())
    with pytest.raises(OutputError, match="Another run is writing"):
        Writer(str(tmp_path / "o.tif"), profile())
    first.discard()
    assert names(tmp_path) == []


def test_tiles_smaller_than_blocks_leave_no_gaps_in_the_file(tmp_path: Path) -> None:
    wanted = profile(1, height=1100, width=1100)
    noise = np.random.default_rng(1).uniform(0, 65535, (1, 1100, 1100)).astype(np.float32)
    for name, sizes in (("blocks.tif", (512, 512)), ("parts.tif", (512, 200))):
        writer = Writer(str(tmp_path / name), wanted)
        for block in tiles(Window(0, 0, 1100, 1100), sizes[0]):
            for tile in tiles(block, sizes[1]):
                rows, cols = tile.slices_in(Window(0, 0, 1100, 1100))
                writer.write(tile, encode(noise[:, rows, cols].copy(), None, wanted))
        writer.finish()
    assert (tmp_path / "parts.tif").read_bytes() == (tmp_path / "blocks.tif").read_bytes()


# Whole or not there


def test_the_result_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    writer = Writer(str(tmp_path / "o.tif"), profile())
    assert names(tmp_path) == ["o.tif.part"]
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(), None, profile()))
    assert names(tmp_path) == ["o.tif.part"]
    writer.finish()
    assert names(tmp_path) == ["o.tif"]


def test_an_older_result_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "o.tif"
    path.write_bytes(b"older")
    writer = Writer(str(path), profile())
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(), None, profile()))
    assert path.read_bytes() == b"older"
    writer.discard()
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == ["o.tif"]


def test_what_described_the_older_result_goes_with_it(tmp_path: Path) -> None:
    for name in ("o.tif", "o.tif.aux.xml", "o.tif.ovr", "o.tif.msk", "other.tif.ovr"):
        (tmp_path / name).write_text("older")
    make(tmp_path / "o.tif", profile())
    assert names(tmp_path) == ["o.tif", "other.tif.ovr"]


@pytest.mark.parametrize("change", [{}, {"overviews": True}, {"cloud_optimised": True}])
def test_a_discarded_result_leaves_nothing(change: dict[str, Any], tmp_path: Path) -> None:
    wanted = profile(**change, metadata=(("IMD", "x", "1"),))
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    writer.write(Window(0, 0, 50, 50), encode(pixels()[:, :50, :50], None, wanted))
    writer.discard()
    assert names(tmp_path) == []
    writer.discard()  # twice does no harm


def test_discarding_after_the_end_does_not_touch_the_result(tmp_path: Path) -> None:
    wanted = profile(1, options=("PROFILE=GeoTIFF",), metadata=(("", "NOTE", "x"),))
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(1), None, wanted))
    writer.finish()
    before = names(tmp_path)
    writer.discard()
    assert names(tmp_path) == before == ["o.tif", "o.tif.aux.xml"]


@pytest.mark.parametrize("change", [{}, {"overviews": True}, {"cloud_optimised": True}])
@pytest.mark.parametrize("patience", [0, 1])
def test_stopping_in_the_last_steps_leaves_nothing(change: dict[str, Any], patience: int, tmp_path: Path) -> None:
    wanted = profile(**change)
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(), None, wanted))
    asked = iter([True] * patience)
    with pytest.raises(Interrupted):
        writer.finish(lambda: next(asked, False) if change or not patience else False)
    assert names(tmp_path) == []


def test_a_result_that_cannot_be_renamed_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_source: str, _target: str) -> None:
        raise PermissionError(13, "Permission denied")

    writer = Writer(str(tmp_path / "o.tif"), profile())
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(), None, profile()))
    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(OutputError, match="Close it where it is open"):
        writer.finish()
    assert names(tmp_path) == []


@pytest.mark.parametrize("change", [{}, {"cloud_optimised": True}, {"options": ("TFW=YES",)}])
@pytest.mark.parametrize("end", ["finish", "discard", "killed"])
def test_files_of_others_under_names_that_gdal_uses_stay_as_they_are(
    change: dict[str, Any], end: str, tmp_path: Path
) -> None:
    others = ["o.tif.IMD", "o.tif.cog.IMD", "o.tif.tfw"]
    for name in others:
        (tmp_path / name).write_text(name)
    wanted = profile(1, metadata=(("IMD", "IMAGE_1.satId", "WV03"),), **change)
    writer = Writer(str(tmp_path / "o.tif"), wanted)
    writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(1), None, wanted))
    if end == "killed":
        writer._dataset.FlushCache()
        writer._claim.close()  # as the system does it for a process that has gone
        writer = Writer(str(tmp_path / "o.tif"), wanted)
        writer.write(Window(0, 0, HEIGHT, WIDTH), encode(pixels(1), None, wanted))
    (writer.discard if end == "discard" else writer.finish)()
    writer.discard()
    written = {"finish": ["o.tif"], "killed": ["o.tif"], "discard": []}[end]
    assert names(tmp_path) == sorted(others + written + (["o.tfw"] if written and "options" in change else []))
    assert [(tmp_path / name).read_text() for name in others] == others


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
@pytest.mark.parametrize(("count", "change"), [(2, {}), (1, {"overviews": True}), (1, {"cloud_optimised": True})])
@pytest.mark.parametrize("switch", [gdal.UseExceptions, gdal.DontUseExceptions])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # GDAL raises from a destructor too
def test_a_file_that_could_not_be_written_is_closed_without_a_word_before_it_is_removed(
    count: int, change: dict[str, Any], switch: Any, tmp_path: Path,
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    open_at_removal: list[int] = []
    remove = os.remove

    def watched(path: str) -> None:
        links = [os.path.join("/proc/self/fd", number) for number in os.listdir("/proc/self/fd")]
        open_at_removal.append(sum(os.readlink(link) == path for link in links if os.path.lexists(link)))
        remove(path)

    values = np.random.default_rng(1).uniform(0, 1024, (count, 480, 620)).astype(np.float32)
    wanted = profile(count, height=480, width=620, **change)
    before = gdal.GetUseExceptions()
    switch()
    try:
        writer = Writer(str(tmp_path / "o.tif"), wanted)
        monkeypatch.setattr(os, "remove", watched)
        with small_files(300_000), pytest.raises(OutputError, match=r"o\.tif could not be "):
            writer.write(Window(0, 0, 480, 620), encode(values, None, wanted))
            writer.finish()
    finally:
        (gdal.UseExceptions if before else gdal.DontUseExceptions)()
    assert capfd.readouterr().err == ""
    assert max(open_at_removal) <= 1, "the claim alone"
    assert names(tmp_path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where the machine lets us have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("count", "change"),
    [(2, {}), (3, {"overviews": True}), (3, {"cloud_optimised": True}), (1, {"overviews": True}),
     (1, {"cloud_optimised": True})],
)  # fmt: skip
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("switch", [gdal.UseExceptions, gdal.DontUseExceptions])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # GDAL raises from a destructor too
def test_a_disk_that_fills_up_is_an_error_and_leaves_nothing(
    count: int, change: dict[str, Any], threads: int, switch: Any, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Noise does not compress: one band fits, and what comes after the pixels does not; more bands do not fit at all.
    disk(monkeypatch, 10**9)
    wanted = profile(count, threads=threads, **change)
    values = np.random.default_rng(1).uniform(0, 65535, (count, HEIGHT, WIDTH)).astype(np.float32)
    before = gdal.GetUseExceptions()
    switch()
    try:
        with pytest.raises(OutputError, match=r"o\.tif could not be .*free space"):
            writer = Writer(str(small_disk / "o.tif"), wanted)
            for row in range(0, HEIGHT, 100):
                part = values[:, row : row + 100]
                writer.write(Window(row, 0, *part.shape[1:]), encode(part.copy(), None, wanted))
            writer.finish()
    finally:
        (gdal.UseExceptions if before else gdal.DontUseExceptions)()
    assert names(small_disk) == []
