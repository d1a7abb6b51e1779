"""A fused image against a reference: the toolbox's numbers from files, the common part of grids, gaps, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine.jobs.compare as job
from engine.cli.main import main
from engine.errors import EngineError
from engine.events import Finished, Progress
from engine.jobs.evaluate import evaluate
from engine.request import EvaluateRequest
from tests import rasters
from tests.golden_arrays import scene

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "golden_values.json").read_text())
NORTH_UP = (1000.0, 2.0, 0.0, 5000.0, 0.0, -2.0)


def numbers(fused: Path, reference: Path, ratio: float = 4.0, **changes: Any) -> dict[str, Any]:
    *events, last = evaluate(EvaluateRequest(str(fused), str(reference), ratio, **changes))
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert isinstance(last, Finished)
    return last.result


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    arrays = scene(4)
    for name, bands in (("fused", arrays.fused), ("truth", arrays.truth)):
        rasters.write(tmp_path / f"{name}.tif", bands.astype(np.uint16), affine=NORTH_UP, epsg=32633)
    return tmp_path / "fused.tif", tmp_path / "truth.tif"


@pytest.mark.parametrize("tile", [64, 96, 1024])
def test_files_get_the_numbers_of_the_reference_toolbox(
    tile: int, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "TILE", tile)
    found = numbers(*pair)
    for name in ("SAM", "ERGAS", "SCC", "Q", "Q2n"):
        assert found[name.lower()] == pytest.approx(GOLDEN["QB_4band"][name], rel=1e-8), name


def test_the_command_line_prints_them_as_json(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--fused", str(pair[0]), "--reference", str(pair[1]), "--ratio", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ergas"] == pytest.approx(GOLDEN["QB_4band"]["ERGAS"], rel=1e-8)


def test_an_image_is_like_itself(pair: tuple[Path, Path]) -> None:
    found = numbers(pair[1], pair[1])
    assert found["sam"] == pytest.approx(0.0, abs=1e-5) and found["ergas"] == 0.0 and found["q2n"] == pytest.approx(1.0)
    assert found["bias"] == [0.0] * 4 and found["psnr"] is None


def test_images_of_differing_extent_are_compared_where_both_are(pair: tuple[Path, Path], tmp_path: Path) -> None:
    arrays = scene(4)
    part = (NORTH_UP[0] + 2 * 32, *NORTH_UP[1:3], NORTH_UP[3] - 2 * 64, *NORTH_UP[4:])
    rasters.write(tmp_path / "part.tif", arrays.fused[:, 64:192, 32:224].astype(np.uint16), affine=part, epsg=32633)
    found = numbers(tmp_path / "part.tif", pair[1])
    assert (found["width"], found["height"]) == (192, 128)
    cut = arrays.truth[:, 64:192, 32:224], arrays.fused[:, 64:192, 32:224]
    error = ((cut[1] - cut[0]) ** 2).mean(axis=(1, 2)) ** 0.5
    assert found["rmse"] == pytest.approx(error.tolist())


def test_a_border_is_left_out(pair: tuple[Path, Path]) -> None:
    arrays = scene(4)
    inner = (slice(None), slice(30, -30), slice(30, -30))
    error = ((arrays.fused[inner] - arrays.truth[inner]) ** 2).mean(axis=(1, 2)) ** 0.5
    assert numbers(*pair, border=30)["rmse"] == pytest.approx(error.tolist())


def test_pixels_without_data_change_nothing_but_their_share(pair: tuple[Path, Path], tmp_path: Path) -> None:
    arrays = scene(4)
    spoilt = arrays.fused.astype(np.uint16)
    spoilt[:, :64] = 0
    rasters.write(tmp_path / "gaps.tif", spoilt, affine=NORTH_UP, epsg=32633, nodata=0)
    found = numbers(tmp_path / "gaps.tif", pair[1])
    error = ((arrays.fused[:, 64:] - arrays.truth[:, 64:]) ** 2).mean(axis=(1, 2)) ** 0.5
    assert found["rmse"] == pytest.approx(error.tolist())
    assert found["pixels_left_out"] == pytest.approx(0.25)


def test_reflectances_get_the_quality_of_their_counts(pair: tuple[Path, Path], tmp_path: Path) -> None:
    arrays = scene(4)
    for name, bands in (("f", arrays.fused), ("t", arrays.truth)):
        rasters.write(tmp_path / f"{name}.tif", (bands / 10000).astype(np.float64), affine=NORTH_UP, epsg=32633)
    counts, found = numbers(*pair), numbers(tmp_path / "f.tif", tmp_path / "t.tif")
    for name in ("sam", "ergas", "q", "q2n", "scc"):
        assert found[name] == pytest.approx(counts[name], rel=1e-9), name
    assert found["rmse"] == pytest.approx([value / 10000 for value in counts["rmse"]])


@pytest.mark.parametrize(
    ("bands", "affine", "epsg", "nodata", "said"),
    [
        (3, NORTH_UP, 32633, None, "has 3 bands"),
        (4, (1001.0, *NORTH_UP[1:]), 32633, None, "do not coincide"),
        (4, (1000.0, 4.0, 0.0, 5000.0, 0.0, -4.0), 32633, None, "do not coincide"),
        (4, (9000.0, *NORTH_UP[1:]), 32633, None, "do not overlap"),
        (4, NORTH_UP, 32632, None, "UTM zone 32N"),
        (4, NORTH_UP, 32633, 7, "no pixel that is valid"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(
    bands: int, affine: Any, epsg: int, nodata: Any, said: str, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    array = np.full((bands, 256, 256), 7, np.uint16)
    rasters.write(tmp_path / "other.tif", array, affine=affine, epsg=epsg, nodata=nodata)
    with pytest.raises(EngineError, match=said):
        numbers(tmp_path / "other.tif", pair[1])
