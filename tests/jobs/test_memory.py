"""The peak memory is that of this process and of nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine.jobs.memory import sleep_while_waiting

ASK = "from engine.jobs.memory import peak_mb; print(peak_mb())"


def test_the_peak_rises_with_what_is_held() -> None:
    # As many MB and 64 more, in another process, as this one may have held gigabytes before.
    hold = "before = peak_mb(); held = bytearray(int(before) + 64 << 20); held[::4096] = bytes(len(held[::4096])); "
    asked = f"{ASK.rpartition(';')[0]}; {hold}after = peak_mb(); del held; print(before, after, peak_mb())"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    before, after, later = map(float, said.stdout.split())
    assert before > 5 and after >= before + 60
    assert later == pytest.approx(after, abs=2.0)


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
