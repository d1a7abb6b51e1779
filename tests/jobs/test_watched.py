"""Numbers are of one image: what is judged, what it is judged by, and the files of either must not change meanwhile."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import InputError
from engine.events import Event, Progress
from engine.jobs.assess import assess
from engine.jobs.evaluate import evaluate
from engine.jobs.report import report
from engine.request import AssessRequest, EvaluateRequest
from tests import rasters
from tests.jobs.reports import asked, everything, waiting
from tests.jobs.runs import files_in, run
from tests.pairs import EPSG, Pair, affine, write_pair

STRIPS = 32  # more than are looked at with each read
Judge = Callable[[Pair, str, Path, str], tuple[Iterator[Event], Path]]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture
def truth(pair: Pair, tmp_path: Path) -> str:
    return rasters.write(tmp_path / "truth.tif", np.rint(pair.truth).astype(np.uint16), affine=affine(), epsg=EPSG)


def in_strips(path: str, folder: Path) -> tuple[str, Path]:
    """Return a mosaic that shows what an image does, and the last of its files."""
    folder.mkdir()
    image, strips = gdal.Open(path), []
    step = image.RasterYSize // STRIPS
    for number in range(STRIPS):
        strips.append(str(folder / f"{number:02}.tif"))
        gdal.Translate(strips[-1], image, srcWin=[0, number * step, image.RasterXSize, step])
    gdal.BuildVRT(str(folder / "all.vrt"), strips).FlushCache()
    return str(folder / "all.vrt"), Path(strips[-1])


def assessed(pair: Pair, truth: str, folder: Path, watched: str) -> tuple[Iterator[Event], Path]:
    names = {"pan": pair.pan, "ms": pair.ms, "fused": truth}
    names[watched], last = in_strips(names[watched], folder / "strips")
    return assess(AssessRequest(names["pan"], (names["ms"],), fused=names["fused"], threads=1)), last


def evaluated(pair: Pair, truth: str, folder: Path, watched: str) -> tuple[Iterator[Event], Path]:
    names = {"fused": truth, "reference": truth}
    names[watched], last = in_strips(truth, folder / "strips")
    return evaluate(EvaluateRequest(names["fused"], names["reference"], ratio=4.0)), last


def reported(pair: Pair, truth: str, folder: Path, watched: str) -> tuple[Iterator[Event], Path]:
    (folder / "out").mkdir()
    names: dict[str, Any] = {"pan": pair.pan, "ms": pair.ms, "fused": truth, "reference": truth}
    names[watched], last = in_strips(names[watched], folder / "strips")
    names.update(ms=(names["ms"],), fused=(names["fused"],))
    return report(asked(pair, folder / "out", **names, methods=(), **everything(folder / "out"))), last


def replaced(path: Path) -> None:
    shutil.copyfile(path, f"{path}.new")
    os.replace(f"{path}.new", path)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


# What is judged, the image that changes, how, and when: all is read by then, but for a report, which reads to its end.
CASES = [
    *((assessed, watched, replaced, 0.98) for watched in ("pan", "ms", "fused")),
    *((evaluated, watched, replaced, 0.98) for watched in ("fused", "reference")),
    *((reported, watched, replaced, 0.5) for watched in ("pan", "fused", "reference")),
    (assessed, "fused", cut, 0.98),
    (evaluated, "reference", cut, 0.98),
]


@pytest.mark.parametrize(("judge", "watched", "change", "share"), CASES)
def test_a_file_of_a_mosaic_that_changes_is_found_at_the_end_whoever_judges(
    judge: Judge, watched: str, change: Callable[[Path], None], share: float, pair: Pair, truth: str, tmp_path: Path
) -> None:
    events, last = judge(pair, truth, tmp_path, watched)
    next(event for event in events if isinstance(event, Progress) and event.fraction >= share)
    change(last)
    with pytest.raises(InputError, match=rf"{last.name} was changed while it was read"):
        run(events)
    if judge is reported:
        assert files_in(tmp_path / "out") == {} and os.listdir(waiting(tmp_path / "out")) == []


def test_what_stays_as_it_is_is_judged_as_ever(pair: Pair, truth: str, tmp_path: Path) -> None:
    alone = run(evaluate(EvaluateRequest(truth, truth, ratio=4.0))).result
    events, _ = evaluated(pair, truth, tmp_path, "fused")
    assert run(events).result["q2n"] == alone["q2n"] == pytest.approx(1.0)
