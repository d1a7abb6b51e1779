"""From two layers to a judged image in one graphical model: a training set, a model, sharpening and its report."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.headless.program import PROGRAM, Headless
from tests.jobs.teaching import tiny_networks
from tests.pairs import Pair, read, write_pair
from tests.qgis.graphs import add_child, constant, output_of, run, source_of, with_inputs
from tools.package import NAME

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")
pytest.importorskip("torch")

pytestmark = [pytest.mark.usefixtures("plugin"), pytest.mark.slow]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=768)


def chain() -> Any:
    """Return a model that makes samples of a pair, trains on them, sharpens the pair with the result, and judges."""
    model = with_inputs("chain")
    images = {"SPECTRAL": source_of("MS"), "PANCHROMATIC": source_of("PAN")}
    add_child(
        model, "set", "ksdiff:trainingset", "", PANS=source_of("PAN"), MSS=source_of("MS"), PATCH=constant(32)
    )  # fmt: skip
    learning = {"NAME": constant("Chain"), "STEPS": constant(4), "DEVICE": constant("CPU"), "THREADS": constant(2)}
    add_child(model, "train", "ksdiff:train", "weights", TRAININGSET=output_of("set", "OUTPUT"), **learning)
    add_child(
        model, "sharpen", "ksdiff:pansharpen", "sharp", **images, MODEL=output_of("train", "OUTPUT"),
        DEVICE=constant("CPU"),
    )  # fmt: skip
    add_child(
        model, "judge", "ksdiff:evaluate", "page", "OUTPUT_HTML", **images, FUSED=output_of("sharpen", "OUTPUT"),
        METHODS=constant("EXP"),
    )  # fmt: skip
    return model


FILES = {
    "weights": ("train", "chain.safetensors"),
    "sharp": ("sharpen", "sharp.tif"),
    "page": ("judge", "report.html"),
}


def check(folder: Path, size: int) -> None:
    assert all((folder / file).stat().st_size > 1000 for _, file in FILES.values())
    assert read(str(folder / "sharp.tif")).shape == (4, size, size)
    note = json.loads((folder / "sharp.tif.ksdiff.json").read_text(encoding="utf-8"))
    assert note["parameters"]["model"] == str(folder / "chain.safetensors")
    assert "sharp.tif" in (folder / "report.html").read_text(encoding="utf-8")


def test_samples_training_sharpening_and_judging_follow_each_other_in_a_model(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ksdiff_qgis._engine import load

    tiny_networks(monkeypatch, load("jobs.recipe"))
    monkeypatch.setenv("KSDIFF_PYTHON", sys.executable)
    results = run(chain(), pair, tmp_path, **FILES)
    assert results["train:weights"] == str(tmp_path / "chain.safetensors")
    check(tmp_path, 768)


@pytest.mark.skipif(PROGRAM is None, reason="qgis_process is not installed")
def test_they_do_so_in_qgis_process_too(pair: Pair, tmp_path: Path) -> None:
    headless = Headless(Path(os.environ["HOME"]))  # in the profile of these tests
    headless.environment["KSDIFF_PYTHON"] = sys.executable
    assert headless("plugins", "enable", NAME).returncode == 0
    graph = chain()
    graph.initAlgorithm()
    assert graph.toFile(str(tmp_path / "chain.model3"))
    finals = [f"{child}:{name}={tmp_path / file}" for name, (child, file) in FILES.items()]
    done = headless(
        "run", str(tmp_path / "chain.model3"), "--json", "--", f"MS={pair.ms}", f"PAN={pair.pan}", *finals,
        timeout_s=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]["sharpen:sharp"] == str(tmp_path / "sharp.tif")
    check(tmp_path, 768)
