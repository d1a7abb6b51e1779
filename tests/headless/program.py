"""`qgis_process` as a program in a profile of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

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

    def __call__(self, *arguments: str, timeout_s: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=timeout_s)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)
