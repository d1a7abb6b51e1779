"""Adapting as the client sees it: the answer is checked, and there is more time for it than for others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import WorkerError
from engine.remote import client
from engine.remote.client import Worker, adapt
from engine.remote.interpreter import Interpreter
from tests.remote.strangers import puppet
from tests.slowness import mostly_slow

TOLD = {
    "improved": True,
    "error_before": 0.9,
    "error_after": 0.8,
    "steps": 7,
    "held_out": 5,
    "scores": {},
    "warnings": [],
}


def answer(folder: Path, values: Any, fault: str = "", minutes: float = 0.0) -> dict[str, Any]:
    script = f"if do == 'adapt':\n    {fault or 'pass'}\n    say(id=number, values={values!r}, arrays=[])\n    continue"
    script = script.replace("arrays=[]", "arrays=put(f'{number}.out', {})")
    with Worker(Interpreter(puppet(folder, script), "for a test"), 1) as worker:
        return adapt(worker, {"minutes": minutes})


def test_what_came_of_it_is_returned(tmp_path: Path) -> None:
    assert answer(tmp_path, TOLD) == TOLD


@pytest.mark.parametrize(
    "change",
    mostly_slow(
        [{"steps": None}, {"improved": 1}, {"error_after": "less"}, {"scores": []}, {"warnings": "none"}], 0, 2
    ),
)
def test_an_answer_that_is_none_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="answered what is no answer"):
        answer(tmp_path, {**TOLD, **change})


def test_there_is_time_for_the_minutes_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "DEADLINE_S", 0.2)
    with pytest.raises(WorkerError, match=r"has not answered 'adapt' for 0\.5 s"):
        answer(tmp_path, TOLD, "time.sleep(30)", minutes=0.005)
