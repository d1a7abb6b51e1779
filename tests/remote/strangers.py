"""Programs that stand in for a Python and behave badly, and windows to send them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from engine.remote.interpreter import Interpreter
from engine.remote.protocol import FOLDER


def stranger(folder: Path, lines: str, name: str = "python") -> Interpreter:
    """Return a program that does what `lines` of Python say, whatever it is asked."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return Interpreter(str(path), "for a test")


def window(height: int, width: int, seed: int = 0) -> tuple[Any, Any]:
    """Return PAN (h, w) and MS (4, h, w) between 0 and 1."""
    random = np.random.default_rng(seed)
    return random.random((height, width), np.float32), random.random((4, height, width), np.float32)


def folders() -> set[str]:
    """Return the private folders that there are."""
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"{FOLDER}*")}
