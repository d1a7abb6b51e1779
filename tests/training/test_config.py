"""A configuration says all that is done, in any order, and what cannot be meant is refused in a sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from engine.errors import EngineError, RequestError
from engine.network.ksdiff import Architecture
from engine.training.config import ImageData, PairData, PatchData, TrainingConfig

LEAST = {"folder": "run", "folders": ["scene"]}


def written(place: Path, **settings: Any) -> str:
    path = place / "config.json"
    path.write_text(json.dumps({**LEAST, **settings}))
    return str(path)


def load(place: Path, *overrides: str, **settings: Any) -> TrainingConfig:
    return TrainingConfig.load(written(place, **settings), overrides)


def test_a_folder_of_data_holds_pan_and_ms(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.training_sources() == (PairData("scene/pan.tif", ("scene/ms.tif",)),)
    assert config.validation_sources() == ()


def test_each_kind_of_data_is_told_by_its_first_name(tmp_path: Path) -> None:
    data = [
        {"pan": "p.tif", "ms": "m.tif", "weight": 2},
        {"image": "i.tif", "ratio": 2, "sensor": "S2", "bands": [1, 2]},
        {"h5": "a.h5", "sensor": "WV3"},
    ]
    assert load(tmp_path, data=data, folders=[]).training_sources() == (
        PairData("p.tif", ("m.tif",), weight=2.0),
        ImageData("i.tif", 2.0, "S2", (1, 2)),
        PatchData("a.h5", "WV3"),
    )


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.path("../a/b.tif") == str(tmp_path.parent / "a" / "b.tif")
    assert config.path(str(tmp_path)) == str(tmp_path)


def test_a_copy_in_another_folder_means_the_same_files(tmp_path: Path) -> None:
    config = load(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    copy = tmp_path / "elsewhere" / "config.json"
    copy.write_text(json.dumps(config.to_dict()))
    again = TrainingConfig.load(str(copy))
    assert again == config and again.path("scene") == str(tmp_path / "scene")


def test_settings_of_the_command_line_win(tmp_path: Path) -> None:
    overrides = ("stage1.steps=7", "folders=other", "stage2.lr=1e-3", "card.title=Of 2026", "max_minutes=null")
    config = load(tmp_path, *overrides, stage1={"steps": 5, "lr": 0.01}, max_minutes=3, stage2={"steps": 1, "lr": 1})
    assert (config.stage1.steps, config.stage1.lr, config.stage2.lr) == (7, 0.01, 0.001)
    assert config.folders == ("other",) and config.card.title == "Of 2026" and config.max_minutes is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"batches": 3}, "There is no setting batches"),
        ({"stage1": {"steps": 3, "lr": 0.1, "rate": 1}}, "There is no setting stage1.rate"),
        ({"data": [{"image": "i.tif", "ratio": 2}]}, "data[0].sensor is missing"),
        ({"batch": "many"}, "batch is 'many', and should be a whole number"),
        ({"batch": 2.5}, "batch is 2.5"),
        ({"batch": True}, "batch is True"),
        ({"batch": 0}, "batch is 0"),
        ({"separate": 1}, "should be true or false"),
        ({"patch": 8}, "Give 16 to 4096"),
        ({"ema": 1.0}, "ema is 1"),
        ({"stage1": {"steps": 3, "lr": 0.0}}, "stage1.lr is 0"),
        ({"stage1": {"steps": 3, "lr": 0.1, "lr_end": 0.2}}, "stage1.lr_end is 0.2"),
        ({"precision": "fp16"}, "Choose one of auto, off, bf16"),
        ({"h2_prior": "none"}, "unrolled, single_t"),
        ({"batch": 6, "accumulate": 4}, "does not fall into 4 equal pieces"),
        ({"variation": {"brightness": [1, 2, 3]}}, "variation.brightness is not a list of 2"),
        ({"variation": {"mtf": -1}}, "variation of mtf"),
        ({"data": [{"pam": "a"}]}, "What data[0] is cannot be told"),
        ({"architecture": "huge"}, "There is no architecture 'huge'"),
        ({"stage1_share": 1.5}, "between 0 and 1"),
        ({"folder": " "}, "No folder was named"),
        ({"card": []}, "card is [], and should be an object"),
        ({"max_minutes": 0}, "max_minutes is 0"),
        ({"batch": 10**9}, "Give 1 to 4096"),
        ({"threads": 100_000}, "Give 0 to 256"),
        ({"seed": 2**70}, "seed is"),
        ({"divisor": 1e-300}, "Give 1e-6 to 1e9, or null"),
        ({"data": {"pan": "p", "ms": "m", "weight": -1}}, "The weight of a source is -1"),
        ({"validation_data": {"pan": "p", "ms": "m", "pan_gain": 1.5}}, "pan_gain is 1.5"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(settings: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        load(tmp_path, **settings)
    assert said in str(caught.value) and caught.value.remedy.endswith(".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[1]", "is no JSON object"),
        (None, "cannot be read"),
        ("[" * 200_000, "is no JSON"),
        ('{"ema": 1' + "0" * 4000 + "}", "should be a number"),
        ('{"\\u001b[2J": 1}', r"no setting '\\x1b\[2J'"),
        ('{"folder": "a", "adapt": true}', "Nothing is named that could be adapted"),
        ('{"ema": 0.9, "ema": 0.99}', "'ema' stands in it twice"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(text: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(EngineError, match=said):
        TrainingConfig.load(str(path))


def test_an_object_changes_only_what_it_names(tmp_path: Path) -> None:
    least, changed = load(tmp_path), load(tmp_path, "stage1.lr=0.01", variation={"turns": False})
    assert changed.stage1.lr == 0.01 and changed.stage1.steps == least.stage1.steps
    assert not changed.variation.turns and changed.variation.mtf == least.variation.mtf


@pytest.mark.parametrize("override", ["batch.size=3", "=3", "batch"])
def test_a_setting_that_leads_nowhere_is_refused(override: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        load(tmp_path, override, batch=4)


def test_the_bands_of_the_network_are_those_of_the_data(tmp_path: Path) -> None:
    assert load(tmp_path, architecture="tiny").network(6) == Architecture.tiny(6)
    assert load(tmp_path).network(4) == Architecture(4)
    described = {"backbone": "fusionnet", "widths": [8, 16], "ranks": [2, 2, 1, 1]}
    assert load(tmp_path, architecture=described).network(5) == Architecture(
        5, backbone="fusionnet", widths=(8, 16), ranks=(2, 2, 1, 1)
    )
    with pytest.raises(RequestError, match="for 3 bands, and the data have 4"):
        load(tmp_path, architecture={"bands": 3}).network(4)


def test_only_what_decides_the_result_makes_another_training(tmp_path: Path) -> None:
    one = load(tmp_path)
    same = load(tmp_path, "folder=there", "threads=3", "device=cpu", "patience=4", "card.title=Other")
    other = load(tmp_path, "batch=16", "stage1.lr=0.01")
    assert one.hash() == same.hash() != other.hash()
    assert same.differences(one.to_dict()) == []
    assert other.differences(one.to_dict())[0] == "batch 32 instead of 16"
    assert [line.split()[0] for line in other.differences(one.to_dict())] == ["batch", "stage1"]


def test_a_setting_that_is_newer_than_a_run_was_then_as_it_is_by_default(tmp_path: Path) -> None:
    before = {name: value for name, value in load(tmp_path).to_dict().items() if name not in ("adapts", "loss")}
    assert load(tmp_path).differences(before) == []
    assert load(tmp_path, "loss=relative").differences(before) == ['loss "l1" instead of "relative"']


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no file without an end")
def test_a_file_without_an_end_is_refused_without_memory() -> None:
    with pytest.raises(EngineError, match="is too long for a configuration"):
        TrainingConfig.load("/dev/zero")


def test_a_file_may_begin_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    plain = Path(written(tmp_path))
    marked = tmp_path / "marked.json"
    marked.write_text(plain.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert TrainingConfig.load(str(marked)) == TrainingConfig.load(str(plain))
