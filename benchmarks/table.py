"""All methods on real pairs at reduced resolution (Wald's protocol), against the original MS.

    python benchmarks/table.py FOLDER [FOLDER ...]

Each folder holds pan.tif and ms.tif.  Every pair is degraded by its own ratio with `simulate`, sharpened with every
method and compared with its original MS with `evaluate`, as anybody can do on the command line.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from engine.errors import EngineError  # noqa: E402 - the path above comes first
from engine.events import Finished  # noqa: E402
from engine.jobs.evaluate import evaluate  # noqa: E402
from engine.jobs.sharpen import sharpen  # noqa: E402
from engine.jobs.simulate import simulate  # noqa: E402
from engine.request import METHODS, EvaluateRequest, SharpenRequest, SimulateRequest  # noqa: E402

COLUMNS = ("ergas", "sam", "q2n", "scc")


def finished(job) -> dict:
    """Run a job to its end and return its result."""
    return next(event.result for event in job if isinstance(event, Finished))


def scores(folder: Path) -> dict[str, list[float]]:
    """Return the numbers of each method on one pair, in the order of COLUMNS."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="ksdiff_table_") as place:
        pan, ms, truth, out = (str(Path(place) / f"{name}.tif") for name in ("pan", "ms", "truth", "out"))
        pair = {"pan": str(folder / "pan.tif"), "ms": (str(folder / "ms.tif"),)}
        made = finished(simulate(SimulateRequest(**pair, out_pan=pan, out_ms=ms, out_reference=truth)))
        for method in METHODS:
            finished(sharpen(SharpenRequest(pan=pan, ms=(ms,), out=out, method=method)))
            numbers = finished(evaluate(EvaluateRequest(fused=out, reference=truth, ratio=made["ratio"])))
            found[method] = [numbers[column] for column in COLUMNS]
    return found


def main() -> None:
    """Print a table for each pair and one of the means."""
    everything: dict[str, list[list[float]]] = {method: [] for method in METHODS}
    for name in sys.argv[1:]:
        try:
            found = scores(Path(name))
        except EngineError as error:
            print(f"\n{name}: {error}")
            continue
        show(Path(name).name, found)
        for method, numbers in found.items():
            everything[method].append(numbers)
    count = len(everything["exp"])
    if count:
        means = {method: [statistics.fmean(column) for column in zip(*rows)] for method, rows in everything.items()}
        show(f"Mean of {count} pairs", means)


def show(title: str, found: dict[str, list[float]]) -> None:
    """Print one table."""
    print(f"\n| {title} | {' | '.join(column.upper() for column in COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
    for method, numbers in found.items():
        print(f"| {method} | {' | '.join(f'{number:.4f}' for number in numbers)} |")


if __name__ == "__main__":
    main()
