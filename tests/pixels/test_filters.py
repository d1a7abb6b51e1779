"""Gaps are filled from their rims, filters see valid pixels alone, and ratios cannot explode."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from engine.pixels.filters import fill_gaps, ratio_or_one, resample_valid, spread, still
from engine.pixels.resample import gaussian, interpolation, resample

RANDOM = np.random.default_rng(7)


def test_a_mask_spreads_by_one_pixel_in_all_eight_directions() -> None:
    mask = RANDOM.random((40, 50)) > 0.97
    np.testing.assert_array_equal(spread(mask), ndimage.binary_dilation(mask, np.ones((3, 3))))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_a_mask_of_one_row_or_column_spreads_too(shape: tuple[int, int]) -> None:
    mask = np.zeros(shape, bool)
    mask.flat[-1] = True
    np.testing.assert_array_equal(spread(mask), ndimage.binary_dilation(mask, np.ones((3, 3))))


def test_spreading_leaves_its_input_alone() -> None:
    mask = np.eye(5, dtype=bool)
    spread(mask)
    assert mask.sum() == 5


def test_a_gap_is_filled_with_the_mean_of_its_valid_neighbours() -> None:
    bands = np.array([[[1.0, 2.0, 3.0], [4.0, 999.0, 6.0], [7.0, 8.0, 999.0]]])
    valid = bands[0] < 999
    filled = fill_gaps(bands, valid, 1)
    assert filled[0, 1, 1] == pytest.approx((1 + 2 + 3 + 4 + 6 + 7 + 8) / 7)
    np.testing.assert_array_equal(filled[0][valid], bands[0][valid])


def test_filling_goes_one_ring_deeper_with_each_step_and_leaves_zero_beyond() -> None:
    bands = np.full((1, 1, 10), 5.0)
    valid = np.zeros((1, 10), bool)
    valid[0, :2] = True
    bands[0, ~valid] = 60_000.0  # what a collar holds must not come through
    assert fill_gaps(bands, valid, 3)[0, 0].tolist() == [5.0] * 5 + [0.0] * 5
    assert fill_gaps(bands, valid, 0)[0, 0].tolist() == [5.0] * 2 + [0.0] * 8


def test_where_nothing_is_valid_nothing_is_invented() -> None:
    assert not fill_gaps(np.full((2, 4, 4), 9.0), np.zeros((4, 4), bool), 3).any()


def test_filling_returns_a_copy_of_the_same_type() -> None:
    bands = RANDOM.random((2, 5, 5)).astype(np.float32)
    before = bands.copy()
    filled = fill_gaps(bands, RANDOM.random((5, 5)) > 0.5, 2)
    assert filled.dtype == np.float32
    np.testing.assert_array_equal(bands, before)


def test_filling_does_not_depend_on_where_the_array_was_cut_but_near_the_cut() -> None:
    bands = RANDOM.random((2, 60, 60)).astype(np.float32)
    valid = ndimage.uniform_filter(RANDOM.random((60, 60)), 5) > 0.5
    steps = 4
    whole = fill_gaps(bands, valid, steps)
    part = fill_gaps(bands[:, 10:50, 10:50], valid[10:50, 10:50], steps)
    inner = slice(steps, 40 - steps)
    outer = slice(10 + steps, 50 - steps)
    assert part[:, inner, inner].tobytes() == whole[:, outer, outer].tobytes()


def test_a_filter_sees_valid_pixels_alone() -> None:
    image = np.full((40, 40), 100.0)
    image[:, 20:] = 0.0
    valid = image > 0
    taps = gaussian(np.arange(40.0), 2.0).within(0, 40)
    smooth, known = resample_valid(image, valid, taps, taps)
    np.testing.assert_allclose(smooth[known], 100.0, rtol=1e-12)  # nothing bleeds
    assert known[:, :20].all()
    assert known[:, 22].all()  # just beyond the rim there is enough to go by
    assert not known[:, 30:].any()
    assert not smooth[~known].any()


def test_a_valid_image_gets_the_same_bits_with_its_mask_as_without() -> None:
    # Else the bits of a pixel would depend on whether a gap far away lies in the same tile.
    image = (RANDOM.random((50, 50)) * 2000).astype(np.float32)
    taps = gaussian(np.arange(15.0, 30.0) + 0.37, 1.9)
    smooth, known = resample_valid(image, np.ones((50, 50), bool), taps, taps)
    assert known.all()
    assert smooth.tobytes() == resample(image, taps, taps).tobytes()


def test_a_gap_out_of_reach_changes_no_bit() -> None:
    image = (RANDOM.random((60, 60)) * 2000).astype(np.float32)
    valid = np.ones((60, 60), bool)
    valid[45:] = False
    taps = gaussian(np.arange(10.0, 30.0), 2.0)
    smooth, _ = resample_valid(image, valid, taps, taps)
    assert smooth.tobytes() == resample(image, taps, taps).tobytes()


def test_a_ratio_is_one_where_the_denominator_is_not_above_its_floor() -> None:
    above, below = np.array([6.0, 6.0, 6.0, 6.0, 0.0]), np.array([2.0, 0.0, -3.0, 1.0, 0.0])
    assert ratio_or_one(above, below, 1.0, 10.0).tolist() == [3.0, 1.0, 1.0, 1.0, 1.0]


def test_a_ratio_stays_between_zero_and_its_limit() -> None:
    found = ratio_or_one(np.array([100.0, -5.0, 1e30]), np.array([1.0, 1.0, 1e-30]), 0.0, 10.0)
    assert found.tolist() == [10.0, 0.0, 10.0]


def test_a_ratio_may_have_a_floor_for_each_pixel_and_spreads_over_bands() -> None:
    above = np.full((2, 1, 3), 8.0, np.float32)
    found = ratio_or_one(above, np.array([[2.0, 2.0, 4.0]], np.float32), np.array([[1.0, 3.0, 1.0]], np.float32), 99.0)
    assert found.dtype == np.float32
    assert found.tolist() == [[[4.0, 1.0, 2.0]]] * 2


def test_interpolation_over_a_filled_gap_stays_near_its_rim() -> None:
    bands = np.full((1, 40, 40), 500.0)
    valid = np.ones((40, 40), bool)
    valid[:, 20:] = False
    bands[0, ~valid] = 0.0
    taps = interpolation(np.arange(8.0, 20.0, 0.25), "polynomial")
    np.testing.assert_allclose(resample(fill_gaps(bands, valid, 7), taps, taps), 500.0, rtol=1e-9)


@pytest.mark.parametrize("reach", [1, 3])
def test_an_image_is_still_where_all_of_a_square_is_one_value(reach: int) -> None:
    image = np.where(RANDOM.random((60, 70)) > 0.99, 2.0, 1.0)
    image[20:40, 30:60] = 5.0
    low, high = ndimage.minimum_filter(image, 2 * reach + 1), ndimage.maximum_filter(image, 2 * reach + 1)
    expected = (low == high)[reach:-reach, reach:-reach]
    assert expected.any() and not expected.all()
    np.testing.assert_array_equal(still(image, reach), expected)
