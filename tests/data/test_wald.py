"""Products of small matrices blur, thin out and enlarge as the formulas of optics and the product's own taps do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.data.wald import coarser, coarser_and_back, enlarged
from engine.grid.pairing import Axis, Lattice
from engine.grid.window import Window
from engine.pixels.resample import gaussian, interpolation, mtf_sigma, resample

SIDE = 240
WHOLE = Window(0, 0, SIDE, SIDE)


def lattice(ratio: float, offset: float = 0.0) -> Lattice:
    return Lattice(Axis(1.0 / ratio, offset), Axis(1.0 / ratio, -offset))


def reader(image: Any) -> Any:
    return lambda window: image[:, window.row : window.row_end, window.col : window.col_end]


def waves(frequency: float, bands: int = 2) -> Any:
    """Return a wave along the columns, pixel k centred at k."""
    row = np.cos(2.0 * math.pi * frequency * np.arange(SIDE))
    return np.broadcast_to(row, (bands, SIDE, SIDE)).astype(np.float32)


@pytest.mark.parametrize("ratio", [2.0, 2.5, 3.0, 4.0])
@pytest.mark.parametrize("share", [0.3, 0.7, 1.0])
def test_a_wave_is_damped_as_its_gain_says_and_sampled_where_the_coarser_pixels_lie(ratio: float, share: float) -> None:
    frequency, gains, shift = share / (2.0 * ratio), (0.22, 0.36), 0.4
    got = coarser(reader(waves(frequency)), lattice(ratio), Window(10, 12, 20, 30), gains, WHOLE, (0.0, shift))
    centres = ratio * (np.arange(12, 42) + 0.5) - 0.5 - shift
    for band, gain in zip(got, gains):
        # A Gaussian that falls to the gain at the Nyquist frequency falls to gain ** (f / f_Nyquist)^2 at f.
        expected = gain ** (share**2) * np.cos(2.0 * math.pi * frequency * centres)
        assert np.abs(band - expected).max() < 2e-3


@pytest.mark.parametrize(("ratio", "offset"), [(2.0, 0.0), (2.0, 0.25), (2.5, 0.1), (4.0, 0.125)])
def test_a_smooth_wave_returns_to_where_it_was(ratio: float, offset: float) -> None:
    frequency = 0.15 / ratio
    image = waves(frequency)
    window = Window(101, 98, 24, 33)
    coarse = lattice(ratio, offset).ms_centres(WHOLE)
    got = coarser_and_back(reader(image), lattice(ratio, offset), window, (0.3, 0.3), WHOLE, coarse)
    damping = 0.3 ** ((frequency * 2.0 * ratio) ** 2)
    assert np.abs(got - damping * image[:, 101:125, 98:131]).max() < 2e-3


def test_a_shift_moves_what_is_shown_down_and_right() -> None:
    rows, cols = np.mgrid[:SIDE, :SIDE]
    image = np.stack([rows, cols]).astype(np.float32)
    window, geometry = Window(100, 90, 16, 16), lattice(4.0)
    coarse = geometry.ms_centres(WHOLE)
    got = coarser_and_back(reader(image), geometry, window, (0.3, 0.2), WHOLE, coarse, (1.0, -0.5))
    inside = image[:, 100:116, 90:106]
    assert np.allclose(got[0], inside[0] - 1.0, atol=1e-3) and np.allclose(got[1], inside[1] + 0.5, atol=1e-3)


def test_enlarging_a_whole_image_is_what_the_taps_of_the_product_do() -> None:
    ms = np.random.default_rng(1).random((3, 16, 18)).astype(np.float32)
    geometry, window = lattice(4.0, -0.125), Window(5, 9, 40, 44)
    rows = interpolation(geometry.rows.to_ms(5, 40), "polynomial").within(0, 16)
    cols = interpolation(geometry.cols.to_ms(9, 44), "polynomial").within(0, 18)
    assert np.allclose(enlarged(ms, geometry, window, (0.0, 0.0)), resample(ms, rows, cols), atol=1e-5)


def test_at_the_corner_of_the_image_its_edge_repeats() -> None:
    image = np.full((1, SIDE, SIDE), 7.0, np.float32)
    geometry = lattice(4.0)
    coarse = geometry.ms_centres(WHOLE)
    for window in (Window(0, 0, 16, 16), Window(SIDE - 16, SIDE - 16, 16, 16)):
        got = coarser_and_back(reader(image), geometry, window, (0.11,), WHOLE, coarse, (4.0, -4.0))
        assert got.shape == (1, 16, 16) and np.allclose(got, 7.0, atol=1e-5)


@pytest.mark.parametrize("window", [Window(0, 0, 20, 24), Window(90, 101, 33, 16), Window(SIDE - 20, 3, 20, 20)])
@pytest.mark.parametrize("ratio", [2.0, 2.5, 4.0])
def test_the_product_of_matrices_is_the_sum_tap_by_tap(ratio: float, window: Window) -> None:
    image = np.random.default_rng(4).random((2, SIDE, SIDE)).astype(np.float32)
    geometry, gains = lattice(ratio), (0.2, 0.35)
    coarse = geometry.ms_centres(WHOLE)
    ms = []
    for band, gain in zip(image, gains):
        taps = gaussian(geometry.rows.to_pan(0, coarse.height), mtf_sigma(gain, ratio)).within(0, SIDE)
        ms.append(resample(band, taps, taps))
    rows = interpolation(geometry.rows.to_ms(window.row, window.height), "polynomial").within(0, coarse.height)
    cols = interpolation(geometry.cols.to_ms(window.col, window.width), "polynomial").within(0, coarse.width)
    got = coarser_and_back(reader(image), geometry, window, gains, WHOLE, coarse)
    assert np.abs(got - resample(np.stack(ms), rows, cols)).max() < 3e-6
