"""How a result looks once loaded: the right bands as colours, a stretch over valid pixels, names of bands."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pairs import NAMES, Pair, read, write_pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")


def load(pair: Pair, project: Any, **parameters: Any) -> Any:
    """Run and load as the dialog and the toolbox do, and return the layer."""
    import processing

    inputs = {"SPECTRAL": pair.ms, "PANCHROMATIC": pair.pan, "METHOD": "GSA", "OUTPUT": "TEMPORARY_OUTPUT"}
    context = core.QgsProcessingContext()
    context.setProject(project)
    results = processing.runAndLoadResults("ksdiff:pansharpen", {**inputs, **parameters}, context=context)
    gc.collect()
    return project.mapLayer(results["OUTPUT"]) or next(iter(project.mapLayers().values()))


def test_a_result_is_shown_in_true_colour_stretched_over_its_values(pair: Pair, project: Any) -> None:
    layer = load(pair, project)
    renderer = layer.renderer()
    assert renderer.type() == "multibandcolor"
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (3, 2, 1)
    for band, stretch in ((3, renderer.redContrastEnhancement()), (1, renderer.blueContrastEnhancement())):
        low, high = np.percentile(read(layer.source())[band - 1], (2, 98))
        span = high - low
        assert stretch.minimumValue() == pytest.approx(low, abs=0.03 * span)
        assert stretch.maximumValue() == pytest.approx(high, abs=0.03 * span)
    limits = core.QgsRasterMinMaxOrigin.Limits.CumulativeCut
    assert renderer.minMaxOrigin().limits() == limits


@pytest.mark.slow
def test_pixels_without_data_do_not_widen_the_stretch(tmp_path: Path, project: Any) -> None:
    layer = load(write_pair(tmp_path, size=256, collar=True), project)
    assert layer.renderer().redContrastEnhancement().minimumValue() > 50


def test_one_band_is_shown_in_grey(pair: Pair, project: Any) -> None:
    layer = load(pair, project, BANDS="4")
    assert layer.renderer().type() == "singlebandgray"
    assert layer.renderer().contrastEnhancement().maximumValue() > 800


@pytest.mark.slow
def test_a_style_that_the_user_chose_is_left_alone(pair: Pair, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from processing.core.ProcessingConfig import ProcessingConfig

    ours = load(pair, project).renderer().redBand()
    project.clear()
    real = ProcessingConfig.getSetting
    monkeypatch.setattr(ProcessingConfig, "getSetting", lambda key, *more: key == "RASTER_STYLE" or real(key, *more))
    monkeypatch.setattr(core.QgsRasterLayer, "loadNamedStyle", lambda *_: None)
    assert load(pair, project).renderer().redBand() != ours


def test_the_bands_keep_their_names(pair: Pair, project: Any) -> None:
    layer = load(pair, project)
    for index, name in enumerate(NAMES, 1):
        assert name in layer.bandName(index)
