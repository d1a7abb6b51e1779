"""All methods on real pairs, at reduced resolution (Wald's protocol) against the original MS, and at full resolution.

    python benchmarks/table.py FOLDER [FOLDER ...] [--models FILE ...]

Each folder holds pan.tif and ms.tif.  Without --models those that come with the engine are there too.  The numbers are
those of `python -m engine report`, which anybody can run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from engine.errors import EngineError  # noqa: E402 - the path above comes first
from engine.events import Finished  # noqa: E402
from engine.jobs.library import SHIPPED, files_in  # noqa: E402
from engine.jobs.report import report  # noqa: E402
from engine.request import METHODS, SELF, ReportRequest  # noqa: E402

REDUCED = {"ergas": "ERGAS", "sam": "SAM", "q2n": "Q2n", "scc": "SCC"}
FULL = {"hqnr": "HQNR", "r_q2n": "R-Q2n", "d_rho": "D_rho"}


def scores(folder: Path, models: list[str]) -> dict[str, list[float]]:
    """Return the numbers of each method and model on one pair, in the order of the columns."""
    with tempfile.TemporaryDirectory(prefix="ksdiff_table_") as place:
        request = ReportRequest(
            pan=str(folder / "pan.tif"),
            ms=(str(folder / "ms.tif"),),
            methods=METHODS,
            models=tuple(models),
            python=SELF,
            out_json=str(Path(place) / "numbers.json"),
        )
        result = next(event.result for event in report(request) if isinstance(event, Finished))
    return {
        image["name"]: [image["reduced"][name] for name in REDUCED] + [image["full"][name] for name in FULL]
        for image in result["images"]
    }


def main() -> None:
    """Print a table for each pair and one of the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--models", nargs="*", default=files_in(str(SHIPPED)) if SHIPPED.is_dir() else [])
    options = parser.parse_args()
    everything: dict[str, list[list[float]]] = {}
    for name in options.folders:
        try:
            found = scores(Path(name), options.models)
        except EngineError as error:
            print(f"\n{name}: {error}")
            continue
        show(Path(name).name, found)
        for method, numbers in found.items():
            everything.setdefault(method, []).append(numbers)
    count = len(everything.get("exp", []))
    if count:
        means = {method: [statistics.fmean(column) for column in zip(*rows)] for method, rows in everything.items()}
        show(f"Mean of {count} pairs", means)


def show(title: str, found: dict[str, list[float]]) -> None:
    """Print one table."""
    columns = [*REDUCED.values(), *FULL.values()]
    print(f"\n| {title} | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for method, numbers in found.items():
        print(f"| {method} | {' | '.join(f'{number:.4f}' for number in numbers)} |")


if __name__ == "__main__":
    main()
