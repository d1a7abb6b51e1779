"""The result is whole or not there, and nothing is left beside it."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import Interrupted, OutputError
from engine.grid.window import Window
from engine.raster.writer import Writer, check_writable, encode
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
