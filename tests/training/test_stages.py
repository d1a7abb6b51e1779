"""Each stage trains what it should, by the loss it should, from what it may see; its randomness is keyed."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from engine.data.sampling import Batch  # noqa: E402
from engine.network.ksdiff import Architecture, KSDiff  # noqa: E402
from engine.training.config import StageConfig, TrainingConfig  # noqa: E402
from engine.training.stages import DiffusionStage, Draw, TruthStage, image_loss, stages  # noqa: E402

BANDS, SIDE = 3, 16
ARCHITECTURE = Architecture.tiny(BANDS)
LENGTH = StageConfig(4, 1e-3)


def batch(count: int = 2, seed: int = 1) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    return Batch(*(torch.rand(count, bands, SIDE, SIDE, generator=generator) for bands in (1, BANDS, BANDS)))


def network(architecture: Architecture = ARCHITECTURE) -> Any:
    torch.manual_seed(3)
    made = KSDiff(architecture)
    for value in made.parameters():  # fresh generators ignore z: stir everything
        value.data += 0.05 * torch.randn(value.shape)
    return made


def draw(count: int = 2) -> Draw:
    return Draw.of(0, 2, 0, range(count), ARCHITECTURE)


def second(**changes: Any) -> DiffusionStage:
    usual: dict[str, Any] = {"loss": "l1", "h2_prior": "unrolled", "separate": False, "image_weight": 1.0}
    return DiffusionStage(LENGTH, **{**usual, **changes})


def with_gradient(model: Any, stage: Any) -> set[str]:
    """Return the parts of the network that the loss of a stage reaches."""
    for name, value in model.named_parameters():
        value.requires_grad_(name in stage.trained(model))
    stage.losses(model, batch(), draw(), nullcontext).total.backward()
    return {
        name.split(".")[0] for name, value in model.named_parameters() if value.grad is not None and value.grad.any()
    }


def test_the_first_stage_is_the_mean_error_of_the_image_made_with_the_truths_prior() -> None:
    model, given = network(), batch()
    losses = TruthStage(LENGTH, has_prior=True, loss="l1").losses(model, given, None, nullcontext)
    z0 = model.prior_from_truth(given.pan, given.ms_up, given.truth)
    expected = (model.fuse(given.pan, given.ms_up, z0) - given.truth).abs().mean()
    torch.testing.assert_close(losses.total, expected)
    assert with_gradient(model, TruthStage(LENGTH, has_prior=True, loss="l1")) == {"truth_encoder", "backbone"}


def test_the_second_stage_adds_the_error_of_the_latent_to_that_of_the_unrolled_image() -> None:
    model, given, random = network(), batch(), draw()
    losses = second(image_weight=0.5).losses(model, given, random, nullcontext)
    z0 = model.prior_from_truth(given.pan, given.ms_up, given.truth).detach()
    c = model.condition(given.pan, given.ms_up)
    signal = model.diffusion.signal[random.t].view(-1, 1, 1)
    z_t = signal * z0 + (1 - signal**2).sqrt() * random.eps
    latent = (model.predict(z_t, random.t, c) - z0).abs().mean()
    image = (model.fuse(given.pan, given.ms_up, model.sample(c, random.start)) - given.truth).abs().mean()
    torch.testing.assert_close(losses.latent, latent.detach(), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(losses.total, latent + 0.5 * image, atol=1e-5, rtol=1e-4)


def test_single_t_makes_the_image_with_the_latent_predicted_at_the_random_time() -> None:
    model, given, random = network(), batch(), draw()
    losses = second(h2_prior="single_t").losses(model, given, random, nullcontext)
    z0 = model.prior_from_truth(given.pan, given.ms_up, given.truth).detach()
    z_t = model.diffusion.add_noise(z0, random.t, random.eps)
    predicted = model.predict(z_t, random.t, model.condition(given.pan, given.ms_up))
    image = (model.fuse(given.pan, given.ms_up, predicted) - given.truth).abs().mean()
    torch.testing.assert_close(losses.image, image.detach())
    unrolled = second().losses(model, given, random, nullcontext)
    assert not torch.equal(unrolled.image, losses.image)


@pytest.mark.parametrize("h2_prior", ["unrolled", "single_t"])
def test_the_second_stage_sees_the_truth_in_its_losses_and_its_encoder_alone(
    h2_prior: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, given, made = network(), batch(), []
    z0 = model.prior_from_truth(given.pan, given.ms_up, given.truth)
    fuse = model.fuse
    monkeypatch.setattr(model, "prior_from_truth", lambda *_: z0)
    monkeypatch.setattr(model, "fuse", lambda *images: made.append(fuse(*images)) or made[-1])
    told = [
        second(h2_prior=h2_prior).losses(model, replace(given, truth=truth), draw(), nullcontext)
        for truth in (given.truth, batch(seed=9).truth)
    ]
    assert torch.equal(*made) and torch.equal(told[0].latent, told[1].latent)
    assert not torch.equal(told[0].image, told[1].image)


def test_the_truth_encoder_learns_nothing_in_the_second_stage() -> None:
    assert with_gradient(network(), second()) == {"condition_encoder", "denoiser", "backbone"}


def test_the_latent_to_be_found_is_a_target_and_no_way_back_to_its_encoder() -> None:
    model = network()
    second().losses(model, batch(), draw(), nullcontext).total.backward()  # every weight would take a gradient
    assert all(value.grad is None for value in model.truth_encoder.parameters())


def test_the_image_alone_reaches_denoiser_and_condition_encoder_through_the_chain() -> None:
    model, stage = network(), second()
    for name, value in model.named_parameters():
        value.requires_grad_(name in stage.trained(model))
    losses = stage.losses(model, batch(), draw(), nullcontext)
    (losses.total - second(image_weight=0.0).losses(model, batch(), draw(), nullcontext).total).backward()
    for part in (model.denoiser, model.condition_encoder):
        assert any(value.grad is not None and value.grad.abs().max() > 1e-7 for value in part.parameters())


def test_separate_training_leaves_the_fusion_network_as_stage_1_made_it() -> None:
    assert with_gradient(network(), second(separate=True)) == {"condition_encoder", "denoiser"}
    assert not any(name.startswith("backbone") for name in second(separate=True).trained(network()))


@pytest.mark.parametrize("stage", [TruthStage(LENGTH, has_prior=True, loss="relative"), second(loss="relative")])
def test_by_the_relative_loss_a_sample_counts_by_what_is_left_of_the_error_of_its_ms(stage: Any) -> None:
    def image(given: Batch) -> float:
        return float(stage.losses(network(), given, draw(), nullcontext).image)

    model, given = network(), batch()
    start = draw().start if stage.needs_draw else None
    left, before = (
        (each - given.truth).square().mean((1, 2, 3)) for each in (stage.fused(model, given, start), given.ms_up)
    )
    assert image(given) == pytest.approx(float(((left + 1e-4) / (before + 1e-4)).sqrt().mean()), rel=1e-3)
    # Where MS was the truth already there is next to nothing to learn, and to leave it so costs no more than 1.
    near = replace(given, ms_up=given.truth)
    assert image_loss("relative", near.ms_up, near) == 1.0 < image(near)


def test_by_the_pooled_loss_samples_count_as_parts_of_one_scene() -> None:
    given = batch()
    errors = torch.tensor([0.5, 0.1]).view(-1, 1, 1, 1)
    fused = given.truth + errors
    before = (given.ms_up - given.truth).square().mean()
    expected = (((0.5**2 + 0.1**2) / 2 + 1e-4) / (before + 1e-4)).sqrt()
    torch.testing.assert_close(image_loss("pooled", fused, given), expected)


def test_the_loss_of_the_configuration_is_that_of_every_stage() -> None:
    for loss in ("l1", "relative", "pooled"):
        config = TrainingConfig("run", stage1=LENGTH, stage2=LENGTH, loss=loss)
        for architecture in (ARCHITECTURE, ARCHITECTURE.ablations()["baseline"]):
            assert {stage.loss for stage in stages(config, architecture)} == {loss}


def test_a_network_without_a_prior_has_one_stage() -> None:
    baseline = ARCHITECTURE.ablations()["baseline"]
    config = TrainingConfig("run", stage1=LENGTH, stage2=LENGTH)
    (only,) = stages(config, baseline)
    model, given = network(baseline), batch()
    expected = (model.fuse(given.pan, given.ms_up, None) - given.truth).abs().mean()
    torch.testing.assert_close(only.losses(model, given, None, nullcontext).total, expected)
    assert [stage.number for stage in stages(config, ARCHITECTURE)] == [1, 2]


def test_losses_are_float32_where_the_network_computes_in_fewer_bits() -> None:
    def autocast() -> Any:
        return torch.autocast("cpu", torch.bfloat16)

    for stage in (TruthStage(LENGTH, has_prior=True, loss="l1"), second()):
        exact = stage.losses(network(), batch(), draw(), nullcontext)
        coarse = stage.losses(network(), batch(), draw(), autocast)
        assert coarse.total.dtype == torch.float32
        torch.testing.assert_close(coarse.total, exact.total, rtol=0.05, atol=0.01)
        assert not torch.equal(coarse.total, exact.total)


def test_what_a_sample_draws_depends_on_its_number_alone() -> None:
    whole = Draw.of(7, 2, 11, range(6), ARCHITECTURE)
    half = Draw.of(7, 2, 11, range(3, 6), ARCHITECTURE)
    for together, alone in zip((whole.t, whole.eps, whole.start), (half.t, half.eps, half.start)):
        assert torch.equal(together[3:], alone)
    for other in (Draw.of(8, 2, 11, range(6), ARCHITECTURE), Draw.of(7, 2, 12, range(6), ARCHITECTURE)):
        assert not torch.equal(other.eps, whole.eps)
    assert not torch.equal(whole.eps[0], whole.eps[1]) and not torch.equal(whole.eps, whole.start)


def test_times_are_spread_over_all_steps_of_the_schedule() -> None:
    like = replace(ARCHITECTURE, timesteps=4)
    times = Draw.of(0, 2, 0, range(200), like).t
    assert times.unique().tolist() == [1, 2, 3, 4] and float(times.float().mean()) == pytest.approx(2.5, abs=0.3)


@pytest.mark.parametrize(("adapts", "generators"), [("all", True), ("kernels", False)])
def test_adapting_changes_the_fusion_network_with_or_without_what_generates_its_modulation(
    adapts: str, generators: bool
) -> None:
    config = TrainingConfig("run", stage1=LENGTH, start="model", adapt=True, adapts=adapts)
    (stage,) = stages(config, ARCHITECTURE)
    names = stage.trained(network())
    assert {name.split(".")[0] for name in names} == {"backbone"}
    assert any(".generator." in name for name in names) == generators
    assert "backbone.head.weight" in names
