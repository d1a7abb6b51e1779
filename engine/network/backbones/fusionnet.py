"""FusionNet: residual blocks on the difference between PAN and each band."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from ..kernels import KernelSource, KSConv2d
from .contract import HEAD_GAIN, Backbone, BackboneConfig, without


class Block(nn.Module):
    """x + 3×3(ReLU(3×3(x)))."""

    def __init__(self, name: str, width: int, config: BackboneConfig) -> None:
        super().__init__()
        self.first = config.conv(f"{name}.first", width, width, 3)
        self.second = config.conv(f"{name}.second", width, width, 3)

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        change: Tensor = self.second(F.relu_(self.first(x, source)), source)
        return change.add_(x)


class FusionNet(Backbone):
    """P - M for each band → 3×3 → ReLU → 4 blocks → 3×3."""

    reach = 10

    def __init__(self, bands: int, config: BackboneConfig) -> None:
        super().__init__()
        width = config.width or 32
        self.stem = KSConv2d("stem", bands, width, 3, latent=None)
        self.blocks = nn.ModuleList(Block(f"blocks.{number}", width, config) for number in range(4))
        self.head = KSConv2d("head", width, bands, 3, latent=None, gain=HEAD_GAIN)

    def detail(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int) -> Tensor:
        x = F.relu_(self.stem(pan - ms_up, source))
        for block in self.blocks:
            x = block(x, source)
        return without(self.head(x, source), margin)
