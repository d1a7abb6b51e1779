"""A short seeded part of what tools/fuzz.py does without an end: strangers' input is taken or refused, and no more."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, _Shape, outside, prepared
from tests.slowness import slow

ROOT = Path(__file__).resolve().parents[2]
CASES = {"card": 1500, "model": 300, "journal": 200, "markup": 3000, "page": 3}
BEYOND = {"request": 1000, "store": 60}  # what is known to come of these now and then is not in words yet


@pytest.mark.parametrize("name", CASES)
def test_damaged_input_is_taken_or_refused_in_words(name: str, tmp_path: Path) -> None:
    with prepared(name, tmp_path) as target:
        taken = [target.once(random.Random(f"{name} 0 {number}")) for number in range(CASES[name])]
    assert any(taken), "some damage does no harm, or nothing is read at all"
    assert outside(tmp_path) == []


@pytest.mark.parametrize("name", BEYOND)
def test_damaged_requests_and_stores_are_taken_or_refused_in_words(name: str, tmp_path: Path) -> None:
    with prepared(name, tmp_path) as target:
        for number in range(BEYOND[name]):
            target.once(random.Random(f"{name} 0 {number}"))


@pytest.mark.parametrize(("target", "cases", "more"), [slow("h5", 10, ()), ("h5here", 200, ("--apart",))])
def test_damaged_files_that_a_library_in_c_reads_do_not_end_the_process(
    target: str, cases: int, more: tuple[str, ...]
) -> None:
    command = [sys.executable, str(ROOT / "tools" / "fuzz.py"), target, "--cases", str(cases), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    assert f"{target}: {cases} cases, seed 0" in done.stdout and ", 0 bad" in done.stdout


def test_all_targets_are_tried() -> None:
    assert {*CASES, *BEYOND, "h5", "h5here"} == set(TARGETS)


@pytest.mark.parametrize(
    "page",
    ['<a href="javascript:x">', '<img src="http://a/b.png">', "<p><!-- x --></p>"],
    ids=["link", "image", "note"],
)
def test_the_judge_of_pages_sees_what_must_not_be_there(page: str) -> None:
    with pytest.raises(AssertionError):
        _Shape().feed(page)
