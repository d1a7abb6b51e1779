"""How good a network is on samples that never change, in the field's numbers, beside MS that is only enlarged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional

import numpy as np
import torch

from ..data.sample import Floats, Scaling, Source
from ..data.sampling import Batch, validation
from ..errors import MethodError, RequestError
from ..metrics import reference, tile
from ..network.diffusion import keyed_noise
from ..network.ksdiff import KSDiff
from .stages import Stage

Scores = Mapping[str, float]
# Another way to sharpen: what it makes, (bands, h, w), of PAN (h, w) and enlarged MS (bands, h, w), in network values.
Rival = Callable[[Floats, Floats], Floats]
SCORE = "ergas"  # decides which weights are best; less is better
# Q2n rounds to whole counts, to which reflectances of 0 to 1 would all be alike: they are measured in ten-thousandths.
_LEAST_COUNTS, _REFLECTANCE = 64.0, 10_000.0
# Samples that people are shown: this share of all is easier, by what MS misses.
_SHOWN = (0.9, 0.65, 0.4, 0.15)
_LEAST_CONTRAST = 0.1  # of the usual: there is nothing to be seen where there is less


class Stopped(Exception):
    """The run was asked to stop."""


@dataclass(frozen=True)
class Example:
    """One of the samples for people to look at, in network values, and what was made of it: (bands, h, w) each."""

    pan: Floats  # (h, w)
    ms_up: Floats
    truth: Floats
    fused: Optional[Floats]  # by the network when it was measured last
    rival: Optional[Floats]  # by the best of the rivals


class Validation:
    """About `count` fixed samples; all are measured together, in counts, as if they were the tiles of one scene."""

    def __init__(
        self, sources: Sequence[Source], patch: int, count: int, batch: int, ratio: float, device: torch.device
    ) -> None:
        shares = [(place + 1) * count // len(sources) - place * count // len(sources) for place in range(len(sources))]
        self._batches = [
            (made, replace(source.scaling, divisor=source.scaling.divisor * _counts(source.scaling)), place)
            for place, (source, share) in enumerate(zip(sources, shares))
            if share
            for made in validation([source], patch, share, batch)
        ]
        if not self._batches:
            raise RequestError("There are no samples to validate with.", "Name data for validation.")
        self._ratio, self._device = ratio, device
        self._first = np.cumsum([0, *(len(made.pan) for made, *_ in self._batches)])  # sample of each batch
        self.samples = int(self._first[-1])
        images = [image for made, *_ in self._batches for image in (made.pan, made.ms_up)]
        self.value_range = min(float(each.min()) for each in images), max(float(each.max()) for each in images)
        self._shown: tuple[int, ...] = ()
        self.enlarged, missed, _ = self._measured(lambda number, made: made.ms_up, _always)
        contrast = torch.cat([made.truth.std(dim=(2, 3)).mean(dim=1) for made, *_ in self._batches]).numpy()
        worth = np.flatnonzero(contrast >= _LEAST_CONTRAST * np.median(contrast))
        by_error = worth[np.argsort(missed[worth], kind="stable")]
        self._shown = tuple(dict.fromkeys(int(by_error[int(share * len(worth))]) for share in _SHOWN))
        self.rivals: dict[str, Scores] = {}
        self._fused: Mapping[int, Floats] = {}
        self._rival: Mapping[int, Floats] = {}

    @property
    def has_seen(self) -> bool:
        """Whether a network has been measured."""
        return bool(self._fused)

    @property
    def best_rival(self) -> Optional[str]:
        """The name of the rival that comes nearest to the truth; None where none could be measured."""
        return min(self.rivals, key=lambda name: self.rivals[name][SCORE], default=None)

    def compete(self, rivals: Sequence[Mapping[str, Rival]], going: Callable[[], bool]) -> None:
        """Measure other ways to sharpen, those of each source by the same names; one that cannot is left out.

        Raise Stopped once `going` says no.
        """
        for name in rivals[0] if rivals else ():

            def fused(number: int, made: Batch, name: str = name) -> torch.Tensor:
                rival = rivals[self._batches[number][2]][name]
                images = []
                for pan, ms_up in zip(made.pan.numpy(), made.ms_up.numpy()):
                    if not going():
                        raise Stopped
                    images.append(rival(pan[0], ms_up))
                if not all(np.isfinite(image).all() for image in images):  # which would not be counted against it
                    raise MethodError(f"{name} makes values that are no numbers.", "Leave it out.")
                return torch.from_numpy(np.stack(images))

            try:
                scores, _, shown = self._measured(fused, going)
            except MethodError:
                continue
            self.rivals[name] = scores
            if self.best_rival == name:
                self._rival = shown

    def scores(self, stage: Stage, network: KSDiff, going: Callable[[], bool]) -> Scores:
        """Return how near the images of the network are to the truth.  Raise Stopped once `going` says no."""
        like = network.architecture

        def fused(number: int, made: Batch) -> torch.Tensor:
            start = None
            if stage.needs_draw:  # each sample's noise is its own and always the same
                numbers = range(int(self._first[number]), int(self._first[number + 1]))
                start = torch.stack([keyed_noise(each, (like.tokens, like.latent)) for each in numbers])
                start = start.to(self._device)
            return stage.fused(network, moved(made, self._device), start).float().cpu()

        with torch.inference_mode():
            scores, _, self._fused = self._measured(fused, going)
        return scores

    def examples(self) -> list[Example]:
        """Return a few of the samples, those of which MS misses most first, with what was made of them last."""
        fused, rival = self._fused, self._rival
        found = []
        for number in self._shown:
            batch = int(np.searchsorted(self._first, number, side="right")) - 1
            made, at = self._batches[batch][0], number - int(self._first[batch])
            pan, ms_up, truth = (each[at].numpy() for each in (made.pan, made.ms_up, made.truth))
            found.append(Example(pan[0], ms_up, truth, fused.get(number), rival.get(number)))
        return found

    def _measured(
        self, image: Callable[[int, Batch], torch.Tensor], going: Callable[[], bool]
    ) -> tuple[Scores, Floats, Mapping[int, Floats]]:
        """Return the scores, the mean error of each sample, and the images of those that are shown."""
        sums, off, shown = [], [], {}
        for number, (made, scaling, _) in enumerate(self._batches):
            fused = image(number, made)
            off.append((fused - made.truth).abs().double().mean(dim=(1, 2, 3)))
            for at, (one, truth) in enumerate(zip(fused, made.truth), int(self._first[number])):
                if not going():
                    raise Stopped
                sums.append(reference.measure(_seen(truth, scaling), _seen(one, scaling)))
                if at in self._shown:
                    shown[at] = one.numpy().copy()
        whole = tile.total(sums)
        missed = torch.cat(off)
        scores = {
            "ergas": whole.pixels.ergas(self._ratio),
            "sam": whole.pixels.sam(),
            "q2n": whole.blocks.mean(),
            "scc": whole.edges.cosine(),
            "l1": float(missed.mean()),
        }
        return scores, missed.numpy(), shown


def _always() -> bool:
    return True


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
