"""The Python of the worker: the one that was named, or one that is likely; and why another will not do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from engine.errors import WorkerError
from engine.ownpython import own_pythons
from engine.remote import interpreter
from engine.remote.interpreter import VARIABLE, check, cleaned, find
from tests.remote.strangers import stranger

ANSWER = """sys.stdout.write('[{}, {{"torch": "{}", "numpy": "1", "safetensors": "2"}}]')"""


@pytest.fixture(autouse=True)
def nobody_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    own_pythons.cache_clear()


def answering(folder: Path, torch: str, name: str = "python", version: str = "[3, 12, 1]") -> str:
    return stranger(folder, ANSWER.format(version, torch), name).path


def test_the_variable_wins_over_the_setting_and_that_over_the_managed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable, setting, managed = (answering(tmp_path, "2", name) for name in ("a b", "è", "c"))
    assert find(setting, managed).path == setting
    assert find("", managed).path == managed
    monkeypatch.setenv(VARIABLE, variable)
    found = find(setting, managed)
    assert found.path == variable and VARIABLE in found.reason


def test_a_python_is_named_from_the_working_folder_or_from_home_as_in_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = answering(tmp_path, "2")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find("./python").path == find("~/python").path == path
    assert find("python").path == "python"


def test_a_python_that_was_chosen_and_will_not_do_is_refused_and_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = answering(tmp_path, "2"), str(tmp_path / "missing")
    with pytest.raises(WorkerError, match="missing cannot be started"):
        find(bad, good)
    monkeypatch.setenv(VARIABLE, bad)
    with pytest.raises(WorkerError, match="missing cannot be started"):
        find(good, good)


def test_this_python_is_taken_where_it_has_torch_whatever_its_executable_claims_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "qgis-bin"))
    found = find("", str(tmp_path / "not made yet"))
    assert os.path.dirname(found.path) == os.path.join(sys.prefix, "bin") and "PyTorch" in found.reason
    assert check(found.path).python.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}")


def test_where_no_python_has_torch_it_is_said_with_what_can_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    said = rf"PyTorch was not found\. In QGIS, run 'Set up environment' once\. .*name a Python .* {VARIABLE}\."
    with pytest.raises(WorkerError, match=said):
        find()


def test_a_python_without_torch_is_told_apart() -> None:
    plain = Path("/usr/bin/python3")
    if not plain.exists():
        pytest.skip("no Python of the system")
    with pytest.raises(WorkerError, match=r"/usr/bin/python3 has no torch"):
        check(str(plain))


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("pass", "does not answer as a Python does"),
        ("print('{}')", "does not answer as a Python does"),
        ("sys.exit(3)", "does not answer as a Python does"),
        ("print('[[3, 8, 1], {}]')", r"is Python 3\.8\.1, and 3\.9 is the oldest"),
        ("""print('[[3, 9, 1], {"torch": "2"}]')""", "has no numpy and no safetensors"),
        ("time.sleep(9)", r"did not answer within 0\.2 s"),
    ],
)
def test_why_a_python_will_not_do_is_said(
    lines: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sleep" in lines:
        monkeypatch.setattr(interpreter, "_PATIENCE_S", 0.2)
    with pytest.raises(WorkerError, match=sentence):
        check(stranger(tmp_path, lines).path)


def test_what_has_been_mended_is_seen_and_what_was_good_is_not_asked_again(tmp_path: Path) -> None:
    path = stranger(tmp_path, "sys.exit(1)").path
    with pytest.raises(WorkerError):
        check(path)
    assert check(answering(tmp_path, "2.9")).torch == "2.9"
    stranger(tmp_path, "sys.exit(1)")
    assert check(path).torch == "2.9"


def test_modules_in_the_working_folder_are_not_those_of_a_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("torch", "numpy", "safetensors", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('decoy')\n")
    monkeypatch.chdir(tmp_path)
    if os.path.exists("/usr/bin/python3"):
        with pytest.raises(WorkerError, match="has no torch"):
            check("/usr/bin/python3")


def test_the_environment_is_cleaned_of_what_is_meant_for_another_python() -> None:
    before = {
        "PYTHONPATH": "a",
        "PYTHONHOME": "b",
        "LD_LIBRARY_PATH": "c",
        "DYLD_X": "d",
        "PATH": "e",
        "GDAL_DATA": "f",
    }
    after = cleaned(before, "/opt/conda/bin/python")
    assert after["PATH"] == "e" and not after.keys() & (before.keys() - {"PATH"})
    assert after["OMP_WAIT_POLICY"] == "PASSIVE" and after["PYTORCH_ENABLE_MPS_FALLBACK"] == "1"
    own = cleaned(before, own_pythons()[0])
    assert own["PYTHONHOME"] == "b" and own["LD_LIBRARY_PATH"] == "c" and "PYTHONPATH" not in own
    assert cleaned({"OMP_WAIT_POLICY": "ACTIVE"}, "p")["OMP_WAIT_POLICY"] == "ACTIVE"
