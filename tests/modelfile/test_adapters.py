"""A file that holds what was changed in a model is that model with its changes, or is refused in a sentence."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ModelFileError
from engine.modelfile import places
from engine.modelfile.card import Base, Card, read_card
from engine.modelfile.places import SHIPPED, home

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.modelfile import store  # noqa: E402 - it imports torch
from tests.methods.models import model_file, tiny  # noqa: E402

CHANGED = ("backbone.stem.weight", "backbone.head.weight")


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for that of the models that come with the engine; the user's is a private one."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "shipped"


def whole(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return model_file(folder, tiny())


def changes(base: str, *names: str) -> dict[str, Any]:
    tensors = store.load(base)[1]
    return {name: tensors[name] + 0.25 for name in names or CHANGED}


def adapter(folder: Path, base: str, tensors: dict[str, Any], **changed: Any) -> str:
    """Save what was changed in a model and return the file; `changed` are fields of its card."""
    card = read_card(base)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "adapted.safetensors"
    of = Base(card.name, card.version, card.tensor_hash)
    store.save(str(path), replace(card, **{"name": "ksdiff-adapted", "base": of, **changed}), tensors)
    return str(path)


def damaged(path: str) -> bytes:
    """Return what is in a model file, with one bit of its weights turned."""
    content = bytearray(Path(path).read_bytes())
    content[-3] ^= 1
    return bytes(content)


def refusal(path: str) -> str:
    with pytest.raises(ModelFileError) as caught:
        store.load(path)
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    return str(caught.value)


def test_an_adapter_is_its_base_but_for_what_was_changed(tmp_path: Path) -> None:
    base = whole(tmp_path)
    path = adapter(tmp_path, base, changes(base))
    card, network = store.load_model(path)
    state, before = network.state_dict(), store.load(base)[1]
    assert card == read_card(path) and card.name == "ksdiff-adapted" and state.keys() == before.keys()
    assert {name for name in state if not torch.equal(state[name], before[name])} == set(CHANGED)
    assert all(torch.equal(state[name], before[name] + 0.25) for name in CHANGED)
    loaded = store.load(path)[1]
    assert loaded.keys() == before.keys() and torch.equal(loaded[CHANGED[0]], state[CHANGED[0]])


@pytest.mark.parametrize("where", ["beside it", "the user's folder", "the engine's"])
def test_its_base_may_lie_in_one_of_three_places(where: str, shipped: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    base = whole({"beside it": own, "the user's folder": home(), "the engine's": shipped}[where])
    path = adapter(own, base, changes(base))
    assert torch.equal(store.load_model(path)[1].state_dict()[CHANGED[0]], changes(base)[CHANGED[0]])


def test_an_adapter_named_without_its_folder_is_looked_for_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = whole(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert store.load_model(os.path.basename(adapter(tmp_path, base, changes(base))))


def test_without_its_base_an_adapter_is_refused_with_the_name_of_what_is_missing(tmp_path: Path) -> None:
    base = whole(tmp_path / "gone")
    path = adapter(tmp_path, base, changes(base))
    said = refusal(path)
    assert f"{path} holds what was changed in the model ksdiff-test 1.0.0 (sha256 " in said
    assert read_card(base).tensor_hash[:12] in said and said.endswith("into the same folder, or adapt anew.")


def test_a_base_that_was_damaged_is_refused(tmp_path: Path) -> None:
    base = whole(tmp_path)
    path = adapter(tmp_path, base, changes(base))
    Path(base).write_bytes(damaged(base))
    assert f"The weights in {base} are not those that were saved" in refusal(path)


def test_a_damaged_copy_of_the_base_does_not_hide_a_sound_one(shipped: Path, tmp_path: Path) -> None:
    sound = whole(shipped)
    path = adapter(tmp_path / "own", sound, changes(sound))
    expected = store.load(path)[1]
    home().mkdir(parents=True)
    (home() / "copy.safetensors").write_bytes(damaged(sound))
    assert all(torch.equal(expected[name], tensor) for name, tensor in store.load(path)[1].items())


def test_an_adapter_that_was_damaged_is_refused(tmp_path: Path) -> None:
    base = whole(tmp_path)
    path = adapter(tmp_path, base, changes(base))
    Path(path).write_bytes(damaged(path))
    assert f"The weights in {path} are not those that were saved" in refusal(path)


def test_an_adapter_of_another_network_than_its_base_is_refused(tmp_path: Path) -> None:
    base = whole(tmp_path)
    other = {**tiny().to_dict(), "sampling_steps": 9}
    assert "describes another network than the model ksdiff-test 1.0.0" in refusal(
        adapter(tmp_path, base, changes(base), architecture=other)
    )


def test_weights_that_the_base_does_not_have_or_has_in_another_shape_are_named(tmp_path: Path) -> None:
    base = whole(tmp_path)
    intruding = adapter(tmp_path, base, {**changes(base), "intruder": torch.zeros(2)})
    assert "holds weights that its network does not have: intruder." in refusal(intruding)
    misshapen = adapter(tmp_path, base, {CHANGED[0]: torch.zeros(7)})
    assert f"holds weights of other shapes than its network: {CHANGED[0]}." in refusal(misshapen)


def test_the_base_of_an_adapter_is_never_an_adapter(tmp_path: Path) -> None:
    base = whole(tmp_path / "gone")
    first = adapter(tmp_path / "first", base, changes(base))
    second = adapter(tmp_path / "first" / "second", first, changes(base))
    os.rename(first, tmp_path / "first" / "second" / "first.safetensors")
    assert "nowhere to be found" in refusal(second)


def test_the_kernels_of_the_shipped_model_take_less_than_a_megabyte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SHIPPED", SHIPPED)
    base = str(SHIPPED / "ksdiff-any.safetensors")
    before = store.load(base)[1]
    kernels = [name for name in before if name.startswith("backbone.") and ".generator." not in name]
    path = adapter(tmp_path, base, changes(base, *kernels))
    assert 600_000 < os.path.getsize(path) < 1_000_000
    expected = {**before, **changes(base, *kernels)}
    state = store.load_model(path)[1].state_dict()
    assert state.keys() == expected.keys() and all(torch.equal(state[name], expected[name]) for name in state)


def test_what_is_listed_needs_no_base(tmp_path: Path) -> None:
    base = whole(tmp_path / "gone")
    card: Card = read_card(adapter(tmp_path, base, changes(base)))
    assert card.base == Base("ksdiff-test", "1.0.0", read_card(base).tensor_hash)
