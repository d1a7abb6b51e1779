"""Texts get their names together, whole, or older files of these names stay."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from engine.errors import OutputError
from engine.raster.documents import check_nameable, written
from tests.jobs.runs import files_in


def test_texts_are_written_as_utf8_to_the_byte(tmp_path: Path) -> None:
    texts = {str(tmp_path / "a.html"): "Größe\r\n", str(tmp_path / "b.csv"): "x\ny\n"}
    with written(texts):
        pass
    assert files_in(tmp_path) == {"a.html": "Größe\r\n".encode(), "b.csv": b"x\ny\n"}


def test_a_name_that_utf8_does_not_know_is_written_all_the_same(tmp_path: Path) -> None:
    with written({str(tmp_path / "a.csv"): "caf\udce9.tif"}):
        pass
    assert (tmp_path / "a.csv").read_bytes() == b"caf\\udce9.tif"


def test_older_files_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("older and longer")
    with written({str(tmp_path / "a.csv"): "new"}):
        pass
    assert files_in(tmp_path) == {"a.csv": b"new"}


def test_what_fails_afterwards_takes_the_texts_back(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("older")
    with pytest.raises(KeyError), written({str(tmp_path / "a.csv"): "new", str(tmp_path / "b.csv"): "new"}):
        raise KeyError
    assert files_in(tmp_path) == {"a.csv": b"older"}


@pytest.mark.parametrize("deed", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_what_was_there(deed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("older")
    real, calls = getattr(os, deed), []

    def refuse(*arguments: Any) -> None:
        calls.append(arguments)
        if (deed == "fsync" and len(calls) == 2) or str(arguments[0]).endswith("b.csv.part"):
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(os, deed, refuse)
    said = r"b\.csv cannot be written \(No space left on device\)\. Make room"
    texts = {str(tmp_path / name): "new" for name in ("a.csv", "b.csv")}
    with pytest.raises(OutputError, match=said), written(texts):
        pytest.fail("the body ran")
    assert files_in(tmp_path) == {"a.csv": b"older"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.txt", "does not end in .html"),
        ("html", "does not end in .html"),
        ("none/a.html", "does not exist"),
        ("folder.html", "is a folder"),
    ],
)
def test_a_name_that_cannot_be_given_is_refused_in_words(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(OutputError, match=words):
        check_nameable(str(tmp_path / name), (".html", ".htm"))


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(OutputError, match="may not be written to"):
        check_nameable(str(tmp_path / "a.html"), (".html",))


def test_capitals_and_other_endings_of_the_kind_are_taken(tmp_path: Path) -> None:
    for name in ("A.HTML", "a.htm"):
        check_nameable(str(tmp_path / name), (".html", ".htm"))
