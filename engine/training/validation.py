"""How good a network is on samples that never change, in the field's numbers, beside MS that is only enlarged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Callable

import numpy as np
import torch

from ..data.sample import Floats, Scaling, Source
from ..data.sampling import Batch, validation
from ..errors import RequestError
from ..metrics import reference, tile
from ..network.diffusion import keyed_noise
from ..network.ksdiff import KSDiff
from .stages import Stage

Scores = Mapping[str, float]
SCORE = "ergas"  # decides which weights are best; less is better
# Q2n rounds to whole counts, to which reflectances of 0 to 1 would all be alike: they are measured in ten-thousandths.
_LEAST_COUNTS, _REFLECTANCE = 64.0, 10_000.0


class Stopped(Exception):
    """The run was asked to stop."""


class Validation:
    """About `count` fixed samples; all are measured together, in counts, as if they were the tiles of one scene."""

    def __init__(
        self, sources: Sequence[Source], patch: int, count: int, batch: int, ratio: float, device: torch.device
    ) -> None:
        shares = [(place + 1) * count // len(sources) - place * count // len(sources) for place in range(len(sources))]
        self._batches = [
            (made, replace(source.scaling, divisor=source.scaling.divisor * _counts(source.scaling)))
            for source, share in zip(sources, shares)
            if share
            for made in validation([source], patch, share, batch)
        ]
        if not self._batches:
            raise RequestError("There are no samples to validate with.", "Name data for validation.")
        self._ratio, self._device = ratio, device
        self.samples = sum(len(made.pan) for made, _ in self._batches)
        images = [image for made, _ in self._batches for image in (made.pan, made.ms_up)]
        self.value_range = min(float(each.min()) for each in images), max(float(each.max()) for each in images)
        self.enlarged = self._measured(lambda number, made: made.ms_up, lambda: True)

    def scores(self, stage: Stage, network: KSDiff, going: Callable[[], bool]) -> Scores:
        """Return how near the images of the network are to the truth.  Raise Stopped once `going` says no."""
        like = network.architecture
        first = np.cumsum([0, *(len(made.pan) for made, _ in self._batches)])

        def fused(number: int, made: Batch) -> torch.Tensor:
            start = None
            if stage.needs_draw:  # each sample's noise is its own and always the same
                numbers = range(int(first[number]), int(first[number + 1]))
                start = torch.stack([keyed_noise(each, (like.tokens, like.latent)) for each in numbers])
                start = start.to(self._device)
            return stage.fused(network, moved(made, self._device), start).float().cpu()

        with torch.inference_mode():
            return self._measured(fused, going)

    def _measured(self, image: Callable[[int, Batch], torch.Tensor], going: Callable[[], bool]) -> Scores:
        sums, off = [], []
        for number, (made, scaling) in enumerate(self._batches):
            if not going():
                raise Stopped
            fused = image(number, made)
            off.append((fused - made.truth).abs().double().mean(dim=(1, 2, 3)))
            for one, truth in zip(fused, made.truth):
                sums.append(reference.measure(_seen(truth, scaling), _seen(one, scaling)))
        whole = tile.total(sums)
        return {
            "ergas": whole.pixels.ergas(self._ratio),
            "sam": whole.pixels.sam(),
            "q2n": whole.blocks.mean(),
            "scc": whole.edges.cosine(),
            "l1": float(torch.cat(off).mean()),
        }


def _counts(scaling: Scaling) -> float:
    return 1.0 if scaling.divisor >= _LEAST_COUNTS else _REFLECTANCE


def _seen(image: torch.Tensor, scaling: Scaling) -> Floats:
    """Return an image of the network in counts."""
    return (image.numpy() + np.float32(scaling.brightness)) * np.float32(scaling.divisor)


def moved(batch: Batch, device: torch.device) -> Batch:
    """Return the batch on a device, channels last, which its convolutions take without a copy."""
    last = torch.channels_last
    if device.type == "cuda":  # from pinned memory, the copy runs beside the work of the step before
        images = [each.pin_memory().to(device, non_blocking=True) for each in (batch.pan, batch.ms_up, batch.truth)]
    else:
        images = [each.to(device) for each in (batch.pan, batch.ms_up, batch.truth)]
    return Batch(*(each.contiguous(memory_format=last) for each in images))
