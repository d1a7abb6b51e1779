"""Whoever is ended, how and whenever: gone on with, the result is that of an undisturbed run, byte for byte."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.runs import files_in
from tests.modelfile.cards import model_file
from tests.pairs import Pair, write_pair
from tests.reliability.faults import ended, engine
from tests.remote.strangers import nothing_left, processes, puppet

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals and /proc"),
]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
MOMENTS = 10


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with nothing_left(tmp_path, monkeypatch) as place:
        yield place


def options(pair: Pair, out: Path, *more: object) -> list[object]:
    out.parent.mkdir(exist_ok=True)
    inputs = ["sharpen", "--pan", pair.pan, "--ms", pair.ms, "--out", out, "--method", "mtf-glp-fs"]
    return [*inputs, "--tile", 64, "--threads", 2, "--quiet", *more]


def finished(asked: list[object]) -> bytes:
    """Run to the end and return the bytes of the result, beside which nothing is left."""
    code, _, talk = ended(engine(*asked))
    out = Path(str(asked[asked.index("--out") + 1]))
    assert code == 0 and files_in(out.parent).keys() == {out.name}, talk
    return out.read_bytes()


def begun(out: Path, since_ns: int) -> bool:
    """Return whether a run that was started then has its file; one that was killed may have left an older one."""
    try:
        return os.stat(f"{out}.part").st_mtime_ns > since_ns
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("format", ["gtiff", "cog"])
def test_a_run_that_is_ended_at_ten_moments_goes_on_to_the_same_bytes(format: str, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=1024)
    more = ("--method", "mtf-glp-fs", "--format", format)
    expected = finished(options(pair, tmp_path / "whole" / "o.tif", *more))
    out = tmp_path / "out" / "o.tif"
    asked = options(pair, out, *more, "--resume")
    moments = random.Random(f"{format} 8")
    ends = []
    for turn in range(MOMENTS):
        since, process, number = time.time_ns(), engine(*asked), SIGNALS[(turn + 1) % 3]
        # Two of them come while Python starts, which no program can do anything about; the others at work.
        while turn > 1 and process.poll() is None and not begun(out, since):
            time.sleep(0.005)
        time.sleep(moments.uniform(0.0, 0.6))
        process.send_signal(number)
        code, _, talk = ended(process)
        ends.append(code)
        assert code in (0, 130, -number), talk
        if number != signal.SIGKILL and turn > 1:
            assert not os.path.exists(f"{out}.part") and "Traceback" not in talk, talk
    assert {130, -signal.SIGKILL} & set(ends), ends
    assert finished(asked) == expected


def test_a_worker_that_is_ended_at_ten_moments_is_mourned_and_its_run_goes_on_to_the_same_bytes(
    tmp_path: Path, place: Path
) -> None:
    pair = write_pair(tmp_path / "pair", size=512)
    # One that answers as a worker does, without what takes long to load.
    python = puppet(tmp_path, "if do == 'fuse': time.sleep(0.02)")
    more = ("--method", "ksdiff", "--model", model_file(tmp_path / "m.safetensors"), "--python", python)
    expected = finished(options(pair, tmp_path / "whole" / "o.tif", *more))
    out = tmp_path / "out" / "o.tif"
    asked = options(pair, out, *more, "--resume")
    moments = random.Random(8)
    mourned = 0
    for turn in range(MOMENTS):
        since, process, number = time.time_ns(), engine(*asked), SIGNALS[turn % 3]
        while turn > 1 and process.poll() is None and not begun(out, since):
            time.sleep(0.005)
        time.sleep(moments.uniform(0.0, 0.8))
        for worker in processes(str(place)) | processes(python):
            if worker != process.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, number)
        code, _, talk = ended(process)
        assert code in (0, 1), talk
        if code == 1:
            mourned += 1
            assert talk.strip().splitlines()[-1].startswith("Error: ") and talk.count("Error: ") == 1, talk
            assert not os.path.exists(f"{out}.part")
    assert mourned, "one at least was met at work"
    assert finished(asked) == expected
    assert not processes(str(place))
