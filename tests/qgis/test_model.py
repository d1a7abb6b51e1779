"""ksdiff:pansharpen in graphical models: its outputs feed other algorithms, and it takes the place of gdal:pansharp."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pairs import Pair, read
from tests.qgis.graphs import add_child, constant, output_of, run, source_of, with_inputs

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")


def test_the_sharpened_image_and_its_numbers_feed_the_next_algorithms(pair: Pair, tmp_path: Path) -> None:
    model = with_inputs("chain")
    inputs = {"SPECTRAL": source_of("MS"), "PANCHROMATIC": source_of("PAN")}
    add_child(model, "sharpen", "ksdiff:pansharpen", "", **inputs, METHOD=constant("GSA"))
    add_child(
        model,
        "coarser",
        "gdal:translate",
        "",
        INPUT=output_of("sharpen", "OUTPUT"),
        EXTRA=constant("-outsize 50% 50%"),
    )
    add_child(
        model,
        "again",  # a string and a number of the first run are parameters of the second
        "ksdiff:pansharpen",
        "sharp",
        SPECTRAL=output_of("coarser", "OUTPUT"),
        PANCHROMATIC=source_of("PAN"),
        METHOD=output_of("sharpen", "OUTPUT_METHOD"),
        SENSOR=output_of("sharpen", "OUTPUT_SENSOR"),
        THREADS=output_of("sharpen", "VALID_SHARE"),
    )
    run(model, pair, tmp_path, sharp=("again", "sharp.tif"))
    assert read(str(tmp_path / "sharp.tif")).shape == (4, 256, 256)
    note = (tmp_path / "sharp.tif.ksdiff.json").read_text(encoding="utf-8")
    assert '"method": "gsa"' in note
    assert '"threads": 1' in note


@pytest.mark.slow
def test_a_model_made_for_gdal_pansharp_runs_with_ours_after_one_swap(pair: Pair, tmp_path: Path) -> None:
    model = with_inputs("swap")
    inputs = {"SPECTRAL": source_of("MS"), "PANCHROMATIC": source_of("PAN")}
    add_child(
        model,
        "sharpen",
        "gdal:pansharp",
        "sharp",
        **inputs,
        RESAMPLING=constant(1),
        OPTIONS=constant("COMPRESS=LZW|TILED=YES"),
        EXTRA=constant(""),
    )
    child = model.childAlgorithm("sharpen")
    child.setAlgorithmId("ksdiff:pansharpen")
    model.setChildAlgorithm(child)
    run(model, pair, tmp_path, sharp=("sharpen", "sharp.tif"))
    assert read(str(tmp_path / "sharp.tif")).shape == (4, 256, 256)
    note = (tmp_path / "sharp.tif.ksdiff.json").read_text(encoding="utf-8")
    assert '"resampling": "bilinear"' in note
    assert '"COMPRESS=LZW"' in note


def test_a_failing_step_stops_the_model(pair: Pair, tmp_path: Path) -> None:
    model = with_inputs("failing")
    inputs = {"SPECTRAL": source_of("MS"), "PANCHROMATIC": source_of("PAN")}
    add_child(model, "sharpen", "ksdiff:pansharpen", "sharp", **inputs, BANDS=constant("9"))
    model.initAlgorithm()
    parameters = {"MS": pair.ms, "PAN": pair.pan, "sharpen:sharp": str(tmp_path / "sharp.tif")}
    feedback = core.QgsProcessingFeedback(False)
    _, successful = model.run(parameters, core.QgsProcessingContext(), feedback)
    assert not successful
    assert "9" in feedback.textLog()
    assert list(tmp_path.iterdir()) == []
