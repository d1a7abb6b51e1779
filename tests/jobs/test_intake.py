"""A model is taken in as it is checked, whole or not at all, and none is replaced or removed that should stay."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError, InputError, ModelFileError, OutputError
from engine.events import Progress
from engine.jobs import intake
from engine.jobs.intake import checked, taken_in
from engine.jobs.models import models
from engine.modelfile import places
from engine.modelfile.card import Base, read_card
from engine.modelfile.places import SHIPPED
from engine.request import ModelsRequest
from tests.jobs.models import ENTRIES, WEIGHTS, sound_bytes, sound_file
from tests.jobs.runs import Run, files_in, run
from tests.modelfile.cards import card, entry, fields, model_bytes, model_file

OTHER = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
TARGET = "ksdiff-test_1.0.0.safetensors"


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for that of the models that come with the engine; it is not there yet."""
    for module in ("models", "intake"):
        monkeypatch.setattr(f"engine.jobs.{module}.SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "shipped")
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    return tmp_path / "shipped"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return the user's folder, which is not there yet."""
    return tmp_path / "mine" / "models"


def ask(action: str, file: str, folder: Path, **more: Any) -> Run:
    return run(models(ModelsRequest(file, action, folder=str(folder), **more)))


def beside(*folders: Path) -> dict[str, Any]:
    return {"directories": tuple(map(str, folders))}


def refusal(action: str, file: str, folder: Path, kind: type[EngineError], **more: Any) -> str:
    before = files_in(folder)
    with pytest.raises(kind) as caught:
        ask(action, file, folder, **more)
    assert files_in(folder) == before
    return str(caught.value)


def test_a_sound_model_is_copied_under_its_name_and_version_and_the_terms_are_said(tmp_path: Path, own: Path) -> None:
    source = sound_file(tmp_path / "von drüben 雪.safetensors")
    said = ask("import", source, own)
    assert files_in(own) == {TARGET: Path(source).read_bytes()}
    assert said.result["file"] == str(own / TARGET) and said.result["imported"] is True
    assert said.result["name"] == "ksdiff-test" and said.result["licence"] == "GPL-2.0-or-later"
    assert "Its weights may be used under GPL-2.0-or-later." in said.notes
    assert "It learnt from: Synthetic scenes (CC0-1.0; Nobody to thank)." in said.notes
    assert ask("list", "ksdiff-test", own).result["file"] == str(own / TARGET)


def test_the_progress_never_falls_and_ends_at_1(tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BLOCK", 8)
    said = ask("import", sound_file(tmp_path / "m.safetensors"), own)
    fractions = [event.fraction for event in said.events if isinstance(event, Progress)]
    assert len(fractions) > 50 and fractions == sorted(fractions) and fractions[-1] == 1.0


def test_the_shipped_model_is_sound() -> None:
    assert list(checked(str(SHIPPED / "ksdiff-any.safetensors")))[-1].fraction < 1.0


def test_weights_of_each_kind_are_hashed_as_pytorch_saved_them(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from engine.modelfile import store

    kinds = (torch.float32, torch.float16, torch.bfloat16)
    weights = {f"b.{kind}é": torch.arange(6, dtype=kind).reshape(2, 3) for kind in kinds}
    store.save(str(tmp_path / "m.safetensors"), card(), {**weights, "a": torch.tensor(2.0)})
    assert list(checked(str(tmp_path / "m.safetensors")))


@pytest.mark.parametrize(
    ("kind", "finite", "infinite"), [("F16", "ff7bff03", "003c007c"), ("BF16", "7f7f7f00", "803f80ff")]
)
def test_what_is_no_finite_number_of_half_precision_is_found(
    kind: str, finite: str, infinite: str, tmp_path: Path
) -> None:
    """By IEEE 754 all bits of the exponent are set: 5 of 16 in F16, 8 in BF16.  The finite ones are the largest."""
    for data, words in ((finite, "hash is another"), (infinite, "Weights of a are no finite numbers")):
        content = model_bytes(entries={"a": entry(0, 2, dtype=kind, size=2)}, data=0) + bytes.fromhex(data)
        with pytest.raises(ModelFileError, match=words):
            list(checked(model_file(tmp_path / "m.safetensors", content)))


def test_a_model_that_is_there_already_stays_and_that_is_said(tmp_path: Path, own: Path, shipped: Path) -> None:
    there = sound_file(own / "elsewhere named.safetensors")
    before = files_in(own)
    said = ask("import", sound_file(tmp_path / "m.safetensors"), own)
    assert said.result["imported"] is False and said.result["file"] == there and files_in(own) == before
    assert any("is there already" in note for note in said.notes)
    again = sound_file(shipped / "s.safetensors", name="ksdiff-any")
    once_more = sound_file(tmp_path / "n.safetensors", name="ksdiff-any")
    assert ask("import", once_more, own, **beside(shipped)).result["file"] == again


@pytest.mark.parametrize("where", ["own", "shipped"])
def test_another_model_of_the_same_name_and_version_is_never_replaced(
    where: str, tmp_path: Path, own: Path, shipped: Path
) -> None:
    there = sound_file((own if where == "own" else shipped) / "there.safetensors", OTHER)
    shipped.mkdir(exist_ok=True)
    said = refusal("import", sound_file(tmp_path / "m.safetensors"), own, ModelFileError, **beside(shipped))
    assert f"There is a model ksdiff-test 1.0.0 with other contents already: {there}." in said
    newer = sound_file(tmp_path / "n.safetensors", version="1.0.1")
    assert ask("import", newer, own).result["imported"] is True


def test_the_same_weights_with_another_card_are_another_model(tmp_path: Path, own: Path) -> None:
    sound_file(own / TARGET)
    changed = sound_file(tmp_path / "m.safetensors", licence="CC-BY-NC-4.0")
    assert "with other contents already" in refusal("import", changed, own, ModelFileError)


def test_a_model_is_there_already_also_beside_another_of_its_name_and_version(tmp_path: Path, own: Path) -> None:
    sound_file(own / "a.safetensors", OTHER)
    there = sound_file(own / "b.safetensors")
    assert ask("import", sound_file(tmp_path / "m.safetensors"), own).result["file"] == there


def test_a_damaged_model_is_not_passed_off_as_the_one_that_is_imported(tmp_path: Path, own: Path) -> None:
    """Its header is whole, so that it is listed, and its card is that of the sound file."""
    own.mkdir(parents=True)
    there = model_file(own / "m.safetensors", flipped(sound_bytes()))
    said = refusal("import", sound_file(tmp_path / "m.safetensors"), own, ModelFileError)
    assert said.startswith(f"{there} cannot be used as a model. Its weights are not those that were saved")


@pytest.mark.parametrize("kind", ["broken", "folder", "dangling"])
def test_whatever_has_the_name_already_is_not_replaced(kind: str, tmp_path: Path, own: Path) -> None:
    own.mkdir(parents=True)
    if kind == "broken":
        (own / TARGET).write_bytes(b"half")
    elif kind == "folder":
        (own / TARGET).mkdir()
    else:
        os.symlink(tmp_path / "outside.safetensors", own / TARGET)
    refusal("import", sound_file(tmp_path / "m.safetensors"), own, ModelFileError)
    assert os.listdir(own) == [TARGET] and not (tmp_path / "outside.safetensors").exists()


def flipped(content: bytes) -> bytes:
    return content[:-2] + bytes([content[-2] ^ 1]) + content[-1:]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (sound_bytes()[:-1], "cut off"),
        (sound_bytes()[:40], "cut off in its header"),
        (flipped(sound_bytes()), "hash is another than the card's"),
        (sound_bytes(tensor_hash=""), "hash is another than the card's"),
        (sound_bytes((*WEIGHTS[:5], float("inf"))), "Weights of b are no finite numbers"),
        (sound_bytes((float("nan"), *WEIGHTS[1:])), "Weights of a are no finite numbers"),
        (sound_bytes() + b"x", "bytes behind the weights"),
        (model_bytes(json.dumps(fields(format=2)), ENTRIES), "Update the plugin."),
        (b"PK\x03\x04 a pickle in a zip", "can hold code"),
    ],
)
def test_a_file_that_is_not_sound_is_refused_and_nothing_is_left(
    content: bytes, words: str, tmp_path: Path, own: Path
) -> None:
    own.mkdir(parents=True)
    path = model_file(tmp_path / "m.safetensors", content)
    said = refusal("import", path, own, ModelFileError)
    assert words in said and path in said and ".part" not in said


def test_a_file_that_is_too_large_is_refused_before_it_is_copied(
    tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_BYTES", 100)
    assert "no model of ours has more" in refusal("import", sound_file(tmp_path / "m.safetensors"), own, ModelFileError)
    assert not own.exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, own: Path) -> None:
    own.parent.mkdir()
    own.write_bytes(b"a file, where the folder should be")
    with pytest.raises(OutputError, match="cannot be written"):
        ask("import", sound_file(tmp_path / "m.safetensors"), own)


def test_a_full_disk_leaves_nothing(tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    own.mkdir(parents=True)
    source = sound_file(tmp_path / "m.safetensors")
    monkeypatch.setattr(os, "fsync", full)
    assert "No space left on device" in refusal("import", source, own, OutputError)


def adapter(path: Path, base: str) -> str:
    of = read_card(base)
    return sound_file(path, OTHER, name="ksdiff-adapted", base=Base(of.name, of.version, of.tensor_hash))


def test_an_adapter_is_taken_in_only_where_its_base_will_be_found(tmp_path: Path, own: Path, shipped: Path) -> None:
    base = sound_file(tmp_path / "base.safetensors")
    path = adapter(tmp_path / "adapted.safetensors", base)
    said = refusal("import", path, own, ModelFileError)
    assert f"{path} holds what was changed in the model ksdiff-test 1.0.0" in said and str(own) in said
    assert said.endswith("Import that model first.") and not own.exists()
    ask("import", base, own)
    assert ask("import", path, own).result["name"] == "ksdiff-adapted"
    os.remove(own / TARGET)
    assert "Import that model first." in refusal("import", path, own, ModelFileError)
    sound_file(shipped / "s.safetensors")
    assert ask("import", path, own).result["imported"] is False


def test_a_model_that_an_adapter_needs_is_removed_after_it(own: Path) -> None:
    base = sound_file(own / "base.safetensors")
    path = adapter(own / "adapted.safetensors", base)
    for name in ("ksdiff-test", base):
        said = refusal("remove", name, own, InputError)
        assert f"{path} holds what was changed in {base}, and needs it or a copy. Remove that one first." in said
    ask("remove", "ksdiff-adapted", own)
    ask("remove", "ksdiff-test", own)
    assert os.listdir(own) == []


def test_stopping_leaves_nothing(tmp_path: Path, own: Path) -> None:
    events = models(ModelsRequest(sound_file(tmp_path / "m.safetensors"), "import", folder=str(own)))
    for event in events:
        assert isinstance(event, Progress) and event.fraction < 1.0
        if event.stage == "Checking the weights":
            break
    assert len(os.listdir(own)) == 1
    events.close()
    assert os.listdir(own) == []


def test_what_is_imported_through_a_link_is_the_file_itself(tmp_path: Path, own: Path) -> None:
    source = sound_file(tmp_path / "real.safetensors")
    os.symlink(source, tmp_path / "link.safetensors")
    ask("import", str(tmp_path / "link.safetensors"), own)
    assert not (own / TARGET).is_symlink() and (own / TARGET).read_bytes() == Path(source).read_bytes()


@pytest.mark.parametrize("by", ["ksdiff-test", "ksdiff-test 1.0.0", "mein Modell ü", "path"])
def test_a_model_of_ones_own_is_removed_by_each_of_its_names(by: str, own: Path) -> None:
    path = sound_file(own / "mein Modell ü.safetensors")
    kept = sound_file(own / "kept.safetensors", name="ksdiff-kept")
    said = ask("remove", path if by == "path" else by, own)
    assert said.result["removed"] == path and [each["file"] for each in said.result["models"]] == [kept]
    assert f"ksdiff-test 1.0.0 was removed: {path}." in said.notes


def test_a_broken_file_can_be_removed(own: Path) -> None:
    own.mkdir(parents=True)
    path = model_file(own / "cut.safetensors", sound_bytes()[:-1])
    ask("remove", path, own)
    assert os.listdir(own) == []


def test_a_shipped_model_is_not_removed_by_any_way(shipped: Path, own: Path) -> None:
    path = sound_file(shipped / "s.safetensors")
    own.mkdir(parents=True)
    os.symlink(shipped, own / "way")
    for name in ("ksdiff-test", path, str(own / "way" / "s.safetensors")):
        assert "comes with the plugin" in refusal("remove", name, own, InputError, **beside(shipped))
    assert "comes with the plugin" in refusal("remove", path, shipped, InputError)
    assert Path(path).exists()


def test_a_file_outside_the_users_folder_is_not_removed(tmp_path: Path, own: Path) -> None:
    path = sound_file(tmp_path / "shared" / "m.safetensors")
    own.mkdir(parents=True)
    os.symlink(tmp_path / "shared", own / "way")
    ways = (
        path,
        str(own / "way" / "m.safetensors"),
        str(own / ".." / ".." / "shared" / "m.safetensors"),
        "ksdiff-test",
    )
    for way in ways:
        said = refusal("remove", way, own, InputError, **beside(tmp_path / "shared"))
        assert f"does not lie in your folder of models, which is {own}" in said
    assert Path(path).exists()


def test_of_a_link_out_of_the_folder_only_the_link_goes(tmp_path: Path, own: Path) -> None:
    path = sound_file(tmp_path / "outside.safetensors")
    own.mkdir(parents=True)
    os.symlink(path, own / "link.safetensors")
    ask("remove", "ksdiff-test", own)
    assert os.listdir(own) == [] and Path(path).exists()


def test_what_is_no_model_file_is_not_removed(own: Path) -> None:
    own.mkdir(parents=True)
    (own / "notes.txt").write_text("mine", encoding="utf-8")
    (own / "folder.safetensors").mkdir()
    for name in ("notes.txt", "folder.safetensors", "none.safetensors"):
        assert "is no model file" in refusal("remove", str(own / name), own, InputError)


def test_a_file_that_shrinks_while_it_is_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sound_file(tmp_path / "m.safetensors")
    monkeypatch.setattr(os.path, "getsize", lambda _: 10**6)
    with pytest.raises(InputError, match="has become shorter"):
        list(intake.blocks(path))


def test_taking_in_returns_the_card_of_the_copy(tmp_path: Path, own: Path) -> None:
    source = sound_file(tmp_path / "m.safetensors")
    events = taken_in(source, str(own), intake.Library((), ()))
    with pytest.raises(StopIteration) as ended:
        while True:
            next(events)
    known, is_new = ended.value.value
    assert is_new and known.card.title == card().title and known.path == str(own / TARGET)
