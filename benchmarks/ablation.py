"""The paper's Tables 4 and 5 at the size of a desktop: variants of the network with one budget on the same data.

    python benchmarks/ablation.py DATA OUT [--variants full baseline ...] [--steps 2000 1200] [--setting batch=16 ...]

DATA holds train/ and val/ with folders of pan.tif and ms.tif, of which those named landsat7_* are taken.  Each variant
is trained with benchmarks/recipes/ablation.json, the baseline for the steps of both stages together, and then judged as
users get it: the validation pairs are made coarser, sharpened with the model by the command line's own jobs, and
compared with the original MS.  What is in OUT already is not done again, so that the work can be spread over
processes and days; the table at the end shows what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin make two trainings side by side crawl

from engine.events import Finished, Metric, Noted, Warned  # noqa: E402 - the path above comes first
from engine.jobs.evaluate import evaluate  # noqa: E402
from engine.jobs.sharpen import sharpen  # noqa: E402
from engine.jobs.simulate import simulate  # noqa: E402
from engine.jobs.train import train  # noqa: E402
from engine.modelfile.card import read_card  # noqa: E402
from engine.request import EvaluateRequest, SharpenRequest, SimulateRequest, TrainRequest  # noqa: E402

RECIPE = REPOSITORY / "benchmarks" / "recipes" / "ablation.json"
COLUMNS = {"sam": "SAM", "ergas": "ERGAS", "q2n": "Q2n", "scc": "SCC"}
CLASSICAL = ("exp", "gsa", "mtf-glp-fs")
PLAIN = {"architecture.prior": "none", "architecture.modulate": "none"}
# Name: settings over the recipe's.  A variant without a prior has one stage, which gets the steps of both.
VARIANTS: dict[str, dict[str, Any]] = {
    "full": {},
    "baseline": PLAIN,
    "without-plfe": {"architecture.prior": "concat"},
    "mlp-generator": {"architecture.generator": "mlp"},
    "separate": {"separate": True},
    **{f"{name}-plain": {"architecture.backbone": name, **PLAIN} for name in ("dicnn", "fusionnet", "lagnet")},
    **{f"{name}-modulated": {"architecture.backbone": name} for name in ("dicnn", "fusionnet", "lagnet")},
}
TABLE_4 = ("baseline", "without-plfe", "mlp-generator", "separate", "full")


def trained(name: str, data: Path, out: Path, steps: tuple[int, int], settings: list[str]) -> Path:
    """Train a variant, or go on where it was left, and return its model."""
    run = out / name
    model = run / "model.safetensors"
    if (run / "done").exists():
        return model
    first, second = steps
    variant = VARIANTS[name]
    values = {
        "folder": str(run.resolve()),
        "folders": [str(path.resolve()) for path in sorted(data.glob("train/landsat7_*"))],
        "validation_folders": [str(path.resolve()) for path in sorted(data.glob("val/landsat7_*"))],
        "stage1.steps": first + second if variant.get("architecture.prior") == "none" else first,
        "stage2.steps": second,
        **variant,
    }
    said = (*(f"{key}={json.dumps(value)}" for key, value in values.items()), *settings)
    begun = time.monotonic()
    for event in train(TrainRequest(str(RECIPE), said, resume=run.exists())):
        if isinstance(event, (Noted, Warned)):
            print(f"{name} {time.monotonic() - begun:6.0f} s: {event.message}", flush=True)
        elif isinstance(event, Metric):
            print(f"{name} {time.monotonic() - begun:6.0f} s: {event.name} {event.value:.4f}", flush=True)
    (run / "done").write_text(f"{time.monotonic() - begun:.0f} s\n", encoding="utf-8")
    return model


def coarse_pairs(data: Path, out: Path) -> list[tuple[SimulateRequest, float]]:
    """Return the validation pairs made coarser, and their ratios."""
    made = []
    for folder in sorted(data.glob("val/landsat7_*")):
        place = out / "coarse" / folder.name
        place.mkdir(parents=True, exist_ok=True)
        names = {f"out_{name}": str(place / f"{name}.tif") for name in ("pan", "ms", "reference")}
        request = SimulateRequest(pan=str(folder / "pan.tif"), ms=(str(folder / "ms.tif"),), **names)
        if not Path(request.out_reference).exists():
            finished(simulate(request))
        made.append((request, 2.0))
    return made


def judged(pairs: list[tuple[SimulateRequest, float]], out: Path, **how: Any) -> list[float]:
    """Return the means of the columns, and of the seconds, over the pairs."""
    rows = []
    fused = str(out / "fused.tif")
    for pair, ratio in pairs:
        done = finished(sharpen(SharpenRequest(pan=pair.out_pan, ms=(pair.out_ms,), out=fused, **how)))
        found = finished(evaluate(EvaluateRequest(fused=fused, reference=pair.out_reference, ratio=ratio)))
        rows.append([*(found[column] for column in COLUMNS), done["seconds"]])
    os.remove(fused)
    return [statistics.fmean(column) for column in zip(*rows)]


def finished(job: Any) -> dict[str, Any]:
    """Run a job to its end and return its result."""
    return next(event.result for event in job if isinstance(event, Finished))


def main() -> None:
    """Train what is asked for and print the table of what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--variants", nargs="*", choices=VARIANTS, default=list(TABLE_4))
    parser.add_argument("--steps", nargs=2, type=int, default=(2000, 1200), metavar=("STAGE1", "STAGE2"))
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="over the recipe's")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.variants:
        trained(name, options.data, options.out, tuple(options.steps), options.setting)
    pairs = coarse_pairs(options.data, options.out)
    print(f"\n| variant | {' | '.join(COLUMNS.values())} | s per image | parameters |\n|---|{'---|' * 6}")
    for method in CLASSICAL:
        show(method, judged(pairs, options.out, method=method), "-")
    for name in VARIANTS:
        model = options.out / name / "model.safetensors"
        if model.exists():
            scores = judged(pairs, options.out, method="ksdiff", model=str(model))
            show(name, scores, f"{parameters(options.out / name):,}")


def parameters(run: Path) -> int:
    """Return how many weights a model needs in use."""
    from safetensors import safe_open

    read_card(str(run / "model.safetensors"))
    with safe_open(str(run / "model.safetensors"), "numpy") as file:
        return sum(file.get_tensor(name).size for name in file.keys())  # noqa: SIM118 - not a mapping


def show(name: str, scores: list[float], weights: str) -> None:
    """Print one line of the table."""
    *numbers, seconds = scores
    print(f"| {name} | {' | '.join(f'{number:.4f}' for number in numbers)} | {seconds:.2f} | {weights} |", flush=True)


if __name__ == "__main__":
    main()
