"""Colours keep the order of the values in any colour vision, and lines can be told apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.pages.palette import NO_VALUE, coloured, hexadecimal, stroke


def lightness(colors: np.ndarray) -> np.ndarray:
    """Return CIE L* of sRGB colours (..., 3), from the definition (IEC 61966-2-1, CIE 15)."""
    part = colors / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return 116.0 * np.where(luminance > 216 / 24389, np.cbrt(luminance), (24389 / 27 * luminance + 16) / 116) - 16.0


def test_lightness_grows_evenly_with_the_value() -> None:
    ramp = lightness(coloured(np.linspace(0.0, 1.0, 33)[None], 0.0, 1.0)[0])
    steps = np.diff(ramp)
    assert steps.min() > 0.0
    assert ramp[0] < 20.0 and ramp[-1] > 85.0
    assert steps.std() < 0.35 * steps.mean()


def test_the_ends_are_those_of_the_scale_and_values_beyond_stay_there() -> None:
    colors = coloured(np.array([[-9.0, 2.0, 4.0, 99.0, math.inf]]), 2.0, 4.0)[0]
    assert [hexadecimal(color) for color in colors] == ["#440154", "#440154", "#fde725", "#fde725", "#fde725"]


def test_a_value_between_two_anchors_is_between_their_colours() -> None:
    middle = coloured(np.array([[1.0 / 16.0]]), 0.0, 1.0)[0, 0]  # half way from 44 01 54 to 47 2d 7b
    np.testing.assert_allclose(middle, [0x45 + 0.5, 0x17, 0x67 + 0.5], atol=0.5)


def test_no_value_is_grey() -> None:
    colors = coloured(np.array([[math.nan, 0.0]], dtype=np.float32), 0.0, 1.0)
    assert hexadecimal(colors[0, 0]) == NO_VALUE
    assert colors.dtype == np.uint8 and colors.shape == (1, 2, 3)


def test_a_scale_of_one_value_is_drawn() -> None:
    assert hexadecimal(coloured(np.zeros((1, 1)), 0.0, 0.0)[0, 0]) == "#440154"


@pytest.mark.parametrize("count", [12, 18])
def test_as_many_lines_are_all_different(count: int) -> None:
    assert len({(stroke(number).color, stroke(number).dash) for number in range(count)}) == count
