"""A network that begins from a model has its weights, those that an adapter leaves to its base too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from engine.errors import InputError  # noqa: E402
from engine.modelfile.card import Base  # noqa: E402
from engine.modelfile.store import load, save  # noqa: E402
from engine.network.ksdiff import KSDiff  # noqa: E402
from engine.training.start import take_weights  # noqa: E402
from tests.methods.models import model_file, tiny  # noqa: E402


def test_an_adapter_brings_the_weights_of_its_base(tmp_path: Path) -> None:
    card, weights = load(model_file(tmp_path, tiny()))
    path, changed = str(tmp_path / "adapted.safetensors"), "backbone.head.weight"
    of = Base(card.name, card.version, card.tensor_hash)
    save(path, replace(card, base=of), {changed: weights[changed] + 1.0})
    network = KSDiff(tiny(), with_truth_encoder=False)
    assert take_weights(network, path) == sum(value.numel() for value in weights.values())
    expected = {**weights, changed: weights[changed] + 1.0}
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())


def test_a_model_of_another_fusion_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is another than the one to be trained"):
        take_weights(KSDiff(tiny(8)), model_file(tmp_path, tiny(4)))
