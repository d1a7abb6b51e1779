"""A Python tells its packages and devices; one that is silent, talks nonsense or lacks something is an answer too."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.environment import answers, probe
from engine.environment.probe import Answer
from tests.environment.plans import end_of
from tests.environment.stubs import write_stub

CPU = {"name": "cpu", "title": "CPU", "works": True, "result": 16777216.0, "seconds": 0.01, "problem": ""}
GPU = {**CPU, "name": "cuda:0", "works": False, "problem": "RuntimeError: no kernel image"}
VERSIONS = {"torch": "2.13.0", "numpy": "2.0", "safetensors": "0.8"}


def answer(script: str, tmp_path: Path, **options: float) -> Answer:
    return end_of(probe.probe(write_stub(tmp_path, script), **options))


def told(**changes: Any) -> str:
    found = {"ksdiff": 1, "version": "3.11.2", "packages": VERSIONS, "problems": {}, "devices": [CPU], **changes}
    return f"echo 'A library says hello'\necho '{json.dumps(found)}'\necho 'and good-bye'"


def test_the_answer_is_found_among_chatter(tmp_path: Path) -> None:
    found = answer(told(), tmp_path)
    assert found.usable and found.packages == VERSIONS and found.works_on == ("cpu",)


def test_a_device_that_fails_is_told_and_the_others_are_used(tmp_path: Path) -> None:
    found = answer(told(devices=[CPU, GPU]), tmp_path)
    assert found.usable and found.works_on == ("cpu",) and found.devices[1]["problem"] == GPU["problem"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            told(problems={"torch": "ModuleNotFoundError: x", "numpy": "ModuleNotFoundError: x"}),
            "It lacks torch, numpy.",
        ),
        (
            told(problems={"torch": "OSError: [WinError 1114] c10.dll"}),
            "It cannot load torch (OSError: [WinError 1114] c",
        ),
        (told(devices=[{**CPU, "works": False, "problem": "broken"}]), "No device computes (broken)."),
        ("echo '{\"half\": '", "It gave no answer that can be read (it ended with code 0; {"),
        ("head -c 100000 /dev/urandom", "no answer that can be read"),
        ("kill -KILL $$", "it was killed, probably for want of memory; it said nothing"),
    ],
)
def test_what_cannot_run_models_says_why(script: str, words: str, tmp_path: Path) -> None:
    found = answer(script, tmp_path)
    assert not found.usable and words in found.problem


def test_a_python_that_hangs_is_given_up(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert "did not answer within 0.3 s" in answer("sleep 60", tmp_path, limit_s=0.3).problem
    assert time.monotonic() - begun < 2


def test_a_program_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    assert "cannot be started (No such file" in end_of(probe.probe(str(tmp_path / "none"))).problem


def test_both_sides_speak_of_the_same_packages() -> None:
    assert probe.PACKAGES == answers.PACKAGES


@pytest.mark.slow
def test_the_interpreter_under_the_tests_answers_the_real_question() -> None:
    numpy = pytest.importorskip("numpy")
    found = end_of(probe.probe(sys.executable, own=True))
    assert found.version == ".".join(map(str, sys.version_info[:3])) and found.packages is not None
    assert found.packages["numpy"] == numpy.__version__
    if "torch" in found.packages:
        assert found.works_on[0] == "cpu" and found.devices[0]["result"] == 256.0**3


@pytest.mark.parametrize(("factor", "works"), [(1.0, True), (0.5, False)])
def test_a_device_works_only_where_its_result_is_right(factor: float, works: bool) -> None:
    numpy = pytest.importorskip("numpy")

    class Device:
        def __init__(self, array: Any) -> None:
            self.array = array

        def to(self, name: str) -> Device:
            return self

        def __matmul__(self, other: Device) -> Any:
            return self.array @ other.array * factor

    found = answers.tried(SimpleNamespace(from_numpy=Device), numpy, "npu", "Unheard of")
    assert found["works"] is works and found["result"] == factor * 256**3
    assert ("came out as" in found["problem"]) is not works


def test_every_device_that_is_reported_is_named() -> None:
    cuda = SimpleNamespace(is_available=lambda: True, device_count=lambda: 2, get_device_name="card {}".format)
    mps = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: True))
    torch = SimpleNamespace(cuda=cuda, backends=mps, get_num_threads=lambda: 4)
    assert answers.devices(torch) == [
        ("cpu", "CPU, 4 threads"),
        ("cuda:0", "card 0"),
        ("cuda:1", "card 1"),
        ("mps", "Apple GPU"),
    ]
