"""Translatable texts: tools read them from the source, so each must stand there whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import i18n


def test_every_translatable_text_is_one_plain_string(root: Path) -> None:
    _, complaints = i18n.texts(root / "ksdiff_qgis")
    assert not complaints, "\n".join(complaints)


def test_collector_and_plugin_use_the_same_context_and_file_name(root: Path) -> None:
    source = (root / "ksdiff_qgis" / "translation.py").read_text(encoding="utf-8")
    assert re.search(rf'^CONTEXT = "{i18n.CONTEXT}"$', source, re.MULTILINE)
    assert f'"{i18n.NAME}_{{name}}.qm"' in source


def test_texts_are_collected_in_their_order_and_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('def f():\n    return tr("One")\ny = self.tr("Two " "halves")\nz = tr("One")\n')
    assert i18n.texts(tmp_path) == (["One", "Two halves"], [])


@pytest.mark.parametrize("call", ['tr(f"{n} bands")', 'tr("a" + b)', "tr(text)", 'tr("a", "b")'])
def test_a_text_that_is_computed_is_complained_about(call: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"x = {call}\n")
    assert i18n.texts(tmp_path)[1]


def test_an_update_keeps_translations_and_counts_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "ksdiff_de.ts"
    assert i18n.update(path, "de", ["Sharpen", "Band <1> & more"]) == 2

    missing, present = '<translation type="unfinished" />', "<translation>Schärfen</translation>"
    path.write_text(path.read_text(encoding="utf-8").replace(missing, present, 1), encoding="utf-8")
    assert i18n.update(path, "de", ["Band <1> & more", "Sharpen", "New"]) == 2
    assert path.read_text(encoding="utf-8").count("Schärfen") == 1

    i18n.update(path, "de", ["New"])
    assert '<translation type="vanished">Schärfen</translation>' in path.read_text(encoding="utf-8")
    assert i18n.update(path, "de", ["New", "Sharpen"]) == 1


def test_an_update_without_change_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ksdiff_de.ts"
    i18n.update(path, "de", ["One", "Two\nlines"])
    before = path.read_bytes()
    i18n.update(path, "de", ["One", "Two\nlines"])
    assert path.read_bytes() == before
