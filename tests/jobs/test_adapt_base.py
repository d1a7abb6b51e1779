"""The shipped model that an adapter changes is copied to where no update replaces it, once, and without any risk."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from engine.events import Noted, Warned
from engine.jobs.intake import base_kept
from engine.jobs.models import models
from engine.modelfile import places
from engine.modelfile.card import Base, read_card
from engine.modelfile.places import home
from engine.request import ModelsRequest
from tests.jobs.models import sound_file
from tests.jobs.runs import files_in, run

OTHER = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a model that comes with the engine; the user has no folder of models yet."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "shipped")
    return sound_file(tmp_path / "shipped" / "s.safetensors")


def base_of(path: str) -> Base:
    card = read_card(path)
    return Base(card.name, card.version, card.tensor_hash)


def test_a_shipped_base_is_copied_to_the_users_models_once(shipped: str) -> None:
    said = base_kept(base_of(shipped), home())
    assert isinstance(said, Noted) and str(home()) in said.message and said.message.startswith("ksdiff-test 1.0.0")
    assert files_in(home()) == {"ksdiff-test_1.0.0.safetensors": Path(shipped).read_bytes()}
    assert base_kept(base_of(shipped), home()) is None and len(os.listdir(home())) == 1


def test_a_base_that_the_user_has_already_is_not_copied(shipped: str) -> None:
    sound_file(home() / "called otherwise.safetensors", name="ksdiff-other")
    assert base_kept(base_of(shipped), home()) is None and os.listdir(home()) == ["called otherwise.safetensors"]


def folder_in_the_way(own: Path) -> None:
    own.parent.mkdir(parents=True)
    own.write_bytes(b"a file, where the folder should be")


def another_of_its_name(own: Path) -> None:
    sound_file(own / "mine.safetensors", OTHER)


@pytest.mark.parametrize(
    ("hinder", "words"),
    [(folder_in_the_way, "cannot be written"), (another_of_its_name, "with other contents already")],
)
def test_a_base_that_cannot_be_copied_is_a_warning(hinder: Any, words: str, shipped: str) -> None:
    hinder(home())
    before = files_in(home().parent), files_in(home())
    said = base_kept(base_of(shipped), home())
    assert isinstance(said, Warned) and words in said.message and "may go with an update" in said.message
    assert (files_in(home().parent), files_in(home())) == before


def test_with_an_adapter_that_is_taken_in_its_base_is_copied_too(shipped: str, tmp_path: Path) -> None:
    card = read_card(shipped)
    adapted = sound_file(tmp_path / "a.safetensors", OTHER, name="ksdiff-mine", base=asdict(base_of(shipped)))
    home().mkdir(parents=True)
    done = run(models(ModelsRequest(adapted, "import", folder=str(home()))))
    assert set(files_in(home())) == {
        f"ksdiff-mine_{card.version}.safetensors",
        f"{card.name}_{card.version}.safetensors",
    }
    assert any("was copied to" in note for note in done.notes)
