"""`qgis_process` in a throw-away profile that holds the plugin's zip and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.package import NAME, build

# Debian's wrapper `qgis_process` passes an option that the program itself refuses; the program lies beside it.
PROGRAM = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
TIMEOUT_S = 120


class Headless:
    """Starts `qgis_process` in its profile."""

    def __init__(self, profiles: Path) -> None:
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("QGIS", "KSDIFF", "PYTHON"))},
            "HOME": str(profiles),
            "XDG_RUNTIME_DIR": str(profiles),
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_CUSTOM_CONFIG_PATH": str(profiles),
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it and return at once."""
        return subprocess.Popen(
            [str(PROGRAM), *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=TIMEOUT_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


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
