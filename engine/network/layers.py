"""Small layers that every network of this room is built from."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from .kernels import KernelSource

_LEAST = 1e-6  # variance: less is nothing to blow up


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of every pixel: local, so a tile is normalised as its scene is."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (B, C, H, W).  For channels_last tensors both permutations are views, free of copies."""
        last = x.permute(0, 2, 3, 1)  # (B, H, W, C)
        return F.layer_norm(last, self.weight.shape, self.weight, self.bias, _LEAST).permute(0, 3, 1, 2)

    def plain(self, last: Tensor) -> Tensor:
        """Normalise (B, H, W, C) without scale and shift, for a layer that follows with these in its own weights."""
        return F.layer_norm(last, self.weight.shape, eps=_LEAST)


class Precise(nn.Module):
    """A layer that computes in float32 also where autocast halves the others.

    A pixel in half precision is rounded to a count of 11 bits, so the layers that see images or make them need more.
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            answer: Tensor = self.layer(x.float(), source)
        return answer
