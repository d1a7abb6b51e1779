"""Training from files: a model that can be loaded, a page, the promises of every job, and mistakes in a sentence."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.errors import EngineError, InputError, RequestError  # noqa: E402
from engine.events import Event, Finished, Metric, Noted, Progress, Started, Warned  # noqa: E402
from engine.jobs import train as job  # noqa: E402
from engine.jobs.train import train  # noqa: E402
from engine.modelfile.store import load_model  # noqa: E402
from engine.request import TrainRequest  # noqa: E402
from engine.training.learner import Learner  # noqa: E402
from tests import rasters  # noqa: E402
from tests.jobs.runs import Run, run  # noqa: E402
from tests.pairs import write_pair  # noqa: E402

BANDS = 4
SETTINGS: dict[str, Any] = {
    "folder": "run",
    "architecture": "tiny",
    "folders": ["one"],
    "validation_folders": ["two"],
    "patch": 32,
    "batch": 4,
    "stage1": {"steps": 20, "lr": 5e-3, "warm_up": 2},
    "stage2": {"steps": 10, "lr": 2e-3, "warm_up": 2},
    "validate_every": 10,
    "validation_samples": 4,
    "ema": 0.8,
    "threads": 1,
    "device": "cpu",
    "precision": "off",
    "card": {
        "name": "ksdiff-ripples",
        "training_data": [{"what": "Made-up scenes", "licence": "CC0-1.0", "credits": ["Nobody"]}],
    },
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    for seed, name in enumerate(("one", "two"), 1):
        write_pair(folder / name, size=192, ratio=2, bands=BANDS, seed=seed)
    write_pair(folder / "three", size=192, ratio=2, bands=3)
    return folder


@pytest.fixture(scope="module")
def trained(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(train(request(scenes, tmp_path_factory.mktemp("trained"))))


def request(scenes: Path, place: Path, *settings: str, resume: bool = False, **changes: Any) -> TrainRequest:
    path = place / "config.json"
    path.write_text(json.dumps({**SETTINGS, "base": str(scenes), "folder": str(place / "run"), **changes}))
    return TrainRequest(str(path), settings, resume)


def refusal(asked: TrainRequest) -> str:
    with pytest.raises(EngineError) as caught:
        run(train(asked))
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    return str(caught.value)


def test_the_model_that_is_written_sharpens(trained: Run, scenes: Path) -> None:
    card, network = load_model(trained.result["model"], for_bands=BANDS)
    assert not hasattr(network, "truth_encoder")
    pan, ms_up = torch.rand(1, 1, 32, 32), torch.rand(1, BANDS, 32, 32)
    z = network.sample(network.condition(pan, ms_up), torch.zeros(1, 4, 16))
    assert torch.isfinite(network.fuse(pan, ms_up, z)).all()
    assert card.input.ratio == 2.0 and [band.name for band in card.input.bands] == ["Blue", "Green", "Red", "NIR"]
    assert [band.role for band in card.input.bands] == ["blue", "green", "red", "nir"]
    assert (card.input.scaling.kind, card.input.scaling.value) == ("percentile", 99.9)
    assert [(stage.steps, stage.seed) for stage in card.recipe.stages] == [(20, 0), (10, 0)]
    assert card.training_data[0].licence == "CC0-1.0" and card.input.enlargement == "polynomial"


def test_the_scores_are_those_of_the_card_and_better_than_doing_nothing(trained: Run) -> None:
    card, _ = load_model(trained.result["model"])
    assert dict(card.scores[0].metrics) == trained.result["scores"]
    assert dict(card.scores[0].compared_with["exp"]) == trained.result["exp"]
    assert trained.result["scores"]["ergas"] < trained.result["exp"]["ergas"]


def test_a_job_says_what_every_job_says(trained: Run) -> None:
    started = [event for event in trained.events if isinstance(event, Started)]
    assert len(started) == 1 and isinstance(trained.events[-1], Finished)
    facts = started[0].facts
    assert facts["device"] == "cpu" and facts["precision"] == "off" and facts["bands"] == BANDS
    assert set(facts["parameters"]) == {"backbone", "truth_encoder", "condition_encoder", "denoiser"}
    fractions = [event.fraction for event in trained.events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert {"stage1_ergas", "stage2_q2n"} <= {event.name for event in trained.events if isinstance(event, Metric)}
    said = [event.message for event in trained.events if isinstance(event, (Noted, Warned))]
    assert any("ERGAS is" in message and "at step" in message for message in said)


def test_the_folder_holds_what_the_result_names_and_nothing_half_done(trained: Run) -> None:
    folder = Path(trained.result["model"]).parent
    assert sorted(os.listdir(folder)) == [
        "config.json", "history.jsonl", "model.safetensors", "step-0000020.npz", "step-0000030.npz", "training.html",
    ]  # fmt: skip
    page = Path(trained.result["report"]).read_text(encoding="utf-8")
    assert "Stage 2" in page and "<script" not in page and 'http-equiv="refresh"' not in page
    lines = [json.loads(line) for line in Path(trained.result["history"]).read_text().splitlines()]
    assert lines[-1]["validation"]["ergas"] >= trained.result["scores"]["ergas"]


@pytest.mark.slow
def test_a_folder_that_holds_a_run_is_refused_and_with_resume_continued(scenes: Path, tmp_path: Path) -> None:
    asked = request(scenes, tmp_path)
    events = train(asked)
    until(events, lambda event: isinstance(event, Progress) and event.fraction > 0.4)
    events.close()
    assert "holds a run already" in refusal(asked)
    again = run(train(TrainRequest(asked.config, (), resume=True)))
    first = next(event for event in again.events if isinstance(event, Progress) and event.stage.startswith("Stage"))
    assert first.fraction > 0.3 and Path(again.result["model"]).exists()


def test_closing_stops_within_a_second_and_leaves_a_checkpoint(scenes: Path, tmp_path: Path) -> None:
    events = train(request(scenes, tmp_path, "stage1.steps=100000"))
    until(events, lambda event: isinstance(event, Progress) and event.stage == "Stage 1")
    begun = time.monotonic()
    events.close()
    assert time.monotonic() - begun < 1.0
    assert any(name.startswith("step-") for name in os.listdir(tmp_path / "run"))
    assert not any(name.endswith(".part") for name in os.listdir(tmp_path / "run"))


@pytest.mark.slow
def test_signs_of_life_come_while_a_step_is_long(scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Learner.step

    def slow(self: Learner, *given: Any) -> Any:
        time.sleep(0.5)
        return quick(self, *given)

    monkeypatch.setattr(Learner, "step", slow)
    gaps, last = [], time.monotonic()
    for _ in train(request(scenes, tmp_path, "stage1.steps=2", "stage2.steps=1")):
        now = time.monotonic()
        gaps.append(now - last)
        last = now
    assert max(gaps) < 0.4  # 0.1, on a machine with nothing else to do


@pytest.mark.slow
def test_without_images_of_its_own_validation_is_warned_of(scenes: Path, tmp_path: Path) -> None:
    still = {"steps": 1, "lr": 1e-9, "lr_end": 0.0}
    said = run(train(request(scenes, tmp_path, "validation_folders=[]", stage1=still, stage2=still)))
    assert any("the training's own are measured" in warning for warning in said.warnings)
    assert any("Nothing was gained" in warning for warning in said.warnings)


@pytest.mark.slow
def test_imagery_without_pan_and_files_of_patches_are_learnt_from(scenes: Path, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    random = np.random.default_rng(0)
    truth = random.uniform(100, 2000, (3, BANDS, 32, 32))
    with h5py.File(tmp_path / "patches.h5", "w") as file:
        coarse = truth.reshape(3, BANDS, 8, 4, 8, 4).mean(axis=(3, 5))
        file["gt"], file["ms"], file["pan"] = truth, coarse, truth.mean(1, keepdims=True)
    data = [
        {"image": "one/ms.tif", "ratio": 2, "sensor": "QB"},
        {"h5": str(tmp_path / "patches.h5"), "sensor": "QB"},
    ]
    said = run(train(request(scenes, tmp_path, "stage1.steps=2", "stage2.steps=1", data=data, folders=[])))
    card, _ = load_model(said.result["model"])
    assert card.sensors == ("quickbird",) and card.input.ratios_tested == (2.0, 4.0)
    assert [band.role for band in card.input.bands] == ["blue", "green", "red", "nir"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["patch=128"], "A patch of 128 x 128 pixels is larger than"),
        (["folders=nowhere"], "nowhere"),
        (["folders=[]"], "nothing to learn from"),
        (['folders=["one", "three"]'], "has 4 bands and"),
        (["validation_folders=three"], "bands"),
        (["architecture.bands=5"], "architecture"),
        (["card.licence=all mine"], "licence of the weights"),
        (["card.name=A"], "Correct 'card', or the data, in the configuration."),
        (["data=[{\"pan\": \"one/pan.tif\", \"ms\": \"one/ms.tif\", \"weight\": 0}]", "folders=[]"], "The weights 0"),
        (["rate=3"], "There is no setting rate"),
        (["device=cuda"], "no device 'cuda'"),
        (["data=[{\"image\": \"one/ms.tif\", \"ratio\": 2, \"sensor\": \"Sputnik\"}]"], "'Sputnik' is no known sensor"),
        (["data=[{\"h5\": \"one/ms.tif\", \"sensor\": \"QB\"}]"], "cannot be opened as an HDF5 file"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence_and_leaves_nothing(
    settings: list[str], said: str, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    changes = {"architecture": {}} if "architecture.bands=5" in settings else {}
    assert said in refusal(request(scenes, tmp_path, *settings, **changes))
    assert os.listdir(tmp_path) == ["config.json"]


def test_values_that_are_no_numbers_are_named(scenes: Path, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "bad", size=192, ratio=2, bands=BANDS, data_type="float32")
    bad = rasters.read(pair.ms).astype(np.float32)
    bad[1] = np.nan
    rasters.write(Path(pair.ms), bad)
    assert str(tmp_path / "bad") in refusal(request(scenes, tmp_path, f"folders={tmp_path / 'bad'}"))


def test_without_torch_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match="Training needs torch and safetensors"):
        run(train(TrainRequest("config.json")))


@pytest.mark.parametrize("settings", ["batch=3", ("batch",), ("=3",), (3,)])
def test_settings_that_set_nothing_are_refused(settings: Any) -> None:
    with pytest.raises(RequestError):
        TrainRequest("config.json", settings)


def until(events: Any, holds: Any) -> Event:
    for event in events:
        if holds(event):
            return event
    raise AssertionError("the job ended before")


def test_nothing_to_resume_is_said(scenes: Path, tmp_path: Path) -> None:
    config = request(scenes, tmp_path).config
    with pytest.raises(InputError, match="holds no checkpoint to go on from"):
        run(train(TrainRequest(config, resume=True)))


def test_a_run_without_time_still_ends_with_a_model(scenes: Path, tmp_path: Path) -> None:
    said = run(train(request(scenes, tmp_path, "max_minutes=0.0001")))
    card, _ = load_model(said.result["model"])
    assert card.scores[0].metrics["ergas"] == pytest.approx(said.result["scores"]["ergas"])
    made = [stage.steps for stage in card.recipe.stages]
    assert made[-1] == said.result["best_step"] and max(made) < 10, "what led to these weights, not what was planned"


def test_warnings_are_part_of_the_result(trained: Run) -> None:
    assert trained.result["warnings"] == [event.message for event in trained.events if isinstance(event, Warned)]
