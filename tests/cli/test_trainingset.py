"""`trainingset`: what was said becomes what is asked for, and what cannot be is refused in words."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main
from engine.events import Event, Finished
from engine.jobs import trainingset as job
from engine.request import PairFiles, TrainingSetRequest


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what is asked of the job, which does nothing."""
    requests: list[Any] = []

    def listening(request: Any) -> Generator[Event, None, None]:
        requests.append(request)
        yield Finished({"folder": request.out})

    monkeypatch.setattr(job, "trainingset", listening)
    return requests


def test_what_was_said_is_what_is_asked_for(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trainingset", "--pan", "p.tif", "--ms", "m.tif", "--out", "o"]) == 0
    numbers = (
        "--patch",
        "32",
        "--most",
        "7",
        "--validation",
        "0.3",
        "--limit",
        "2",
        "--least-texture",
        "0",
        "--seed",
        "3",
    )
    files = ("--folders", "a", "b", "--h5", "c.h5", "--clouds", "q.tif", "--nodata", "0", "--sensor", "ikonos")
    pair = ("--pan", "p", "--ms", "m", "n", "--bands", "2", "1", "--threads", "2")
    assert main(["trainingset", "--out", "o", *pair, *numbers, *files]) == 0
    assert asked[0] == TrainingSetRequest("o", (PairFiles("p.tif", ("m.tif",)),))
    assert asked[1] == TrainingSetRequest(
        "o", (PairFiles("p", ("m", "n"), "q.tif"),), ("a", "b"), ("c.h5",), (2, 1), "ikonos", 0.0, 32, 7, 0.3, 2.0, 0.0,
        3, 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "o"), "nothing to cut samples from"),
        (("--out", "o", "--pan", "p", "q", "--ms", "m"), "cannot be paired"),
        (("--out", "o", "--folders", "none"), "There is no folder none"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    words: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["trainingset", *words, "--json"]) == 1
    assert sentence in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_the_answer_is_one_line_of_json(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trainingset", "--h5", "a.h5", "--out", "o", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"folder": "o"}
