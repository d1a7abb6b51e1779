"""A folder gets its name once it is whole; what is not ours is left alone, and what a killed run left goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import OutputError
from engine.jobs.samples.newfolder import NewFolder, check_room


def test_a_folder_gets_its_name_when_it_is_finished_and_not_before(tmp_path: Path) -> None:
    out = tmp_path / "set"
    with NewFolder(str(out)) as folder:
        (folder.path / "a.txt").write_text("a")
        assert not out.exists()
        folder.finish()
    assert [path.name for path in out.iterdir()] == ["a.txt"] and list(tmp_path.iterdir()) == [out]


def test_of_a_folder_that_is_not_finished_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(KeyError), NewFolder(str(tmp_path / "set")) as folder:
        (folder.path / "deep").mkdir()
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_an_empty_folder_is_replaced_and_one_that_was_filled_meanwhile_is_not(tmp_path: Path) -> None:
    out = tmp_path / "set"
    out.mkdir()
    with NewFolder(str(out)) as folder:
        folder.finish()
    assert not list(out.iterdir())
    with pytest.raises(OutputError, match="not empty"), NewFolder(str(out)) as folder:
        (out / "theirs").touch()
        folder.finish()
    assert [path.name for path in tmp_path.rglob("*")] == ["set", "theirs"]


def test_what_a_killed_run_left_is_removed_and_what_somebody_else_has_is_not(tmp_path: Path) -> None:
    part = tmp_path / "set.part"
    (part / "training").mkdir(parents=True)
    (part / "unfinished").touch()
    with NewFolder(str(tmp_path / "set")) as folder:
        assert not (part / "training").exists()
        folder.finish()
    other = tmp_path / "other.part"
    other.mkdir()
    (other / "thesis.txt").touch()
    with pytest.raises(OutputError, match="in the way"):
        NewFolder(str(tmp_path / "other"))
    assert (other / "thesis.txt").exists()


def test_two_runs_do_not_write_one_folder(tmp_path: Path) -> None:
    with NewFolder(str(tmp_path / "set")) as folder:
        with pytest.raises(OutputError, match="Another run is writing"):
            NewFolder(str(tmp_path / "set"))
        folder.finish()
    assert (tmp_path / "set").is_dir()


def test_a_name_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="no folder"):
        NewFolder(str(tmp_path / "file"))
    with pytest.raises(OutputError, match="There is no folder"):
        NewFolder(str(tmp_path / "none" / "set"))


def test_too_little_room_is_told_in_megabytes(tmp_path: Path) -> None:
    check_room(str(tmp_path), 1, "Samples")
    with pytest.raises(OutputError, match=r"Samples need 1000000000.0 GB, and .* has .* free"):
        check_room(str(tmp_path), 10**18, "Samples")
