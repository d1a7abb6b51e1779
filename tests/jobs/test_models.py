"""Models are listed from their headers, broken ones with their sentence; one is shown whole, and exported."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError, ModelFileError, OutputError, RequestError
from engine.jobs import models as job
from engine.jobs.models import models
from engine.request import ModelsRequest, from_json
from tests.jobs.runs import Run, run
from tests.modelfile.cards import card, fields, model_bytes, model_file


def listed(*directories: Path) -> Run:
    return run(models(ModelsRequest(directories=tuple(map(str, directories)))))


def test_each_model_of_the_folders_is_listed_by_name_and_once(tmp_path: Path) -> None:
    for folder in ("user", "shipped"):
        (tmp_path / folder).mkdir()
    first = model_file(tmp_path / "shipped" / "b.safetensors")
    model_file(tmp_path / "shipped" / "a.SAFETENSORS")
    model_file(tmp_path / "shipped" / "b.safetensors.part")
    model_file(tmp_path / "user" / "c.safetensors", model_bytes(card(8, name="ksdiff-wv3").to_json()))
    result = listed(tmp_path / "shipped", tmp_path / "user", tmp_path / "shipped").result
    names = [os.path.basename(model["file"]) for model in result["models"]]
    assert names == ["a.SAFETENSORS", "b.safetensors", "c.safetensors"] and result["broken"] == []
    assert result["models"][1] == {
        "file": first,
        "name": "ksdiff-test",
        "title": "KSDiff for tests",
        "version": "1.0.0",
        "bands": ["Coastal", "Blue", "Green", "Yellow"],
        "ratio": 4.0,
        "sensors": ["WV3"],
        "licence": "GPL-2.0-or-later",
    }
    assert result["models"][2]["name"] == "ksdiff-wv3" and len(result["models"][2]["bands"]) == 8


def test_a_broken_file_is_listed_with_its_sentence_beside_the_sound_ones(tmp_path: Path) -> None:
    model_file(tmp_path / "good.safetensors")
    cut = model_file(tmp_path / "cut.safetensors", model_bytes()[:-1])
    newer = model_file(tmp_path / "newer.safetensors", model_bytes(json.dumps(fields(format=2))))
    (tmp_path / "folder.safetensors").mkdir()
    said = listed(tmp_path)
    assert [model["name"] for model in said.result["models"]] == ["ksdiff-test"]
    problems = {entry["file"]: entry["problem"] for entry in said.result["broken"]}
    assert "cut off" in problems[cut] and "Update the plugin." in problems[newer] and len(problems) == 3
    assert sorted(said.warnings) == sorted(problems.values())


def test_a_folder_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    model_file(tmp_path / "m.safetensors")
    said = listed(tmp_path / "none", tmp_path)
    assert len(said.warnings) == 1 and str(tmp_path / "none") in said.warnings[0]
    assert len(said.result["models"]) == 1


def test_no_folder_has_no_models() -> None:
    assert listed().result == {"models": [], "broken": []}


def test_a_hundred_models_are_listed_in_half_a_second(tmp_path: Path) -> None:
    for number in range(100):
        model_file(tmp_path / f"{number}.safetensors")
    listed(tmp_path)
    begun = time.process_time()
    assert len(listed(tmp_path).result["models"]) == 100
    assert time.process_time() - begun < 0.5


def test_one_model_is_shown_with_all_of_its_card(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.safetensors")
    result = run(models(ModelsRequest(file=path))).result
    assert result["file"] == path and result["bytes"] == len(model_bytes())
    shown = json.loads(json.dumps(result))
    assert {key: shown[key] for key in fields()} == fields()


def test_one_broken_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="is empty"):
        run(models(ModelsRequest(file=model_file(tmp_path / "m.safetensors", b""))))


def exported(tmp_path: Path, out: str) -> dict[str, Any]:
    path = model_file(tmp_path / "my model.safetensors")
    result = run(models(ModelsRequest(file=path, out_mlm=str(tmp_path / out)))).result
    assert result["mlm"] == str(tmp_path / out)
    values: dict[str, Any] = json.loads((tmp_path / out).read_text(encoding="utf-8"))
    return values


def test_the_exported_item_refers_to_the_file_and_its_hash(tmp_path: Path) -> None:
    (tmp_path / "catalogue").mkdir()
    (asset,) = exported(tmp_path, "catalogue/item.json")["assets"].values()
    assert asset["href"] == "../my%20model.safetensors"
    assert asset["file:checksum"] == "1220" + hashlib.sha256(model_bytes()).hexdigest()
    assert asset["file:size"] == len(model_bytes())
    assert os.listdir(tmp_path / "catalogue") == ["item.json"]
    (beside,) = exported(tmp_path, "item.json")["assets"].values()
    assert beside["href"] == "my%20model.safetensors"


def test_a_large_file_is_hashed_block_by_block_and_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_BLOCK", 100)
    path = model_file(tmp_path / "m.safetensors")
    events = list(models(ModelsRequest(file=path, out_mlm=str(tmp_path / "item.json"))))
    fractions = [event.fraction for event in events if hasattr(event, "fraction")]
    assert len(fractions) > 10 and fractions == sorted(fractions) and fractions[-1] < 1.0
    asset = json.loads((tmp_path / "item.json").read_text(encoding="utf-8"))["assets"]["model"]
    assert asset["file:checksum"] == "1220" + hashlib.sha256(model_bytes()).hexdigest()


def test_an_item_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.safetensors")
    for out, words in (("item.txt", "end in .json"), ("none/item.json", "does not exist")):
        with pytest.raises(OutputError, match=words):
            run(models(ModelsRequest(file=path, out_mlm=str(tmp_path / out))))
    assert os.listdir(tmp_path) == ["m.safetensors"]


def test_a_file_that_goes_while_it_is_hashed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "read_card", lambda path: (card(), os.rename(path, f"{path}.gone"))[0])
    monkeypatch.setattr(os.path, "getsize", lambda path: 1)
    with pytest.raises(InputError, match="cannot be read to its end"):
        run(models(ModelsRequest(model_file(tmp_path / "m.safetensors"), out_mlm=str(tmp_path / "item.json"))))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"file": ""}, "'file'"),
        ({"directories": ["ok", ""]}, "'directories'"),
        ({"directories": "models"}, "one text"),
        ({"out_mlm": "item.json"}, "none was named"),
        ({"file": "m.json", "out_mlm": "./m.json"}, "the model itself"),
        ({"files": []}, "Unknown field"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        from_json(ModelsRequest, values)
