"""A model from a training set: in its place with its card, resumed where it was stopped, and mistakes in a sentence."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.errors import EngineError, OutputError
from engine.events import Metric, Progress
from engine.jobs import library, room
from engine.jobs import teach as job
from engine.jobs.teach import teach
from engine.modelfile.store import load_model
from engine.request import SELF, TeachRequest
from tests.jobs.runs import Run, run
from tests.jobs.teaching import asked, tiny_networks, write_set


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        tiny_networks(patch)
        yield


@pytest.fixture(scope="module")
def trainingset(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_set(tmp_path_factory.mktemp("sets") / "set")


@pytest.fixture(scope="module")
def made(trainingset: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(teach(asked(trainingset, tmp_path_factory.mktemp("made") / "waves.safetensors")))


def refusal(request: TeachRequest) -> str:
    with pytest.raises(EngineError) as caught:
        run(teach(request))
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    return str(caught.value)


def begun(request: TeachRequest) -> Any:
    """Return the events of a training that has made a step."""
    events = teach(request)
    for event in events:
        if isinstance(event, Progress) and event.stage == "Stage 1":
            return events
    raise AssertionError("it ended before")


def test_the_model_is_in_its_place_and_says_what_it_is(made: Run) -> None:
    card, network = load_model(made.result["output"], for_bands=4)
    assert (card.name, card.title, card.version) == ("waves-of-grosse-4", "Waves of Größe 4", "1.0.0")
    assert made.result["model"] == "waves-of-grosse-4 1.0.0"
    assert network.architecture.backbone == "swift" and network.architecture.width == 8
    assert [stage.steps for stage in card.recipe.stages] == [5, 3]
    assert card.training_data[0].what == "waves"


def test_the_result_tells_what_a_dialog_shows(made: Run) -> None:
    result = made.result
    assert result["steps"] == 8 and result["epochs"] == 8 * 16 / 20 and result["device"] == "cpu"
    assert set(result["scores"]) >= {"ergas", "sam", "q2n"} and set(result["exp"]) >= {"ergas", "sam", "q2n"}
    assert Path(result["report"]).is_file() and Path(result["report"]).parent == Path(result["run"])
    fractions = [event.fraction for event in made.events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert any(
        "small network of the backbone swift learns from 20 samples of 4 bands for 8 st" in n for n in made.notes
    )
    assert not any(isinstance(event, Metric) for event in made.events)


def test_nothing_is_left_beside_model_and_run(made: Run) -> None:
    assert sorted(os.listdir(Path(made.result["output"]).parent)) == ["waves-run", "waves.safetensors"]


@pytest.mark.slow
def test_without_a_file_the_model_goes_where_models_are_looked_for(
    trainingset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "home", lambda: tmp_path / "models")
    request = TeachRequest(trainingset, "Waves", steps=2, device="cpu", threads=1, python=SELF)
    assert run(teach(request)).result["output"] == str(tmp_path / "models" / "waves.safetensors")
    assert list(library.looked_into((str(tmp_path / "models"),)).names()) == ["waves"]


@pytest.mark.slow
def test_stopping_takes_less_than_a_second_and_what_was_learnt_can_be_resumed(trainingset: str, tmp_path: Path) -> None:
    out = tmp_path / "waves.safetensors"
    events = begun(asked(trainingset, out, steps=20))
    asked_at = time.monotonic()
    events.close()
    assert time.monotonic() - asked_at < 1.0
    assert not out.exists() and "was begun before, in" in refusal(asked(trainingset, out))
    before = (tmp_path / "waves-run" / "history.jsonl").read_text()
    said = run(teach(asked(trainingset, out, steps=20, resume=True)))
    lines = (tmp_path / "waves-run" / "history.jsonl").read_text()
    assert lines.startswith(before) and out.is_file()
    steps = [(line["stage"], line["step"]) for line in map(json.loads, lines.splitlines())]
    assert steps == sorted(steps) and steps[-1] == (2, 8)
    assert not any("learns from" in note for note in said.notes)  # the first run has said so


@pytest.mark.slow
def test_where_there_is_nothing_to_resume_a_training_begins(trainingset: str, tmp_path: Path) -> None:
    said = run(teach(asked(trainingset, tmp_path / "waves.safetensors", steps=2, resume=True)))
    assert said.notes[0].startswith("There is nothing to resume in ") and Path(said.result["output"]).is_file()


def test_a_name_that_exists_is_refused_before_the_work(made: Run, trainingset: str, tmp_path: Path) -> None:
    there = Path(made.result["output"])
    assert f"There is a model {there} already. Choose another name" in refusal(asked(trainingset, there))
    shutil.copy(there, tmp_path / "other.safetensors")
    request = asked(trainingset, tmp_path / "waves.safetensors")
    assert f"{tmp_path / 'other.safetensors'} is called waves-of-grosse-4 already" in refusal(request)
    assert os.listdir(tmp_path) == ["other.safetensors"]


@pytest.mark.slow
def test_a_model_learns_on(made: Run, trainingset: str, tmp_path: Path) -> None:
    request = asked(trainingset, tmp_path / "more.safetensors", name="More", start=made.result["output"], steps=4)
    said = run(teach(request))
    card, network = load_model(said.result["output"])
    assert [(stage.name, stage.steps) for stage in card.recipe.stages] == [("Adapting", 4)]
    assert "began as waves-of-grosse-4 1.0.0" in card.description and network.architecture.width == 8
    assert [one.what for one in card.training_data] == ["waves", "waves"]
    assert any("The fusion network of waves-of-grosse-4 1.0.0 learns on" in note for note in said.notes)


def test_a_model_for_other_samples_does_not_learn_on(made: Run, tmp_path: Path) -> None:
    three = write_set(tmp_path / "set", bands=3)
    request = asked(three, tmp_path / "more.safetensors", name="More", start=made.result["output"])
    said = "The model Waves of Größe 4 takes 4 bands, and the samples are of 3 bands."
    assert said in refusal(request) and not (tmp_path / "more-run").exists()


@pytest.mark.slow
def test_without_samples_to_measure_on_that_is_warned_of(tmp_path: Path) -> None:
    said = run(teach(asked(write_set(tmp_path / "set", validation=0), tmp_path / "w.safetensors", steps=2)))
    assert any("the training's own are measured" in warning for warning in said.result["warnings"])


def test_samples_that_would_be_learnt_by_heart_are_warned_of(trainingset: str, tmp_path: Path) -> None:
    events = teach(asked(trainingset, tmp_path / "w.safetensors", steps=100_000))
    warnings = [next(events) for _ in range(3)]
    events.close()
    assert any("Each of 20 samples will be seen about 80000 times" in getattr(one, "message", "") for one in warnings)


@pytest.mark.parametrize(
    ("training", "sentence"),
    [(0, "holds no samples to learn from"), (5, "holds 5 samples, too few for even the smallest network")],
)
def test_too_little_to_learn_from_is_refused(training: int, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    assert sentence in refusal(asked(write_set(tmp_path / "set", training=training), tmp_path / "w.safetensors"))
    assert os.listdir(tmp_path) == ["set"]


def test_a_folder_that_is_not_there_or_a_full_disk_is_named_before_the_work(
    trainingset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"There is no folder {tmp_path / 'none'}" in refusal(asked(trainingset, tmp_path / "none" / "w.safetensors"))
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 5_000_000))
    said = refusal(asked(trainingset, tmp_path / "w.safetensors"))
    assert f"{tmp_path} has 5 MB of room left, and 97 MB are needed. Make room" in said and not os.listdir(tmp_path)


def test_little_memory_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_free_mb", lambda: 300.0)
    said = room.memory_doubt(900.0)
    assert said is not None and said.startswith("About 900 MB of memory are needed, and 300 are free. Close other")
    assert room.memory_doubt(200.0) is None


@pytest.mark.slow
def test_a_disk_that_fills_up_while_the_model_is_put_in_its_place_keeps_it(
    trainingset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.jobs.shelf.shutil.copyfile", full)
    out = tmp_path / "w.safetensors"
    with pytest.raises(
        OutputError, match=r"cannot be written \(No space left on device\); the model itself is .*w-run"
    ):
        run(teach(asked(trainingset, out, steps=2)))
    monkeypatch.undo()
    assert not out.exists() and (tmp_path / "w-run" / "model.safetensors").is_file()
