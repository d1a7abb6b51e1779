"""A job of jobs: one progress that never falls, each warning once, and parts that end with it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Optional

import pytest

from engine.events import Event, Finished, Noted, Progress, Started, Warned
from engine.jobs.course import Course
from engine.jobs.pipeline import Done


def part(*events: Event, result: Any = None, closed: Optional[list[bool]] = None) -> Generator[Event, None, Any]:
    try:
        yield from events
    finally:
        if closed is not None:
            closed.append(True)
    return result


def ended(events: Generator[Event, None, Any]) -> tuple[list[Event], Any]:
    said = []
    while True:
        try:
            said.append(next(events))
        except StopIteration as stop:
            return said, stop.value


def test_the_progress_of_parts_becomes_one() -> None:
    course = Course(4.0)
    halves = (Progress(0.5, "inner"), Progress(1.0, "inner"))
    said = [event for name in "ab" for event in ended(course.stage(part(*halves), 1.0, name))[0]]
    said += ended(course.stage(part(*halves), 2.0, "c"))[0]
    assert said[:-1] == [Progress(x, n) for x, n in ((0.125, "a"), (0.25, "a"), (0.375, "b"), (0.5, "b"), (0.75, "c"))]


def test_the_end_is_never_said_before_the_results_are_in_their_places() -> None:
    said, _ = ended(Course(1.0).stage(part(Progress(1.0, "inner")), 5.0, "a"))
    assert [event.fraction for event in said if isinstance(event, Progress)] == [0.99]


def test_a_part_without_progress_counts_as_done() -> None:
    course = Course(2.0)
    ended(course.stage(part(), 1.0, "a"))
    assert ended(course.stage(part(Progress(0.0, "")), 1.0, "b"))[0] == [Progress(0.5, "b")]


def test_a_part_returns_what_it_returns_or_finishes_with() -> None:
    assert ended(Course(1.0).stage(part(result=3), 1.0, "a"))[1] == 3
    assert ended(Course(1.0).stage(part(Finished({"x": 1})), 1.0, "a")) == ([], {"x": 1})


def test_each_warning_is_told_once_and_remembered() -> None:
    course = Course(1.0)
    said = list(course.warned("one", "one"))
    said += ended(course.stage(part(Warned("one"), Warned("two"), Warned("two")), 1.0, "a"))[0]
    assert said == [Warned("one"), Warned("two")]
    assert course.warnings == ["one", "two"]


def test_what_is_not_heard_and_what_parts_say_of_themselves_is_kept_back() -> None:
    course = Course(1.0)
    quiet = part(Warned("one"), Noted("note"), Started("sharpen"), Finished({}))
    assert ended(course.stage(quiet, 1.0, "a", heard=False))[0] == []
    assert course.warnings == []


def test_closing_closes_the_part() -> None:
    closed: list[bool] = []
    stage = Course(1.0).stage(part(Progress(0.1, ""), Progress(0.2, ""), closed=closed), 1.0, "a")
    next(stage)
    stage.close()
    assert closed == [True]


def test_the_error_of_a_part_passes_through_and_its_work_is_past() -> None:
    def failing() -> Generator[Event, None, None]:
        yield Progress(0.5, "")
        raise KeyError

    course = Course(2.0)
    with pytest.raises(KeyError):
        ended(course.stage(failing(), 1.0, "a"))
    assert ended(course.stage(part(Progress(0.0, "")), 1.0, "b"))[0] == [Progress(0.5, "b")]


def signs(closed: list[bool]) -> Iterator[Optional[Done[str]]]:
    try:
        yield None
        yield Done("result")
    finally:
        closed.append(True)


def test_signs_of_life_become_progress_and_end_with_the_result() -> None:
    course, closed = Course(2.0), list[bool]()
    assert ended(course.signs(signs(closed), 1.0, "a")) == ([Progress(0.0, "a")], "result")
    assert closed == [True]
    assert ended(course.signs(signs(closed), 1.0, "b"))[0] == [Progress(0.5, "b")]


def test_closing_between_signs_closes_the_part() -> None:
    closed: list[bool] = []
    waiting = Course(1.0).signs(signs(closed), 1.0, "a")
    next(waiting)
    waiting.close()
    assert closed == [True]


def test_a_warning_of_a_part_says_what_it_is_of_unless_it_was_told_before() -> None:
    course = Course(2.0)
    list(course.warned("of the pair"))
    for name in ("gsa", "sfim", "exp"):
        ended(course.stage(part(Warned("of the pair"), Warned(f"{len(name)} clipped")), 1.0, name, of=name))
    assert course.warnings == ["of the pair", "gsa: 3 clipped", "sfim: 4 clipped"]
