"""The denoiser: which clean latent lies behind this noisy one, given the condition?"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .mixer import MixerBlock

_SLOWEST = 10_000  # steps per radian of the slowest sinusoid (Vaswani et al. 2017, section 3.5)


def sinusoids(t: Tensor, channels: int) -> Tensor:
    """Return sines and cosines of t (B,) at `channels` / 2 frequencies from 1 down to 1 / 10 000: (B, channels)."""
    half = channels // 2
    steps = torch.arange(half, device=t.device, dtype=torch.float32) / max(half - 1, 1)
    angles = t.float()[:, None] * torch.exp(-math.log(_SLOWEST) * steps)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Denoiser(nn.Module):
    """Predict z_0 from z_t: per token [z_t, time, condition] -> mixer blocks -> a linear end, which may be negative."""

    def __init__(self, tokens: int, latent: int, width: int, blocks: int) -> None:
        super().__init__()
        self.latent = latent
        self.enter = nn.Sequential(nn.Linear(3 * latent, width), nn.LeakyReLU(0.2))
        self.mix = nn.Sequential(*(MixerBlock(tokens, width) for _ in range(blocks)))
        self.leave = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, latent))

    def forward(self, z_t: Tensor, t: Tensor, condition: Tensor) -> Tensor:  # (B, N, C), (B,), (B, N, C) -> (B, N, C)
        time = sinusoids(t, self.latent).to(z_t.dtype)[:, None].expand_as(z_t)
        clean: Tensor = self.leave(self.mix(self.enter(torch.cat([z_t, time, condition], dim=2))))
        return clean
