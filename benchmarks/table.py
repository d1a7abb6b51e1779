"""All methods on real pairs, at reduced resolution (Wald's protocol) against the original MS, and at full resolution.

    python benchmarks/table.py FOLDER [FOLDER ...] [--models FILE ...] [--adapt MINUTES]

Each folder holds pan.tif and ms.tif, and it may hold their truth, reference.tif; else the pair is made coarser, so that
MS is the truth.  Without --models those that come with the engine are there too.  The numbers are
those of `python -m engine report`, which anybody can run.

With --adapt each pair is halved as well: the model for any sensor learns from one half, and all are measured on the
other, made coarser, since what a model has learnt from is no place to judge it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Optional

from osgeo import gdal

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from engine.errors import EngineError  # noqa: E402 - the path above comes first
from engine.events import Finished  # noqa: E402
from engine.jobs.adapt import adapt  # noqa: E402
from engine.jobs.describe import describe  # noqa: E402
from engine.jobs.report import report  # noqa: E402
from engine.modelfile.card import read_card  # noqa: E402
from engine.modelfile.places import SHIPPED, files_in  # noqa: E402
from engine.request import METHODS, SELF, AdaptRequest, DescribeRequest, ReportRequest  # noqa: E402

gdal.UseExceptions()

REDUCED = {"ergas": "ERGAS", "sam": "SAM", "q2n": "Q2n", "scc": "SCC"}
FULL = {"hqnr": "HQNR", "r_ergas": "R-ERGAS", "r_q2n": "R-Q2n", "d_rho": "D_rho"}
HIGHER_IS_BETTER = ("q2n", "scc", "hqnr", "r_q2n")
Numbers = dict[str, list[float]]  # by the name of a method or model, in the order of the columns


def suited(folder: Path, models: Sequence[str]) -> tuple[str, list[str]]:
    """Return the sensor of a pair, and those of the models that are made for it and its number of bands."""
    request = DescribeRequest(pan=str(folder / "pan.tif"), ms=(str(folder / "ms.tif"),))
    facts = next(event.result for event in describe(request) if isinstance(event, Finished))
    cards = {model: read_card(model) for model in models}
    sensor, bands = str(facts["sensor"]), len(facts["ms"]["bands"])
    return sensor, [model for model, card in cards.items() if card.serves(sensor) and card.input.takes(bands)]


def scores(folder: Path, models: Sequence[str]) -> Numbers:
    """Return the numbers of each method and model on one pair, in the order of the columns."""
    truth = folder / "reference.tif"
    with tempfile.TemporaryDirectory(prefix="ksdiff_table_") as place:
        request = ReportRequest(
            pan=str(folder / "pan.tif"),
            ms=(str(folder / "ms.tif"),),
            methods=METHODS,
            models=tuple(models),
            python=SELF,
            reference=str(truth) if truth.exists() else None,
            out_json=str(Path(place) / "numbers.json"),
        )
        result = next(event.result for event in report(request) if isinstance(event, Finished))
    return {
        image["name"]: [image["reduced"][name] for name in REDUCED] + [image["full"][name] for name in FULL]
        for image in result["images"]
    }


def halved(folder: Path, place: Path) -> tuple[Path, Path]:
    """Write both halves of a pair, cut across its longer side between two MS pixels, and return their folders."""
    pan, ms = (gdal.Open(str(folder / name)) for name in ("pan.tif", "ms.tif"))
    along = 0 if ms.RasterXSize >= ms.RasterYSize else 1
    of_pan, of_ms = ((image.RasterXSize, image.RasterYSize)[along] for image in (pan, ms))
    start, step = _axis(pan, along)
    first, pixel = _axis(ms, along)
    made = []
    for name, (begin, end) in (("first", (0, of_ms // 2)), ("second", (of_ms // 2, of_ms))):
        half = place / name / folder.name  # which may tell the sensor
        half.mkdir(parents=True)
        edges = [round((first + pixel * at - start) / step) for at in (begin, end)]
        inside = [min(max(edge, 0), of_pan) for edge in edges]
        for image, (low, high) in ((pan, inside), (ms, (begin, end))):
            window = [0, 0, image.RasterXSize, image.RasterYSize]
            window[along], window[2 + along] = low, high - low
            gdal.Translate(str(half / Path(image.GetDescription()).name), image, srcWin=window)
        made.append(half)
    return made[0], made[1]


def _axis(image: gdal.Dataset, along: int) -> tuple[float, float]:
    """Return where an image begins along an axis, and how large a pixel is."""
    affine = image.GetGeoTransform()
    return (affine[0], affine[1]) if along == 0 else (affine[3], affine[5])


def adapted(folder: Path, minutes: float, place: Path) -> str:
    """Return the model for any sensor, adapted to a pair.  Raise EngineError where the pair is too small."""
    out = str(place / "adapted.safetensors")
    # Adapting copies the shipped model to those of the user: not to the real ones.
    os.environ["XDG_DATA_HOME"] = os.environ["LOCALAPPDATA"] = str(place)
    model = str(SHIPPED / "ksdiff-any.safetensors")
    request = AdaptRequest(
        str(folder / "pan.tif"), (str(folder / "ms.tif"),), out=out, model=model, minutes=minutes, python=SELF
    )
    for _ in adapt(request):
        pass
    return out


def main() -> None:
    """Print a table for each pair, and how the models compare with the best classical method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER", type=Path)
    parser.add_argument("--models", nargs="*", default=files_in(str(SHIPPED)) if SHIPPED.is_dir() else [])
    parser.add_argument("--adapt", type=float, metavar="MINUTES")
    options = parser.parse_args()
    whole, halves = [], []
    for folder in options.folders:
        whole += _measured(folder.name, folder, options.models)
        if options.adapt:
            with tempfile.TemporaryDirectory(prefix="ksdiff_table_") as place:
                learnt_from, other = halved(folder, Path(place))
                learn = partial(adapted, learnt_from, options.adapt, Path(place))
                halves += _measured(f"{folder.name}, second half", other, options.models, learn)
    for title, found in (("Whole pairs", whole), ("Second halves, adapted to the first", halves)):
        sensors = sorted({sensor for sensor, _ in found})
        for name in sensors if len(sensors) == 1 else (*sensors, None):
            compare(title, name, [numbers for sensor, numbers in found if name in (sensor, None)])


def _measured(
    title: str, folder: Path, models: Sequence[str], learn: Optional[Callable[[], str]] = None
) -> list[tuple[str, Numbers]]:
    """Show the numbers of a pair and return them with its sensor; nothing where there are none."""
    try:
        sensor, fitting = suited(folder, models)
        found = scores(folder, fitting + ([] if learn is None else [learn()]))
    except EngineError as error:
        print(f"\n{title}: {error}", flush=True)
        return []
    show(title, found)
    return [(sensor, found)]


def show(title: str, found: Numbers) -> None:
    """Print one table."""
    columns = [*REDUCED.values(), *FULL.values()]
    print(f"\n| {title} | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for method, numbers in found.items():
        print(f"| {method} | {' | '.join(f'{number:.4f}' for number in numbers)} |", flush=True)


def compare(title: str, sensor: Optional[str], pairs: Sequence[Numbers]) -> None:
    """Print the means of the models over pairs beside those of the best classical method for each pair and number."""
    if not pairs:
        return
    columns = [*REDUCED, *FULL]
    best = [
        [pick(name, [pair[method][place] for method in METHODS]) for place, name in enumerate(columns)]
        for pair in pairs
    ]
    print(f"\n{title}, {sensor or 'all sensors'}: {len(pairs)} pairs")
    show("means", {"best classical": [statistics.fmean(column) for column in zip(*best)]})
    for model in dict.fromkeys(name for pair in pairs for name in pair if name not in METHODS):
        there = [(pair[model], numbers) for pair, numbers in zip(pairs, best) if model in pair]
        shares = {
            name: [own[place] / numbers[place] - 1.0 for own, numbers in there]
            for place, name in enumerate(columns)
            if name in ("ergas", "sam")
        }
        means = [statistics.fmean(own[place] for own, _ in there) for place in range(len(columns))]
        print(f"| {model} | {' | '.join(f'{mean:.4f}' for mean in means)} |")
        said = ", ".join(
            f"{REDUCED[name]} {statistics.fmean(each):+.1%} ({min(each):+.1%} to {max(each):+.1%})"
            for name, each in shares.items()
        )
        print(f"  {model}, {len(there)} pairs: {said}", flush=True)
    print()


def pick(name: str, numbers: Sequence[float]) -> float:
    """Return the best of the numbers of a column."""
    return (max if name in HIGHER_IS_BETTER else min)(numbers)


if __name__ == "__main__":
    main()
