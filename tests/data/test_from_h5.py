"""Samples from the field's benchmark files: registered in spite of their half pixel, and refused where they are odd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import h5py
import numpy as np
import pytest

from engine.data.from_h5 import H5Source
from engine.data.images import Memory
from engine.data.sample import STILL, Scaling, Variation
from engine.errors import EngineError, InputError
from engine.pixels.toolbox import decimate, imresize, interp23tap, mtf_filter
from tests import pairs
from tests.data.shifts import shift_against
from tests.pairs import shift_of


def blank(count: int = 3, bands: int = 4, side: int = 64, ratio: int = 4) -> dict[str, Any]:
    random = np.random.default_rng(1)
    gt, pan = (random.uniform(1.0, 2000.0, (count, images, side, side)) for images in (bands, 1))
    ms = gt.reshape(count, bands, side // ratio, ratio, side // ratio, ratio).mean(axis=(3, 5))
    return {"gt": gt, "ms": ms, "pan": pan}


def source(arrays: Any, megabytes: float = 64.0) -> H5Source:
    return H5Source("train_wv3.h5", arrays, Memory(megabytes))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[h5py.File]:
    """Two scenes as the toolbox degrades them, as float64 like those of the field."""
    arrays: dict[str, list[Any]] = {"gt": [], "ms": [], "pan": []}
    for seed in (1, 2):
        there, pan = pairs.scene(768, 4, seed)
        gt = there.reshape(4, 192, 4, 192, 4).mean(axis=(2, 4))  # as georeferencing puts it: each pixel over its block
        arrays["gt"].append(gt)
        arrays["ms"].append(decimate(mtf_filter(gt, (0.3,) * 4, 4), 4))
        arrays["pan"].append(imresize(pan, 0.25)[None])
    arrays["lms"] = [interp23tap(ms, 4) for ms in arrays["ms"]]
    with h5py.File(tmp_path_factory.mktemp("h5") / "train.h5", "w") as opened:
        for key, images in arrays.items():
            opened.create_dataset(key, data=np.stack(images), chunks=(1, *images[0].shape), compression="gzip")
        yield opened


def test_pan_and_enlarged_ms_lie_on_the_truth(file: h5py.File) -> None:
    for sample in source(file).spread(192, 2):
        intensity = np.tensordot(pairs.PAN_WEIGHTS, sample.truth, 1)
        assert np.abs(shift_of(sample.pan.astype(float), intensity, 24)).max() < 0.05
        assert np.abs(shift_against(sample.ms_up, sample.truth, 4.0)).max() < 0.05


def test_away_from_the_border_enlarged_ms_is_the_interpolation_of_the_field(file: h5py.File) -> None:
    sample = source(file).spread(192, 2)[0]
    # Not to the last bit: the field doubles twice, the second time from values that it has interpolated.
    difference = np.abs(sample.ms_up - file["lms"][0])[:, 48:-48, 48:-48]
    assert difference.max() < 0.01 * np.ptp(sample.truth) and difference.mean() < 0.001 * np.ptp(sample.truth)


@pytest.mark.parametrize("ratio", [2, 4])
def test_an_ms_pixel_stands_for_the_place_it_was_kept_from(ratio: int) -> None:
    arrays = blank(1, 1, 96, ratio)
    rows, cols = np.mgrid[:96, :96]
    arrays["gt"][0, 0] = rows + 100.0 * cols
    arrays["ms"] = arrays["gt"][:, :, ratio // 2 :: ratio, ratio // 2 :: ratio]
    made = source(arrays)
    inner = (slice(None), slice(8 * ratio, -8 * ratio), slice(8 * ratio, -8 * ratio))
    for sample in (made.spread(96, 1)[0], *(made.draw(80, STILL, np.random.default_rng(seed)) for seed in range(4))):
        assert np.allclose(sample.ms_up[inner], sample.truth[inner], rtol=1e-4)


def test_a_shift_moves_ms_and_nothing_else(file: h5py.File) -> None:
    made = source(file)
    still = made.draw(160, STILL, np.random.default_rng(3))
    moved = made.draw(160, replace(STILL, shift=1.0), np.random.default_rng(3))
    random = np.random.default_rng(3)
    random.integers(2), random.integers(33), random.integers(33)
    assert np.array_equal(still.truth, moved.truth) and np.array_equal(still.pan, moved.pan)
    expected = Variation(shift=1.0).shifts(random)
    assert shift_against(moved.ms_up, moved.truth, 4.0) == pytest.approx(expected, abs=0.1)


def test_samples_are_the_same_whether_kept_in_memory_or_not(file: h5py.File) -> None:
    kept, read_anew = source(file), source(file, 0.0)
    assert kept.scaling == read_anew.scaling
    for seed in range(4):
        one, two = (made.draw(64, Variation(), np.random.default_rng(seed)) for made in (kept, read_anew))
        assert one.origin == two.origin and one.ms_up.dtype == one.pan.dtype == one.truth.dtype == np.float32
        assert one.ms_up.tobytes() == two.ms_up.tobytes() and one.truth.tobytes() == two.truth.tobytes()


def test_all_samples_and_places_are_drawn() -> None:
    arrays = blank(5)
    arrays["gt"][:] = np.arange(5)[:, None, None, None] + 1.0
    made, random = source(arrays), np.random.default_rng(0)
    assert {float(made.draw(64, STILL, random).truth.max()) for _ in range(60)} == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert [sample.truth.max() for sample in made.spread(32, 9)] == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_validation_takes_the_middle_of_the_samples_where_ms_has_neighbours() -> None:
    arrays = blank(1)
    (sample,) = source(arrays).spread(32, 1)
    assert np.array_equal(sample.truth, arrays["gt"][0, :, 16:48, 16:48].astype(np.float32))


def test_the_scaling_is_given_or_taken_from_the_truth() -> None:
    arrays = blank()
    assert source(arrays).scaling.divisor == pytest.approx(1998.0, rel=2e-3)
    assert H5Source("a.h5", arrays, Memory(), Scaling(1023.0)).scaling.divisor == 1023.0


def changed(**arrays: Any) -> dict[str, Any]:
    return {**blank(), **{key: np.ones(shape) for key, shape in arrays.items()}}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({key: array for key, array in blank().items() if key != "gt"}, "tests at full resolution"),
        ({key: array for key, array in blank().items() if key != "ms"}, "holds no 'ms'"),
        (changed(gt=(2, 4, 64, 64)), "different numbers of samples"),
        (changed(gt=(3, 5, 64, 64)), "bands of train_wv3.h5 do not fit"),
        (changed(pan=(3, 2, 64, 64)), "bands of train_wv3.h5 do not fit"),
        (changed(pan=(3, 1, 64, 60)), "sizes of train_wv3.h5 do not fit"),
        (changed(ms=(3, 4, 15, 16)), "sizes of train_wv3.h5 do not fit"),
        (changed(ms=(3, 4, 64, 64)), "sizes of train_wv3.h5 do not fit"),
        (changed(ms=(3, 4, 128, 128)), "sizes of train_wv3.h5 do not fit"),
        (changed(pan=(3, 64, 64)), "do not all have four axes"),
        (changed(gt=(0, 4, 64, 64), ms=(0, 4, 16, 16), pan=(0, 1, 64, 64)), "do not all have four axes"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_with_a_remedy(arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        source(arrays)
    assert words in caught.value.fact and caught.value.remedy.endswith(".")


@pytest.mark.parametrize("key", ["gt", "ms", "pan"])
@pytest.mark.parametrize("megabytes", [64.0, 0.0])
def test_samples_with_nan_are_left_out(key: str, megabytes: float) -> None:
    arrays = blank(5)
    arrays[key][1, 0, 9, 9], arrays[key][3, 0, 2, 3] = np.nan, np.inf
    made, random = source(arrays, megabytes), np.random.default_rng(0)
    assert made.left_out == 2
    expected = {f"train_wv3.h5, sample {index}" for index in (0, 2, 4)}
    assert {made.draw(64, STILL, random).origin for _ in range(40)} == expected
    assert {sample.origin for sample in made.spread(64, 9)} == expected


def test_a_file_of_nothing_but_nan_is_refused() -> None:
    with pytest.raises(InputError, match=r"Each sample of train_wv3\.h5 holds values that are no numbers"):
        source({**blank(), "pan": np.full((3, 1, 64, 64), np.nan)})


@pytest.mark.parametrize("change", ["other samples", "other units"])
def test_a_truth_that_is_not_of_its_ms_is_refused(change: str) -> None:
    arrays = blank(4)
    arrays["gt"] = arrays["gt"][[1, 2, 3, 0]] if change == "other samples" else 100.0 * arrays["gt"]
    with pytest.raises(InputError, match=r"The truth of train_wv3\.h5 does not match its MS"):
        source(arrays)


def test_a_patch_larger_than_the_samples_is_refused() -> None:
    with pytest.raises(EngineError, match=r"larger than the samples of train_wv3\.h5, 64 x 64"):
        source(blank()).check(65)
    source(blank()).check(64)
