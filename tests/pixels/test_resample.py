"""Resampling puts values where absolute coordinates say, and gives a pixel the same bits in whatever tile."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage

from engine.pixels.resample import Taps, box, gaussian, interpolation, mtf_sigma, reach, resample
from engine.request import RESAMPLINGS

POSITIONS = np.array([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.999, 7.0, -4.4, 1e5 + 0.2])
# Aiazzi et al. 2002, the 23-tap half-band filter as published (one side, already doubled by us).
PUBLISHED = [
    2.0 * tap
    for tap in (0.305334091185, -0.072698593239, 0.021809577942, -0.005192756653, 0.000807762146, -0.000060081482)
]


def values_at(taps: Taps, function: np.polynomial.Polynomial) -> np.ndarray:
    return np.asarray((taps.weight * function(taps.index.astype(float))).sum(axis=1))


@pytest.mark.parametrize("kernel", RESAMPLINGS)
def test_the_weights_of_every_kernel_sum_to_one_at_every_phase(kernel: str) -> None:
    np.testing.assert_allclose(interpolation(POSITIONS, kernel).weight.sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("kernel", RESAMPLINGS)
def test_a_kernel_reaches_as_far_as_it_says(kernel: str) -> None:
    taps = interpolation(POSITIONS, kernel)
    assert (np.abs(taps.index - POSITIONS[:, None]) <= reach(kernel)).all()
    assert taps.index.shape[1] == 2 * reach(kernel)


@pytest.mark.parametrize("kernel", sorted(set(RESAMPLINGS) - {"cubicspline"}))
def test_a_position_upon_a_sample_is_that_sample(kernel: str) -> None:
    samples = np.random.default_rng(1).random((1, 30))
    rounding = np.array([0.0, 3e-10, -3e-10])  # of geotransforms
    taps = interpolation(np.arange(10.0, 13.0) + rounding, kernel)
    np.testing.assert_array_equal((samples[0][taps.index] * taps.weight).sum(axis=1), samples[0, 10:13])


@pytest.mark.parametrize(("kernel", "degree"), [("bilinear", 1), ("cubicspline", 1), ("cubic", 2), ("polynomial", 11)])
def test_a_kernel_reproduces_polynomials_up_to_its_degree_at_any_phase(kernel: str, degree: int) -> None:
    positions = np.random.default_rng(2).uniform(8.0, 20.0, 50)
    for power in range(degree + 1):
        function = np.polynomial.Polynomial.basis(power, domain=[0, 28], window=[-1, 1])
        found = values_at(interpolation(positions, kernel), function)
        np.testing.assert_allclose(found, function(positions), atol=1e-12)


def test_degree_12_is_beyond_the_polynomial_so_the_test_above_can_fail() -> None:
    positions = np.array([14.5])
    function = np.polynomial.Polynomial.basis(12, domain=[9, 20], window=[-1, 1])
    assert abs(values_at(interpolation(positions, "polynomial"), function) - function(positions))[0] > 1e-6


def test_half_way_the_polynomial_is_the_published_23_tap_filter() -> None:
    weight = interpolation(np.array([0.5]), "polynomial").weight[0]
    np.testing.assert_allclose(weight[6:], PUBLISHED, atol=5e-12)
    np.testing.assert_allclose(weight[5::-1], PUBLISHED, atol=5e-12)


def test_nearest_takes_the_pixel_that_holds_the_position() -> None:
    taps = interpolation(np.array([3.2, 3.49, 3.51, -0.6]), "nearest")
    chosen = np.take_along_axis(taps.index, taps.weight.argmax(axis=1)[:, None], axis=1)[:, 0]
    assert chosen.tolist() == [3, 3, 4, -1]


def test_cubic_is_keys_kernel() -> None:
    # Keys 1981, a = -1/2, at a quarter: h(1.25), h(0.25), h(0.75), h(1.75).
    def h(x: float) -> float:
        return (1.5 * x - 2.5) * x * x + 1.0 if x <= 1 else ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0

    weight = interpolation(np.array([5.25]), "cubic").weight[0]
    np.testing.assert_allclose(weight, [h(1.25), h(0.25), h(0.75), h(1.75)], atol=1e-15)


def test_cubicspline_is_the_cubic_b_spline() -> None:
    weight = interpolation(np.array([0.0, 0.5]), "cubicspline").weight
    np.testing.assert_allclose(weight * 48, [[8, 32, 8, 0], [1, 23, 23, 1]], atol=1e-12)


def test_lanczos_is_a_windowed_sinc_of_six_samples() -> None:
    distance = 0.3 - np.arange(-2, 4)
    expected = np.sinc(distance) * np.sinc(distance / 3)
    np.testing.assert_allclose(interpolation(np.array([0.3]), "lanczos").weight[0], expected / expected.sum())


@pytest.mark.parametrize("sigma", [0.3, 1.0, 1.96, 7.9])
def test_a_gaussian_is_that_of_scipy_to_its_cut(sigma: float) -> None:
    image = np.random.default_rng(3).random(200)
    expected = ndimage.gaussian_filter1d(image, sigma, truncate=8.0)
    taps = gaussian(np.arange(80.0, 120.0), sigma)
    found = (image[taps.index] * taps.weight).sum(axis=1)
    np.testing.assert_allclose(found, expected[80:120], atol=1e-4)  # 4 sigma hold all but 6e-5


def test_a_gaussian_between_samples_is_centred_there() -> None:
    taps = gaussian(np.array([10.3, 10.5, 10.7]), 1.5)
    np.testing.assert_allclose((taps.weight * taps.index).sum(axis=1), [10.3, 10.5, 10.7], atol=2e-4)
    np.testing.assert_allclose(taps.weight.sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("ratio", [1.5, 2.0, 4.0, 4.2, 16.0])
@pytest.mark.parametrize("gain", [0.15, 0.3, 0.46])
def test_the_gaussian_of_a_sensor_lets_its_gain_through_at_the_nyquist_frequency_of_ms(
    gain: float, ratio: float
) -> None:
    taps = gaussian(np.array([0.0]), mtf_sigma(gain, ratio))
    frequency = 1.0 / (2.0 * ratio)  # cycles per PAN pixel
    response = (taps.weight * np.cos(2 * math.pi * frequency * taps.index)).sum()
    assert response == pytest.approx(gain, abs=0.05 if ratio < 2 else 0.002)  # one pixel wide


@pytest.mark.parametrize("width", [1.0, 2.0, 3.0, 4.2, 16.0])
def test_a_box_is_the_mean_over_its_width_parts_of_pixels_included(width: float) -> None:
    for centre in (20.0, 20.5, 20.3):
        taps = box(np.array([centre]), width)
        expected = np.clip(
            np.minimum(taps.index + 0.5, centre + width / 2) - np.maximum(taps.index - 0.5, centre - width / 2), 0, 1
        )
        np.testing.assert_allclose(taps.weight, expected / width, atol=1e-12)


@pytest.mark.parametrize("kernel", RESAMPLINGS)
@pytest.mark.parametrize("scale", [1.0, 0.25, 0.5, 1 / 4.2, 0.0625])
def test_a_window_gets_the_same_bits_alone_as_within_a_larger_one(kernel: str, scale: float) -> None:
    image = np.random.default_rng(4).random((2, 60, 70)).astype(np.float32) * 1000
    positions = 12.0 + scale * (np.arange(64) + 0.5) - 0.37
    rows = cols = interpolation(positions, kernel)
    whole = resample(image, rows, cols)
    part = slice(21, 40)
    low, high = interpolation(positions[part], kernel).span
    cut = interpolation(positions[part], kernel).within(low, high - low)
    alone = resample(image[:, low:high, low:high].copy(), cut, cut)
    assert alone.tobytes() == whole[:, part, part].copy().tobytes()


def test_rows_and_columns_are_resampled_apart() -> None:
    image = np.random.default_rng(5).random((30, 40))
    rows, cols = interpolation(np.array([7.25, 8.5]), "cubic"), gaussian(np.array([20.0, 21.3, 9.9]), 1.2)
    full_rows, full_cols = np.zeros((2, 30)), np.zeros((3, 40))
    for full, taps in ((full_rows, rows), (full_cols, cols)):
        for place, (index, weight) in enumerate(zip(taps.index, taps.weight)):
            np.add.at(full[place], index, weight)
    np.testing.assert_allclose(resample(image, rows, cols), full_rows @ image @ full_cols.T, rtol=1e-12)


def test_beyond_the_array_its_edge_repeats() -> None:
    image = np.arange(10.0)[None, :].repeat(10, axis=0)
    taps = interpolation(np.array([-3.0, 12.0]), "bilinear").within(0, 10)
    assert resample(image, taps, taps)[0].tolist() == [0.0, 9.0]


def test_a_large_image_is_summed_in_strips_and_no_row_is_missed() -> None:
    image = np.random.default_rng(6).random((1, 300, 4000)).astype(np.float32)
    here = interpolation(np.arange(300.0), "bilinear").within(0, 300)
    across = interpolation(np.arange(4000.0), "bilinear").within(0, 4000)
    np.testing.assert_array_equal(resample(image, here, across), image)


def test_float64_is_resampled_in_float64() -> None:
    image = 2.0**30 + np.arange(400.0).reshape(20, 20)
    taps = interpolation(np.arange(5.0, 15.0), "polynomial")
    np.testing.assert_array_equal(resample(image, taps, taps), image[5:15, 5:15])
