"""ksdiff:pansharpen with RESUME: a run that was cancelled says what it keeps, and the next one goes on from there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal

from tests.pairs import Pair

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")

pytestmark = pytest.mark.usefixtures("plugin")


def run(pair: Pair, output: Path, feedback: Any, **parameters: Any) -> dict[str, Any]:
    import processing

    given = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "METHOD": "EXP", "OUTPUT": str(output), **parameters}
    return processing.run("ksdiff:pansharpen", given, feedback=feedback)


def cancelled(pair: Pair, output: Path, percent: float, **parameters: Any) -> str:
    """Cancel a run once it has come so far, and return what it says."""
    feedback = core.QgsProcessingFeedback(False)
    feedback.progressChanged.connect(lambda progress: feedback.cancel() if progress > percent else None)
    with pytest.raises(core.QgsProcessingException) as caught:
        run(pair, output, feedback, **parameters)
    return str(caught.value)


@pytest.mark.slow
def test_a_cancelled_run_says_what_it_keeps_and_the_next_one_goes_on(large_pair: Pair, tmp_path: Path) -> None:
    said = cancelled(large_pair, tmp_path / "out.tif", 50, RESUME=True)
    found = re.search("([0-9]+)% of the pixels are kept; run it again with the option 'resume' to go on", said)
    assert found is not None and 0 < int(found[1]) < 100, said
    assert "nothing was left behind" not in said and os.listdir(tmp_path) == ["out.tif.part.journal"]
    feedback = core.QgsProcessingFeedback(False)
    made = run(large_pair, tmp_path / "out.tif", feedback, RESUME=True)
    assert f"Going on with an earlier run: {found[1]}% of the pixels are there." in feedback.textLog()
    assert made["VALID_SHARE"] == 1.0 and gdal.Open(made["OUTPUT"]).RasterXSize == 4096
    assert not any(name.endswith(".journal") for name in os.listdir(tmp_path))


def test_without_it_a_cancelled_run_leaves_nothing_and_says_so(large_pair: Pair, tmp_path: Path) -> None:
    assert "nothing was left behind" in cancelled(large_pair, tmp_path / "out.tif", 50)
    assert os.listdir(tmp_path) == []
