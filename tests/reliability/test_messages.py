"""Each error that a user can see is a fact and a remedy in sentences; what nobody foresaw says how to report it."""

from __future__ import annotations

import ast
import inspect
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional

import pytest

from engine import __version__, errors
from engine.errors import EngineError
from engine.jobs.mishap import TRACKER, explained

ENGINE = Path(errors.__file__).parent
KINDS = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, EngineError)} - {
    "Interrupted"
}  # it has its own fact, and says what is kept
HOLE = "□"  # what is filled in when it happens


class Saying(NamedTuple):
    """One place where an error is made: its kind and the forms that its two sentences can take."""

    place: str
    kind: str
    facts: tuple[str, ...]
    remedies: tuple[str, ...]


def forms(node: ast.expr) -> Optional[list[str]]:
    """Return what a text in the source can become, holes for what is filled in; None: it is made elsewhere."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        both = forms(node.body), forms(node.orelse)
        return None if both[0] is None or both[1] is None else [*both[0], *both[1]]
    if isinstance(node, ast.JoinedStr):
        found = [""]
        for part in node.values:
            inner = [HOLE]
            if isinstance(part, ast.Constant):
                inner = [str(part.value)]
            elif isinstance(part, ast.FormattedValue) and isinstance(part.value, (ast.IfExp, ast.Constant)):
                inner = forms(part.value) or [HOLE]
            found = [before + after for before in found for after in inner]
        return found
    return None


def sayings() -> Iterator[Saying]:
    for path in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in KINDS or any(isinstance(argument, ast.Starred) for argument in node.args):
                continue
            place = f"{path.relative_to(ENGINE.parent)}:{node.lineno}"
            assert len(node.args) == 2 and not node.keywords, f"{place}: an error needs a fact and a remedy"
            fact, remedy = (forms(argument) for argument in node.args)
            yield Saying(place, name, tuple(fact or ()), tuple(remedy or ()))


SAYINGS = list(sayings())


def test_every_kind_of_error_is_raised_somewhere_and_most_sentences_stand_in_the_source() -> None:
    # A kind that only `from_json` or a worker's answer makes would be missed here, and there is none.
    assert {saying.kind for saying in SAYINGS} >= KINDS - {"EngineError"}
    assert len(SAYINGS) > 150
    known = [saying for saying in SAYINGS if saying.facts and saying.remedies]
    assert len(known) > 0.7 * len(SAYINGS)


@pytest.mark.parametrize("which", ["facts", "remedies"])
def test_every_fact_and_every_remedy_is_a_sentence(which: str) -> None:
    wrong = [
        f"{saying.place}: {text!r}"
        for saying in SAYINGS
        for text in getattr(saying, which)
        if not re.match(rf"--|['\"({HOLE}A-Z0-9]", text) or not re.search(rf"[.?{HOLE}]$", text) or "  " in text
    ]
    assert not wrong, "\n".join(wrong)


def test_no_sentence_has_words_of_programs() -> None:
    words = re.compile(r"\b(None(?! of)|NoneType|Traceback|exception|errno|KeyError|stderr|self)\b")
    wrong = [
        f"{saying.place}: {text!r}"
        for saying in SAYINGS
        for text in (*saying.facts, *saying.remedies)
        if words.search(text)
    ]
    assert not wrong, "\n".join(wrong)


# What nobody foresaw


def failing() -> Exception:
    def deep() -> None:
        raise KeyError("band 7 of http://jane:secret@proxy.example/x")

    try:
        deep()
    except KeyError as error:
        return error
    raise AssertionError


def test_an_unforeseen_error_is_a_sentence_with_an_address_and_a_log_that_tells_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told = explained(failing(), "sharpen --pan a.tif")
    (log,) = tmp_path.iterdir()
    assert told.fact.startswith("Something went wrong that should not have (KeyError: ") and told.exit_code == 1
    assert TRACKER in told.remedy and str(log) in told.remedy and "\n" not in str(told)
    text = log.read_text(encoding="utf-8")
    assert text.startswith(f"KSDiff {__version__}, ") and "Asked: sharpen --pan a.tif" in text
    assert "in deep" in text
    assert "secret" not in f"{text}{told}" and "jane" not in f"{text}{told}" and "http://****@proxy.example" in text


def test_an_unforeseen_error_is_told_where_there_is_no_place_for_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    told = explained(failing(), "anything")
    assert told.remedy == f"Please report it at {TRACKER}."


def test_letters_that_no_log_can_hold_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    explained(ValueError("na\udcffme\0" + "x" * 9000), "a\udcff")
    (log,) = tmp_path.iterdir()
    assert "\\udcff" in log.read_text(encoding="utf-8")
