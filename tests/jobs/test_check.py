"""What there is to run models with is told; that there is nothing is an answer with a remedy, and no error."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from engine.environment.make import make
from engine.environment.probe import Answer
from engine.errors import RequestError
from engine.events import Progress
from engine.jobs import check as job
from engine.jobs.check import check, fastest
from engine.request import CheckRequest, from_json
from tests.environment.plans import end_of, quick_plan
from tests.environment.stubs import write_stub
from tests.environment.test_probe import CPU, GPU, VERSIONS, told
from tests.environment.wheels import VERSIONS as WHEELS
from tests.environment.wheels import write_wheels
from tests.jobs.runs import run


@pytest.fixture
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheels(tmp_path_factory.mktemp("wheels"))


def test_a_named_python_is_asked_alone(tmp_path: Path) -> None:
    said = run(check(CheckRequest(python=write_stub(tmp_path, told(devices=[CPU, GPU])))))
    result = said.result
    assert result["usable"] is True and result["reason"] == "it was named" and result["version"] == "3.11.2"
    assert {name: result[name] for name in VERSIONS} == VERSIONS
    assert result["device"] == "cpu" and [device["works"] for device in result["devices"]] == [True, False]
    assert len(result["asked"]) == 1
    assert said.warnings == ["cuda:0 (CPU) does not compute: RuntimeError: no kernel image"]
    assert "cpu (CPU) computes, 10 ms" in said.notes[0]


def test_a_named_python_without_pytorch_is_not_replaced_in_silence(tmp_path: Path) -> None:
    said = run(check(CheckRequest(python=write_stub(tmp_path, told(problems={"torch": "ModuleNotFoundError: x"})))))
    assert said.result["usable"] is False and said.result["python"] == said.result["device"] == ""
    assert said.result["asked"][0]["problem"] == "It lacks torch."
    assert "Set up environment" in said.warnings[0]
    json.dumps(said.result, allow_nan=False)


def test_the_environment_that_was_set_up_comes_before_the_python_that_runs_us(
    wheels: Path,
    tmp_path: Path,
) -> None:
    planned = quick_plan(tmp_path / "environments", wheels)
    end_of(make(planned))
    result = run(check(CheckRequest(folder=str(tmp_path / "environments")))).result
    assert result["python"] == planned.program and result["reason"] == "it was set up for models"
    assert result["torch"] == WHEELS["torch"] and result["free_mb"] > 0


def test_without_an_environment_the_python_that_runs_us_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "own", lambda: write_stub(tmp_path, told()))
    result = run(check(CheckRequest(folder=str(tmp_path / "none")))).result
    assert result["usable"] and result["reason"] == "it runs this program"
    assert result["free_mb"] > 0 and not (tmp_path / "none").exists()


def test_the_check_stays_alive_and_can_be_stopped(tmp_path: Path) -> None:
    events = check(CheckRequest(python=write_stub(tmp_path, "sleep 60")))
    beats = [time.monotonic() for event, _ in zip(events, range(5)) if isinstance(event, Progress)]
    assert len(beats) == 5 and all(later - sooner < 0.2 for sooner, later in zip(beats, beats[1:]))
    begun = time.monotonic()
    events.close()
    assert time.monotonic() - begun < 1


def test_a_graphics_card_comes_before_the_processor_if_it_computes() -> None:
    assert fastest(Answer("", devices=(CPU, {**GPU, "works": True}))) == "cuda:0"
    assert fastest(Answer("", devices=(CPU, GPU))) == "cpu"
    assert fastest(Answer("")) == ""


def test_a_request_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(RequestError, match="'python'"):
        from_json(CheckRequest, {"python": " "})
