"""Samples of all bands come back from a folder as they were cut, and vary as others do; what is no store is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.from_bands import MANIFEST, BandStore, BandStoreWriter, BandWords, Contents, Cut
from engine.data.from_store import StoreSource, open_store, write_store
from engine.data.sample import STILL, Sample, Scaling, Variation
from engine.data.sampling import Sampler, validation
from engine.errors import EngineError, InputError
from engine.modelfile.card import ANY_SENSOR

SIDE, BANDS = 24, 3
CONTENTS = Contents(
    tuple(BandWords(name, name, None) for name in ("red", "green", "blue")),
    "worldview2",
    (4.0, 4.0),
    (0.3, 0.3, 0.35),
    0.15,
    SIDE,
    (Cut("a/ms.tif", 2000.0), Cut("b/ms.tif", 250.0)),
)


def sample(seed: int, divisor: float) -> Sample:
    random = np.random.default_rng(seed)
    pan, ms, truth = (
        random.uniform(0.0, 1.2 * divisor, (bands, SIDE, SIDE)).astype(np.float32) for bands in (1, BANDS, BANDS)
    )
    return Sample(pan[0], ms, truth, "made up")


def stored(folder: Path, count: int = 6, contents: Contents = CONTENTS) -> str:
    with BandStoreWriter(folder, contents, "made up") as writer:
        for number in range(count):
            source = number % 2
            writer.add(sample(number, contents.sources[source].divisor), (source, number, 10 * number, 5))
        writer.finish()
    return str(folder)


def test_samples_come_back_in_shares_of_the_bright_end_to_a_thousandth(tmp_path: Path) -> None:
    source = BandStore(stored(tmp_path))
    assert (source.bands, source.guides, source.scaling) == (BANDS, 0, Scaling(1.0))
    for number, found in enumerate(source.spread(SIDE, 6)):
        divisor = CONTENTS.sources[number % 2].divisor
        made = sample(number, divisor)
        for image, there in ((found.pan, made.pan), (found.ms_up, made.ms_up), (found.truth, made.truth)):
            assert image.dtype == np.float32
            # 11 significant bits: half a step below 2, where steps are 2**-10.
            np.testing.assert_allclose(image, there / divisor, rtol=0.0, atol=2.0**-11)
        assert found.origin == f"{'ab'[number % 2]}/ms.tif, sample {number}, row {10 * number}, column 5"
        assert not found.finished


def test_with_a_scaling_they_come_back_in_counts(tmp_path: Path) -> None:
    source = BandStore(stored(tmp_path), Scaling(2047.0))
    assert source.scaling == Scaling(2047.0)
    for number, found in enumerate(source.spread(SIDE, 6)):
        divisor = CONTENTS.sources[number % 2].divisor
        np.testing.assert_allclose(found.truth, sample(number, divisor).truth, rtol=0.0, atol=divisor * 2.0**-11)


def test_what_is_drawn_is_a_part_of_a_sample_turned_and_lit_as_others_are(tmp_path: Path) -> None:
    source = BandStore(stored(tmp_path, 1))
    whole = source.spread(SIDE, 1)[0].pan
    drawn = source.draw(8, Variation(), np.random.default_rng(2))
    row, col = (int(word.split()[-1]) for word in drawn.origin.split(",")[-2:])
    assert np.array_equal(drawn.pan, whole[row : row + 8, col - 5 : col + 3])
    pans = [pan[0] for step in range(12) for pan in Sampler([source], [1.0], SIDE, 4, 3).batch(step).pan.numpy()]
    means = [pan.mean() / whole.mean() for pan in pans]
    assert 0.7 <= min(means) < 0.85 and 1.15 < max(means) <= 1.3
    assert len({(pan / pan.mean()).round(3).tobytes() for pan in pans}) >= 7
    still = Sampler([source], [1.0], SIDE, 4, 3, variation=STILL).batch(0).pan.numpy()
    assert all(np.array_equal(pan[0], whole) for pan in still)


def test_batches_to_validate_with_are_those_of_the_store(tmp_path: Path) -> None:
    (batch,) = validation([BandStore(stored(tmp_path))], 16, 4, 8)
    assert batch.pan.shape == (4, 1, 16, 16) and batch.truth.shape == batch.ms_up.shape == (4, BANDS, 16, 16)


def test_statistics_are_those_of_numpy_in_shares_of_the_bright_end(tmp_path: Path) -> None:
    stored(tmp_path)
    told = json.loads((tmp_path / MANIFEST).read_text())["statistics"]
    truth = np.concatenate(
        [sample(n, d).truth.reshape(BANDS, -1) / d for n in range(6) for d in (CONTENTS.sources[n % 2].divisor,)],
        axis=1,
    ).astype(np.float64)
    for band, numbers in zip(truth, told["bands"]):
        expected = {"least": band.min(), "greatest": band.max(), "mean": band.mean(), "spread": band.std()}
        assert numbers == pytest.approx(expected, rel=1e-6)
    assert set(told["pan"]) == {"least", "greatest", "mean", "spread"}


def test_both_kinds_of_stores_are_opened_by_what_they_hold(tmp_path: Path) -> None:
    bands = open_store(stored(tmp_path / "bands"), Scaling(100.0))
    assert isinstance(bands, BandStore) and bands.scaling == Scaling(100.0)
    assert (bands.sensor, bands.ratios, bands.described) == ("worldview2", (4.0, 4.0), CONTENTS.bands)
    assert (bands.gains, bands.pan_gain) == (CONTENTS.gains, CONTENTS.pan_gain)
    one = np.zeros((1, 8, 8))
    write_store(tmp_path / "any", ["PAN"], ["ratio"], (2.0, 5.0), [(one, one, one, np.array([0.5]))], "made up")
    single = open_store(str(tmp_path / "any"))
    assert isinstance(single, StoreSource) and single.sensor == ANY_SENSOR and len(single.described) == 1
    with pytest.raises(InputError, match="holds no store of samples"):
        open_store(str(tmp_path))


def test_half_a_store_is_none_and_no_samples_are_refused(tmp_path: Path) -> None:
    with BandStoreWriter(tmp_path, CONTENTS, "made up") as writer:
        writer.add(sample(0, 2000.0), (0, 0, 0, 0))
    assert not (tmp_path / MANIFEST).exists()
    with pytest.raises(InputError, match="holds no store"):
        BandStore(str(tmp_path))
    with BandStoreWriter(tmp_path, CONTENTS, "made up") as writer, pytest.raises(InputError, match="no samples"):
        writer.finish()


def test_values_far_beyond_the_bright_end_are_refused_and_nothing_of_them_is_written(tmp_path: Path) -> None:
    good = sample(0, 2000.0)
    wild = Sample(good.pan, good.ms_up, good.truth * np.float32(1e6), "wild")
    with BandStoreWriter(tmp_path, CONTENTS, "made up") as writer:
        writer.add(good, (0, 0, 0, 0))
        with pytest.raises(InputError, match="16 bits"):
            writer.add(wild, (0, 1, 0, 0))
        writer.finish()
    assert len(BandStore(str(tmp_path)).spread(SIDE, 9)) == 1


MANIFESTS: Sequence[dict[str, Any]] = (
    {"format": 2}, {"samples": 7}, {"samples": 6.0}, {"samples": True}, {"patch": 0}, {"patch": 12}, {"bands": []},
    {"bands": [{}]}, {"bands": "rgb"}, {"bands": [{"name": "a"}]}, {"sensor": None}, {"ratios": [4.0]},
    {"ratios": [5.0, 4.0]}, {"ratios": [float("nan"), 4.0]}, {"gains": [0.3]}, {"gains": [0.3, 0.3, 1.0]},
    {"pan_gain": "x"}, {"sources": []}, {"sources": [{"name": "a", "divisor": 1.0}]}, {"sources": 3},
    {"sources": [{"name": "a", "divisor": 0.0}, {"name": "b", "divisor": 1.0}]},
)  # fmt: skip


@pytest.mark.parametrize("change", MANIFESTS, ids=str)
def test_a_manifest_that_cannot_be_meant_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    folder, path = stored(tmp_path), tmp_path / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=r"holds no store of samples|do not fit its manifest"):
        open_store(folder)


@pytest.mark.parametrize("name", ["pan", "ms_up", "truth", "origin"])
def test_arrays_that_are_missing_or_others_are_refused(name: str, tmp_path: Path) -> None:
    folder, path = stored(tmp_path), tmp_path / f"{name}.npy"
    array = np.load(path)
    for spoilt in (array[:, :1][..., None], array.astype(np.float64), array[1:]):
        np.save(path, spoilt)
        with pytest.raises(EngineError, match="do not fit its manifest"):
            BandStore(folder)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EngineError, match="holds no store"):
        BandStore(folder)
