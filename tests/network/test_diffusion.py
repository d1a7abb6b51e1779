"""The schedule against its formula, the identities between z_0, z_t and the noise, and DDIM with an oracle."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import RequestError
from engine.network.diffusion import Diffusion, cosine_schedule, keyed_noise, pairs

STEPS = [1, 2, 4, 8, 25, 500]


def nothing_learnt(z_t: Tensor, t: Tensor, condition: Tensor) -> Tensor:
    """A denoiser whose answer depends on all it is given."""
    return torch.tanh(z_t * 0.7 + condition) + t.to(z_t.dtype).view(-1, 1, 1) / 1000


def test_the_schedule_is_that_of_nichol_and_dhariwal() -> None:
    t = np.arange(501) / 500
    f = np.cos((t + 0.008) / 1.008 * np.pi / 2) ** 2
    schedule = cosine_schedule(500).numpy()
    assert schedule.dtype == np.float64
    np.testing.assert_allclose(schedule[:500], f[:500] / f[0], rtol=1e-10)
    np.testing.assert_allclose(schedule[500], 0.001 * f[499] / f[0], rtol=1e-10)  # the last beta is cut at 0.999


def test_the_signal_falls_at_every_step_from_one_to_almost_nothing() -> None:
    schedule = cosine_schedule(500)
    assert schedule[0] == 1
    assert (schedule.diff() < 0).all()
    assert 0 < schedule[-1] < 1e-7


def test_the_buffers_lose_only_the_last_bits_of_the_schedule() -> None:
    diffusion, schedule = Diffusion(500), cosine_schedule(500)
    assert diffusion.signal.dtype == diffusion.noise.dtype == torch.float32
    # 1 - abar in float32 would already be wrong by 1e-3 at t = 1.
    torch.testing.assert_close(diffusion.noise.double() ** 2, 1 - schedule, rtol=1e-6, atol=0)
    torch.testing.assert_close(diffusion.signal.double() ** 2, schedule, rtol=1e-6, atol=0)


def test_a_file_of_weights_does_not_repeat_the_schedule() -> None:
    assert not Diffusion(500).state_dict()


def test_noise_is_added_as_the_paper_says() -> None:
    diffusion = Diffusion(500)
    z0, eps = torch.tensor([[[3.0]], [[3.0]]]), torch.tensor([[[-2.0]], [[-2.0]]])
    f = [np.cos((t / 500 + 0.008) / 1.008 * np.pi / 2) ** 2 for t in (0, 250)]
    signal, noise = np.sqrt(f[1] / f[0]), np.sqrt(1 - f[1] / f[0])
    z = diffusion.add_noise(z0, torch.tensor([0, 250]), eps)
    np.testing.assert_allclose(z.flatten(), [3.0, 3 * signal - 2 * noise], rtol=1e-6)


@pytest.mark.parametrize("t", [1, 2, 250, 499, 500])
def test_the_noise_that_was_added_is_found_again(t: int) -> None:
    diffusion = Diffusion(500).double()
    z0, eps = keyed_noise(1, (3, 4, 5)).double(), keyed_noise(2, (3, 4, 5)).double()
    times = torch.full((3,), t)
    torch.testing.assert_close(diffusion.noise_in(diffusion.add_noise(z0, times, eps), times, z0), eps)


def test_a_step_with_the_truth_lands_on_the_noised_truth() -> None:
    diffusion = Diffusion(500).double()
    z0, eps = keyed_noise(1, (2, 4, 5)).double(), keyed_noise(2, (2, 4, 5)).double()
    t, s = torch.tensor([500, 100]), torch.tensor([300, 0])
    stepped = diffusion.step(diffusion.add_noise(z0, t, eps), t, s, z0)
    torch.testing.assert_close(stepped, diffusion.add_noise(z0, s, eps))


@pytest.mark.parametrize("steps", STEPS)
def test_the_steps_lead_from_noise_to_the_clean_latent_without_a_repeat(steps: int) -> None:
    taken = pairs(500, steps)
    assert len(taken) == steps
    assert taken[0][0] == 500
    assert taken[-1][1] == 0
    assert all(t > s for t, s in taken)
    assert [s for _, s in taken[:-1]] == [t for t, _ in taken[1:]]
    lengths = {t - s for t, s in taken}
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("timesteps", [1, 3, 7, 50])
def test_any_number_of_steps_up_to_all_can_be_taken(timesteps: int) -> None:
    for steps in range(1, timesteps + 1):
        times = [timesteps] + [s for _, s in pairs(timesteps, steps)]
        assert len(set(times)) == steps + 1
        assert times[-1] == 0


@pytest.mark.parametrize("steps", [0, -1, 501])
def test_an_impossible_number_of_steps_is_refused_with_a_remedy(steps: int) -> None:
    with pytest.raises(RequestError, match=f"{steps} sampling steps cannot be taken. Choose 1 to 500."):
        pairs(500, steps)


@pytest.mark.parametrize("steps", STEPS)
def test_with_an_oracle_the_clean_latent_comes_back_exactly_in_any_number_of_steps(steps: int) -> None:
    z0, noise = keyed_noise(1, (2, 16, 8)), keyed_noise(2, (2, 16, 8))
    found = Diffusion(500).sample(lambda z_t, t, c: z0, noise, noise, steps)
    assert torch.equal(found, z0)


def test_the_denoiser_is_asked_at_the_times_of_the_steps_with_the_condition() -> None:
    asked = []

    def listening(z_t: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        assert condition is given
        asked.append(t.tolist())
        return z_t

    given = torch.zeros(2, 4, 6)
    Diffusion(500).sample(listening, given, keyed_noise(0, (2, 4, 6)), 4)
    assert asked == [[500, 500], [375, 375], [250, 250], [125, 125]]


def test_two_steps_by_hand() -> None:
    f = [np.cos((t / 500 + 0.008) / 1.008 * np.pi / 2) ** 2 for t in range(501)]
    abar = np.array(f) / f[0]
    abar[500] = 0.001 * abar[499]
    z = 1.3
    for t, s in ((500, 250), (250, 0)):
        z0 = np.tanh(0.7 * z + 0.2) + t / 1000
        eps = (z - np.sqrt(abar[t]) * z0) / np.sqrt(1 - abar[t])
        z = np.sqrt(abar[s]) * z0 + np.sqrt(1 - abar[s]) * eps
    found = (
        Diffusion(500)
        .double()
        .sample(nothing_learnt, torch.full((1, 1, 1), 0.2).double(), torch.full((1, 1, 1), 1.3).double(), 2)
    )
    np.testing.assert_allclose(found.item(), z, rtol=1e-6)


def test_sampling_twice_gives_the_same_bits() -> None:
    diffusion = Diffusion(500).double()
    condition, noise = keyed_noise(1, (2, 16, 8)).double(), keyed_noise(2, (2, 16, 8)).double()
    once, twice = (diffusion.sample(nothing_learnt, condition, noise, 8) for _ in range(2))
    assert once.dtype == torch.float64
    assert torch.equal(once, twice)


def test_noise_depends_on_its_key_alone() -> None:
    torch.manual_seed(1)
    once = keyed_noise(7, (2, 3))
    torch.manual_seed(2)
    assert torch.equal(keyed_noise(7, (2, 3)), once)
    assert not torch.equal(keyed_noise(8, (2, 3)), once)


def test_making_noise_leaves_the_random_numbers_of_others_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    keyed_noise(7, (2, 3))
    assert torch.equal(torch.rand(3), expected)


def test_noise_has_the_spread_that_the_schedule_counts_on() -> None:
    noise = keyed_noise(0, (100, 16, 64)).double()
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 1) < 0.01
