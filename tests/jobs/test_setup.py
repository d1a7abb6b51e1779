"""A set-up says first what it will do, does it with pip, and tells what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from engine.environment.managed import MARKER
from engine.errors import InputError, RequestError
from engine.events import Event, Finished, Noted, Progress, Started
from engine.jobs.check import check
from engine.jobs.setup import setup
from engine.request import CheckRequest, SetupRequest, from_json
from tests.environment.stubs import write_stub
from tests.environment.wheels import VERSIONS, write_wheels
from tests.jobs.runs import run


@pytest.fixture
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheels(tmp_path_factory.mktemp("wheels"))


def test_a_dry_run_tells_everything_and_does_nothing(tmp_path: Path) -> None:
    said = run(setup(SetupRequest(str(tmp_path / "environments"), variant="cpu", dry_run=True)))
    result = said.result
    assert result["made"] is False and result["torch"] == "" and result["variant"] == "cpu"
    assert result["download_mb"] > 0 and result["disk_mb"] > result["download_mb"] and result["free_mb"] > 0
    assert "-m venv" in result["commands"][0] and "torch==" in result["commands"][1]
    assert set(result["commands"]) <= set(said.notes)
    assert f"about {result['download_mb']} MB" in said.notes[1] and result["folder"] in said.notes[2]
    assert os.listdir(tmp_path) == []


def test_a_dry_run_and_a_real_one_declare_the_same(tmp_path: Path, wheels: Path) -> None:
    dry = run(setup(SetupRequest(str(tmp_path), wheels=str(wheels), dry_run=True)))
    assert isinstance(next(event for event in dry.events if not isinstance(event, Progress)), Started)
    assert {"python", "torch", "numpy", "safetensors", "device", "devices", "made", "seconds"} <= set(dry.result)


@pytest.mark.slow
def test_a_real_one_is_made_by_pip_from_wheels_then_found_and_left_alone(
    tmp_path: Path,
    wheels: Path,
) -> None:
    request = SetupRequest(str(tmp_path / "meine Übung"), wheels=str(wheels))
    times = [time.monotonic()]
    events: list[Event] = []
    for event in setup(request):
        events.append(event)
        times.append(time.monotonic())
    assert max(later - sooner for sooner, later in zip(times, times[1:])) < 0.5  # 0.2, on a machine that is not busy
    result = run(iter(events)).result
    assert result["made"] is True and {name: result[name] for name in VERSIONS} == VERSIONS
    assert result["device"] == "cpu" and os.path.exists(os.path.join(result["folder"], MARKER))
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    again = run(setup(request)).result
    assert again["made"] is False and again["torch"] == VERSIONS["torch"]
    assert run(check(CheckRequest(folder=request.folder))).result["python"] == result["python"]


@pytest.mark.slow
def test_an_index_that_cannot_be_reached_is_said_and_nothing_stays(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "http_proxy", "HTTP_PROXY"):
            patch.delenv(name, raising=False)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        with pytest.raises(InputError, match="The index of packages cannot be reached"):
            run(setup(SetupRequest(str(tmp_path), index_url="http://127.0.0.1:9/simple")))
    assert os.listdir(tmp_path) == ["setup.lock"]


@pytest.mark.slow
def test_a_cancelled_one_leaves_nothing(tmp_path: Path, wheels: Path) -> None:
    events = setup(SetupRequest(str(tmp_path), wheels=str(wheels)))
    _until_filling(events)
    begun = time.monotonic()
    events.close()
    assert time.monotonic() - begun < 1
    assert os.listdir(tmp_path) == ["setup.lock"]


def _until_filling(events: Generator[Event, None, None]) -> None:
    for event in events:
        assert not isinstance(event, Finished)
        if isinstance(event, Progress) and event.stage == "Installing packages":
            return


def test_a_named_python_that_cannot_make_environments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not answer as a Python does"):
        run(setup(SetupRequest(str(tmp_path / "environments"), python=write_stub(tmp_path, "exit 1"))))
    assert not (tmp_path / "environments").exists()


def test_passwords_of_an_index_are_not_said(tmp_path: Path) -> None:
    word = "hush" + "hush"
    url = f"https://jane:{word}@index.example/simple"
    said = run(setup(SetupRequest(str(tmp_path), index_url=url, proxy=url, dry_run=True)))
    assert word not in str(said.events) and any("://****@index.example" in note for note in said.notes)
    assert word not in repr(SetupRequest(str(tmp_path), proxy=url))
    assert any(isinstance(event, Noted) and "an unknown amount" in event.message for event in said.events)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"folder": ""}, "'folder'"),
        ({"variant": "tpu"}, "Choose one of auto, cpu, cuda."),
        ({"wheels": "w", "index_url": "https://x"}, "Give one of them."),
        ({"index_url": "index.example"}, "Begin it with https://."),
        ({"python": ""}, "'python'"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        from_json(SetupRequest, {"folder": "environments", **values})
