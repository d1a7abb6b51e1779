"""The layer that all networks share."""

from __future__ import annotations

import torch

from engine.network.kernels import Base, KSConv2d
from engine.network.layers import ChannelNorm, Precise
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


def test_without_scale_and_shift_channels_are_those_of_a_fresh_norm() -> None:
    last = torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    norm = perturbed(ChannelNorm(6), amount=1.0)
    assert torch.equal(norm.plain(last), ChannelNorm(6)(last.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))


def test_a_precise_layer_computes_in_float32_where_others_are_halved() -> None:
    torch.manual_seed(0)
    layer = KSConv2d("layer", 3, 2, 3, latent=None)
    x = torch.rand(1, 3, 8, 8)
    expected = layer(x, Base())
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x, Base()).dtype == torch.bfloat16
        assert torch.equal(Precise(layer)(x, Base()), expected)
        assert Precise(layer)(x.bfloat16(), Base()).dtype == torch.float32
