"""The zip: what the plugin site demands of it, and that it holds the plugin and nothing else."""

from __future__ import annotations

import ast
import configparser
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

MAX_BYTES = 25 * 1024 * 1024
DEMANDED = (
    *("name", "description", "about", "version", "qgisMinimumVersion", "author", "email"),
    *("tracker", "repository", "homepage", "icon"),
)
# The site refuses or flags them.
UNWANTED = {
    *(".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".exe"),
    *(".sh", ".bat", ".cmd", ".ps1", ".pt", ".pth", ".pkl"),
}


def package(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "tools" / "package.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def names(plugin_zip: Path) -> list[str]:
    with zipfile.ZipFile(plugin_zip) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def metadata(unpacked: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unpacked / "ksdiff_qgis" / "metadata.txt", encoding="utf-8")
    return dict(parser["general"])


def test_it_is_small_enough(plugin_zip: Path) -> None:
    assert plugin_zip.stat().st_size <= MAX_BYTES


def test_everything_lies_in_one_folder_with_the_name_of_the_plugin(names: list[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"ksdiff_qgis"}


@pytest.mark.parametrize("name", ["__init__.py", "metadata.txt", "LICENSE", "CHANGELOG.md", "plugin.py", "provider.py"])
def test_the_plugins_folder_holds(name: str, names: list[str]) -> None:
    assert f"ksdiff_qgis/{name}" in names


def test_the_engine_and_its_tables_lie_in_the_plugin(names: list[str]) -> None:
    assert {"ksdiff_qgis/engine/__init__.py", "ksdiff_qgis/engine/sensors/sensors.json"} <= set(names)


def test_every_name_is_plain(names: list[str]) -> None:
    assert len(names) == len(set(names))
    for name in names:
        parts = PurePosixPath(name).parts
        assert name.isascii() and "\\" not in name and not name.startswith("/")
        assert not [part for part in parts if part.startswith(".") or part in {"__pycache__", "__MACOSX"}]


def test_nothing_the_site_refuses_is_in_it(names: list[str]) -> None:
    assert not [name for name in names if PurePosixPath(name).suffix.lower() in UNWANTED]
    assert not [name for name in names if re.search(r"_rc\.py$|/ui_\w+\.py$", name)]


def test_neither_tests_nor_sample_images_are_in_it(names: list[str]) -> None:
    assert not [name for name in names if name.endswith(".tif") or re.search("/(tests|tools|sample)/", name)]


def test_no_file_may_be_executed(plugin_zip: Path) -> None:
    with zipfile.ZipFile(plugin_zip) as archive:
        modes = {entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes == {stat.S_IFREG | 0o644}


@pytest.mark.parametrize("key", DEMANDED)
def test_metadata_says(key: str, metadata: dict[str, str]) -> None:
    assert metadata[key].strip()


def test_metadata_follows_the_sites_rules(metadata: dict[str, str]) -> None:
    assert "plugin" not in metadata["name"].lower()
    assert re.fullmatch(r"\d+\.\d+\.\d+", metadata["version"])
    assert "/" not in metadata["author"]
    assert "@" in metadata["email"]
    assert not re.search(r"<[a-zA-Z/]", metadata["about"] + metadata["description"])
    for key in ("tracker", "repository", "homepage"):
        assert metadata[key].startswith("https://")


def test_metadata_offers_the_plugin_to_qgis_3_and_4_and_to_qgis_process(metadata: dict[str, str]) -> None:
    assert metadata["qgisMinimumVersion"] == "3.22"
    assert metadata["qgisMaximumVersion"] == "4.99"
    assert metadata["hasProcessingProvider"] == "yes"


def test_about_says_what_must_be_installed(metadata: dict[str, str]) -> None:
    assert "nothing beyond QGIS" in metadata["about"]


def test_the_icon_is_there_and_is_a_png(metadata: dict[str, str], unpacked: Path) -> None:
    icon = (unpacked / "ksdiff_qgis" / metadata["icon"]).read_bytes()
    assert icon.startswith(b"\x89PNG") and len(icon) < 20_000


def test_the_licence_is_the_gpl_2(unpacked: Path) -> None:
    text = (unpacked / "ksdiff_qgis" / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text and "Version 2, June 1991" in text


def test_what_comes_from_others_has_its_licence_beside_it(unpacked: Path) -> None:
    vendor = unpacked / "ksdiff_qgis" / "vendor"
    modules = {path.stem for path in vendor.glob("*.py")} - {"__init__"}
    assert modules == {path.name.split(".")[0] for path in vendor.glob("*.LICENSE.txt")}


def test_every_module_has_the_grammar_of_python_3_9(unpacked: Path) -> None:
    for path in unpacked.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))


def test_the_same_tree_gives_the_same_zip(root: Path, plugin_zip: Path, tmp_path: Path) -> None:
    assert package(root, "zip", str(tmp_path)).returncode == 0
    assert (tmp_path / plugin_zip.name).read_bytes() == plugin_zip.read_bytes()


def test_install_lays_out_what_the_zip_holds(root: Path, unpacked: Path, tmp_path: Path) -> None:
    left_over = tmp_path / "python" / "plugins" / "ksdiff_qgis" / "left_over.py"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("")
    (left_over.parent / "metadata.txt").write_text("")

    assert package(root, "install", str(tmp_path)).returncode == 0

    def files(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert files(tmp_path / "python" / "plugins") == files(unpacked)


def test_install_does_not_replace_what_is_no_plugin(root: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "python" / "plugins" / "ksdiff_qgis" / "thesis.txt"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("mine")
    assert package(root, "install", str(tmp_path)).returncode == 1
    assert stranger.read_text() == "mine"
