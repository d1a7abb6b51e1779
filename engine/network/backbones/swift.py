"""Swift: residual blocks at half the resolution of PAN between two thin layers at its full one; not of the paper.

A processor computes 3×3 convolutions of many channels on few pixels several times as fast as thin ones on many, and at
half the resolution the same depth sees twice as far.  What lies between the coarse pixels comes back by sub-pixel
convolution (Shi et al. 2016), on top of what the first layer kept.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from ..kernels import KernelSource, KSConv2d, convolve, replicated
from .contract import HEAD_GAIN, Backbone, BackboneConfig, without

_THIN = 16  # channels at full resolution
_BLOCKS = 4
_SEEN_BY_BLOCK = 2  # pixels on each side
_BLOCK_GAIN = 0.3  # a fresh block changes little, so that gradients reach all of them alike


class Stem(KSConv2d):
    """The first convolution, of [P, guides, M], the last guides of which may be told as numbers.

    What is the same in every pixel is so beyond a repeated border too: all that it adds is a bias.
    """

    def __init__(self, bands: int, guides: int) -> None:
        super().__init__("stem", 1 + guides + bands, _THIN, 3, latent=None)
        self._told_end = 1 + guides

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        facts = source.facts
        if facts is None:
            return super().forward(x, source)
        first, told, last = self.weight.tensor_split((self._told_end - facts.shape[1], self._told_end), dim=1)
        bias = F.linear(facts, told.sum((2, 3)), self.bias)  # (B, C_out)
        around, seen = replicated(x, self.padding), torch.cat([first, last], dim=1)
        if len(bias) == 1:
            return convolve(around, seen, bias[0])
        return convolve(around, seen).add_(bias[:, :, None, None])


class Head(KSConv2d):
    """The last convolution, which of a single band is a product with all its taps first, and then their sum.

    Processors compute a convolution for sixteen channels at once, however few there are: it takes a third of the time.
    """

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        if self.weight.shape[0] > 1 or x.device.type != "cpu" or torch.is_grad_enabled():
            return super().forward(x, source)
        taps = self.weight[0].flatten(1)  # (C_in, 9)
        batch, channels, height, width = x.shape
        made = taps.T @ x.permute(0, 2, 3, 1).reshape(-1, channels).T  # (9, B H W)
        around = replicated(made.view(-1, batch, height, width), self.padding)
        out = around[0, :, None, :height, :width] + self.get_parameter("bias")  # (B, 1, H, W)
        for place in range(1, 9):
            row, column = divmod(place, 3)
            out += around[place, :, None, row : row + height, column : column + width]
        return out


class Block(nn.Module):
    """x + second(relu(first(relu(x))))."""

    def __init__(self, name: str, width: int, config: BackboneConfig) -> None:
        super().__init__()
        self.first = config.conv(f"{name}.first", width, width, 3)
        self.second = config.conv(f"{name}.second", width, width, 3)
        with torch.no_grad():
            self.second.weight.mul_(_BLOCK_GAIN)

    def forward(self, x: Tensor, source: KernelSource, inside: bool) -> Tensor:
        """Change (B, C, H, W); `inside`: but for the pixels on each side that do not see all around them, which go."""
        first, second = (self.first.inside, self.second.inside) if inside else (self.first, self.second)
        change: Tensor = second(F.relu_(first(F.relu(x), source)), source)
        return change.add_(without(x, _SEEN_BY_BLOCK if inside else 0))


class Swift(Backbone):
    """[P, guides, M] → 3×3 ↓ blocks ↑ + what was kept → 3×3 → 3×3."""

    step = 2
    takes_guides = True
    # Head, join and stem at full resolution; the blocks on pixels twice as large; 1 for where in its cell a pixel lies.
    reach = 3 + 2 * _SEEN_BY_BLOCK * _BLOCKS + 1

    def __init__(self, bands: int, config: BackboneConfig) -> None:
        super().__init__()
        width = config.width or 48
        self.stem = Stem(bands, config.guides)
        self.down = config.conv("down", _THIN, width, 2, stride=2)
        self.blocks = nn.ModuleList(Block(f"blocks.{number}", width, config) for number in range(_BLOCKS))
        self.up = nn.Conv2d(width, 4 * _THIN, 1)
        self.join = config.conv("join", _THIN, _THIN, 3)
        self.head = Head("head", _THIN, bands, 3, latent=None, gain=HEAD_GAIN)

    def detail(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int) -> Tensor:
        height, width = pan.shape[2:]
        x = torch.cat([pan, ms_up], dim=1).contiguous(memory_format=torch.channels_last)
        # To the next multiple of 2 at the right and bottom only, so that the grid still begins where the image does.
        if width % self.step or height % self.step:
            x = F.pad(x, (0, -width % self.step, 0, -height % self.step), mode="replicate")
        kept = self.stem(x, source)
        coarse, lost = self.down(F.relu(kept), source), 0
        inside = margin >= self.reach  # no border has to be repeated, and what is not needed any more can go
        for block in self.blocks:
            coarse = block(coarse, source, inside)
        if inside:
            lost = (margin - 2) // self.step * self.step  # pixels on each side: all but what join and head see
            coarse = without(coarse, lost // self.step - _SEEN_BY_BLOCK * _BLOCKS)
        joined = F.relu_(without(kept, lost) + F.pixel_shuffle(self.up(coarse), self.step))
        out: Tensor = self.head(F.relu_(self.join(joined, source)), source)
        begin = margin - lost
        return out[:, :, begin : begin + height - 2 * margin, begin : begin + width - 2 * margin]
