"""A finished environment is known by its marker; one run at a time makes any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.environment.managed import MARKER, finished, locked, mark, marker
from engine.environment.pythons import inside
from engine.errors import OutputError

ROOT = Path(__file__).resolve().parents[2]
HOLD = (
    "import sys, time\n"
    "from engine.environment.managed import locked\n"
    "with locked(sys.argv[1]):\n"
    "    print('held', flush=True); time.sleep(60)"
)


def environment(folder: Path) -> Path:
    program = Path(inside(str(folder)))
    program.parent.mkdir(parents=True)
    program.touch()
    return folder


def test_what_has_no_marker_is_not_finished(tmp_path: Path) -> None:
    folder = environment(tmp_path / "env")
    assert marker(str(folder)) is None and finished(str(tmp_path)) == []
    mark(str(folder), {"digest": "abc"})
    assert (marker(str(folder)) or {})["digest"] == "abc"
    assert finished(str(tmp_path)) == [inside(str(folder))]


@pytest.mark.parametrize("text", ["", "[]", '{"half": '])
def test_a_damaged_marker_is_none(text: str, tmp_path: Path) -> None:
    folder = environment(tmp_path / "env")
    (folder / MARKER).write_text(text)
    assert marker(str(folder)) is None


def test_a_marker_without_a_python_is_none(tmp_path: Path) -> None:
    folder = environment(tmp_path / "env")
    mark(str(folder), {})
    os.remove(inside(str(folder)))
    assert marker(str(folder)) is None


def test_the_newest_comes_first_and_what_is_put_aside_never(tmp_path: Path) -> None:
    for name in ("b", "a", "c.old"):
        mark(str(environment(tmp_path / name)), {})
    assert finished(str(tmp_path)) == [inside(str(tmp_path / "a")), inside(str(tmp_path / "b"))]


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert finished(str(tmp_path / "none")) == []


def test_a_second_run_is_kept_out_until_the_first_has_ended_however_it_ends(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with (
        pytest.raises(OutputError, match=rf"Another set-up is under way .*\(process {holder.pid}, since 20"),
        locked(str(tmp_path)),
    ):
        pass
    holder.kill()
    holder.communicate()
    with locked(str(tmp_path)):
        pass


def test_a_lock_file_of_nonsense_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "setup.lock").write_bytes(b"\xff\xfe")
    with locked(str(tmp_path)):
        pass
