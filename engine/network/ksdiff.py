"""KSDiff: a diffusion in a small latent makes the kernels with which a fusion network sharpens.

Stage 1:            truth encoder(PAN, MS, truth) -> z_0 -> kernels -> fusion network(PAN, MS).
Stage 2 and in use: condition encoder(PAN, MS) -> c -> reverse diffusion from noise -> z -> kernels -> the same network.

Images are (B, channels, H, W) on the grid of PAN, `ms_up` being MS enlarged to it, scaled to about 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Optional

from torch import Tensor, nn

from ..errors import InputError, RequestError
from .backbones import BACKBONES, BackboneConfig, create
from .backbones.contract import MODULATIONS
from .denoiser import Denoiser
from .diffusion import Diffusion
from .encoder import GuidedEncoder, PlainEncoder
from .kernels import GENERATORS, RANKS, Base, Fixed, Generated, Ranks

_NAMES = {
    "backbone": BACKBONES,
    "modulate": MODULATIONS,
    "generator": GENERATORS,
    "prior": ("plfe", "concat", "none"),
}
_NUMBERS = {  # the least and the most; a file that asks for more is wrong, or wants the machine's memory
    "bands": (1, 64),
    "guides": (0, 64),
    "width": (0, 512),
    "latent": (2, 2048),
    "tokens": (1, 256),
    "denoiser_width": (1, 4096),
    "denoiser_blocks": (0, 32),
    "timesteps": (1, 1000),
    "sampling_steps": (1, 1000),
}
_MOST_RANK = 64
_MOST_LEVELS = 6
_MOST_WIDTH = 1024


@dataclass(frozen=True)
class Architecture:
    """Everything that decides which weights a network has and how it samples.  Raises RequestError."""

    bands: int  # of MS
    backbone: str = "pannext"  # the fusion network
    width: int = 0  # channels of its first layer; 0: its own
    modulate: str = "all"  # which of its convolutions get made kernels
    generator: str = "tucker"
    ranks: Ranks = RANKS
    prior: str = "plfe"  # how the latent is encoded; "concat": without PLFE; "none": no latent at all
    tokens: int = 16  # a square number; HI-Diff's
    latent: int = 256  # channels of a token; HI-Diff's
    widths: tuple[int, ...] = (32, 64, 128)  # of the encoders' levels; patches of 64 pixels end as 4 x 4 tokens
    denoiser_width: int = 512
    denoiser_blocks: int = 3
    timesteps: int = 500
    sampling_steps: int = 8
    guides: int = 0  # channels that come with PAN, beside it: what is known of a single band of any sensor

    def __post_init__(self) -> None:
        for name, choices in _NAMES.items():
            if getattr(self, name) not in choices:
                raise RequestError(
                    f"'{getattr(self, name)}' is no {name} of a network.", f"Choose one of {', '.join(choices)}."
                )
        for name, (least, most) in _NUMBERS.items():
            _whole(name, getattr(self, name), least, most)
        _several("ranks", self.ranks, 4, 4, _MOST_RANK)
        _several("widths", self.widths, 1, _MOST_LEVELS, _MOST_WIDTH)
        if math.isqrt(self.tokens) ** 2 != self.tokens:
            raise RequestError(f"{self.tokens} tokens do not fill a square.", "Choose a square number, such as 16.")
        if self.latent % 2:
            raise RequestError(f"A latent of {self.latent} channels is odd.", "Choose an even number, such as 256.")
        if self.sampling_steps > self.timesteps:
            raise RequestError(
                f"{self.sampling_steps} sampling steps do not fit into {self.timesteps} time steps.",
                "Choose fewer sampling steps.",
            )
        if (self.prior == "none") != (self.modulate == "none"):
            raise RequestError(
                f"The prior is '{self.prior}', and '{self.modulate}' of the convolutions are modulated by it.",
                "Choose 'none' for both or for neither.",
            )

    @classmethod
    def tiny(cls, bands: int) -> Architecture:
        """Return a network that trains within seconds: for tests, not for images."""
        return cls(
            bands,
            backbone="fusionnet",
            width=8,
            tokens=4,
            latent=16,
            widths=(8, 16),
            denoiser_width=32,
            denoiser_blocks=1,
            sampling_steps=2,
        )

    def ablations(self) -> dict[str, Architecture]:
        """Return the variants of the paper's Table 4; separate training is no other network, but another order."""
        return {
            "baseline": replace(self, prior="none", modulate="none"),
            "without-plfe": replace(self, prior="concat"),
            "mlp-generator": replace(self, generator="mlp"),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain names and numbers, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Architecture:
        """Return what `to_dict` gave, also after JSON made lists of tuples.  Raise RequestError on anything else."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise RequestError(
                f"The description of the network names {', '.join(unknown)}, which this version does not know.",
                f"Update the plugin, or use a model made with {', '.join(known)} alone.",
            )
        if "bands" not in values:
            raise RequestError("The description of the network does not say how many bands it has.", "Give 'bands'.")
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**given)


class KSDiff(nn.Module):
    """The whole network, from images to images and every step between.

    z, z_0 and the condition c are (B, tokens, latent).  A network whose prior is "none" has no latent: it fuses alone.
    The truth encoder serves training alone; a network for use is built without it, from what `state_for_use` gave.
    """

    def __init__(self, architecture: Architecture, with_truth_encoder: bool = True) -> None:
        super().__init__()
        self.architecture = given = architecture
        self.backbone = create(
            given.backbone,
            given.bands,
            BackboneConfig(
                modulate=given.modulate,
                latent=given.latent,
                ranks=given.ranks,
                generator=given.generator,
                width=given.width,
                guides=given.guides,
            ),
        )
        if given.prior != "none":
            encoder = GuidedEncoder if given.prior == "plfe" else PlainEncoder
            sizes = (given.widths, given.tokens, given.latent)
            pan = 1 + given.guides
            if with_truth_encoder:
                self.truth_encoder = encoder((pan, given.bands), given.bands, *sizes)
            self.condition_encoder = encoder((given.bands,), pan, *sizes)
            self.denoiser = Denoiser(given.tokens, given.latent, given.denoiser_width, given.denoiser_blocks)
            self.diffusion = Diffusion(given.timesteps)

    def prior_from_truth(self, pan: Tensor, ms_up: Tensor, truth: Tensor) -> Tensor:
        """Return z_0, what the diffusion is to find.  Raise InputError where the truth encoder was left out."""
        if not hasattr(self, "truth_encoder"):
            raise InputError(
                "This network has no truth encoder, which training from the beginning needs.",
                "Use a checkpoint of a training; a model saved for use leaves the truth encoder out.",
            )
        z0: Tensor = self.truth_encoder((pan, ms_up), truth)
        return z0

    def condition(self, pan: Tensor, ms_up: Tensor) -> Tensor:
        """Return c, what the images alone say of z_0."""
        c: Tensor = self.condition_encoder((ms_up,), pan)
        return c

    def predict(self, z_t: Tensor, t: Tensor, c: Tensor) -> Tensor:
        """Return the z_0 that one look at z_t suggests; t is (B,), whole numbers in 1..T."""
        z0: Tensor = self.denoiser(z_t, t, c)
        return z0

    def sample(self, c: Tensor, noise: Tensor, steps: Optional[int] = None) -> Tensor:
        """Return the z that reverse diffusion makes of `noise` (B, tokens, latent); gradients pass through."""
        return self.diffusion.sample(
            self.denoiser, c, noise, self.architecture.sampling_steps if steps is None else steps
        )

    def fuse(self, pan: Tensor, ms_up: Tensor, z: Optional[Tensor]) -> Tensor:
        """Return MS at the resolution of PAN, by the kernels that z makes; without z, by those it modulates."""
        fused: Tensor = self.backbone(pan, ms_up, _source(z))
        return fused

    def kernels(self, pan: Tensor, ms_up: Tensor, z: Optional[Tensor]) -> dict[str, Tensor]:
        """Return what `fuse` takes from the images as a whole: (B, ...) each, and its mean over B serves as well."""
        source = _source(z)
        self.backbone(pan, ms_up, source)
        return source.kernels

    def fuse_with(self, pan: Tensor, ms_up: Tensor, kernels: Mapping[str, Tensor], margin: int = 0) -> Tensor:
        """Return MS at the resolution of PAN by kernels made before, which makes the network local and fast.

        So many pixels on each side are a margin, which is seen and left out of the answer.
        """
        fused: Tensor = self.backbone(pan, ms_up, Fixed(kernels), margin)
        return fused

    def stage1_parameters(self) -> dict[str, nn.Parameter]:
        """Return what stage 1 trains, by name: the truth encoder, and the fusion network with its generators."""
        return self._parameters_of("truth_encoder", "backbone")

    def stage2_parameters(self) -> dict[str, nn.Parameter]:
        """Return what stage 2 trains: all but the truth encoder, which would make z_0 trivial if it could follow."""
        return self._parameters_of("condition_encoder", "denoiser", "backbone")

    def state_for_use(self) -> dict[str, Tensor]:
        """Return the weights that sharpening needs: the state without the truth encoder."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("truth_encoder.")}

    def _parameters_of(self, *parts: str) -> dict[str, nn.Parameter]:
        return {name: value for name, value in self.named_parameters() if name.split(".")[0] in parts}


def _source(z: Optional[Tensor]) -> Base:
    return Base() if z is None else Generated(z)


def _whole(name: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:  # True is an int, but no number of bands
        raise RequestError(
            f"{value!r} cannot be the {name.replace('_', ' ')} of a network.",
            f"Give a whole number from {least} to {most}.",
        )


def _several(name: str, values: object, least: int, most: int, greatest: int) -> None:
    if not isinstance(values, tuple) or not least <= len(values) <= most:
        count = str(least) if least == most else f"{least} to {most}"
        raise RequestError(f"{values!r} cannot be the {name} of a network.", f"Give {count} whole numbers.")
    for value in values:
        _whole(name, value, 1, greatest)
