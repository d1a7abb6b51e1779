"""DiCNN: three convolutions that learn the details of MS."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from ..kernels import KernelSource, KSConv2d
from .contract import HEAD_GAIN, Backbone, BackboneConfig, without


class DiCNN(Backbone):
    """[M, P] → 3×3 → ReLU → 3×3 → ReLU → 3×3."""

    reach = 3

    def __init__(self, bands: int, config: BackboneConfig) -> None:
        super().__init__()
        width = config.width or 64
        self.stem = KSConv2d("stem", bands + 1, width, 3, latent=None)
        self.middle = config.conv("middle", width, width, 3)
        self.head = KSConv2d("head", width, bands, 3, latent=None, gain=HEAD_GAIN)

    def detail(self, pan: Tensor, ms_up: Tensor, source: KernelSource, margin: int) -> Tensor:
        x = F.relu_(self.stem(torch.cat([ms_up, pan], dim=1), source))
        x = F.relu_(self.middle(x, source))
        return without(self.head(x, source), margin)
