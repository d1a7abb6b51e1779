"""The version is written by hand once, and everything that repeats it agrees."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

import engine


@pytest.fixture
def version(root: Path) -> str:
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(root / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


def test_the_engine_has_the_version_of_the_plugin(version: str) -> None:
    assert engine.__version__ == version


def test_the_changelog_begins_with_this_version(root: Path, version: str) -> None:
    headings = re.findall(r"^## (\S+)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == version


def test_the_zip_is_named_after_the_version(plugin_zip: Path, version: str) -> None:
    assert plugin_zip.name == f"ksdiff_qgis-{version}.zip"


def test_pyproject_takes_the_version_from_the_engine(root: Path, version: str) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert 'version = { attr = "engine.__version__" }' in text
    assert f'"{version}"' not in text
