"""A model gets its name whole, and nothing that lies at the name of its part is written to or lost."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from engine.errors import OutputError
from engine.jobs.shelf import check_shelf, shelve
from tests.jobs.runs import files_in

MODEL = b"a model"


@pytest.fixture
def made(tmp_path: Path) -> str:
    (tmp_path / "made").write_bytes(MODEL)
    return str(tmp_path / "made")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "m.safetensors"


@pytest.mark.skipif(sys.platform == "win32", reason="its links and pipes are of another kind")
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
def test_a_link_in_the_way_goes_and_what_it_leads_to_stays_as_it_is(
    there: bool, made: str, out: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    if there:
        precious.write_bytes(b"precious")
    Path(f"{out}.part").symlink_to(precious)
    check_shelf(str(out))
    shelve(made, str(out), kept=True)
    assert files_in(out.parent) == {out.name: MODEL} and not out.is_symlink()
    assert (precious.read_bytes() == b"precious") if there else not precious.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="its links and pipes are of another kind")
def test_a_pipe_in_the_way_is_not_waited_for(made: str, out: Path) -> None:
    os.mkfifo(f"{out}.part")
    shelving = threading.Thread(target=shelve, args=(made, str(out), True), daemon=True)
    shelving.start()
    shelving.join(10.0)
    assert not shelving.is_alive() and files_in(out.parent) == {out.name: MODEL}


def test_a_folder_in_the_way_is_named_before_the_work_and_stays(out: Path) -> None:
    part = Path(f"{out}.part")
    part.mkdir()
    (part / "kept").write_text("mine")
    with pytest.raises(OutputError) as caught:
        check_shelf(str(out))
    assert f"{part} is in the way" in caught.value.fact and "Move that folder away" in caught.value.remedy
    assert (part / "kept").read_text() == "mine"


def test_what_was_there_before_is_replaced(made: str, out: Path) -> None:
    out.write_bytes(b"older")
    Path(f"{out}.part").write_bytes(b"left by a run that was killed, and longer than a model")
    shelve(made, str(out), kept=False)
    assert files_in(out.parent) == {out.name: MODEL}
