"""Samples from rasters: registered, degraded as simulating does it, without gaps, and varied as asked."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

from engine.data.from_scenes import SceneSource, SimulatedSource
from engine.data.images import Memory
from engine.data.sample import STILL, Sample, Scaling, Source
from engine.errors import EngineError
from engine.grid.pairing import Axis
from engine.jobs.simulate import simulate
from engine.pixels.resample import interpolation, resample
from engine.request import PairRequest, SimulateRequest
from tests import pairs, rasters
from tests.data.shifts import shift_against
from tests.jobs.runs import run
from tests.pairs import Pair, read, shift_of, write_pair
from tests.slowness import mostly_slow

GAINS, PAN_GAIN = (0.3, 0.3, 0.3, 0.3), 0.15
MOST_SHIFT = 0.05


def source(pair: Pair, memory: Optional[Memory] = None, **changes: Any) -> SceneSource:
    request = PairRequest(pair.pan, (pair.ms,), **changes)
    bands = len(request.bands) or 4
    return SceneSource(request, GAINS[:bands], PAN_GAIN, memory or Memory())


def simulated(path: str, memory: Optional[Memory] = None, **changes: Any) -> SimulatedSource:
    settings: dict[str, Any] = {"ratio": 4.0, "gains": GAINS, "pan_gain": PAN_GAIN, "weights": pairs.PAN_WEIGHTS}
    return SimulatedSource(path, memory=memory or Memory(), **{**settings, **changes})


def drawn(source: Source, patch: int, seed: int, **variation: Any) -> Sample:
    return source.draw(patch, replace(STILL, **variation), np.random.default_rng(seed))


def same(one: Sample, two: Sample) -> bool:
    return one.origin == two.origin and all(
        getattr(one, name).tobytes() == getattr(two, name).tobytes() for name in ("pan", "ms_up", "truth")
    )


def refusal(action: Any) -> str:
    with pytest.raises(EngineError) as caught:
        action()
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    return str(caught.value)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("plain"), size=768)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Four bands without PAN."""
    bands = np.rint(pairs.scene(384, 4, 1)[0]).astype("uint16")
    return rasters.write(tmp_path_factory.mktemp("image") / "image.tif", bands, pairs.affine(), pairs.EPSG)


# Pairs.


@pytest.mark.parametrize("half_pixel", mostly_slow([False, True], 1))
@pytest.mark.parametrize("ratio", mostly_slow([2.0, 2.5, 4.0], 1))
def test_pan_and_enlarged_ms_lie_on_the_truth(ratio: float, half_pixel: bool, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=768, ratio=ratio, half_pixel=half_pixel)
    (sample,) = source(pair).spread(160, 1)
    intensity = np.tensordot(pairs.PAN_WEIGHTS, sample.truth, 1)
    assert np.abs(shift_of(sample.pan.astype(float), intensity, 16)).max() < MOST_SHIFT
    assert np.abs(shift_against(sample.ms_up, sample.truth, ratio)).max() < MOST_SHIFT


@pytest.mark.parametrize(("ratio", "half_pixel"), mostly_slow([(2.0, True), (2.5, False), (4.0, False)], 1))
def test_a_sample_without_variation_is_what_simulating_writes(ratio: float, half_pixel: bool, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "in", size=512, ratio=ratio, half_pixel=half_pixel, data_type="float32")
    outs = [str(tmp_path / f"{name}.tif") for name in ("pan", "ms", "reference")]
    said = run(simulate(SimulateRequest(pair.pan, (pair.ms,), **dict(zip(OUTS, outs))))).result
    pan, ms, reference = (read(out) for out in outs)
    made = SceneSource(PairRequest(pair.pan, (pair.ms,)), said["mtf_gains"], said["pan_gain"], Memory())
    axis = Axis(1.0 / ratio, 0.0)
    taps = interpolation(axis.to_ms(0, pan.shape[1]), "polynomial").within(0, ms.shape[1])
    enlarged = resample(ms, taps, taps)
    scale = 1e-4 * reference.max()
    first = made._made.truth
    for sample in made.spread(48, 6):
        row, col = (int(word.split()[-1]) for word in sample.origin.split(",")[-2:])
        inside = (..., slice(row - first.row, row - first.row + 48), slice(col - first.col, col - first.col + 48))
        assert np.array_equal(sample.truth, reference[inside].astype(np.float32))
        assert np.abs(sample.pan - pan[0][inside]).max() < scale
        assert np.abs(sample.ms_up - enlarged[inside]).max() < scale


OUTS = ("out_pan", "out_ms", "out_reference")


@pytest.mark.slow
def test_a_jitter_of_a_pixel_moves_ms_and_nothing_else(plain: Pair) -> None:
    made = source(plain)
    found = []
    for seed in range(12):
        still, moved = drawn(made, 128, seed), drawn(made, 128, seed, shift=1.0)
        assert same(replace(still, ms_up=moved.ms_up), moved)
        assert np.abs(shift_against(still.ms_up, still.truth, 4.0)).max() < 0.1
        found.append(shift_against(moved.ms_up, moved.truth, 4.0))
    assert 0.6 < np.std(found) < 1.4


def test_pan_gets_back_up_to_all_of_the_noise_it_has_as_it_comes_down(tmp_path: Path) -> None:
    noise = 12.0
    pair = write_pair(tmp_path, size=768, data_type="float32")
    hills = np.add.outer(np.arange(768.0), np.arange(768.0))
    grainy = hills + np.random.default_rng(4).normal(0.0, noise, (768, 768))
    made = source(replace(pair, pan=rasters.write(tmp_path / "grainy.tif", grainy[None], pairs.affine(), pairs.EPSG)))
    found = []
    for seed in range(40):
        still, moved = drawn(made, 64, seed), drawn(made, 64, seed, grain=1.0)
        assert same(replace(still, pan=moved.pan), moved)
        found.append(float((moved.pan - still.pan).std()))
    assert min(found) < 0.15 * noise and 0.8 * noise < max(found) < 1.05 * noise
    assert 0.35 * noise < np.mean(found) < 0.6 * noise


def test_other_gains_change_how_sharp_pan_and_ms_are(plain: Pair) -> None:
    made = source(plain)
    sharpness = np.array([[np.std(np.diff(s.pan)), np.std(np.diff(s.ms_up))] for s in _by_gain(made)])
    assert np.ptp(sharpness, axis=0).min() > 0.01 * sharpness.mean()
    assert abs(np.corrcoef(sharpness.T)[0, 1]) < 0.9  # each has an error of its own


def _by_gain(made: SceneSource) -> list[Sample]:
    (window,) = made._places_of(64).spread(1)
    random = np.random.default_rng(5)
    return [made._sample(window, replace(STILL, mtf=0.1), random) for _ in range(20)]


def test_samples_depend_on_the_generator_alone_and_not_on_memory(plain: Pair) -> None:
    kept, read_anew = source(plain), source(plain, Memory(0.0))
    for seed in range(5):
        sample = drawn(kept, 32, seed, shift=0.5, mtf=0.05)
        assert same(sample, drawn(kept, 32, seed, shift=0.5, mtf=0.05))
        assert same(sample, drawn(read_anew, 32, seed, shift=0.5, mtf=0.05))
        assert not same(sample, drawn(kept, 32, seed + 100, shift=0.5, mtf=0.05))


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [0.0, 512.0])
def test_gaps_never_enter_a_sample(megabytes: float, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=1024, ratio=2, collar=True, nodata=60_000.0)
    made = source(pair, Memory(megabytes))
    samples = [drawn(made, 48, seed, shift=1.0, mtf=0.05) for seed in range(40)] + made.spread(48, 6)
    assert len(samples) == 46
    assert max(float(array.max()) for s in samples for array in (s.pan, s.ms_up, s.truth)) < 4000.0
    assert made.scaling.divisor < 4000.0


def test_a_gap_in_pan_alone_keeps_samples_away(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=512, ratio=2, data_type="float32")
    pan = read(pair.pan)[0]
    pan[250:254, :] = np.nan
    pan[:, 200:201] = np.nan
    rasters.write(pair.pan, pan.astype("float32"), pairs.affine(), pairs.EPSG)
    made = source(pair)
    assert all(np.isfinite(drawn(made, 16, seed, shift=2.0).pan).all() for seed in range(60))
    assert "no place of 100 x 100 pixels" in refusal(lambda: made.check(100))


def test_a_part_of_the_bands_and_of_the_extent_is_used_alone(plain: Pair) -> None:
    left, top = pairs.LEFT, pairs.TOP
    made = source(plain, bands=(4, 2), extent=(left + 50.0, top - 250.0, left + 250.0, top - 50.0))
    assert made.bands == 2
    truth = read(plain.ms)[[3, 1]]
    for seed in range(20):
        sample = drawn(made, 40, seed)
        row, col = (int(word.split()[-1]) for word in sample.origin.split(",")[-2:])
        assert 25 <= row <= 85 and 25 <= col <= 85  # 100 PAN pixels are 25 of MS, 500 are 125
        assert np.array_equal(sample.truth, truth[:, row : row + 40, col : col + 40])


def test_ms_that_would_have_to_be_warped_is_no_truth(plain: Pair, tmp_path: Path) -> None:
    bands = read(plain.ms)[:2].astype("uint16")
    other = rasters.write(tmp_path / "other.tif", bands, pairs.affine((4.0, 4.0), 1.0), pairs.EPSG)
    request = PairRequest(plain.pan, (plain.ms, other))
    assert "would have to be warped" in refusal(lambda: SceneSource(request, (0.3,) * 6, PAN_GAIN, Memory()))


def test_a_patch_larger_than_the_image_is_refused(plain: Pair, image: str) -> None:
    assert "193 x 193 pixels is larger than" in refusal(lambda: source(plain).check(193))
    assert "at most 192" in refusal(lambda: source(plain).check(193))
    assert "at most 384" in refusal(lambda: simulated(image).check(385))


@pytest.mark.parametrize("gains", [(0.3, 0.3), (0.3, 0.3, 0.3, 1.0)])
def test_gains_that_do_not_fit_the_bands_are_refused(plain: Pair, image: str, gains: tuple[float, ...]) -> None:
    request = PairRequest(plain.pan, (plain.ms,))
    assert "4 bands" in refusal(lambda: SceneSource(request, gains, PAN_GAIN, Memory()))
    assert "4 bands" in refusal(lambda: simulated(image, gains=gains))


def test_the_scaling_is_that_of_the_brightest_band_unless_it_is_given(plain: Pair) -> None:
    nir = read(plain.ms)[3]
    assert source(plain).scaling.divisor == pytest.approx(np.percentile(nir, 99.9), rel=0.01)
    request = PairRequest(plain.pan, (plain.ms,))
    assert SceneSource(request, GAINS, PAN_GAIN, Memory(), Scaling(2047.0)).scaling == Scaling(2047.0)


# Imagery without PAN.


@pytest.mark.parametrize("ratio", [2.0, 3.0, 4.0])
def test_simulated_pan_and_ms_lie_on_the_truth_at_every_phase(image: str, ratio: float) -> None:
    made = simulated(image, ratio=ratio)
    for sample in (*made.spread(192, 1), drawn(made, 192, 1), drawn(made, 192, 2)):
        intensity = np.tensordot(pairs.PAN_WEIGHTS, sample.truth, 1)
        assert np.abs(shift_of(sample.pan.astype(float), intensity)).max() < 0.01
        assert np.abs(shift_against(sample.ms_up, sample.truth, ratio)).max() < MOST_SHIFT


@pytest.mark.parametrize("pan_gain", [0.15, 0.3, 0.45])
def test_simulated_pan_has_its_own_response_at_its_nyquist_frequency(pan_gain: float, tmp_path: Path) -> None:
    stripes = 100.0 + 10.0 * np.cos(math.pi * np.arange(96))  # the finest that pixels can hold
    bands = np.broadcast_to(stripes, (4, 96, 96)) * np.array([1.0, 2.0, 3.0, 4.0])[:, None, None]
    path = rasters.write(tmp_path / "stripes.tif", bands.astype("float32"), pairs.affine(), pairs.EPSG)
    (sample,) = simulated(path, pan_gain=pan_gain, weights=(1.0, 1.0, 1.0, 1.0)).spread(32, 1)
    inner = sample.pan[8:-8, 8:-8]  # at the border of the image its edge repeats
    assert inner.mean() == pytest.approx(250.0, rel=1e-5)  # the mean of the bands
    assert np.ptp(inner) == pytest.approx(50.0 * pan_gain / 0.3, rel=0.03)


def test_simulated_pan_is_mixed_anew_and_has_noise(image: str) -> None:
    made = simulated(image)
    still, mixed, noisy = drawn(made, 64, 1), drawn(made, 64, 1, mix=0.3), drawn(made, 64, 1, noise=0.01)
    assert np.array_equal(still.truth, mixed.truth) and np.array_equal(still.ms_up, mixed.ms_up)
    assert np.abs(mixed.pan - still.pan).max() > 1.0
    assert (noisy.pan - still.pan).std() == pytest.approx(0.01 * made.scaling.divisor, rel=0.05)


def test_gaps_never_enter_a_simulated_sample(tmp_path: Path) -> None:
    bands = pairs.scene(384, 4, 1)[0].astype("float32")
    bands[2, 180:200, 200:210] = np.nan
    path = rasters.write(tmp_path / "gap.tif", bands, pairs.affine(), pairs.EPSG)
    made = simulated(path, ratio=2.0)
    for seed in range(40):
        row, col = (int(word.split()[-1]) for word in drawn(made, 64, seed).origin.split(",")[-2:])
        assert row + 64 <= 180 or row >= 200 or col + 64 <= 200 or col >= 210


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bands": (1, 5)}, "has no band 5"),
        ({"ratio": 1.0}, "Nothing can be learnt with a ratio of 1"),
        ({"ratio": 1e300}, "Nothing can be learnt with a ratio of 1e+300"),
        ({"weights": (1.0, 1.0)}, "cannot be made of 4 bands"),
        ({"weights": (0.0, 0.0, 0.0, 0.0)}, "cannot be made of 4 bands"),
        ({"weights": (1.0, 1.0, 1.0, -1.0)}, "cannot be made of 4 bands"),
    ],
)
def test_what_cannot_be_simulated_is_refused(image: str, changes: dict[str, Any], words: str) -> None:
    assert words in refusal(lambda: simulated(image, **changes))
