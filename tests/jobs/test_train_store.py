"""Training a model for any sensor from a store of samples: its card, its promises and its mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.data.from_store import Made, write_store  # noqa: E402
from engine.errors import EngineError  # noqa: E402
from engine.events import Progress  # noqa: E402
from engine.jobs.train import train  # noqa: E402
from engine.modelfile.store import load_model  # noqa: E402
from engine.request import TrainRequest  # noqa: E402
from tests.jobs.runs import Run, run  # noqa: E402
from tests.pairs import write_pair  # noqa: E402

IMAGES = ("PAN", "detail")
FACTS = ("ratio", "shift in columns", "shift in rows")
SETTINGS: dict[str, Any] = {
    "folder": "run",
    "architecture": {
        "backbone": "swift",
        "guides": 4,
        "width": 8,
        "tokens": 4,
        "latent": 16,
        "widths": [8, 16],
        "denoiser_width": 32,
        "denoiser_blocks": 1,
        "sampling_steps": 2,
    },
    "data": [{"store": "learn"}],
    "validation_data": [{"store": "check"}],
    "loss": "relative",
    "patch": 16,
    "batch": 4,
    "stage1": {"steps": 12, "lr": 5e-3, "warm_up": 2},
    "stage2": {"steps": 6, "lr": 2e-3, "warm_up": 2},
    "validate_every": 6,
    "validation_samples": 4,
    "ema": 0.5,
    "threads": 1,
    "device": "cpu",
    "precision": "off",
    "card": {"name": "ksdiff-any"},
}


def samples(count: int, seed: int) -> Iterator[Made]:
    """Yield waves, of which the band lacks half the detail that a guide shows."""
    random = np.random.default_rng(seed)
    row, col = np.mgrid[:24, :24]
    for _ in range(count):
        slow, fast = (np.sin(rate * (row + random.uniform(0.5, 1.0) * col)) for rate in (0.15, 1.4))
        guides = np.stack([slow + fast, fast])
        yield guides, slow[None], (slow + 0.5 * fast)[None], random.normal(0.0, 0.3, 3)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    for seed, (name, ratios) in enumerate((("learn", (2.0, 5.0)), ("check", (3.0, 4.0)))):
        write_store(folder / name, IMAGES, FACTS, ratios, samples(6, seed), "made up")
    return folder


def request(stores: Path, place: Path, resume: bool = False, **changes: Any) -> TrainRequest:
    path = place / "config.json"
    path.write_text(json.dumps({**SETTINGS, "base": str(stores), "folder": str(place / "run"), **changes}))
    return TrainRequest(str(path), (), resume)


@pytest.fixture(scope="module")
def trained(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(train(request(stores, tmp_path_factory.mktemp("trained"))))


def test_the_model_is_for_any_bands_of_any_sensor_at_the_ratios_of_the_store(trained: Run) -> None:
    card, network = load_model(trained.result["model"], for_bands=7)
    assert card.input.bands == () and card.sensors == ("any",) and card.input.ratios_tested == (2.0, 5.0)
    assert network.architecture.guides == 4 and network.architecture.bands == 1
    assert trained.result["scores"]["l1"] < trained.result["exp"]["l1"]


def test_errors_are_told_as_if_the_samples_had_their_brightness(trained: Run) -> None:
    # MS lacks 0.5 sin: an error of 0.354 spread, against a brightness of 10: 100 / 5 * 0.0354 = 0.7 per cent.
    assert 0.5 < trained.result["exp"]["ergas"] * 4.0 / 5.0 < 1.3
    assert trained.result["scores"]["ergas"] < trained.result["exp"]["ergas"]


@pytest.mark.slow
def test_a_run_that_is_resumed_ends_with_the_weights_of_one_that_never_stopped(
    trained: Run, stores: Path, tmp_path: Path
) -> None:
    events = train(request(stores, tmp_path))
    for event in events:
        if isinstance(event, Progress) and event.fraction > 0.3:
            break
    events.close()
    again = run(train(TrainRequest(str(tmp_path / "config.json"), (), resume=True)))
    ends = [load_model(each.result["model"])[0].tensor_hash for each in (trained, again)]
    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"architecture": {"backbone": "swift", "guides": 3}}, "has 4 channels beside PAN, and the network takes 3"),
        ({"architecture": "tiny"}, "has 4 channels beside PAN, and the network takes 0"),
        ({"architecture": {"guides": 4}}, "'pannext' takes nothing beside PAN"),
        ({"patch": 32}, "larger than the samples of"),
        ({"data": [{"store": "nowhere"}]}, "holds no store of samples"),
        ({"loss": "l3"}, "loss is 'l3'"),
    ],
)
def test_what_does_not_go_together_is_said_before_anything_is_learnt(
    changes: dict[str, Any], sentence: str, stores: Path, tmp_path: Path
) -> None:
    with pytest.raises(EngineError) as caught:
        run(train(request(stores, tmp_path, **changes)))
    assert sentence in caught.value.fact and caught.value.remedy.endswith(".")


def test_images_and_stores_are_not_learnt_from_together(stores: Path, tmp_path: Path) -> None:
    write_pair(tmp_path / "pair", size=96, ratio=2, bands=1)
    with pytest.raises(EngineError, match="has 0 channels beside PAN, and the network takes 4"):
        run(train(request(stores, tmp_path, folders=[str(tmp_path / "pair")])))
