"""Swift: residual blocks at half the resolution of PAN between two thin layers at its full one; not of the paper.

A processor computes 3×3 convolutions of many channels on few pixels several times as fast as thin ones on many, and at
half the resolution the same depth sees twice as far.  What lies between the coarse pixels comes back by sub-pixel
convolution (Shi et al. 2016), on top of what the first layer kept.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from ..kernels import KernelSource, KSConv2d
from .contract import HEAD_GAIN, Backbone, BackboneConfig, without

_THIN = 16  # channels at full resolution
_BLOCKS = 4
_BLOCK_GAIN = 0.3  # a fresh block changes little, so that gradients reach all of them alike


class Block(nn.Module):
    """x + second(relu(first(relu(x))))."""

    def __init__(self, name: str, width: int, config: BackboneConfig) -> None:
        super().__init__()
        self.first = config.conv(f"{name}.first", width, width, 3)
        self.second = config.conv(f"{name}.second", width, width, 3)
        with torch.no_grad():
            self.second.weight.mul_(_BLOCK_GAIN)

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        change: Tensor = self.second(F.relu_(self.first(F.relu(x), source)), source)
        return change.add_(x)


class Swift(Backbone):
    """[P, guides, M] → 3×3 ↓ blocks ↑ + what was kept → 3×3 → 3×3."""

    step = 2
    takes_guides = True
    # Head, join and stem at full resolution; the blocks on pixels twice as large; 1 for where in its cell a pixel lies.
    reach = 3 + 2 * 2 * _BLOCKS + 1

    def __init__(self, bands: int, config: BackboneConfig) -> None:
        super().__init__()
        width = config.width or 48
        self.stem = KSConv2d("stem", bands + 1 + config.guides, _THIN, 3, latent=None)
        self.down = config.conv("down", _THIN, width, 2, stride=2)
        self.blocks = nn.ModuleList(Block(f"blocks.{number}", width, config) for number in range(_BLOCKS))
        self.up = nn.Conv2d(width, 4 * _THIN, 1)
        self.join = config.conv("join", _THIN, _THIN, 3)
        self.head = KSConv2d("head", _THIN, bands, 3, latent=None, gain=HEAD_GAIN)

    def detail(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int) -> Tensor:
        height, width = pan.shape[2:]
        x = torch.cat([pan, ms_up], dim=1)
        # To the next multiple of 2 at the right and bottom only, so that the grid still begins where the image does.
        x = F.pad(x, (0, -width % self.step, 0, -height % self.step), mode="replicate")
        kept = self.stem(x, source)
        coarse = self.down(F.relu(kept), source)
        for block in self.blocks:
            coarse = block(coarse, source)
        joined = kept + F.pixel_shuffle(self.up(coarse), self.step)
        out: Tensor = self.head(F.relu_(self.join(F.relu_(joined), source)), source)
        return without(out[:, :, :height, :width], margin)
