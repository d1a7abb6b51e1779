"""Programs that stand in for a Python and behave badly, windows to send them, and what they may have left behind."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.remote.interpreter import Interpreter
from engine.remote.protocol import FOLDER

ROOT = Path(__file__).resolve().parents[2]
ODD = 'it\'s a "größer" 雪 & $HOME'  # what a folder may be called
# Speaks the worker's language without PyTorch: a kernel of zeros, and MS as it came for the result.
_PUPPET = f"""
if sys.argv[1] == "-c":
    sys.stdout.write('[[3, 12, 1], {{"torch": "2.9", "numpy": "1", "safetensors": "2"}}]')
    sys.exit()
open("started", "w").close()
sys.path.insert(0, {str(ROOT)!r})
import numpy as np
from engine.remote.protocol import VERSION, decoded, encoded, put, take


def say(**answer):
    os.write(1, encoded(answer))


FACTS = {{"device": "cpu", "torch": "2.9"}}
for line in iter(sys.stdin.buffer.readline, b""):
    request = decoded(line)
    number, do = request["id"], request["do"]
    FAULT
    values, made = {{}}, {{}}
    if do == "hello":
        values = {{"version": VERSION, "near": 2, "step": 1, "room": None, "facts": FACTS}}
    elif do == "settle":
        made = {{"kernel": np.zeros((4, 3))}}
    elif do == "keep":
        values = {{"kept_as": number}}
    else:
        margin = request["values"]["margin"]
        for name, image in take(f"{{number}}.in", request["arrays"]).items():
            kind, index = name.split()
            if kind == "ms":
                rows, cols = (slice(margin, side - margin) for side in image.shape[1:])
                made[f"fused {{index}}"] = image[:, rows, cols]
    say(id=number, values=values, arrays=put(f"{{number}}.out", made))
"""


def stranger(folder: Path, lines: str, name: str = "python") -> Interpreter:
    """Return a program that does what `lines` of Python say, whatever it is asked."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return Interpreter(str(path), "for a test")


def puppet(folder: Path, fault: str = "pass", name: str = "python") -> str:
    """Return a program that passes for a Python and its worker, and does `fault` when it is asked anything.

    `fault` knows `do`, `number`, `request` and `say(id=..., values=..., arrays=...)`.
    """
    return stranger(folder, _PUPPET.replace("FAULT", fault.replace("\n", "\n    ")), name).path


def shell(folder: Path, before: str) -> str:
    """Return a Python that is this one, started by a shell script that does something before."""
    path = folder / "python.sh"
    path.write_text(f'#!/bin/sh\n{before}\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def python_without(folder: Path, package: str) -> str:
    """Return a Python that has the packages of this one but for `package`."""
    kept = folder / "packages"
    kept.mkdir()
    for name in ("torch", "numpy", "safetensors"):
        spec = importlib.util.find_spec(name)
        for path in [] if spec is None or spec.origin is None else Path(spec.origin).parents[1].iterdir():
            if not path.name.lower().startswith(package) and not (kept / path.name).exists():
                (kept / path.name).symlink_to(path)
    path = folder / "python.sh"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{kept}" exec "{sys.executable}" -S "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def window(height: int, width: int, seed: int = 0) -> tuple[Any, Any]:
    """Return PAN (h, w) and MS (4, h, w) between 0 and 1."""
    random = np.random.default_rng(seed)
    return random.random((height, width), np.float32), random.random((4, height, width), np.float32)


def folders() -> set[str]:
    """Return the private folders that there are."""
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"{FOLDER}*")}


def processes(word: str) -> set[int]:
    """Return the processes that live and have `word` in their command line."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(word) in (path / "cmdline").read_bytes():
                found.add(int(path.name))
        except (FileNotFoundError, ProcessLookupError):  # ended while we looked
            continue
    return found - {os.getpid()}


def gone(word: str, within_s: float) -> bool:
    """Return whether all such processes have ended in time; what has ended and is not asked for has no command line."""
    until = time.monotonic() + within_s
    while processes(word):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the temporary files of a test lie apart, and see that none is left, and no process of a program beside."""
    place = tmp_path / f"temporary {ODD}"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    monkeypatch.setenv("TMPDIR", str(place))
    yield place
    assert gone(str(tmp_path), 0.5), processes(str(tmp_path))
    left = [str(path.relative_to(place)) for path in place.rglob("*")]
    assert not left, left
