"""The bright end of an image is that of its brightest band, flaws left out."""

from __future__ import annotations

import numpy as np
import pytest

from engine.pixels.brightness import bright_end


def test_the_brightest_band_counts_but_for_its_brightest_thousandth() -> None:
    band = np.arange(1001.0)  # the 99.9th percentile of 0 to 1000 is 999
    assert bright_end([band, band.reshape(7, 143) / 2.0]) == pytest.approx(999.0, rel=1e-12)
    assert bright_end([band], percent=50.0) == 500.0


def test_bands_without_a_pixel_say_nothing() -> None:
    assert bright_end([np.empty(0), np.full((2, 2), 7.0)]) == 7.0
    assert bright_end([]) == bright_end([np.empty((0, 3))]) == 0.0
