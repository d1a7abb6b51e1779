"""What stands at the names that are written to first: it is named before the work, and stays."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from engine.errors import OutputError
from engine.raster.aside import check_parts
from engine.raster.documents import check_nameable
from engine.raster.writer import check_writable
from tests.raster.results import profile


def result(path: str, **changes: Any) -> None:
    check_writable(path, profile(**changes))


# What is asked for, and the ending of the folder in its way.
CASES = [
    ("o.tif", ".part", result),
    ("o.tif", ".cog.part", lambda path: result(path, cloud_optimised=True)),
    ("o.tif", ".part", lambda path: result(path, cloud_optimised=True)),
    ("o.tif", ".part.journal", lambda path: check_writable(path, profile(), journal=True)),
    ("r.html", ".part", lambda path: check_nameable(path, (".html",))),
]


@pytest.mark.parametrize(("name", "ending", "check"), CASES)
def test_a_folder_in_the_way_of_what_is_written_first_is_named(
    name: str, ending: str, check: Any, tmp_path: Path
) -> None:
    check(str(tmp_path / name))
    (tmp_path / (name + ending)).mkdir()
    with pytest.raises(OutputError) as caught:
        check(str(tmp_path / name))
    assert f"{tmp_path / (name + ending)} is in the way (Is a directory)" in caught.value.fact
    assert caught.value.remedy == "Move that folder away, or choose another name."


def test_a_folder_is_no_hindrance_at_a_name_that_is_not_needed(tmp_path: Path) -> None:
    for ending in (".cog.part", ".part.journal"):
        (tmp_path / f"o.tif{ending}").mkdir()
    result(str(tmp_path / "o.tif"))


@pytest.mark.skipif(sys.platform == "win32", reason="its links are of another kind")
def test_a_link_to_a_folder_is_none_as_it_will_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "o.tif.part").symlink_to(tmp_path / "folder")
    check_parts(str(tmp_path / "o.tif"), (".part",))
