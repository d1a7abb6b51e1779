"""`qgis_process` in a throw-away profile that holds the plugin's zip and nothing else."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.headless.program import PROGRAM, Headless
from tools.package import NAME, build


@pytest.fixture(scope="session")
def headless(tmp_path_factory: pytest.TempPathFactory) -> Headless:
    """A QGIS without desktop, where the plugin's zip was installed and enabled."""
    if PROGRAM is None:
        pytest.skip("qgis_process is not installed")
    profiles = tmp_path_factory.mktemp("profiles", numbered=False)
    profiles.chmod(0o700)
    plugins = profiles / "profiles" / "default" / "python" / "plugins"
    with zipfile.ZipFile(build(tmp_path_factory.mktemp("dist"))) as archive:
        archive.extractall(plugins)
    started = Headless(profiles)
    enabled = started("plugins", "enable", NAME)
    assert enabled.returncode == 0, enabled.stderr
    return started


@pytest.fixture
def pansharpen(headless: Headless) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ksdiff:pansharpen, with --json, with the parameters named, by a method that needs no model unless told."""

    def run(**parameters: Any) -> subprocess.CompletedProcess[str]:
        given = [f"{name}={value}" for name, value in {"METHOD": "MTF-GLP-FS", **parameters}.items()]
        return headless("run", "ksdiff:pansharpen", "--json", "--", *given)

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qgis)
            item.add_marker(pytest.mark.slow)  # each starts QGIS anew
