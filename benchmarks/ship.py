"""Make a trained model the one that is shipped: measure it on pairs, and put what was measured into its card.

    python benchmarks/ship.py MODEL OUT FOLDER [FOLDER ...] --sensors any [--version 1.0.0]

Each folder holds pan.tif and ms.tif, as for benchmarks/table.py, which measures.  The card gets a score for each
sensor: means over its pairs at reduced resolution, beside those of the best classical method for each number.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.table import REDUCED, pick, scores, show, suited  # noqa: E402 - the path above comes first
from engine.modelfile.card import Score  # noqa: E402
from engine.modelfile.store import load, save  # noqa: E402
from engine.request import METHODS  # noqa: E402

PROTOCOL = (
    "Wald's protocol on {count} pairs, means; compared with the best of {methods} classical methods for each number"
)


def measured(model: str, folders: Sequence[Path]) -> tuple[Score, ...]:
    """Return a score for each sensor, by name."""
    found: dict[str, list[tuple[dict[str, float], dict[str, float]]]] = {}
    for folder in folders:
        numbers = scores(folder, [model])
        show(folder.name, numbers)
        (name,) = set(numbers) - set(METHODS)
        ours = dict(zip(REDUCED, numbers[name]))
        best = {
            column: pick(column, [numbers[method][place] for method in METHODS]) for place, column in enumerate(REDUCED)
        }
        found.setdefault(suited(folder, [])[0], []).append((ours, best))
    return tuple(
        Score(
            sensor,
            PROTOCOL.format(count=len(rows), methods=len(METHODS)),
            {name: _mean(row[0][name] for row in rows) for name in REDUCED},
            {"best classical": {name: _mean(row[1][name] for row in rows) for name in REDUCED}},
        )
        for sensor, rows in sorted(found.items())
    )


def _mean(values: object) -> float:
    return round(statistics.fmean(values), 4)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--sensors", nargs="+", default=["any"])
    parser.add_argument("--version", default="1.0.0")
    options = parser.parse_args()
    card, tensors = load(options.model)
    made = measured(options.model, options.folders)
    again = {score.dataset for score in made}
    kept = (score for score in card.scores if score.dataset not in again)
    save(
        options.out,
        replace(card, version=options.version, sensors=tuple(options.sensors), scores=(*kept, *made)),
        tensors,
    )


if __name__ == "__main__":
    main()
