"""The peak memory is that of this process and of nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from engine.jobs.memory import peak_mb, sleep_while_waiting

ASK = "from engine.jobs.memory import peak_mb; print(peak_mb())"


def test_the_peak_rises_with_what_is_held() -> None:
    before = peak_mb()
    assert before is not None and before > 5
    held = np.ones((int(before) + 64) << 17)  # as many MB and 64 more, in float64
    after = peak_mb()
    assert after is not None and after >= before + 60 and held.size
    del held
    assert peak_mb() == pytest.approx(after, abs=2.0)


def test_the_memory_of_the_program_that_started_it_does_not_count() -> None:
    grab = "x = bytearray(300 << 20); x[::4096] = bytes(len(x[::4096])); "
    parent = grab + f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ASK!r}], check=True)"
    said = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True)
    assert 5 < float(said.stdout) < 150


def test_threads_sleep_while_they_wait_unless_the_user_has_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    sleep_while_waiting()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
    monkeypatch.delenv("OMP_WAIT_POLICY")
    sleep_while_waiting()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
