"""The whole network: what it is made of, how it flows in both stages and in use, and that it learns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, l1_loss

from engine.errors import InputError, RequestError
from engine.network.diffusion import keyed_noise
from engine.network.ksdiff import Architecture, KSDiff

BANDS = 3
TINY = Architecture.tiny(BANDS)
VARIANTS = {"full": TINY, **TINY.ablations()}


def scene(height: int = 32, width: int = 32, batch: int = 2, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return PAN, enlarged MS and the truth: waves of another direction, and another mix of bands, in each image."""
    generator = torch.Generator().manual_seed(seed)
    row, col = torch.arange(height)[:, None], torch.arange(width)
    angle = torch.rand(batch, 1, 1, 1, generator=generator) * 6
    phase = torch.rand(batch, BANDS, 1, 1, generator=generator) * 6
    truth = 0.5 + 0.4 * torch.sin(1.1 * (angle.cos() * row + angle.sin() * col) + phase)
    pan = truth.mean(1, keepdim=True)
    ms_up = interpolate(avg_pool2d(truth, 4, ceil_mode=True), (height, width), mode="bilinear")
    return pan, ms_up, truth


def new(architecture: Architecture = TINY, seed: int = 0) -> KSDiff:
    torch.manual_seed(seed)
    return KSDiff(architecture)


def noise_for(model: KSDiff, batch: int = 2) -> Tensor:
    return keyed_noise(0, (batch, model.architecture.tokens, model.architecture.latent))


def twins() -> tuple[Tensor, Tensor, Tensor]:
    """Return two samples alike but for their truth: one has the detail of PAN, the other its negative."""
    pan, ms_up, _ = (image[:1].repeat(2, 1, 1, 1) for image in scene(24, 24))
    blurred = interpolate(avg_pool2d(pan, 4), (24, 24), mode="bilinear")
    return pan, ms_up, ms_up + torch.tensor([1.0, -1.0]).view(2, 1, 1, 1) * (pan - blurred)


def learn_stage_1(model: KSDiff) -> list[float]:
    """Train on the twins, and return the loss before each step."""
    pan, ms_up, truth = twins()
    optimiser = torch.optim.Adam(model.stage1_parameters().values(), lr=5e-3)
    losses = []
    for _ in range(30):
        loss = l1_loss(model.fuse(pan, ms_up, model.prior_from_truth(pan, ms_up, truth)), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    model.zero_grad()
    return losses


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Keep small tensors on one thread: several only wait for each other, for minutes on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def learnt() -> tuple[KSDiff, list[float]]:
    model = new()
    return model, learn_stage_1(model)


def reached(module: nn.Module) -> bool:
    """Whether any gradient other than 0 arrived."""
    return any(p.grad is not None and bool((p.grad != 0).any()) for p in module.parameters())


def test_what_the_truth_alone_can_tell_is_learnt_through_the_prior(learnt: tuple[KSDiff, list[float]]) -> None:
    _, losses = learnt
    assert losses[-1] < 0.5 * losses[0]


def test_after_training_an_image_fares_worse_with_the_prior_of_another(learnt: tuple[KSDiff, list[float]]) -> None:
    model, losses = learnt
    pan, ms_up, truth = twins()
    with torch.no_grad():
        swapped = model.fuse(pan, ms_up, model.prior_from_truth(pan, ms_up, truth).flip(0))
    assert l1_loss(swapped, truth) > losses[0]


def test_a_fresh_network_gives_what_its_plain_backbone_gives() -> None:
    model = new()
    pan, ms_up, truth = scene()
    generated = model.fuse(pan, ms_up, model.prior_from_truth(pan, ms_up, truth))
    torch.testing.assert_close(generated, model.fuse(pan, ms_up, None))


def test_stage_2_trains_the_condition_and_the_denoiser_through_the_fused_image_and_never_the_truth_encoder(
    learnt: tuple[KSDiff, list[float]],
) -> None:
    model, _ = learnt
    pan, ms_up, truth = scene()
    model.zero_grad()
    z0 = model.prior_from_truth(pan, ms_up, truth).detach()
    c = model.condition(pan, ms_up)
    l1_loss(model.fuse(pan, ms_up, model.sample(c, noise_for(model), steps=4)), truth).backward()
    assert reached(model.condition_encoder)
    assert reached(model.denoiser)
    assert reached(model.backbone)
    model.zero_grad()
    t = torch.tensor([1, 400])
    eps = noise_for(model)
    l1_loss(model.predict(model.diffusion.add_noise(z0, t, eps), t, model.condition(pan, ms_up)), z0).backward()
    assert reached(model.condition_encoder)
    assert reached(model.denoiser)
    assert not reached(model.truth_encoder)
    model.zero_grad()


def test_in_use_the_truth_encoder_is_never_asked(learnt: tuple[KSDiff, list[float]]) -> None:
    model, _ = learnt
    pan, ms_up, _ = scene()
    lean = KSDiff(TINY, with_truth_encoder=False)
    lean.load_state_dict(model.state_for_use())
    for network in (model, lean):
        with torch.no_grad():
            z = network.sample(network.condition(pan, ms_up), noise_for(network))
            fused = network.fuse(pan, ms_up, z)
        if network is model:
            expected = fused
    assert torch.equal(fused, expected)
    assert len(lean.state_dict()) < len(model.state_dict())


def test_training_without_a_truth_encoder_is_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="no truth encoder"):
        KSDiff(TINY, with_truth_encoder=False).prior_from_truth(*scene())


def test_kernels_made_before_give_the_image_that_making_them_gives(learnt: tuple[KSDiff, list[float]]) -> None:
    model, _ = learnt
    pan, ms_up, truth = scene()
    with torch.no_grad():
        z = model.prior_from_truth(pan, ms_up, truth)
        kernels = model.kernels(pan, ms_up, z)
        torch.testing.assert_close(model.fuse_with(pan, ms_up, kernels), model.fuse(pan, ms_up, z))
    assert {len(kernel) for kernel in kernels.values()} == {2}


def test_the_mean_of_the_kernels_of_several_windows_serves_an_image_of_any_size(
    learnt: tuple[KSDiff, list[float]],
) -> None:
    model, _ = learnt
    windows = scene(batch=5, seed=1)
    pan, ms_up, _ = scene(40, 23, batch=1)
    with torch.no_grad():
        kernels = model.kernels(*windows[:2], model.prior_from_truth(*windows))
        mean = {name: kernel.mean(0, keepdim=True) for name, kernel in kernels.items()}
        assert model.fuse_with(pan, ms_up, mean).shape == (1, BANDS, 40, 23)


def test_two_images_of_a_batch_do_not_influence_each_other(learnt: tuple[KSDiff, list[float]]) -> None:
    model, _ = learnt
    pan, ms_up, _ = scene()
    noise = noise_for(model)
    with torch.no_grad():
        both = model.fuse(pan, ms_up, model.sample(model.condition(pan, ms_up), noise))
        c = model.condition(pan[1:], ms_up[1:])
        alone = model.fuse(pan[1:], ms_up[1:], model.sample(c, noise[1:]))
    torch.testing.assert_close(both[1:], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (33, 64)])
@pytest.mark.parametrize("backbone", ["pannext", "dicnn", "fusionnet", "lagnet"])
def test_every_backbone_fuses_any_size(backbone: str, size: tuple[int, int]) -> None:
    model = new(replace(TINY, backbone=backbone))
    pan, ms_up, _ = scene(*size, batch=1)
    with torch.no_grad():
        fused = model.fuse(pan, ms_up, model.sample(model.condition(pan, ms_up), noise_for(model, 1)))
    assert fused.shape == ms_up.shape
    assert fused.isfinite().all()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_constant_image_gives_numbers(value: float, learnt: tuple[KSDiff, list[float]]) -> None:
    model, _ = learnt
    pan, ms_up, truth = (torch.full_like(image, value) for image in scene())
    with torch.no_grad():
        z0 = model.prior_from_truth(pan, ms_up, truth)
        z = model.sample(model.condition(pan, ms_up), noise_for(model))
        assert model.fuse(pan, ms_up, z0).isfinite().all()
        assert model.fuse(pan, ms_up, z).isfinite().all()


def test_as_many_steps_are_taken_as_asked_for_or_as_the_architecture_says(
    learnt: tuple[KSDiff, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = learnt
    asked: list[int] = []
    monkeypatch.setattr(model.denoiser, "forward", lambda z_t, t, c: asked.append(int(t[0])) or z_t)
    c = torch.zeros_like(noise_for(model))
    model.sample(c, noise_for(model))
    assert asked == [500, 250]
    asked.clear()
    model.sample(c, noise_for(model), steps=1)
    assert asked == [500]
    with pytest.raises(RequestError, match="0 sampling steps"):
        model.sample(c, noise_for(model), steps=0)


def test_each_stage_trains_its_parts_and_together_they_are_all() -> None:
    model = new()
    first, second = model.stage1_parameters(), model.stage2_parameters()
    assert {name.split(".")[0] for name in first} == {"truth_encoder", "backbone"}
    assert {name.split(".")[0] for name in second} == {"condition_encoder", "denoiser", "backbone"}
    assert {**first, **second}.keys() == dict(model.named_parameters()).keys()


def test_the_baseline_is_its_backbone_alone() -> None:
    model = new(VARIANTS["baseline"])
    assert {name.split(".")[0] for name in model.state_dict()} == {"backbone"}
    assert not model.backbone.modulated()
    assert model.stage1_parameters().keys() == dict(model.named_parameters()).keys()
    pan, ms_up, _ = scene()
    kernels = model.kernels(pan, ms_up, None)
    assert torch.equal(model.fuse_with(pan, ms_up, kernels), model.fuse(pan, ms_up, None))


def test_the_ablations_change_the_part_they_are_named_for() -> None:
    count = {
        name: {part: sum(p.numel() for p in module.parameters()) for part, module in new(given).named_children()}
        for name, given in VARIANTS.items()
    }
    full = count["full"]
    assert count["without-plfe"]["backbone"] == full["backbone"]
    assert count["without-plfe"]["condition_encoder"] != full["condition_encoder"]
    assert count["mlp-generator"]["condition_encoder"] == full["condition_encoder"]
    assert count["mlp-generator"]["backbone"] > 3 * full["backbone"]
    assert count["baseline"]["backbone"] < full["backbone"]
    assert full["condition_encoder"] < full["truth_encoder"]


@pytest.mark.slow
def test_without_plfe_a_network_learns_too() -> None:
    losses = learn_stage_1(new(VARIANTS["without-plfe"]))
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("given", [Architecture(4), Architecture(8, backbone="lagnet"), *VARIANTS.values()])
def test_an_architecture_survives_json(given: Architecture) -> None:
    assert Architecture.from_dict(json.loads(json.dumps(given.to_dict()))) == given


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "does not say how many bands"),
        ({"bands": 4, "colour": 1}, "names colour, which this version does not know. Update the plugin"),
        ({"bands": 0}, "0 cannot be the bands of a network. Give a whole number from 1 to 64."),
        ({"bands": 65}, "65 cannot be the bands"),
        ({"bands": "4"}, "'4' cannot be the bands"),
        ({"bands": 4.0}, "4.0 cannot be the bands"),
        ({"bands": True}, "True cannot be the bands"),
        ({"bands": None}, "None cannot be the bands"),
        ({"bands": 4, "denoiser_width": 10**9}, "cannot be the denoiser width"),
        ({"bands": 4, "backbone": "unet"}, "'unet' is no backbone of a network. Choose one of pannext, dicnn"),
        ({"bands": 4, "backbone": ["pannext"]}, "is no backbone"),
        ({"bands": 4, "generator": 1}, "'1' is no generator"),
        ({"bands": 4, "prior": "none"}, "Choose 'none' for both or for neither."),
        ({"bands": 4, "modulate": "none"}, "Choose 'none' for both or for neither."),
        ({"bands": 4, "tokens": 15}, "15 tokens do not fill a square"),
        ({"bands": 4, "latent": 7}, "7 channels is odd"),
        ({"bands": 4, "timesteps": 4}, "8 sampling steps do not fit into 4 time steps"),
        ({"bands": 4, "ranks": [4, 4, 2]}, "cannot be the ranks of a network. Give 4 whole numbers."),
        ({"bands": 4, "ranks": [4, 4, 2, 0]}, "0 cannot be the ranks"),
        ({"bands": 4, "widths": []}, "cannot be the widths of a network. Give 1 to 6 whole numbers."),
        ({"bands": 4, "widths": 32}, "32 cannot be the widths"),
        ({"bands": 4, "widths": [32, "64"]}, "'64' cannot be the widths"),
    ],
)
def test_a_description_that_no_network_can_have_is_refused_with_a_remedy(values: dict[str, Any], said: str) -> None:
    with pytest.raises(RequestError) as caught:
        Architecture.from_dict(values)
    assert said in str(caught.value)
    assert caught.value.remedy
