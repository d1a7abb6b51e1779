"""Distortions at full resolution are the reference toolbox's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RequestError
from engine.metrics.noreference import d_lambda, d_lambda_khan, d_s, hqnr, qnr
from engine.pixels.toolbox import interp23tap
from tests.golden_arrays import scene, waves

GOLDEN = Path(__file__).parents[1] / "golden"
EIGHT = 0.51e-8  # the numbers below are rounded to 8 decimals
SIX = 0.51e-6
WV3 = (0.325, 0.355, 0.360, 0.350, 0.365, 0.360, 0.335, 0.315)
WV2 = (0.35,) * 7 + (0.27,)
QB = (0.34, 0.32, 0.30, 0.22)
IKONOS = (0.26, 0.28, 0.29, 0.28)


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        (WV3, 0.02886135),
        (WV2, 0.03127657),
        ((0.3,) * 8, 0.03357518),
        (QB, 0.00746325),
        (IKONOS, 0.00636872),
        ((0.23,) * 4, 0.00750701),
        ((0.3,) * 4, 0.00614343),
    ],
)
def test_khans_distortion_of_the_waves_is_the_toolboxs_for_every_sensor(
    gains: tuple[float, ...], expected: float
) -> None:
    made = waves(len(gains))
    assert d_lambda_khan(made.fused, made.ms_up, gains, 4) == pytest.approx(expected, rel=0, abs=EIGHT)


@pytest.mark.parametrize(
    ("gains", "spatial", "spectral", "hybrid", "plain"),
    [
        (WV3, 0.14090529, 0.10137819, 0.83430008, 0.77200125),
        (QB, 0.11230269, 0.11793000, 0.88107221, 0.78301117),
    ],
)
def test_distortions_of_the_waves_are_the_toolboxs(
    gains: tuple[float, ...], spatial: float, spectral: float, hybrid: float, plain: float
) -> None:
    made = waves(len(gains))
    found_s = d_s(made.fused, made.ms_up, made.pan, 4)
    found_l = d_lambda(made.fused, made.ms_up)
    found_k = d_lambda_khan(made.fused, made.ms_up, gains, 4)
    found = [found_s, found_l, hqnr(found_k, found_s), qnr(found_l, found_s)]
    np.testing.assert_allclose(found, [spatial, spectral, hybrid, plain], rtol=0, atol=EIGHT)


@pytest.mark.parametrize(("gains", "key"), [(QB, "QB_4band"), (WV3, "WV3_8band")])
def test_distortions_of_the_scene_are_the_toolboxs(gains: tuple[float, ...], key: str) -> None:
    made, golden = scene(len(gains)), json.loads((GOLDEN / "golden_values.json").read_text())[key]
    khan = d_lambda_khan(made.fused, made.ms_up, gains, 4)
    spectral = d_lambda(made.fused, made.ms_up)
    spatial = d_s(made.fused, made.ms_up, made.pan, 4)
    found = {
        "D_lambda_K": khan,
        "D_s": spatial,
        "HQNR": hqnr(khan, spatial),
        "D_lambda_QNR": spectral,
        "QNR": qnr(spectral, spatial),
    }
    assert found == pytest.approx({name: golden[name] for name in found}, rel=1e-9)


@pytest.mark.parametrize("gains", [QB, WV3])
def test_distortions_in_the_row_exp_of_the_method_table_come_out_without_a_border_cut(gains: tuple[float, ...]) -> None:
    bands = len(gains)
    with (GOLDEN / "golden_methods.csv").open(newline="") as table:
        row = next(row for row in csv.DictReader(table) if row["method"] == "EXP" and row["bands"] == str(bands))
    enlarged = interp23tap(scene(bands).ms, 4)
    khan = d_lambda_khan(enlarged, enlarged, gains, 4)
    spatial = d_s(enlarged, enlarged, scene(bands).pan, 4)
    found = {"D_lambda_K": khan, "D_s": spatial, "HQNR": hqnr(khan, spatial)}
    assert found == pytest.approx({name: float(row[name]) for name in found}, rel=0, abs=SIX)


def test_an_image_like_its_ms_has_no_spectral_distortion_and_a_single_band_never_has() -> None:
    ms_up = waves(4).ms_up
    assert d_lambda(ms_up, ms_up) == 0
    assert d_lambda(waves(4).fused[:1], ms_up[:1]) == 0


def test_flat_blocks_do_not_spoil_the_distortions() -> None:
    made = waves(4)
    fused, ms_up, pan = made.fused.copy(), made.ms_up.copy(), made.pan.copy()
    for image in (fused, ms_up, pan):
        image[..., :96, :96] = 0
    assert 0 < d_lambda(fused, ms_up) < 1
    assert 0 < d_s(fused, ms_up, pan, 4) < 1


def test_blocks_that_do_not_fit_are_left_out() -> None:
    made = waves(4)
    fitting = (slice(None), slice(96), slice(64))
    assert d_lambda(made.fused[:, :100, :77], made.ms_up[:, :100, :77]) == pytest.approx(
        d_lambda(made.fused[fitting], made.ms_up[fitting]), rel=1e-12
    )


def test_images_smaller_than_a_block_are_refused() -> None:
    fused, ms_up, pan = waves(4).fused[:, :31], waves(4).ms_up[:, :31], waves(4).pan[:31]
    for measure in (
        lambda: d_lambda(fused, ms_up),
        lambda: d_lambda_khan(fused, ms_up, QB, 4),
        lambda: d_s(fused, ms_up, pan, 4),
    ):
        with pytest.raises(RequestError, match="No block of 32 pixels fits in 31 x 256"):
            measure()


def test_a_pan_of_another_size_is_refused() -> None:
    made = waves(4)
    with pytest.raises(RequestError, match="PAN of shape"):
        d_s(made.fused, made.ms_up, made.pan[None], 4)
