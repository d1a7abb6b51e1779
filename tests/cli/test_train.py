"""`train` on the command line: settings, interruption, and a run killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.cli.main import main
from engine.modelfile.card import read_card
from tests.pairs import write_pair

ROOT = Path(__file__).resolve().parents[2]
SETTINGS: dict[str, Any] = {
    "folder": "run",
    "architecture": "tiny",
    "folders": ["scene"],
    "patch": 32,
    "batch": 4,
    "stage1": {"steps": 4, "lr": 5e-3},
    "stage2": {"steps": 3, "lr": 2e-3},
    "validation_samples": 2,
    "threads": 1,
    "device": "cpu",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_pair(tmp_path / "scene", size=192, ratio=2)
    (tmp_path / "config.json").write_text(json.dumps(SETTINGS))
    return tmp_path


def test_settings_and_options_may_stand_in_any_order(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(place / "config.json")
    words = ["train", "--quiet", config, "--stage1.steps=2", "--json", "--card.title=A title, with = in it"]
    assert main([*words, "--folder=there"]) == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert result["model"] == str(place / "there" / "model.safetensors") and "Stage 1" not in said.err
    card = read_card(result["model"])
    assert card.title == "A title, with = in it" and card.recipe.stages[0].steps == 2
    assert main([*words, "--folder=there"]) == 1
    assert "holds a run already" in capsys.readouterr().err
    assert main([*words, "--folder=there", "--resume"]) == 0


@pytest.mark.parametrize("word", ["--steps", "steps=3", "-x"])
def test_a_word_that_is_no_setting_ends_with_2(word: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", str(place / "config.json"), word])
    assert ended.value.code == 2 and "is no setting" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["--stage3.steps=1", "--batch=none", "--folders=absent"])
def test_a_mistake_ends_with_1_and_a_sentence(word: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(place / "config.json"), word]) == 1
    assert capsys.readouterr().err.startswith("Error: ")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_can_be_resumed(number: signal.Signals, place: Path) -> None:
    command = [sys.executable, "-m", "engine", "train", str(place / "config.json"), "--stage1.steps=300"]
    running = subprocess.Popen(
        [*command, "--checkpoint_every_minutes=0.0001"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    begun = time.monotonic()
    while not (place / "run" / "step-0000020.npz").exists() and time.monotonic() - begun < 120:
        time.sleep(0.01)
    running.send_signal(number)
    asked = time.monotonic()
    _, said = running.communicate(timeout=60)
    if number == signal.SIGTERM:
        assert running.returncode == 130 and "Traceback" not in said and time.monotonic() - asked < 5.0
        assert "What was learnt is kept: add --resume to go on." in said
    else:
        assert running.returncode == -signal.SIGKILL
    left = [name for name in os.listdir(place / "run") if name.startswith("step-") and name.endswith(".npz")]
    assert 1 <= len(left) <= 3
    done = subprocess.run([*command, "--resume", "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["samples"] == 303 * SETTINGS["batch"]
