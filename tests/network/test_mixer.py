"""The mixer lets every token and every channel hear the others, within one image."""

from __future__ import annotations

import torch

from engine.network.mixer import MixerBlock


def test_every_output_hears_every_token_and_channel_of_its_own_image_alone() -> None:
    torch.manual_seed(0)
    block = MixerBlock(4, 6).double()
    z = torch.randn(2, 4, 6, dtype=torch.float64, requires_grad=True)
    block(z)[0, 1, 2].backward()
    assert z.grad is not None
    assert (z.grad[0] != 0).all()
    assert (z.grad[1] == 0).all()


def test_a_block_without_weights_passes_its_input_on() -> None:
    block = MixerBlock(4, 6)
    for parameter in block.parameters():
        torch.nn.init.zeros_(parameter)
    z = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(z), z)
