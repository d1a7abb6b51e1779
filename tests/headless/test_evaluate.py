"""ksdiff:evaluate through `qgis_process`: a report, and results as JSON; failures with a sentence and no file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests import rasters
from tests.pairs import EPSG, affine, write_pair

FILES = {"OUTPUT_HTML": "r.html", "OUTPUT_JSON": "r.json", "OUTPUT_CSV": "r.csv", "OUTPUT_ERROR": "r.tif"}


def test_a_run_writes_the_report_and_answers_with_numbers(headless: Any, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=128)
    fused = rasters.write(tmp_path / "pair" / "mine.tif", pair.truth.astype(np.uint16), affine(), EPSG)
    outputs = [f"{name}={tmp_path / file}" for name, file in FILES.items()]
    inputs = [f"SPECTRAL={pair.ms}", f"PANCHROMATIC={pair.pan}", f"FUSED={fused}", "METHODS=GSA,SFIM"]
    done = headless("run", "ksdiff:evaluate", "--json", "--", *inputs, *outputs)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert {name: results[name] for name in FILES} == {name: str(tmp_path / file) for name, file in FILES.items()}
    assert results["JUDGED"] == "mine.tif" and results["RATIO"] == 4
    numbers = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [image["name"] for image in numbers["images"]] == ["exp", "gsa", "sfim", "mine.tif"]
    assert results["HQNR"] == numbers["images"][3]["full"]["hqnr"]
    assert "mine.tif" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_failure_ends_with_code_1_a_sentence_and_no_file(headless: Any, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=64)
    inputs = [f"SPECTRAL={pair.ms}", f"PANCHROMATIC={pair.pan}", "METHODS=MAGIC", f"OUTPUT_HTML={tmp_path / 'r.html'}"]
    done = headless("run", "ksdiff:evaluate", "--json", "--", *inputs)
    assert done.returncode == 1 and done.stdout.strip() == ""
    assert "METHODS cannot be 'MAGIC'. Choose one of EXP," in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pair"]


def test_the_help_is_plain_text_that_names_every_parameter(headless: Any) -> None:
    done = headless("help", "ksdiff:evaluate")
    assert done.returncode == 0
    for name in ("FUSED", "METHODS", "REFERENCE", "BORDER", *FILES, "D_LAMBDA_K", "BIAS_PERCENT", "JUDGED"):
        assert name in done.stdout
    assert not [tag for tag in ("<b>", "<p>", "<h3>", "&lt;") if tag in done.stdout]
