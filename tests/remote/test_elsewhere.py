"""A training in another Python: its events come through, and however it ends a sentence is left and no process."""

from __future__ import annotations

import json
import math
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError, WorkerError
from engine.events import Failed, Finished, Metric, Noted, Progress, Started, Warned, to_json
from engine.remote import elsewhere
from engine.remote.elsewhere import trained
from engine.remote.interpreter import Interpreter
from tests.remote.strangers import nothing_left, stranger

FOREVER = "sys.stdin.read(); sys.exit()"
DEAF = "time.sleep(60)"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with nothing_left(tmp_path, monkeypatch) as place:
        yield place


def saying(folder: Path, *events: Any, then: str = FOREVER) -> Interpreter:
    """Return a Python that says events, whatever it is asked, and does something then."""
    lines = "".join(f"os.write(1, {to_json(event).encode() + bytes([10])!r})\n" for event in events)
    return stranger(folder, lines + then)


def refused(python: Interpreter) -> str:
    began = time.monotonic()
    with pytest.raises(EngineError) as caught:
        list(trained(python, {}))
    assert time.monotonic() - began < 10.0
    return str(caught.value)


def test_events_come_as_they_were_said(tmp_path: Path) -> None:
    said = [
        Started("train", {"device": "cpu"}),
        Noted("Größe"),
        Warned("Look out."),
        Metric("ergas", 1.5),
        Progress(0.5, "Stage 1"),
        Finished({"model": None, "scores": {"ergas": 1.0}}),
    ]
    heard = [event for event in trained(saying(tmp_path, *said), {}) if event != elsewhere._STARTING]
    assert [event for place, event in enumerate(heard) if event not in heard[:place]] == said


def test_a_number_that_json_does_not_know_stays_none(tmp_path: Path) -> None:
    said = list(trained(saying(tmp_path, Metric("scc", math.nan), Finished({})), {}))
    values = [event.value for event in said if isinstance(event, Metric)]
    assert len(values) == 1 and math.isnan(values[0])


def test_what_is_asked_reaches_it(tmp_path: Path) -> None:
    python = stranger(tmp_path, f"open({str(tmp_path / 'asked')!r}, 'w').write(sys.argv[-1])\n")
    with pytest.raises(WorkerError):
        list(trained(python, {"config": "größe.json", "settings": ("a=1",)}))
    assert json.loads((tmp_path / "asked").read_text()) == {"config": "größe.json", "settings": ["a=1"]}


def test_a_long_silence_is_filled_with_signs_of_life(tmp_path: Path) -> None:
    then = f"time.sleep(0.6); os.write(1, {to_json(Finished({})).encode() + bytes([10])!r})"
    moments = [time.monotonic()]
    signs = []
    for event in trained(saying(tmp_path, Progress(0.25, "Stage 2"), then=then), {}):
        moments.append(time.monotonic())
        signs.append(event)
    assert signs.count(Progress(0.25, "Stage 2")) >= 4
    assert max(later - sooner for sooner, later in zip(moments, moments[1:])) < 0.4


def test_its_mistake_is_told_in_its_own_words(tmp_path: Path) -> None:
    said = refused(saying(tmp_path, Failed("There is no PAN.", "Name one.", 1)))
    assert said == "There is no PAN. Name one."


@pytest.mark.parametrize(
    ("then", "sentence"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", r"^The training, .*python, ended without an answer \(it was killed, "),
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"\(a library it uses crashed\)\. Install PyTorch anew"),
        ("sys.exit('Lost my\\n licence')", r'\(exit code 1\)\. Its last words: "Lost my licence"\. Try it by hand'),
        (f"os.close(1); {DEAF}", r"\(it closed its output and went on\)"),
        (f"os.write(1, b'Loading...\\n'); {FOREVER}", r"what is no answer: b'Loading...\\n'\. Choose a Python that"),
        (f"os.write(1, b'{{}}\\n'); {FOREVER}", "what is no answer"),
        (f"os.write(1, b'[1]\\n'); {FOREVER}", "what is no answer"),
        (f"""os.write(1, b'{{"event": "noted", "message": 5}}\\n'); {FOREVER}""", "what is no answer"),
        (f"""os.write(1, b'{{"event": "noted", "text": "a"}}\\n'); {FOREVER}""", "what is no answer"),
        (f"""os.write(1, b'{{"event": "sung", "message": "a"}}\\n'); {FOREVER}""", "what is no answer"),
        (f"os.write(1, b'[' * 3000000 + b'\\n'); {FOREVER}", "what is no answer"),
    ],
)
def test_a_fault_leaves_one_sentence_and_nothing_else(then: str, sentence: str, tmp_path: Path) -> None:
    said = refused(saying(tmp_path, Progress(0.1, "Stage 1"), then=then))
    assert re.search(sentence, said), said
    assert "\n" not in said and len(said) < 1000


def test_one_that_says_nothing_any_more_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "SILENCE_S", 0.4)
    assert "has said nothing for 0.4 s, and was stopped" in refused(saying(tmp_path))


def test_closing_lets_it_end_by_itself(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    events = trained(saying(tmp_path, Noted("."), then=f"sys.stdin.read(); open({str(kept)!r}, 'w').close()"), {})
    assert Noted(".") in (next(events), next(events), next(events), next(events))
    events.close()
    assert kept.exists()


def test_closing_ends_one_that_does_not_listen_within_a_second(tmp_path: Path) -> None:
    events = trained(saying(tmp_path, Noted("."), then=DEAF), {})
    while next(events) != Noted("."):
        pass
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 1.0


def test_a_python_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    assert "/nowhere/python cannot be started (No such file" in refused(Interpreter("/nowhere/python", ""))


def test_nothing_stays_open(tmp_path: Path) -> None:
    python = saying(tmp_path, Finished({}))
    list(trained(python, {}))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        list(trained(python, {}))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.slow
def test_the_other_end_refuses_in_a_sentence_what_cannot_be_meant(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    python = Interpreter(sys.executable, "it runs the tests")
    assert "Unknown field colour." in refused_with(python, {"config": "c.json", "colour": 1})
    absent = str(tmp_path / "absent.json")
    assert f"{absent} cannot be read (No such file" in refused_with(python, {"config": absent, "python": "self"})


def refused_with(python: Interpreter, asked: dict[str, Any]) -> str:
    with pytest.raises(EngineError) as caught:
        list(trained(python, asked))
    return str(caught.value)
