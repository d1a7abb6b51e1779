"""The user's own models lie where the plugin says they do, and an adapter's base is found by its hash alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.modelfile import places
from engine.modelfile.card import Base
from engine.modelfile.places import SHIPPED, base_for, home, present
from tests.modelfile.cards import card, model_bytes, model_file

BASE = Base("ksdiff-any", "1.0.0", "cd" * 32)


@pytest.mark.parametrize(
    ("system", "expected"),
    [("linux", ".local/share"), ("darwin", "Library/Application Support"), ("win32", "AppData/Local")],
)
def test_each_system_has_its_place_for_what_is_the_users(
    system: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(sys, "platform", system)
    assert home() == Path.home() / expected / "ksdiff" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setenv("LOCALAPPDATA", "/data")
    assert (home() == Path("/data/ksdiff/models")) == (system != "darwin")


def test_folders_that_are_not_there_are_not_present(tmp_path: Path) -> None:
    assert present(tmp_path / "none", tmp_path) == (str(tmp_path),)


def test_the_models_that_come_with_the_engine_are_where_it_looks_for_them() -> None:
    assert (SHIPPED / "ksdiff-any.safetensors").is_file()


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, Path]:
    """Return an adapter's own folder, the user's, and the one that stands for that of the engine."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "shipped")
    folders = (tmp_path / "own", home(), tmp_path / "shipped")
    for folder in folders:
        folder.mkdir(parents=True)
    return folders


def whole(path: Path, tensor_hash: str = BASE.tensor_hash, **changes: object) -> str:
    return model_file(path, model_bytes(card(tensor_hash=tensor_hash, **changes).to_json()))


def test_a_base_is_looked_for_beside_the_adapter_then_in_the_users_folder_then_in_the_engines(
    three: tuple[Path, Path, Path],
) -> None:
    assert base_for(str(three[0]), BASE) is None
    for folder in reversed(three):
        path = whole(folder / "whatever it is called.safetensors")
        assert base_for(str(three[0]), BASE) == path


def test_a_base_is_known_by_its_hash_and_never_an_adapter_itself(three: tuple[Path, Path, Path]) -> None:
    whole(three[0] / "other.safetensors", "ef" * 32, name="ksdiff-any")
    whole(three[0] / "adapter.safetensors", base=Base("ksdiff-any", "0.9.0", "ef" * 32))
    assert base_for(str(three[0]), BASE) is None
    path = whole(three[0] / "renamed.safetensors", name="another-name")
    assert base_for(str(three[0]), BASE) == path


def test_what_is_no_sound_model_is_passed_over_and_so_is_a_folder_that_is_none(
    three: tuple[Path, Path, Path],
) -> None:
    (three[0] / "a.safetensors").write_bytes(b"half")
    (three[0] / "b.safetensors").mkdir()
    path = whole(three[2] / "any.safetensors")
    assert base_for(str(three[0]), BASE) == path
    assert base_for(str(three[0] / "none"), BASE) == path
    assert base_for(str(three[0] / "a.safetensors"), BASE) == path
