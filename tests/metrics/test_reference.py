"""Indexes with a reference give the reference toolbox's numbers, and sense at the edges of their definitions."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError, RequestError
from engine.metrics import hypercomplex, reference
from engine.pixels.toolbox import interp23tap
from tests.golden_arrays import noise_by_formula, scene, waves

GOLDEN = Path(__file__).parents[1] / "golden"
EIGHT = 0.51e-8  # the numbers below are rounded to 8 decimals
SIX = 0.51e-6


@pytest.mark.parametrize(
    ("bands", "dim_cut", "sam", "ergas", "scc", "q_average", "psnr", "ssim"),
    [
        (8, 0, 1.53574917, 0.78794625, 0.99043976, 0.99528607, 39.68394004, 0.98269746),
        (8, 21, 1.54403565, 0.79369459, 0.99022924, 0.99533022, 39.68404882, 0.98296014),
        (8, 30, 1.54791109, 0.79722177, 0.99064205, 0.99531707, 39.68407621, 0.98312505),
        (4, 0, 1.05377150, 0.82839394, 0.98446568, 0.99461621, 39.68393868, 0.97623496),
        (4, 21, 1.06141563, 0.83486973, 0.98444032, 0.99470519, 39.68404629, 0.97669386),
        (4, 30, 1.06985201, 0.84260402, 0.98533571, 0.99468097, 39.68410759, 0.97698089),
    ],
)
def test_indexes_of_the_waves_are_the_toolboxs(
    bands: int, dim_cut: int, sam: float, ergas: float, scc: float, q_average: float, psnr: float, ssim: float
) -> None:
    truth, fused = (reference.cut(images, dim_cut) for images in (waves(bands).truth, waves(bands).fused))
    found = [
        reference.sam(truth, fused),
        reference.ergas(truth, fused, 4),
        reference.scc(truth, fused),
        reference.q_average(truth, fused),
        reference.psnr(truth, fused, 2047),
        reference.ssim(truth, fused, 2047),
    ]
    np.testing.assert_allclose(found, [sam, ergas, scc, q_average, psnr, ssim], rtol=0, atol=EIGHT)


@pytest.mark.parametrize(("bands", "key"), [(4, "QB_4band"), (8, "WV3_8band")])
def test_indexes_of_the_scene_are_the_toolboxs(bands: int, key: str) -> None:
    truth, fused = scene(bands).truth, scene(bands).fused
    golden = json.loads((GOLDEN / "golden_values.json").read_text())[key]
    found = {
        "SAM": reference.sam(truth, fused),
        "ERGAS": reference.ergas(truth, fused, 4),
        "SCC": reference.scc(truth, fused),
        "Q": reference.q_average(truth, fused),
    }
    assert found == pytest.approx({name: golden[name] for name in found}, rel=1e-9)


@pytest.mark.parametrize("bands", [4, 8])
def test_the_row_exp_of_the_method_table_comes_out_without_a_border_cut(bands: int) -> None:
    with (GOLDEN / "golden_methods.csv").open(newline="") as table:
        row = next(row for row in csv.DictReader(table) if row["method"] == "EXP" and row["bands"] == str(bands))
    truth, enlarged = scene(bands).truth, interp23tap(scene(bands).ms, 4)
    found = {
        "SAM": reference.sam(truth, enlarged),
        "ERGAS": reference.ergas(truth, enlarged, 4),
        "Q2n": hypercomplex.q2n(truth, enlarged),
        "SCC": reference.scc(truth, enlarged),
        "mean_b1": enlarged[0].mean(),
        "px_101_102_b1": enlarged[0, 100, 101],
        "px_200_57_bN": enlarged[-1, 199, 56],
    }
    assert found == pytest.approx({name: float(row[name]) for name in found}, rel=0, abs=SIX)


def test_a_border_cut_keeps_one_more_pixel_on_the_near_side() -> None:
    image = np.arange(256.0)[None, None, :] + np.zeros((1, 256, 1))
    assert reference.cut(image, 30).shape == (1, 197, 197)
    assert reference.cut(image, 21).shape == (1, 215, 215)
    assert reference.cut(image, 30)[0, 0, [0, -1]].tolist() == [29, 225]
    assert reference.cut(image, 0) is image


@pytest.mark.parametrize(
    "measure",
    [
        reference.sam,
        lambda x, y, valid: reference.ergas(x, y, 4, valid),
        reference.rmse,
        reference.bias,
        lambda x, y, valid: reference.psnr(x, y, 2047, valid),
        reference.scc,
        lambda x, y, valid: reference.q_average(x, y, valid=valid),
        lambda x, y, valid: reference.ssim(x, y, 2047, valid),
    ],
)
def test_a_spoilt_strip_under_a_mask_does_not_count_and_a_mask_over_all_gets_a_sentence(measure: Any) -> None:
    truth, image = (part[:, :64, :64] for part in (waves(4).truth, waves(4).fused))
    valid = np.zeros((64, 97), dtype=bool)
    valid[:, :64] = True
    wide, spoilt = (np.pad(part, ((0, 0), (0, 0), (0, 33)), constant_values=9999) for part in (truth, image))
    if measure is not reference.scc:  # whose zero padding lies elsewhere
        np.testing.assert_allclose(measure(wide, spoilt, valid), measure(truth, image, None), rtol=1e-12)
    assert np.any(measure(wide, spoilt, valid) != measure(wide, spoilt, None))
    with pytest.raises(InputError, match="no pixel that is valid"):
        measure(wide, spoilt, np.zeros((64, 97), dtype=bool))


@pytest.mark.parametrize("dim_cut", [-1, 9])
def test_a_border_that_leaves_nothing_is_refused(dim_cut: int) -> None:
    with pytest.raises(RequestError, match="smaller border"):
        reference.cut(np.zeros((1, 16, 17)), dim_cut)


@pytest.mark.parametrize(
    "measure",
    [
        reference.sam,
        lambda x, y: reference.ergas(x, y, 4),
        reference.scc,
        reference.q_average,
        lambda x, y: reference.psnr(x, y, 2047),
        lambda x, y: reference.ssim(x, y, 2047),
        reference.rmse,
        reference.bias,
        hypercomplex.q2n,
    ],
)
def test_images_of_different_shape_are_refused(measure: Any) -> None:
    with pytest.raises(RequestError, match="cannot be compared"):
        measure(np.ones((4, 64, 64)), np.ones((4, 64, 63)))
    with pytest.raises(RequestError, match="cannot be compared"):
        measure(np.ones((64, 64)), np.ones((64, 64)))


def test_an_image_equals_itself() -> None:
    image = waves(4).truth.astype(np.uint16)
    assert reference.sam(image, image) == pytest.approx(0, abs=2e-6)  # the rounding of a cosine near 1, in degrees
    assert reference.ergas(image, image, 4) == 0
    assert reference.scc(image, image) == pytest.approx(1, rel=1e-12)
    assert reference.q_average(image, image) == pytest.approx(1, rel=1e-12)
    assert reference.psnr(image, image, 2047) == math.inf
    assert reference.ssim(image, image, 2047) == pytest.approx(1, rel=1e-12)
    assert reference.rmse(image, image).tolist() == [0, 0, 0, 0]


def test_unsigned_counts_do_not_wrap_around() -> None:
    low, high = np.full((1, 32, 32), 10, np.uint16), np.full((1, 32, 32), 13, np.uint16)
    assert reference.bias(high, low).tolist() == [-3]
    assert reference.rmse(high, low).tolist() == [3]


def test_bias_and_rmse_answer_for_each_band() -> None:
    truth = np.zeros((2, 2, 2))
    image = np.array([[[1.0, 1.0], [1.0, 1.0]], [[3.0, -3.0], [3.0, -3.0]]])
    assert reference.bias(truth, image).tolist() == [1, 0]
    assert reference.rmse(truth, image).tolist() == [1, 3]


def test_constant_images_have_no_angle_and_an_ergas_of_their_difference() -> None:
    truth, image = np.full((4, 64, 64), 100.0), np.full((4, 64, 64), 101.0)
    assert reference.sam(truth, image) == 0
    assert reference.ergas(truth, image, 4) == pytest.approx(0.25, rel=1e-12)


def test_the_angle_leaves_zero_vectors_out() -> None:
    truth = np.array([[[1.0, 1.0, 0.0]], [[0.0, 0.0, 0.0]]])
    image = np.array([[[1.0, 0.0, 5.0]], [[1.0, 0.0, 5.0]]])
    assert reference.sam(truth, image) == pytest.approx(45, rel=1e-12)
    assert math.isnan(reference.sam(np.zeros((2, 3, 3)), np.ones((2, 3, 3))))


def test_ergas_is_infinite_where_a_band_of_the_truth_is_empty() -> None:
    assert reference.ergas(np.zeros((1, 4, 4)), np.ones((1, 4, 4)), 4) == math.inf


def test_images_without_edges_have_no_edge_correlation() -> None:
    # Zero padding puts an edge round every image but the black one.
    assert math.isnan(reference.scc(np.zeros((1, 8, 8)), np.ones((1, 8, 8))))
    assert reference.scc(np.full((1, 8, 8), 100.0), np.full((1, 8, 8), 150.0)) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("window", [7, 8, 11])
def test_q_is_the_mean_over_every_window_that_fits(window: int) -> None:
    x, y = 1000 * noise_by_formula(2 * 20 * 15, 11).reshape(2, 1, 20, 15)
    values = []
    for row in range(20 - window + 1):
        for col in range(15 - window + 1):
            a, b = (image[0, row : row + window, col : col + window].ravel() for image in (x, y))
            (vxx, vxy), (_, vyy) = np.cov(a, b)
            values.append(4 * vxy * a.mean() * b.mean() / ((vxx + vyy) * (a.mean() ** 2 + b.mean() ** 2)))
    assert reference.q_average(x, y, window) == pytest.approx(np.mean(values), rel=1e-10)


@pytest.mark.parametrize(("level", "other", "expected"), [(0.3, 0.3, 1), (60000.7, 60000.7, 1), (1, 2, 0.8), (0, 0, 1)])
def test_q_of_flat_images_compares_their_means(level: float, other: float, expected: float) -> None:
    found = reference.q_average(np.full((1, 40, 40), level), np.full((1, 40, 40), other))
    assert found == pytest.approx(expected, rel=1e-9)


def test_q_sees_a_single_count_on_a_bright_flat_image() -> None:
    flat, dotted = np.full((1, 32, 32), 60000.0), np.full((1, 32, 32), 60000.0)
    dotted[0, 5, 5] += 1
    assert reference.q_average(flat, dotted) == 0


@pytest.mark.parametrize(
    ("measure", "size"),
    [(reference.q_average, 31), (lambda x, y: reference.ssim(x, y, 2047), 10), (reference.scc, 2)],
)
def test_an_image_smaller_than_the_window_is_refused(measure: Any, size: int) -> None:
    image = np.ones((1, size, 64))
    with pytest.raises(RequestError, match=f"{size} x 64"):
        measure(image, image)
