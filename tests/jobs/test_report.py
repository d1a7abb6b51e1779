"""A report's numbers are those of its parts run by themselves, whatever is asked of it and however the work is cut."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.events import Finished, Progress, Started
from engine.jobs import report as module
from engine.jobs.assess import assess
from engine.jobs.evaluate import evaluate
from engine.jobs.report import report
from engine.jobs.sharpen import sharpen
from engine.jobs.simulate import simulate
from engine.request import AssessRequest, EvaluateRequest, SharpenRequest, SimulateRequest
from tests import pairs, rasters
from tests.jobs.reports import CHANGING, asked, everything, images, reported, strict
from tests.jobs.runs import run
from tests.methods.models import model_file, tiny
from tests.pairs import Pair, read, write_pair
from tests.slowness import mostly_slow

UNITS = 4


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def sharp(pair: Pair, path: Path, method: str = "gsa", **changes: Any) -> str:
    run(sharpen(SharpenRequest(**{"pan": pair.pan, "ms": (pair.ms,), "out": str(path), "method": method, **changes})))
    return str(path)


def truth_of(pair: Pair, path: Path) -> str:
    """Write the truth on the grid of PAN."""
    names = {"names": pairs.NAMES} if len(pair.truth) == 4 else {}
    return rasters.write(path, pair.truth.astype(np.uint16), pairs.affine(), pairs.EPSG, **names)


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Assert that all numbers found are the expected ones, to the last bit."""
    assert len(found) >= 20
    assert {name: expected[name] for name in found} == found


def assert_assessed(found: dict[str, Any], pair: Pair, fused: str, **changes: Any) -> None:
    """Assert that an image of a report has the numbers that `assess` finds."""
    request = AssessRequest(**{"pan": pair.pan, "ms": (pair.ms,), "fused": fused, **changes})
    alone = run(assess(request)).result
    assert_same(found["full"], alone)
    counts = found["counts"]
    assert {name: counts[name] for name in ("pixels", "lost", "invented")} == {
        name: alone[name] for name in ("pixels", "lost", "invented")
    }
    assert (counts["bottom"], counts["top"]) == (alone["clipped_bottom"], alone["clipped_top"])
    for name in ("shift_from_pan", "shift_from_ms"):
        assert found[name] == (None if alone[name] is None else pytest.approx(alone[name], abs=0.00051)), name


@pytest.mark.parametrize("changes", [{}, {"bands": (3, 1)}, {"sensor": "QB", "nodata": 7}, {"collar": True}])
@pytest.mark.slow
def test_its_numbers_are_those_of_the_verbs_run_by_themselves(
    changes: dict[str, Any], pair: Pair, out: Path, tmp_path: Path
) -> None:
    if changes.pop("collar", False):
        pair = write_pair(tmp_path / "collared", size=192, collar=True)
    whole: dict[str, Any] = {"pan": pair.pan, "ms": (pair.ms,), **changes}
    said = reported(pair, out, methods=("gsa", "mtf-glp-fs"), border=2, **changes)
    parts = {f"out_{name}": str(tmp_path / f"{name}.tif") for name in ("pan", "ms", "reference")}
    made = run(simulate(SimulateRequest(**whole, **parts))).result
    coarse = {"sensor": whole.get("sensor", "auto"), "nodata": whole.get("nodata")}
    coarse_pair = Pair(parts["out_pan"], parts["out_ms"], pair.truth, made["ratio"])
    assert list(images(said)) == ["exp", "gsa", "mtf-glp-fs"]
    for method, found in images(said).items():
        small = sharp(coarse_pair, tmp_path / "small.tif", method, **coarse)
        alone = EvaluateRequest(small, parts["out_reference"], made["ratio"], border=2, nodata=whole.get("nodata"))
        assert_same(found["reduced"], run(evaluate(alone)).result)
        assert_assessed(found, pair, sharp(pair, tmp_path / "sharp.tif", method, **changes), **changes)


def test_with_a_reference_everything_is_compared_with_it_and_nothing_is_simulated(
    pair: Pair, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a pair was simulated")

    monkeypatch.setattr("engine.jobs.report.simulate", refuse)
    fused, truth = sharp(pair, tmp_path / "mine.tif"), truth_of(pair, tmp_path / "truth.tif")
    said = reported(pair, out, fused=(fused,), reference=truth, border=3)
    found = images(said)
    assert list(found) == ["exp", "gsa", "mine.tif"]
    for name, method in (("exp", "exp"), ("gsa", "gsa"), ("mine.tif", "gsa")):
        image = sharp(pair, tmp_path / "again.tif", method)
        alone = run(evaluate(EvaluateRequest(image, truth, 4.0, border=3))).result
        assert_same(found[name]["reduced"], alone)
    assert found["mine.tif"]["reduced"] == found["gsa"]["reduced"]
    assert found["mine.tif"]["full"] == found["gsa"]["full"]
    assert (said.result["judged"], said.result["reference"]) == ("mine.tif", truth)


def test_files_alone_are_judged_without_a_truth(pair: Pair, out: Path, tmp_path: Path) -> None:
    fused = sharp(pair, tmp_path / "mine.tif")
    said = reported(pair, out, fused=(fused,), methods=(), out_html=str(out / "r.html"))
    found = images(said)
    assert [(image["kind"], image["source"]) for image in found.values()] == [
        ("baseline", "run for this report"),
        ("file", fused),
    ]
    assert found["exp"]["reduced"] is found["mine.tif"]["reduced"] is None
    assert_assessed(found["mine.tif"], pair, fused)
    assert "mine.tif" in (out / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("methods", "names"),
    mostly_slow([(("gs", "gsa"), ["exp", "gs", "gsa"]), (("gs", "exp"), ["exp", "gs"]), (("exp",), ["exp"])], 2),
)
def test_ms_only_enlarged_comes_first_whether_asked_for_or_not(
    methods: tuple[str, ...], names: list[str], pair: Pair, out: Path
) -> None:
    said = reported(pair, out, methods=methods)
    assert list(images(said)) == names
    assert all(image["reduced"] for image in images(said).values())
    assert said.result["judged"] == names[-1] if len(names) == 2 else names[0]


def test_all_four_results_say_the_same(pair: Pair, out: Path) -> None:
    said = reported(pair, out, **everything(out))
    assert sorted(os.listdir(out)) == ["r.csv", "r.html", "r.json", "r.tif"]
    numbers = strict(out / "r.json")
    assert numbers == {name: value for name, value in said.result.items() if name in numbers}
    with open(out / "r.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["reduced_ergas"]) for row in rows] == [image["reduced"]["ergas"] for image in numbers["images"]]
    page = (out / "r.html").read_text(encoding="utf-8")
    assert "gsa" in page and page.count("data:image/") >= 8


@pytest.mark.slow
def test_the_error_map_is_that_of_the_first_method(pair: Pair, out: Path, tmp_path: Path) -> None:
    said = reported(pair, out, methods=("exp", "gs", "gsa"), border=2, **everything(out))
    parts = {f"out_{name}": str(tmp_path / f"{name}.tif") for name in ("pan", "ms", "reference")}
    run(simulate(SimulateRequest(pair.pan, (pair.ms,), **parts)))
    small = sharp(Pair(parts["out_pan"], parts["out_ms"], pair.truth, 4.0), tmp_path / "small.tif", "gs")
    image, truth = (read(path)[:, 2:-2, 2:-2] for path in (small, parts["out_reference"]))
    expected = (100 * np.abs(image - truth) / truth.mean(axis=(1, 2))[:, None, None]).mean(axis=0)
    np.testing.assert_allclose(read(out / "r.tif")[0], expected, rtol=1e-5)
    assert said.result["out_error"] == str(out / "r.tif")


@pytest.mark.slow
def test_with_a_reference_the_error_map_is_that_of_the_first_file(pair: Pair, out: Path, tmp_path: Path) -> None:
    first, second = (sharp(pair, tmp_path / f"{method}.tif", method) for method in ("gs", "sfim"))
    truth = truth_of(pair, tmp_path / "truth.tif")
    reported(pair, out, fused=(first, second), reference=truth, **everything(out))
    expected = (100 * np.abs(read(first) - pair.truth) / pair.truth.mean(axis=(1, 2))[:, None, None]).mean(axis=0)
    np.testing.assert_allclose(read(out / "r.tif")[0], expected, rtol=1e-5)


@pytest.mark.slow
def test_several_files_of_ms_an_extent_and_chosen_bands_work_together(pair: Pair, out: Path, tmp_path: Path) -> None:
    ms = read(pair.ms).astype(np.uint16)
    files = [
        rasters.write(tmp_path / f"b{band}.tif", one, pairs.affine((4, 4)), pairs.EPSG) for band, one in enumerate(ms)
    ]
    left, top = pairs.LEFT + 16 * pairs.PIXEL, pairs.TOP - 32 * pairs.PIXEL
    extent = (left, top - 80 * pairs.PIXEL, left + 96 * pairs.PIXEL, top)
    changes: dict[str, Any] = {"ms": tuple(files), "bands": (4, 3, 1), "extent": extent}
    fused = sharp(pair, tmp_path / "mine.tif", "gs", **changes)
    said = reported(pair, out, fused=(fused,), methods=("gs",), **changes)
    assert len(said.result["band_names"]) == 3
    mine, gs = images(said)["mine.tif"], images(said)["gs"]
    assert mine["full"] == gs["full"] and mine["counts"]["pixels"] == 80 * 96
    assert_assessed(mine, pair, fused, **changes)


def test_of_an_extent_files_are_compared_where_methods_are(pair: Pair, out: Path, tmp_path: Path) -> None:
    left, top = pairs.LEFT + 16 * pairs.PIXEL, pairs.TOP - 32 * pairs.PIXEL
    extent = (left, top - 80 * pairs.PIXEL, left + 96 * pairs.PIXEL, top)
    whole, truth = sharp(pair, tmp_path / "whole.tif"), truth_of(pair, tmp_path / "truth.tif")
    said = reported(pair, out, fused=(whole,), reference=truth, extent=extent, border=4, **everything(out))
    assert images(said)["whole.tif"]["reduced"] == images(said)["gsa"]["reduced"]
    assert read(out / "r.tif").shape == (1, 72, 88)


@pytest.mark.slow
def test_bands_have_the_names_and_wavelengths_that_are_known(pair: Pair, out: Path, tmp_path: Path) -> None:
    assert reported(pair, out, methods=("exp",)).result["band_names"] == list(pairs.NAMES)
    names = ("", "x\x07<b>", "", "")
    ms = read(pair.ms).astype(np.uint16)
    bare = rasters.write(tmp_path / "bare.tif", ms, pairs.affine((4, 4)), pairs.EPSG, names=names)
    plain = reported(pair, out, methods=("exp",), ms=(bare,), **everything(out) | {"out_error": ""}).result
    assert plain["band_names"][0] == "band 1" and plain["band_names"][1].endswith("<b>")
    assert strict(out / "r.json")["band_names"] == plain["band_names"]
    assert "x\x07" not in (out / "r.html").read_text(encoding="utf-8")
    known = reported(pair, out, methods=("exp",), sensor="QB").result
    assert known["wavelengths_um"] == pytest.approx([0.48, 0.545, 0.65, 0.82], abs=0.03)


@pytest.mark.slow
def test_threads_change_nothing(pair: Pair, out: Path) -> None:
    found = []
    for threads in (1, 4):
        result = reported(pair, out, **everything(out), threads=threads).result
        numbers = {name: value for name, value in result.items() if name not in CHANGING}
        found.append((numbers, (out / "r.csv").read_bytes(), read(out / "r.tif").tobytes()))
    assert found[0] == found[1]


@pytest.mark.parametrize("tile", mostly_slow([64, 96], 1))
def test_tiles_change_nothing_beyond_the_last_digits_of_sums(tile: int, pair: Pair, out: Path) -> None:
    one, two = (images(reported(pair, out, tile_size=size))["gsa"] for size in (1024, tile))
    assert one["reduced"] == two["reduced"] and one["counts"] == two["counts"]
    for name, value in one["full"].items():
        assert two["full"][name] == (None if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)), name


def test_it_answers_with_a_progress_that_never_falls_and_ends_with_1(pair: Pair, out: Path, tmp_path: Path) -> None:
    fused = sharp(pair, tmp_path / "mine.tif")
    events = list(report(asked(pair, out, fused=(fused,), methods=("gs", "gsa", "sfim", "bt-h"))))
    assert isinstance(events[-1], Finished) and events[-2] == Progress(1.0, "Done")
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[0] == 0.0
    assert max(fractions[:-1]) < 1.0 and fractions[-2] > 0.9, "1 says that the results are in their places"
    (started,) = (event for event in events if isinstance(event, Started))
    assert started.facts == {"runs": ["exp", "gs", "gsa", "sfim", "bt-h"], "fused": [fused]}


def test_its_numbers_are_plain(out: Path, tmp_path: Path) -> None:
    def kinds(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set().union(*(kinds(item) for item in value.values()))
        return set().union(*map(kinds, value)) if isinstance(value, list) else {type(value).__name__}

    result = reported(write_pair(tmp_path / "pair", size=256), out).result
    assert result["shift"] and result["local_shifts"]
    assert kinds(result) == {"str", "float", "int", "NoneType"}


@pytest.mark.slow
def test_files_of_one_name_are_told_apart(pair: Pair, out: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    first, second = (sharp(pair, tmp_path / folder / "x.tif") for folder in "ab")
    third = os.path.join(tmp_path, "gsa")
    os.rename(sharp(pair, tmp_path / "gsa.tif"), third)
    said = reported(pair, out, fused=(third, first, second), methods=("gsa",))
    assert list(images(said)) == ["exp", "gsa", third, first, second]
    assert said.result["judged"] == third


@pytest.mark.slow
def test_a_model_is_run_and_judged_as_methods_are(pair: Pair, out: Path, tmp_path: Path) -> None:
    model = model_file(tmp_path, tiny())
    found = images(reported(pair, out, methods=(), models=(model,)))
    assert list(found) == ["exp", "model.safetensors"]
    judged = found["model.safetensors"]
    assert (judged["kind"], judged["source"]) == ("method", model)
    sharpened = str(tmp_path / "sharp.tif")
    list(sharpen(SharpenRequest(pan=pair.pan, ms=(pair.ms,), out=sharpened, method="ksdiff", model=model)))
    alone = run(assess(AssessRequest(pan=pair.pan, ms=(pair.ms,), fused=sharpened))).result
    assert judged["full"]["hqnr"] == alone["hqnr"] != found["exp"]["full"]["hqnr"]
    assert judged["reduced"]["ergas"] != found["exp"]["reduced"]["ergas"]


def test_a_model_for_other_bands_is_left_out_with_a_warning(pair: Pair, out: Path, tmp_path: Path) -> None:
    said = reported(pair, out, models=(model_file(tmp_path, tiny(3)),))
    assert list(images(said)) == ["exp", "gsa"]
    assert any("was left out: The model" in warning for warning in said.result["warnings"])


def test_images_that_are_called_alike_have_names_of_their_own(tmp_path: Path) -> None:
    """Of addresses the queries are left out, since they may be passwords."""
    far = "/vsicurl/https://a.example/get.tif"
    assert module._names((f"{far}?id=1", f"{far}?id=2", "b.tif", "gsa"), ("gsa",)) == [
        far,
        f"{far} (2)",
        "b.tif",
        "gsa",
    ]
    (tmp_path / "gsa").touch()
    assert module._names((str(tmp_path / "gsa"),), ("gsa",)) == [str(tmp_path / "gsa")]
