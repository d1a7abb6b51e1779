from __future__ import annotations
from pathlib import Path
from typing import Any
import sys
import pytest
from tests.jobs.test_trainingset import patches
core = pytest.importorskip("qgis.core")
pytestmark = pytest.mark.usefixtures("plugin")
from tests.qgis.test_trainingset import run

def test_h5(tmp_path: Path, monkeypatch: Any) -> None:
    import subprocess
    seen = []
    real = subprocess.Popen
    class Spy(real):
        def __init__(self, a, *b, **c):
            seen.append(a); super().__init__(a, *b, **c)
    monkeypatch.setattr(subprocess, "Popen", Spy)
    monkeypatch.setattr(sys, "executable", "/usr/bin/qgis")
    made = run(tmp_path / "set", H5=patches(tmp_path / "train_wv3.h5"))
    print(seen, made["SAMPLES"])
    assert made["SAMPLES"] > 0 and any("hdf5_reader.py" in a[1] for a in seen)
