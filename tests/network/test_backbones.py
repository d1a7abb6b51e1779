"""What every fusion network keeps to: shapes, the plain network inside, tiles that fit, kernels that can be fixed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import unfold

from engine.errors import RequestError
from engine.network.backbones import BACKBONES, Backbone, BackboneConfig, create
from engine.network.backbones.lagnet import LAGConv
from engine.network.kernels import FACTS, Base, Fixed, Generated, convolve, no_decay, replicated
from tests.network.trained import perturbed
from tests.slowness import mostly_slow

TINY = BackboneConfig(latent=12, width=8)
PLAIN = replace(TINY, modulate="none")
NAMES = pytest.mark.parametrize("name", BACKBONES)


def fresh(name: str, bands: int = 4, config: BackboneConfig = TINY) -> Backbone:
    torch.manual_seed(0)
    return create(name, bands, config).eval()


def pair(bands: int, height: int, width: int, images: int = 1, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return PAN and up-sampled MS, (B, 1, H, W) and (B, C, H, W), between 0 and 1."""
    noise = torch.Generator().manual_seed(seed)
    return (
        torch.rand(images, 1, height, width, generator=noise),
        torch.rand(images, bands, height, width, generator=noise),
    )


def prior(images: int = 1, seed: int = 0) -> torch.Tensor:
    return torch.randn(images, 16, 12, generator=torch.Generator().manual_seed(seed))


@NAMES
@pytest.mark.parametrize("config", [TINY, PLAIN], ids=["modulated", "plain"])
@pytest.mark.parametrize("bands", mostly_slow([1, 3, 4, 8], 0, 3))
def test_any_number_of_bands_and_any_size_comes_out_as_it_went_in(
    name: str, config: BackboneConfig, bands: int
) -> None:
    network = fresh(name, bands, config)
    for height, width in ((16, 16), (13, 22), (1, 1)):
        pan, ms_up = pair(bands, height, width, images=2)
        fused = network(pan, ms_up, Generated(prior(2)))
        assert fused.shape == (2, bands, height, width)
        assert torch.isfinite(fused).all()


@NAMES
def test_a_fresh_network_nearly_returns_its_ms(name: str) -> None:
    pan, ms_up = pair(4, 32, 32)
    fused = fresh(name, config=BackboneConfig())(pan, ms_up, Base())
    assert 0 < (fused - ms_up).abs().max() < 0.1


@NAMES
def test_a_fresh_modulated_network_is_the_plain_one(name: str) -> None:
    modulated, plain = fresh(name), fresh(name, config=PLAIN)
    own = modulated.state_dict()
    plain.load_state_dict({key: own[key] for key in plain.state_dict()})
    pan, ms_up = pair(4, 20, 24, images=2)
    expected = plain(pan, ms_up, Base())
    torch.testing.assert_close(modulated(pan, ms_up, Generated(prior(2))), expected)
    assert torch.equal(modulated(pan, ms_up, Base()), expected)


@NAMES
def test_fixed_kernels_of_one_image_give_its_very_result(name: str) -> None:
    network = perturbed(fresh(name))
    pan, ms_up = pair(4, 21, 24)
    source = Generated(prior())
    generated = network(pan, ms_up, source)
    assert torch.equal(network(pan, ms_up, Fixed(source.kernels)), generated)
    assert not torch.allclose(network(pan, ms_up, Base()), generated)


@NAMES
def test_two_images_of_a_batch_do_not_influence_each_other(name: str) -> None:
    network = perturbed(fresh(name))
    pan, ms_up = pair(4, 20, 20, images=2)
    z = prior(2)
    together = network(pan, ms_up, Generated(z))
    for image in (slice(0, 1), slice(1, 2)):
        alone = network(pan[image], ms_up[image], Generated(z[image]))
        torch.testing.assert_close(together[image], alone, rtol=1e-4, atol=1e-5)


@NAMES
@pytest.mark.parametrize("config", [TINY, PLAIN], ids=["modulated", "plain"])
def test_a_tile_with_its_halo_comes_out_as_in_one_piece(name: str, config: BackboneConfig) -> None:
    network = perturbed(fresh(name, 3, config))
    step, reach = network.step, network.reach
    side = 2 * reach + 10 * step
    pan, ms_up = pair(3, side, side)
    source = Generated(prior()) if network.modulated() else Base()
    with torch.no_grad():
        whole = network(pan, ms_up, source)
        for top, left in ((step, 3 * step), (5 * step, 2 * step)):  # what is kept begins `reach` further in
            rows, columns = slice(top, top + 2 * reach + 3), slice(left, left + 2 * reach + 6)
            tile = network(pan[:, :, rows, columns], ms_up[:, :, rows, columns], Fixed(source.kernels))
            kept = tile[:, :, reach:-reach, reach:-reach]
            expected = whole[:, :, rows, columns][:, :, reach:-reach, reach:-reach]
            torch.testing.assert_close(kept, expected, rtol=0, atol=1e-5)


@NAMES
@pytest.mark.parametrize("extra", mostly_slow([0, 1, 6, 33], 0, 3))
def test_what_is_left_out_as_margin_changes_nothing_of_what_is_kept(name: str, extra: int) -> None:
    network = perturbed(fresh(name, 3))
    margin = network.reach + extra
    pan, ms_up = pair(3, 2 * margin + 9, 2 * margin + 22)
    source = Generated(prior())
    with torch.no_grad():
        whole = network(pan, ms_up, source)
        kept = network(pan, ms_up, Fixed(source.kernels), margin)
    torch.testing.assert_close(kept, whole[:, :, margin:-margin, margin:-margin], rtol=0, atol=1e-5)


def test_the_margin_of_pannext_is_not_computed_to_the_end() -> None:
    network = fresh("pannext", 3)
    margin = network.reach
    seen: list[torch.Size] = []
    network.fine_again.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    pan, ms_up = pair(3, 2 * margin + 64, 2 * margin + 64)
    with torch.no_grad():
        network(pan, ms_up, Base(), margin)
    assert seen == [(1, 8, 64 + 2 * 8, 64 + 2 * 8)]


def test_of_the_margin_of_swift_every_step_leaves_what_the_next_does_not_need() -> None:
    network = fresh("swift", 3)
    margin = network.reach
    seen: list[torch.Size] = []
    for layer in (*network.blocks, network.join):
        layer.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    pan, ms_up = pair(3, 2 * margin + 64, 2 * margin + 64)
    with torch.no_grad():
        network(pan, ms_up, Base(), margin)
    assert [shape[2] for shape in seen] == [52, 48, 44, 40, 64 + 2 * 2]


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("images", [1, 2])
@pytest.mark.parametrize("margin", [0, 20])
def test_facts_told_as_numbers_are_the_planes_that_hold_them_up_to_the_border(
    bands: int, images: int, margin: int
) -> None:
    network = perturbed(fresh("swift", bands, replace(TINY, guides=5)))
    pan, ms_up = pair(bands, 47, 52, images)
    beside, facts = torch.rand(images, 2, 47, 52), torch.randn(images, 3)
    planes = facts[:, :, None, None].expand(images, 3, 47, 52)
    source = Generated(prior(images))
    with torch.no_grad():
        expected = network(torch.cat([pan, beside, planes], dim=1), ms_up, source)
        others = network(torch.cat([pan, beside, planes + 0.1], dim=1), ms_up, Fixed(source.kernels))
        told = network(torch.cat([pan, beside], dim=1), ms_up, Fixed({**source.kernels, FACTS: facts}), margin)
    kept = [slice(margin, side - margin) for side in (47, 52)]
    torch.testing.assert_close(told, expected[..., kept[0], kept[1]], rtol=1e-6, atol=1e-6)
    assert (others - expected).abs().max() > 1e-3


def test_a_single_band_made_tap_by_tap_is_that_of_the_convolution() -> None:
    head = perturbed(fresh("swift", 1)).head
    x = torch.rand(2, 16, 13, 22, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = convolve(replicated(x, 1), head.weight, head.bias)
        for given in (x, x.contiguous(memory_format=torch.channels_last)):
            torch.testing.assert_close(head(given, Base()), expected, rtol=0, atol=1e-6)


@NAMES
def test_reach_is_as_far_as_anything_is_seen_and_no_farther(name: str) -> None:
    network = perturbed(fresh(name, 1))
    pan, ms_up = pair(1, 2 * network.reach + 13, 2 * network.reach + 13)
    source = Generated(prior())
    network(pan, ms_up, source)
    pan.requires_grad_()
    farthest = 0
    for centre in range(network.reach + 2, network.reach + 2 + network.step):
        fused = network(pan, ms_up, Fixed({key: value.detach() for key, value in source.kernels.items()}))
        (gradient,) = torch.autograd.grad(fused[0, 0, centre, centre], pan)
        seen = gradient[0, 0].nonzero()
        farthest = max(farthest, int((seen - centre).abs().max()))
    assert farthest == network.reach


@NAMES
def test_every_parameter_learns(name: str) -> None:
    network = perturbed(fresh(name))
    pan, ms_up = pair(4, 16, 16, images=2)
    network(pan, ms_up, Generated(prior(2))).square().sum().backward()
    still = [key for key, value in network.named_parameters() if value.grad is None or not value.grad.abs().max() > 0]
    assert not still


@NAMES
def test_layers_have_names_of_their_own(name: str) -> None:
    network = fresh(name)
    names = [layer.name for layer in network.modulated()]
    assert names and len(names) == len(set(names))
    assert not fresh(name, config=PLAIN).modulated()


@NAMES
def test_the_first_and_the_last_convolution_are_never_modulated(name: str) -> None:
    network = fresh(name)
    assert not {"stem", "head"} & {layer.name for layer in network.modulated()}


@NAMES
def test_what_weight_decay_leaves_alone_has_no_second_dimension(name: str) -> None:
    network = fresh(name)
    spared = no_decay(network)
    assert spared and all(name.endswith(("bias", "weight", "scale")) for name in spared)
    assert not {key for key, value in network.named_parameters() if value.dim() > 1} & spared


def test_the_kind_of_convolution_to_modulate_can_be_chosen() -> None:
    def kinds(modulate: str) -> set[bool]:
        return {layer.groups > 1 for layer in fresh("pannext", config=replace(TINY, modulate=modulate)).modulated()}

    assert kinds("all") == {True, False}
    assert kinds("dense") == {False}
    assert kinds("depthwise") == {True}


def test_the_dense_generators_are_ten_times_as_large() -> None:
    def size(config: BackboneConfig) -> int:
        return sum(value.numel() for value in fresh("pannext", config=config).parameters())

    plain, tucker = size(BackboneConfig(modulate="none")), size(BackboneConfig())
    assert size(BackboneConfig(generator="mlp")) - plain > 10 * (tucker - plain)


# Counted from the published definitions of these networks.
@pytest.mark.parametrize(
    ("name", "bands", "count"),
    [
        ("dicnn", 8, 46_792),
        ("dicnn", 4, 42_180),
        ("fusionnet", 8, 78_632),
        ("fusionnet", 4, 76_324),
        ("lagnet", 8, 151_397),
        ("lagnet", 4, 148_457),
    ],
)
def test_the_plain_networks_are_as_large_as_published(name: str, bands: int, count: int) -> None:
    network = fresh(name, bands, BackboneConfig(modulate="none"))
    assert sum(value.numel() for value in network.parameters()) == count


def test_the_weighed_convolution_is_that_of_weighed_patches() -> None:
    torch.manual_seed(0)
    conv = perturbed(LAGConv("layer", 5, 6))
    x = torch.randn(2, 5, 7, 9)
    patches = unfold(replicated(x, 1), 3).view(2, 5, 9, 63)
    weighed = patches * conv.attention(replicated(x, 1)).reshape(2, 1, 9, 63)
    unfolded = conv.weight.view(6, 45) @ weighed.view(2, 45, 63)
    expected = unfolded.view(2, 6, 7, 9) + conv.shift(x.mean((2, 3)))[:, :, None, None]
    torch.testing.assert_close(conv(x, Base()), expected)


@pytest.mark.parametrize("images", [1, 2])
def test_strips_of_a_block_add_up_to_the_whole(images: int) -> None:
    network = perturbed(fresh("pannext"))
    pan, ms_up = pair(4, 160, 164, images)  # more pixels than one strip holds
    whole = network(pan, ms_up, Base())
    with torch.no_grad():
        torch.testing.assert_close(network(pan, ms_up, Base()), whole)


def test_halved_by_autocast_a_block_adds_to_what_is_whole() -> None:
    network = perturbed(fresh("pannext"))
    x = torch.rand(1, 8, 16, 16)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert network.fine[0](x, Base()).dtype == torch.float32


def test_an_unknown_backbone_is_refused_with_those_there_are() -> None:
    with pytest.raises(RequestError, match=r"no backbone 'pnn'.*pannext, dicnn, fusionnet, lagnet"):
        create("pnn", 4, TINY)


def test_every_channel_that_comes_with_pan_is_seen_by_who_takes_them_and_refused_by_the_others() -> None:
    guided = replace(TINY, guides=5)
    takers = [name for name in BACKBONES if fresh(name).takes_guides]
    assert takers == ["swift"]
    for name in BACKBONES:
        if name not in takers:
            with pytest.raises(RequestError, match=f"'{name}' takes nothing beside PAN"):
                create(name, 1, guided)
            continue
        network = perturbed(fresh(name, 1, guided))
        pan, ms_up = torch.rand(1, 6, 12, 14, requires_grad=True), torch.rand(1, 1, 12, 14)
        fused = network(pan, ms_up, Generated(prior()))
        assert fused.shape == ms_up.shape
        (gradient,) = torch.autograd.grad(fused.square().sum(), pan)
        assert (gradient.abs().amax((0, 2, 3)) > 0).all()


@pytest.mark.parametrize("choice", [{"modulate": "some"}, {"generator": "linear"}])
def test_an_unknown_choice_is_refused(choice: dict[str, str]) -> None:
    with pytest.raises(RequestError, match=r"cannot be .* Choose one of"):
        BackboneConfig(**choice)


def test_a_network_without_the_kind_to_modulate_is_refused() -> None:
    with pytest.raises(RequestError, match="has no depthwise convolution"):
        create("dicnn", 4, replace(TINY, modulate="depthwise"))
