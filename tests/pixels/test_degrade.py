"""Bands made coarser: the response of the optics, the place of the pixels, gaps, and the toolbox's own numbers."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from engine.pixels.degrade import LEAST_SHARE, degrade, degrade_as_toolbox
from engine.pixels.resample import Taps, gaussian, mtf_sigma
from tests.golden_arrays import scene, waves

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "golden_values.json").read_text())
QB = (0.34, 0.32, 0.30, 0.22)
WV3 = (0.325, 0.355, 0.360, 0.350, 0.365, 0.360, 0.335, 0.315)
RATIO = 4


def taps(size: int, gain: float, ratio: float = RATIO) -> Taps:
    """Return the taps at the centres of all coarse pixels of a side of `size` pixels."""
    positions = (np.arange(int(size / ratio)) + 0.5) * ratio - 0.5
    return gaussian(positions, mtf_sigma(gain, ratio)).within(0, size)


@pytest.mark.parametrize("gain", [0.15, 0.3])
@pytest.mark.parametrize("ratio", [2, 3, 4])
def test_a_wave_at_the_nyquist_frequency_of_the_coarse_pixels_keeps_the_gain(ratio: int, gain: float) -> None:
    size = 40 * ratio
    wave = np.cos(math.pi * (np.arange(size) - 0.5 * (ratio - 1)) / ratio)  # crests on the centres of coarse pixels
    band = np.broadcast_to(wave, (size, size))[None]
    one = taps(size, gain, ratio)
    out, valid = degrade(band, None, [(one, one)])
    inner = out[0, 10:-10, 10:-10]
    assert valid is None
    np.testing.assert_allclose(inner * (-1.0) ** np.arange(10, 30), gain, rtol=0.01)


def test_a_ramp_stays_where_it_is() -> None:
    ramp = np.add.outer(3.0 * np.arange(64.0), np.arange(64.0))[None]
    one = taps(64, 0.25)
    out, _ = degrade(ramp, None, [(one, one)])
    centres = np.arange(16) * 4 + 1.5
    # Between two pixels the cut ends of the Gaussian are not alike, which moves it by a ten-thousandth of a pixel.
    np.testing.assert_allclose(out[0, 4:-4, 4:-4], np.add.outer(3 * centres, centres)[4:-4, 4:-4], atol=1e-3)


def test_each_band_has_its_own_filter() -> None:
    bands = np.random.default_rng(1).random((2, 48, 48))
    sharp, soft = taps(48, 0.5), taps(48, 0.1)
    out, _ = degrade(bands, None, [(sharp, sharp), (soft, soft)])
    np.testing.assert_array_equal(out[1], degrade(bands[1:], None, [(soft, soft)])[0][0])
    assert out[0].std() > 1.5 * out[1].std()


def test_what_is_not_valid_takes_no_part_whatever_it_holds() -> None:
    bands = 100 + np.random.default_rng(2).random((1, 64, 64))
    valid = np.ones((64, 64), bool)
    valid[:, :22] = False
    one = taps(64, 0.3)
    results = []
    for junk in (0.0, 1e6):
        bands[0, ~valid] = junk
        results.append(degrade(bands, valid, [(one, one)]))
    (first, mask), (second, _) = results
    assert mask is not None
    np.testing.assert_array_equal(first, second)
    assert first[0, mask].min() > 100 and first[0, mask].max() < 101
    assert not mask[:, :5].any() and mask[:, 7:].all()


def test_a_pixel_is_valid_where_enough_of_its_weight_is() -> None:
    one = taps(64, 0.3)
    for first in range(20, 33):  # the first valid column; coarse pixel 6 has its centre at 25.5
        valid = np.broadcast_to(np.arange(64) >= first, (64, 64))
        _, mask = degrade(np.ones((1, 64, 64)), valid, [(one, one)])
        sigma = 4 * math.sqrt(-2 * math.log(0.3)) / math.pi
        share = 0.5 * math.erfc((first - 0.5 - 25.5) / sigma / math.sqrt(2))
        assert mask is not None
        assert mask[8, 6] == (share >= LEAST_SHARE), share


def test_a_mask_without_gaps_changes_no_bit() -> None:
    bands = np.random.default_rng(3).random((2, 32, 32)).astype(np.float32)
    one = taps(32, 0.3)
    plain, _ = degrade(bands, None, [(one, one)] * 2)
    masked, valid = degrade(bands, np.ones((32, 32), bool), [(one, one)] * 2)
    assert valid is None and plain.dtype == np.float32
    np.testing.assert_array_equal(plain, masked)


@pytest.mark.parametrize(("bands", "key", "gains"), [(4, "QB_4band", QB), (8, "WV3_8band", WV3)])
def test_the_toolboxs_way_gives_the_toolboxs_pixels(bands: int, key: str, gains: tuple[float, ...]) -> None:
    reduced = [degrade_as_toolbox(band, gain, 4) for band, gain in zip(scene(bands).truth, gains)]
    assert reduced[0][9, 10] == pytest.approx(GOLDEN[key]["wald_ms_px_10_11_b1"], rel=1e-9)
    assert np.mean(reduced) == pytest.approx(GOLDEN[key]["wald_ms_mean"], rel=1e-9)


def test_the_toolboxs_way_gives_the_published_values() -> None:
    reduced = [degrade_as_toolbox(band, gain, 4) for band, gain in zip(waves(4).truth, QB)]
    found = [reduced[0][0, 0], reduced[1][9, 19], reduced[3][63, 63]]
    np.testing.assert_allclose(found, [828.454662, 584.165503, 742.716523], rtol=0, atol=0.51e-6)
