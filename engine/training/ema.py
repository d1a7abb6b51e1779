"""A network that is the moving average of the one being trained: it is what is validated and kept."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn

from ..network.ksdiff import KSDiff


class Average:
    """Follows the weights in training: average = decay average + (1 - decay) weight, after each step.

    Early on the decay is (1 + n) / (10 + n) after n steps, so that a short run does not end where it began.
    """

    def __init__(self, network: KSDiff, trained: Mapping[str, Tensor], decay: float) -> None:
        self.network = deepcopy(network).eval().requires_grad_(False)
        self._decay = decay
        self._weights = list(trained.values())
        own = dict(self.network.named_parameters())
        self._averages: list[Tensor] = [own[name] for name in trained]

    def update(self, done: int) -> None:
        """Take in the weights after step number `done`, counted from 0."""
        decay = min(self._decay, (1 + done) / (10 + done))
        update = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        update(self._averages, self._weights, 0)
