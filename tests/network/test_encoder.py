"""The encoders: a latent whose shape forgets the size of the image, linear attention and the gate by their formulas."""

from __future__ import annotations

import math
from typing import Union

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from engine.network.encoder import Guidance, GuidedEncoder, PlainEncoder, attend, context, standardised

Encoder = Union[GuidedEncoder, PlainEncoder]
ENCODERS = [GuidedEncoder, PlainEncoder]
SIZES = [(16, 16), (64, 64), (17, 31), (16, 130), (5, 3), (1, 1)]


def made(kind: type[Encoder], latent: int = 10, guided: tuple[int, ...] = (1, 3)) -> Encoder:
    """Return a small encoder of two images and a guide of 3 channels, with seeded weights."""
    torch.manual_seed(0)
    return kind(guided, 3, (6, 8, 10), 4, latent).double()


def images(height: int, width: int, batch: int = 2, seed: int = 0) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """Return two guided images and a guide between 0 and 1."""
    generator = torch.Generator().manual_seed(seed)
    pan, ms, truth = (
        torch.rand(batch, channels, height, width, generator=generator).double() for channels in (1, 3, 3)
    )
    return (pan, ms), truth


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ENCODERS)
def test_the_shape_of_the_latent_does_not_depend_on_the_size_of_the_image(
    kind: type[Encoder], size: tuple[int, int]
) -> None:
    z = made(kind)(*images(*size))
    assert z.shape == (2, 4, 10)
    assert z.isfinite().all()


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_constant_image_has_the_same_latent_at_any_size(kind: type[Encoder]) -> None:
    encoder = made(kind)
    one, other = (
        encoder([torch.full((1, c, *size), 0.3).double() for c in (1, 3)], torch.full((1, 3, *size), 0.6).double())
        for size in ((64, 64), (17, 130))
    )
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize("value", [0.0, 1.0, 1000.0])
@pytest.mark.parametrize("kind", ENCODERS)
def test_constant_images_leave_the_latent_and_its_gradients_finite(kind: type[Encoder], value: float) -> None:
    encoder = made(kind)
    guided, guide = images(16, 16)
    encoder([torch.full_like(image, value) for image in guided], torch.full_like(guide, value)).abs().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in encoder.parameters())


@pytest.mark.parametrize("kind", ENCODERS)
def test_every_token_has_the_scale_of_the_noise(kind: type[Encoder]) -> None:
    z = made(kind, latent=64)(*images(32, 32))
    torch.testing.assert_close(z.mean(2), torch.zeros(2, 4).double())
    torch.testing.assert_close(z.var(2, unbiased=False), torch.ones(2, 4).double(), rtol=1e-2, atol=0)


@pytest.mark.parametrize("kind", ENCODERS)
def test_the_latent_of_an_image_does_not_depend_on_its_neighbour(kind: type[Encoder]) -> None:
    encoder = made(kind)
    guided, guide = images(32, 20)
    both = encoder(guided, guide)
    torch.testing.assert_close(both[1:], encoder([image[1:] for image in guided], guide[1:]))
    assert (both[0] - both[1]).abs().max() > 1e-4


@pytest.mark.parametrize("kind", ENCODERS)
def test_the_latent_hears_every_image_and_trains_every_weight(kind: type[Encoder]) -> None:
    encoder = made(kind)
    guided, guide = images(32, 32)
    streams = [image.requires_grad_() for image in (*guided, guide)]
    (encoder(guided, guide) * torch.arange(10)).sin().sum().backward()
    assert all(image.grad is not None and image.grad.abs().sum() > 0 for image in streams)
    silent = [name for name, p in encoder.named_parameters() if p.grad is None or p.grad.abs().max() < 1e-9]
    assert not silent


@pytest.mark.parametrize("kind", ENCODERS)
def test_different_images_have_different_latents_from_the_start(kind: type[Encoder]) -> None:
    generator = torch.Generator().manual_seed(0)
    cells = torch.rand(8, 1, 4, 4, generator=generator).double()
    pan = 0.4 + 0.05 * interpolate(cells, scale_factor=8, mode="nearest") + 0.01 * images(32, 32, batch=8)[0][0]
    z = made(kind, latent=64)((pan, pan.repeat(1, 3, 1, 1)), 0.9 * pan.repeat(1, 3, 1, 1))
    # Of a variance of 1 within each token, this much differs between images: below 0.02 if brightness were left in.
    assert z.var(0).mean() > 0.05


def test_standardised_images_share_one_mean_and_one_deviation() -> None:
    pan, ms = torch.tensor([[[[1.0, 3.0]]]]).double(), torch.tensor([[[[4.0, 6.0]], [[8.0, 6.0]]]]).double()
    # Means 2 and 6: together 4.  Mean squares about 4: (9 + 1) / 2 = 5 and (0 + 4 + 16 + 4) / 4 = 6: together 5.5.
    found = standardised([pan, ms])
    deviation = (5.5 + 1e-5) ** 0.5
    torch.testing.assert_close(found[0], (pan - 4) / deviation)
    torch.testing.assert_close(found[1], (ms - 4) / deviation)


@pytest.mark.parametrize("kind", ENCODERS)
def test_the_latent_does_not_depend_on_common_brightness_and_contrast(kind: type[Encoder]) -> None:
    encoder = made(kind)
    guided, guide = images(32, 32)
    hazy = encoder([0.3 * image + 0.2 for image in guided], 0.3 * guide + 0.2)
    torch.testing.assert_close(hazy, encoder(guided, guide), rtol=1e-2, atol=1e-2)
    other = encoder([0.3 * guided[0] + 0.2, guided[1]], guide)
    assert (other - hazy).abs().max() > 0.1


def test_without_truth_one_pathway_is_left() -> None:
    full, half = made(GuidedEncoder), made(GuidedEncoder, guided=(3,))
    assert [len(level.guidance) for level in full.levels] == [2, 2, 2]
    assert [len(level.guidance) for level in half.levels] == [1, 1, 1]
    (_, ms), truth = images(32, 32)
    assert half((ms,), truth).shape == (2, 4, 10)


def test_attention_equals_its_formula_written_as_loops() -> None:
    generator = torch.Generator().manual_seed(0)
    queries, keys, values = torch.randn(3, 2, 3, 5, generator=generator).double().unbind()  # (B, d, positions)
    found = attend(queries, context(keys, values))
    for image in range(2):
        for place in range(5):
            q = [math.exp(v) for v in queries[image, :, place]]
            expected = [0.0, 0.0, 0.0]
            for channel in range(3):
                k = [math.exp(v) for v in keys[image, channel]]
                for out in range(3):
                    drawn = sum(k[p] / sum(k) * values[image, out, p].item() for p in range(5))
                    expected[out] += q[channel] / sum(q) * drawn
            assert found[image, :, place].tolist() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("positions", [1, 7, 4096])
def test_attention_keeps_a_square_of_channels_of_any_number_of_positions(positions: int) -> None:
    keys, values = torch.zeros(2, 2, 3, positions).unbind()
    assert context(keys, values).shape == (2, 3, 3)


def test_guidance_stores_nothing_that_grows_with_the_square_of_the_positions() -> None:
    stored = []

    def listen(tensor: Tensor) -> Tensor:
        stored.append(tensor.numel())
        return tensor

    x, y = torch.zeros(2, 1, 4, 32, 32).unbind()
    with torch.autograd.graph.saved_tensors_hooks(listen, lambda tensor: tensor):
        Guidance(4)(x, y)
    assert max(stored) < 10 * 4 * 32 * 32  # against 1024 * 1024


def test_attention_draws_from_the_whole_image() -> None:
    torch.manual_seed(0)
    x, y = torch.randn(2, 1, 4, 9, 9).unbind()
    y.requires_grad_()
    Guidance(4)(x, y)[0, :, 0, 0].sum().backward()
    assert y.grad is not None
    assert (y.grad != 0).all()


def test_the_gate_by_hand() -> None:
    guidance = Guidance(1).double()
    with torch.no_grad():
        guidance.value.weight.fill_(0.25)
        guidance.value.bias.fill_(-0.1)
        guidance.project.weight.fill_(-2.0)
        guidance.project.bias.fill_(0.5)
        guidance.gate.weight.zero_()
        guidance.gate.weight[0, :, 1, 1] = torch.tensor([0.7, -0.4], dtype=torch.float64)
        guidance.gate.bias.fill_(0.2)
    x, y = 1.5, 0.75
    projected = -2.0 * y + 0.5
    gate = 1 / (1 + math.exp(-(0.7 * x - 0.4 * projected + 0.2)))
    attention = 0.25 * y - 0.1  # one position and one channel: both softmaxes are 1
    found = guidance(*torch.tensor([x, y], dtype=torch.float64).view(2, 1, 1, 1, 1))
    assert found.item() == pytest.approx(gate * x + (1 - gate) * projected + attention, rel=1e-12)
