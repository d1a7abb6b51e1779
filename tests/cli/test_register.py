"""The shift of a pair on the command line: measured by `register`, taken away by `sharpen --register`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.main import main
from tests.pairs import write_pair


def test_register_prints_the_shift_and_writes_the_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = write_pair(tmp_path, size=128, ratio=2.0, shift=(1.0, 2.0))
    out = tmp_path / "shifts.geojson"
    assert main(["register", "--pan", pair.pan, "--ms", pair.ms, "--out", str(out), "--json", "--quiet"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["shift"] == pytest.approx([1.0, 2.0], abs=0.15)
    assert len(json.loads(out.read_text())["features"]) == result["local"] == 4


def test_sharpen_takes_the_shift_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = write_pair(tmp_path, size=128, ratio=2.0, shift=(1.0, 2.0))
    out, shifts = str(tmp_path / "o.tif"), tmp_path / "shifts.gpkg"
    asked = ["--method", "exp", "--register", "GLOBAL", "--shifts", str(shifts), "--json", "--quiet"]
    assert main(["sharpen", "--pan", pair.pan, "--ms", pair.ms, "--out", out, *asked]) == 0
    assert json.loads(capsys.readouterr().out)["shift_applied"] == pytest.approx([1.0, 2.0], abs=0.15)
    assert shifts.exists()
