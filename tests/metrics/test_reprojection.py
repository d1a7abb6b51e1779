"""The reprojection protocol senses what it is for: faith to MS, and detail of PAN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.errors import InputError, RequestError
from engine.metrics import reference
from engine.metrics.hypercomplex import q2n
from engine.metrics.reprojection import d_rho, r_ergas, r_q, r_q2n, r_sam, window_of
from tests.golden_arrays import scene, waves


def test_the_r_indexes_are_those_with_a_reference_on_the_grid_of_ms() -> None:
    ms, back = waves(4).truth, waves(4).fused
    assert r_sam(ms, back) == reference.sam(ms, back) == pytest.approx(1.05377150, abs=1e-8)
    assert r_ergas(ms, back, 4) == reference.ergas(ms, back, 4) == pytest.approx(0.82839394, abs=1e-8)
    assert r_q(ms, back) == reference.q_average(ms, back) == pytest.approx(0.99461621, abs=1e-8)
    assert r_q2n(ms, back) == q2n(ms, back) == pytest.approx(0.99474736, abs=1e-8)


def test_a_copy_of_pan_in_any_scale_has_no_loss_of_detail_and_its_negative_the_greatest() -> None:
    pan = scene(4).pan
    assert d_rho(np.stack([pan, 0.25 * pan + 90, 3 * pan]), pan, 4) == pytest.approx(0, abs=1e-9)
    assert d_rho(-pan[None], pan, 4) == pytest.approx(2, rel=1e-9)


def test_enlarged_ms_lacks_detail_that_a_fusion_has() -> None:
    made = scene(4)
    assert 0 < d_rho(made.fused, made.pan, 4) < d_rho(made.ms_up, made.pan, 4) < 1


@pytest.mark.parametrize("level", [0.0, 0.3, 60000.7])
def test_flat_pan_has_nothing_to_agree_with(level: float) -> None:
    assert math.isnan(d_rho(scene(4).fused, np.full((256, 256), level), 4))


def test_a_flat_band_agrees_with_nothing() -> None:
    pan = scene(4).pan
    assert d_rho(np.stack([pan, np.full_like(pan, 1234.56)]), pan, 4) == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize(("ratio", "side"), [(4, 4), (2, 2), (1.9, 2), (3.75, 4), (1.2, 2), (6, 6)])
def test_windows_of_d_rho_are_as_wide_as_the_ratio(ratio: float, side: int) -> None:
    assert window_of(ratio) == side


def test_reflectances_measure_as_counts_do() -> None:
    made = scene(4)
    scaled = d_rho((made.fused / 10000).astype(np.float32), (made.pan / 10000).astype(np.float32), 4)
    assert scaled == pytest.approx(d_rho(made.fused, made.pan, 4), abs=1e-5)


def test_pan_on_another_grid_or_without_a_valid_pixel_gets_a_sentence() -> None:
    made = waves(4)
    with pytest.raises(RequestError, match="on one grid"):
        d_rho(made.fused, made.pan[1:], 4)
    with pytest.raises(InputError, match="no pixel that is valid"):
        d_rho(made.fused, made.pan, 4, valid=np.zeros(made.pan.shape, dtype=bool))
