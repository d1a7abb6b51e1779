"""The folder of a run keeps what is needed, whole; it refuses what is another run's, damaged, or in the way."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from engine.errors import EngineError, InputError, OutputError, RequestError  # noqa: E402
from engine.network.ksdiff import Architecture  # noqa: E402
from engine.training import checkpoint as module  # noqa: E402
from engine.training.checkpoint import Checkpoint, Folder, State  # noqa: E402
from tests.training.synthetic import BANDS, config  # noqa: E402

TENSORS = {"network/a": torch.randn(3, 2), "optimizer/a/step": torch.tensor(4.0), "best/a": torch.randn(2)}


def folder(path: Path, bands: int = BANDS, **changes: Any) -> Folder:
    return Folder(str(path), config(path, **changes), Architecture.tiny(bands))


def _line(step: int) -> dict[str, Any]:
    return {"stage": 1, "step": step}


def saved(path: Path, *numbers: int) -> Folder:
    made = folder(path)
    made.begin()
    for number in numbers:
        made.save(number, Checkpoint(State(step=number, best={"ergas": 2.5}, history=[_line(number)]), TENSORS))
    return made


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    found, wrong = saved(tmp_path / "run", 3).latest()
    assert found.state == State(step=3, best={"ergas": 2.5}, history=[_line(3)]) and wrong == []
    assert found.tensors.keys() == TENSORS.keys()
    for name, value in TENSORS.items():
        assert torch.equal(found.tensors[name], value) and found.tensors[name].shape == value.shape


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    made = saved(tmp_path / "run", 1, 2, 10)
    assert sorted(name for name in os.listdir(tmp_path / "run") if name.endswith(".npz")) == [
        "step-0000002.npz",
        "step-0000010.npz",
    ]
    assert made.latest()[0].state.step == 10


def test_a_folder_that_holds_a_run_is_refused(tmp_path: Path) -> None:
    saved(tmp_path / "run", 1)
    with pytest.raises(RequestError, match=r"holds a run already\. Continue it with --resume"):
        folder(tmp_path / "run").begin()


def test_a_folder_with_other_files_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    folder(tmp_path).begin()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    made = saved(tmp_path / "run", 1, 2)
    path = tmp_path / "run" / "step-0000002.npz"
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", content[:200] + bytes(50) + content[250:], b"PK" + content[9:]):
        path.write_bytes(damaged)
        found, wrong = made.latest()
        assert found.state.step == 1 and len(wrong) == 1 and "step-0000002.npz is damaged" in wrong[0]


def test_where_all_are_damaged_a_sentence_says_so(tmp_path: Path) -> None:
    made = saved(tmp_path / "run", 1)
    path = tmp_path / "run" / "step-0000001.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="damaged or cut off"):
        made.latest()
    path.unlink()
    with pytest.raises(InputError, match="holds no checkpoint"):
        made.latest()


@pytest.mark.parametrize(
    ("bands", "changes", "said"),
    [
        (BANDS + 1, {}, "is of another architecture"),
        (BANDS, {"batch": 8}, "was begun with batch 4 instead of 8"),
        (BANDS, {"h2_prior": "single_t"}, 'h2_prior "unrolled" instead of "single_t"'),
    ],
)
def test_the_checkpoint_of_another_training_is_refused(
    bands: int, changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    saved(tmp_path / "run", 1)
    with pytest.raises(EngineError) as caught:
        folder(tmp_path / "run", bands, **changes).latest()
    assert said in str(caught.value)


def test_what_does_not_decide_the_result_may_change(tmp_path: Path) -> None:
    saved(tmp_path / "run", 1)
    assert folder(tmp_path / "run", threads=2, max_minutes=4.0, patience=3).latest()[0].state.step == 1


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_is_a_sentence_and_leaves_the_checkpoint_before(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = saved(tmp_path / "run", 1)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, failing, full)
    with pytest.raises(OutputError, match=r"step-0000002\.npz cannot be written \(No space left"):
        made.save(2, Checkpoint(State(step=2), TENSORS))
    monkeypatch.undo()
    assert made.latest()[0].state.step == 1
    assert not [name for name in os.listdir(tmp_path / "run") if name.endswith(".part")]


def test_what_was_tampered_with_is_passed_over_like_what_is_damaged(tmp_path: Path) -> None:
    import numpy as np

    made = saved(tmp_path / "run", 1, 2)
    path = tmp_path / "run" / "step-0000002.npz"
    with np.load(path) as archive:
        arrays = dict(archive)
    for text in ("[]", "{}", '{"format": 1}', bytes(arrays["state.json"]).decode().replace("stage_began", "stage_end")):
        np.savez(path, **{**arrays, "state.json": np.frombuffer(text.encode(), np.uint8)})
        try:
            found, wrong = made.latest()
        except RequestError as error:  # of no format that is known
            assert "format None" in str(error)
        else:
            assert found.state.step == 1 and "step-0000002.npz is damaged" in wrong[0]


@pytest.mark.parametrize(
    "change",
    [
        {"stage": 9}, {"stage": 0}, {"stage": "x"}, {"step": -5}, {"step": True}, {"seconds": float("nan")},
        {"rate_factor": 1e300}, {"samples": 10**30}, {"best": {"x": "y"}}, {"best": 3}, {"history": [3]},
        {"history": [{"stage": 1}]}, {"history": None},
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_is_passed_over_like_what_is_damaged(change: dict[str, Any], tmp_path: Path) -> None:
    import numpy as np

    made = saved(tmp_path / "run", 1, 2)
    path = tmp_path / "run" / "step-0000002.npz"
    with np.load(path) as archive:
        arrays = dict(archive)
    text = json.loads(bytes(arrays["state.json"]))
    text["state"].update(change)
    np.savez(path, **{**arrays, "state.json": np.frombuffer(json.dumps(text).encode(), np.uint8)})
    found, wrong = made.latest()
    assert found.state.step == 1 and "step-0000002.npz is damaged" in wrong[0]


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_folder_that_no_disk_can_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be made"):
        folder(tmp_path / name).begin()


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    first = folder(tmp_path / "run")
    first.begin()
    with pytest.raises(RequestError, match="Another run is at work"):
        folder(tmp_path / "run", batch=8).begin()
    assert json.loads((tmp_path / "run" / "config.json").read_text())["batch"] == 4
    first.claim.give_up()
    assert os.listdir(tmp_path / "run") == ["config.json"]
    folder(tmp_path / "run").begin()


def test_nothing_executable_is_read(tmp_path: Path) -> None:
    import numpy as np

    made = saved(tmp_path / "run", 1)
    np.savez(tmp_path / "run" / "step-0000002.npz", **{"network/a": np.array([print], dtype=object)})
    found, wrong = made.latest()
    assert found.state.step == 1 and len(wrong) == 1


def test_a_checkpoint_outlives_a_loss_of_power(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes are on the disk before it has its name, and its name before the one before is removed."""
    made = saved(tmp_path / "run", 1, 2)
    done: list[str] = []
    replace, fsync, unlink = os.replace, os.fsync, Path.unlink

    def synced(handle: int) -> None:
        done.append(f"fsync {Path(os.readlink(f'/proc/self/fd/{handle}')).name}")
        fsync(handle)

    def replaced(source: Any, target: Any) -> None:
        done.append(f"rename {Path(target).name}")
        replace(source, target)

    def unlinked(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".npz":
            done.append(f"remove {path.name}")
        unlink(path, missing_ok)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("the system does not tell which file a handle is of")
    monkeypatch.setattr(module.os, "fsync", synced)
    monkeypatch.setattr(module.os, "replace", replaced)
    monkeypatch.setattr(Path, "unlink", unlinked)
    made.save(3, Checkpoint(State(step=3), TENSORS))
    name = "step-0000003.npz"
    assert done[:3] == [f"fsync {name}.part", f"rename {name}", "fsync run"]
    assert done[-1] == "remove step-0000001.npz"


def test_what_may_be_lost_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = saved(tmp_path / "run", 1)
    monkeypatch.setattr(module.os, "fsync", lambda handle: pytest.fail("was waited for"))
    made.write("training.html", b"page", lasting=False)
    assert (tmp_path / "run" / "training.html").read_bytes() == b"page"


def test_a_disk_that_cannot_fix_names_is_no_reason_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def of_files_alone(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(handle)

    monkeypatch.setattr(module.os, "fsync", of_files_alone)
    assert saved(tmp_path / "run", 1).latest()[0].state.step == 1
