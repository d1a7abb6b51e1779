"""Batches depend on seed, step and rank alone; they are made ahead by threads that end; validation never changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest
import torch

from engine.data.from_scenes import SceneSource
from engine.data.images import Memory
from engine.data.sample import STILL, Sample, Scaling, Source, Variation
from engine.data.sampling import Batch, Sampler, validation
from engine.errors import InputError, RequestError
from engine.request import PairRequest
from tests.pairs import write_pair


class Plain:
    """A source of noise around `level`, whose bands are 1, 2, ... times that; it can be told to fail or to wait."""

    def __init__(
        self, level: float = 100.0, bands: int = 3, error: Optional[Exception] = None, seconds: float = 0.0
    ) -> None:
        self.name, self.bands, self.scaling = f"level {level:g}", bands, Scaling(level)
        self._level, self._error, self._seconds = level, error, seconds
        self.drawn = 0

    def check(self, patch: int) -> None:
        if patch > 64:
            raise RequestError("Too large.", "Choose less.")

    def draw(self, patch: int, variation: Variation, random: np.random.Generator) -> Sample:
        self.drawn += 1
        time.sleep(self._seconds)
        if self._error is not None:
            raise self._error
        pan = random.uniform(0.5, 1.0, (patch, patch)).astype(np.float32) * np.float32(self._level)
        truth = pan * np.arange(1, self.bands + 1, dtype=np.float32)[:, None, None]
        return Sample(pan, truth, truth, self.name)

    def spread(self, patch: int, count: int) -> list[Sample]:
        return [self.draw(patch, STILL, np.random.default_rng(place)) for place in range(count)]


def sampler(sources: Optional[Sequence[Source]] = None, **changes: Any) -> Sampler:
    sources = sources or [Plain()]
    settings: dict[str, Any] = {"weights": [1.0] * len(sources), "patch": 16, "batch": 8, "seed": 7}
    return Sampler(sources, **{**settings, **changes})


def content(batch: Batch) -> tuple[bytes, ...]:
    return tuple(tensor.numpy().tobytes() for tensor in (batch.pan, batch.ms_up, batch.truth))


def sample_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("samples")]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    folder, memory = tmp_path_factory.mktemp("scenes"), Memory()
    sources: list[Source] = []
    for seed, ratio in ((1, 2.0), (2, 4.0)):
        pair = write_pair(Path(folder) / str(seed), seed=seed, ratio=ratio)
        sources.append(SceneSource(PairRequest(pair.pan, (pair.ms,)), (0.3,) * 4, 0.15, memory))
    return sources


def test_a_batch_has_the_shapes_and_the_scale_a_network_expects(scenes: list[Source]) -> None:
    batch = sampler(scenes, patch=32).batch(0)
    assert batch.pan.shape == (8, 1, 32, 32) and batch.ms_up.shape == batch.truth.shape == (8, 4, 32, 32)
    for tensor in (batch.pan, batch.ms_up, batch.truth):
        assert tensor.dtype == torch.float32 and tensor.is_contiguous()
        assert float(tensor.min()) > -0.1 and 0.2 < float(tensor.max()) < 2.0


def test_a_step_gives_the_same_bytes_in_any_order_and_after_a_restart(scenes: list[Source]) -> None:
    first = sampler(scenes)
    forward = {step: content(first.batch(step)) for step in (0, 1, 2, 3)}
    assert len({data[0] for data in forward.values()}) == 4
    again = sampler(scenes)
    assert {step: content(again.batch(step)) for step in (3, 1, 0, 2)} == forward
    assert content(sampler(scenes, seed=8).batch(0)) != forward[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_made_ahead_is_what_would_be_made_on_demand(scenes: list[Source], threads: int) -> None:
    made = sampler(scenes)
    ahead = made.prefetch(5, threads)
    assert [content(next(ahead)) for _ in range(8)] == [content(made.batch(step)) for step in range(5, 13)]
    ahead.close()


@pytest.mark.parametrize("world", [2, 4])
def test_all_ranks_together_see_what_one_sees_alone(scenes: list[Source], world: int) -> None:
    whole = sampler(scenes).batch(3)
    parts = [sampler(scenes, rank=rank, world=world).batch(3) for rank in range(world)]
    for name in ("pan", "ms_up", "truth"):
        assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(whole, name))


def test_closing_ends_the_threads_and_the_work() -> None:
    source = Plain(seconds=0.005)
    ahead = sampler([source]).prefetch(0, threads=2)
    next(ahead)
    assert len(sample_threads()) == 2
    ahead.close()
    assert not sample_threads()
    drawn = source.drawn
    assert drawn <= 4 * 8  # the first two, and what the threads had begun when it was closed
    time.sleep(0.05)
    assert source.drawn == drawn


def test_only_so_many_batches_are_made_ahead() -> None:
    source = Plain()
    ahead = sampler([source]).prefetch(0)
    next(ahead)
    time.sleep(0.2)
    assert source.drawn <= 6 * 8
    ahead.close()


def test_an_error_in_a_thread_reaches_whoever_waits_and_ends_the_threads() -> None:
    ahead = sampler([Plain(error=InputError("The file is gone.", "Bring it back."))]).prefetch(0)
    with pytest.raises(InputError, match="The file is gone"):
        next(ahead)
    assert not sample_threads()


def test_brightness_varies_from_sample_to_sample_and_band_relations_stay() -> None:
    batch = sampler(batch=64, variation=Variation(brightness=(0.7, 1.3))).batch(0)
    for band in range(3):
        assert torch.allclose(batch.truth[:, band], batch.pan[:, 0] * (band + 1), rtol=1e-5)
    brightest = batch.pan.amax(dim=(1, 2, 3))  # 1 in each sample, but for the factor
    assert 0.69 < float(brightest.min()) < 0.78 and 1.22 < float(brightest.max()) < 1.31
    still = sampler(batch=64, variation=STILL).batch(0).pan.amax(dim=(1, 2, 3))
    assert float(still.min()) > 0.97 and float(still.max()) <= 1.0


def test_turned_samples_are_turned_alike(scenes: list[Source]) -> None:
    turned = sampler(scenes, batch=32, variation=Variation(brightness=(1.0, 1.0))).batch(0)
    still = sampler(scenes, batch=32, variation=Variation(brightness=(1.0, 1.0), turns=False)).batch(0)
    ways = set()
    for place in range(32):
        for way in range(8):
            if all(
                torch.equal(_laid(getattr(still, name)[place], way), getattr(turned, name)[place])
                for name in ("pan", "ms_up", "truth")
            ):
                ways.add(way)
                break
        else:
            pytest.fail(f"sample {place} is not a turned one")
    assert len(ways) == 8


def _laid(image: torch.Tensor, way: int) -> torch.Tensor:
    quarters = torch.rot90(image, way % 4, dims=(-1, -2))
    return quarters.flip(-1) if way >= 4 else quarters


def test_sources_are_drawn_from_by_weight_and_each_is_scaled_by_its_own() -> None:
    sources = [Plain(10.0), Plain(1000.0), Plain(5.0)]
    batch = sampler(sources, weights=(3.0, 1.0, 0.0), batch=400, patch=4, variation=STILL).batch(0)
    assert [source.drawn for source in sources] == pytest.approx([300, 100, 0], abs=30)
    assert float(batch.pan.min()) >= 0.5 and float(batch.pan.max()) <= 1.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sources": [Plain(1.0), Plain(2.0, bands=4)]}, "level 1 has 3 bands and level 2 has 4"),
        ({"patch": 65}, "Too large"),
        ({"weights": (1.0, 1.0)}, "do not fit 1 sources"),
        ({"weights": (0.0,)}, "do not fit 1 sources"),
        ({"weights": (-1.0,)}, "do not fit 1 sources"),
        ({"world": 3}, "cannot be shared by 3"),
        ({"world": 2, "rank": 2}, "cannot be shared by 2"),
        ({"batch": 0}, "A batch of 0"),
        ({"seed": -1}, "below 0"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sampler(**changes)


def test_no_sources_are_refused() -> None:
    with pytest.raises(RequestError, match="nothing to draw"):
        Sampler([], [], 16, 8, 0)
    with pytest.raises(RequestError, match="nothing to draw"):
        validation([], 16, 8, 8)


def test_validation_is_the_same_each_time_and_varies_nothing(scenes: list[Source]) -> None:
    batches = validation(scenes, 32, 7, 4)
    assert [len(batch.pan) for batch in batches] == [4, 3]
    assert [content(batch) for batch in validation(scenes, 32, 7, 4)] == [content(batch) for batch in batches]
    truth = torch.cat([batch.truth for batch in batches])
    expected = [
        (sample, source.scaling.divisor) for source, n in zip(scenes, (3, 4)) for sample in source.spread(32, n)
    ]
    for got, (sample, divisor) in zip(truth, expected):
        assert np.allclose(got.numpy(), sample.truth / divisor, rtol=1e-6)
