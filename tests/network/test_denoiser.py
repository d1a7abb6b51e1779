"""The denoiser uses the latent, the time and the condition, one image at a time, and may answer below zero."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from engine.network.denoiser import Denoiser, sinusoids


def made(tokens: int = 4, latent: int = 6) -> tuple[Denoiser, Tensor, Tensor, Tensor]:
    """Return a denoiser and what it takes: z_t, t and the condition, of two images."""
    torch.manual_seed(0)
    z_t, condition = torch.randn(2, 2, tokens, latent).double().unbind()
    return Denoiser(tokens, latent, width=16, blocks=2).double(), z_t, torch.tensor([3, 400]), condition


@pytest.mark.parametrize(("tokens", "latent"), [(1, 2), (4, 6), (16, 8)])
def test_the_answer_has_the_shape_of_the_latent(tokens: int, latent: int) -> None:
    denoiser, *asked = made(tokens, latent)
    assert denoiser(*asked).shape == (2, tokens, latent)


def test_the_time_is_told_by_sines_and_cosines_from_fast_to_slow() -> None:
    found = sinusoids(torch.tensor([0, 250]), 6)
    angles = [250.0, 250 / 100, 250 / 10_000]
    assert found[0].tolist() == [0, 0, 0, 1, 1, 1]
    expected = torch.tensor([*map(math.sin, angles), *map(math.cos, angles)])
    torch.testing.assert_close(found[1], expected, rtol=0, atol=1e-5)


def test_all_time_steps_look_different() -> None:
    found = sinusoids(torch.arange(501), 16)
    assert torch.cdist(found, found).fill_diagonal_(1).min() > 1e-3


def test_the_latent_the_time_and_the_condition_all_count() -> None:
    denoiser, z_t, t, condition = made()
    answer = denoiser(z_t, t, condition)
    for other in (denoiser(-z_t, t, condition), denoiser(z_t, t + 1, condition), denoiser(z_t, t, -condition)):
        assert (other - answer).abs().max() > 1e-3


def test_the_answer_for_an_image_does_not_depend_on_its_neighbour() -> None:
    denoiser, z_t, t, condition = made()
    both = denoiser(z_t, t, condition)
    alone = denoiser(z_t[1:], t[1:], condition[1:])
    torch.testing.assert_close(both[1:], alone)


def test_the_answer_may_be_far_from_zero_on_both_sides() -> None:
    denoiser, *asked = made()
    end = denoiser.leave[-1]
    with torch.no_grad():
        end.weight.zero_()
        end.bias.copy_(torch.tensor([-3.0, 3.0, -1.0, 1.0, -0.2, 0.2]))
    torch.testing.assert_close(denoiser(*asked), end.bias.expand(2, 4, 6))
