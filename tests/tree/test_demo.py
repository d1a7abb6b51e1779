"""The demo: the first thing a newcomer runs, so it has to work whenever everything else does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.qgis
def test_the_demo_sharpens_the_sample_shows_it_and_says_how_far_the_colours_moved(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(root / "tools" / "demo.py")], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert {"B2 blue", "B7 swir2"} <= {line[2:].split("  ")[0] for line in done.stdout.splitlines()}
    demo = root / "build" / "demo"
    assert (demo / "sharpened.tif").stat().st_size > 100_000
    assert (demo / "side_by_side.png").read_bytes().startswith(b"\x89PNG")
