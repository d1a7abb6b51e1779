"""The shift between two images is found to a tenth of a pixel, and not where there is none to find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from engine.pixels import shift
from engine.pixels.shift import Spectra, estimate, spectra
from tests.slowness import mostly_slow, slow

OVER = 8  # the simulated ground has that many samples per PAN pixel
SIDE = 256  # PAN pixels


def ground(seed: int = 11) -> np.ndarray:
    """Return fields, houses and texture, 8 samples per PAN pixel and 32 PAN pixels beyond each edge."""
    random = np.random.default_rng(seed)
    size = (SIDE + 64) * OVER
    coarse = random.random((size // 160 + 1, size // 160 + 1))
    fields = np.kron(coarse, np.ones((160, 160)))[:size, :size] * 600
    for _ in range(500):
        row, col = random.integers(0, size - 80, 2)
        height, width = random.integers(16, 80, 2)
        fields[row : row + height, col : col + width] = random.uniform(0, 1200)
    texture = np.kron(random.standard_normal((size // OVER, size // OVER)), np.ones((OVER, OVER)))
    return np.asarray(fields + 40 * texture, np.float32)


GROUND = ground()


def seen(pixel: int, dx: float, dy: float, gain_blur: float) -> np.ndarray:
    """Return the ground on pixels of `pixel` PAN pixels, its content moved right by dx and down by dy PAN pixels."""
    blurred = ndimage.gaussian_filter(GROUND, gain_blur * pixel * OVER, truncate=3.0)
    cells = np.arange(SIDE // pixel)
    rows = (32 + (cells + 0.5) * pixel - dy) * OVER - 0.5
    cols = (32 + (cells + 0.5) * pixel - dx) * OVER - 0.5
    return np.asarray(ndimage.map_coordinates(blurred, np.meshgrid(rows, cols, indexing="ij"), order=1))


def enlarged(ms: np.ndarray, ratio: int) -> np.ndarray:
    positions = (np.arange(SIDE) + 0.5) / ratio - 0.5
    return np.asarray(
        ndimage.map_coordinates(ms, np.meshgrid(positions, positions, indexing="ij"), order=3, mode="nearest")
    )


PAN = seen(1, 0.0, 0.0, 0.35)


@pytest.mark.parametrize("ratio", mostly_slow([2, 4], 0))
@pytest.mark.parametrize("shift", [slow((0.0, 0.0)), slow((0.3, -0.2)), slow((2.0, 1.0)), (-1.37, 0.61), (5.5, -6.2)])
def test_a_simulated_shift_is_found_to_a_tenth_of_a_pan_pixel(ratio: int, shift: tuple[float, float]) -> None:
    dx, dy = shift
    ms = enlarged(seen(ratio, dx, dy, 0.49), ratio)
    found = estimate([spectra(PAN, ms)], (ratio, ratio), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((dx, dy), abs=0.1)
    assert 0.3 < found.correlation <= 1.0


def test_a_shift_by_the_fourier_theorem_is_found_to_a_fiftieth() -> None:
    rows, cols = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :]
    moved = np.fft.irfft2(np.fft.rfft2(PAN) * np.exp(-2j * np.pi * (cols * 1.25 - rows * 0.75)), s=PAN.shape)
    found = estimate([spectra(PAN, moved)], (1.0, 1.0), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((1.25, -0.75), abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(255, 256), (256, 255), (199, 200)])
def test_windows_of_odd_size_are_no_exception(shape: tuple[int, int]) -> None:
    ms = enlarged(seen(2, 1.0, 2.0, 0.49), 2)
    found = estimate([spectra(PAN[: shape[0], : shape[1]], ms[: shape[0], : shape[1]])], (2.0, 2.0), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((1.0, 2.0), abs=0.1)


@pytest.mark.slow
def test_brightness_and_contrast_do_not_matter_but_their_sign_is_known() -> None:
    ms = enlarged(seen(4, 1.0, 0.0, 0.49), 4)
    found = estimate([spectra(PAN, 0.01 * ms + 7.0)], (4.0, 4.0), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((1.0, 0.0), abs=0.1)


def test_windows_agree_on_what_most_of_them_show() -> None:
    ms = enlarged(seen(4, 2.0, 1.0, 0.49), 4)
    strange = np.random.default_rng(1).standard_normal((128, 128)) * PAN.std()
    windows = [
        spectra(PAN[row : row + 128, col : col + 128], ms[row : row + 128, col : col + 128])
        for row in (0, 128)
        for col in (0, 128)
    ]
    windows[3] = spectra(PAN[128:, 128:], strange)
    found = estimate(windows, (4.0, 4.0), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((2.0, 1.0), abs=0.15)


def with_cloud(image: np.ndarray, row: float, col: float) -> np.ndarray:
    """Return the image with a ragged cloud, four times as bright as anything in it, around a place."""
    rows, cols = np.indices(image.shape)
    random = np.random.default_rng(8)
    cloud = np.zeros(image.shape)
    for y, x, radius in zip(random.normal(0, 6, 12), random.normal(0, 6, 12), random.uniform(2, 6, 12)):
        cloud = np.maximum(cloud, 1.0 / (1.0 + np.exp(np.hypot(rows - row - y, cols - col - x) - radius)))
    return np.asarray(image + 4.0 * image.max() * cloud)


def test_a_bright_cloud_that_moved_does_not_pull_the_shift() -> None:
    ms = enlarged(seen(4, 2.0, 1.0, 0.49), 4)
    pan, ms = with_cloud(PAN, 40.0, 200.0), with_cloud(ms, 43.0, 198.0)
    places = [(slice(row, row + 96), slice(col, col + 96)) for row in (0, 80, 160) for col in (0, 80, 160)]
    found = estimate([spectra(pan[place], ms[place]) for place in places], (4.0, 4.0), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((2.0, 1.0), abs=0.1)


def test_a_window_with_ten_times_the_contrast_has_no_more_to_say() -> None:
    ms = enlarged(seen(4, 2.0, 1.0, 0.49), 4)
    elsewhere = enlarged(seen(4, 1.0, 1.0, 0.49), 4)
    places = [(slice(row, row + 128), slice(col, col + 128)) for row in (0, 128) for col in (0, 128)]
    windows = [spectra(PAN[place], ms[place]) for place in places[:3]]
    windows.append(spectra(10.0 * PAN[places[3]], 10.0 * elsewhere[places[3]]))
    found = estimate(windows, (4.0, 4.0), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((2.0, 1.0), abs=0.1)


def test_what_windows_show_alone_is_not_measured_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    ms = enlarged(seen(4, 2.0, 1.0, 0.49), 4)
    places = [(slice(row, row + 128), slice(col, col + 128)) for row in (0, 128) for col in (0, 128)]
    windows = [spectra(PAN[place], ms[place]) for place in places]
    windows.insert(1, spectra(np.ones((128, 128)), ms[places[0]]))  # which shows nothing at all
    expected = estimate(windows, (4.0, 4.0), 8.0)
    alone = [estimate([window], (4.0, 4.0), 8.0) for window in windows]
    looked: list[int] = []
    true = shift._Band.peak

    def counted(*given: Any) -> Any:
        looked.append(1)
        return true(*given)

    monkeypatch.setattr(shift._Band, "peak", counted)
    assert estimate(windows, (4.0, 4.0), 8.0, alone) == expected
    assert len(looked) == 1


@pytest.mark.slow
def test_a_shift_beyond_reach_is_not_reported_as_one_within_it_with_confidence() -> None:
    ms = enlarged(seen(4, 20.0, 0.0, 0.49), 4)
    near = estimate([spectra(PAN, ms)], (4.0, 4.0), 8.0)
    far = estimate([spectra(PAN, ms)], (4.0, 4.0), 25.0)
    assert far is not None
    assert far.dx == pytest.approx(20.0, abs=0.3)
    assert near is None or near.correlation < 0.7 * far.correlation


@pytest.mark.parametrize("side", [24, 64, 128, 256])
@pytest.mark.parametrize("ratio", [2, 4, 8])
@pytest.mark.parametrize("seed", range(3))
def test_noise_has_no_shift_however_small_the_image(side: int, ratio: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    other = enlarged(random.standard_normal((SIDE // ratio, SIDE // ratio)), ratio)[:side, :side]
    found = estimate([spectra(random.standard_normal((side, side)), other)], (ratio, ratio), 4.0 * ratio)
    assert found is None


def test_a_small_image_shows_its_shift_as_long_as_that_is_beyond_chance() -> None:
    ms = enlarged(seen(2, 1.0, 2.0, 0.49), 2)[:96, :96]
    found = estimate([spectra(PAN[:96, :96], ms)], (2.0, 2.0), 8.0)
    assert found is not None
    assert (found.dx, found.dy) == pytest.approx((1.0, 2.0), abs=0.1)


@pytest.mark.parametrize("value", [0.0, 1000.0])
def test_an_image_without_contrast_has_no_shift(value: float) -> None:
    assert estimate([spectra(PAN, np.full_like(PAN, value))], (4.0, 4.0), 8.0) is None


def test_without_windows_there_is_no_shift() -> None:
    none: list[Spectra] = []
    assert estimate(none, (4.0, 4.0), 8.0) is None


def test_windows_of_different_shapes_are_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="different shapes"):
        estimate([spectra(PAN, PAN), spectra(PAN[:64], PAN[:64])], (1.0, 1.0), 8.0)
