"""The rate, the time left and the shares of a run are those of a clock in the hands of the test."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.pace import Pace
from engine.jobs.sharpen import sharpen
from engine.raster.writer import Writer
from tests.jobs.runs import run
from tests.pairs import Pair

MEGA = 1_000_000


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds go by."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


def begun(pixels: int = 10 * MEGA, threads: int = 2) -> Pace:
    pace = Pace(pixels, threads)
    pace.begin()
    return pace


def test_shares_are_of_the_time_of_all_threads_and_of_the_one_who_writes(wait: Callable[[float], None]) -> None:
    pace = begun()
    for deed, seconds in (("read", 1.0), ("compute", 3.0)):
        with pace.on(deed):
            wait(seconds)
    with pace.on("write", beside=True):
        wait(1.0)
    pace.made(MEGA)
    pace.end()
    # 5 seconds of two threads, and 1 of the one who writes while they go on.
    assert pace.shares == pytest.approx({"read": 1 / 11, "compute": 3 / 11, "write": 1 / 11, "wait": 6 / 11}, abs=1e-4)
    assert pace.rate == 0.2
    assert pace.summary == (
        "0.2 megapixels of PAN per second; of the time of 2 threads, reading took 9%, computing 27%, writing 9% and "
        "waiting 55%."
    )


def test_a_run_that_made_nothing_has_no_rate(wait: Callable[[float], None]) -> None:
    pace = begun(threads=1)
    wait(1.0)
    pace.end()
    assert pace.rate is None and pace.summary.startswith("Nothing was left to sharpen; of the time of 1 thread, ")


def test_the_rate_and_the_time_left_are_told_every_tenth_and_every_five_minutes(wait: Callable[[float], None]) -> None:
    pace = begun()
    pace.made(MEGA)
    wait(9.0)
    assert list(pace.due(5 * MEGA)) == [], "too soon"
    wait(1.0)
    assert list(pace.due(MEGA // 2)) == [], "less than a tenth"
    # Four of the five were there before: one was made in ten seconds, so the other five take fifty.
    assert list(pace.due(5 * MEGA)) == ["50% is sharpened, at 0.1 megapixels per second; about 50 seconds left."]
    wait(290.0)
    assert list(pace.due(5 * MEGA)) == []
    wait(10.0)
    (slow,) = pace.due(5 * MEGA)
    assert slow == "50% is sharpened, at 0.00323 megapixels per second; about 26 minutes left."
    wait(4000.0)
    assert "hours left" in next(pace.due(9 * MEGA // 2))


def test_the_result_tells_how_fast_it_was_and_where_the_time_went(plain: Pair, tmp_path: Path) -> None:
    said = run(sharpen(plain.request(tmp_path / "o.tif", method="exp", tile_size=100, threads=2)))
    shares = said.result["shares"]
    assert list(shares) == ["read", "compute", "write", "wait"]
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-3) and min(shares.values()) >= 0.0
    assert shares["compute"] > 0.0 and shares["read"] > 0.0 and shares["write"] > 0.0
    assert said.result["megapixels_per_second"] >= 384 * 384 / 1e6 / said.result["seconds"]
    assert said.result["tile_size"] == 100
    assert any(note.startswith(f"{said.result['megapixels_per_second']:.3g} megapixels of PAN") for note in said.notes)


def test_writing_counts_though_no_thread_of_the_crew_does_it(
    plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Writer.write

    def slowly(*given: Any) -> None:
        time.sleep(0.05)
        write(*given)

    monkeypatch.setattr(Writer, "write", slowly)
    said = run(sharpen(plain.request(tmp_path / "o.tif", method="exp", tile_size=100, threads=2)))
    assert said.result["shares"]["write"] > 0.1
