"""Stopped, killed, or out of room: the worker ends with its client, and the machine is as it was before."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

from engine.errors import WorkerError
from engine.jobs.sharpen import sharpen
from engine.network.ksdiff import Architecture
from engine.remote.client import RemoteFuser, Worker
from engine.remote.interpreter import Interpreter
from engine.request import SharpenRequest
from tests.jobs.runs import files_in, run
from tests.limits import small_files
from tests.methods.models import model_file
from tests.pairs import Pair, write_pair
from tests.remote.strangers import ROOT, folders, gone, nothing_left, processes, puppet, shell, stranger, window
from tests.slowness import mostly_slow

STAGES = {"settle": "Learning from the scene", "fuse": "Sharpening"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with nothing_left(tmp_path, monkeypatch) as place:
        yield place


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=512)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("large"), size=2048)


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model of full size, which needs seconds for the kernels of the windows."""
    return model_file(tmp_path_factory.mktemp("model"), Architecture(4))


def asked(pair: Pair, tmp_path: Path, model: str, python: str) -> SharpenRequest:
    (tmp_path / "results").mkdir(exist_ok=True)
    out = tmp_path / "results" / "o.tif"
    return pair.request(out, method="ksdiff", model=model, device="cpu", threads=2, tile_size=256, python=python)


def stopped_in(request: SharpenRequest, stage: str) -> float:
    """Return how many seconds it took to stop, a little after a stage has begun."""
    events = sharpen(request)
    begun = None
    for event in events:
        if begun is None and getattr(event, "stage", "") == stage:
            begun = time.monotonic()
        if begun is not None and time.monotonic() > begun + 0.3:
            break
    assert getattr(event, "stage", "") == stage
    began = time.monotonic()
    events.close()
    return time.monotonic() - began


@pytest.mark.parametrize("when", mostly_slow(STAGES, 1))
def test_stopping_a_worker_that_hangs_is_done_within_a_second(
    when: str, pair: Pair, tmp_path: Path, model: str, place: Path
) -> None:
    request = asked(pair, tmp_path, model, puppet(tmp_path, f"if do == {when!r}: time.sleep(60)"))
    assert stopped_in(request, STAGES[when]) < 1.0
    assert files_in(tmp_path / "results") == {} and not processes(str(tmp_path)) and not list(place.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("when", STAGES)
def test_stopping_in_the_middle_of_real_work_is_done_within_a_second(
    when: str, large: Pair, tmp_path: Path, heavy: str, model: str, place: Path
) -> None:
    request = asked(large, tmp_path, heavy if when == "settle" else model, shell(tmp_path, ""))
    assert stopped_in(request, STAGES[when]) < 1.0
    assert files_in(tmp_path / "results") == {} and not processes(str(place)) and not list(place.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("when", STAGES)
def test_a_client_that_is_killed_in_the_middle_of_real_work_takes_its_worker_along(
    when: str, large: Pair, tmp_path: Path, heavy: str, model: str, place: Path
) -> None:
    request = asked(large, tmp_path, heavy if when == "settle" else model, sys.executable)
    script = (
        "from engine.jobs.sharpen import sharpen\nfrom engine.request import SharpenRequest\n"
        f"for event in sharpen({request!r}):\n    print(getattr(event, 'stage', ''), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        for line in client.stdout:
            if line.strip() == STAGES[when]:
                break
        time.sleep(0.3)
        (folder,) = (place / name for name in folders())
        (worker,) = working_in(folder)
        client.kill()
        began = time.monotonic()
        while (working_in(folder) or folder.exists()) and time.monotonic() < began + 2.0:
            time.sleep(0.02)
    assert worker not in working_in(folder) and not folder.exists()


def working_in(folder: Path) -> set[int]:
    """Return the processes whose working folder this is."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if os.readlink(path).startswith(str(folder)):
                found.add(int(path.parent.name))
        except OSError:  # ended while we looked, or another user's
            continue
    return found


def test_ten_workers_in_a_row_leave_no_open_file_and_no_thread_even_while_they_are_remembered(tmp_path: Path) -> None:
    python = stranger(tmp_path, "sys.stdin.read()")

    def had() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    before = had()
    remembered = []
    for _ in range(10):
        with Worker(python, 1) as worker:
            remembered.append(worker)
    assert had() == before


@pytest.mark.slow
def test_ten_images_in_a_row_leave_no_open_file_and_no_thread(pair: Pair, tmp_path: Path, model: str) -> None:
    request = asked(pair, tmp_path, model, puppet(tmp_path))
    run(sharpen(request))
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(10):
        run(sharpen(request))
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before


@pytest.mark.parametrize(("folder", "why"), [("/nowhere", "No such file"), ("/sys", "(Permission|Read-only|not perm)")])
def test_a_temporary_folder_that_is_gone_or_may_not_be_written_to_is_named(
    folder: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", folder)
    with pytest.raises(WorkerError, match=rf"cannot be written to {folder} \(.*{why}.*\)\. Make room there, or name"):
        Worker(stranger(tmp_path, "sys.stdin.read()"), 1)


def test_where_no_folder_takes_temporary_files_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = stranger(tmp_path, "sys.stdin.read()")
    monkeypatch.setattr("tempfile.tempdir", None)
    with small_files(0), pytest.raises(WorkerError) as caught:  # looking for one, Python writes
        Worker(python, 1)
    assert "cannot be written to any folder (No usable temporary directory found in" in caught.value.fact


def test_a_disk_that_is_full_for_the_client_is_named(tmp_path: Path, place: Path) -> None:
    with Worker(Interpreter(puppet(tmp_path), ""), 1) as worker:
        fuser = RemoteFuser(worker, "model", "cpu", 0)
        with small_files(1 << 16), pytest.raises(WorkerError) as caught:
            fuser.settle([window(200, 200)], [1.0])
        assert caught.value.fact == f"Tiles for the worker cannot be written to {place} (File too large)."
        assert fuser.settle([window(200, 200)], [1.0])["kernel"].shape == (4, 3)


@pytest.mark.slow
def test_a_disk_that_is_full_for_the_worker_is_named(tmp_path: Path, model: str) -> None:
    with Worker(Interpreter(shell(tmp_path, "ulimit -f 128"), ""), 1) as worker:
        fuser = RemoteFuser(worker, model, "cpu", 0)
        kernels = fuser.settle([window(64, 64)], [1.0])
        with pytest.raises(WorkerError, match=r"cannot be written to .* \(File too large\)\. Make room there"):
            fuser.fuse(*window(256, 256), kernels)
        assert fuser.fuse(*window(64, 64), kernels).shape == (4, 64, 64)


@pytest.mark.slow
def test_memory_that_runs_out_in_the_worker_leaves_one_sentence(tmp_path: Path, model: str) -> None:
    with Worker(Interpreter(shell(tmp_path, "ulimit -v 1500000"), ""), 1) as worker:
        fuser = RemoteFuser(worker, model, "cpu", 0)
        kernels = fuser.settle([window(64, 64)], [1.0])
        with pytest.raises(WorkerError) as caught:
            fuser.fuse(*window(3000, 3000), kernels)
        assert "memory" in caught.value.fact and caught.value.remedy
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 600
        assert fuser.fuse(*window(64, 64), kernels).shape == (4, 64, 64)


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [20_000, 60_000, 200_000, 600_000])
def test_memory_that_does_not_even_suffice_for_the_start_leaves_one_sentence(
    kilobytes: int, tmp_path: Path, model: str
) -> None:
    python = Interpreter(shell(tmp_path, f"ulimit -v {kilobytes}"), "")
    with Worker(python, 1) as worker, pytest.raises(WorkerError) as caught:
        RemoteFuser(worker, model, "cpu", 0)
    said = str(caught.value)
    assert ("ended without an answer" in said or "cannot be loaded" in said) and len(said) < 1000 and "\n" not in said
    assert gone(str(tmp_path), 0.5)
