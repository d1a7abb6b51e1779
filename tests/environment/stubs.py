"""Programs that are no Python: scripts of the shell that answer, hang or talk nonsense."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


def write_stub(folder: Path, script: str) -> str:
    """Write the script into `folder`, under a name without a dot and with a space, and return its path."""
    if sys.platform == "win32":
        pytest.skip("scripts of the shell stand for programs here")
    path = folder / "ein stub"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)
