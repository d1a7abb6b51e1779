"""ksdiff:trainingset: two layers and a folder are enough, and what comes of them is told in declared outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import pairs, rasters
from tests.pairs import Pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

NUMBERS = ("SAMPLES", "TRAINING", "VALIDATION_SAMPLES", "LEFT_OUT", "BANDS_COUNT", "RATIO", "SECONDS", "PEAK_MB")


def run(output: Path | str, feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    given = {"OUTPUT": str(output), "PATCH": 16, "MOST": 40, **parameters}
    return processing.run("ksdiff:trainingset", given, feedback=feedback)


def refusal(output: Path, **parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(output, **parameters)
    assert not output.exists()
    return str(caught.value)


def test_the_algorithm_is_described_and_its_defaults_are_the_engines(plugin: Any) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:trainingset")
    assert algorithm.displayName() == "Make a training set" and not algorithm.icon().isNull()
    assert all(item.help() for item in algorithm.parameterDefinitions())
    defaults = {item.name(): item.defaultValue() for item in algorithm.parameterDefinitions()}
    assert (defaults["MOST"], defaults["VALIDATION"], defaults["LIMIT"], defaults["PATCH"]) == (4000, 20.0, 1.0, 64)
    needed = [
        item.name()
        for item in algorithm.parameterDefinitions()
        if not item.flags() & core.QgsProcessingParameterDefinition.FlagOptional and item.defaultValue() is None
    ]
    assert needed == ["OUTPUT"]
    for name in ("SAMPLES", "VALIDATION_SAMPLES", "Report"):
        assert name in algorithm.shortHelpString() or algorithm.outputDefinition(name) is not None


def test_two_layers_become_a_set_with_all_declared_outputs(pair: Pair, tmp_path: Path, project: Any) -> None:
    layers = [core.QgsRasterLayer(path, name) for path, name in ((pair.pan, "PAN"), (pair.ms, "MS"))]
    project.addMapLayers(layers)
    feedback = core.QgsProcessingFeedback(False)
    made = run(tmp_path / "set", feedback, PANS=[layers[0].id()], MSS=[layers[1].id()])
    declared = core.QgsApplication.processingRegistry().algorithmById("ksdiff:trainingset").outputDefinitions()
    assert set(made) == {output.name() for output in declared}
    assert all(isinstance(made[name], float) for name in NUMBERS)
    assert made["SAMPLES"] == made["TRAINING"] + made["VALIDATION_SAMPLES"] and made["TRAINING"] == 32
    assert (made["BANDS_COUNT"], made["RATIO"], made["OUTPUT_SENSOR"]) == (4.0, 4.0, "GENERIC")
    assert Path(made["OUTPUT"]) == tmp_path / "set" and (tmp_path / "set" / "training" / "store.json").is_file()
    assert Path(made["REPORT"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(Path(made["MANIFEST"]).read_text())["request"]["seed"] == 0
    log = feedback.textLog()
    assert "32 samples to learn from" in log and "are few to learn from" in log


def test_a_folder_clouds_and_further_wishes_are_passed_on(pair: Pair, tmp_path: Path) -> None:
    clouds = np.zeros((64, 64), np.uint8)
    clouds[:20] = 1
    mask = rasters.write(tmp_path / "clouds.tif", clouds, pairs.affine((4.0, 4.0)), pairs.EPSG)
    made = run(
        tmp_path / "set",
        PANS=[pair.pan],
        MSS=[pair.ms],
        CLOUDS=[mask],
        VALIDATION=0,
        SENSOR="IKONOS",
        BANDS="3 2 1",
        SEED=5,
        LIMIT=2.5,
        TEXTURE=0.0,
    )
    told = json.loads(Path(made["MANIFEST"]).read_text())
    assert told["left_out"]["clouds"] > 0 and (made["BANDS_COUNT"], made["VALIDATION_SAMPLES"]) == (3.0, 0.0)
    asked = told["request"]
    assert (asked["seed"], asked["limit"], asked["least_texture"], asked["sensor"]) == (5, 2.5, 0.0, "ikonos")
    again = run(tmp_path / "again", FOLDER=str(Path(pair.pan).parent))
    assert again["TRAINING"] > 0


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, "nothing to cut samples from"),
        ({"MSS": "ms"}, "0 panchromatic and 1 multispectral"),
        ({"PANS": "pan", "MSS": "ms", "PATCH": "x"}, "no whole number"),
        ({"H5": "h5"}, "cannot be opened as an HDF5 file"),
        ({"FOLDER": "/none/at/all"}, "There is no folder"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    parameters: dict[str, Any], sentence: str, pair: Pair, tmp_path: Path
) -> None:
    files = {"pan": pair.pan, "ms": pair.ms, "h5": str(tmp_path.parent / "no.h5")}
    Path(files["h5"]).write_text("no such file")
    given = {name: files.get(value, value) for name, value in parameters.items()}
    given = {name: [value] if name in ("PANS", "MSS") else value for name, value in given.items()}
    assert sentence in refusal(tmp_path / "set", **given)


def test_a_temporary_folder_is_one_that_can_be_learnt_from(pair: Pair) -> None:
    made = run(core.QgsProcessing.TEMPORARY_OUTPUT, PANS=[pair.pan], MSS=[pair.ms])
    assert (Path(made["OUTPUT"]) / "training" / "store.json").is_file()


def test_a_run_that_is_cancelled_leaves_nothing(pair: Pair, tmp_path: Path) -> None:
    feedback = core.QgsProcessingFeedback(False)
    feedback.progressChanged.connect(lambda percent: feedback.cancel() if percent > 45 else None)
    with pytest.raises(core.QgsProcessingException, match="nothing was left behind"):
        run(tmp_path / "set", feedback, PANS=[pair.pan], MSS=[pair.ms], MOST=5000)
    assert not list(tmp_path.iterdir())
