"""The numbers of an image leave as plain JSON, and small differences are called what they are."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from engine.metrics import noreference, reference, reprojection
from engine.metrics.report import METRICS, Full, Reduced, significant
from tests.metrics.tilings import speckled


def both() -> tuple[Reduced, Full]:
    truth, image = speckled(3, 64, 64)
    sums = reference.measure(truth, image)
    distortions = noreference.measure(image, truth, image[0], truth[0], image)
    return Reduced.of(sums, 4), Full.of(distortions, reprojection.measure(image, image[0], 4), sums, 4)


def test_results_are_json_with_null_for_what_could_not_be_had() -> None:
    for result in both():
        plain = result.to_dict()
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain
        assert list(plain) == [field.name for field in dataclasses.fields(result)]
    reduced, full = (result.to_dict() for result in both())
    assert reduced["psnr"] is reduced["ssim"] is reduced["peak"] is None  # no peak was given
    assert len(reduced["rmse"]) == len(full["r_bias_percent"]) == 3


def test_equal_images_have_an_infinite_psnr_that_json_cannot_hold() -> None:
    truth, _ = speckled(3, 64, 64)
    result = Reduced.of(reference.measure(truth, truth, peak=2047), 4)
    assert result.psnr == math.inf
    assert result.to_dict()["psnr"] is None


def test_a_band_of_zeros_has_no_relative_bias() -> None:
    truth, image = np.ones((2, 32, 32)), np.ones((2, 32, 32))
    truth[1] = 0
    result = Reduced.of(reference.measure(truth, image), 4)
    assert result.bias == [0, 1]
    assert result.bias_percent[0] == 0
    assert result.to_dict()["bias_percent"][1] is None
    assert result.to_dict()["rmse_percent"][1] is None


def test_the_full_numbers_hang_together() -> None:
    reduced, full = both()
    assert full.hqnr == pytest.approx((1 - full.d_lambda_k) * (1 - full.d_s), rel=1e-12)
    assert full.qnr == pytest.approx((1 - full.d_lambda) * (1 - full.d_s), rel=1e-12)
    assert (full.r_sam, full.r_ergas, full.r_q, full.r_q2n) == (reduced.sam, reduced.ergas, reduced.q, reduced.q2n)
    assert full.r_rmse_percent == reduced.rmse_percent


def test_every_index_has_a_row_in_the_table() -> None:
    described = {"ratio", "peak", "bias", "mean_reference", "mean_image", "mean_ms", "mean_reprojected"}
    names = {field.name for kind in (Reduced, Full) for field in dataclasses.fields(kind)}
    assert {name for name in names if not name.endswith("left_out")} - described == set(METRICS)
    for metric in METRICS.values():
        assert metric.better in ("lower", "higher")
        assert metric.definition.endswith(".")
        assert (metric.absolute > 0) != (metric.relative > 0)


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("hqnr", 0.930, 0.934, False),
        ("hqnr", 0.930, 0.936, True),
        ("ergas", 2.00, 2.03, False),
        ("ergas", 2.05, 2.00, True),
        ("q2n", 0.985, 0.986, False),
        ("q2n", 0.985, 0.988, True),
        ("psnr", 40.0, 40.1, False),
        ("psnr", math.inf, 40.0, True),
        ("psnr", math.inf, math.inf, False),
        ("bias_percent", -0.5, 0.5, False),
        ("bias_percent", 0.0, 0.5, True),
        ("sam", 0.0, 0.0, False),
        ("scc", math.nan, 0.9, False),
    ],
)
def test_a_difference_means_something_only_above_its_threshold(name: str, a: float, b: float, expected: bool) -> None:
    assert significant(name, a, b) is expected
    assert significant(name, b, a) is expected
