"""Images that name no coordinate system: a model gets MS where it is measured to lie, and that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.modelfile.card import ANY_SENSOR  # noqa: E402
from tests.jobs.runs import Run, sharpened  # noqa: E402
from tests.methods.models import any_band_file, guided  # noqa: E402
from tests.pairs import read, write_pair  # noqa: E402

HALF = (-0.5, -0.5)  # PAN pixels that research's images lie off, where their sizes alone tell how they lie


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return any_band_file(tmp_path_factory.mktemp("models"), guided(), sensors=(ANY_SENSOR,))


def made(folder: Path, model: str, method: str = "ksdiff", shift: tuple[float, float] = HALF, **pair: Any) -> Run:
    usual: dict[str, Any] = {"method": method, "device": "cpu", "threads": 2, "python": "self"}
    if method == "ksdiff":
        usual["model"] = model
    written = write_pair(folder / "pair", size=256, shift=shift, **pair)
    return sharpened(written.request(folder / "o.tif", **usual))[1]


@pytest.mark.parametrize(
    ("shift", "taken_away"),
    [
        (HALF, HALF),
        ((-0.8, -0.3), HALF),  # with a shift of the sensor's own beside, which the truth of research shares
        ((1.6, 1.4), (1.5, 1.5)),  # the first of each four pixels, where sizes put the middle
    ],
)
def test_ms_that_was_thinned_out_is_put_where_it_belongs_and_that_is_a_warning(
    shift: tuple[float, float], taken_away: tuple[float, float], model: str, tmp_path: Path
) -> None:
    said = made(tmp_path, model, epsg=None, shift=shift)
    assert said.result["register"] == "global"
    assert said.result["shift_applied"] == list(taken_away)
    assert any(f"MS is moved by {-taken_away[0]:+.2f}" in warning for warning in said.warnings)


def test_a_shift_that_thinning_out_does_not_explain_is_taken_away_as_it_is_measured(model: str, tmp_path: Path) -> None:
    said = made(tmp_path, model, epsg=None, shift=(0.3, -2.4))
    assert said.result["shift_applied"] == pytest.approx((0.3, -2.4), abs=0.1)
    assert any("MS is moved by" in warning for warning in said.warnings)


def test_ms_that_hardly_lies_off_stays(model: str, tmp_path: Path) -> None:
    said = made(tmp_path, model, epsg=None, shift=(-0.2, -0.2))
    assert said.result["register"] == "report" and said.result["shift_applied"] == [0.0, 0.0]
    assert not any("MS is moved" in warning for warning in said.warnings)


def test_ms_that_is_georeferenced_stays_where_it_says_it_lies(model: str, tmp_path: Path) -> None:
    said = made(tmp_path, model)
    assert said.result["register"] == "report" and said.result["shift_applied"] == [0.0, 0.0]
    assert any("REGISTER set to GLOBAL" in warning for warning in said.warnings)


def test_a_method_without_a_model_leaves_it_where_it_is(model: str, tmp_path: Path) -> None:
    said = made(tmp_path, model, "mtf-glp-fs", epsg=None)
    assert said.result["register"] == "report" and said.result["shift_applied"] == [0.0, 0.0]


def test_where_no_model_can_work_the_method_in_its_place_leaves_it_where_it_is(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256, shift=HALF, epsg=None)
    usual: dict[str, Any] = {"threads": 2, "python": str(tmp_path / "none")}
    said = {
        method: sharpened(pair.request(tmp_path / f"{method}.tif", method=method, **usual))[1]
        for method in ("ksdiff", "mtf-glp-fs")
    }
    assert said["ksdiff"].result["method"] == "mtf-glp-fs"
    assert said["ksdiff"].result["register"] == "report" and said["ksdiff"].result["shift_applied"] == [0.0, 0.0]
    assert not any("MS is moved" in warning for warning in said["ksdiff"].warnings)
    assert set(said["mtf-glp-fs"].warnings) < set(said["ksdiff"].warnings), "and why there is no model"
    assert np.array_equal(*(read(tmp_path / f"{method}.tif") for method in said))
