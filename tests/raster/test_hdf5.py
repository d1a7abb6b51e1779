"""Arrays inside HDF5 files: what GDAL reads is what h5py wrote, and bad files get a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest
from osgeo import gdal

from engine.errors import InputError
from engine.raster.hdf5 import h5_arrays


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train ä.h5"
    random = np.random.default_rng(1)
    with h5py.File(path, "w") as opened:
        opened["gt"] = random.normal(500.0, 100.0, (7, 4, 16, 16))
        opened["pan"] = random.integers(0, 2047, (7, 1, 16, 16)).astype(np.float32)
    return path


@pytest.fixture(params=[False, True], ids=["apart", "here"])
def here(request: pytest.FixtureRequest) -> bool:
    """Whether this process reads."""
    return bool(request.param)


def test_every_part_of_an_array_is_read_as_it_was_written(here: bool, file: Path) -> None:
    arrays = h5_arrays(str(file), here)
    assert set(arrays) == {"gt", "pan"}
    with h5py.File(file) as opened:
        for name in arrays:
            assert arrays[name].shape == opened[name].shape
            for part in (slice(0, 7), slice(2, 5), slice(6, 99), slice(3, 3)):
                read = arrays[name][part]
                assert np.array_equal(read, opened[name][part]), (name, part)
                assert read.dtype == opened[name].dtype


def test_the_types_of_the_numbers_are_those_of_the_file(here: bool, tmp_path: Path) -> None:
    written = {kind: np.array([[0, 1, 100], [2, 3, 127]], kind) for kind in ("u1", "<u2", "<i2", "<i4", "<u4", "<f4")}
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        for kind, values in written.items():
            opened[kind] = values
    for kind, array in h5_arrays(str(tmp_path / "a.h5"), here).items():
        read = array[0:2]
        assert read.dtype == written.pop(kind).dtype and read.tolist() == [[0, 1, 100], [2, 3, 127]]
    assert not written


def test_arrays_whose_name_is_no_text_are_left_out(here: bool, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        for name in (b"pan", "größe".encode(), b"\xffms"):
            opened[name] = np.ones((2, 3))
    arrays = h5_arrays(str(tmp_path / "a.h5"), here)
    assert set(arrays) == {"pan", "größe"} and arrays["größe"][0:2].sum() == 6.0


def test_an_array_of_no_numbers_gets_a_sentence_when_it_is_read(here: bool, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        opened["words"] = np.array([b"one", b"two"])
        opened["pairs"] = np.zeros(2, [("x", "f8"), ("y", "i4")])
        opened["pan"] = np.ones(2)
    arrays = h5_arrays(str(tmp_path / "a.h5"), here)
    for name in ("words", "pairs"):
        with pytest.raises(InputError, match=rf"cannot be read to its end \({name} holds no numbers\)"):
            arrays[name][0:2]
    assert arrays["pan"][0:2].tolist() == [1.0, 1.0]  # the others can still be read


def test_an_array_that_claims_more_than_any_memory_holds_is_refused_unread(here: bool, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        opened.create_dataset("pan", (1 << 20, 1 << 20), "f8", chunks=(1, 1024))
    array = h5_arrays(str(tmp_path / "a.h5"), here)["pan"]
    with pytest.raises(InputError, match=r"claims arrays of .* too large to read"):
        array[0:1024]
    assert array[9:10].sum() == 0.0


def test_a_file_in_the_memory_of_this_process_is_read(file: Path) -> None:
    name = f"/vsimem/{file.name}"
    gdal.FileFromMemBuffer(name, file.read_bytes())
    try:
        arrays = h5_arrays(name)
        with h5py.File(file) as opened:
            assert np.array_equal(arrays["pan"][0:7], opened["pan"])
        del arrays
    finally:
        gdal.Unlink(name)


@pytest.mark.parametrize("content", [b"", b"no HDF5 at all", b"\x89HDF\r\n\x1a\n" + b"\x00" * 40])
def test_a_file_of_another_kind_gets_a_sentence(content: bytes, here: bool, tmp_path: Path) -> None:
    path = tmp_path / "train.h5"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be opened as an HDF5 file"):
        h5_arrays(str(path), here)


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        h5_arrays(str(tmp_path / "none.h5"))


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(InputError, match="is no file"):
        h5_arrays(str(tmp_path / "pipe.h5"))


def test_a_file_that_ends_too_early_gets_a_sentence(here: bool, file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(InputError):
        h5_arrays(str(file), here)["pan"][0:7]
