"""ksdiff:evaluate run by Processing: outputs as plain values, lists however they are given, cancelling, refusals."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import rasters
from tests.pairs import EPSG, LEFT, PIXEL, TOP, Pair, affine, read, write_pair
from tests.slowness import mostly_slow, slow

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

FILES = {"OUTPUT_HTML": "r.html", "OUTPUT_JSON": "r.json", "OUTPUT_CSV": "r.csv", "OUTPUT_ERROR": "r.tif"}
TEXTS = ["JUDGED"]
OF_BANDS = ["RMSE", "RMSE_PERCENT", "BIAS_PERCENT", "R_RMSE_PERCENT", "R_BIAS_PERCENT"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("small"), size=128)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def run(pair: Pair, folder: Path, feedback: Any = None, **parameters: Any) -> dict[str, Any]:
    import processing

    given = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "METHODS": ["GSA"]}
    given["OUTPUT_JSON"] = str(folder / "r.json")
    return processing.run("ksdiff:evaluate", {**given, **parameters}, feedback=feedback)


def refusal(pair: Pair, folder: Path, **parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(pair, folder, **parameters)
    assert os.listdir(folder) == []
    return str(caught.value)


def on_pan(path: Path, array: Any) -> str:
    return rasters.write(path, np.asarray(array).astype(np.uint16), affine(), EPSG)


def names(made: dict[str, Any]) -> list[str]:
    """Return which images a report is about."""
    return [image["name"] for image in json.loads(Path(made["OUTPUT_JSON"]).read_text(encoding="utf-8"))["images"]]


def algorithm() -> Any:
    return core.QgsApplication.processingRegistry().algorithmById("ksdiff:evaluate")


def test_all_declared_outputs_come_back_as_plain_values_that_the_json_has(small: Pair, out: Path) -> None:
    files = {name: str(out / file) for name, file in FILES.items()}
    made = run(small, out, **files)
    assert set(made) == {output.name() for output in algorithm().outputDefinitions()}
    assert {name: made[name] for name in FILES} == files and sorted(os.listdir(out)) == sorted(FILES.values())
    numbers = json.loads((out / "r.json").read_text(encoding="utf-8"))
    judged = numbers["images"][1]
    assert made["JUDGED"] == judged["name"] == "gsa"
    found = {**judged["reduced"], **judged["full"]}
    for name in sorted(set(made) - set(FILES) - {"JUDGED", "RATIO", "SHIFT", "SECONDS", "PEAK_MB"}):
        value = found[name.lower()]
        expected = max(value, key=abs) if name in OF_BANDS else value
        assert isinstance(value, list) == (name in OF_BANDS), name
        assert made[name] == expected and type(made[name]) is (type(None) if expected is None else float), name
    assert made["RATIO"] == 4.0 and type(made["SECONDS"]) is type(made["PEAK_MB"]) is float
    assert made["SHIFT"] is None or made["SHIFT"] == pytest.approx(math.hypot(*numbers["shift"]))


def test_files_are_judged_first_and_without_a_truth_its_numbers_are_empty(small: Pair, out: Path) -> None:
    fused = on_pan(out.parent / "mine.tif", small.truth)
    made = run(small, out, FUSED=[fused], METHODS=[])
    assert made["JUDGED"] == "mine.tif" and names(made) == ["exp", "mine.tif"]
    assert made["ERGAS"] is made["Q2N"] is made["RMSE"] is None and made["D_RHO"] > 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["GSA", "SFIM"], ["exp", "gsa", "sfim"]),
        slow("GSA,SFIM", ["exp", "gsa", "sfim"]),
        slow("GSA, SFIM", ["exp", "gsa", "sfim"]),
        slow("SFIM", ["exp", "sfim"]),
        slow(["GS", "GS"], ["exp", "gs"]),
        slow(["EXP"], ["exp"]),
        slow(None, ["exp", "brovey", "gsa", "mtf-glp-fs"]),
    ],
)
def test_methods_are_taken_as_a_list_or_as_words(given: Any, expected: list[str], small: Pair, out: Path) -> None:
    assert names(run(small, out, METHODS=given)) == expected


@pytest.mark.parametrize("given", mostly_slow([[], "", " , "], 0))
def test_an_empty_list_of_methods_means_none(given: Any, small: Pair, out: Path) -> None:
    fused = on_pan(out.parent / "mine.tif", small.truth)
    assert names(run(small, out, FUSED=fused, METHODS=given)) == ["exp", "mine.tif"]


def test_temporary_outputs_and_every_parameter_work_together(small: Pair, out: Path) -> None:
    import processing

    fused = on_pan(out.parent / "mine.tif", small.truth[[2, 0]] + 1)
    truth = on_pan(out.parent / "truth.tif", small.truth[[2, 0]])
    area = f"{LEFT},{LEFT + 64 * PIXEL},{TOP - 96 * PIXEL},{TOP} [EPSG:{EPSG}]"
    inputs = {"SPECTRAL": small.ms, "PANCHROMATIC": small.pan, "FUSED": [fused], "REFERENCE": truth, "METHODS": ["GS"]}
    details = {"SENSOR": "QUICKBIRD", "EXTENT": area, "BANDS": "3 1", "NODATA": -1, "BORDER": 2}
    outputs = dict.fromkeys(FILES, "TEMPORARY_OUTPUT")
    made = processing.run("ksdiff:evaluate", {**inputs, **details, "PAN_BAND": 1, "THREADS": 1, **outputs})
    assert names(made) == ["exp", "gs", "mine.tif"]
    assert made["BIAS_PERCENT"] > 0 and made["RMSE"] == 1.0
    assert Path(made["OUTPUT_HTML"]).suffix == ".html" and "<html" in Path(made["OUTPUT_HTML"]).read_text("utf-8")
    assert read(made["OUTPUT_ERROR"]).shape == (1, 92, 60)


def test_layers_of_the_project_are_taken(small: Pair, out: Path, project: Any) -> None:
    layers = []
    for path in (small.ms, small.pan, on_pan(out.parent / "mine.tif", small.truth)):
        layers.append(core.QgsRasterLayer(path, Path(path).stem))
        project.addMapLayer(layers[-1])
    ms, pan, mine = (layer.id() for layer in layers)
    made = run(small, out, SPECTRAL=[ms], PANCHROMATIC=pan, FUSED=[mine], METHODS="", REFERENCE=mine)
    assert made["JUDGED"] == "mine.tif" and made["ERGAS"] == 0.0


def test_the_report_alone_is_written_where_nothing_else_is_asked_for(small: Pair, out: Path) -> None:
    made = run(small, out, OUTPUT_JSON=None, OUTPUT_HTML=str(out / "r.html"))
    assert os.listdir(out) == ["r.html"]
    assert not {"OUTPUT_JSON", "OUTPUT_CSV", "OUTPUT_ERROR"} & set(made)


def test_an_error_map_that_could_not_be_made_is_no_output(out: Path) -> None:
    pair = write_pair(out.parent / "pair", size=64, ratio=1)
    made = run(pair, out, OUTPUT_ERROR=str(out / "r.tif"))
    assert "OUTPUT_ERROR" not in made and os.listdir(out) == ["r.json"]


def test_every_parameter_and_output_is_explained(plugin: Any) -> None:
    texts = algorithm().shortHelpString()
    for item in algorithm().parameterDefinitions():
        assert item.help() and item.help() in texts, item.name()
    explained = algorithm().texts().outputs
    for output in algorithm().outputDefinitions():
        assert output.name() in FILES or explained[output.name()], output.name()
    assert set(explained) == {output.name() for output in algorithm().outputDefinitions()} - set(FILES)
    advanced = core.QgsProcessingParameterDefinition.Flag.FlagAdvanced
    hidden = [item.name() for item in algorithm().parameterDefinitions() if item.flags() & advanced]
    assert hidden == ["BORDER", "PAN_BAND", "THREADS"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"METHODS": ["MAGIC"]}, "METHODS cannot be 'MAGIC'. Choose one of EXP, BROVEY"),
        ({"METHODS": "GSA,MAGIC"}, "METHODS cannot be 'MAGIC'."),
        ({"METHODS": []}, "There is nothing to judge."),
        ({"FUSED": "none.tif"}, "FUSED: 'none.tif' cannot be loaded."),
        ({"REFERENCE": "none.tif"}, "none.tif"),
        ({"OUTPUT_JSON": None}, "No result was asked for."),
        ({"OUTPUT_ERROR": "e.png"}, "'e.png' does not end like one."),
        ({"OUTPUT_HTML": "/none/r.html"}, "The folder /none does not exist."),
        ({"OUTPUT_ERROR": "/none/r.tif", "METHODS": ["EXP"]}, "An error map needs a truth"),
        ({"BORDER": 2.5}, "which is no whole number"),
        ({"BANDS": "9"}, "There is no MS band 9."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    parameters: dict[str, Any], words: str, small: Pair, out: Path
) -> None:
    assert words in refusal(small, out, **parameters)


@pytest.mark.slow
def test_a_cancelled_run_leaves_no_file(large_pair: Pair, out: Path) -> None:
    feedback = core.QgsProcessingFeedback(False)
    feedback.progressChanged.connect(lambda progress: feedback.cancel() if progress > 2 else None)
    outputs = {name: str(out / file) for name, file in FILES.items()}
    assert "Stopped on request" in refusal(large_pair, out, feedback=feedback, **outputs)
    waiting = Path(core.QgsProcessingUtils.tempFolder())
    assert not [path for path in waiting.rglob("*") if path.name.startswith("ksdiff_work_")]


@pytest.mark.slow
def test_in_a_model_it_judges_what_another_step_made(small: Pair, out: Path) -> None:
    source = core.QgsProcessingModelChildParameterSource
    model = core.QgsProcessingModelAlgorithm("judged", "tests")
    for name in ("MS", "PAN"):
        parameter = core.QgsProcessingParameterRasterLayer(name, name)
        model.addModelParameter(parameter, core.QgsProcessingModelParameter(name))
    pair = {"SPECTRAL": source.fromModelParameter("MS"), "PANCHROMATIC": source.fromModelParameter("PAN")}
    made = source.fromChildOutput("sharpen", "OUTPUT")
    chosen = {"METHODS": source.fromStaticValue(["GS"]), "FUSED": made}
    for identity, sources in (("sharpen", pair), ("evaluate", {**pair, **chosen})):
        verb = "pansharpen" if identity == "sharpen" else identity
        child = core.QgsProcessingModelChildAlgorithm(f"ksdiff:{verb}")
        child.setChildId(identity)
        for name, one in sources.items():
            child.addParameterSources(name, [one])
        if identity == "evaluate":
            final = core.QgsProcessingModelOutput("numbers", "numbers")
            final.setChildId(identity)
            final.setChildOutputName("OUTPUT_JSON")
            child.setModelOutputs({"numbers": final})
        model.addChildAlgorithm(child)
    model.initAlgorithm()
    given = {"MS": small.ms, "PAN": small.pan, "evaluate:numbers": str(out / "r.json")}
    feedback = core.QgsProcessingFeedback(False)
    _, successful = model.run(given, core.QgsProcessingContext(), feedback)
    assert successful, feedback.textLog()
    assert (
        names({"OUTPUT_JSON": out / "r.json"})[:2] == ["exp", "gs"] and len(names({"OUTPUT_JSON": out / "r.json"})) == 3
    )
