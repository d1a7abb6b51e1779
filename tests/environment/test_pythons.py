"""A Python to make environments from is found by its prefix and asked; what is none is refused in words."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from engine.environment import pythons
from engine.environment.pythons import find, inside, installed, own
from engine.errors import InputError
from tests.environment.plans import end_of
from tests.environment.stubs import write_stub


def refusal(program: str, **options: float) -> str:
    with pytest.raises(InputError) as caught:
        end_of(find(program, **options))
    assert "Install Python 3.12" in caught.value.remedy
    return caught.value.fact


def answering(**changes: object) -> str:
    facts = {"version": [3, 11, 2], "bits": 64, "problem": "", "system": "linux", "machine": "x86_64", **changes}
    return f"echo '{json.dumps(facts)}'"


def test_the_python_of_this_installation_is_found_whatever_sys_executable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/qgis.bin")
    found = end_of(find())
    assert found.path == installed()
    assert found.version == sys.version_info[:3] and found.system == sys.platform


def test_our_own_python_is_that_of_the_environment_we_run_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/somewhere/env")
    assert own() == inside("/somewhere/env")
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert own() == installed()


def test_where_the_first_cannot_be_used_the_next_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = write_stub(tmp_path, "exit 1"), installed()
    monkeypatch.setattr(pythons, "candidates", lambda: [first, second])
    assert end_of(find()).path == second


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (answering(problem="No module named 'ensurepip'"), "'sudo apt-get install python3-venv'"),
        (answering(version=[3, 8, 10]), "It is Python 3.8.10; 3.9 to 3.14 are needed."),
        (answering(version=[3, 15, 0]), "3.15.0"),
        (answering(bits=32), "PyTorch needs 64"),
        ("echo Gtk-WARNING; echo '}{'", "does not answer as a Python does (it ended with code 0; }{)"),
        ("exit 0", "it said nothing"),
        ("kill -SEGV $$", "it crashed in native code"),
        ("echo '[1, 2]'", "does not answer as a Python does"),
    ],
)
def test_what_cannot_make_environments_is_refused_with_the_reason(script: str, words: str, tmp_path: Path) -> None:
    assert words in refusal(write_stub(tmp_path, script))


def test_chatter_before_the_answer_does_no_harm(tmp_path: Path) -> None:
    assert end_of(find(write_stub(tmp_path, f"echo chatter >&2; {answering()}"))).version == (3, 11, 2)


def test_a_python_that_hangs_is_given_up(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert "It did not answer within 0.3 s." in refusal(write_stub(tmp_path, "sleep 60"), limit_s=0.3)
    assert time.monotonic() - begun < 2


def test_what_is_not_there_or_no_program_is_refused(tmp_path: Path) -> None:
    assert "cannot be started (No such file" in refusal(str(tmp_path / "none"))
    assert "cannot be started" in refusal(str(tmp_path))


def test_a_relative_path_means_the_folder_we_are_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stub(tmp_path, answering())
    monkeypatch.chdir(tmp_path)
    assert end_of(find(os.path.join(".", "ein stub"))).path == str(tmp_path / "ein stub")
