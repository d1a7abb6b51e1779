"""PanNeXt-U: a U-Net of ConvNeXt blocks on three scales, the main network of KSDiff."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from ..kernels import KernelSource, KSConv2d
from ..layers import ChannelNorm
from .contract import HEAD_GAIN, Backbone, BackboneConfig, without

# ConvNeXt's 1e-6 is for hundreds of epochs: here thousands of steps must do, in which a block could hardly grow.
# A tenth leaves a fresh network close to linear, and every block in reach of the first gradients.
LAYER_SCALE = 0.1
STRIP = 1 << 18  # numbers between the linear layers, of so many pixels at once: 1 MiB, which a processor's core caches

# Pixels beyond the margin that the last steps need around what is kept: head, two blocks and join on the finest scale,
# and with blocks and join on the middle one in front of these; the bottom cannot do with less than the whole.
_FINE_AGAIN = 1 + 6 + 1
_MIDDLE_AGAIN = _FINE_AGAIN + 2 * (6 + 1 + 1)  # one more, so that a cell of 4×4 stays whole


class Block(nn.Module):
    """x + γ · mix(norm(7×7 depthwise(x))): ConvNeXt, where `mix` widens each pixel's channels fourfold and back."""

    def __init__(self, name: str, width: int, config: BackboneConfig) -> None:
        super().__init__()
        self.depthwise = config.conv(name, width, width, 7, groups=width)
        self.norm = ChannelNorm(width)
        self.mix = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.scale = nn.Parameter(torch.full((width,), LAYER_SCALE))

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        seen = self.depthwise(x, source)
        # Autocast, whose result has another type than the weights, is to choose the types of all steps.
        if torch.is_grad_enabled() or x.device.type != "cpu" or seen.dtype != self.scale.dtype:
            mixed = self.mix(self.norm(seen).permute(0, 2, 3, 1))  # of (B, H, W, C), a view
            return torch.addcmul(x, self.scale[:, None, None], mixed.permute(0, 3, 1, 2))
        return self._in_strips(x, seen)

    def _in_strips(self, x: Tensor, seen: Tensor) -> Tensor:
        """Do as `forward` does, in place of `seen` and strip by strip: memory is what a processor waits for.

        γ and the scale and shift of the norm are part of the linear layers here.
        """
        first, first_bias, last, last_bias = map(self.mix.get_parameter, ("0.weight", "0.bias", "2.weight", "2.bias"))
        widen, widen_bias = first * self.norm.weight, first_bias + first @ self.norm.bias
        narrow, narrow_bias = self.scale[:, None] * last, self.scale * last_bias
        before, out = x.permute(0, 2, 3, 1), seen.permute(0, 2, 3, 1)  # (B, H, W, C), views
        rows = max(1, STRIP // (out.shape[0] * out.shape[2] * len(widen)))
        for strip, strip_before in zip(torch.split(out, rows, dim=1), torch.split(before, rows, dim=1)):
            wide = F.gelu(F.linear(self.norm.plain(strip), widen, widen_bias))
            torch.add(strip_before, F.linear(wide, narrow, narrow_bias), out=strip)
        return seen


class Blocks(nn.ModuleList):
    """Two blocks in a row."""

    def __init__(self, name: str, width: int, config: BackboneConfig) -> None:
        super().__init__(Block(f"{name}.{number}", width, config) for number in range(2))

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        for block in self:
            x = block(x, source)
        return x


class Rise(nn.Module):
    """From a coarser scale to the next: narrow, repeat each pixel 2×2, join what was kept there, 3×3.

    Narrowing comes first, as a 1×1 convolution costs a quarter there; repeating makes no checkerboard.
    """

    def __init__(self, name: str, width: int, config: BackboneConfig) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(2 * width, width, 1)
        self.join = config.conv(name, 2 * width, width, 3)

    def forward(self, coarse: Tensor, kept: Tensor, source: KernelSource) -> Tensor:
        risen = F.interpolate(self.narrow(coarse), scale_factor=2.0, mode="nearest")
        out: Tensor = self.join(torch.cat([kept, risen], dim=1), source)
        return out


class PanNeXt(Backbone):
    """[P, M] → 3×3 → blocks ↓ blocks ↓ blocks ↑ blocks ↑ blocks → 3×3."""

    step = 4  # two halvings
    # Radii of what lies on each scale (stem, blocks, join, blocks, head; blocks, join, blocks; blocks) times its pixel,
    # and 3 for where in its cell of 4×4 a pixel lies.
    reach = (1 + 6 + 1 + 6 + 1) + 2 * (6 + 1 + 6) + 4 * 6 + 3

    def __init__(self, bands: int, config: BackboneConfig) -> None:
        super().__init__()
        width = config.width or 32
        self.stem = KSConv2d("stem", bands + 1, width, 3, latent=None)
        self.fine = Blocks("fine", width, config)
        self.down = config.conv("down", width, 2 * width, 2, stride=2)
        self.middle = Blocks("middle", 2 * width, config)
        self.down_again = config.conv("down_again", 2 * width, 4 * width, 2, stride=2)
        self.bottom = Blocks("bottom", 4 * width, config)
        self.rise = Rise("rise", 2 * width, config)
        self.middle_again = Blocks("middle_again", 2 * width, config)
        self.rise_again = Rise("rise_again", width, config)
        self.fine_again = Blocks("fine_again", width, config)
        self.head = KSConv2d("head", width, bands, 3, latent=None, gain=HEAD_GAIN)

    def detail(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int) -> Tensor:
        height, width = pan.shape[2:]
        x = torch.cat([pan, ms_up], dim=1)
        # To the next multiple of 4 at the right and bottom only, so that the grid still begins where the image does.
        x = F.pad(x, (0, -width % self.step, 0, -height % self.step), mode="replicate")
        fine = self.fine(self.stem(x, source), source)
        middle = self.middle(self.down(fine, source), source)
        bottom = self.bottom(self.down_again(middle, source), source)
        # What only the margin would need is cut away on the way up, in whole cells of 4×4.
        cut, more = (max(0, margin - around) // self.step * self.step for around in (_MIDDLE_AGAIN, _FINE_AGAIN))
        bottom, middle = without(bottom, cut // 4), without(middle, cut // 2)
        middle = self.middle_again(self.rise(bottom, middle, source), source)
        middle, fine = without(middle, (more - cut) // 2), without(fine, more)
        fine = self.fine_again(self.rise_again(middle, fine, source), source)
        out: Tensor = self.head(fine, source)
        first = margin - more
        return out[:, :, first : first + height - 2 * margin, first : first + width - 2 * margin]
