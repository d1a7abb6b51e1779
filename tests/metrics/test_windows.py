"""Sums over windows are exact, and pieces of a tile hold each window once."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.metrics import reference, reprojection, windows
from engine.metrics.report import Reduced
from engine.metrics.windows import q_from_moments, strips, whole_windows, window_sums
from tests.golden_arrays import noise_by_formula, waves


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 11, 32])
def test_window_sums_of_counts_are_exact(size: int) -> None:
    image = np.floor(65535 * noise_by_formula(40 * 35, 3)).reshape(40, 35)
    expected = np.lib.stride_tricks.sliding_window_view(image, (size, size)).sum(axis=(2, 3))
    np.testing.assert_array_equal(window_sums(image, size), expected)


def test_a_window_has_the_same_sum_to_the_last_bit_wherever_the_array_begins() -> None:
    image = noise_by_formula(80 * 70, 4).reshape(80, 70)
    np.testing.assert_array_equal(window_sums(image, 32)[13:, 9:], window_sums(image[13:, 9:], 32))


@pytest.mark.parametrize(("rows", "size"), [(100, 1), (100, 11), (100, 32), (32, 32), (31, 32)])
def test_strips_hold_each_window_once(rows: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "CACHED", 1)
    held = [list(range(strip.start, strip.stop - size + 1)) for strip in strips(slice(5, 5 + rows), slice(0, 40), size)]
    assert [row for strip in held for row in strip] == list(range(5, 5 + rows - size + 1))
    if size == 32:
        assert all(len(strip) <= 32 for strip in held)


def test_no_strip_is_cut_where_no_window_fits_across() -> None:
    assert list(strips(slice(0, 40), slice(0, 31), 32)) == []


def test_numbers_do_not_depend_on_the_strips_a_tile_is_worked_in(monkeypatch: pytest.MonkeyPatch) -> None:
    made = waves(4, 128)
    valid = np.ones((128, 128), dtype=bool)
    valid[50:53, 100:104] = False

    def numbers() -> list[float]:
        found = Reduced.of(reference.measure(made.truth, made.fused, valid=valid, peak=2047), 4)
        detail = reprojection.measure(made.fused, made.pan, 4, valid=valid)
        shares = [found.pixels_left_out, found.edges_left_out, found.windows_left_out, found.ssim_left_out]
        return [found.sam, found.ergas, found.scc, found.q, found.ssim, found.psnr, detail.mean(), *shares]

    at_once = numbers()
    monkeypatch.setattr(windows, "CACHED", 1)
    np.testing.assert_allclose(numbers(), at_once, rtol=1e-12)


def test_a_window_is_whole_when_all_its_pixels_are_valid() -> None:
    valid = np.ones((6, 7), dtype=bool)
    assert whole_windows(valid, 3) is None
    valid[2, 0] = False
    found = whole_windows(valid, 3)
    assert found is not None
    assert (~found).nonzero()[0].tolist() == [0, 1, 2]
    assert (~found).nonzero()[1].tolist() == [0, 0, 0]


def test_q_of_moments_compares_means_where_nothing_varies() -> None:
    one, zero, nine = np.ones(3), np.zeros(3), np.full(3, 9.0)
    found = q_from_moments(np.array([1.0, 0.0, 3.0]), np.array([2.0, 0.0, 3.0]), np.array([0.0, 0.0, 2.0]), one)
    np.testing.assert_allclose(found, [0.8, 1.0, 1.0], rtol=1e-15)
    np.testing.assert_allclose(q_from_moments(nine, nine, 2 * one, zero), 0, atol=1e-15)
    assert not math.isnan(float(q_from_moments(zero, zero, one, one).sum()))
