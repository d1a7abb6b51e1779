"""What is learnt in which order: the weights, the loss and the randomness of each stage.

Stage 1: truth encoder, kernel generators and fusion network, by L1 of the image they make.
Stage 2: condition encoder, denoiser, generators and fusion network, by
    |z_0 - z_theta(z_t, t, c)| at a random t  +  lambda |truth - H2|,    means over all values,
where z_0 comes from the truth encoder of stage 1, which learns no more.  H2 is made with what the few steps of DDIM
make of pure noise, gradients and all ("unrolled"): that is what sharpening will do.  "single_t" takes the formula at
its word, and makes it with the z_0 predicted from z_t.

Adapting is the last half of stage 2 alone: the fusion network learns on, with the latents as sharpening finds them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Callable, Optional, Union

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from ..data.sampling import Batch
from ..network.ksdiff import Architecture, KSDiff
from .config import StageConfig, TrainingConfig

_LEAST_ERROR = 1e-4  # squared, in what a network sees: below, nothing is left to learn
Autocast = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Draw:
    """What is random in a step, on the device of the batch; one row per sample."""

    t: Tensor  # (B,), whole numbers in 1..T
    eps: Tensor  # (B, tokens, latent): the noise of z_t
    start: Tensor  # (B, tokens, latent): z_T of the unrolled chain

    @classmethod
    def of(cls, seed: int, stage: int, step: int, numbers: range, like: Architecture) -> Draw:
        """Draw for the samples `numbers` of a step: each depends on its own number, not on who draws it beside."""
        t, eps, start = [], [], []
        for number in numbers:
            key = int(np.random.SeedSequence((seed, stage, step, number)).generate_state(1, np.uint64)[0]) >> 1
            generator = torch.Generator().manual_seed(key)
            t.append(torch.randint(1, like.timesteps + 1, (), generator=generator))
            noise = torch.randn((2, like.tokens, like.latent), generator=generator)
            eps.append(noise[0])
            start.append(noise[1])
        return cls(torch.stack(t), torch.stack(eps), torch.stack(start))

    def on(self, device: torch.device) -> Draw:
        return Draw(*(each.to(device, non_blocking=True) for each in (self.t, self.eps, self.start)))


@dataclass(frozen=True)
class Losses:
    """What is minimised, `total`, and what it is made of; each a single number."""

    total: Tensor
    image: Tensor
    latent: Tensor


@dataclass(frozen=True)
class TruthStage:
    """Stage 1, and the only one of a network without a prior.

    Like stage 2 it tells what is `trained`, by name; the `losses` of some samples, float32; and the image `fused` that
    the network makes in this stage, from z_T = `start` where it takes one.
    """

    config: StageConfig
    has_prior: bool
    loss: str
    number: int = 1
    name: str = "Stage 1"
    needs_draw: bool = False

    def trained(self, network: KSDiff) -> dict[str, nn.Parameter]:
        return network.stage1_parameters()

    def losses(self, network: KSDiff, batch: Batch, draw: Optional[Draw], autocast: Autocast) -> Losses:
        with autocast():
            fused = self.fused(network, batch, None)
        image = image_loss(self.loss, fused.float(), batch)
        return Losses(image, image.detach(), torch.zeros_like(image))

    def fused(self, network: KSDiff, batch: Batch, start: Optional[Tensor]) -> Tensor:
        z0 = network.prior_from_truth(batch.pan, batch.ms_up, batch.truth) if self.has_prior else None
        return network.fuse(batch.pan, batch.ms_up, z0)


@dataclass(frozen=True)
class DiffusionStage:
    """Stage 2."""

    config: StageConfig
    loss: str
    h2_prior: str
    separate: bool
    image_weight: float
    number: int = 2
    name: str = "Stage 2"
    needs_draw: bool = True

    def trained(self, network: KSDiff) -> dict[str, nn.Parameter]:
        parameters = network.stage2_parameters()
        if self.separate:
            return {name: value for name, value in parameters.items() if not name.startswith("backbone.")}
        return parameters

    def losses(self, network: KSDiff, batch: Batch, draw: Optional[Draw], autocast: Autocast) -> Losses:
        if draw is None:
            raise ValueError("stage 2 needs its randomness")
        with autocast():
            with torch.no_grad():
                z0 = network.prior_from_truth(batch.pan, batch.ms_up, batch.truth).float()
            c = network.condition(batch.pan, batch.ms_up).float()
            z_t = network.diffusion.add_noise(z0, draw.t, draw.eps)
            predicted = network.predict(z_t, draw.t, c).float()
            latent = l1_loss(predicted, z0)
            if self.separate:
                return Losses(latent, torch.zeros_like(latent), latent.detach())
            z = network.sample(c, draw.start).float() if self.h2_prior == "unrolled" else predicted
            fused = network.fuse(batch.pan, batch.ms_up, z)
        image = image_loss(self.loss, fused.float(), batch)
        return Losses(latent + self.image_weight * image, image.detach(), latent.detach())

    def fused(self, network: KSDiff, batch: Batch, start: Optional[Tensor]) -> Tensor:
        if start is None:
            raise ValueError("stage 2 needs its randomness")
        z = network.sample(network.condition(batch.pan, batch.ms_up).float(), start)
        return network.fuse(batch.pan, batch.ms_up, z)


@dataclass(frozen=True)
class AdaptStage:
    """The fusion network learns on, with its generators or without; what finds the latent stays as it is.

    Generators are nearly half of its weights, and learn a few hundred samples by heart: of a single scene the kernels
    W0 alone learn what holds beyond them.
    """

    config: StageConfig
    has_prior: bool
    loss: str
    generators: bool = True
    number: int = 1
    name: str = "Adapting"

    @property
    def needs_draw(self) -> bool:
        return self.has_prior

    def trained(self, network: KSDiff) -> dict[str, nn.Parameter]:
        of_network = (one for one in network.stage2_parameters().items() if one[0].startswith("backbone."))
        return {name: value for name, value in of_network if self.generators or ".generator." not in name}

    def losses(self, network: KSDiff, batch: Batch, draw: Optional[Draw], autocast: Autocast) -> Losses:
        with autocast():
            fused = self.fused(network, batch, None if draw is None else draw.start)
        image = image_loss(self.loss, fused.float(), batch)
        return Losses(image, image.detach(), torch.zeros_like(image))

    def fused(self, network: KSDiff, batch: Batch, start: Optional[Tensor]) -> Tensor:
        if start is None:
            return network.fuse(batch.pan, batch.ms_up, None)
        with torch.no_grad():
            z = network.sample(network.condition(batch.pan, batch.ms_up).float(), start)
        return network.fuse(batch.pan, batch.ms_up, z)


def image_loss(name: str, fused: Tensor, batch: Batch) -> Tensor:
    """Return the mean absolute error, or the root mean square error as a share of that of the MS that was given.

    "relative" is the mean of this share over the samples, and counts a flat field as much as a town: samples of a store
    of many scenes have nothing else in common.  "pooled" is the share of all of them together, as a scene is judged.
    """
    if name == "l1":
        return l1_loss(fused, batch.truth)
    error, given = ((image - batch.truth).square().mean((1, 2, 3)) for image in (fused, batch.ms_up))
    if name == "pooled":
        error, given = error.mean(), given.mean()
    return ((error + _LEAST_ERROR) / (given + _LEAST_ERROR)).sqrt().mean()


Stage = Union[TruthStage, DiffusionStage, AdaptStage]


def stages(config: TrainingConfig, architecture: Architecture) -> list[Stage]:
    """Return the stages in their order; without a prior there is nothing for a second one to learn."""
    if config.adapt:
        return [AdaptStage(config.stage1, architecture.prior != "none", config.loss, config.adapts == "all")]
    if architecture.prior == "none":
        return [TruthStage(config.stage1, has_prior=False, loss=config.loss)]
    return [
        TruthStage(config.stage1, has_prior=True, loss=config.loss),
        DiffusionStage(config.stage2, config.loss, config.h2_prior, config.separate, config.image_weight),
    ]
