"""How large a network is follows from samples and time, and every network that can be chosen can be built."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.jobs.recipe import SIZES, Recipe, Samples, slug
from engine.request import BACKBONES, SELF, TeachRequest
from tests.jobs.teaching import write_set
from tests.slowness import mostly_slow


def of(samples: int = 1000, guides: int = 0, **changes: object) -> Recipe:
    there = Samples("/set/training", "/set/validation", samples, 200, 64, 1 if guides else 4, guides, "")
    return Recipe.of(there, TeachRequest("/set", "A name", python=SELF, **changes), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("samples", "changes", "size"),
    [
        (1000, {}, "middle"),
        (1000, {"minutes": 5.0}, "small"),
        (100, {}, "small"),
        (5000, {"minutes": 240.0}, "large"),
        (1000, {"minutes": 240.0}, "middle"),
        (1000, {"steps": 100}, "small"),
        (5000, {"steps": 20_000}, "large"),
    ],
)
def test_little_time_or_few_samples_make_a_small_network(samples: int, changes: dict[str, float], size: str) -> None:
    assert of(samples, **changes).size.name == size


@pytest.mark.parametrize("size", mostly_slow(SIZES, 0), ids=lambda size: size.name)
@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_network_can_be_built_and_has_the_parameters_it_is_said_to(backbone: str, size: object) -> None:
    pytest.importorskip("torch")
    from engine.network.ksdiff import Architecture, KSDiff

    recipe = of(backbone=backbone)
    recipe = Recipe(recipe.samples, recipe.request, None, size)  # type: ignore[arg-type]
    described = recipe.configuration("/run")["architecture"]
    made = KSDiff(Architecture.from_dict({"bands": 4, **json.loads(json.dumps(described))}))
    count = sum(value.numel() for value in made.parameters())
    assert 0.5 * recipe.size.parameters < count < 1.5 * recipe.size.parameters


def test_the_configuration_is_one_that_a_training_takes(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from engine.training.config import TrainingConfig

    for changes in ({}, {"steps": 10}, {"minutes": 0.01}):
        path = tmp_path / "config.json"
        path.write_text(json.dumps(of(**changes).configuration(str(tmp_path / "run"))))
        config = TrainingConfig.load(str(path))
        assert config.card.name == "a-name" and config.network(4).backbone == "swift"
    assert config.max_minutes == 0.01 and config.stage1.steps + config.stage2.steps == 1_000_000


def test_single_bands_of_any_sensor_are_for_one_backbone_alone() -> None:
    assert of(guides=16).configuration("/run")["loss"] == "relative"
    assert of(guides=16).configuration("/run")["architecture"]["guides"] == 16
    with pytest.raises(EngineError, match="the backbone pannext takes none such"):
        of(guides=16, backbone="pannext")


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Größe 4", "grosse-4"),
        ("  Landsat 8, São Paulo ", "landsat-8-sao-paulo"),
        ("4 Bänder", "model-4-bander"),
        ("雪", "model-x"),
        ("a", "model-a"),
        ("v1.5 -- (b)", "v1.5-b"),
    ],
)
def test_a_name_for_people_becomes_one_for_files(name: str, called: str) -> None:
    assert slug(name) == called


def test_a_set_tells_what_it_holds(tmp_path: Path) -> None:
    told = Samples.of(write_set(tmp_path / "set", training=17, validation=3, bands=3))
    assert (told.count, told.held_out, told.patch, told.bands, told.guides) == (17, 3, 32, 3, 0)
    assert told.words == "3 bands" and told.training == str(tmp_path / "set" / "training")
