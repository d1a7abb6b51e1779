"""LAGNet: convolutions whose patches are weighed pixel by pixel; the weight they all share is what KSDiff modulates."""

from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from ..kernels import RANKS, KernelSource, KSConv2d, Ranks, convolve, replicated
from .contract import HEAD_GAIN, Backbone, BackboneConfig, without


class LAGConv(KSConv2d):
    """A 3×3 convolution of patches that an attention of nine numbers per pixel weighs, plus a bias per image.

    The bias comes from the mean over the image, so it is nothing a tile could know: the source gives it.
    """

    def __init__(
        self,
        name: str,
        in_channels: int,
        out_channels: int,
        latent: Optional[int] = None,
        ranks: Ranks = RANKS,
        generator: str = "tucker",
        gain: float = 1.0,
    ) -> None:
        super().__init__(
            name, in_channels, out_channels, 3, latent=latent, ranks=ranks, generator=generator, bias=False, gain=gain
        )
        self.attention = nn.Sequential(
            nn.Conv2d(in_channels, 9, 3),
            nn.ReLU(inplace=True),
            nn.Conv2d(9, 9, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(9, 9, 1),
            nn.Sigmoid(),
        )
        last = nn.Linear(out_channels, out_channels)
        with torch.no_grad():
            last.weight.mul_(gain)
            last.bias.mul_(gain)
        self.shift = nn.Sequential(nn.Linear(in_channels, out_channels), nn.ReLU(), last)

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        height, width = x.shape[2:]
        around = replicated(x, self.padding)
        attention = self.attention(around)  # (B, 9, H, W)
        kernel = self.kernel(x, source)
        shift: Tensor = self.shift(source.pooled(self, x))  # (B, C_out)
        out = shift[:, :, None, None]  # grows to (B, C_out, H, W) with what is added
        # Nine 1×1 convolutions, each weighed after it: the same sum as of unfolded patches, in a ninth of the memory.
        for place in range(9):
            row, column = divmod(place, 3)
            tap = convolve(around, kernel[..., row : row + 1, column : column + 1])
            tap = tap[:, :, row : row + height, column : column + width]
            out = torch.addcmul(out, attention[:, place : place + 1], tap)
        return out


class Block(nn.Module):
    """x + LAGConv(ReLU(LAGConv(x)))."""

    def __init__(self, name: str, width: int, config: BackboneConfig) -> None:
        super().__init__()
        chosen = (config.latent_of("dense"), config.ranks, config.generator)
        self.first = LAGConv(f"{name}.first", width, width, *chosen)
        self.second = LAGConv(f"{name}.second", width, width, *chosen)

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        change: Tensor = self.second(F.relu_(self.first(x, source)), source)
        return change.add_(x)


class LAGNet(Backbone):
    """[P, M] → LAGConv → ReLU → 5 blocks → LAGConv."""

    reach = 12

    def __init__(self, bands: int, config: BackboneConfig) -> None:
        super().__init__()
        width = config.width or 32
        self.stem = LAGConv("stem", bands + 1, width)
        self.blocks = nn.ModuleList(Block(f"blocks.{number}", width, config) for number in range(5))
        self.head = LAGConv("head", width, bands, gain=HEAD_GAIN)

    def detail(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int) -> Tensor:
        x = F.relu_(self.stem(torch.cat([pan, ms_up], dim=1), source))
        for block in self.blocks:
            x = block(x, source)
        return without(self.head(x, source), margin)
