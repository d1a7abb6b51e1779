"""The zip through `qgis_process`: results as JSON, failures with a sentence and code 1, Ctrl+C without a trace."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.pairs import read, write_pair
from tests.qgis.large import write_large_pair

OUTPUTS = {
    "OUTPUT",
    "OUTPUT_METHOD",
    "OUTPUT_MODEL",
    "OUTPUT_DEVICE",
    "OUTPUT_SENSOR",
    "RATIO",
    "SHIFT",
    "SHIFT_X",
    "SHIFT_Y",
    "SHIFTS",
    "APPLIED_X",
    "APPLIED_Y",
    "VALID_SHARE",
    "SECONDS",
    "PEAK_MB",
    "ERROR_BEFORE",
    "ERROR_AFTER",
}


def test_a_run_answers_with_the_declared_results_as_json_and_nothing_else(
    pansharpen: Callable[..., Any], tmp_path: Path
) -> None:
    pair = write_pair(tmp_path, size=256)
    done = pansharpen(SPECTRAL=pair.ms, PANCHROMATIC=pair.pan, METHOD="GSA", OUTPUT=tmp_path / "out.tif")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)  # fails on anything printed beside it
    assert set(answer["results"]) == OUTPUTS
    assert answer["results"]["OUTPUT_METHOD"] == "GSA"
    assert answer["results"]["RATIO"] == 4
    assert abs(answer["results"]["SHIFT"]) < 0.2
    assert read(str(tmp_path / "out.tif")).shape == (4, 256, 256)
    assert (tmp_path / "out.tif.ksdiff.json").is_file()


def test_a_failure_ends_with_code_1_a_sentence_and_no_file(pansharpen: Callable[..., Any], tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256)
    done = pansharpen(SPECTRAL=pair.ms, PANCHROMATIC=pair.pan, BANDS="9", OUTPUT=tmp_path / "out.tif")
    assert done.returncode == 1
    assert done.stdout.strip() == ""
    assert "9" in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pair"]


def test_a_wrong_ending_of_the_result_is_refused_first(pansharpen: Callable[..., Any], tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256)
    done = pansharpen(SPECTRAL=pair.ms, PANCHROMATIC=pair.pan, OUTPUT=tmp_path / "out.xyzq")
    assert done.returncode == 1
    assert "'out.xyzq' does not end like one. Let the name end in .tif." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pair"]


def test_the_help_is_plain_text_that_names_every_parameter(headless: Any) -> None:
    done = headless("help", "ksdiff:pansharpen")
    assert done.returncode == 0
    for name in ("SPECTRAL", "PANCHROMATIC", "METHOD", "RESAMPLING", "WEIGHTS", "OUTPUT"):
        assert name in done.stdout
    assert "The result lies on its grid and in its coordinate system." in done.stdout
    assert not [tag for tag in ("<b>", "<p>", "<h3>", "&lt;") if tag in done.stdout]


def test_the_algorithm_is_listed_under_its_provider(headless: Any) -> None:
    done = headless("list", "--json")
    provider = json.loads(done.stdout)["providers"]["ksdiff"]
    assert provider["name"] == "KSDiff"
    names = (
        "adapt", "check", "evaluate", "models", "pansharpen", "register", "setup", "simulate", "train", "trainingset",
    )  # fmt: skip
    assert set(provider["algorithms"]) == {f"ksdiff:{name}" for name in names}


def test_ctrl_c_ends_with_code_1_within_two_seconds_and_leaves_no_file(headless: Any, tmp_path: Path) -> None:
    pair = write_large_pair(tmp_path / "pair", 8192)
    inputs = [
        f"SPECTRAL={pair.ms}",
        f"PANCHROMATIC={pair.pan}",
        f"OUTPUT={tmp_path / 'out.tif'}",
        "THREADS=1",
        "METHOD=GSA",
    ]
    process = headless.start("run", "ksdiff:pansharpen", "--json", "--", *inputs)
    end = time.monotonic() + 60
    while len(os.listdir(tmp_path)) < 2 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert process.poll() is None, process.communicate()
    assert len(os.listdir(tmp_path)) == 2, "the result was begun"
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() < asked + 2
    assert process.returncode == 1
    assert out.strip() == ""
    assert "Stopped on request" in err
    assert os.listdir(tmp_path) == ["pair"]
