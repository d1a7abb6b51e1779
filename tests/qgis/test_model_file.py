"""ksdiff:pansharpen and ksdiff:evaluate with trained models, named or chosen, that compute in another Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pairs import Pair, read
from tests.slowness import mostly_slow

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a model, made in another process: PyTorch has no place in that of QGIS."""
    folder = tmp_path_factory.mktemp("model")
    code = (
        "import sys; from pathlib import Path; from tests.methods.models import model_file, tiny; "
        "model_file(Path(sys.argv[1]), tiny(), sensors=('quickbird',))"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True)
    return str(folder / "model.safetensors")


@pytest.fixture
def kept(model: str, plugin: Any) -> Iterator[str]:
    """Return the user's folder of models, which holds the model."""
    from ksdiff_qgis import paths

    paths.models().mkdir(parents=True)
    shutil.copy(model, paths.models())
    yield str(paths.models())
    shutil.rmtree(paths.models())


def run(pair: Pair, output: Path, feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    given = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "OUTPUT": str(output), **parameters}
    return processing.run("ksdiff:pansharpen", given, feedback=feedback)


def judged(pair: Pair, folder: Path, feedback: Any = None, **parameters: Any) -> list[str]:
    """Return the images that a report is about."""
    import processing

    numbers = str(folder / "r.json")
    given = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "METHODS": [], "OUTPUT_JSON": numbers, **parameters}
    processing.run("ksdiff:evaluate", given, feedback=feedback)
    return [image["name"] for image in json.loads(Path(numbers).read_text(encoding="utf-8"))["images"]]


def asked(output: Path) -> dict[str, Any]:
    """Return what the note beside a result says was asked of the engine."""
    parameters: dict[str, Any] = json.loads(Path(f"{output}.ksdiff.json").read_text(encoding="utf-8"))["parameters"]
    return parameters


def refusal(pair: Pair, output: Path, **parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(pair, output, **parameters)
    assert not output.exists()
    return str(caught.value)


@pytest.mark.slow
def test_a_model_takes_the_place_of_the_method(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KSDIFF_PYTHON", sys.executable)
    made = run(pair, tmp_path / "one.tif", MODEL=model, METHOD="GSA")
    assert (made["OUTPUT_METHOD"], made["OUTPUT_MODEL"], made["OUTPUT_DEVICE"]) == (
        "KSDIFF",
        "ksdiff-test 1.0.0",
        "cpu",
    )
    enlarged = run(pair, tmp_path / "exp.tif", METHOD="EXP")
    assert (enlarged["OUTPUT_MODEL"], enlarged["OUTPUT_DEVICE"]) == ("", "")
    assert not np.array_equal(read(made["OUTPUT"]), read(enlarged["OUTPUT"]))
    again = run(pair, tmp_path / "two.tif", MODEL=model, DEVICE="CPU", SEED=1)
    assert not np.array_equal(read(made["OUTPUT"]), read(again["OUTPUT"])), "another seed"


@pytest.fixture
def no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugin: Any) -> Iterator[str]:
    """Set, in the options of the provider, a file that is no Python, and return it."""
    from processing.core.ProcessingConfig import ProcessingConfig

    monkeypatch.delenv("KSDIFF_PYTHON", raising=False)
    (tmp_path / "none").touch()
    ProcessingConfig.setSettingValue("KSDIFF_PYTHON", str(tmp_path / "none"))
    yield str(tmp_path / "none")
    ProcessingConfig.setSettingValue("KSDIFF_PYTHON", "")


@pytest.mark.slow
def test_the_python_of_the_settings_is_what_computes(pair: Pair, model: str, tmp_path: Path, no_python: str) -> None:
    assert f"{no_python} cannot be started" in refusal(pair, tmp_path / "out.tif", MODEL=model)


def test_a_model_that_is_none_is_refused_in_words(pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"PK\x03\x04 a pickle in a zip")
    assert "can hold code" in refusal(pair, tmp_path / "out.tif", MODEL=str(other))
    assert "missing.safetensors" in refusal(pair, tmp_path / "out.tif", MODEL=str(tmp_path / "missing.safetensors"))


def test_a_model_for_other_bands_is_refused_in_words(pair: Pair, model: str, tmp_path: Path) -> None:
    assert "takes 4 bands" in refusal(pair, tmp_path / "out.tif", MODEL=model, BANDS="1 2 3")


def test_how_a_model_works_reaches_the_engine_and_is_advanced(pair: Pair, tmp_path: Path) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:pansharpen")
    for name in ("CONTEXT", "RESUME"):
        assert algorithm.parameterDefinition(name).flags() & core.QgsProcessingParameterDefinition.Flag.FlagAdvanced
    run(pair, tmp_path / "usual.tif", METHOD="EXP")
    run(pair, tmp_path / "special.tif", METHOD="EXP", CONTEXT="TILE", RESUME=True)
    usual, special = asked(tmp_path / "usual.tif"), asked(tmp_path / "special.tif")
    assert (usual["context"], usual["resume"], usual["model_folders"]) == ("scene", False, [])
    assert (special["context"], special["resume"]) == ("tile", True)


def test_where_the_shipped_model_cannot_run_the_default_method_takes_over_with_a_warning(
    pair: Pair, tmp_path: Path, no_python: str
) -> None:
    feedback = core.QgsProcessingFeedback(False)
    made = run(pair, tmp_path / "out.tif", feedback, METHOD="KSDIFF")
    assert (made["OUTPUT_METHOD"], made["OUTPUT_MODEL"]) == ("MTF-GLP-FS", "")
    assert "chosen: made for any sensor." in feedback.textLog()
    assert "Sharpened by mtf-glp-fs instead of a model: " in feedback.textLog()


def test_a_model_that_the_user_keeps_is_chosen_and_where_it_cannot_run_the_remedy_is_said(
    pair: Pair, kept: str, tmp_path: Path, no_python: str
) -> None:
    feedback = core.QgsProcessingFeedback(False)
    made = run(pair, tmp_path / "out.tif", feedback, METHOD="KSDIFF", SENSOR="QUICKBIRD")
    assert asked(tmp_path / "out.tif")["model_folders"] == [kept]
    assert "Model ksdiff-test 1.0.0 chosen: trained on QuickBird, which this is; 1 other fits." in feedback.textLog()
    assert f"{no_python} cannot be started" in feedback.textLog() and "'Set up environment'" in feedback.textLog()
    assert made["OUTPUT_METHOD"] == "MTF-GLP-FS"


@pytest.mark.slow
def test_a_model_that_is_chosen_sharpens_and_is_told(
    pair: Pair, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KSDIFF_PYTHON", sys.executable)
    feedback = core.QgsProcessingFeedback(False)
    made = run(pair, tmp_path / "out.tif", feedback, METHOD="KSDIFF", SENSOR="QUICKBIRD", DEVICE="CPU")
    assert (made["OUTPUT_METHOD"], made["OUTPUT_MODEL"]) == ("KSDIFF", "ksdiff-test 1.0.0")
    assert "context scene, on cpu." in feedback.textLog() and "tiles of 256 PAN pixels." in feedback.textLog()


@pytest.mark.slow
def test_models_are_judged_beside_methods(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KSDIFF_PYTHON", sys.executable)
    assert judged(pair, tmp_path, METHODS=["GS"], MODELS=[model]) == ["exp", "gs", "model.safetensors"]


@pytest.mark.parametrize("several", mostly_slow([True, False], 0))
def test_the_models_of_a_report_compute_in_the_python_of_the_settings(
    several: bool, pair: Pair, model: str, tmp_path: Path, no_python: str
) -> None:
    feedback = core.QgsProcessingFeedback(False)
    assert judged(pair, tmp_path, feedback, MODELS=[model] if several else model) == ["exp"]
    assert f"model.safetensors was left out: {no_python} cannot be started" in feedback.textLog()


@pytest.mark.parametrize("nothing", mostly_slow([None, [], ""], 0))
def test_a_report_needs_no_models(nothing: Any, pair: Pair, tmp_path: Path) -> None:
    assert judged(pair, tmp_path, METHODS=["GS"], MODELS=nothing) == ["exp", "gs"]
