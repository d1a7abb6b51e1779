"""Folders are searched for pairs by their names, each found once, hidden and foreign files passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InputError, Interrupted
from engine.jobs.samples.searching import Found, search


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*folders: Path) -> Found:
    return search([str(folder) for folder in folders], lambda: True)


def test_pairs_are_found_by_name_in_a_folder_and_below(tmp_path: Path) -> None:
    touch(tmp_path / "pan.tif", tmp_path / "ms.tif", tmp_path / "clouds.tif", tmp_path / "readme.txt")
    touch(tmp_path / "b" / "x_PAN.TIF", tmp_path / "b" / "x_ms.tif", tmp_path / "b" / "y_pan.tif")
    touch(tmp_path / "b" / "c" / "z-pan.tiff", tmp_path / "b" / "c" / "z-MUL.tif", tmp_path / "b" / "train.H5")
    there = found(tmp_path)
    names = [tuple(Path(name).name for name in (pair.pan, *pair.ms)) for pair in there.pairs]
    assert names == [("pan.tif", "ms.tif"), ("x_PAN.TIF", "x_ms.tif"), ("z-pan.tiff", "z-MUL.tif")]
    assert [pair.clouds for pair in there.pairs] == [str(tmp_path / "clouds.tif"), None, None]
    assert there.h5 == (str(tmp_path / "b" / "train.H5"),)


def test_a_pan_goes_with_the_ms_of_its_own_name_alone(tmp_path: Path) -> None:
    touch(tmp_path / "a_pan.tif", tmp_path / "b_ms.tif", tmp_path / "japan.tif", tmp_path / "jms.tif")
    with pytest.raises(InputError, match="holds nothing to learn from"):
        found(tmp_path)


def test_each_pair_is_found_once_and_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    touch(
        tmp_path / "a" / "pan.tif",
        tmp_path / "a" / "ms.tif",
        tmp_path / ".old" / "pan.tif",
        tmp_path / ".old" / "ms.tif",
    )
    deep = tmp_path.joinpath("b", *"123456")
    touch(deep / "pan.tif", deep / "ms.tif")
    assert len(found(tmp_path).pairs) == 1
    with pytest.raises(InputError, match="that others do not"):
        found(tmp_path, tmp_path / "a")


def test_a_folder_that_is_none_is_refused_and_a_search_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        found(tmp_path / "none")
    with pytest.raises(Interrupted):
        search([str(tmp_path)], lambda: False)
    assert found() == Found((), ())
