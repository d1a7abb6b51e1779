"""What is said while a verb runs, how a wish to stop is heeded, and the table at the end."""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Generator
from typing import Any

import pytest

from engine.cli.main import main
from engine.cli.talk import Interruption, follow, table
from engine.errors import Interrupted
from engine.events import Event, Finished, Noted, Progress


def test_a_wish_to_stop_ends_the_start_at_once_and_a_job_under_way_at_its_next_event() -> None:
    interruption = Interruption()
    done: list[str] = []

    def job() -> Generator[Event, None, None]:
        try:
            yield Noted("begun")
            interruption.ask(2, None)  # no exception here, in the middle of the work
            done.append("went on to the next event")
            yield Progress(0.5, "Working")
            done.append("and further")
        finally:
            done.append("cleaned up")

    with pytest.raises(Interrupted):
        follow(job(), True, interruption)
    assert done == ["went on to the next event", "cleaned up"]


def test_before_the_first_event_a_wish_to_stop_is_an_exception_and_a_second_one_is_ignored() -> None:
    with pytest.raises(Interrupted):
        Interruption().ask(2, None)
    assert signal.getsignal(signal.SIGINT) == signal.getsignal(signal.SIGTERM) == signal.SIG_IGN


@pytest.mark.parametrize("reason", [ImportError("numpy.core.multiarray failed to import"), Interrupted()])
def test_an_interrupted_start_ends_with_130_whatever_it_says_itself(
    reason: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start(options: argparse.Namespace) -> Generator[Event, None, None]:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except Interrupted:
            raise reason from None
        raise AssertionError("not interrupted")

    monkeypatch.setattr("engine.cli.describe._start", start)
    assert main(["describe", "--pan", "a.tif", "--ms", "b.tif"]) == 130
    assert capsys.readouterr().err == f"Error: {Interrupted()}\n"


def test_a_wish_to_stop_that_comes_when_the_result_is_in_place_is_too_late() -> None:
    interruption = Interruption()

    def job() -> Generator[Event, None, None]:
        yield Progress(0.98, "Finishing the file")
        interruption.ask(2, None)
        yield Progress(1.0, "Done")
        yield Finished({"output": "a.tif"})

    assert follow(job(), True, interruption) == {"output": "a.tif"}


@pytest.mark.parametrize(("first", "told"), [(0.0, "40%, 150 s left"), (0.35, "40%, 1200 s left")])
def test_the_time_that_is_left_is_told_by_what_was_done_since_the_process_began(
    first: float, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second run was gone on with: 35 % were there before, and 5 % took 100 seconds."""
    now = [1000.0]
    monkeypatch.setattr("engine.cli.talk.time.monotonic", lambda: now[0])

    def job() -> Generator[Event, None, None]:
        yield Progress(first, "Training")
        now[0] += 100.0
        yield Progress(0.4, "Training")
        yield Finished({})

    follow(job(), False, Interruption())
    assert capsys.readouterr().err == f"Training: {told}\n"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        ([], "-"),
        ("", "-"),
        (float("nan"), "-"),
        (0, "0"),
        (0.0, "0"),
        (False, "no"),
        (0.123456789, "0.123457"),
        (["Red", "Green"], "Red, Green"),
        ([1.0, None], "1, -"),
        ({"red": 3, "range": [1, 2]}, "red 3, range 1, 2"),
        ([{"name": "Red", "role": None}, {"name": "", "role": "nir"}], "name Red, role -; name -, role nir"),
    ],
)
def test_the_table_speaks_the_language_of_people(value: Any, words: str) -> None:
    assert table({"key": value}) == f"key            {words}\n"
