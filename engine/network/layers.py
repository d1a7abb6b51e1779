"""Small layers that every network of this room is built from."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of every pixel: local, so a tile is normalised as its scene is."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (B, C, H, W).  For channels_last tensors both permutations are views, free of copies."""
        last = x.permute(0, 2, 3, 1)  # (B, H, W, C)
        return F.layer_norm(last, self.weight.shape, self.weight, self.bias, eps=1e-6).permute(0, 3, 1, 2)
