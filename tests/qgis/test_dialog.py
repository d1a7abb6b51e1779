"""The real dialog of Processing, offscreen: what it offers, Run, Cancel, and the layer that appears."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pairs import Pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

DECISIVE = [
    "SPECTRAL", "PANCHROMATIC", "METHOD", "KNOWN_MODEL", "MODEL", "ADAPT", "SENSOR", "EXTENT", "BANDS", "NODATA",
    "OUTPUT", "SHIFTS",
]  # fmt: skip


@pytest.fixture
def dialog(project: Any) -> Any:
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    algorithm = core.QgsApplication.processingRegistry().createAlgorithmById("ksdiff:pansharpen")
    shown = AlgorithmDialog(algorithm)
    yield shown
    shown.close()
    shown.deleteLater()


def wait(application: Any, condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        application.processEvents()
    assert condition()


def fill(dialog: Any, project: Any, pair: Pair, output: Path, **more: Any) -> None:
    for path, name in ((pair.ms, "ms"), (pair.pan, "pan")):
        project.addMapLayer(core.QgsRasterLayer(path, name))
    layers = {layer.name(): layer.id() for layer in project.mapLayers().values()}
    inputs = {"SPECTRAL": [layers["ms"]], "PANCHROMATIC": layers["pan"], "METHOD": "MTF-GLP-FS"}
    dialog.setParameters({**inputs, "OUTPUT": str(output), **more})


def click(button: Any) -> None:
    from qgis.PyQt.QtCore import Qt
    from qgis.PyQt.QtTest import QTest

    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_decides_comes_first_and_the_rest_is_advanced(plugin: Any) -> None:
    algorithm = core.QgsApplication.processingRegistry().algorithmById("ksdiff:pansharpen")
    advanced = core.QgsProcessingParameterDefinition.Flag.FlagAdvanced
    shown = [item.name() for item in algorithm.parameterDefinitions() if not item.flags() & advanced]
    assert shown == DECISIVE
    for item in algorithm.parameterDefinitions():
        assert item.help(), item.name()


def test_run_makes_a_styled_layer(dialog: Any, qgis: Any, project: Any, pair: Pair, tmp_path: Path) -> None:
    fill(dialog, project, pair, tmp_path / "sharp.tif")
    ended: list[tuple[bool, Any]] = []
    dialog.algorithmFinished.connect(lambda successful, results: ended.append((successful, dict(results))))
    click(dialog.runButton())
    wait(qgis, lambda: bool(ended))
    successful, results = ended[0]
    assert successful
    assert results["OUTPUT"] == str(tmp_path / "sharp.tif")
    layer = next(item for item in project.mapLayers().values() if item.source() == results["OUTPUT"])
    assert layer.renderer().redBand() == 3


@pytest.mark.slow
def test_cancel_ends_within_a_second_and_leaves_no_file(
    dialog: Any, qgis: Any, project: Any, large_pair: Pair, tmp_path: Path
) -> None:
    fill(dialog, project, large_pair, tmp_path / "sharp.tif")
    click(dialog.runButton())
    wait(qgis, lambda: bool(os.listdir(tmp_path)))
    asked = time.monotonic()
    click(dialog.cancelButton())
    wait(qgis, lambda: core.QgsApplication.taskManager().count() == 0)
    assert time.monotonic() < asked + 2
    assert os.listdir(tmp_path) == []
    assert len(project.mapLayers()) == 2


def test_a_failure_shows_its_sentence_and_does_not_look_for_a_layer(
    dialog: Any, qgis: Any, project: Any, pair: Pair, tmp_path: Path
) -> None:
    from qgis.PyQt.QtWidgets import QTextEdit

    fill(dialog, project, pair, tmp_path / "sharp.tif", BANDS="9")
    click(dialog.runButton())
    log = dialog.findChild(QTextEdit, "txtLog")
    wait(qgis, lambda: "Execution failed" in log.toPlainText())
    said = log.toPlainText()
    assert "There is no MS band 9." in said
    assert "not correctly generated" not in said
    assert os.listdir(tmp_path) == []
