"""A child process is heard line by line, never waited for in silence, and killed with its own children."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Optional

import pytest

from engine.environment.child import _LONGEST_LINE, _outside, cleaned, lines, shown

ENVIRONMENT = dict(os.environ)


def said(code: str, **options: Any) -> tuple[list[str], int]:
    talk = lines([sys.executable, "-c", code], cleaned(ENVIRONMENT, own=True), **options)
    heard: list[str] = []
    while True:
        try:
            line = next(talk)
        except StopIteration as end:
            return heard, end.value
        if line:
            heard.append(line)


def test_both_streams_are_heard_and_the_exit_code_comes_back() -> None:
    code = "import sys; print('öne'); sys.stderr.write('two\\n'); sys.exit(3)"
    heard, ended = said(code)
    assert sorted(heard) == ["two", "öne"] and ended == 3


def test_a_silent_program_leaves_a_sign_of_life_every_tenth_of_a_second() -> None:
    begun = time.monotonic()
    beats = list(lines([sys.executable, "-c", "import time; time.sleep(0.5)"], cleaned(ENVIRONMENT, own=True)))
    assert set(beats) == {None}
    assert len(beats) >= (time.monotonic() - begun) / 0.2


def test_a_program_that_closes_its_output_is_still_waited_for() -> None:
    heard, ended = said("import os, time; os.close(1); os.close(2); time.sleep(0.2); os._exit(5)")
    assert heard == [] and ended == 5


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    heard, _ = said(f"print('x' * {3 * _LONGEST_LINE})")
    assert [len(line) for line in heard] == [_LONGEST_LINE] * 3


def test_a_program_that_takes_too_long_is_stopped() -> None:
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        said("import time; time.sleep(60)", limit_s=0.3)
    assert time.monotonic() - begun < 2


def test_a_program_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        list(lines([str(tmp_path / "none")], ENVIRONMENT))


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_closing_kills_the_program_and_its_children_within_a_second(tmp_path: Path) -> None:
    child = tmp_path / "child"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(child)!r}, 'w').write(str(child.pid)); print('ready'); time.sleep(60)"
    )
    talk: Generator[Optional[str], None, int] = lines([sys.executable, "-c", code], cleaned(ENVIRONMENT, own=True))
    while next(talk) != "ready":
        pass
    begun = time.monotonic()
    talk.close()
    assert time.monotonic() - begun < 1
    assert not _runs(int(child.read_text()))


def _runs(process: int) -> bool:
    for _ in range(50):  # a killed orphan is there until the first process has noticed
        try:
            with open(f"/proc/{process}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return False
        except OSError:
            return False
        time.sleep(0.02)
    return True


def test_it_starts_in_an_empty_folder_where_nothing_shadows_a_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    heard, ended = said("import json, os; print(os.listdir('.'))")
    assert heard == ["[]"] and ended == 0


def test_what_would_mislead_another_python_is_taken_away() -> None:
    given = {"PATH": "/bin", "PYTHONPATH": "x", "PYTHONEXECUTABLE": "x", "PIP_TARGET": "x", "PROJ_LIB": "x"}
    libraries = {"PYTHONHOME": "x", "LD_LIBRARY_PATH": "x", "DYLD_INSERT_LIBRARIES": "x"}
    assert cleaned({**given, **libraries}) == {"PATH": "/bin", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    assert set(libraries) <= set(cleaned({**given, **libraries}, own=True))


def test_the_folders_of_the_installation_of_qgis_are_left_out_of_the_path() -> None:
    folders = ["/qgis/bin", "/qgis", "/qgis2/bin", "/bin"]
    assert _outside(folders, "/qgis/apps/Python312") == ["/qgis2/bin", "/bin"]
    assert _outside(folders, "/qgis/Python312") == folders


@pytest.mark.skipif(sys.platform == "win32", reason="quoted for the shell")
def test_a_command_is_shown_so_that_it_can_be_copied() -> None:
    assert shown(["/a b/python", "-m", "venv", "x"]) == "'/a b/python' -m venv x"
