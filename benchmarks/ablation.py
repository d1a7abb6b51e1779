"""The paper's Tables 4 and 5 at the size of a desktop: variants of the network with one budget on the same data.

    python benchmarks/ablation.py DATA OUT [--set landsat7|open4] [--variants full baseline ...]
        [--steps 2000 1200] [--setting batch=16 ...]

Two sets: `landsat7`, real pairs of ratio 2 and six bands (DATA/train and DATA/val with folders of pan.tif and ms.tif,
named landsat7_*), made coarser for a truth; and `open4`, pairs of ratio 4 and four bands that are made of images
without PAN (DATA/open, see imagery.py).  Each variant is trained with benchmarks/recipes/ablation.json, the baseline
for the steps of both stages together, and then judged as users get it: the validation pairs are sharpened with the
model by the command line's own jobs and compared with the truth.  What is in OUT already is not done again, so that
the work can be spread over processes and days; the table at the end shows what is there.
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

from benchmarks import imagery  # noqa: E402 - the path above comes first
from engine.events import Finished, Metric, Noted, Warned  # noqa: E402
from engine.jobs.evaluate import evaluate  # noqa: E402
from engine.jobs.sharpen import sharpen  # noqa: E402
from engine.jobs.simulate import simulate  # noqa: E402
from engine.jobs.train import train  # noqa: E402
from engine.modelfile.card import read_card  # noqa: E402
from engine.request import SELF, EvaluateRequest, SharpenRequest, SimulateRequest, TrainRequest  # noqa: E402

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


def samples(kind: str, data: Path) -> dict[str, Any]:
    """Return the settings that name what is trained and validated on."""
    if kind == "open4":
        return {
            "data": imagery.images(data / "open", validation=False),
            "folders": [],
            "validation_data": imagery.images(data / "open", validation=True),
            "validation_folders": [],
            "divisor": None,  # counts of 8 and of 16 bits: each image by its own brightness
        }
    return {
        "folders": [str(path.resolve()) for path in sorted(data.glob("train/landsat7_*"))],
        "validation_folders": [str(path.resolve()) for path in sorted(data.glob("val/landsat7_*"))],
    }


def trained(name: str, said_of_data: dict[str, Any], out: Path, steps: tuple[int, int], settings: list[str]) -> Path:
    """Train a variant, or go on where it was left, and return its model."""
    run = out / name
    model = run / "model.safetensors"
    if (run / "done").exists():
        return model
    first, second = steps
    variant = VARIANTS[name]
    values = {
        "folder": str(run.resolve()),
        **said_of_data,
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


Pair = tuple[str, str, str, float]  # PAN, MS, the truth, and the ratio


def test_pairs(kind: str, data: Path, out: Path) -> list[Pair]:
    """Return the validation pairs and their truths."""
    made: list[Pair] = []
    if kind == "open4":
        for image in imagery.images(data / "open", validation=True):
            place = out / "pairs" / Path(image["image"]).parent.name
            made.append((*imagery.write_pair(image["image"], image["bands"], place), float(imagery.RATIO)))
        return made
    for folder in sorted(data.glob("val/landsat7_*")):
        place = out / "pairs" / folder.name
        place.mkdir(parents=True, exist_ok=True)
        names = [str(place / f"{name}.tif") for name in ("pan", "ms", "reference")]
        request = SimulateRequest(
            str(folder / "pan.tif"),
            (str(folder / "ms.tif"),),
            out_pan=names[0],
            out_ms=names[1],
            out_reference=names[2],
        )
        if not Path(names[2]).exists():
            finished(simulate(request))
        made.append((names[0], names[1], names[2], 2.0))
    return made


def judged(pairs: list[Pair], out: Path, **how: Any) -> list[float]:
    """Return the means of the columns, and of the seconds on one thread, over the pairs."""
    rows = []
    fused = str(out / f"fused_{os.getpid()}.tif")
    how = {**how, "out": fused, "threads": 1, "python": SELF}
    finished(sharpen(SharpenRequest(pan=pairs[0][0], ms=(pairs[0][1],), **how)))  # what is loaded once is not timed
    for pan, ms, truth, ratio in pairs:
        done = finished(sharpen(SharpenRequest(pan=pan, ms=(ms,), **how)))
        found = finished(evaluate(EvaluateRequest(fused=fused, reference=truth, ratio=ratio)))
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
    parser.add_argument("--set", dest="kind", choices=("landsat7", "open4"), default="landsat7")
    parser.add_argument("--variants", nargs="*", choices=VARIANTS, default=list(TABLE_4))
    parser.add_argument("--steps", nargs=2, type=int, default=(2000, 1200), metavar=("STAGE1", "STAGE2"))
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="over the recipe's")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.variants:
        trained(name, samples(options.kind, options.data), options.out, tuple(options.steps), options.setting)
    pairs = test_pairs(options.kind, options.data, options.out)
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
