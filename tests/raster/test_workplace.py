"""Folders for images that wait: new, gone afterwards, and tidied after jobs that were killed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from engine.errors import OutputError
from engine.raster.workplace import workplace


def age(place: Path) -> None:
    past = time.time() - 3600.0
    os.utime(place, (past, past))


def test_the_folder_is_there_while_it_is_needed_and_gone_afterwards(tmp_path: Path) -> None:
    with workplace(str(tmp_path)) as place:
        (Path(place) / "image.tif").write_bytes(b"pixels")
        assert Path(place).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_an_error_inside_removes_the_folder_too(tmp_path: Path) -> None:
    with pytest.raises(KeyError), workplace(str(tmp_path)):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_killed_job_goes_with_the_next_one(tmp_path: Path) -> None:
    left = tmp_path / "ksdiff_work_killed"
    left.mkdir()
    (left / "sharp.tif").write_bytes(b"pixels")
    age(left)
    with workplace(str(tmp_path)) as place:
        assert [path.name for path in tmp_path.iterdir()] == [os.path.basename(place)]


def test_the_folder_of_a_job_at_work_stays(tmp_path: Path) -> None:
    with workplace(str(tmp_path)) as first:
        age(Path(first))
        with workplace(str(tmp_path)):
            assert os.path.isdir(first)


def test_folders_of_others_and_young_ones_stay(tmp_path: Path) -> None:
    others, young = tmp_path / "ksdiff", tmp_path / "ksdiff_work_young"
    for folder in (others, young):
        folder.mkdir()
    age(others)
    with workplace(str(tmp_path)):
        pass
    assert others.is_dir() and young.is_dir()


def test_where_there_can_be_no_folder_a_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no place for temporary files"), workplace(str(tmp_path / "none")):
        pass
