"""A field of shifts follows what was measured, smoothly, and does not follow what contradicts its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from engine.grid.field import AS_LOCATED, Correction, Field, fitted
from engine.grid.window import Window
from tests.slowness import mostly_slow

SCENE = Window(10, 20, 640, 800)
PLACES = np.array([(row, col) for row in range(74, 650, 64) for col in range(84, 820, 64)], float)


def bowl(places: np.ndarray) -> np.ndarray:
    """Return a shift that changes by 1.2 pixels over the scene: (n, 2)."""
    row, col = (places[:, 0] - 330) / 320, (places[:, 1] - 420) / 400
    return np.stack([0.6 * row**2 - 0.3, 0.5 * row * col + 0.4 * col], axis=1)


def at(field: Field, places: np.ndarray) -> np.ndarray:
    return np.array([field.at(place[:1], place[1:]).ravel() for place in places])


def test_between_nodes_a_field_is_bilinear_and_outside_it_has_the_value_of_its_edge() -> None:
    nodes = np.array([[[0.0, 1.0], [2.0, 3.0]], [[0.0, 0.0], [4.0, 4.0]]])
    field = Field(Window(0, 0, 100, 200), nodes)
    right, down = field.at(np.array([50.0, 100.0, 500.0]), np.array([-3.0, 50.0]))
    np.testing.assert_allclose(right, [[1.0, 1.25], [2.0, 2.25], [2.0, 2.25]])
    np.testing.assert_allclose(down, [[2.0, 2.0], [4.0, 4.0], [4.0, 4.0]])
    assert field.greatest == 5.0


@pytest.mark.slow
def test_a_smooth_field_is_found_again_from_noisy_shifts() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.08, PLACES.shape)
    found = at(fitted(SCENE, 64, PLACES, bowl(PLACES) + noise), PLACES)
    off = np.hypot(*(found - bowl(PLACES)).T)
    assert np.median(off) < 0.06 and off.max() < 0.2


@pytest.mark.parametrize("seed", mostly_slow([1, 2, 3], 0))
def test_noise_alone_makes_hardly_a_field(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0.0, 0.08, PLACES.shape)
    field = fitted(SCENE, 64, PLACES, noise)
    # A constant would be 0.08 * sqrt(2 / 108) = 0.011; what bends more has learnt the noise.
    assert np.sqrt((at(field, PLACES) ** 2).sum(axis=1).mean()) < 0.035


def test_without_noise_a_field_is_followed_into_the_corners_that_no_window_reaches() -> None:
    corners = np.array([(10, 20), (10, 820), (650, 20), (650, 820)], float)
    field = fitted(SCENE, 64, PLACES, bowl(PLACES))
    assert np.hypot(*(at(field, PLACES) - bowl(PLACES)).T).max() < 0.01
    assert np.hypot(*(at(field, corners) - bowl(corners)).T).max() < 0.13


def test_what_contradicts_its_neighbours_counts_for_nothing() -> None:
    random = np.random.default_rng(2)
    shifts = bowl(PLACES)
    wild = random.choice(len(PLACES), len(PLACES) // 5, replace=False)
    shifts[wild] += random.uniform(3.0, 6.0, (len(wild), 2))
    off = np.hypot(*(at(fitted(SCENE, 64, PLACES, shifts), PLACES) - bowl(PLACES)).T)
    assert np.median(off) < 0.05 and off.max() < 0.3


def test_where_nothing_was_measured_the_field_goes_on_from_its_neighbours() -> None:
    kept = ~((PLACES[:, 0] > 200) & (PLACES[:, 0] < 400) & (PLACES[:, 1] > 300) & (PLACES[:, 1] < 500))
    off = np.hypot(*(at(fitted(SCENE, 64, PLACES[kept], bowl(PLACES[kept])), PLACES) - bowl(PLACES)).T)
    assert off.max() < 0.15


def test_two_neighbours_do_not_set_off_a_slope_across_the_scene() -> None:
    field = fitted(SCENE, 64, np.array([[300.0, 400.0], [300.0, 464.0]]), np.array([[0.1, 0.0], [0.4, 0.0]]))
    assert field.greatest < 0.6


def test_no_field_is_steeper_than_can_be() -> None:
    shifts = np.where(PLACES[:, 1:] < 400, -4.0, 4.0) * np.ones((1, 2))
    field = fitted(SCENE, 64, PLACES, shifts)
    step = 800 / (field.nodes.shape[2] - 1)
    assert np.abs(np.diff(field.nodes, axis=2)).max() / step <= 0.02
    assert at(field, np.array([[330.0, 60.0]]))[0, 0] < -2.0


def test_without_any_shift_there_is_no_field() -> None:
    assert fitted(SCENE, 64, np.empty((0, 2)), np.empty((0, 2))).greatest == 0.0


@pytest.mark.parametrize("window", [Window(0, 0, 5, 5), Window(0, 0, 5, 900)])
def test_a_small_scene_has_a_field_too(window: Window) -> None:
    field = fitted(window, 64, np.array([[2.5, 2.5]]), np.array([[0.5, -0.25]]))
    assert field.at(np.array([2.5]), np.array([2.5])).ravel() == pytest.approx([0.5, -0.25], abs=0.01)


def test_a_correction_adds_its_field_to_its_shift() -> None:
    field = Field(Window(0, 0, 10, 10), np.full((2, 2, 2), 0.25))
    assert AS_LOCATED.at(3.0, 4.0) == (0.0, 0.0)
    assert Correction(1.0, -2.0).at(3.0, 4.0) == (1.0, -2.0)
    assert Correction(1.0, -2.0, field).at(3.0, 4.0) == (1.25, -1.75)
