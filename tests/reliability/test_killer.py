"""Where the kernel kills what takes too much memory, the caller finds no half result, and hears of its worker."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import WorkerError
from engine.jobs.sharpen import sharpen
from engine.remote.client import RemoteFuser, Worker
from engine.remote.interpreter import Interpreter
from tests.jobs.runs import files_in, run
from tests.limits import little_memory
from tests.modelfile.cards import model_file
from tests.pairs import Pair, write_pair
from tests.qgis.large import write_large_pair
from tests.reliability.faults import ROOT, ended, one_sentence
from tests.remote.strangers import nothing_left, puppet, window

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="control groups are Linux's")
GREEDY = "if do == 'fuse': kept = b'x' * 1_000_000_000"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with nothing_left(tmp_path, monkeypatch) as place:
        yield place


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return write_pair(tmp_path / "pair", size=256)


def started(before: list[str], *arguments: object) -> subprocess.Popen[str]:
    """Start `python -m engine` within a limit."""
    command = [*before, sys.executable, "-m", "engine", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def python_within(before: list[str], python: str, folder: Path) -> str:
    """Return a Python that runs within a limit."""
    path = folder / "limited"
    path.write_text(f'#!/bin/sh\nexec {shlex.join([*before, python])} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_limit_is_one(tmp_path: Path) -> None:
    with little_memory(100) as before:
        for size, code in ((20_000_000, 0), (400_000_000, -signal.SIGKILL)):
            assert subprocess.run([*before, sys.executable, "-c", f"b'x' * {size}"], check=False).returncode == code


@pytest.mark.slow
def test_a_run_that_the_kernel_kills_leaves_the_older_result_and_is_gone_on_with(tmp_path: Path) -> None:
    large = write_large_pair(tmp_path / "pair", 2048)
    out, alone = tmp_path / "out" / "o.tif", tmp_path / "alone.tif"
    out.parent.mkdir()
    out.write_bytes(b"older")
    asked = ["sharpen", "--pan", large.pan, "--ms", large.ms, "--method", "mtf-glp-fs", "--threads", 1, "--quiet"]
    met = 0
    for limit in (110, 160, 190, 210):  # MB: from what the libraries take to what the largest tiles do
        with little_memory(limit) as before:
            code, said, _ = ended(started(before, *asked, "--tile", 2048, "--out", out, "--resume"))
        assert code == -signal.SIGKILL and said == "", (limit, code)
        assert out.read_bytes() == b"older", "the half of it has another name"
        met += os.path.exists(f"{out}.part.journal")
    assert met, "one at least was met at work"
    for path, more in ((out, ["--resume"]), (alone, [])):
        assert ended(started([], *asked, "--tile", 2048, "--out", path, *more))[0] == 0
    assert files_in(out.parent).keys() == {"o.tif"} and out.read_bytes() == alone.read_bytes()


def test_a_worker_that_the_kernel_kills_is_mourned_and_its_run_goes_on_with_more_memory(
    pair: Pair, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    model = model_file(tmp_path / "m.safetensors")
    ask: dict[str, Any] = {"method": "ksdiff", "model": model, "threads": 1, "tile_size": 64, "resume": True}
    with little_memory(300) as before:
        python = python_within(before, puppet(tmp_path, GREEDY), tmp_path)
        with pytest.raises(WorkerError) as caught:
            run(sharpen(pair.request(tmp_path / "out" / "o.tif", python=python, **ask)))
    assert "it was killed, most likely because memory ran out" in caught.value.fact
    assert "Close other programs" in caught.value.remedy
    assert files_in(tmp_path / "out").keys() <= {"o.tif.part.journal"}
    run(sharpen(pair.request(tmp_path / "out" / "o.tif", python=puppet(tmp_path, name="free"), **ask)))
    assert files_in(tmp_path / "out").keys() == {"o.tif"}


def test_of_caller_and_worker_in_one_limit_the_greedy_one_goes_and_the_other_says_so(
    pair: Pair, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    python = puppet(tmp_path, GREEDY)
    asked = ["--pan", pair.pan, "--ms", pair.ms, "--out", tmp_path / "out" / "o.tif", "--threads", 1, "--quiet"]
    asked += ["--method", "ksdiff", "--model", model_file(tmp_path / "m.safetensors"), "--python", python]
    with little_memory(500) as before:
        code, said, talk = ended(started(before, "sharpen", *asked))
    assert code == 1 and said == "" and os.listdir(tmp_path / "out") == []
    assert "most likely because memory ran out" in one_sentence(talk)


@pytest.mark.slow
def test_a_real_worker_that_the_kernel_kills_is_mourned(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tests.methods.models import model_file as real_model
    from tests.methods.models import tiny

    model = real_model(tmp_path, tiny())
    with little_memory(900) as before:
        python = Interpreter(python_within(before, sys.executable, tmp_path), "for a test")
        with Worker(python, 1) as worker:
            fuser = RemoteFuser(worker, model, "cpu", 0)
            kernels = fuser.settle([window(64, 64)], [1.0])
            with pytest.raises(WorkerError, match="most likely because memory ran out"):
                fuser.fuse(*window(4000, 4000), kernels)
