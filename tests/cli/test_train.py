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
from tests.jobs.teaching import tiny_networks, write_set
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


@pytest.mark.slow
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


def test_a_training_set_and_a_name_suffice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_networks(monkeypatch)
    out = tmp_path / "waves.safetensors"
    words = ["--trainingset", write_set(tmp_path / "set"), "--name", "Waves", "--out", str(out), "--python", "self"]
    assert main(["train", *words, "--steps", "4", "--device", "cpu", "--threads", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["output"] == str(out) and result["steps"] == 4 and read_card(str(out)).title == "Waves"
    assert main(["train", *words]) == 1
    assert f"Error: There is a model {out} already." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "There is nothing to learn from. Name a training set"),
        (["--minutes", "5", "config.json"], "--minutes is for a training set, and a configuration was named."),
        (["--trainingset", "set"], "The model was given no name."),
        (["--trainingset", "set", "--name", "A name", "--steps", "1"], "1 cannot be a number of steps."),
        (["--trainingset", "set", "--name", "A name", "--minutes", "0"], "cannot be trained for 0.0 minutes."),
        (["--trainingset", "set", "--name", "A name", "--out", "a.tif"], "does not end like one."),
        (["--trainingset", "none", "--name", "A name", "--out", "a.safetensors"], "none is no training set"),
        (["config.json", "--python", "/nowhere/python"], "/nowhere/python cannot be started"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *words]) == 1
    said = capsys.readouterr().err
    assert sentence in said and "Traceback" not in said


def test_help_shows_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    said = capsys.readouterr().out
    assert "--trainingset FOLDER --name NAME" in said and "CONFIG.json [--resume]" in said


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
