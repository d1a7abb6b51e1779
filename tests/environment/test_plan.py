"""The plan names packages, index, sizes, folder and commands; nothing is done for it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any, Optional

import pytest

from engine.environment.plan import Plan, driver_version, plan
from engine.errors import InputError
from tests.environment.plans import end_of, this_python
from tests.environment.stubs import write_stub
from tests.slowness import mostly_slow

LINUX = {"system": "linux", "machine": "x86_64", "version": (3, 12, 1)}
INDEX = "https://download.pytorch.org/whl/"


def planned(
    variant: str = "auto", driver: Optional[int] = None, wheels: str = "", url: str = "", **python: Any
) -> Plan:
    return plan(this_python(**{**LINUX, **python}), "/data/environments", variant, wheels, url, driver)


@pytest.mark.parametrize(
    ("driver", "build"), [(None, "cpu"), (559, "cpu"), (560, "cu126"), (569, "cu126"), (570, "cu128"), (610, "cu128")]
)
def test_the_driver_decides_over_the_build(driver: Optional[int], build: str) -> None:
    found = planned(driver=driver)
    assert found.variant == build and found.source == INDEX + build
    assert found.folder.endswith(f"py3.12-torch2.13.0-{build}")


def test_the_cpu_is_taken_where_it_is_asked_for_whatever_the_driver() -> None:
    assert planned("cpu", 610).variant == "cpu"


@pytest.mark.parametrize(
    ("driver", "python", "words"),
    [
        (None, {}, "No NVIDIA driver answers."),
        (500, {}, "The NVIDIA driver 500 is too old: 560 is the least."),
        (610, {"machine": "aarch64"}, "aarch64"),
        (610, {"system": "darwin", "machine": "arm64"}, "macOS has no CUDA"),
    ],
)
def test_cuda_that_cannot_be_is_refused_with_the_reason(driver: Optional[int], python: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        planned("cuda", driver, **python)
    assert words in caught.value.fact
    assert planned("auto", driver, **python).variant == "cpu"


def test_pytorch_comes_alone_from_its_own_index_and_the_rest_from_the_usual_one() -> None:
    environment, torch, rest = planned().commands
    assert environment == (planned().python.path, "-m", "venv", planned().folder)
    assert torch[-3:] == ("--index-url", f"{INDEX}cpu", "torch==2.13.0")
    assert rest[-2:] == ("numpy", "safetensors") and "--index-url" not in rest
    assert torch[0] == rest[0] == planned().program


def test_macs_take_everything_from_the_usual_index() -> None:
    found = planned(system="darwin", machine="arm64")
    assert len(found.commands) == 2 and "--index-url" not in found.commands[1] and found.source == "PyPI"


def test_macs_with_an_intel_processor_get_the_last_pytorch_that_they_can() -> None:
    found = planned(system="darwin", machine="x86_64")
    assert found.requirements == ("torch==2.2.2", "numpy<2", "safetensors")
    with pytest.raises(InputError, match=r"ended with Python 3\.12, and this is 3\.13"):
        planned(system="darwin", machine="x86_64", version=(3, 13, 0))


def test_python_39_gets_the_last_pytorch_for_it() -> None:
    assert planned(version=(3, 9, 18)).requirements[0] == "torch==2.8.0"
    assert planned(version=(3, 10, 0)).requirements[0] == "torch==2.13.0"


def test_wheels_win_and_need_no_index(wheels: Path) -> None:
    found = planned("cpu", wheels=str(wheels))
    assert found.commands[1][-6:] == ("--no-index", "--find-links", str(wheels), *found.requirements)
    assert found.download_mb == 0 and found.disk_mb == 1


def test_an_index_of_ones_own_wins() -> None:
    found = planned(url="https://index.example/simple")
    assert found.commands[1][-5:] == ("--index-url", "https://index.example/simple", *found.requirements)
    assert found.download_mb is None and found.disk_mb is None


def test_a_folder_without_wheels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no wheels"):
        planned(wheels=str(tmp_path))
    with pytest.raises(InputError, match="cannot be looked into"):
        planned(wheels=str(tmp_path / "none"))


def test_free_space_is_told_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    found = plan(this_python(), str(tmp_path / "a" / "b"), "cpu", "", "", None)
    assert abs(found.free_mb - shutil.disk_usage(tmp_path).free / 1e6) < 2000
    assert not (tmp_path / "a").exists()


def test_plans_for_other_packages_are_told_apart() -> None:
    digests = {planned().digest, planned(version=(3, 9, 1)).digest, planned(driver=570).digest}
    assert len(digests) == 3 and planned().digest == planned().digest


@pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell stands for the program")
@pytest.mark.parametrize(
    ("script", "version"),
    mostly_slow(
        [("echo 570.133.07; echo 565.1", 565), ("echo 'NVIDIA-SMI has failed'; exit 9", None), ("sleep 60", None)], 0, 1
    ),
)
def test_the_driver_is_asked_for_its_version(
    script: str, version: Optional[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_stub(tmp_path, script)
    monkeypatch.setattr(shutil, "which", lambda name: path if name == "nvidia-smi" else None)
    assert end_of(driver_version(limit_s=0.5)) == version


def test_without_the_program_there_is_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert end_of(driver_version()) is None
