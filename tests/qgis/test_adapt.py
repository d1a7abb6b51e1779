"""ksdiff:adapt, and ADAPT of ksdiff:pansharpen: a model learns from a pair in another Python, and its gain is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pairs import Pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a model for any bands, made in another process: PyTorch has no place in that of QGIS."""
    folder = tmp_path_factory.mktemp("model")
    code = (
        "import sys; from pathlib import Path; from tests.methods.models import any_band_file, guided; "
        "any_band_file(Path(sys.argv[1]), guided(prior='none', modulate='none'))"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True)
    return str(folder / "any.safetensors")


def run(pair: Pair, output: Path, feedback: Any = None, algorithm: str = "adapt", **parameters: Any) -> dict[str, Any]:
    import processing

    given = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "OUTPUT": str(output), **parameters}
    return processing.run(f"ksdiff:{algorithm}", given, feedback=feedback)


def refusal(pair: Pair, output: Path, **parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(pair, output, **parameters)
    assert not output.exists()
    return str(caught.value)


def test_the_algorithm_is_described_like_the_others(plugin: Any) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:adapt")
    assert algorithm.displayName() == "Adapt a model to a scene" and not algorithm.icon().isNull()
    assert all(item.help() for item in algorithm.parameterDefinitions())
    assert algorithm.parameterDefinition("MINUTES").defaultValue() == 2.0
    sharpens = core.QgsApplication.processingRegistry().algorithmById("ksdiff:pansharpen")
    assert sharpens.parameterDefinition("ADAPT").defaultValue() == 0.0


@pytest.mark.slow
def test_a_model_is_adapted_in_another_python_and_told_in_numbers(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KSDIFF_PYTHON", sys.executable)
    feedback = core.QgsProcessingFeedback(False)
    made = run(pair, tmp_path / "out.safetensors", feedback, MODEL=model, MINUTES=0.05, DEVICE="CPU", THREADS=1)
    assert Path(made["OUTPUT"]).is_file() and made["OUTPUT_MODEL"].startswith("ksdiff-any-adapted 1.0.0-")
    assert made["STEPS"] >= 0 and 0.0 < made["ERROR_AFTER"] <= made["ERROR_BEFORE"]
    assert "  before" in feedback.textLog() and "  after" in feedback.textLog()


@pytest.mark.slow
def test_pansharpen_adapts_the_model_first(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KSDIFF_PYTHON", sys.executable)
    made = run(pair, tmp_path / "out.tif", None, "pansharpen", MODEL=model, ADAPT=0.05, DEVICE="CPU", THREADS=1)
    assert made["OUTPUT_MODEL"].startswith("ksdiff-any-adapted 1.0.0-")
    assert 0.0 < made["ERROR_AFTER"] <= made["ERROR_BEFORE"]


def test_without_adapting_there_are_no_such_errors(pair: Pair, tmp_path: Path) -> None:
    made = run(pair, tmp_path / "out.tif", None, "pansharpen", METHOD="EXP")
    assert made["ERROR_BEFORE"] is None and made["ERROR_AFTER"] is None


@pytest.mark.parametrize(
    ("output", "parameters", "sentence"),
    [
        ("out.tif", {}, "does not end like one"),
        ("out.safetensors", {"MINUTES": 0}, "0"),
        ("out.tif", {"algorithm": "pansharpen", "METHOD": "GSA", "ADAPT": 2}, "no model that could be adapted"),
        ("out.tif", {"algorithm": "pansharpen", "METHOD": "KSDIFF", "ADAPT": 2, "RESUME": True}, "cannot be gone on"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    output: str, parameters: dict[str, Any], sentence: str, pair: Pair, tmp_path: Path
) -> None:
    assert sentence in refusal(pair, tmp_path / output, **parameters)
