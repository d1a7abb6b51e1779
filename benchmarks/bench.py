"""Time and memory of our command line beside GDAL's, OTB's and GRASS's pansharpening, on pairs made on the spot.

    python benchmarks/bench.py [--sizes 2048 8192 16384] [--model FILE] [--only ksdiff] [--pairs FOLDER] [--runs 3]

Each program runs as a user would run it, alone; wall time is the median of the runs, of which there are fewer where
they take long.  Memory is the peak of a program itself and, beside it, that of its largest child: of the worker, where
a model computes.  `wall / copy` compares with gdal_translate, which writes the same result with the same creation
options, and so with what the disk and the compression allow.  Ratios compare within one run of this script: other
machines give other seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Optional

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.peers import Program, copying, programs  # noqa: E402 - the path above comes first
from engine.modelfile.places import SHIPPED  # noqa: E402

ENOUGH_S = 60.0  # of runs of one program
LOOK_S = 0.02
MOST_SIZE = 40_000
MODEL = SHIPPED / "ksdiff-any.safetensors"
LARGEST = 8192  # pixels: beyond, a model would take most of the time of all
COLUMNS = (
    "pair",
    "program",
    "wall s",
    "CPU s",
    "MB",
    "child MB",
    "wall / GDAL",
    "wall / copy",
    "MP/s",
    "shares",
)


@dataclass(frozen=True)
class Run:
    """What one program needed: seconds of wall time and of processor time, MB of memory; and what it said as JSON."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    child_mb: float  # of the largest child; 0 without any
    result: dict[str, Any] = field(default_factory=dict)


def measured(command: Sequence[str], out: Path, ours: bool = False) -> Run:
    """Run a command once.  Raise SystemExit with what it said when it fails."""
    out.unlink(missing_ok=True)
    environment = {**os.environ, "GDAL_CACHEMAX": "256", "OTB_MAX_RAM_HINT": "256", "OTB_LOGGER_LEVEL": "WARNING"}
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as talk:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=answer, stderr=talk)
        ended = threading.Event()
        peaks: dict[int, float] = {}
        watcher = threading.Thread(target=watch, args=(process.pid, peaks, ended))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        ended.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        said = []
        for stream in (answer, talk):
            stream.seek(0)
            said.append(stream.read().decode(errors="replace"))
        if process.returncode or not out.exists():
            raise SystemExit(f"{' '.join(command)} failed:\n{''.join(said)[-2000:]}")
    result = json.loads(said[0]) if ours else {}
    own = peaks.pop(process.pid, usage.ru_maxrss * 1024 / 1e6)  # the latter where there is no /proc, or was no time
    own = result.get("peak_mb") or own
    return Run(wall, usage.ru_utime + usage.ru_stime, own, max(peaks.values(), default=0.0), result)


def watch(pid: int, peaks: dict[int, float], ended: threading.Event) -> None:
    """Keep the peak memory of a process and of all that it starts, in MB by process, until it has ended."""
    while not ended.wait(LOOK_S):
        for one in (pid, *descendants(pid)):
            try:
                status = Path(f"/proc/{one}/status").read_text(errors="replace")
            except OSError:  # it has ended, or this system has no /proc
                continue
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    peaks[one] = int(line.split()[1]) * 1024 / 1e6


def descendants(pid: int) -> Iterator[int]:
    """Yield the children of a process and theirs."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = path.read_text().split()
        except OSError:
            continue
        for child in children:
            yield int(child)
            yield from descendants(int(child))


def repeated(program: Program, out: Path, runs: int) -> list[Run]:
    """Run a program so many times, or until it has taken a minute."""
    done: list[Run] = []
    while len(done) < runs and sum(run.wall_s for run in done) < ENOUGH_S:
        done.append(measured(program.command, out, program.ours))
    return done


def row(size: int, program: Program, runs: list[Run], base: Optional[float], copy: Run) -> list[str]:
    """Return what the table says of a program."""
    wall = statistics.median(run.wall_s for run in runs)
    child = max(run.child_mb for run in runs)
    last = runs[-1].result
    shares = last.get("shares") or {}
    return [
        f"{size}² x 4",
        program.name,
        f"{wall:.2f}",
        f"{statistics.median(run.cpu_s for run in runs):.2f}",
        f"{max(run.peak_mb for run in runs):.0f}",
        f"{child:.0f}" if child else "-",
        f"{wall / base:.2f}" if base else "-",
        f"{wall / copy.wall_s:.2f}",
        f"{last.get('megapixels_per_second', size * size / wall / 1e6):.3g}",
        ", ".join(f"{name} {share:.0%}" for name, share in shares.items()) or "-",
    ]


def pair(folder: Path, size: int) -> tuple[Path, Path]:
    """Return PAN and MS of that size, made in a process of its own, whose memory is nobody else's."""
    place = (folder / f"pair{size}").resolve()
    if not (place / "ms.tif").exists():
        subprocess.run([sys.executable, "-m", "benchmarks.pair", str(place), str(size)], cwd=REPOSITORY, check=True)
    return place / "pan.tif", place / "ms.tif"


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2048, 8192, 16384], metavar="PIXELS")
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help=f"for the row 'ours: ksdiff' (default: the shipped one, up to {LARGEST} pixels, where PyTorch is there)",
    )
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT", help="programs with this in their name")
    parser.add_argument("--pairs", type=Path, help="folder with pairSIZE/pan.tif and ms.tif; made there when missing")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    if not all(64 <= size <= MOST_SIZE for size in options.sizes):
        parser.error(f"sizes go from 64 to {MOST_SIZE}")
    with tempfile.TemporaryDirectory(prefix="ksdiff_bench_") as temporary:
        out, copied = Path(temporary) / "result.tif", Path(temporary) / "copy.tif"
        print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
        for size in options.sizes:
            pan, ms = pair(options.pairs or Path(temporary), size)
            base: Optional[float] = None
            shipped = MODEL if size <= LARGEST and find_spec("torch") is not None else None
            for program in programs(pan, ms, out, options.model or shipped):
                if not any(text in program.name for text in options.only):
                    continue
                runs = repeated(program, out, options.runs)
                if program.name.startswith("gdal"):
                    base = statistics.median(run.wall_s for run in runs)
                copy = measured(copying(program, out, copied), copied)
                copied.unlink()
                print(f"| {' | '.join(row(size, program, runs, base, copy))} |", flush=True)


if __name__ == "__main__":
    main()
