"""HDF5 files are read in a process of their own: what befalls it is a sentence, and nothing is left of it."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.errors import InputError
from engine.raster import apart, hdf5
from engine.raster.apart import Apart
from engine.raster.hdf5 import h5_arrays
from tests.remote.strangers import ROOT, stranger

BROKE_DOWN = r"a\.h5 cannot be read: the library that reads HDF5 files broke down over it\. The file is damaged"
GREETING = """import json\nsay = lambda **answer: os.write(1, json.dumps(answer).encode() + b"\\n")\nsay(hdf5=True)\n"""
ANSWERING = GREETING + "sys.stdin.readline()\nsay(shapes={'pan': [4, 3]})\nsys.stdin.readline()\n"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="looks into /proc")


@pytest.fixture(autouse=True)
def all_fit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hdf5, "_unfit", set())
    yield


@pytest.fixture
def path(tmp_path: Path) -> str:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["pan"] = np.arange(12.0).reshape(4, 3)
    return str(tmp_path / "a.h5")


def instead(monkeypatch: pytest.MonkeyPatch, folder: Path, lines: str) -> str:
    """Let a program that does what the lines say stand in for the Python that runs us."""
    python = stranger(folder, lines).path
    monkeypatch.setattr(hdf5, "own_pythons", lambda: (python,))
    return python


def process(array: Any) -> subprocess.Popen[bytes]:
    assert isinstance(array._source, Apart)
    return array._source._process


def alive(pid: int) -> bool:
    """Whether there is such a process, be it a dead one that nobody has asked for."""
    return Path(f"/proc/{pid}").exists()


def test_a_file_over_which_the_library_crashes_gets_a_sentence(tmp_path: Path) -> None:
    # A chunk that claims to be wider than it is: HDF5 1.10 looks for its second row behind all that it has unpacked.
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("pan", data=np.ones((2, 1, 8, 8)), chunks=(1, 1, 8, 8), compression="gzip")
    layout, wider = struct.pack("<5I", 1, 1, 8, 8, 8), struct.pack("<5I", 1, 1, 8, 1 << 20, 8)
    content = path.read_bytes()
    assert content.count(layout) == 1
    path.write_bytes(content.replace(layout, wider))
    with pytest.raises(InputError, match=r"a\.h5 cannot be read"):
        h5_arrays(str(path))["pan"][0:2]


def test_a_process_that_is_killed_gets_a_sentence_and_so_does_each_later_part(path: str) -> None:
    array = h5_arrays(path)["pan"]
    assert array[0:1].tolist() == [[0.0, 1.0, 2.0]]
    os.kill(process(array).pid, signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(InputError, match=BROKE_DOWN):
            array[1:2]


def test_neither_a_process_nor_a_descriptor_is_left_when_the_arrays_are_gone(path: str) -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    arrays = h5_arrays(path)
    number = process(arrays["pan"]).pid
    array = arrays.pop("pan")
    assert array[3:4].tolist() == [[9.0, 10.0, 11.0]]  # the last array keeps the process
    del array
    assert not alive(number) and sorted(os.listdir("/proc/self/fd")) == before


def test_nothing_is_left_of_a_file_that_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"no HDF5 at all")
    before = sorted(os.listdir("/proc/self/fd"))
    with pytest.raises(InputError, match="cannot be opened as an HDF5 file"):
        h5_arrays(str(tmp_path / "a.h5"))
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_the_process_ends_where_ours_is_killed(path: str) -> None:
    lines = "import os, sys; from engine.raster.hdf5 import h5_arrays; arrays = h5_arrays(sys.argv[1]);"
    lines += "os.write(1, str(arrays['pan']._source._process.pid).encode()); os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", lines, path], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    until = time.monotonic() + 10.0
    while alive(int(done.stdout)) and time.monotonic() < until:
        time.sleep(0.02)
    state = Path(f"/proc/{int(done.stdout)}/stat")
    assert not state.exists() or ") Z " in state.read_text()  # where nobody asks for orphans


def test_threads_do_not_mix_up_their_parts(path: str) -> None:
    array, wrong = h5_arrays(path)["pan"], []

    def read(row: int) -> None:
        wrong.extend(None for _ in range(50) if array[row : row + 1].tolist() != [[3.0 * row + i for i in range(3)]])

    threads = [threading.Thread(target=read, args=(row,)) for row in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_file_cannot_take_the_memory_of_the_machine(path: str) -> None:
    array = h5_arrays(path)["pan"]
    limits = Path(f"/proc/{process(array).pid}/limits").read_text()
    most = next(line.split()[3] for line in limits.splitlines() if line.startswith("Max address space"))
    assert int(most) <= 4 << 30


def test_it_is_started_inside_qgis_and_beside_what_is_called_like_a_module(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "numpy", "osgeo", "queue"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('decoy')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(apart, "_SCRIPT", shutil.copy(apart._SCRIPT, tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "qgis-bin"))
    array = h5_arrays("a.h5")["pan"]
    assert process(array) and array[0:1].tolist() == [[0.0, 1.0, 2.0]]


def test_it_finds_gdal_and_numpy_where_they_are_found_here(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, tmp_path, "os.execv(sys.executable, [sys.executable, '-S', *sys.argv[1:]])")  # no packages
    array = h5_arrays(path)["pan"]
    assert process(array) and array[0:1].tolist() == [[0.0, 1.0, 2.0]]


@pytest.mark.parametrize("lines", ["sys.exit(1)", "print('[1]')", "print('{\"hdf5\": false}')", "time.sleep(60)"])
def test_where_no_such_process_can_be_started_the_file_is_read_in_this_one(
    lines: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_START_S", 0.5 if "sleep" in lines else 30.0)
    python = instead(monkeypatch, tmp_path, f"open('asked', 'a').write('.')\n{lines}")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        array = h5_arrays(path)["pan"]
        assert not isinstance(array._source, Apart) and array[1:2].tolist() == [[3.0, 4.0, 5.0]]
    assert (tmp_path / "asked").read_text() == "." and hdf5._unfit == {python}


def test_a_python_that_is_not_there_is_no_reason_not_to_read(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "own_pythons", lambda: ("/none/python",))
    assert h5_arrays(path)["pan"][0:1].tolist() == [[0.0, 1.0, 2.0]]


def test_a_library_that_comes_to_no_end_is_killed(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, tmp_path, f"{ANSWERING}signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)")
    array = h5_arrays(path)["pan"]
    monkeypatch.setattr(apart, "_PATIENCE_S", 0.3)
    begun = time.monotonic()
    with pytest.raises(InputError, match=BROKE_DOWN):
        array[0:1]
    assert time.monotonic() - begun < 10.0 and not alive(process(array).pid)


@pytest.mark.parametrize(
    "shapes", ["[]", "{'pan': 3}", "{'pan': [-1]}", "{'pan': [True]}", "{'pan': ['4']}", "{'pan': [1e9]}", "None"]
)
def test_shapes_that_are_none_are_not_believed(
    shapes: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, tmp_path, f"{GREETING}say(shapes={shapes})\ntime.sleep(60)")
    with pytest.raises(InputError, match=BROKE_DOWN):
        h5_arrays(path)


@pytest.mark.parametrize(
    "answer",
    ["kind='O'", "kind='<f8,<f8'", "kind=None", "kind='<f8'); os.write(1, b'x' * 23); sys.exit(", "shape=[1]"],
)
def test_values_that_are_none_or_cut_off_are_not_believed(
    answer: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, tmp_path, f"{ANSWERING}say({answer})\ntime.sleep(60)")
    with pytest.raises(InputError, match=BROKE_DOWN):
        h5_arrays(path)["pan"][0:1]
