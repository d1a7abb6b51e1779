"""The small mathematics under the methods: moments that add up, and least squares that survive bad bands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from engine.methods.method import Moments, solve, solve_not_negative


def test_moments_of_pieces_add_up_to_those_of_the_whole() -> None:
    random = np.random.default_rng(1)
    images = random.normal(1e6, 3.0, (3, 40, 50))  # far from zero: naive sums of squares would lose all digits
    whole = Moments.of(images)
    parts = Moments.of(images[:, :7]) + Moments.of(images[:, 7:8]) + Moments.of(images[:, 8:])
    np.testing.assert_allclose(parts.mean, images.mean(axis=(1, 2)), rtol=1e-14)
    np.testing.assert_allclose(parts.covariance, np.cov(images.reshape(3, -1)), rtol=1e-9)
    np.testing.assert_allclose(whole.covariance, parts.covariance, rtol=1e-9)
    assert parts.count == 2000


def test_moments_see_valid_pixels_alone() -> None:
    random = np.random.default_rng(2)
    images = random.normal(size=(2, 10, 10))
    valid = random.random((10, 10)) > 0.5
    np.testing.assert_allclose(Moments.of(images, valid).covariance, np.cov(images[:, valid]))
    empty = Moments.of(images, np.zeros((10, 10), bool))
    assert empty.count == 0
    np.testing.assert_allclose((empty + Moments.of(images)).covariance, Moments.of(images).covariance)


def test_solving_shares_the_weight_between_equal_bands() -> None:
    matrix = np.array([[2.0, 2.0], [2.0, 2.0]])
    np.testing.assert_allclose(solve(matrix, np.array([2.0, 2.0])), [0.5, 0.5])
    assert np.isfinite(solve(np.zeros((3, 3)), np.zeros(3))).all()


def test_solving_is_not_disturbed_by_bands_of_very_different_units() -> None:
    random = np.random.default_rng(3)
    samples = random.normal(size=(500, 3)) * [1e-6, 1.0, 1e6]
    weights = np.array([2e6, -1.0, 3e-6])
    matrix = samples.T @ samples
    np.testing.assert_allclose(solve(matrix, matrix @ weights), weights, rtol=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_not_negative_least_squares_agree_with_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    samples, target = random.normal(size=(60, 7)), random.normal(size=60)
    expected, _ = optimize.nnls(samples, target)
    found = solve_not_negative(samples.T @ samples, samples.T @ target)
    np.testing.assert_allclose(found, expected, atol=1e-9)
