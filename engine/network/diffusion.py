"""The mathematics of diffusion in the latent: how noise is added, found again, and removed in a few steps.

T is the number of time steps; t = 0 is the clean latent and t = T is noise.  abar_t falls from 1 to nearly 0.
The network predicts the clean latent, so everything follows from z_t and the predicted z_0:

    abar_t = f(t) / f(0),  f(t) = cos((t/T + s) / (1 + s) * pi/2)^2,  beta_t <= 0.999     (1)
    z_t    = sqrt(abar_t) z_0 + sqrt(1 - abar_t) eps,  eps ~ N(0, I)                      (2)
    eps    = (z_t - sqrt(abar_t) z_0) / sqrt(1 - abar_t)                                  (3)
    z_s    = sqrt(abar_s) z_0 + sqrt(1 - abar_s) eps,  s < t  (DDIM, eta = 0)             (4)

(1): Nichol and Dhariwal 2021, equation 17.  (2): Ho et al. 2020, equation 4.  (3), (4): Song et al. 2021, equation 12.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Callable

import torch
from torch import Tensor, nn

from ..errors import RequestError

_OFFSET = 0.008  # s: keeps beta from vanishing at t = 0 (Nichol and Dhariwal 2021, section 3.2)
_MOST_BETA = 0.999  # keeps abar_T above 0 (same section)

Denoise = Callable[[Tensor, Tensor, Tensor], Tensor]  # z_t (B, N, C), t (B,), condition -> predicted z_0 (B, N, C)


def cosine_schedule(timesteps: int) -> Tensor:
    """Return abar_0 .. abar_T by (1), float64, shape (T + 1,)."""
    # On the CPU also where a network is built without memory: weights come from its file then, and this does not.
    times = torch.arange(timesteps + 1, dtype=torch.float64, device="cpu")
    angles = (times / timesteps + _OFFSET) / (1 + _OFFSET) * math.pi / 2
    f = angles.cos() ** 2
    beta = (1 - f[1:] / f[:-1]).clamp(max=_MOST_BETA)
    return torch.cat([beta.new_ones(1), (1 - beta).cumprod(0)])


def pairs(timesteps: int, steps: int) -> list[tuple[int, int]]:
    """Return the (t, s) of each step of (4), evenly from T to 0.  Raise RequestError where steps is not in 1..T."""
    if not 1 <= steps <= timesteps:
        raise RequestError(f"{steps} sampling steps cannot be taken.", f"Choose 1 to {timesteps}.")
    times = [timesteps * left // steps for left in range(steps, -1, -1)]
    return list(zip(times[:-1], times[1:]))


def keyed_noise(seed: int, shape: Sequence[int]) -> Tensor:
    """Return float32 noise that depends on seed and shape alone: made on the CPU, it is the same for every device."""
    return torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed))


class Diffusion(nn.Module):
    """Equations (2) to (4) over one schedule; z is (B, ...), and t is (B,), whole numbers."""

    signal: Tensor  # sqrt(abar_t), (T + 1,)
    noise: Tensor  # sqrt(1 - abar_t), (T + 1,)

    def __init__(self, timesteps: int) -> None:
        super().__init__()
        self.timesteps = timesteps
        alpha_bar = cosine_schedule(timesteps)
        # Not persistent: the schedule follows from T, and a file of weights need not repeat it.
        self.register_buffer("signal", alpha_bar.sqrt().float(), persistent=False)
        self.register_buffer("noise", (1 - alpha_bar).sqrt().float(), persistent=False)

    def add_noise(self, z0: Tensor, t: Tensor, eps: Tensor) -> Tensor:
        """Return z_t by (2), for t in 0..T."""
        return _at(self.signal, t, z0) * z0 + _at(self.noise, t, z0) * eps

    def noise_in(self, z_t: Tensor, t: Tensor, z0: Tensor) -> Tensor:
        """Return eps by (3), for t in 1..T."""
        return (z_t - _at(self.signal, t, z_t) * z0) / _at(self.noise, t, z_t)

    def step(self, z_t: Tensor, t: Tensor, s: Tensor, z0: Tensor) -> Tensor:
        """Return z_s by (4), where z0 is what was predicted from z_t; with s = 0 that is z0 itself."""
        return self.add_noise(z0, s, self.noise_in(z_t, t, z0))

    def sample(self, denoise: Denoise, condition: Tensor, noise: Tensor, steps: int) -> Tensor:
        """Return the latent that `steps` steps of (4) make of `noise`, which is z_T; gradients pass through."""
        z = noise
        for t, s in pairs(self.timesteps, steps):
            now, then = (torch.full((len(z),), time, device=z.device) for time in (t, s))
            z = self.step(z, now, then, denoise(z, now, condition))
        return z


def _at(schedule: Tensor, t: Tensor, like: Tensor) -> Tensor:
    return schedule[t].view(-1, *[1] * (like.dim() - 1))  # (B, 1, ...): one factor per image
