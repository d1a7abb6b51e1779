"""Q2n gives the reference toolbox's numbers, and agrees with its definition spelt out pixel by pixel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.metrics.hypercomplex import q2n, q2n_blocks
from engine.metrics.reference import cut
from tests.golden_arrays import noise_by_formula, scene, waves

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "golden_values.json").read_text())
EIGHT = 0.51e-8  # the numbers below are rounded to 8 decimals


@pytest.mark.parametrize(
    ("bands", "dim_cut", "expected"),
    [
        (8, 0, 0.99535362),
        (8, 21, 0.99516609),
        (8, 30, 0.99522687),
        (4, 0, 0.99474736),
        (4, 21, 0.99437919),
        (4, 30, 0.99452432),
    ],
)
def test_q2n_of_the_waves_is_the_toolboxs(bands: int, dim_cut: int, expected: float) -> None:
    found = q2n(cut(waves(bands).truth, dim_cut), cut(waves(bands).fused, dim_cut))
    assert found == pytest.approx(expected, rel=0, abs=EIGHT)


@pytest.mark.parametrize(("bands", "key"), [(4, "QB_4band"), (8, "WV3_8band")])
def test_q2n_of_the_scene_is_the_toolboxs(bands: int, key: str) -> None:
    assert q2n(scene(bands).truth, scene(bands).fused) == pytest.approx(GOLDEN[key]["Q2n"], rel=1e-9)


@pytest.mark.parametrize(("added", "expected"), [(0, 0.99535284), (0.49, 0.99535284), (-700, 0.60976872)])
def test_q2n_rounds_to_16_bits_and_counts_negative_values_as_zero(added: float, expected: float) -> None:
    small = waves(4, 64)
    assert q2n(small.truth, small.fused + added) == pytest.approx(expected, rel=0, abs=EIGHT)


def test_q2n_of_two_different_constants_is_zero_as_in_the_toolbox() -> None:
    assert q2n(np.full((4, 64, 64), 100.0), np.full((4, 64, 64), 101.0)) == pytest.approx(0, abs=1e-12)


def test_q2n_of_an_image_with_itself_is_one_even_where_it_is_flat() -> None:
    image = waves(4).truth.copy()
    image[:, :64, :64] = 700
    np.testing.assert_allclose(q2n_blocks(image, image), 1, rtol=1e-12)


def test_q2n_answers_block_by_block_in_reading_order() -> None:
    truth = waves(4).truth[:, :64, :96]
    image = truth.copy()
    image[:, 32:, 64:] = image[:, 32:, 64:][:, ::-1]
    blocks = q2n_blocks(truth, image)
    assert blocks.shape == (6,)
    np.testing.assert_allclose(blocks[:5], 1, rtol=1e-12)
    assert blocks[5] < 0.99


@pytest.mark.parametrize("bands", [1, 2, 3, 5, 8, 16])
def test_q2n_agrees_with_its_definition_for_any_number_of_bands(bands: int) -> None:
    x, noise = np.floor(2047 * noise_by_formula(2 * bands * 64, bands)).reshape(2, bands, 8, 8)
    y = np.floor(0.6 * x + 0.4 * noise)
    assert q2n(x, y, block=8) == pytest.approx(_q2n_spelt_out(x, y), rel=1e-10)


def test_a_black_band_of_the_truth_does_not_blow_up() -> None:
    x, y = np.floor(2047 * noise_by_formula(2 * 4 * 64, 2)).reshape(2, 4, 8, 8)
    x[2] = 0
    assert q2n(x, y, block=8) == pytest.approx(_q2n_spelt_out(x, y), rel=1e-10)


def test_what_is_missing_to_whole_blocks_is_mirrored_with_the_edge() -> None:
    x, y = np.floor(2047 * noise_by_formula(2 * 4 * 64 * 64, 4)).reshape(2, 4, 64, 64)
    for image in (x, y):
        image[:, 50:] = image[:, 36:50][:, ::-1]
        image[:, :, 40:] = image[:, :, 16:40][:, :, ::-1]
    assert q2n(x[:, :50, :40], y[:, :50, :40]) == q2n(x, y)


def test_blocks_with_a_gap_are_left_out_and_an_image_of_gaps_gets_a_sentence() -> None:
    truth, image = waves(4).truth[:, :64, :96], waves(4).fused[:, :64, :96]
    valid = np.ones((64, 96), dtype=bool)
    valid[33, 1] = False
    expected = np.delete(q2n_blocks(truth, image), 3).mean()
    assert q2n(truth, image, valid=valid) == pytest.approx(expected, rel=1e-14)
    with pytest.raises(InputError, match="no pixel that is valid"):
        q2n(truth, image, valid=np.zeros((64, 96), dtype=bool))


def _q2n_spelt_out(x: Any, y: Any) -> float:
    """Compute one block as the definition reads, with a product of whole pixels."""
    size = 1
    while size < len(x):
        size *= 2
    x, y = (np.concatenate([part, np.zeros((size - len(part), *part.shape[1:]))]).reshape(size, -1) for part in (x, y))
    n = x.shape[1]
    for band in range(size):
        mean, deviation = x[band].mean(), x[band].std(ddof=1) or np.finfo(float).eps
        x[band] = (x[band] - mean) / deviation + 1
        y[band] = y[band] + 1 if mean == 0 else (y[band] - mean) / deviation + 1
    y = _conjugate(y)
    mean_x, mean_y = x.mean(axis=1), y.mean(axis=1)
    norm_x, norm_y = np.sqrt(np.sum(mean_x**2)), np.sqrt(np.sum(mean_y**2))
    scale = n / (n - 1)
    covariance = scale * _product(x, y).mean(axis=1) - scale * _product(mean_x[:, None], mean_y[:, None])[:, 0]
    variance = scale * (np.mean(np.sum(x**2 + y**2, axis=0)) - norm_x**2 - norm_y**2)
    quality = covariance * (2 * norm_x * norm_y / (norm_x**2 + norm_y**2)) * 2 / variance
    return float(np.sqrt(np.sum(quality**2)))


def _product(x: Any, y: Any) -> Any:
    if len(x) == 1:
        return x * y
    half = len(x) // 2
    a, b, c, d = x[:half], _conjugate(x[half:]), y[:half], _conjugate(y[half:])
    return np.concatenate([
        _product(a, c) - _product(d, _conjugate(b)),
        _product(_conjugate(a), d) + _product(c, b),
    ])  # fmt: skip


def _conjugate(x: Any) -> Any:
    return np.concatenate([x[:1], -x[1:]])
