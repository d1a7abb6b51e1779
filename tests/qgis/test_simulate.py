"""ksdiff:simulate run by Processing: three images that fit together, the outputs, cancelling, and refusals in words."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from tests.pairs import EPSG, LEFT, PIXEL, TOP, Pair, read, write_pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

NAMES = ("OUTPUT_PAN", "OUTPUT_MS", "OUTPUT_REFERENCE")


def run(pair: Pair, folder: Path, feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    outputs = {name: str(folder / f"{name}.tif") for name in NAMES}
    given = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, **outputs, **parameters}
    return processing.run("ksdiff:simulate", given, feedback=feedback)


def refusal(pair: Pair, folder: Path, **parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(pair, folder, **parameters)
    assert os.listdir(folder) == []
    return str(caught.value)


def test_the_simulated_pair_is_sharpened_to_the_grid_of_the_reference(pair: Pair, tmp_path: Path) -> None:
    import processing

    made = run(pair, tmp_path)
    assert np.array_equal(read(made["OUTPUT_REFERENCE"]), read(pair.ms))
    sharp = processing.run(
        "ksdiff:pansharpen",
        {
            "SPECTRAL": made["OUTPUT_MS"],
            "PANCHROMATIC": made["OUTPUT_PAN"],
            "METHOD": "GSA",
            "OUTPUT": str(tmp_path / "sharp.tif"),
        },
    )
    truth, result = gdal.Open(made["OUTPUT_REFERENCE"]), gdal.Open(sharp["OUTPUT"])
    assert result.GetGeoTransform() == truth.GetGeoTransform()
    assert (result.RasterXSize, result.RasterYSize) == (truth.RasterXSize, truth.RasterYSize) == (64, 64)


def test_all_declared_outputs_come_back_as_plain_values(pair: Pair, tmp_path: Path) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:simulate")
    made = run(pair, tmp_path, SENSOR="QUICKBIRD")
    assert set(made) == {output.name() for output in algorithm.outputDefinitions()}
    assert made["OUTPUT_SENSOR"] == "QUICKBIRD"
    assert made["RATIO"] == 4 and made["VALID_SHARE_PAN"] == made["VALID_SHARE_MS"] == 1
    for name in ("RATIO", "VALID_SHARE_PAN", "VALID_SHARE_MS", "SECONDS", "PEAK_MB"):
        assert type(made[name]) is float, name
    assert made["SHIFT"] is None or type(made["SHIFT"]) is float


def test_temporary_outputs_and_every_parameter_work_together(pair: Pair) -> None:
    import processing

    area = f"{LEFT},{LEFT + 128 * PIXEL},{TOP - 192 * PIXEL},{TOP} [EPSG:{EPSG}]"
    parameters = {"CONVENTION": "TOOLBOX", "SENSOR": "QUICKBIRD", "EXTENT": area, "BANDS": "3 1", "NODATA": -1}
    outputs = dict.fromkeys(NAMES, "TEMPORARY_OUTPUT")
    inputs = {"SPECTRAL": pair.ms, "PANCHROMATIC": pair.pan, "PAN_BAND": 1, "THREADS": 1}
    made = processing.run("ksdiff:simulate", {**inputs, **parameters, **outputs})
    assert np.array_equal(read(made["OUTPUT_REFERENCE"]), read(pair.ms)[[2, 0], :48, :32])
    assert read(made["OUTPUT_MS"]).shape == (2, 12, 8)
    assert gdal.Open(made["OUTPUT_MS"]).GetMetadataItem("KSDIFF_SIMULATION") == "toolbox"


def test_a_note_beside_each_result_holds_what_was_asked(pair: Pair, tmp_path: Path) -> None:
    from ksdiff_qgis._engine import load

    run(pair, tmp_path, BANDS="2 1")
    request = load("request")
    for name in NAMES:
        note = json.loads((tmp_path / f"{name}.tif.ksdiff.json").read_text(encoding="utf-8"))
        assert note["algorithm"] == "ksdiff:simulate"
        assert request.from_json(request.SimulateRequest, note["parameters"]).bands == (2, 1)


def test_every_parameter_and_output_is_explained(plugin: Any) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:simulate")
    for item in algorithm.parameterDefinitions():
        assert item.help(), item.name()
    assert "Wald's protocol" in algorithm.shortHelpString()
    advanced = core.QgsProcessingParameterDefinition.Flag.FlagAdvanced
    shown = [item.name() for item in algorithm.parameterDefinitions() if not item.flags() & advanced]
    assert shown == ["SPECTRAL", "PANCHROMATIC", "CONVENTION", "SENSOR", "EXTENT", "BANDS", "NODATA", *NAMES]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"OUTPUT_MS": "/tmp/out.png"}, "'out.png' does not end like one."),
        ({"BANDS": "1 two"}, "which is no list of whole numbers"),
        ({"BANDS": "9"}, "There is no MS band 9."),
        ({"CONVENTION": "usual"}, "CONVENTION cannot be 'usual'. Choose one of GEOMETRIC, TOOLBOX."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    parameters: dict[str, Any], words: str, pair: Pair, tmp_path: Path
) -> None:
    assert words in refusal(pair, tmp_path, **parameters)


def test_two_results_of_one_name_are_refused(pair: Pair, tmp_path: Path) -> None:
    same = str(tmp_path / "same.tif")
    assert "Two results would be written" in refusal(pair, tmp_path, OUTPUT_MS=same, OUTPUT_PAN=same)


def test_a_ratio_that_the_toolbox_does_not_know_is_refused(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=240, ratio=3)
    (tmp_path / "out").mkdir()
    assert "GEOMETRIC" in refusal(pair, tmp_path / "out", CONVENTION="TOOLBOX").upper()


@pytest.mark.slow
def test_a_cancelled_run_leaves_no_file(large_pair: Pair, tmp_path: Path) -> None:
    feedback = core.QgsProcessingFeedback(False)
    feedback.progressChanged.connect(lambda progress: feedback.cancel() if progress > 30 else None)
    assert "Stopped on request" in refusal(large_pair, tmp_path, feedback=feedback)
