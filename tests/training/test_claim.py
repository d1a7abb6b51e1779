"""A folder belongs to one run at a time, and to nobody once that run is dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from engine import lock
from engine.errors import OutputError, RequestError
from engine.training.claim import Claim

ROOT = Path(__file__).resolve().parents[2]
HOLDING = (
    "import sys, time; from pathlib import Path; from engine.training.claim import Claim\n"
    "claim = Claim(Path(sys.argv[1])); claim.hold(); sys.stdout.write('held'); sys.stdout.flush(); time.sleep(60)"
)


def test_a_folder_is_held_by_one_and_free_when_given_up(tmp_path: Path) -> None:
    one, other = Claim(tmp_path), Claim(tmp_path)
    one.hold()
    with pytest.raises(RequestError, match=r"Another run is at work in .* Wait until it has ended"):
        other.hold()
    other.give_up()  # what it never had
    with pytest.raises(RequestError):
        other.hold()
    one.give_up()
    assert os.listdir(tmp_path) == []
    other.hold()


def test_a_run_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", HOLDING, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert killed.stdout is not None and killed.stdout.read(4) == b"held"
    with pytest.raises(RequestError):
        Claim(tmp_path).hold()
    killed.kill()
    killed.communicate()
    assert killed.returncode == -getattr(signal, "SIGKILL", 1)
    Claim(tmp_path).hold()


def test_a_folder_that_cannot_be_written_into_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Nothing can be written into"):
        Claim(tmp_path / "absent").hold()


def test_a_file_system_without_locks_is_no_reason_not_to_train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(lock.fcntl, "flock", unknown)
    claim = Claim(tmp_path)
    claim.hold()
    claim.give_up()
    assert os.listdir(tmp_path) == []
