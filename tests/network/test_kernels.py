"""Kernels made for one image: the Tucker product, its start at 1, and convolutions of several images at once."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from engine.network.kernels import (
    Base,
    Fixed,
    Generated,
    KSConv2d,
    convolve,
    convolve_grouped,
    no_decay,
    replicated,
    tucker,
)
from tests.network.trained import perturbed

DENSE = (8, 6, 3, 1)  # channels in and out, kernel, groups
DEPTHWISE = (8, 8, 7, 8)
SHAPES = pytest.mark.parametrize("shape", [DENSE, DEPTHWISE], ids=["dense", "depthwise"])
KINDS = pytest.mark.parametrize("generator", ["tucker", "mlp"])


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def layer(shape: tuple[int, int, int, int], generator: str = "tucker", **choices: int) -> KSConv2d:
    torch.manual_seed(0)
    inputs, outputs, size, groups = shape
    return KSConv2d("layer", inputs, outputs, size, groups, latent=12, generator=generator, **choices)


def test_mode_products_are_the_explicit_sum() -> None:
    ranks, sizes = (4, 3, 2, 2), (5, 7, 3, 4)
    core = random(2, *ranks)
    factors = [random(2, size, rank, seed=size) for size, rank in zip(sizes, ranks)]
    explicit = torch.einsum("zijkl,zai,zbj,zpk,zql->zabpq", core, *factors)
    torch.testing.assert_close(tucker(core, factors), explicit)


def test_the_modes_are_channels_in_channels_out_rows_columns() -> None:
    conv = layer((5, 7, 3, 1))
    assert conv.generator is not None
    assert [factor.shape for factor in conv.generator.factors(random(2, 5, 4, 4))] == [
        (2, 5, 4),
        (2, 7, 4),
        (2, 3, 2),
        (2, 3, 2),
    ]


def test_the_modulation_is_the_product_of_core_and_factors_by_their_modes() -> None:
    conv = perturbed(layer(DENSE), amount=0.3)
    z, x = random(2, 4, 12), random(2, 8, 5, 5)
    assert conv.generator is not None
    one, two, three, four = conv.generator.factors(x)
    explicit = torch.einsum("zijkl,zai,zbj,zpk,zql->zbapq", conv.generator.core(z), one, two, three, four)
    torch.testing.assert_close(conv.generated(z, x), conv.weight * explicit)


def test_ranks_are_clipped_to_the_layer() -> None:
    conv = layer(DEPTHWISE)
    assert conv.generator is not None
    assert conv.generator.core(random(1, 4, 12)).shape == (1, 1, 4, 2, 2)
    thin = layer((2, 3, 1, 1))
    assert thin.generator is not None
    assert thin.generator.core(random(1, 4, 12)).shape == (1, 2, 3, 1, 1)


@SHAPES
@KINDS
def test_a_fresh_generator_leaves_every_kernel_as_it_is(shape: tuple[int, int, int, int], generator: str) -> None:
    conv = layer(shape, generator)
    made = conv.generated(random(3, 4, 12), random(3, 8, 9, 9))
    assert torch.equal(made, conv.weight.expand_as(made))


@SHAPES
@KINDS
def test_kernels_follow_the_prior(shape: tuple[int, int, int, int], generator: str) -> None:
    conv = perturbed(layer(shape, generator))
    one, two = conv.generated(random(2, 4, 12), random(1, 8, 9, 9).expand(2, -1, -1, -1))
    assert (one - two).abs().max() > 1e-4


def test_only_the_mean_of_the_tokens_counts() -> None:
    conv = perturbed(layer(DENSE))
    z, x = random(1, 4, 12), random(1, 8, 9, 9)
    torch.testing.assert_close(conv.generated(z, x), conv.generated(z.mean(1, keepdim=True), x))


def test_factors_follow_the_features_and_a_dense_generator_does_not() -> None:
    z, x = random(1, 4, 12), random(1, 8, 9, 9)
    structured, dense = perturbed(layer(DENSE)), perturbed(layer(DENSE, "mlp"))
    assert not torch.allclose(structured.generated(z, x), structured.generated(z, x + random(1, 8, 1, 1, seed=3)))
    assert torch.equal(dense.generated(z, x), dense.generated(z, 2 * x))


@SHAPES
@pytest.mark.parametrize("stride", [1, 2])
def test_one_kernel_per_image_is_a_loop_over_images(shape: tuple[int, int, int, int], stride: int) -> None:
    inputs, outputs, size, groups = shape
    x, weight, bias = random(3, inputs, 11, 10), random(3, outputs, inputs // groups, size, size), random(outputs)
    loop = [F.conv2d(image[None], w, bias, stride, groups=groups) for image, w in zip(x, weight)]
    torch.testing.assert_close(convolve(x, weight, bias, stride, groups), torch.cat(loop))
    torch.testing.assert_close(convolve_grouped(x, weight, bias, stride, groups), torch.cat(loop))
    torch.testing.assert_close(convolve(x[:1], weight[:1], bias, stride, groups), loop[0])


@SHAPES
def test_two_images_of_a_batch_do_not_influence_each_other(shape: tuple[int, int, int, int]) -> None:
    conv = perturbed(layer(shape))
    z, x = random(2, 4, 12), random(2, 8, 9, 9)
    both = conv(x, Generated(z))
    torch.testing.assert_close(both[:1], conv(x[:1], Generated(z[:1])))
    other = torch.cat([x[:1], x[1:] + 1]), torch.cat([z[:1], z[1:] + 1])
    assert torch.equal(conv(other[0], Generated(other[1]))[:1], both[:1])


@SHAPES
@KINDS
def test_every_parameter_learns_once_it_has_left_its_start(shape: tuple[int, int, int, int], generator: str) -> None:
    conv = perturbed(layer(shape, generator))
    conv(random(2, 8, 9, 9), Generated(random(2, 4, 12))).square().sum().backward()
    still = [name for name, value in conv.named_parameters() if value.grad is None or not value.grad.abs().max() > 0]
    assert not still


def test_a_fresh_generator_can_leave_its_start() -> None:
    conv = layer(DENSE)
    optimiser = torch.optim.SGD(conv.parameters(), lr=1e-3)
    z, x = random(2, 4, 12), random(2, 8, 9, 9)
    conv(x, Generated(z)).square().sum().backward()
    optimiser.step()
    one, two = conv.generated(z, x)
    assert not torch.equal(one, two)
    assert conv.generator is not None
    assert conv.generator.core.mlp[-1].bias.grad.abs().min() > 0  # every entry of the core, not only the first


def test_a_source_remembers_what_it_gave_out() -> None:
    conv = perturbed(layer(DENSE))
    x = random(2, 8, 9, 9)
    generated, base = Generated(random(2, 4, 12)), Base()
    conv(x, generated), generated.pooled(conv, x)
    conv(x, base)
    assert generated.kernels["layer"].shape == (2, 6, 8, 3, 3)
    torch.testing.assert_close(generated.kernels["layer.mean"], x.mean((2, 3)))
    assert torch.equal(base.kernels["layer"], conv.weight)


def test_a_fixed_kernel_serves_every_image_of_a_batch() -> None:
    conv = perturbed(layer(DENSE))
    x = random(3, 8, 9, 9)
    kernel = random(6, 8, 3, 3)
    expected = F.conv2d(replicated(x, 1), kernel, conv.bias)
    torch.testing.assert_close(conv(x, Fixed({"layer": kernel})), expected)
    torch.testing.assert_close(conv(x, Fixed({"layer": kernel[None]})), expected)


def test_a_layer_without_a_prior_never_asks_the_source() -> None:
    conv = KSConv2d("plain", 3, 2, 3, latent=None)
    x = random(1, 3, 6, 6)
    assert torch.equal(conv(x, Fixed({})), conv(x, Base()))
    assert conv.generator is None


def test_the_border_repeats_its_pixels() -> None:
    conv = perturbed(KSConv2d("plain", 1, 1, 3, latent=None))
    flat = conv(torch.full((1, 1, 5, 5), 7.0), Base())
    torch.testing.assert_close(flat, flat[0, 0, 2, 2].expand_as(flat))


def test_a_fresh_convolution_keeps_the_variance_of_its_input() -> None:
    def spread(size: int, **choices: float) -> float:
        conv = KSConv2d("layer", 64, 64, size, **choices)
        return float(conv(random(1, 64, 40, 40), Base()).detach().std())

    torch.manual_seed(0)
    assert spread(3) == pytest.approx(1, abs=0.05)
    assert spread(7, groups=64) == pytest.approx(1, abs=0.15)
    assert spread(3, gain=0.01) == pytest.approx(0.01, rel=0.05)


def test_a_dense_generator_is_many_times_as_large() -> None:
    def size(generator: str) -> int:
        conv = KSConv2d("layer", 32, 32, 3, generator=generator)
        assert conv.generator is not None
        return sum(value.numel() for value in conv.generator.parameters())

    # 256 → 64 → 64 core values and 32 → 16 → 2 (128 + 6), by hand, against 256 → 64 → 9216.
    assert size("tucker") == (256 * 64 + 64) + (64 * 64 + 64) + (32 * 16 + 16) + 2 * 16 + 17 * 2 * (128 + 6)
    assert size("mlp") == (256 * 64 + 64) + 65 * 9216
    assert size("mlp") > 10 * size("tucker")


def test_weight_decay_leaves_biases_and_norms_alone() -> None:
    names = no_decay(layer(DENSE))
    assert {
        "bias",
        "generator.core.mlp.2.bias",
        "generator.factors.heads.0.bias",
        "generator.factors.trunk.1.weight",
    } <= names
    assert "weight" not in names
    assert not {name for name in names if name.endswith("heads.0.weight")}
