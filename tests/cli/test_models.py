"""`models` on the command line: its promises are those of the other verbs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.jobs import library, models
from tests.jobs.models import sound_file
from tests.modelfile.cards import card, model_bytes, model_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for the one with the models that come with the package; it is not there yet."""
    folder = tmp_path / "resources" / "models"
    for module in (library, models):
        monkeypatch.setattr(module, "SHIPPED", folder)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return folder


def test_a_card_is_one_line_of_json_and_needs_no_torch(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.safetensors")
    script = "import sys; sys.modules['torch'] = None; from engine.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", script, "models", path, "--json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\n") == 1 and done.stderr == ""
    assert json.loads(done.stdout)["description"] == card().description


def test_shipped_models_and_those_of_named_folders_are_listed(
    shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped.mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    model_file(shipped / "s.safetensors")
    model_file(tmp_path / "mine" / "m.safetensors", model_bytes()[:-1])
    assert main(["models", "--folder", str(tmp_path / "mine"), "--json"]) == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert [model["file"] for model in result["models"]] == [str(shipped / "s.safetensors")]
    assert len(result["broken"]) == 1 and "Warning: " in said.err and "cut off" in said.err


def test_without_shipped_models_the_list_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    said = capsys.readouterr()
    own = os.path.join(os.environ["XDG_DATA_HOME"], "ksdiff", "models")
    assert said.out.split() == ["models", "-", "broken", "-", "folder", own] and said.err == ""


def test_without_json_a_card_is_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", model_file(tmp_path / "m.safetensors")]) == 0
    lines = capsys.readouterr().out
    assert "title          KSDiff for tests\n" in lines and "licence        GPL-2.0-or-later\n" in lines


def test_the_stac_item_is_written_where_it_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = model_file(tmp_path / "m.safetensors")
    assert main(["models", path, "--mlm", str(tmp_path / "item.json")]) == 0
    assert "item.json" in capsys.readouterr().err
    assert json.loads((tmp_path / "item.json").read_text(encoding="utf-8"))["id"] == "ksdiff-test-1.0.0"


def test_a_model_is_taken_into_the_users_folder_named_there_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "--import", sound_file(tmp_path / "m.safetensors"), "--json"]) == 0
    said = capsys.readouterr()
    target = json.loads(said.out)["file"]
    assert target.startswith(os.path.join(os.environ["XDG_DATA_HOME"], "ksdiff", "models"))
    assert "may be used under GPL-2.0-or-later" in said.err
    assert main(["models", "ksdiff-test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == target
    assert main(["models", "--remove", "ksdiff-test"]) == 0 and not os.path.exists(target)


def test_the_first_folder_named_takes_the_place_of_the_users_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--folder", str(tmp_path / "mine"), "--folder", str(tmp_path / "shared")]
    shared = sound_file(tmp_path / "shared" / "s.safetensors", name="ksdiff-shared")
    assert main(["models", "--import", sound_file(tmp_path / "m.safetensors"), *folders]) == 0
    assert os.listdir(tmp_path / "mine") == ["ksdiff-test_1.0.0.safetensors"]
    assert main(["models", "--remove", "ksdiff-shared", *folders]) == 1 and os.path.exists(shared)
    assert "does not lie in your folder of models" in capsys.readouterr().err


def test_the_cards_are_written_as_a_page(tmp_path: Path) -> None:
    page = tmp_path / "cards.html"
    assert main(["models", model_file(tmp_path / "m.safetensors"), "--html", str(page), "--quiet"]) == 0
    assert "KSDiff for tests" in page.read_text(encoding="utf-8")


def test_options_that_exclude_each_other_are_a_mistake_of_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in (["a", "--import", "b"], ["--import", "a", "--remove", "b"]):
        with pytest.raises(SystemExit) as ended:
            main(["models", *more])
        assert ended.value.code == 2 and "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["none.safetensors"], "does not exist"),
        (["--mlm", "x.json"], "none was named"),
        (["."], "is a folder"),
        (["none"], "There is no model called"),
    ],
)
def test_a_mistake_ends_with_1_and_a_sentence(
    more: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["models", *more]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("Error: ") and words in said.err
    assert os.listdir(tmp_path) == []
