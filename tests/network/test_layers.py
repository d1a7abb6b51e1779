"""The layer that all networks share."""

from __future__ import annotations

import torch

from engine.network.layers import ChannelNorm
from tests.network.trained import perturbed


def test_every_pixel_is_normalised_over_its_channels() -> None:
    x = 3 + 5 * torch.randn(2, 6, 4, 5, generator=torch.Generator().manual_seed(0))
    normalised = ChannelNorm(6)(x)
    mean, variance = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)
    torch.testing.assert_close(normalised, (x - mean) / (variance + 1e-6).sqrt())


def test_scale_and_shift_are_those_of_the_channel() -> None:
    x = torch.randn(1, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    norm = perturbed(ChannelNorm(3), amount=1.0)
    expected = ChannelNorm(3)(x) * norm.weight[:, None, None] + norm.bias[:, None, None]
    torch.testing.assert_close(norm(x), expected)


def test_channels_last_stays_channels_last() -> None:
    x = torch.randn(1, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    assert ChannelNorm(3)(x).is_contiguous(memory_format=torch.channels_last)
