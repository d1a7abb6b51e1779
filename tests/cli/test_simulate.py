"""`simulate` on the command line: its promises are those of the other verbs."""

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
NAMES = ("pan", "ms", "reference")
PROMISED = {"ratio", "sensor", "shift", "valid_share_pan", "valid_share_ms", "seconds", "peak_mb", "convention"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=512)


def arguments(pair: Pair, out: Path, *more: Any) -> list[str]:
    outs = [word for name in NAMES for word in (f"--out-{name}", out / f"{name}.tif")]
    return [str(word) for word in ("simulate", "--pan", pair.pan, "--ms", pair.ms, *outs, *more)]


def test_three_files_and_one_line_of_json(pair: Pair, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "engine", *arguments(pair, tmp_path, "--json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("\n") == 1
    result = json.loads(done.stdout)
    assert result.keys() >= PROMISED
    assert result["ratio"] == 4.0 and result["convention"] == "geometric"
    assert "The reference has 128 x 128 pixels, 4 bands, uint16" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["ms.tif", "pan.tif", "reference.tif"]
    np.testing.assert_array_equal(rasters.read(tmp_path / "reference.tif"), rasters.read(pair.ms))


def test_every_option_reaches_the_engine(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extent = (pairs.LEFT, pairs.TOP - 200, pairs.LEFT + 100, pairs.TOP)
    more = ["--bands", 3, 2, "--sensor", "QB", "--nodata=-3.4e38", "--extent", *extent, "--convention", "toolbox"]
    assert main(arguments(pair, tmp_path, *more, "--pan-band", 1, "--threads", 1, "--tile", 64, "--json")) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["band_names"] == ["Red", "Green"] and result["mtf_gains"] == [0.30, 0.32]
    assert (result["width"], result["height"], result["ms_width"], result["ms_height"]) == (48, 100, 12, 25)
    assert gdal.Open(str(tmp_path / "ms.tif")).GetMetadataItem("KSDIFF_SIMULATION") == "toolbox"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--bands", "7"], "There is no MS band 7."),
        (["--sensor", "Sputnik"], "Sputnik"),
        (["--extent", "0", "0", "1", "1"], "extent holds no pixel"),
    ],
)
def test_a_mistake_ends_with_1_and_a_sentence(
    more: list[str], words: str, pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(pair, tmp_path, *more)) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("Error: ") and words in said.err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("more", [["--convention", "usual"], ["--coverage", "union"], ["--out", "x.tif"]])
def test_a_wrong_call_ends_with_2(
    more: list[str], pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments(pair, tmp_path, *more))
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m engine")


def test_all_three_results_have_to_be_named(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments(pair, tmp_path)[:-2])
    assert "--out-reference" in capsys.readouterr().err
