"""What every fusion network keeps to, and what may be chosen about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import torch
from torch import Tensor, nn

from ...errors import RequestError
from ..kernels import GENERATORS, RANKS, KernelSource, KSConv2d, Ranks

MODULATIONS = ("all", "dense", "depthwise", "none")
HEAD_GAIN = 0.01  # a fresh network nearly returns its MS, yet gradients flow past the head from the first step


@dataclass(frozen=True)
class BackboneConfig:
    """The choices; the defaults are the paper's.  Raise RequestError for a name that does not exist."""

    modulate: str = "all"  # which convolutions between the first and the last; "none": the baseline
    latent: int = 256  # C_z
    ranks: Ranks = RANKS  # clipped to the sizes of each layer
    generator: str = "tucker"  # or "mlp": the ablation
    width: int = 0  # channels of the first layer; 0: the backbone's own, less: a tiny variant for tests
    guides: int = 0  # channels that come with PAN, beside it

    def __post_init__(self) -> None:
        for name, value, known in (
            ("modulate", self.modulate, MODULATIONS),
            ("generator", self.generator, GENERATORS),
        ):
            if value not in known:
                raise RequestError(f"{name} cannot be {value!r}.", f"Choose one of {', '.join(known)}.")

    def conv(
        self, name: str, in_channels: int, out_channels: int, kernel_size: int, groups: int = 1, stride: int = 1
    ) -> KSConv2d:
        """Return a convolution that is modulated if its kind was chosen."""
        latent = self.latent_of("dense" if groups == 1 else "depthwise")
        return KSConv2d(
            name, in_channels, out_channels, kernel_size, groups, stride, latent, self.ranks, self.generator
        )

    def latent_of(self, kind: str) -> Optional[int]:
        """Return C_z for a kind of convolution that is modulated, None for the other."""
        return self.latent if self.modulate in ("all", kind) else None


class Backbone(nn.Module):
    """A fusion network, M + detail(P, M): the details are learnt, the MS is given.

    With fixed kernels it is local.  A tile that begins at a multiple of `step`, counted from the origin of the scene,
    and carries `reach` pixels around what is kept of it, comes out as it would in one piece.  A scene's own edge
    counts as any other: repeat its border pixels `reach` times, so that all tilings see the same.
    """

    reach: int  # pixels of PAN around an output pixel that can influence it
    step: int = 1  # the shift under which the network is equivariant
    takes_guides: bool = False

    def forward(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int = 0) -> Tensor:
        """Map (B, 1 + guides, H, W) and (B, C, H, W) to (B, C, H - 2 margin, W - 2 margin).

        The margin is there to be seen alone; what a network does not need of it, it need not compute.
        """
        ms_up = ms_up.contiguous(memory_format=torch.channels_last)  # which is faster for convolutions
        return without(ms_up, margin) + self.detail(pan, ms_up, source, margin)

    def detail(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int) -> Tensor:
        """Return what sharpening adds, (B, C, H - 2 margin, W - 2 margin)."""
        raise NotImplementedError

    def modulated(self) -> list[KSConv2d]:
        """Return the layers whose kernels come from the source."""
        return [layer for layer in self.modules() if isinstance(layer, KSConv2d) and layer.generator is not None]


def without(x: Tensor, margin: int) -> Tensor:
    """Return (B, C, H, W) without so many pixels on each side, a view."""
    if not margin:
        return x  # a view of all of it would cost training a copy
    height, width = x.shape[2:]
    return x[:, :, margin : height - margin, margin : width - margin]
