"""The noise of an image: found in its calm parts, whatever else it shows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from engine.pixels.noise import noise_of

RANDOM = np.random.default_rng(3)
HILLS = 40.0 * ndimage.gaussian_filter(RANDOM.standard_normal((256, 256)), 12.0) * 12.0
FIELDS = np.kron(RANDOM.integers(50, 200, (4, 4)), np.ones((64, 64)))


@pytest.mark.parametrize("deviation", [0.5, 2.0, 8.0])
@pytest.mark.parametrize("scene", [HILLS, FIELDS], ids=["hills", "fields with edges"])
def test_white_noise_is_found_whatever_lies_below(scene: np.ndarray, deviation: float) -> None:
    noisy = scene + np.random.default_rng(5).normal(0.0, deviation, scene.shape)
    assert noise_of([noisy]) == pytest.approx(deviation, rel=0.15)


def test_structure_that_optics_have_softened_is_hardly_taken_for_noise() -> None:
    soft = ndimage.gaussian_filter(np.random.default_rng(9).normal(100.0, 50.0, (256, 256)), 1.0)
    assert noise_of([soft]) < 0.1 * soft.std()


def test_burnt_out_and_empty_parts_are_no_measure() -> None:
    noisy = np.random.default_rng(5).normal(100.0, 3.0, (256, 256))
    noisy[:, :128] = 255.0
    assert noise_of([noisy]) == pytest.approx(3.0, rel=0.15)


def test_pixels_that_are_no_numbers_spoil_their_own_surroundings_alone() -> None:
    noisy = np.random.default_rng(5).normal(100.0, 3.0, (256, 256)).astype(np.float32)
    noisy[40:44, 40:44], noisy[200, 7] = np.nan, np.inf
    assert noise_of([noisy]) == pytest.approx(3.0, rel=0.15)


def test_parts_are_taken_together() -> None:
    parts = [np.random.default_rng(seed).normal(100.0, 3.0, (64, 64)) for seed in range(6)]
    assert noise_of(parts) == pytest.approx(3.0, rel=0.15)


@pytest.mark.parametrize("parts", [[], [np.ones((8, 8))], [np.full((64, 64), 7.0)]])
def test_where_nothing_can_be_told_there_is_none(parts: list[np.ndarray]) -> None:
    assert noise_of(parts) == 0.0
