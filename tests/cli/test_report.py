"""`report` on the command line: its promises are those of the other verbs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.cli.main import main
from tests import pairs, rasters
from tests.pairs import Pair, write_pair

ROOT = Path(__file__).resolve().parents[2]
RESULTS = {"--html": "r.html", "--numbers": "r.json", "--csv": "r.csv", "--error": "r.tif"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


def arguments(pair: Pair, *more: Any) -> list[str]:
    return [str(word) for word in ("report", "--pan", pair.pan, "--ms", pair.ms, *more)]


def test_four_files_and_one_line_of_json(pair: Pair, tmp_path: Path) -> None:
    results = [word for option, name in RESULTS.items() for word in (option, tmp_path / name)]
    done = subprocess.run(
        [sys.executable, "-m", "engine", *arguments(pair, *results, "--methods", "gsa", "--json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("\n") == 1
    result = json.loads(done.stdout)
    assert [image["name"] for image in result["images"]] == ["exp", "gsa"] and result["judged"] == "gsa"
    assert {name: result[f"out_{name}"] for name in ("html", "json", "csv", "error")} == {
        name: str(tmp_path / f"r.{ending}")
        for name, ending in (("html", "html"), ("json", "json"), ("csv", "csv"), ("error", "tif"))
    }
    assert sorted(os.listdir(tmp_path)) == sorted(RESULTS.values())
    numbers = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert numbers["images"] == result["images"]


def test_every_option_reaches_the_engine(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = (pairs.affine(), pairs.EPSG)
    truth = rasters.write(tmp_path / "truth.tif", pair.truth[[2, 1]].astype(np.uint16), *places)
    fused = rasters.write(tmp_path / "mine.tif", pair.truth[[2, 1]].astype(np.uint16) + 1, *places)
    extent = (pairs.LEFT, pairs.TOP - 40, pairs.LEFT + 48, pairs.TOP)
    of_the_pair = ["--bands", 3, 2, "--pan-band", 1, "--sensor", "QB", "--nodata=-3.4e38", "--extent", *extent]
    of_the_report = [
        "--fused",
        fused,
        "--methods",
        "MTF_GLP",
        "--reference",
        truth,
        "--border",
        3,
        "--folder",
        tmp_path,
    ]
    work = ["--threads", 1, "--tile", 64, "--error", tmp_path / "e.tif", "--json"]
    assert main(arguments(pair, *of_the_pair, *of_the_report, *work)) == 0
    result = json.loads(capsys.readouterr().out)
    assert [image["name"] for image in result["images"]] == ["exp", "mtf-glp", "mine.tif"]
    assert (result["border"], result["reference"], result["band_names"]) == (3, truth, ["Red", "Green"])
    assert "QuickBird" in result["facts"]["Sensor"]
    assert result["images"][2]["reduced"]["bias"] == [1.0, 1.0]
    error = gdal.Open(str(tmp_path / "e.tif"))
    assert (error.RasterXSize, error.RasterYSize) == (96 - 6, 80 - 6)
    assert sorted(os.listdir(tmp_path)) == ["e.tif", "mine.tif", "truth.tif"]


@pytest.mark.slow
def test_three_methods_are_compared_where_none_is_named(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(pair, "--csv", tmp_path / "r.csv", "--threads", 2)) == 0
    lines = (tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["image", "exp", "brovey", "gsa", "mtf-glp-fs"]
    assert "judged         brovey" in capsys.readouterr().out


def test_no_method_need_be_run(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fused = rasters.write(tmp_path / "mine.tif", pair.truth.astype(np.uint16), pairs.affine(), pairs.EPSG)
    assert main(arguments(pair, "--fused", fused, "--methods", "--numbers", tmp_path / "r.json", "--json")) == 0
    assert [image["name"] for image in json.loads(capsys.readouterr().out)["images"]] == ["exp", "mine.tif"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "No result was asked for."),
        (["--html", "r.txt"], "does not end in .html."),
        (["--html", "r.html", "--bands", "7"], "There is no MS band 7."),
        (["--html", "r.html", "--methods"], "There is nothing to judge."),
        (["--html", "r.html", "--fused", "none.tif"], "none.tif"),
        (["--html", "r.html", "--border", "-1"], "has no meaning"),
    ],
)
def test_a_mistake_ends_with_1_and_a_sentence(
    more: list[str],
    words: str,
    pair: Pair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments(pair, *more)) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("Error: ") and words in said.err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("more", [["--methods", "magic"], ["--html"], ["--out", "x.tif"]])
def test_a_wrong_call_ends_with_2(more: list[str], pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments(pair, *more))
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m engine")
