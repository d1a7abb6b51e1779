"""Training in another Python: it needs no GDAL, what kills it leaves a sentence, and the run goes on from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.errors import EngineError, OutputError, WorkerError
from engine.events import Noted, Progress
from engine.jobs.teach import teach
from engine.jobs.train import KEPT, train
from engine.remote.process import BOOT
from engine.remote.protocol import FOLDER
from engine.request import SELF, TrainRequest
from tests.jobs.runs import run
from tests.jobs.teaching import TINY, asked, tiny_networks, write_set
from tests.limits import small_files
from tests.remote.strangers import gone, processes, python_without, stranger


@pytest.fixture(scope="module")
def trainingset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(write_set(tmp_path_factory.mktemp("sets") / "set"))


@pytest.fixture(autouse=True)
def nothing_lives_on(tmp_path: Path) -> Iterator[None]:
    yield
    assert gone(str(tmp_path), 0.5)


def request(trainingset: Path, place: Path, python: str, steps: int = 4, resume: bool = False) -> TrainRequest:
    config: dict[str, Any] = {
        "folder": str(place / "run"),
        "data": [{"store": str(trainingset / "training")}],
        "validation_data": [{"store": str(trainingset / "validation")}],
        "validation_samples": 4,
        "architecture": {"backbone": "swift", "width": 8, **TINY},
        "patch": 32,
        "batch": 4,
        "stage1": {"steps": steps, "lr": 1e-3},
        "stage2": {"steps": 2, "lr": 1e-3},
        "device": "cpu",
        "threads": 1,
        "checkpoint_every_minutes": 0.005,
    }
    (place / "config.json").write_text(json.dumps(config))
    return TrainRequest(str(place / "config.json"), resume=resume, python=python)


def ended(events: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        run(events)
    return caught.value


@pytest.mark.slow
def test_a_python_without_gdal_learns_from_stores(trainingset: Path, tmp_path: Path) -> None:
    python = python_without(tmp_path, "osgeo")
    said = run(train(request(trainingset, tmp_path, python)))
    assert Path(said.result["model"]).is_file() and said.result["samples"] == 6 * 4
    assert said.notes[0] == f"The model learns in a process of {python} (as it was chosen)."
    fractions = [event.fraction for event in said.events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)


@pytest.mark.slow
def test_one_that_is_killed_leaves_a_sentence_and_can_be_resumed(trainingset: Path, tmp_path: Path) -> None:
    asked_for = request(trainingset, tmp_path, sys.executable, steps=60)
    events = train(asked_for)
    for event in events:
        if isinstance(event, Noted) and event.message.startswith("Stage 1, step"):
            break
        if isinstance(event, Progress) and event.fraction > 0.1:
            break
    (child,) = processes(str(tmp_path / "config.json"))
    os.kill(child, signal.SIGKILL)
    error = ended(events)
    assert isinstance(error, WorkerError) and "it was killed, most likely because memory ran out" in error.fact
    assert error.remedy == f"Close other programs, or use fewer threads. {KEPT}"
    before = (tmp_path / "run" / "history.jsonl").read_text()
    again = run(train(request(trainingset, tmp_path, SELF, steps=60, resume=True)))
    assert again.result["samples"] == 62 * 4
    assert (tmp_path / "run" / "history.jsonl").read_text().startswith(before)


@pytest.mark.slow
def test_stopping_takes_less_than_a_second_and_keeps_what_was_learnt(trainingset: Path, tmp_path: Path) -> None:
    events = train(request(trainingset, tmp_path, sys.executable, steps=100_000))
    for event in events:
        if isinstance(event, Progress) and event.stage == "Stage 1":
            break
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 1.0
    assert list((tmp_path / "run").glob("step-*.npz"))


@pytest.mark.slow
def test_where_nobody_is_left_to_hear_it_a_checkpoint_is_written_before_the_end(
    trainingset: Path, tmp_path: Path
) -> None:
    folder = tmp_path / f"{FOLDER}of-one-who-was-killed"
    folder.mkdir()
    asked_for = {"config": request(trainingset, tmp_path, SELF, steps=100_000).config}
    with subprocess.Popen(
        [sys.executable, BOOT, "errand", json.dumps(asked_for)],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as alone:
        assert alone.stdin is not None and alone.stdout is not None
        for line in alone.stdout:
            if json.loads(line).get("stage") == "Stage 1":
                break
        for each in (alone.stdin, alone.stdout):  # as when the one who asked is killed
            each.close()
        assert alone.wait(20.0) == 0
    assert max(path.name for path in (tmp_path / "run").glob("step-*.npz")) > "step-0000000.npz"
    assert not list((tmp_path / "run").glob("*.part")) and not folder.exists()


def test_what_dies_before_it_began_promises_nothing(trainingset: Path, tmp_path: Path) -> None:
    versions = '[[3, 12, 1], {"torch": "2.9", "numpy": "1", "safetensors": "2"}]'
    python = stranger(tmp_path, f"sys.stdout.write('{versions}') if sys.argv[1] == '-c' else sys.exit(3)").path
    error = ended(train(request(trainingset, tmp_path, python)))
    assert "ended without an answer (exit code 3)" in error.fact and KEPT not in error.remedy


def test_a_python_that_will_not_do_is_named_before_anything_is_made(trainingset: Path, tmp_path: Path) -> None:
    python = stranger(tmp_path, """sys.stdout.write('[[3, 12, 1], {"numpy": "1"}]')""").path
    error = ended(train(request(trainingset, tmp_path, python)))
    assert error.fact == f"{python} has no torch and no safetensors." and not (tmp_path / "run").exists()


def test_a_disk_that_is_full_while_a_checkpoint_is_written_leaves_a_sentence(
    trainingset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_networks(monkeypatch)
    with small_files(50_000):
        error = ended(teach(asked(str(trainingset), tmp_path / "w.safetensors", steps=4)))
    assert isinstance(error, OutputError) and "step-0000000.npz cannot be written (File too large)" in error.fact
    assert not (tmp_path / "w.safetensors").exists() and not list(tmp_path.rglob("*.part"))
