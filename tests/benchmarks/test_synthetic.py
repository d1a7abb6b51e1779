"""Synthetic scenes: repeatable, within bounds, plausible in colour, and seen by whole pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from osgeo import gdal

from benchmarks.synthetic import scene as synthetic
from benchmarks.synthetic.canvas import GROUND, THING, Canvas
from benchmarks.synthetic.materials import CURVES, WAVELENGTHS
from benchmarks.synthetic.sunlight import Light
from tests.slowness import mostly_slow

SIDE = 48
OVERHEAD = Light(0.0, np.pi / 2 - 1e-3)


def canvas(seed: int = 1) -> Canvas:
    """Return a canvas of 48 pixels of 1 metre, with bands in blue, green, red and near infrared."""
    return Canvas(SIDE, 1.0, synthetic.wavelengths(4), (0.45, 0.80), np.random.default_rng(seed))


def box(left: float, top: float, right: float, bottom: float) -> NDArray[Any]:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


@pytest.mark.parametrize("kind", mostly_slow(synthetic.KINDS, 0, 3, 6))
def test_every_kind_of_place_is_drawn_within_bounds(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "kind_of", lambda seed: kind)
    truth, pan = synthetic.scene(5, SIDE, 4)
    assert truth.shape == (4, SIDE, SIDE) and pan.shape == (SIDE, SIDE)
    assert truth.dtype == pan.dtype == np.float32
    assert truth.min() >= 0 and truth.max() <= 1 and truth.std() > 0.005


def test_the_same_seed_gives_the_same_bytes() -> None:
    (first, first_pan), (again, again_pan) = synthetic.scene(3, SIDE), synthetic.scene(3, SIDE)
    assert first.tobytes() == again.tobytes() and first_pan.tobytes() == again_pan.tobytes()


def test_another_seed_gives_another_scene() -> None:
    assert np.abs(synthetic.scene(3, SIDE, 4)[0] - synthetic.scene(4, SIDE, 4)[0]).mean() > 0.005


def test_the_choice_of_bands_does_not_change_the_place() -> None:
    centres = synthetic.wavelengths(8)
    all_bands, two_bands = synthetic.scene(3, SIDE, 8), synthetic.scene(3, SIDE, (centres[2], centres[6]))
    np.testing.assert_allclose(two_bands[0], all_bands[0][[2, 6]], atol=1e-6)
    np.testing.assert_allclose(two_bands[1], all_bands[1], atol=1e-6)


@pytest.mark.parametrize("plant", ["grass", "broadleaf", "conifer", "wheat", "olive"])
def test_plants_reflect_more_in_the_near_infrared_than_in_red_and_peak_in_green(plant: str) -> None:
    blue, green, red, infrared = np.interp([0.45, 0.55, 0.67, 0.85], WAVELENGTHS, CURVES[plant])
    assert infrared > 3 * red and green > red > 0 and green > blue


def test_a_slanting_edge_takes_values_between_those_of_its_sides() -> None:
    ground = canvas()
    # Without texture, so that only the edge can make other values than the two.
    dark, light = (ground.faded(ground.paint(name), 0.0) for name in ("black", "white"))
    ground.polygon(box(-9, -9, 99, 99), dark, GROUND)
    ground.polygon(np.array([[-9.0, 5.0], [60.0, 25.0], [60.0, 90.0], [-9.0, 90.0]]), light, GROUND)
    green = ground.render(OVERHEAD)[1]
    low, high = np.median(green[:4]), np.median(green[-4:])
    between = (green > low + 0.2 * (high - low)) & (green < high - 0.2 * (high - low))
    assert SIDE / 3 < between.sum() < 3 * SIDE


def test_a_shadow_falls_away_from_the_sun_and_as_far_as_its_height_says() -> None:
    ground = canvas()
    grey = ground.paint("concrete")
    ground.polygon(box(-9, -9, 99, 99), grey, GROUND)
    ground.polygon(box(10, 20, 14, 28), grey, THING, 10.0)
    red = ground.render(Light(0.0, np.pi / 4))[2]
    shaded = red[24] < 0.6 * np.median(red)
    # A wall of 10 metres under a sun at 45 degrees: 10 pixels to the east of x = 14, none to the west.
    assert shaded[15:23].all() and not shaded[:14].any() and not shaded[26:].any()


def test_a_paint_can_be_as_bright_in_pan_as_another_and_differ_in_colour() -> None:
    ground = canvas()
    lawn = ground.paint("grass")
    roof = ground.paint("red tile", like=lawn)
    ground.polygon(box(-9, -9, 24, 99), lawn, GROUND)
    ground.polygon(box(24, -9, 99, 99), ground.faded(roof, 0.0), GROUND)
    ground.polygon(box(-9, -9, 24, 99), ground.faded(lawn, 0.0), GROUND)
    seen = ground.render(OVERHEAD)
    left, right = np.median(seen[:, :, 4:20], axis=(1, 2)), np.median(seen[:, :, 28:44], axis=(1, 2))
    assert abs(left[-1] / right[-1] - 1) < 0.1
    assert right[2] > 1.5 * left[2] and right[3] < 0.7 * left[3]


def test_the_file_holds_reflectance_times_ten_thousand(tmp_path: Path) -> None:
    synthetic.write(tmp_path / "image.tif", np.array([[[0.25, 1.0]], [[0.0, 0.12344]]], np.float32))
    values = gdal.Open(str(tmp_path / "image.tif")).ReadAsArray()
    assert values.dtype == np.uint16
    assert values.tolist() == [[[2500, 10000]], [[0, 1234]]]
