"""Batches for training: a step and a rank always get the same samples, whatever was drawn before."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from ..errors import RequestError
from .augment import Look
from .sample import Sample, Scaling, Source, Variation

Drawn = tuple[Sample, Look, Scaling]

_AHEAD = 4  # batches that wait for the training loop, besides those being made


@dataclass(frozen=True)
class Batch:
    """What a network sees, float32, about 0 to 1."""

    pan: torch.Tensor  # (B, 1 + guides, P, P)
    ms_up: torch.Tensor  # (B, bands, P, P)
    truth: torch.Tensor  # (B, bands, P, P)


class Sampler:
    """Draws `batch` samples a step from sources, in proportion to `weights`, and gives rank r of `world` its share.

    Sample i of step s is drawn by a generator of its own, from (seed, s * batch + i): training can be resumed at any
    step, and two ranks see together what one would see alone.  Raise RequestError where the numbers do not fit.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        weights: Sequence[float],
        patch: int,
        batch: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
        variation: Variation = Variation(),  # noqa: B008 - frozen
    ) -> None:
        _check_sources(sources, patch)
        if len(weights) != len(sources) or min(weights) < 0.0 or not sum(weights) > 0.0:
            raise RequestError(
                f"The weights {', '.join(f'{weight:g}' for weight in weights)} do not fit {len(sources)} sources.",
                "Give one weight of 0 or more per source, not all of them 0.",
            )
        if world < 1 or not 0 <= rank < world or batch < 1 or batch % world:
            raise RequestError(
                f"A batch of {batch} samples cannot be shared by {world} processes, of which this is number {rank}.",
                "Choose a batch that is a multiple of the number of processes.",
            )
        if seed < 0:
            raise RequestError(f"The seed {seed} is below 0.", "Give 0 or more.")
        self._sources = tuple(sources)
        self._upto = np.cumsum(np.array(weights, np.float64) / sum(weights))
        self._patch, self._batch, self._seed = patch, batch, seed
        self._share = range(rank * batch // world, (rank + 1) * batch // world)
        self._variation = variation

    def batch(self, step: int) -> Batch:
        """Return this rank's samples of a step."""
        return _batched([self._drawn(step * self._batch + place) for place in self._share])

    def prefetch(self, first: int, threads: int = 1) -> Iterator[Batch]:
        """Yield the batches of step `first` and all after, made ahead by threads that end when this is closed.

        One thread makes hundreds of samples a second; more only pay where files are read window by window.  Start the
        process with OPENBLAS_NUM_THREADS=1: the products are too small to be shared among threads, and these would
        be in the way of those that train.
        """
        with ThreadPoolExecutor(threads, thread_name_prefix="samples") as pool:
            waiting = deque(pool.submit(self.batch, first + ahead) for ahead in range(_AHEAD + threads))
            step = first + len(waiting)
            try:
                while True:
                    yield waiting.popleft().result()
                    waiting.append(pool.submit(self.batch, step))
                    step += 1
            finally:
                for future in waiting:
                    future.cancel()

    def _drawn(self, number: int) -> Drawn:
        generator = np.random.default_rng((self._seed, number))
        choice = min(int(np.searchsorted(self._upto, generator.random(), side="right")), len(self._sources) - 1)
        source = self._sources[choice]
        sample = source.draw(self._patch, self._variation, generator)
        look = Look() if sample.finished else Look.drawn(self._variation, generator)
        return sample, look, source.scaling


def validation(sources: Sequence[Source], patch: int, count: int, batch: int) -> list[Batch]:
    """Return about `count` fixed samples, spread evenly over the sources and over each, with nothing varied."""
    _check_sources(sources, patch)
    samples = []
    for place, source in enumerate(sources):
        share = (place + 1) * count // len(sources) - place * count // len(sources)
        samples += [(sample, Look(), source.scaling) for sample in source.spread(patch, share)]
    return [_batched(samples[start : start + batch]) for start in range(0, len(samples), batch)]


def _check_sources(sources: Sequence[Source], patch: int) -> None:
    if not sources:
        raise RequestError("There is nothing to draw samples from.", "Name at least one image.")
    for source in sources:
        if source.bands != sources[0].bands:
            raise RequestError(
                f"{sources[0].name} has {sources[0].bands} bands and {source.name} has {source.bands}.",
                "Choose the same bands of every image.",
            )
        source.check(patch)


def _batched(drawn: Sequence[Drawn]) -> Batch:
    truth_shape = drawn[0][0].truth.shape
    pan_shape = drawn[0][0].pan.reshape(-1, *truth_shape[1:]).shape
    pan, ms_up, truth = (np.empty((len(drawn), *one), np.float32) for one in (pan_shape, truth_shape, truth_shape))
    for place, (sample, look, scaling) in enumerate(drawn):
        factor = np.float32(look.brightness / scaling.divisor)
        for image, out in ((sample.pan, pan), (sample.ms_up, ms_up), (sample.truth, truth)):
            np.multiply(look.laid(image), factor, out=out[place])
    return Batch(torch.from_numpy(pan), torch.from_numpy(ms_up), torch.from_numpy(truth))
