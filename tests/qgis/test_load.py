"""Many runs in one QGIS leave it as it was: memory, open files, threads, temporary files.

KSDIFF_LOAD_RUNS says how many; the figures in docs/RELIABILITY.md are of 500.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.pairs import write_pair
from tests.reliability.growth import check_no_growth, held

RUNS = int(os.environ.get("KSDIFF_LOAD_RUNS", "60"))
WARM = 20


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts in /proc")
def test_many_runs_in_one_qgis_leave_it_as_it_was(
    project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import processing

    pair = write_pair(tmp_path / "pair", size=128)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    parameters = {"SPECTRAL": [pair.ms], "PANCHROMATIC": pair.pan, "METHOD": "GSA", "OUTPUT": str(tmp_path / "o.tif")}
    for _ in range(WARM):
        processing.run("ksdiff:pansharpen", parameters)
    before = held()
    for _ in range(RUNS):
        processing.run("ksdiff:pansharpen", parameters)
    after = held()
    print(f"{RUNS} runs in QGIS: {before} {after}")
    check_no_growth(before, after, 15.0)
