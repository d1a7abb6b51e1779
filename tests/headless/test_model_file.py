"""A model through `qgis_process`: the packaged plugin starts a worker in another Python and QGIS loads no PyTorch."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.methods.models import model_file, tiny
from tests.pairs import read, write_pair


def test_a_model_computes_in_another_python(
    headless: Any, pansharpen: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(headless.environment, "KSDIFF_PYTHON", sys.executable)
    pair = write_pair(tmp_path / "päir", size=256)
    model = model_file(tmp_path, tiny())
    done = pansharpen(SPECTRAL=pair.ms, PANCHROMATIC=pair.pan, MODEL=model, OUTPUT=tmp_path / "out.tif")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["OUTPUT_MODEL"] == "ksdiff-test 1.0.0" and results["OUTPUT_METHOD"] == "KSDIFF"
    assert "computes in a process of" in done.stderr + done.stdout
    sharp = read(str(tmp_path / "out.tif"))
    assert sharp.shape == (4, 256, 256) and np.ptp(sharp) > 0
    note = json.loads((tmp_path / "out.tif.ksdiff.json").read_text(encoding="utf-8"))
    assert note["result"]["python"] == sys.executable


def test_without_any_pytorch_a_sentence_says_where_to_get_it(
    headless: Any, pansharpen: Callable[..., Any], tmp_path: Path
) -> None:
    pair = write_pair(tmp_path / "pair", size=256)
    model = model_file(tmp_path, tiny())
    done = pansharpen(SPECTRAL=pair.ms, PANCHROMATIC=pair.pan, MODEL=model, OUTPUT=tmp_path / "out.tif")
    assert done.returncode == 1
    assert "PyTorch was not found." in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out.tif").exists()


def test_without_any_pytorch_a_model_that_nobody_named_gives_way_to_the_default_method(
    headless: Any, pansharpen: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(headless.environment, "XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "ksdiff" / "models").mkdir(parents=True)
    model_file(tmp_path / "ksdiff" / "models", tiny(), sensors=("quickbird",))
    pair = write_pair(tmp_path / "pair", size=256)
    images = {"SPECTRAL": pair.ms, "PANCHROMATIC": pair.pan, "SENSOR": "QUICKBIRD"}
    done = pansharpen(**images, METHOD="KSDIFF", OUTPUT=tmp_path / "out.tif")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]["OUTPUT_METHOD"] == "MTF-GLP-FS"
    said = done.stderr + done.stdout
    assert "The model ksdiff-test 1.0.0 could not be loaded. PyTorch was not found." in said
    assert "'Set up environment'" in said
