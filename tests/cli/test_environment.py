"""`check` and `setup` on the command line: one line of JSON, talk on stderr, and sentences where they fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from tests.environment.stubs import write_stub
from tests.environment.test_probe import told
from tests.environment.wheels import write_wheels

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheels(tmp_path_factory.mktemp("wheels"))


def test_a_check_is_one_line_of_json_and_needs_no_torch(tmp_path: Path) -> None:
    python = write_stub(tmp_path, told())  # type: ignore[operator]
    script = "import sys; sys.modules['torch'] = None; from engine.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "check", "--python", python, "--folder", str(tmp_path), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1 and "computes" in done.stderr
    answer = json.loads(done.stdout)
    assert answer["usable"] is True and answer["folder"] == str(tmp_path)


def test_a_dry_run_prints_the_plan_and_does_nothing(
    tmp_path: Path,
    wheels: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "environments"
    assert main(["setup", "--folder", str(folder), "--wheels", str(wheels), "--dry-run", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["download_mb"] == 0 and "--no-index" in said.err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--python", "no such python"], "cannot be started"),
        (["--wheels", "."], "holds no wheels"),
        (["--index-url", "x"], "no address"),
    ],
)
def test_a_mistake_ends_with_1_and_a_sentence(
    options: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["setup", "--folder", "environments", *options]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("Error: ") and words in said.err
    assert os.listdir(tmp_path) == []
