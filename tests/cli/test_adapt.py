"""`adapt`, and `sharpen --adapt`: what was said becomes what is asked for, and what cannot be is refused in words."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from engine.cli.main import main
from engine.events import Event, Finished
from engine.jobs import adapt as adapting
from engine.jobs import sharpen as sharpening

PAIR = ("--pan", "pan.tif", "--ms", "ms.tif")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what is asked of the jobs, which do nothing."""
    requests: list[Any] = []

    def listening(request: Any) -> Generator[Event, None, None]:
        requests.append(request)
        yield Finished({"output": request.out})

    monkeypatch.setattr(adapting, "adapt", listening)
    monkeypatch.setattr(sharpening, "sharpen", listening)
    return requests


def test_what_was_said_is_what_is_asked_for(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapt", *PAIR, "--out", "o.safetensors", "--python", "self"]) == 0
    more = ("--model", "m.safetensors", "--models", "a", "b", "--minutes", "0.5", "--seed", "3", "--threads", "2")
    assert main(["adapt", *PAIR, "--out", "o.safetensors", *more, "--device", "cpu", "--bands", "1", "2"]) == 0
    usual, special = asked
    assert (usual.minutes, usual.model, usual.model_folders, usual.seed, usual.python) == (2.0, None, (), 0, "self")
    assert (special.minutes, special.model, special.model_folders) == (0.5, "m.safetensors", ("a", "b"))
    assert (special.seed, special.threads, special.device, special.bands) == (3, 2, "cpu", (1, 2))


def test_sharpening_adapts_a_model_if_minutes_are_named(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sharpen", *PAIR, "--out", "o.tif", "--adapt", "2"]) == 0
    assert main(["sharpen", *PAIR, "--out", "o.tif"]) == 0
    assert (asked[0].method, asked[0].adapt) == ("ksdiff", 2.0)
    assert (asked[1].method, asked[1].adapt) == ("ksdiff", 0.0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("adapt", "--out", "o.tif"), "does not end like one"),
        (("adapt", "--out", "o.safetensors", "--minutes", "0"), "cannot be adapted for 0.0 minutes"),
        (("sharpen", "--out", "o.tif", "--method", "gsa", "--adapt", "2"), "has no model that could be adapted"),
        (("sharpen", "--out", "o.tif", "--adapt", "2", "--resume"), "cannot be gone on with"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([words[0], *PAIR, *words[1:]]) == 1
    assert sentence in capsys.readouterr().err
