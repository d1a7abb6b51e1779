"""A worker gives the bytes that this process would, and however it ends, a sentence is left and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.errors import ModelFileError, RequestError, WorkerError  # noqa: E402
from engine.methods.fuser import LocalFuser  # noqa: E402
from engine.remote import client, process  # noqa: E402
from engine.remote.client import RemoteFuser, Worker  # noqa: E402
from engine.remote.interpreter import Interpreter  # noqa: E402
from tests.remote.conftest import HERE  # noqa: E402
from tests.remote.strangers import folders, stranger, window  # noqa: E402
from tests.slowness import mostly_slow  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
FOREVER = "sys.stdin.read(); sys.exit()"  # until it is asked to end
DEAF = "time.sleep(60)"


@pytest.fixture
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the private folders of a test lie apart, and see that it leaves none."""
    folder = tmp_path / "temporary files, größer"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield
    assert not folders()


@pytest.fixture(scope="module")
def local(model: str) -> Iterator[LocalFuser]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield LocalFuser.load(model, "cpu", 5)
    torch.set_num_threads(before)


def complaint(interpreter: Interpreter, do: str = "hello") -> str:
    """Return what is said of a worker that cannot answer."""
    with Worker(interpreter, 1) as worker, pytest.raises(WorkerError) as caught:
        worker.ask(do, {})
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    return str(caught.value)


def wait_until_gone(pid: int, within_s: float) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":  # ended, and a container may have nobody who asks for its exit code
            return True
        time.sleep(0.02)
    return False


def test_kernels_and_tiles_are_those_of_this_process_to_the_last_bit(remote: RemoteFuser, local: LocalFuser) -> None:
    assert (remote.near, remote.step, remote.room) == (local.near, local.step, local.room)
    assert remote.facts == local.facts == {"device": "cpu", "torch": torch.__version__}
    windows = [window(64, 64, seed) for seed in range(3)]
    there, here = (fuser.settle(windows, [0.5, 0.3, 0.2]) for fuser in (remote, local))
    assert list(there) == list(here) and len(here) > 3
    assert all(there[name].tobytes() == here[name].tobytes() and there[name].dtype == np.float64 for name in here)
    sizes = [(64, 64), (256, 256), (70, 301), (1, 9)]
    for height, width in sizes:
        images = window(height, width, height)
        np.testing.assert_array_equal(remote.fuse(*images, there), local.fuse(*images, here))
    images = window(64, 70)
    kept = local.fuse(*images, here, 12)
    assert kept.shape == (4, 40, 46)
    np.testing.assert_array_equal(remote.fuse(*images, there, 12), kept)
    others = local.settle(windows[:1], [1.0])
    several = [images, window(64, 70, 1)], [there, others]
    expected = local.fuse_each(several[0], [here, others], 12)
    assert len(expected) == 2
    np.testing.assert_array_equal(remote.fuse_each(*several, 12), expected)


def test_threads_that_ask_at_once_get_each_its_own_answer(remote: RemoteFuser, local: LocalFuser) -> None:
    kernels = [local.settle([window(64, 64, seed)], [1.0]) for seed in (1, 2)]
    asked = [(window(40 + index, 60, index), kernels[index % 2]) for index in range(12)]
    with ThreadPoolExecutor(4) as pool:
        there = list(pool.map(lambda one: remote.fuse(*one[0], one[1]), asked))
    here = [local.fuse(*images, made) for images, made in asked]
    assert np.abs(local.fuse(*asked[0][0], kernels[1]) - here[0]).max() > 1e-6
    for one, other in zip(there, here):
        np.testing.assert_array_equal(one, other)


def test_kernels_are_sent_once_and_not_with_every_tile(remote: RemoteFuser, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = Worker.ask

    def counted(self: Worker, do: str, *more: Any) -> Any:
        asked.append(do)
        return ask(self, do, *more)

    monkeypatch.setattr(Worker, "ask", counted)
    kernels, others = (remote.settle([window(64, 64, seed)], [1.0]) for seed in (0, 1))
    for made in (kernels, others, kernels, others):
        remote.fuse(*window(32, 32), dict(made))
    assert asked == ["settle", "settle", "keep", "fuse", "keep", "fuse", "fuse", "fuse"]


@pytest.mark.skipif(sys.platform == "win32", reason="there the client sets the priority")
def test_the_worker_lets_others_go_first(remote: RemoteFuser) -> None:
    own, its = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (os.getpid(), remote._worker.pid))
    assert its == min(19, own + 10)


def test_what_is_wrong_with_a_model_or_a_device_is_said_as_without_a_worker(
    remote: RemoteFuser, tmp_path: Path, model: str
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"PK\x03\x04 not a model, but long enough to look at")
    with pytest.raises(ModelFileError, match="can hold code"):
        RemoteFuser(remote._worker, str(tmp_path / "model.safetensors"), "cpu", 0)
    if not torch.backends.mps.is_available():
        with pytest.raises(RequestError, match="no device 'mps'"):
            RemoteFuser(remote._worker, model, "mps", 0)


def test_a_worker_of_another_version_is_refused(remote: RemoteFuser, model: str) -> None:
    with pytest.raises(WorkerError, match=r"version 99 is asked for\. Restart QGIS"):
        remote._worker.ask("hello", {"version": 99, "model": model, "device": "cpu", "seed": 0})


def test_what_fails_inside_the_worker_is_told_and_the_worker_lives_on(remote: RemoteFuser) -> None:
    pan, ms_up = window(32, 32)
    kernels = remote.settle([window(64, 64)], [1.0])
    with pytest.raises(WorkerError, match=r"failed to fuse \(\w+Error: "):
        remote.fuse(pan, ms_up[:3], kernels)
    assert remote.fuse(pan, ms_up, kernels).shape == (4, 32, 32)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"ended without an answer \(a library it uses crashed\)\. Install Py"),
        ("os.kill(os.getpid(), signal.SIGKILL)", r"most likely because memory ran out\)\. Close other programs"),
        ("sys.exit(137)", r"most likely because memory ran out"),
        ("os.kill(os.getpid(), signal.SIGILL)", r"lacks an instruction that PyTorch uses"),
        ("sys.exit(0)", r"ended without an answer \(exit code 0\)\. Try it by hand"),
        (
            "sys.exit('The licence of\\nthis Python is over')",
            r'exit code 1\)\. Its last words: "The licence of this Python is over"\. Try',
        ),
        ("sys.stderr.write('x' * 5000 + 'the end'); sys.exit(3)", r'Its last words: "\.\.\. x{293}the end"\. Try'),
        (f"print('Welcome!'); {FOREVER}", r"answered what is no answer: b'Welcome!\\n'\. Choose a Python that prints"),
        (f"print('[1]'); {FOREVER}", r"what is no answer: b'\[1\]\\n'"),
        (f"print('[' * 9999999); {FOREVER}", r"what is no answer"),
        (f"""print('{{"id": 0, "values": 7}}'); {FOREVER}""", r"what is no answer: a list of arrays that is None"),
        (f"""print('{{"id": 0, "values": {{}}, "arrays": [["a", "f4", [-1]]]}}'); {FOREVER}""", r"no answer: an array"),
        (f"""print('{{"id": 0, "error": ["SystemExit", "a", "b"]}}'); {FOREVER}""", r"no answer: \['SystemExit'"),
        (f"os.close(1); {DEAF}", r"ended without an answer"),
    ],
)
def test_a_worker_that_ends_or_babbles_leaves_one_sentence_and_no_file(
    lines: str, sentence: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    said = complaint(stranger(tmp_path, lines))
    assert re.search(sentence, said), said
    assert time.monotonic() - began < 5.0


@pytest.mark.usefixtures("nothing_left")
def test_an_answer_whose_file_has_another_size_is_no_answer(tmp_path: Path) -> None:
    lines = (
        "open('0.out', 'wb').write(bytes(12))\n"
        f"""print('{{"id": 0, "values": {{}}, "arrays": [["a", "f4", [2, 2]]]}}'); {FOREVER}"""
    )
    assert "12 bytes for arrays of 16" in complaint(stranger(tmp_path, lines))


@pytest.mark.usefixtures("nothing_left")
def test_a_worker_that_hangs_is_stopped_at_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "DEADLINE_S", 0.5)
    began = time.monotonic()
    assert "has not answered 'hello' for 0.5 s, and was stopped" in complaint(stranger(tmp_path, DEAF))
    assert time.monotonic() - began < 3.0


@pytest.mark.usefixtures("nothing_left")
def test_a_program_that_is_not_there_or_no_program_is_named(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    for path in (tmp_path / "missing", tmp_path / "text"):
        with pytest.raises(WorkerError, match="cannot be started"):
            Worker(Interpreter(str(path), ""), 1)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("ignores", mostly_slow(["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"], 1))
def test_closing_ends_a_worker_within_a_second_and_frees_who_waits(ignores: str, tmp_path: Path) -> None:
    worker = Worker(stranger(tmp_path, f"{ignores}{DEAF}"), 1)
    caught: list[Optional[WorkerError]] = []

    def wait() -> None:
        with pytest.raises(WorkerError) as error:
            worker.ask("hello", {})
        caught.append(error.value)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    worker.close()
    assert time.monotonic() - began < 1.0 and wait_until_gone(worker.pid, 0.1)
    thread.join(1.0)
    assert "was stopped" in str(caught[0])
    worker.close()
    with pytest.raises(WorkerError, match="was stopped"):
        worker.ask("hello", {})


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_closing_ends_what_a_script_in_place_of_a_python_has_started(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    lines = (
        "import subprocess\nchild = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(told)!r}, 'w').write(f'{{child.pid}}\\n')\nchild.wait()"
    )
    with Worker(stranger(tmp_path, lines), 1):
        until = time.monotonic() + 5.0
        while not (told.exists() and told.read_text().endswith("\n")) and time.monotonic() < until:
            time.sleep(0.02)
        pid = int(told.read_text())
        assert not wait_until_gone(pid, 0.1)
    assert wait_until_gone(pid, 0.5)


@pytest.mark.usefixtures("nothing_left")
def test_the_folder_of_a_worker_is_this_users_alone() -> None:
    with Worker(HERE, 1) as worker:
        assert os.stat(worker._folder).st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("nothing_left")
def test_a_disk_that_is_full_is_named(remote: RemoteFuser, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(client, "put", full)
    with pytest.raises(WorkerError, match=r"cannot be written to .* \(No space left on device\)\. Make room"):
        remote.settle([], [])


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_real_worker_killed_in_the_middle_is_mourned_in_a_sentence(number: signal.Signals, model: str) -> None:
    with Worker(HERE, 2) as worker:
        fuser = RemoteFuser(worker, model, "cpu", 0)
        kernels = fuser.settle([window(64, 64)], [1.0])
        threading.Timer(0.2, os.kill, (worker.pid, number)).start()
        with pytest.raises(WorkerError, match="memory ran out" if number == signal.SIGKILL else "crashed"):
            for _ in range(1000):
                fuser.fuse(*window(256, 256), kernels)


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_decoys_beside_the_worker_and_a_broken_pythonpath_do_not_reach_it_in_any_folder(
    tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = tmp_path / "Größe 1" / "ksdiff_qgis"
    shutil.copytree(ROOT / "engine", plugin / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "Python 雪").symlink_to(sys.prefix)
    for folder in (tmp_path, plugin, plugin / "engine", plugin / "engine" / "remote"):
        for name in ("numpy", "torch", "json", "ctypes", "importlib", "ksdiff_engine"):
            (folder / f"{name}.py").write_text("raise SystemExit('decoy')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(process, "BOOT", str(plugin / "engine" / "remote" / "boot.py"))
    with Worker(Interpreter(str(tmp_path / "Python 雪" / "bin" / "python"), ""), 1) as worker:
        assert RemoteFuser(worker, model, "cpu", 0).near > 0


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    "told", ["{}", '{"version": 2, "near": "2", "step": 1, "facts": {}}', '{"version": 1, "near": 2, "step": 1}']
)
def test_a_greeting_that_lacks_what_is_needed_is_no_answer(told: str, tmp_path: Path) -> None:
    lines = f"""open('0.out', 'w').close(); print('{{"id": 0, "values": {told}, "arrays": []}}'); {FOREVER}"""
    with Worker(stranger(tmp_path, lines), 1) as worker, pytest.raises(WorkerError, match="what is no answer"):
        RemoteFuser(worker, "model", "cpu", 0)


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_a_worker_ends_with_its_client_and_takes_the_folder_along(tmp_path: Path) -> None:
    script = (
        "import sys, threading\nfrom engine.remote.client import Worker\n"
        "from engine.remote.interpreter import Interpreter\nfrom engine.remote.protocol import VERSION\n"
        "worker = Worker(Interpreter(sys.executable, ''), 1)\n"
        "print(worker.pid, flush=True)\n"
        "worker.ask('hello', {'version': VERSION, 'model': 'none', 'device': 'cpu', 'seed': 0})\n"
        "threading.Event().wait(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary files, größer")}
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.5)  # by now it loads PyTorch
    assert folders() and not wait_until_gone(pid, 0.1)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until_gone(pid, 2.0)
