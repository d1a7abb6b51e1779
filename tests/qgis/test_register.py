"""ksdiff:register and the shift in ksdiff:pansharpen, run by Processing: numbers, words, points, and refusals."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal

from tests.pairs import Pair, write_pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("shifted"), size=256, ratio=2.0, shift=(1.5, -0.75))


def run(name: str, pair: Pair, **parameters: Any) -> dict[str, Any]:
    import processing

    return processing.run(f"ksdiff:{name}", {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, **parameters})


def algorithm(name: str) -> Any:
    return core.QgsApplication.processingRegistry().algorithmById(f"ksdiff:{name}")


def test_the_shift_comes_back_as_plain_values_and_points(shifted: Pair, tmp_path: Path) -> None:
    out = str(tmp_path / "shifts.gpkg")
    made = run("register", shifted, OUTPUT=out)
    assert set(made) == {output.name() for output in algorithm("register").outputDefinitions()}
    assert (made["DX"], made["DY"]) == pytest.approx((1.5, -0.75), abs=0.1)
    for name in ("DX", "DY", "LENGTH", "CORRELATION", "LOCAL", "LOCAL_GREATEST", "LOCAL_SPREAD", "SECONDS"):
        assert type(made[name]) is float, name
    assert "PAN pixels (x, y) from PAN" in made["REPORT"] and "too far to the right" in made["REPORT"]
    layer = core.QgsVectorLayer(made["OUTPUT"], "shifts", "ogr")
    assert layer.isValid() and layer.featureCount() == made["LOCAL"] >= 9
    assert layer.crs().authid() == "EPSG:32633"
    assert {"dx", "dy", "length", "correlation"} <= set(layer.fields().names())


def test_all_that_it_takes_and_gives_is_explained() -> None:
    found = algorithm("register")
    texts = found.texts()
    assert set(texts.parameters) == {item.name() for item in found.parameterDefinitions()}
    assert set(texts.outputs) == {item.name() for item in found.outputDefinitions()} - {"OUTPUT"}


def test_the_layer_may_be_left_out(shifted: Pair) -> None:
    assert run("register", shifted, OUTPUT=None)["OUTPUT"] is None


def test_another_kind_of_layer_is_refused_in_words(shifted: Pair, tmp_path: Path) -> None:
    with pytest.raises(core.QgsProcessingException, match=r"gpkg or \.geojson"):
        run("register", shifted, OUTPUT=str(tmp_path / "shifts.shp"))
    assert os.listdir(tmp_path) == []


def test_pansharpen_takes_the_shift_away_and_draws_it(shifted: Pair, tmp_path: Path) -> None:
    out, shifts = str(tmp_path / "o.tif"), str(tmp_path / "shifts.geojson")
    made = run("pansharpen", shifted, METHOD="EXP", REGISTER="GLOBAL", SHIFTS=shifts, OUTPUT=out)
    assert (made["APPLIED_X"], made["APPLIED_Y"]) == pytest.approx((1.5, -0.75), abs=0.1)
    assert made["SHIFTS"] == shifts and core.QgsVectorLayer(shifts, "shifts", "ogr").featureCount() >= 9
    assert gdal.Open(out).GetMetadata()["KSDIFF_REGISTER"] == "global"


def test_pansharpen_moves_nothing_unasked(shifted: Pair, tmp_path: Path) -> None:
    made = run("pansharpen", shifted, METHOD="EXP", OUTPUT=str(tmp_path / "o.tif"))
    assert made["APPLIED_X"] == made["APPLIED_Y"] == 0.0 and made["SHIFTS"] is None
    assert (made["SHIFT_X"], made["SHIFT_Y"]) == pytest.approx((1.5, -0.75), abs=0.1)
