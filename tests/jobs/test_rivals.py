"""Classical methods on samples do what they do on scenes, as far as a sample allows."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.errors import MethodError  # noqa: E402
from engine.jobs.rivals import rivals  # noqa: E402
from engine.metrics import reference  # noqa: E402
from engine.pixels.resample import gaussian, mtf_sigma, resample  # noqa: E402

SIDE, RATIO, GAIN = 96, 4.0, 0.3


def blurred(image: np.ndarray) -> np.ndarray:
    taps = gaussian(np.arange(SIDE, dtype=float), mtf_sigma(GAIN, RATIO)).within(0, SIDE)
    return resample(image, taps, taps)


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """PAN, enlarged MS and truth of a made-up town: PAN is the mean of the bands, and MS lacks what a blur takes."""
    random = np.random.default_rng(3)
    blocks = np.kron(random.uniform(0.2, 1.0, (SIDE // 6, SIDE // 6)), np.ones((6, 6)))
    truth = np.stack([share * blocks + 0.1 for share in (0.4, 0.6, 0.8)]).astype(np.float32)
    ms_up = np.stack([blurred(band) for band in truth])
    return truth.mean(0), ms_up, truth


@pytest.mark.parametrize("name", ["Brovey", "GSA", "BDSD-PC", "MTF-GLP-FS", "MTF-GLP-HPM"])
def test_each_method_comes_nearer_to_the_truth_than_ms_does(
    name: str, sample: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    pan, ms_up, truth = sample
    before = ms_up.copy()
    fused = rivals((GAIN,) * 3, 0.15, RATIO)[name](pan, ms_up)
    assert fused.shape == truth.shape
    np.testing.assert_array_equal(ms_up, before)
    assert reference.ergas(truth, fused, RATIO) < 0.5 * reference.ergas(truth, ms_up, RATIO)


def test_mtf_glp_fs_adds_what_its_formula_says(sample: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    pan, ms_up, _ = sample
    low = blurred(pan)
    fused = rivals((GAIN,) * 3, 0.15, RATIO)["MTF-GLP-FS"](pan, ms_up)
    for band, made in zip(ms_up.astype(float), fused):
        gain = np.cov(band.ravel(), pan.ravel())[0, 1] / np.cov(low.ravel(), pan.ravel())[0, 1]
        np.testing.assert_allclose(made, band + gain * (pan - low), atol=1e-5)


def test_a_sample_that_tells_too_little_is_refused() -> None:
    with pytest.raises(MethodError):
        rivals((GAIN,), 0.15, RATIO)["GSA"](np.ones((2, 2), np.float32), np.ones((1, 2, 2), np.float32))
