"""Throw damaged input at what reads strangers' files: python tools/fuzz.py TARGET --cases N --seed S."""

from __future__ import annotations

import argparse
import importlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_ADDRESSES = 4 << 30  # bytes that this process may take: a header that claims more is found out
_PORTION = 2000  # cases of one process, where a library in C may crash


def main() -> int:
    """Fuzz one target; return 1 where something came of it that may not."""
    sys.path.insert(0, str(ROOT))
    targets = importlib.import_module("tests.fuzz.targets")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(targets.TARGETS))
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--apart", action="store_true", help="in processes of their own, which may crash")
    options = parser.parse_args()
    begun = time.monotonic()
    if options.apart:
        bad = _apart(options.target, options.first, options.cases, options.seed)
    else:
        bad = _here(targets, options.target, options.first, options.cases, options.seed)
    minutes = (time.monotonic() - begun) / 60.0
    print(f"{options.target}: {options.cases} cases, seed {options.seed}, {minutes:.1f} minutes, {bad} bad")
    return 1 if bad else 0


def _here(targets: object, name: str, first: int, cases: int, seed: int) -> int:
    _limit()
    fast = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nosec B108 - mkdtemp makes the folder
    folder = Path(tempfile.mkdtemp(dir=fast))
    bad = sound = 0
    try:
        with targets.prepared(name, folder) as target:  # type: ignore[attr-defined]
            for number in range(first, first + cases):
                begun = time.monotonic()
                try:
                    sound += target.once(random.Random(f"{name} {seed} {number}"))
                except Exception:  # noqa: BLE001 - that is what is looked for
                    bad += 1
                    print(f"case {number}, seed {seed}:\n{traceback.format_exc()[-2000:]}")
                took = time.monotonic() - begun
                if took > target.slow_s:
                    bad += 1
                    print(f"case {number}, seed {seed}: took {took:.1f} s")
                if bad > 20:
                    break
        left = targets.outside(folder)  # type: ignore[attr-defined]
        if left:
            bad += 1
            print(f"files were written outside: {left}")
    finally:
        shutil.rmtree(folder)
    print(f"{sound} were taken as sound")
    return bad


def _apart(name: str, first: int, cases: int, seed: int) -> int:
    bad = 0
    for start in range(first, first + cases, _PORTION):
        count = min(_PORTION, first + cases - start)
        command = [sys.executable, __file__, name, "--cases", str(count), "--seed", str(seed), "--first", str(start)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=600)
        except subprocess.TimeoutExpired:
            bad += 1
            print(f"cases from {start} on, seed {seed}: no end")
            continue
        if done.returncode:
            bad += 1
            print(
                f"cases from {start} on, seed {seed}: ended with {done.returncode}\n{done.stdout}{done.stderr[-2000:]}"
            )
    return bad


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))


if __name__ == "__main__":
    sys.exit(main())
