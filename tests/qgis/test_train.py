"""ksdiff:train: a network learns in another Python, its curves in a page, and its model is where Pansharpen looks."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.teaching import tiny_networks, write_set
from tests.pairs import write_pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")
pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("plugin", "tiny")


@pytest.fixture
def tiny(plugin: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let networks be tiny, the Python be this one, and the folder of models be empty."""
    from ksdiff_qgis._engine import load

    tiny_networks(monkeypatch, load("jobs.recipe"))
    monkeypatch.setenv("KSDIFF_PYTHON", sys.executable)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def trainingset(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_set(tmp_path_factory.mktemp("sets") / "set")


class Feedback(core.QgsProcessingFeedback):
    """Cancels once a training has made a step, and knows when."""

    cancelled = 0.0

    def setProgressText(self, text: str) -> None:  # noqa: N802 - named by QGIS
        if text == "Stage 1":
            self.cancelled = time.monotonic()
            self.cancel()


def run(feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    given = {"NAME": "Waves", "STEPS": 8, "DEVICE": "CPU", "THREADS": 1, **parameters}
    return processing.run("ksdiff:train", given, feedback=feedback)


def refusal(**parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(**parameters)
    return str(caught.value)


def test_every_parameter_and_output_explains_itself() -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:train")
    assert algorithm.displayName() == "Train a model" and not algorithm.icon().isNull()
    assert all(item.help() for item in algorithm.parameterDefinitions())
    assert algorithm.parameterDefinition("MINUTES").defaultValue() == 30.0
    names = {item.name() for item in algorithm.outputDefinitions()}
    assert set(algorithm.texts().outputs) | {"OUTPUT"} == names


@pytest.mark.slow
def test_the_model_lies_where_it_is_found_with_its_scores_and_its_report(trainingset: str, tmp_path: Path) -> None:
    feedback = core.QgsProcessingFeedback(False)
    made = run(feedback, TRAININGSET=trainingset)
    assert made["OUTPUT"] == str(tmp_path / "data" / "ksdiff" / "models" / "waves.safetensors")
    assert Path(made["OUTPUT"]).is_file() and made["OUTPUT_MODEL"] == "waves 1.0.0" and made["OUTPUT_DEVICE"] == "cpu"
    assert made["STEPS_DONE"] == 8.0 and made["EPOCHS"] == 8 * 16 / 20
    assert all(made[name] > 0.0 for name in ("ERGAS", "EXP_ERGAS", "CLASSICAL_ERGAS")) and made["CLASSICAL"]
    log = feedback.textLog()
    assert made["REPORT"] in log and Path(made["REPORT"]).is_file()
    assert log.index(made["REPORT"]) < log.index("Stage 1, step")
    assert f"in a process of {sys.executable}" in log and "stage1_ergas" not in log
    from ksdiff_qgis._engine import load

    assert "waves" in load("jobs.library").looked_into((os.path.dirname(made["OUTPUT"]),)).names()


@pytest.mark.slow
def test_two_layers_and_a_name_suffice(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    pair = write_pair(tmp_path_factory.mktemp("pair"), size=768)
    out = tmp_path / "scene.safetensors"
    made = run(SPECTRAL=[pair.ms], PANCHROMATIC=pair.pan, OUTPUT=str(out), STEPS=4)
    assert made["OUTPUT"] == str(out) and out.is_file()
    assert sorted(os.listdir(tmp_path)) == ["scene-run", "scene-samples", "scene.safetensors"]


@pytest.mark.slow
def test_a_cancel_ends_within_a_second_and_resume_goes_on(trainingset: str, tmp_path: Path) -> None:
    out = tmp_path / "waves.safetensors"
    feedback = Feedback(False)
    with pytest.raises(core.QgsProcessingException, match="run it again with RESUME"):
        run(feedback, TRAININGSET=trainingset, OUTPUT=str(out), STEPS=200)
    assert time.monotonic() - feedback.cancelled < 5.0  # a second where nothing else computes; see tests/jobs
    assert not out.exists() and list((tmp_path / "waves-run").glob("step-*.npz"))
    assert "was begun before" in refusal(TRAININGSET=trainingset, OUTPUT=str(out))
    made = run(TRAININGSET=trainingset, OUTPUT=str(out), STEPS=200, RESUME=True)
    assert Path(made["OUTPUT"]).is_file() and made["STEPS_DONE"] == 200.0


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, "What to learn from is not clear"),
        ({"TRAININGSET": "/nowhere"}, "/nowhere is no training set"),
        ({"TRAININGSET": "/nowhere", "NAME": " "}, "The model was given no name"),
        ({"TRAININGSET": "/nowhere", "OUTPUT": "/tmp/model.tif"}, "does not end like one"),
        ({"TRAININGSET": "/nowhere", "STEPS": 1}, "1 cannot be a number of steps"),
        ({"TRAININGSET": "/nowhere", "MINUTES": 0}, "cannot be trained for 0.0 minutes"),
        ({"TRAININGSET": "/nowhere", "BACKBONE": "CNN"}, "BACKBONE cannot be 'CNN'"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(parameters: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(**parameters)


def test_a_model_to_begin_with_that_is_not_there_is_named(trainingset: str) -> None:
    assert "absent.safetensors" in refusal(TRAININGSET=trainingset, START="absent.safetensors")
    assert "There is no model called 'nobody'" in refusal(TRAININGSET=trainingset, START="nobody")
