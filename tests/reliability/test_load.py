"""Many runs in a row and several at once: the machine is as before, and every result is right.

KSDIFF_LOAD_RUNS and KSDIFF_LOAD_STARTS say how many; the figures in docs/RELIABILITY.md are of 500 and 50.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.jobs.sharpen import sharpen
from engine.remote.client import Worker
from tests.jobs.runs import run
from tests.pairs import Pair, write_pair
from tests.reliability.faults import ended, engine
from tests.reliability.growth import check_no_growth, held
from tests.remote.strangers import puppet

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts in /proc"),
]
RUNS = int(os.environ.get("KSDIFF_LOAD_RUNS", "80"))
STARTS = int(os.environ.get("KSDIFF_LOAD_STARTS", "8"))
METHODS = ("exp", "gsa", "mtf-glp-fs", "brovey")
WARM = 24  # runs until caches are full


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def once(pair: Pair, out: Path, number: int) -> None:
    kinds = ({}, {"format": "cog"}, {"overviews": True}, {"resume": True})
    run(sharpen(pair.request(out, method=METHODS[number % 4], threads=2, **kinds[number // 4 % 4])))


def test_many_runs_in_a_row_leave_the_process_as_it_was(pair: Pair, tmp_path: Path) -> None:
    for number in range(WARM):
        once(pair, tmp_path / "o.tif", number)
    before = held()
    for number in range(RUNS):
        once(pair, tmp_path / "o.tif", number)
    after = held()
    print(f"{RUNS} runs: {before} {after}")
    check_no_growth(before, after, 12.0)
    assert sorted(os.listdir(tmp_path)) == ["o.tif", "temporary"]


def test_many_runs_that_fail_leave_the_process_as_it_was(pair: Pair, tmp_path: Path) -> None:
    def fail(number: int) -> None:
        events = sharpen(pair.request(tmp_path / "o.tif", method="gsa", threads=2))
        for count, _ in enumerate(events):
            if count == 3 + number % 5:
                break
        events.close()

    for number in range(WARM):
        fail(number)
    before = held()
    for number in range(RUNS):
        fail(number)
    check_no_growth(before, held(), 12.0)
    assert os.listdir(tmp_path) == ["temporary"]


def test_many_starts_of_a_worker_leave_nothing(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from engine.remote.interpreter import Interpreter

    def start(python: str) -> None:
        # A real one misses what the greeting should hold, and says so.
        with Worker(Interpreter(python, "for a test"), 1) as worker, contextlib.suppress(EngineError):
            worker.ask("hello", {})

    stand_in = puppet(tmp_path)
    start(stand_in)
    start(sys.executable)
    before = held()
    for _ in range(max(STARTS, 40)):
        start(stand_in)
    for _ in range(STARTS):
        start(sys.executable)
    after = held()
    print(f"{STARTS} starts: {before} {after}")
    check_no_growth(before, after, 5.0)


def test_four_runs_at_once_give_what_each_gives_alone(pair: Pair, tmp_path: Path) -> None:
    names = ("a", "b", "c", "d")
    for number, name in enumerate(names):
        once(pair, tmp_path / f"{name}.tif", number)
    expected = {name: (tmp_path / f"{name}.tif").read_bytes() for name in names}
    for _ in range(3):
        threads = [
            threading.Thread(target=once, args=(pair, tmp_path / f"{name}.tif", number))
            for number, name in enumerate(names)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {name: (tmp_path / f"{name}.tif").read_bytes() for name in names} == expected
    files = ["--pan", pair.pan, "--ms", pair.ms, "--threads", 2, "--quiet"]
    apart = [
        engine("sharpen", *files, "--out", tmp_path / f"{name}.tif", "--method", METHODS[number])
        for number, name in enumerate(names)
    ]
    assert [ended(process)[0] for process in apart] == [0] * 4
    assert {name: (tmp_path / f"{name}.tif").read_bytes() for name in names} == expected


def test_of_four_processes_on_one_name_one_writes_and_the_others_say_so(pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "o.tif"
    files = ["--pan", pair.pan, "--ms", pair.ms, "--threads", 1, "--quiet", "--tile", 64]
    ends = [ended(one) for one in [engine("sharpen", *files, "--out", out, "--method", "gsa") for _ in range(4)]]
    alone = tmp_path / "alone.tif"
    assert ended(engine("sharpen", *files, "--out", alone, "--method", "gsa"))[0] == 0
    assert out.read_bytes() == alone.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["alone.tif", "o.tif", "temporary"]
    for code, _, talk in ends:
        assert code == 0 or "Another run is writing" in talk, talk
    assert 0 in [code for code, _, _ in ends]
