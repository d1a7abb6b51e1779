"""Clocks that jump, back or far ahead, change no result and remove nothing that is in use."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.report import report
from engine.jobs.sharpen import sharpen
from engine.raster.workplace import workplace
from engine.request import ReportRequest
from tests.jobs.runs import run, stopped
from tests.pairs import Pair, write_pair
from tests.slowness import mostly_slow

DAY = 86400.0


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return write_pair(tmp_path / "pair", size=256)


def jumping(monkeypatch: pytest.MonkeyPatch, by: float) -> None:
    """Let each look at the clock of the day show that much more than the last one, beside what has passed."""
    true, looks = time.time, [0]

    def now() -> float:
        looks[0] += 1
        return true() + by * looks[0]

    monkeypatch.setattr(time, "time", now)


@pytest.mark.parametrize("by", mostly_slow([-60 * 365 * DAY, 365 * DAY], 0))
def test_a_clock_that_jumps_changes_no_byte(
    by: float, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sharpen(pair.request(tmp_path / "a.tif", method="gsa", tile_size=64)))
    jumping(monkeypatch, by)
    run(sharpen(pair.request(tmp_path / "b.tif", method="gsa", tile_size=64)))
    assert (tmp_path / "b.tif").read_bytes() == (tmp_path / "a.tif").read_bytes()


@pytest.mark.parametrize("by", mostly_slow([-DAY, DAY], 0))
def test_a_clock_that_jumps_is_no_reason_not_to_go_on(
    by: float, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sharpen(pair.request(tmp_path / "a.tif", method="gsa", tile_size=64)))
    asked: Any = pair.request(tmp_path / "b.tif", method="gsa", tile_size=64, resume=True)
    assert "are kept" in stopped(asked)
    jumping(monkeypatch, by)
    said = run(sharpen(asked))
    assert any("Going on with an earlier run" in note for note in said.notes)
    assert (tmp_path / "b.tif").read_bytes() == (tmp_path / "a.tif").read_bytes()


@pytest.mark.parametrize("by", [-DAY, DAY])
def test_a_clock_that_jumps_takes_no_folder_from_a_job_at_work(
    by: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with workplace("") as one:
        jumping(monkeypatch, by)
        with workplace("") as other:
            assert sorted(os.listdir(tmp_path)) == sorted(os.path.basename(place) for place in (one, other))


@pytest.mark.slow
def test_a_report_is_made_whatever_day_it_is(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jumping(monkeypatch, -60 * 365 * DAY)
    run(report(ReportRequest(pair.pan, (pair.ms,), methods=("exp",), out_html=str(tmp_path / "r.html"))))
    assert (tmp_path / "r.html").exists()
