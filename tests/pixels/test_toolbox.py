"""The toolbox's filters and grids give the toolbox's own numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from engine.errors import RequestError
from engine.pixels.toolbox import decimate, imresize, interp23tap, mtf_filter, mtf_kernel
from tests.golden_arrays import noise_by_formula, scene, waves

QB = (0.34, 0.32, 0.30, 0.22)
WV3 = (0.325, 0.355, 0.360, 0.350, 0.365, 0.360, 0.335, 0.315)
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "golden_values.json").read_text())
# Rounded to 8 decimals, or to 6: half a unit of the last one.
EIGHT = 0.51e-8
SIX = 0.51e-6


@pytest.mark.parametrize(
    ("gain", "total", "centre", "beside", "four_beside", "diagonal"),
    [
        (0.34, 0.99886930, 0.04330892, 0.03779391, 0.00489879, 0.03297998),
        (0.22, 0.99841964, 0.03085742, 0.02800223, 0.00652661, 0.02541030),
        (0.35, 0.99889927, 0.04450476, 0.03869184, 0.00474038, 0.03363693),
        (0.27, 0.99863111, 0.03568387, 0.03189480, 0.00592159, 0.02850702),
        (0.23, 0.99846553, 0.03179074, 0.02876472, 0.00641585, 0.02602579),
        (0.365, 0.99894267, 0.04635780, 0.04006891, 0.00449860, 0.03463189),
    ],
)
def test_the_mtf_kernel_is_the_toolboxs_and_is_not_renormalised(
    gain: float, total: float, centre: float, beside: float, four_beside: float, diagonal: float
) -> None:
    kernel = mtf_kernel(gain, 4)
    assert kernel.shape == (41, 41)
    found = [kernel.sum(), kernel[20, 20], kernel[20, 21], kernel[20, 24], kernel[21, 21]]
    np.testing.assert_allclose(found, [total, centre, beside, four_beside, diagonal], rtol=0, atol=EIGHT)


def test_the_mtf_kernel_looks_the_same_from_every_side() -> None:
    kernel = mtf_kernel(0.3, 4)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], rtol=0, atol=1e-16)
    np.testing.assert_allclose(kernel, kernel.T, rtol=0, atol=1e-16)


@pytest.mark.parametrize("gain", [0.0, 1.0, -0.2, float("nan")])
def test_an_impossible_gain_is_refused(gain: float) -> None:
    with pytest.raises(RequestError, match="between 0 and 1"):
        mtf_kernel(gain, 4)


def test_the_mtf_filter_is_a_correlation_that_repeats_the_border_pixel() -> None:
    bands = 1000 * noise_by_formula(2 * 47 * 61, 3).reshape(2, 47, 61)
    direct = [ndimage.correlate(band, mtf_kernel(gain, 2), mode="nearest") for band, gain in zip(bands, (0.2, 0.35))]
    np.testing.assert_allclose(mtf_filter(bands, (0.2, 0.35), 2), direct, rtol=1e-11)


def test_one_gain_too_few_is_refused() -> None:
    with pytest.raises(RequestError, match="1 MTF gains for 2 bands"):
        mtf_filter(np.zeros((2, 8, 8)), (0.3,), 4)


@pytest.mark.parametrize(("bands", "key", "gains"), [(4, "QB_4band", QB), (8, "WV3_8band", WV3)])
def test_pixels_are_those_the_toolbox_makes(bands: int, key: str, gains: tuple[float, ...]) -> None:
    made, golden = scene(bands), GOLDEN[key]
    enlarged = interp23tap(made.ms, 4)
    reduced = decimate(mtf_filter(made.truth, gains, 4), 4)
    found = {
        "mtf_dc_gain_b1": mtf_kernel(gains[0], 4).sum(),
        "mtf_center_b1": mtf_kernel(gains[0], 4)[20, 20],
        "mtf_center_blast": mtf_kernel(gains[-1], 4)[20, 20],
        "interp23_mean": enlarged.mean(),
        "interp23_px_101_102_b1": enlarged[0, 100, 101],
        "wald_ms_px_10_11_b1": reduced[0, 9, 10],
        "wald_pan_px_10_11": imresize(made.pan, 1 / 4)[9, 10],
        "wald_ms_mean": reduced.mean(),
    }
    assert found == pytest.approx({name: golden[name] for name in found}, rel=1e-9)


def test_walds_protocol_reproduces_the_degraded_pair() -> None:
    made = waves(4)
    ms_lr = decimate(mtf_filter(made.truth, QB, 4), 4)
    pan_lr = imresize(made.pan, 0.25)
    assert ms_lr.shape == (4, 64, 64)
    assert pan_lr.shape == (64, 64)
    found = [ms_lr[0, 0, 0], ms_lr[1, 9, 19], ms_lr[3, 63, 63], pan_lr[0, 0], pan_lr[9, 19]]
    np.testing.assert_allclose(found, [828.454662, 584.165503, 742.716523, 899.317473, 634.338171], rtol=0, atol=SIX)


def test_decimation_keeps_the_pixel_after_the_middle_of_each_cell() -> None:
    index = np.arange(12.0)[None, None, :] + 100 * np.arange(12.0)[None, :, None]
    np.testing.assert_array_equal(decimate(index, 4)[0], [[202, 206, 210], [602, 606, 610], [1002, 1006, 1010]])
    np.testing.assert_array_equal(decimate(index, 2)[0, 0], [101, 103, 105, 107, 109, 111])


def test_an_impulse_shows_the_23_taps() -> None:
    impulse = np.zeros((1, 8, 8))
    impulse[0, 3, 3] = 1
    enlarged = interp23tap(impulse, 4)[0]
    assert enlarged.shape == (32, 32)
    assert enlarged[14, 14] == enlarged.max() == 1
    assert enlarged.sum() == pytest.approx(16, rel=1e-8)
    row = [
        -0.008770, -0.010556, 0.000000, 0.022449, 0.043499, 0.042507, 0.000000, -0.077784,
        -0.145397, -0.138401, 0.000000, 0.274610, 0.610668, 0.890027, 1.000000,
    ]  # fmt: skip
    np.testing.assert_allclose(enlarged[14, :15], row, rtol=0, atol=SIX)
    np.testing.assert_allclose(enlarged[14, 14:29], row[::-1], rtol=0, atol=SIX)


@pytest.mark.parametrize("ratio", [2, 4, 8])
def test_enlarged_samples_lie_where_decimation_finds_them(ratio: int) -> None:
    bands = noise_by_formula(3 * 8 * 12, 5).reshape(3, 8, 12)
    enlarged = interp23tap(bands, ratio)
    assert enlarged.shape == (3, 8 * ratio, 12 * ratio)
    np.testing.assert_array_equal(decimate(enlarged, ratio), bands)
    assert enlarged.mean() == pytest.approx(bands.mean(), rel=1e-8)


@pytest.mark.parametrize("ratio", [1, 3, 6])
def test_23_taps_cannot_enlarge_by_what_is_no_power_of_two(ratio: int) -> None:
    with pytest.raises(RequestError, match="power of two"):
        interp23tap(np.zeros((1, 8, 8)), ratio)


def test_the_bicubic_shrinks_as_matlab_does() -> None:
    matrix = np.arange(1.0, 65.0).reshape(8, 8).T
    expected = [[13.38378906, 47.36816406], [17.63183594, 51.61621094]]
    np.testing.assert_allclose(imresize(matrix, 1 / 4), expected, rtol=0, atol=EIGHT)


def test_the_bicubic_enlarges_without_widening() -> None:
    # Keys' kernel with a = -1/2 at distances 1.25, 0.25, 0.75, 1.75: -9/128, 111/128, 29/128, -3/128.
    row = np.array([[0.0, 0.0, 128.0, 0.0, 0.0, 0.0]])
    np.testing.assert_allclose(imresize(row, 2)[0], [0, -3, -9, 29, 111, 111, 29, -9, -3, 0, 0, 0], atol=1e-12)


def test_the_bicubic_resizes_all_bands_alike_and_keeps_a_constant() -> None:
    bands = noise_by_formula(2 * 30 * 21, 5).reshape(2, 30, 21)
    together = imresize(bands, 1 / 3)
    assert together.shape == (2, 10, 7)
    np.testing.assert_array_equal(together[1], imresize(bands[1], 1 / 3))
    np.testing.assert_allclose(imresize(np.full((9, 9), 7.3), 1 / 3), 7.3, rtol=1e-14)


def test_the_bicubic_refuses_a_scale_of_nothing() -> None:
    with pytest.raises(RequestError, match="above 0"):
        imresize(np.zeros((4, 4)), 0)
