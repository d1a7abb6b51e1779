"""Models are known by names that mean one of them, and one that lacks what it changes is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import ModelFileError
from engine.jobs import library
from engine.jobs.library import file_of, looked_into
from engine.modelfile import places
from engine.modelfile.card import ANY_SENSOR, Base, read_card
from tests.jobs.models import sound_file

OTHER = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def names(*folders: Path) -> dict[str, str]:
    """Return the files of the folders' models by what each is called."""
    called = looked_into(map(str, folders)).names()
    return {name: os.path.basename(known.path) for name, known in called.items()}


def test_the_newest_goes_by_its_name_alone_and_the_others_with_their_version(tmp_path: Path) -> None:
    for stem, version in (("a", "1.9.0"), ("b", "1.10.0"), ("c", "1.2")):
        sound_file(tmp_path / f"{stem}.safetensors", name="ksdiff-one", version=version)
    sound_file(tmp_path / "two.safetensors", name="ksdiff-two")
    assert names(tmp_path) == {
        "ksdiff-one": "b.safetensors",
        "ksdiff-one 1.9.0": "a.safetensors",
        "ksdiff-one 1.2": "c.safetensors",
        "ksdiff-two": "two.safetensors",
    }


def test_different_models_of_one_name_and_version_go_by_their_files(tmp_path: Path) -> None:
    sound_file(tmp_path / "Genève été.safetensors")
    sound_file(tmp_path / "雪.safetensors", OTHER)
    assert names(tmp_path) == {name: f"{name}.safetensors" for name in ("Genève été", "雪")}
    found = looked_into([str(tmp_path)])
    assert found.called("雪").path == str(tmp_path / "雪.safetensors")
    with pytest.raises(ModelFileError, match=r"2 models are called 'ksdiff-test 1\.0\.0': .*Genève été") as caught:
        found.called("ksdiff-test 1.0.0")
    assert caught.value.remedy == "Name the file of one."
    with pytest.raises(ModelFileError, match="2 models are called 'ksdiff-test'"):
        found.called("ksdiff-test")


def test_a_file_called_like_another_model_does_not_take_its_name(tmp_path: Path) -> None:
    """The two that share a name and a version could else go by a name that is a third one's."""
    sound_file(tmp_path / "ksdiff-one.safetensors", name="ksdiff-two")
    sound_file(tmp_path / "b.safetensors", OTHER, name="ksdiff-two")
    sound_file(tmp_path / "c.safetensors", name="ksdiff-one")
    called = looked_into([str(tmp_path)]).names()
    assert called["ksdiff-one"].path == str(tmp_path / "c.safetensors") and len(called) == 3


def test_a_copy_is_the_same_model_and_the_first_folder_goes_first(tmp_path: Path) -> None:
    first = sound_file(tmp_path / "first" / "z.safetensors")
    second = sound_file(tmp_path / "second" / "a.safetensors")
    found = looked_into([str(tmp_path / "first"), str(tmp_path / "second"), str(tmp_path / "first" / "..")])
    assert len(found.models) == 2 and found.called("ksdiff-test").path == first
    assert found.called("ksdiff-test 1.0.0").path == first and found.called("a").path == second


def test_a_folder_named_twice_is_looked_into_once(tmp_path: Path) -> None:
    sound_file(tmp_path / "m.safetensors")
    os.symlink(tmp_path, tmp_path / "link")
    assert len(looked_into([str(tmp_path), f"{tmp_path}/.", str(tmp_path / "link")]).models) == 1


def test_a_name_that_nothing_has_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    sound_file(tmp_path / "m.safetensors", sensors=(ANY_SENSOR,))
    with pytest.raises(ModelFileError) as caught:
        file_of("ksdiff-tset", [str(tmp_path)])
    assert caught.value.fact == "There is no model called 'ksdiff-tset'; there are ksdiff-test."
    with pytest.raises(ModelFileError, match="there are none at all"):
        file_of("ksdiff-test", [])


@pytest.mark.parametrize("given", ["none.safetensors", "NONE.SAFETENSORS", "./none", "folder/none", ".", ".."])
def test_what_can_only_be_a_file_stays_as_it_is(given: str) -> None:
    assert file_of(given, []) == given


def test_a_file_goes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sound_file(tmp_path / "models" / "m.safetensors")
    monkeypatch.chdir(tmp_path)
    assert file_of("ksdiff-test", [str(tmp_path / "models")]) == path
    (tmp_path / "ksdiff-test").touch()
    assert file_of("ksdiff-test", [str(tmp_path / "models")]) == "ksdiff-test"


def adapter(path: Path, base: str) -> str:
    of = read_card(base)
    return sound_file(path, OTHER, name="ksdiff-adapted", base=Base(of.name, of.version, of.tensor_hash))


@pytest.mark.parametrize("where", ["beside it", "the user's folder", "the engine's"])
def test_an_adapter_is_known_as_long_as_its_base_can_be_found(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "shipped")
    own = tmp_path / "own"
    folder = {"beside it": own, "the user's folder": places.home(), "the engine's": tmp_path / "shipped"}[where]
    base = sound_file(folder / "base.safetensors")
    path = adapter(own / "adapted.safetensors", base)
    assert looked_into([str(own)]).called("ksdiff-adapted").path == path
    os.remove(base)
    found = looked_into([str(own)])
    assert not found.models and [problem.path for problem in found.problems] == [path]
    assert "nowhere to be found" in found.problems[0].text


def test_the_base_of_many_adapters_is_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = sound_file(tmp_path / "base.safetensors")
    for number in range(5):
        adapter(tmp_path / f"{number}.safetensors", base)
    asked = []
    monkeypatch.setattr(library, "base_for", lambda *given: (asked.append(given), base)[1])
    assert len(looked_into([str(tmp_path)]).models) == 6 and len(asked) == 1


def test_the_adapters_of_a_model_are_known(tmp_path: Path) -> None:
    base = sound_file(tmp_path / "base.safetensors")
    path = adapter(tmp_path / "adapted.safetensors", base)
    models = looked_into([str(tmp_path)])
    assert [one.path for one in models.adapters_of(read_card(base))] == [path]
    assert models.adapters_of(read_card(path)) == []
