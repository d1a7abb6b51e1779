"""ksdiff:pansharpen with a trained model: computed in another Python, with declared outputs, cancel and refusals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pairs import Pair, read

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a model, made in another process: PyTorch has no place in that of QGIS."""
    folder = tmp_path_factory.mktemp("model")
    code = (
        "import sys; from pathlib import Path; from tests.methods.models import model_file, tiny; "
        "model_file(Path(sys.argv[1]), tiny())"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True)
    return str(folder / "model.safetensors")


def run(pair: Pair, output: Path, **parameters: Any) -> dict[str, Any]:
    import processing

    given = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "OUTPUT": str(output), **parameters}
    return processing.run("ksdiff:pansharpen", given)


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


def test_the_python_of_the_settings_is_what_computes(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KSDIFF_PYTHON", str(tmp_path / "none"))
    assert "none cannot be started" in refusal(pair, tmp_path / "out.tif", MODEL=model)


def test_a_model_that_is_none_is_refused_in_words(pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"PK\x03\x04 a pickle in a zip")
    assert "can hold code" in refusal(pair, tmp_path / "out.tif", MODEL=str(other))
    assert "missing.safetensors" in refusal(pair, tmp_path / "out.tif", MODEL=str(tmp_path / "missing.safetensors"))


def test_a_model_for_other_bands_is_refused_in_words(pair: Pair, model: str, tmp_path: Path) -> None:
    assert "takes 4 bands" in refusal(pair, tmp_path / "out.tif", MODEL=model, BANDS="1 2 3")
