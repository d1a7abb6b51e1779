"""Time and memory of our command line beside GDAL's and OTB's pansharpening, on pairs that are made on the spot.

    python benchmarks/bench.py [--sizes 2048 8192 16384] [--pairs FOLDER] [--runs 3]

Each program runs as a user would run it, alone, in its own process; wall time is the median of the runs and memory
the peak of the largest process.  Ratios compare within one run of this script: other machines give other seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """What one program needed: seconds of wall time and of processor time, and MB of memory."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def commands(pan: Path, ms: Path, out: Path) -> dict[str, list[str]]:
    """Return the command lines to compare, of what is installed."""
    found: dict[str, list[str]] = {}
    gdal = shutil.which("gdal_pansharpen.py") or shutil.which("gdal_pansharpen")
    if gdal:
        tiled = ["-of", "GTiff", "-r", "cubic", "-threads", "2", "-co", "TILED=YES", "-co", "BIGTIFF=IF_SAFER"]
        found["gdal_pansharpen (Brovey)"] = [gdal, "-q", str(pan), str(ms), str(out), *tiled]
    otb = shutil.which("otbcli_BundleToPerfectSensor")
    if otb:
        target = f"{out}?&gdal:co:TILED=YES&gdal:co:BIGTIFF=IF_SAFER"
        quiet = ["-method", "rcs", "-progress", "false"]
        found["OTB RCS"] = [otb, "-inp", str(pan), "-inxs", str(ms), "-out", target, "uint16", *quiet]
    ours = [sys.executable, "-m", "engine", "sharpen", "--pan", str(pan), "--ms", str(ms), "--out", str(out), "--quiet"]
    for method in ("brovey", "gsa", "mtf-glp-fs"):
        found[f"ours: {method}"] = [*ours, "--method", method]
    found["ours: brovey, uncompressed"] = [*ours, "--method", "brovey", "--co", "COMPRESS=NONE"]
    return found


def measured(command: Sequence[str], out: Path) -> Run:
    """Run a command once.  Raise SystemExit with what it said when it fails."""
    out.unlink(missing_ok=True)
    environment = {**os.environ, "GDAL_CACHEMAX": "256", "OTB_MAX_RAM_HINT": "256", "OTB_LOGGER_LEVEL": "WARNING"}
    with tempfile.TemporaryFile() as said:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode or not out.exists():
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[2048, 8192, 16384], metavar="PIXELS")
    parser.add_argument("--pairs", type=Path, help="folder with pairSIZE/pan.tif and ms.tif; made there when missing")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="ksdiff_bench_") as temporary:
        folder = options.pairs or Path(temporary)
        print("| pair | program | wall s | CPU s | peak MB | wall / GDAL |\n|---|---|---|---|---|---|", flush=True)
        for size in options.sizes:
            place = folder / f"pair{size}"
            if not (place / "ms.tif").exists():
                # In a process of its own: what this one has needed would count as the peak of every child.
                subprocess.run(
                    [sys.executable, "-m", "benchmarks.pair", str(place.resolve()), str(size)],
                    cwd=REPOSITORY,
                    check=True,
                )
            out = Path(temporary) / "result.tif"
            base: Optional[float] = None
            for name, command in commands(place / "pan.tif", place / "ms.tif", out).items():
                runs = [measured(command, out) for _ in range(options.runs if size <= 8192 else 1)]
                wall = statistics.median(run.wall_s for run in runs)
                base = wall if base is None and name.startswith("gdal") else base
                ratio = f"{wall / base:.2f}" if base else "-"
                cpu = statistics.median(run.cpu_s for run in runs)
                peak = max(run.peak_mb for run in runs)
                print(f"| {size}² x 4 | {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
