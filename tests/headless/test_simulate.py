"""ksdiff:simulate through `qgis_process`: three files, and results as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.pairs import read, write_pair

FILES = {"OUTPUT_PAN": "pan.tif", "OUTPUT_MS": "ms.tif", "OUTPUT_REFERENCE": "reference.tif"}


def test_a_run_writes_three_images_and_answers_with_the_declared_results(headless: Any, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256)
    outputs = [f"{name}={tmp_path / file}" for name, file in FILES.items()]
    inputs = [f"SPECTRAL={pair.ms}", f"PANCHROMATIC={pair.pan}", "SENSOR=QUICKBIRD", *outputs]
    done = headless("run", "ksdiff:simulate", "--json", "--", *inputs)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    numbers = {"RATIO", "SHIFT", "VALID_SHARE_PAN", "VALID_SHARE_MS", "SECONDS", "PEAK_MB"}
    assert set(results) == {*FILES, *numbers, "OUTPUT_SENSOR"}
    assert results["RATIO"] == 4 and results["OUTPUT_SENSOR"] == "QUICKBIRD"
    assert np.array_equal(read(tmp_path / "reference.tif"), read(pair.ms))
    assert read(tmp_path / "pan.tif").shape == (1, 64, 64) and read(tmp_path / "ms.tif").shape == (4, 16, 16)
