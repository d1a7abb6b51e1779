"""Results that belong together: all get their names or none does, and older ones stay where none does."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Interrupted, OutputError
from engine.grid.window import Window
from engine.raster.together import Together
from engine.raster.writer import BandProfile, Encoded, Profile
from tests import rasters

PROFILE = Profile(8, 8, None, "", "uint8", None, (BandProfile("", "Undefined", 1.0, 0.0, ()),), ())


def begun(folder: Path, *names: str) -> Together:
    results = Together([(str(folder / name), PROFILE) for name in names])
    for index in range(len(names)):
        results.write(index, Window(0, 0, 8, 8), Encoded(np.full((1, 8, 8), index + 1, np.uint8), 0, 64))
    return results


def test_all_get_their_names_at_the_end(tmp_path: Path) -> None:
    results = begun(tmp_path, "a.tif", "b.tif", "c.tif")
    assert sorted(os.listdir(tmp_path)) == ["a.tif.part", "b.tif.part", "c.tif.part"]
    results.finish()
    results.discard()
    assert sorted(os.listdir(tmp_path)) == ["a.tif", "b.tif", "c.tif"]
    assert [rasters.read(tmp_path / name)[0, 0, 0] for name in ("a.tif", "b.tif", "c.tif")] == [1, 2, 3]


def test_older_files_of_these_names_are_replaced(tmp_path: Path) -> None:
    rasters.write(tmp_path / "b.tif", np.full((1, 4, 4), 9, np.uint8))
    begun(tmp_path, "a.tif", "b.tif").finish()
    assert sorted(os.listdir(tmp_path)) == ["a.tif", "b.tif"]
    assert rasters.read(tmp_path / "b.tif").shape == (1, 8, 8)


def test_nothing_is_left_when_one_cannot_be_begun(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="There is no folder"):
        Together([(str(tmp_path / "a.tif"), PROFILE), (str(tmp_path / "absent" / "b.tif"), PROFILE)])
    assert os.listdir(tmp_path) == []


def test_nothing_is_left_when_it_is_stopped(tmp_path: Path) -> None:
    results = begun(tmp_path, "a.tif", "b.tif")
    with pytest.raises(Interrupted):
        results.finish(lambda: False)
    results.discard()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("fails", ["put aside", "renamed"])
def test_where_the_last_cannot_be_replaced_all_older_ones_stay(
    fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.tif", "c.tif"):
        rasters.write(tmp_path / name, np.full((1, 4, 4), 9, np.uint8))
    before = {name: (tmp_path / name).read_bytes() for name in ("a.tif", "c.tif")}
    results = begun(tmp_path, "a.tif", "b.tif", "c.tif")
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        if os.path.basename(source if fails == "put aside" else target) == "c.tif" and ".older" not in source:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError, match=r"c\.tif cannot be replaced"):
        results.finish()
    results.discard()
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
