"""Events are one line of strict JSON each."""

from __future__ import annotations

import json
import math

import pytest

from engine import events


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (events.Started("sharpen", {"ratio": 4.0}), {"event": "started", "verb": "sharpen", "facts": {"ratio": 4.0}}),
        (events.Progress(0.25, "Sharpening"), {"event": "progress", "fraction": 0.25, "stage": "Sharpening"}),
        (events.Noted("A note."), {"event": "noted", "message": "A note."}),
        (events.Warned("Care."), {"event": "warned", "message": "Care."}),
        (events.Metric("valid_share", 0.5), {"event": "metric", "name": "valid_share", "value": 0.5}),
        (events.Finished({"output": "o.tif"}), {"event": "finished", "result": {"output": "o.tif"}}),
        (
            events.Failed("A fact.", "A remedy.", 1),
            {"event": "failed", "fact": "A fact.", "remedy": "A remedy.", "exit_code": 1},
        ),
    ],
)
def test_an_event_is_one_line_of_json_that_names_its_kind(event: events.Event, expected: dict[str, object]) -> None:
    line = events.to_json(event)
    assert "\n" not in line
    assert json.loads(line) == expected


def test_a_line_break_in_a_message_does_not_break_the_line() -> None:
    line = events.to_json(events.Warned("one\ntwo"))
    assert "\n" not in line
    assert json.loads(line)["message"] == "one\ntwo"


def test_numbers_that_are_not_finite_become_null_because_strict_json_has_none() -> None:
    facts = {"nodata": math.nan, "range": (-math.inf, 1.0), "deep": [{"x": math.inf}]}
    line = events.to_json(events.Started("describe", facts))
    assert "NaN" not in line
    assert "Infinity" not in line
    assert json.loads(line)["facts"] == {"nodata": None, "range": [None, 1.0], "deep": [{"x": None}]}


def test_plain_keeps_what_json_knows_and_turns_keys_into_text() -> None:
    assert events.plain({1: (True, None, "x", 3)}) == {"1": [True, None, "x", 3]}
