"""Samples in a folder come back as they were written, turned with their shifts, and what is no store is refused."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

from engine.data.augment import WAYS
from engine.data.from_store import MANIFEST, Made, StoreSource, write_store
from engine.data.sample import STILL, Variation
from engine.data.sampling import Sampler, validation
from engine.errors import InputError, RequestError

IMAGES = ("PAN", "detail")
FACTS = ("ratio", "shift in columns", "shift in rows")
SIDE = 24


def samples(count: int = 5, side: int = SIDE) -> Iterator[Made]:
    """Yield samples whose bands hold their number, and whose PAN has one bright pixel where MS was shifted to."""
    for number in range(count):
        shift = ((3, 1), (-2, 4))[number % 2]
        guides = np.zeros((2, side, side))
        guides[0, side // 2 + shift[1], side // 2 + shift[0]] = 1.0
        guides[1] = np.arange(side * side).reshape(side, side) / 1024.0
        band = np.full((1, side, side), float(number))
        yield guides, band, band + 0.5, np.array([0.25, *shift])


def stored(folder: Path, made: Any = None, **changes: Any) -> str:
    given = {"images": IMAGES, "facts": FACTS, "ratios": (2.0, 5.0), "about": "made up", **changes}
    write_store(folder, samples=samples() if made is None else made, **given)
    return str(folder)


def refusal(folder: str) -> str:
    with pytest.raises(InputError) as caught:
        StoreSource(folder)
    assert folder in caught.value.fact and caught.value.remedy.endswith(".")
    return caught.value.fact


def test_samples_come_back_as_they_were_written(tmp_path: Path) -> None:
    assert write_store(tmp_path / "s", IMAGES, FACTS, (2.0, 5.0), samples(), "made up") == 5
    source = StoreSource(str(tmp_path / "s"))
    assert source.guides == 4 and source.bands == 1 and source.ratios == (2.0, 5.0)
    spread = source.spread(SIDE, 5)
    for number, (sample, made) in enumerate(zip(spread, samples())):
        guides, band, truth, facts = made
        assert sample.pan.shape == (5, SIDE, SIDE) and sample.pan.dtype == np.float32
        np.testing.assert_allclose(sample.pan[:2], guides, rtol=1e-3)
        np.testing.assert_array_equal(sample.pan[2:], np.broadcast_to(facts[:, None, None], (3, SIDE, SIDE)))
        np.testing.assert_array_equal(sample.ms_up, band)
        np.testing.assert_array_equal(sample.truth, truth)
        assert sample.origin.endswith(f"sample {number}")
    inner = source.spread(8, 2)
    assert len(inner) == 2 and inner[0].pan.shape == (5, 8, 8)
    np.testing.assert_array_equal(inner[0].pan[1], spread[0].pan[1, 8:16, 8:16])


def test_what_is_written_numpy_reads_and_the_samples_are_never_all_in_memory(tmp_path: Path) -> None:
    sizes = []

    def many() -> Iterator[Made]:
        for number, made in enumerate(samples(60)):
            sizes.append(sum(path.stat().st_size for path in tmp_path.glob("*.npy")))
            assert number == 0 or not (tmp_path / MANIFEST).exists()
            yield made

    stored(tmp_path)
    stored(tmp_path, many())
    arrays = [np.load(tmp_path / f"{name}.npy", allow_pickle=False) for name in ("guides", "band", "truth", "facts")]
    assert [array.shape for array in arrays] == [(60, 2, SIDE, SIDE), (60, 1, SIDE, SIDE), (60, 1, SIDE, SIDE), (60, 3)]
    assert [array.dtype.str for array in arrays] == ["<f2", "<f2", "<f2", "<f4"]
    assert max(np.diff(sizes)) < 1 << 20 and sizes[-1] > 0.9 * sum(array.nbytes for array in arrays) - (1 << 18)


@pytest.mark.parametrize("way", range(WAYS))
def test_the_shift_that_is_told_points_to_where_it_lies_in_the_turned_image(way: int, tmp_path: Path) -> None:
    source = StoreSource(stored(tmp_path, samples(5, 25)))  # odd, so that there is a middle pixel
    for index in range(2):
        turned = source._sample(index, 0, 0, 25, way)
        row, col = np.argwhere(turned.pan[0] > 0.5)[0]
        assert [col - 12, row - 12] == [*turned.pan[3:, 0, 0]]


def test_a_store_is_laid_in_all_ways_and_by_nobody_else(tmp_path: Path) -> None:
    source, ways = StoreSource(stored(tmp_path, samples(5, 25))), set()
    sampler = Sampler([source], [1.0], 25, 4, 3, variation=Variation(shift=0.0, brightness=(0.5, 0.6)))
    for step in range(40):
        for pan in sampler.batch(step).pan.numpy():
            row, col = np.argwhere(pan[0] > 0.5)[0]
            assert [col - 12, row - 12] == [*pan[3:, 0, 0]]
            assert (pan[2] == 0.25).all(), "a fact is no matter of brightness"
            ways.add(pan[1].tobytes())
    assert len(ways) == WAYS
    still = Sampler([source], [1.0], 25, 4, 3, variation=STILL)
    assert len({pan[1].tobytes() for step in range(9) for pan in still.batch(step).pan.numpy()}) == 1


def test_the_shift_is_told_with_an_error_and_sometimes_as_if_nobody_had_measured_it(tmp_path: Path) -> None:
    source = StoreSource(stored(tmp_path, samples(5, 25)))
    sampler = Sampler([source], [1.0], 25, 8, 3, variation=Variation(shift=0.25, turns=False))
    pans = [pan for step in range(50) for pan in sampler.batch(step).pan.numpy()]
    place = np.array([np.argwhere(pan[0] > 0.5)[0][::-1] - 12.0 for pan in pans])
    told = np.array([pan[3:, 0, 0] for pan in pans])
    unmeasured = (told == 0.0).all(axis=1)
    assert 0.05 < unmeasured.mean() < 0.17
    off = (told - place)[~unmeasured]
    assert np.abs(off).max() <= 0.5 + 1e-5 and np.std(off) == pytest.approx(0.24, abs=0.03)
    assert (source.spread(25, 3)[0].pan[3:, 0, 0] != 0.0).any()


def test_batches_and_validation_have_all_channels(tmp_path: Path) -> None:
    source = StoreSource(stored(tmp_path))
    batch = Sampler([source], [1.0], 16, 4, 3).batch(0)
    assert batch.pan.shape == (4, 5, 16, 16) and batch.ms_up.shape == batch.truth.shape == (4, 1, 16, 16)
    (checked,) = validation([source], 16, 3, 8)
    assert checked.pan.shape == (3, 5, 16, 16)
    with pytest.raises(RequestError, match=r"larger than the samples of .*, 24 x 24"):
        Sampler([source], [1.0], 32, 4, 3)


def test_samples_that_do_not_fit_each_other_or_16_bits_and_none_at_all_are_refused(tmp_path: Path) -> None:
    good = next(samples())
    for bad in (
        next(samples(1, 20)),
        (good[0] * 1e6, *good[1:]),
        (*good[:3], np.array([0.0, 0.0, np.nan])),
    ):
        with pytest.raises(InputError, match="Sample 1 has other shapes than the first, or values"):
            stored(tmp_path, iter([good, bad]))
        assert "no store" in refusal(str(tmp_path))
    with pytest.raises(InputError, match="no samples"):
        stored(tmp_path, iter([]))


MANIFESTS: dict[str, Any] = {
    "nothing": "",
    "a list": "[]",
    "nested": "[" * 100_000,
    "another format": {"format": 2},
    "endless": {"samples": float("inf")},
    "a fraction": {"samples": 5.0},
    "true": {"samples": True},
    "none": {"samples": 0},
    "negative": {"patch": -24},
    "text for a number": {"patch": "24"},
    "text for names": {"images": "ab"},
    "numbers for names": {"facts": [1, 2, 3]},
    "no names": {"facts": []},
    "one ratio": {"ratios": [2.0]},
    "no ratio": {"ratios": [float("nan"), 4.0]},
    "ratios upside down": {"ratios": [4.0, 2.0]},
    "more samples than there are": {"samples": 6},
    "another patch": {"patch": 12},
    "another image": {"images": ["PAN"]},
    "another fact": {"facts": ["ratio"]},
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_that_cannot_be_meant_is_refused(kind: str, tmp_path: Path) -> None:
    folder, change = stored(tmp_path), MANIFESTS[kind]
    path = tmp_path / MANIFEST
    if isinstance(change, dict):
        change = json.dumps({**json.loads(path.read_text()), **change})
    path.write_text(change)
    assert "holds no store of samples" in (said := refusal(folder)) or "do not fit its manifest" in said


class Trap:
    """What a pickle of it does when it is read."""

    def __reduce__(self) -> Any:
        return os.mkdir, (self.where,)

    def __init__(self, where: Path) -> None:
        self.where = str(where)


def _pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(Trap(path.parent / "sprung")))


def _objects(path: Path) -> None:
    np.save(path, np.array([Trap(path.parent / "sprung")] * 5, object), allow_pickle=True)


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        inside = io.BytesIO()
        np.save(inside, np.zeros(5, np.float16))
        archive.writestr("band.npy", inside.getvalue())


SPOILT: dict[str, Callable[[Path], Any]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "cut in its header": lambda path: path.write_bytes(path.read_bytes()[:40]),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "text": lambda path: path.write_text("no array at all, but long enough to look at"),
    "half an archive": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(60)),
    "an archive": _archive,
    "a pickle": _pickled,
    "objects": _objects,
    "other numbers": lambda path: np.save(path, np.load(path).astype(np.complex64)),
    "another order of bytes": lambda path: np.save(path, np.load(path).astype(">f2")),
    "other shapes": lambda path: np.save(path, np.load(path)[:, :, :-1]),
    "a header that is a program": lambda path: path.write_bytes(
        path.read_bytes()[:10] + b"__import__('os').mkdir('sprung')".ljust(117) + b"\n" + path.read_bytes()[128:]
    ),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_an_array_that_is_none_or_not_that_of_the_manifest_is_refused_and_runs_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = stored(tmp_path)
    SPOILT[kind](tmp_path / "band.npy")
    assert "holds no store of samples" in (said := refusal(folder)) or "do not fit its manifest" in said
    assert not (tmp_path / "sprung").exists()
