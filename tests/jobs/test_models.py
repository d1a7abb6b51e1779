"""Models are listed from their headers, broken ones with their sentence; one is shown whole, and exported."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError, ModelFileError, OutputError
from engine.jobs import intake
from engine.jobs import models as job
from engine.jobs.models import models
from engine.modelfile.card import Base
from engine.request import ModelsRequest
from tests.jobs.models import sound_file
from tests.jobs.runs import Run, run
from tests.modelfile.cards import card, fields, model_bytes, model_file


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for that of the models that come with the engine; it is not there yet."""
    monkeypatch.setattr(job, "SHIPPED", tmp_path / "resources")
    return tmp_path / "resources"


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
        "ratios_tested": [2.0, 4.0],
        "sensors": ["WV3"],
        "licence": "GPL-2.0-or-later",
        "bytes": len(model_bytes()),
        "hash": "",
        "base": None,
        "scores": fields()["scores"],
        "shipped": False,
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
    assert listed().result == {"models": [], "broken": [], "folder": ""}


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


def test_a_line_of_the_log_says_what_matters_of_each_model(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.safetensors")
    (line,) = listed(tmp_path).notes
    assert line == (
        "ksdiff-test: KSDiff for tests, 1.0.0; 4 bands, ratio 2 to 4, WV3; SAM 2.5; GPL-2.0-or-later; 0.0 MB; " + path
    )


def test_of_an_adapter_list_and_page_say_which_model_it_changes(tmp_path: Path) -> None:
    base = Base("ksdiff-any", "0.11.0", "cd" * 32)
    model_file(tmp_path / "b.safetensors", model_bytes(card(name="ksdiff-any", tensor_hash=base.tensor_hash).to_json()))
    path = sound_file(tmp_path / "a.safetensors", name="ksdiff-adapted", base=base)
    said = listed(tmp_path)
    (adapted,) = (each for each in said.result["models"] if each["file"] == path)
    assert adapted["base"] == {"name": "ksdiff-any", "version": "0.11.0", "tensor_hash": "cd" * 32}
    assert [note.split("; ")[-3] for note in said.notes] == ["changes ksdiff-any 0.11.0", "GPL-2.0-or-later"]
    run(models(ModelsRequest(path, out_html=str(tmp_path / "page.html"))))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Changes" in page and "ksdiff-any 0.11.0 (sha256 cdcdcdcdcdcd), which it needs beside itself" in page
    run(models(ModelsRequest(str(tmp_path / "b.safetensors"), out_html=str(tmp_path / "page.html"))))
    assert "Changes" not in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_who_is_shown_an_adapter_without_its_base_is_warned(tmp_path: Path) -> None:
    base = Base("ksdiff-any", "0.11.0", "cd" * 32)
    path = sound_file(tmp_path / "a.safetensors", name="ksdiff-adapted", base=base)
    (warning,) = run(models(ModelsRequest(path))).warnings
    assert "ksdiff-any 0.11.0 (sha256 cdcdcdcdcdcd), which is nowhere to be found" in warning
    (problem,) = listed(tmp_path).result["broken"]
    assert problem == {"file": path, "problem": warning}
    model_file(tmp_path / "b.safetensors", model_bytes(card(tensor_hash=base.tensor_hash).to_json()))
    assert run(models(ModelsRequest(path))).warnings == []


def test_shipped_models_are_listed_before_the_users_own_and_told_from_them(shipped: Path, tmp_path: Path) -> None:
    for folder in (shipped, tmp_path / "own"):
        folder.mkdir()
    model_file(shipped / "s.safetensors")
    model_file(tmp_path / "own" / "o.safetensors", model_bytes(card(name="ksdiff-own").to_json()))
    result = run(models(ModelsRequest(directories=(str(shipped),), folder=str(tmp_path / "own")))).result
    assert [(each["name"], each["shipped"]) for each in result["models"]] == [
        ("ksdiff-test", True),
        ("ksdiff-own", False),
    ]
    assert result["folder"] == str(tmp_path / "own")


def test_a_model_is_shown_by_its_name(shipped: Path) -> None:
    shipped.mkdir()
    path = model_file(shipped / "s.safetensors")
    assert run(models(ModelsRequest("ksdiff-test", directories=(str(shipped),)))).result["file"] == path


def test_the_page_shows_what_was_asked_for_and_strangers_words_as_words(tmp_path: Path) -> None:
    words = "<script>alert(1)</script>"
    mine = card(name="ksdiff-mine", title=words, description=f"a {words}\nb", sensors=(words,))
    path = model_file(tmp_path / "<img src=x>.safetensors", model_bytes(mine.to_json()))
    model_file(tmp_path / "other.safetensors")
    model_file(tmp_path / "broken.safetensors", b"<i>")
    page = tmp_path / "page.html"
    run(models(ModelsRequest(directories=(str(tmp_path),), out_html=str(page))))
    whole = page.read_text(encoding="utf-8")
    assert "<script" not in whole and "<img" not in whole and "<i>" not in whole
    assert whole.count("&lt;script&gt;") >= 3 and "&lt;img src=x&gt;" in whole
    assert "KSDiff for tests" in whole and "It is no .safetensors file." in whole
    run(models(ModelsRequest(file=path, out_html=str(page))))
    assert "KSDiff for tests" not in page.read_text(encoding="utf-8")


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
    monkeypatch.setattr(intake, "BLOCK", 100)
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
