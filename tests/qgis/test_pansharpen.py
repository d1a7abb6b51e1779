"""ksdiff:pansharpen run by Processing: the result, the outputs, the style, cancelling, and refusals in words."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from tests.pairs import EPSG, LEFT, PIXEL, TOP, Pair, ergas, read, write_pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")

NUMBERS = ("RATIO", "VALID_SHARE", "SECONDS", "PEAK_MB")
RESAMPLINGS = ("nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average")  # as in gdal:pansharp


def run(pair: Pair, output: Any = "TEMPORARY_OUTPUT", **parameters: Any) -> dict[str, Any]:
    import processing

    inputs = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "METHOD": "MTF-GLP-FS", "OUTPUT": str(output)}
    return processing.run("ksdiff:pansharpen", {**inputs, **parameters})


def refusal(pair: Pair, output: Any = "TEMPORARY_OUTPUT", **parameters: Any) -> str:
    with pytest.raises(core.QgsProcessingException) as caught:
        run(pair, output, **parameters)
    return str(caught.value)


def test_the_result_lies_on_the_grid_of_pan_and_is_nearer_to_the_truth_than_enlarging(
    pair: Pair, tmp_path: Path
) -> None:
    run(pair, tmp_path / "out.tif")
    sharp, pan = gdal.Open(str(tmp_path / "out.tif")), gdal.Open(pair.pan)
    assert sharp.GetGeoTransform() == pan.GetGeoTransform()
    assert (sharp.RasterXSize, sharp.RasterYSize) == (pan.RasterXSize, pan.RasterYSize)
    assert sharp.RasterCount == 4
    assert sharp.GetRasterBand(1).DataType == gdal.GDT_UInt16
    enlarged = gdal.Translate("", pair.ms, format="MEM", width=256, height=256, resampleAlg="cubic").ReadAsArray()
    before, after = (ergas(image, pair.truth, pair.ratio) for image in (enlarged, read(str(tmp_path / "out.tif"))))
    assert after < 0.8 * before


def test_all_declared_outputs_come_back_as_plain_values(pair: Pair, tmp_path: Path) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:pansharpen")
    results = run(pair, tmp_path / "out.tif", METHOD="GSA")
    assert set(results) == {output.name() for output in algorithm.outputDefinitions()}
    assert results["OUTPUT"] == str(tmp_path / "out.tif")
    assert results["OUTPUT_METHOD"] == "GSA"
    assert results["OUTPUT_SENSOR"] in algorithm.parameterDefinition("SENSOR").options()
    assert results["RATIO"] == pytest.approx(pair.ratio)
    assert results["VALID_SHARE"] == pytest.approx(1.0)
    for name in NUMBERS:
        assert type(results[name]) in (int, float), name
    for name in ("SHIFT", "SHIFT_X", "SHIFT_Y"):
        assert results[name] is None or type(results[name]) is float, name


def test_a_note_beside_the_result_holds_version_parameters_and_result(pair: Pair) -> None:
    from ksdiff_qgis._engine import engine, load

    results = run(pair, METHOD="BROVEY", BANDS="3 2 1")
    note = json.loads(Path(results["OUTPUT"] + ".ksdiff.json").read_text(encoding="utf-8"))
    assert note["algorithm"] == "ksdiff:pansharpen"
    assert note["version"] == engine.__version__
    assert note["result"]["method"] == "brovey"
    again = load("request").from_json(load("request").SharpenRequest, note["parameters"])
    assert again.bands == (3, 2, 1)


@pytest.mark.parametrize("spectral", ["path", "list", "layer", "layers"])
def test_spectral_may_be_one_path_or_layer_as_with_gdal_pansharp(pair: Pair, spectral: str) -> None:
    layer = core.QgsRasterLayer(pair.ms, "ms")
    given = {"path": pair.ms, "list": [pair.ms], "layer": layer, "layers": [layer]}[spectral]
    results = run(pair, SPECTRAL=given, METHOD="EXP")
    assert gdal.Open(results["OUTPUT"]).RasterCount == 4


def test_one_file_per_band_gives_the_same_as_one_file(pair: Pair, tmp_path: Path) -> None:
    files = []
    for band in (1, 2, 3, 4):
        files.append(str(tmp_path / f"band{band}.tif"))
        gdal.Translate(files[-1], pair.ms, bandList=[band])
    apart = run(pair, SPECTRAL=files, METHOD="GSA")
    together = run(pair, METHOD="GSA")
    assert np.array_equal(read(apart["OUTPUT"]), read(together["OUTPUT"]))


def test_a_missing_file_among_several_is_an_error_and_not_a_missing_band(pair: Pair, tmp_path: Path) -> None:
    assert "gone.tif" in refusal(pair, SPECTRAL=[pair.ms, str(tmp_path / "gone.tif")])


@pytest.mark.parametrize("bands", ["3 1", "3,1", [3, 1]])
def test_bands_may_be_chosen_and_ordered(pair: Pair, bands: Any) -> None:
    results = run(pair, METHOD="EXP", BANDS=bands)
    chosen, everything = read(results["OUTPUT"]), read(run(pair, METHOD="EXP")["OUTPUT"])
    assert np.array_equal(chosen, everything[[2, 0]])


@pytest.mark.parametrize("index, name", list(enumerate(RESAMPLINGS)))
def test_resampling_keeps_the_numbers_of_gdal(pair: Pair, index: int, name: str) -> None:
    from ksdiff_qgis._engine import load

    results = run(pair, METHOD="EXP", RESAMPLING=index)
    note = json.loads(Path(results["OUTPUT"] + ".ksdiff.json").read_text(encoding="utf-8"))
    assert note["parameters"]["resampling"] == name
    assert load("request").RESAMPLINGS[6] == "polynomial"


def test_an_extent_in_another_coordinate_system_cuts_the_result(pair: Pair) -> None:
    wanted = core.QgsRectangle(LEFT + 64 * PIXEL, TOP - 192 * PIXEL, LEFT + 160 * PIXEL, TOP - 64 * PIXEL)
    utm, degrees = (core.QgsCoordinateReferenceSystem(f"EPSG:{code}") for code in (EPSG, 4326))
    there = core.QgsCoordinateTransform(utm, degrees, core.QgsProject.instance()).transformBoundingBox(wanted)
    text = f"{there.xMinimum()},{there.xMaximum()},{there.yMinimum()},{there.yMaximum()} [EPSG:4326]"
    result = gdal.Open(run(pair, METHOD="EXP", EXTENT=text)["OUTPUT"])
    assert 96 <= result.RasterXSize <= 104
    assert 128 <= result.RasterYSize <= 136


def test_pixels_without_data_stay_without_data(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256, collar=True)
    assert pair.valid is not None
    results = run(pair)
    assert results["VALID_SHARE"] == pytest.approx(pair.valid.mean(), abs=0.05)
    written = read(results["OUTPUT"])
    assert not written[:, ~pair.valid].any()


def test_type_and_creation_options_are_passed_on(pair: Pair) -> None:
    results = run(pair, METHOD="EXP", DATA_TYPE="FLOAT32", OPTIONS="COMPRESS=LZW|BLOCKXSIZE=128|BLOCKYSIZE=128")
    result = gdal.Open(results["OUTPUT"])
    assert result.GetRasterBand(1).DataType == gdal.GDT_Float32
    assert result.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE") == "LZW"
    assert result.GetRasterBand(1).GetBlockSize() == [128, 128]


def test_misspelt_parameters_are_named_in_the_log(pair: Pair) -> None:
    import processing

    feedback = core.QgsProcessingFeedback(False)
    parameters = {"SPECTRAL": pair.ms, "PANCHROMATIC": pair.pan, "METHOD": "EXP", "METHD": "GSA"}
    parameters["OUTPUT"] = "TEMPORARY_OUTPUT"
    processing.run("ksdiff:pansharpen", parameters, feedback=feedback)
    assert "There is no parameter METHD" in feedback.textLog()
    assert "METHOD='EXP'" in feedback.textLog() and "COVERAGE='INTERSECTION'" in feedback.textLog()


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"output": "/tmp/out.png"}, "'out.png' does not end like one. Let the name end in .tif."),
        ({"BANDS": "1 two"}, "BANDS is '1 two', which is no list of whole numbers"),
        ({"BANDS": "1 1"}, "A band is chosen twice."),
        ({"BANDS": "9"}, "9"),
        ({"WEIGHTS": "a b c d", "METHOD": "BROVEY"}, "WEIGHTS is 'a b c d', which is no list of numbers"),
        ({"OPTIONS": "COMPRESS"}, "not of the form NAME=VALUE"),
        ({"METHOD": "mtf"}, "METHOD cannot be 'mtf'. Choose one of KSDIFF, EXP, BROVEY,"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(pair: Pair, parameters: dict[str, Any], words: str) -> None:
    assert words in refusal(pair, **parameters)


def test_the_output_may_not_be_an_input(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256)
    assert "is also an input" in refusal(pair, pair.ms)
    assert read(pair.ms).shape == (4, 64, 64)


def test_images_of_different_places_are_refused_and_nothing_is_left(pair: Pair, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere.tif")
    gdal.Translate(elsewhere, pair.ms, outputBounds=(LEFT + 50_000, TOP, LEFT + 50_128, TOP - 128))
    (tmp_path / "out").mkdir()
    said = refusal(pair, tmp_path / "out" / "out.tif", SPECTRAL=elsewhere)
    assert said.count(".") >= 2, "a fact and a remedy"
    assert os.listdir(tmp_path / "out") == []


def test_a_layer_that_comes_from_no_file_is_refused(pair: Pair, project: Any) -> None:
    source = "type=xyz&url=http://localhost/{z}/{x}/{y}.png&zmax=1&zmin=0"
    layer = core.QgsRasterLayer(source, "tiles", "wms")
    project.addMapLayer(layer)
    said = refusal(pair, SPECTRAL=[layer])
    assert "'tiles' comes from 'wms', not from a file. Export it as GeoTIFF" in said


def test_different_coordinate_systems_do_not_make_the_dialog_ask(pair: Pair, tmp_path: Path) -> None:
    other = write_pair(tmp_path, size=256, epsg=32634)
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:pansharpen")
    inputs = {"SPECTRAL": [pair.ms], "PANCHROMATIC": other.pan}
    assert algorithm.validateInputCrs(inputs, core.QgsProcessingContext())


@pytest.mark.slow
def test_a_background_task_that_is_cancelled_leaves_no_file(large_pair: Pair, tmp_path: Path, qgis: Any) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:pansharpen").create()
    context, feedback = core.QgsProcessingContext(), core.QgsProcessingFeedback(False)
    context.setProject(core.QgsProject.instance())
    inputs = {"SPECTRAL": large_pair.ms, "PANCHROMATIC": large_pair.pan, "METHOD": "MTF-GLP-FS"}
    inputs["OUTPUT"] = str(tmp_path / "out.tif")
    ended: list[tuple[bool, Any]] = []
    task = core.QgsProcessingAlgRunnerTask(algorithm, inputs, context, feedback)
    task.executed.connect(lambda successful, results: ended.append((successful, results)))
    core.QgsApplication.taskManager().addTask(task)
    began = time.monotonic()
    while not os.listdir(tmp_path) and time.monotonic() < began + 20:
        qgis.processEvents()
    assert os.listdir(tmp_path), "the result was begun"
    asked = time.monotonic()
    feedback.cancel()
    while not ended and time.monotonic() < asked + 20:
        qgis.processEvents()
    assert time.monotonic() < asked + 3
    assert ended == [(False, {})]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NODATA", "abc", "NODATA is 'abc', which is no number."),
        ("THREADS", "x", "THREADS is 'x', which is no whole number."),
        ("THREADS", "1.5", "THREADS is '1.5', which is no whole number."),
        ("PAN_BAND", "x", "PAN_BAND is 'x', which is no whole number."),
        ("PAN_BAND", "inf", "PAN_BAND is 'inf', which is no whole number."),
        ("NODATA", [1, 2], "NODATA is '[1, 2]', which is no number."),
        ("EXTENT", "garbage", "EXTENT is 'garbage', which is no extent. Write xmin,xmax,ymin,ymax"),
        ("EXTENT", "1,2,3", "EXTENT is '1,2,3', which is no extent."),
    ],
)
def test_text_that_is_no_number_and_no_extent_is_refused(pair: Pair, name: str, value: Any, words: str) -> None:
    assert words in refusal(pair, **{name: value})


@pytest.mark.parametrize("given", ["0", 0, 0.0, core.QgsProperty.fromValue(0), core.QgsProperty.fromExpression("1-1")])
def test_a_number_may_be_text_or_computed_by_a_model(pair: Pair, given: Any) -> None:
    results = run(pair, METHOD="EXP", NODATA=given, THREADS=given)
    note = json.loads(Path(results["OUTPUT"] + ".ksdiff.json").read_text(encoding="utf-8"))
    assert note["parameters"]["nodata"] == 0.0 and note["parameters"]["threads"] == 0
