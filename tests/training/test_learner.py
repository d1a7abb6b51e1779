"""A step decays weights alone, clips, and uses the precision that was asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from engine.data.sampling import Sampler  # noqa: E402
from engine.errors import InputError  # noqa: E402
from engine.network.ksdiff import KSDiff  # noqa: E402
from engine.training.distributed import Processes  # noqa: E402
from engine.training.learner import Learner, precision_of  # noqa: E402
from engine.training.stages import stages  # noqa: E402
from engine.training.validation import Stopped  # noqa: E402
from tests.training.synthetic import BANDS, Ripples, config  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def learner(path: Path, **changes: Any) -> tuple[Learner, Any]:
    settings = config(path, **changes)
    architecture = settings.network(BANDS)
    torch.manual_seed(0)
    made = Learner(KSDiff(architecture), stages(settings, architecture)[0], settings, Processes())
    return made, Sampler([Ripples()], [1.0], 32, 4, 0).batch(0)


def test_weights_decay_and_biases_do_not(tmp_path: Path) -> None:
    made, batch = learner(tmp_path, weight_decay=0.5)
    generator = made.network.backbone.modulated()[0].generator.core.mlp[0]
    # Nothing flows back to this layer of a fresh generator, whose next one is zero: only decay moves it.
    torch.nn.init.ones_(generator.bias)
    before = generator.weight.detach().clone()
    made.step(0, batch, 0.1, lambda: True)
    torch.testing.assert_close(generator.weight.detach(), before * (1 - 0.1 * 0.5))
    assert torch.equal(generator.bias.detach(), torch.ones_like(generator.bias))


def test_a_step_that_is_stopped_has_taught_nothing(tmp_path: Path) -> None:
    made, batch = learner(tmp_path)
    before = {name: value.clone() for name, value in made.tensors().items()}
    for patience in (0, 1):
        answers = iter([True] * patience + [False])
        with pytest.raises(Stopped):
            made.step(0, batch, 0.1, lambda answers=answers: next(answers))
    assert all(torch.equal(value, before[name]) for name, value in made.tensors().items())


def test_the_norm_that_is_told_is_that_of_all_gradients(tmp_path: Path) -> None:
    made, batch = learner(tmp_path, clip=1e-3)
    norm = made.step(0, batch, 0.0, lambda: True)[2]
    left = torch.stack([value.grad.norm() for value in made.network.parameters() if value.grad is not None]).norm()
    assert norm > 1e-2 and left == pytest.approx(1e-3, rel=1e-3)


def test_the_average_follows_each_step_by_its_number(tmp_path: Path) -> None:
    made, batch = learner(tmp_path, ema=0.5)
    expected = made.network.backbone.head.weight.detach().clone()
    for step in range(4):
        made.step(step, batch, 0.01, lambda: True)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * made.network.backbone.head.weight.detach()
    torch.testing.assert_close(made.average.network.backbone.head.weight, expected)


def test_the_weights_lie_channels_last(tmp_path: Path) -> None:
    made, _ = learner(tmp_path)
    weight = made.network.backbone.head.weight
    assert weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()


@pytest.mark.parametrize(("has_instructions", "best"), [(True, "bf16"), (False, "off")])
def test_precision_is_what_was_asked_for_or_what_pays(
    has_instructions: bool, best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_instructions, raising=False)
    cpu = torch.device("cpu")
    assert [precision_of(name, cpu) for name in ("off", "bf16", "auto")] == ["off", "bf16", best]
    assert precision_of("auto", torch.device("mps")) == "off"


def test_tensors_of_another_network_are_refused_in_a_sentence(tmp_path: Path) -> None:
    made, _ = learner(tmp_path)
    tensors = made.tensors()
    tensors.pop(next(iter(tensors)))
    with pytest.raises(InputError, match="does not hold the weights of its network"):
        made.restore(tensors)


def test_the_second_stage_learns_beside_a_truth_encoder_at_rest(tmp_path: Path) -> None:
    settings = config(tmp_path)
    architecture = settings.network(BANDS)
    network = KSDiff(architecture)
    for stage, learns in zip(stages(settings, architecture), (True, False)):
        Learner(network, stage, settings, Processes())
        encoder = network.truth_encoder
        assert encoder.training == learns and all(value.requires_grad == learns for value in encoder.parameters())


LEARNS = """
import os, tempfile
from engine.network.ksdiff import Architecture, KSDiff
from engine.training.config import TrainingConfig
from engine.training.distributed import Processes
from engine.training.learner import Learner
from engine.training.stages import stages
import torch

architecture = Architecture.tiny(4)
config = TrainingConfig(folder="x")
processes = Processes(device=torch.device("cpu"))
Learner(KSDiff(architecture), stages(config, architecture)[0], config, processes)
assert "torch._dynamo" in __import__("sys").modules, "what this is about has not happened"
print(os.listdir(tempfile.gettempdir()), os.environ.get("TORCHINDUCTOR_CACHE_DIR"))
"""


@pytest.mark.slow
@pytest.mark.parametrize("set_by_user", [False, True])
def test_a_training_leaves_no_folder_of_the_compiler_among_the_temporary_files(
    set_by_user: bool, tmp_path: Path
) -> None:
    (tmp_path / "temporary").mkdir()
    given = {"TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "mine")} if set_by_user else {}
    kept = {name: value for name, value in os.environ.items() if name != "TORCHINDUCTOR_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", LEARNS],
        cwd=ROOT,
        env={**kept, "TMPDIR": str(tmp_path / "temporary"), **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["[]", given.get("TORCHINDUCTOR_CACHE_DIR", "None")]
