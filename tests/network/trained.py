"""Networks as if they had been trained: no weight is left where it began."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def perturbed(network: Network, seed: int = 1, amount: float = 0.05) -> Network:
    """Add noise to every parameter, so that kernels differ from image to image."""
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(amount * torch.randn(parameter.shape, generator=noise))
    return network
