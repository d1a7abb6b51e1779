"""The average follows the weights by its decay, sooner at first, and holds no gradient."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from engine.network.ksdiff import Architecture, KSDiff  # noqa: E402
from engine.training.ema import Average  # noqa: E402


def test_the_average_is_that_of_the_formula() -> None:
    network = KSDiff(Architecture.tiny(3))
    name, weight = next(iter(network.stage1_parameters().items()))
    untouched = network.condition_encoder.state_dict()
    average = Average(network, network.stage1_parameters(), 0.5)
    followed = dict(average.network.named_parameters())[name]
    expected = followed.clone()
    for step in range(12):
        weight.data += step + 1.0
        average.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * weight.data
        torch.testing.assert_close(followed, expected)
    assert not followed.requires_grad and not average.network.training
    for one, two in zip(untouched.values(), average.network.condition_encoder.state_dict().values()):
        assert torch.equal(one, two)
