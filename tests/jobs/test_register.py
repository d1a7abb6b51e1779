"""The verb that measures how far MS lies from PAN says it in numbers and words, and draws it as points."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import OutputError
from engine.jobs.register import register
from engine.request import RegisterRequest
from tests import pairs, rasters
from tests.jobs.runs import run, sharpened
from tests.pairs import Pair, write_pair


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("shifted"), size=256, ratio=2.0, shift=(1.5, -0.75))


def points(path: Path) -> list[dict[str, float]]:
    """Return the numbers of all points, with where they lie."""
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR)
    return [
        {"x": one.geometry().GetX(), "y": one.geometry().GetY(), **{name: one[name] for name in one.keys()}}  # noqa: SIM118 - no mapping
        for one in dataset.GetLayer(0)
    ]


@pytest.mark.parametrize("extension", ["gpkg", "geojson"])
def test_the_shift_is_said_and_drawn(extension: str, shifted: Pair, tmp_path: Path) -> None:
    out = tmp_path / f"shifts.{extension}"
    said = run(register(RegisterRequest(shifted.pan, (shifted.ms,), out=str(out))))
    assert said.result["shift"] == pytest.approx([1.5, -0.75], abs=0.1)
    assert said.result["shift_px"] == pytest.approx(1.677, abs=0.1) and said.result["correlation"] > 0.5
    assert any("too far to the right" in warning for warning in said.warnings)
    assert said.result["summary"] in said.notes and "PAN pixels (x, y) from PAN" in said.result["summary"]
    drawn = points(out)
    assert len(drawn) == said.result["local"] >= 9
    for point in drawn:
        assert (point["dx"], point["dy"]) == pytest.approx((1.5, -0.75), abs=0.4)
        assert point["length"] == pytest.approx(np.hypot(point["dx"], point["dy"]))
        assert 0.0 < point["correlation"] <= 1.0
    # Windows of 48 MS pixels, 96 of PAN, begin at the edge: their middles.
    left = min(point["x"] for point in drawn) - pairs.LEFT
    assert 47 * pairs.PIXEL <= left <= 50 * pairs.PIXEL
    assert os.listdir(tmp_path) == [out.name]


def test_without_a_name_nothing_is_written(shifted: Pair, tmp_path: Path) -> None:
    before = set(Path(shifted.pan).parent.iterdir())
    assert run(register(RegisterRequest(shifted.pan, (shifted.ms,)))).result["output"] == ""
    assert set(Path(shifted.pan).parent.iterdir()) == before


def test_what_cannot_be_measured_is_nothing_and_said(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    for name, size, step in (("pan.tif", 256, 1.0), ("ms.tif", 64, 4.0)):
        noise = random.integers(100, 900, (1, size, size)).astype(np.uint16)
        rasters.write(tmp_path / name, noise, pairs.affine((step, step)), pairs.EPSG)
    out = tmp_path / "shifts.gpkg"
    said = run(register(RegisterRequest(str(tmp_path / "pan.tif"), (str(tmp_path / "ms.tif"),), out=str(out))))
    assert said.result["shift"] is None and said.result["local"] == 0 and said.result["local_greatest_px"] is None
    assert "could not be measured" in said.result["summary"] and points(out) == []


def test_a_folder_that_is_not_there_is_refused_before_the_work(shifted: Pair, tmp_path: Path) -> None:
    request = RegisterRequest(shifted.pan, (shifted.ms,), out=str(tmp_path / "none" / "shifts.gpkg"))
    with pytest.raises(OutputError, match="does not exist"):
        next(register(request))


def test_a_run_that_is_stopped_leaves_nothing(shifted: Pair, tmp_path: Path) -> None:
    events = register(RegisterRequest(shifted.pan, (shifted.ms,), out=str(tmp_path / "shifts.gpkg")))
    for _ in range(6):
        next(events)
    events.close()
    assert os.listdir(tmp_path) == []


def test_sharpening_draws_the_shifts_of_the_pair_as_it_is_whatever_it_corrects(shifted: Pair, tmp_path: Path) -> None:
    for how in ("report", "global"):
        out = tmp_path / f"{how}.gpkg"
        request = shifted.request(tmp_path / "o.tif", method="exp", register=how, out_shifts=str(out))
        sharpened(request)
        assert np.median([point["dx"] for point in points(out)]) == pytest.approx(1.5, abs=0.1)


def test_a_run_that_fails_draws_nothing(tmp_path: Path, shifted: Pair) -> None:
    folder = tmp_path / "o.tif"
    folder.mkdir()
    request = shifted.request(folder, method="exp", out_shifts=str(tmp_path / "shifts.gpkg"))
    with pytest.raises(OutputError):
        sharpened(request)
    assert os.listdir(tmp_path) == ["o.tif"]
