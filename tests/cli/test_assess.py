"""`assess` on the command line: its promises are those of the other verbs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.cli.main import main
from tests import pairs, rasters
from tests.pairs import Pair, write_pair

PROMISED = {"d_lambda_k", "d_s", "hqnr", "d_rho", "r_ergas", "r_q2n", "shift_from_pan", "shift_from_ms", "lost"}
PROMISED |= {"fused", "pan", "ms", "sensor", "sensor_reason", "mtf_gains", "ratio", "width", "height", "bands"}
PROMISED |= {"valid", "invented", "clipped_bottom", "clipped_top", "seconds", "peak_mb", "warnings"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=256)


@pytest.fixture(scope="module")
def fused(pair: Pair) -> str:
    path = Path(pair.pan).with_name("fused.tif")
    return rasters.write(path, pair.truth.astype(np.uint16), pairs.affine(), pairs.EPSG)


def arguments(pair: Pair, fused: Any, *more: Any) -> list[str]:
    return [str(word) for word in ("assess", "--pan", pair.pan, "--ms", pair.ms, "--fused", fused, *more)]


def test_one_line_of_json(pair: Pair, fused: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(pair, fused, "--json")) == 0
    said = capsys.readouterr().out
    result = json.loads(said)
    assert said.count("\n") == 1 and result.keys() >= PROMISED
    assert result["ratio"] == 4.0 and result["r_ergas"] < 0.5


def test_a_table_for_people(pair: Pair, fused: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(pair, fused, "--quiet")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:1] == ["hqnr"] for line in lines)


def test_every_option_reaches_the_engine(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = rasters.write(tmp_path / "two.tif", pair.truth[[2, 1]].astype(np.uint16), pairs.affine(), pairs.EPSG)
    extent = (pairs.LEFT, pairs.TOP - 64, pairs.LEFT + 100, pairs.TOP)
    more = ["--bands", 3, 2, "--sensor", "QB", "--nodata=-3.4e38", "--extent", *extent, "--pan-band", 1]
    assert main(arguments(pair, two, *more, "--threads", 1, "--tile", 64, "--json")) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["bands"] == 2 and result["mtf_gains"] == [0.30, 0.32] and result["sensor"] == "quickbird"
    assert (result["width"], result["height"]) == (200, 128)


@pytest.mark.parametrize(
    ("image", "more", "words"),
    [("absent.tif", [], "There is no file"), (None, ["--bands", "1"], "has 4 bands"), (None, ["--tile", "8"], "tile")],
)
def test_a_mistake_ends_with_1_and_a_sentence(
    image: Any, more: list[str], words: str, pair: Pair, fused: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(pair, image or fused, *more)) == 1
    said = capsys.readouterr()
    assert said.out == "" and "Error: " in said.err and words in said.err


def test_the_image_has_to_be_named(pair: Pair, fused: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments(pair, fused)[:-2])
    assert ended.value.code == 2 and "--fused" in capsys.readouterr().err
