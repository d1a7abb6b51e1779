"""While a training runs its page shows it, and however it ends the page says so."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.data.from_store import write_store  # noqa: E402
from engine.errors import InputError, OutputError  # noqa: E402
from engine.events import Event, Noted, Progress, Started, Warned  # noqa: E402
from engine.jobs import live  # noqa: E402
from engine.jobs.learning import learn  # noqa: E402
from engine.request import TrainRequest  # noqa: E402
from engine.training.checkpoint import PAGE, Folder  # noqa: E402
from engine.training.learner import Learner  # noqa: E402
from tests.jobs.runs import run  # noqa: E402
from tests.jobs.test_train_store import FACTS, IMAGES, SETTINGS, samples  # noqa: E402

REFRESH = '<meta http-equiv="refresh" content="10">'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    for seed, name in enumerate(("learn", "check")):
        write_store(folder / name, IMAGES, FACTS, (4.0, 4.0), samples(6, seed), "made up")
    return folder


def request(store: Path, place: Path, resume: bool = False, **changes: Any) -> TrainRequest:
    path = place / "config.json"
    path.write_text(json.dumps({**SETTINGS, "base": str(store), "folder": str(place / "run"), **changes}))
    return TrainRequest(str(path), (), resume)


def page(place: Path) -> str:
    return (place / "run" / PAGE).read_text(encoding="utf-8")


def until(events: Generator[Event, None, None], holds: Callable[[Event], bool]) -> None:
    for event in events:
        if holds(event):
            return
    raise AssertionError("the job ended before")


def is_validation(event: Event) -> bool:
    return isinstance(event, Noted) and "ERGAS" in event.message


def test_the_page_is_named_right_after_the_start_and_there_while_it_learns(store: Path, tmp_path: Path) -> None:
    events = learn(request(store, tmp_path))
    until(events, lambda event: isinstance(event, Started) and event.facts["report"] == str(tmp_path / "run" / PAGE))
    named = next(events)
    assert isinstance(named, Noted) and named.message.endswith(str(tmp_path / "run" / PAGE))
    until(events, lambda event: isinstance(event, Progress))
    first = page(tmp_path)
    assert REFRESH in first and "Nothing has been measured yet." in first and "Running" in first
    until(events, is_validation)
    until(events, lambda event: isinstance(event, Progress))
    events.close()


def test_a_validation_comes_onto_the_page_at_once_with_a_picture(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_MOST_SHARE", 1e9)
    events = learn(request(store, tmp_path, stage1={"steps": 10_000, "lr": 1e-3}))
    until(events, is_validation)
    until(events, lambda event: isinstance(event, Progress))
    until(events, lambda event: isinstance(event, Progress))
    shown = page(tmp_path)
    events.close()
    assert REFRESH in shown and "with a prior that the truth gives" in shown and "The model</figcaption>" in shown
    assert "MTF-GLP-FS" in shown and "MS only enlarged" not in shown  # the samples of a store bring its guess
    assert re.search(r"step \d+ of at most 10 000, [\d.]+ samples a second, about", shown)


@pytest.mark.slow
def test_a_finished_run_has_a_page_that_stays_with_all_samples_and_the_verdict(store: Path, tmp_path: Path) -> None:
    said = run(learn(request(store, tmp_path)))
    final = page(tmp_path)
    assert REFRESH not in final and "Finished" in final and said.result["report"] == str(tmp_path / "run" / PAGE)
    assert final.count("The model</figcaption>") == 4
    verdict = next(event.message for event in said.events if "ERGAS is" in getattr(event, "message", ""))
    assert verdict in final
    step = re.search(r"as it was at step (\d+) of stage 2", final)
    assert step is not None and int(step[1]) == said.result["best_step"]


@pytest.mark.slow
def test_a_stopped_run_says_where_and_how_to_go_on_and_going_on_continues_its_curves(
    store: Path, tmp_path: Path
) -> None:
    asked = request(store, tmp_path)
    events = learn(asked)
    until(events, is_validation)
    begun = time.monotonic()
    events.close()
    assert time.monotonic() - begun < 1.0
    stopped = page(tmp_path)
    assert REFRESH not in stopped and "Stopped" in stopped and "--resume" in stopped
    assert re.search(r"At step \d+ of stage 1, after \d+ second", stopped)
    run(learn(TrainRequest(asked.config, (), resume=True)))
    lines = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    steps = [(line["stage"], line["step"]) for line in lines if "image" in line]
    assert steps == [(1, step) for step in range(1, 13)] + [(2, step) for step in range(1, 7)]
    seconds = [line["seconds"] for line in lines]
    assert seconds == sorted(seconds)
    assert "Finished" in page(tmp_path)


def test_a_run_that_cannot_go_on_says_why(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise InputError("The image is <gone>.", "Bring it back.")

    monkeypatch.setattr(Learner, "step", broken)
    with pytest.raises(InputError):
        run(learn(request(store, tmp_path)))
    shown = page(tmp_path)
    assert REFRESH not in shown and "Failed" in shown and "The image is &lt;gone&gt;." in shown
    assert "Bring it back." in shown


@pytest.mark.slow
def test_a_page_that_cannot_be_written_is_warned_of_once_and_does_not_stop_the_run(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Folder.write

    def full(self: Folder, name: str, content: Any, lasting: bool = True) -> None:
        if not lasting:
            raise OutputError("There is no room for the page.", "Make some.")
        write(self, name, content, lasting)

    monkeypatch.setattr(Folder, "write", full)
    monkeypatch.setattr(live, "_MOST_SHARE", 1e9)
    said = run(learn(request(store, tmp_path)))
    assert [e.message for e in said.events if isinstance(e, Warned) and "no room" in e.message] == [
        "There is no room for the page. Make some."
    ]
    assert said.result["model"] is not None


def test_the_page_costs_no_more_than_its_share_of_the_time(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    written: list[float] = []

    class Still:
        """A page that takes 0.05 s to write, in a run that validates all the time."""

        monotonic = staticmethod(lambda: clock[0])

    def put(self: live.LivePage, status: Any) -> Any:
        written.append(clock[0])
        self._measured, self._written, self._cost = self._last_measured(), clock[0] + 0.05, 0.05
        clock[0] += 0.05
        yield from ()

    monkeypatch.setattr(live, "time", Still)
    monkeypatch.setattr(live.LivePage, "_put", put)
    monkeypatch.setattr(live.LivePage, "_running", lambda self: None)
    validations = iter(range(10**6))
    monkeypatch.setattr(live.LivePage, "_last_measured", lambda self: (1, next(validations)))
    made = live.LivePage.__new__(live.LivePage)
    made._measured, made._written, made._cost = None, 0.0, 0.0
    while clock[0] < 100.0:
        list(made.refresh())
        clock[0] += 0.1
    assert 15 <= len(written) <= 21  # every 5 s, which is 1 per cent
    monkeypatch.setattr(live.LivePage, "_last_measured", lambda self: made._measured)
    written.clear()
    while clock[0] < 200.0:
        list(made.refresh())
        clock[0] += 0.1
    assert np.diff(written) == pytest.approx(15.1, abs=0.2)
