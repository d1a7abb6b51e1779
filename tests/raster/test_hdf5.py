"""Arrays inside HDF5 files: what GDAL reads is what h5py wrote, and bad files get a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

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


def test_every_part_of_an_array_is_read_as_it_was_written(file: Path) -> None:
    arrays = h5_arrays(str(file))
    assert set(arrays) == {"gt", "pan"}
    with h5py.File(file) as opened:
        for name in arrays:
            assert arrays[name].shape == opened[name].shape
            for part in (slice(0, 7), slice(2, 5), slice(6, 99), slice(3, 3)):
                read = arrays[name][part]
                assert np.array_equal(read, opened[name][part]), (name, part)
                assert read.dtype == opened[name].dtype


@pytest.mark.parametrize("content", [b"", b"no HDF5 at all", b"\x89HDF\r\n\x1a\n" + b"\x00" * 40])
def test_a_file_of_another_kind_gets_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "train.h5"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be opened as an HDF5 file"):
        h5_arrays(str(path))


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        h5_arrays(str(tmp_path / "none.h5"))


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(InputError, match="is no file"):
        h5_arrays(str(tmp_path / "pipe.h5"))


def test_a_file_that_ends_too_early_gets_a_sentence(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(InputError):
        h5_arrays(str(file))["pan"][0:7]
