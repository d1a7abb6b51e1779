"""The executable of the Python that runs us is found by where its parts lie, not by what runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ownpython import own_pythons


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    own_pythons.cache_clear()
    yield
    own_pythons.cache_clear()


def test_each_that_is_found_is_of_this_version_whatever_runs_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/qgis")
    found = own_pythons()
    assert found and found[0].startswith(sys.prefix) and len(set(found)) == len(found)
    for path in found:
        said = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, check=True)
        assert said.stdout.split() == [b"%d" % number for number in sys.version_info[:2]]


def test_what_is_not_there_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert own_pythons() == ()


def test_windows_has_other_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python.exe").touch()
    for name in ("prefix", "base_prefix"):
        monkeypatch.setattr(sys, name, str(tmp_path))
    monkeypatch.setattr(sys, "platform", "win32")
    assert own_pythons() == (str(tmp_path / "python.exe"),)
