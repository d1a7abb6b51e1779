"""Work on several threads comes back in order, is bounded, gives signs of life and can be stopped."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from engine.jobs.pipeline import Crew, Done


def results(signs: Any) -> list[Any]:
    return [sign.result for sign in signs if sign is not None]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    def work(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number * number

    with Crew(threads) as crew:
        assert results(crew.ordered(work, range(30))) == [number * number for number in range(30)]
        assert results(crew.ordered(work, [])) == []


def test_no_more_than_a_few_items_wait_to_be_taken() -> None:
    taken, most = 0, 0
    asked: list[int] = []

    def items() -> Any:
        for number in range(40):
            asked.append(number)
            yield number

    with Crew(2) as crew:
        for sign in crew.ordered(lambda number: number, items(), ahead=3):
            if sign is not None:
                taken += 1
                most = max(most, len(asked) - taken)
    assert taken == 40 and most <= 2 + 3


def test_a_long_piece_of_work_gives_a_sign_of_life_every_tenth_of_a_second() -> None:
    with Crew(1) as crew:
        signs, last = [], time.monotonic()
        for sign in crew.ordered(lambda _: time.sleep(0.45), [None]):
            signs.append((sign, time.monotonic() - last))
            last = time.monotonic()
    assert [sign is None for sign, _ in signs] == [True] * (len(signs) - 1) + [False]
    assert len(signs) >= 4 and max(wait for _, wait in signs) < 0.2


def test_a_result_of_none_is_told_from_a_sign_of_life() -> None:
    with Crew(1) as crew:
        (sign,) = list(crew.ordered(lambda _: None, [1]))
    assert isinstance(sign, Done) and sign.result is None


def test_an_error_comes_where_its_result_would_have_come() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise KeyError("three")
        return number

    seen = []
    with Crew(2) as crew:
        with pytest.raises(KeyError, match="three"):
            for sign in crew.ordered(work, range(10)):
                if sign is not None:
                    seen.append(sign.result)
        assert seen == [0, 1, 2]
        assert results(crew.ordered(lambda number: number, [7])) == [7], "the crew works on after an error"


def test_an_error_of_the_source_of_items_is_not_swallowed() -> None:
    def items() -> Any:
        yield 1
        raise RuntimeError("no more")

    with Crew(2) as crew, pytest.raises(RuntimeError, match="no more"):
        list(crew.ordered(lambda number: number, items()))


def test_closing_leaves_undone_what_has_not_begun_and_waits_for_what_has() -> None:
    begun, done = [], []

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(0.15)
        done.append(number)

    with Crew(1) as crew:
        stage = crew.ordered(work, range(100), ahead=5)
        next(stage)
        stage.close()  # type: ignore[attr-defined]
        assert begun == done and len(done) <= 2
        time.sleep(0.2)
        assert begun == done and len(done) <= 2


def test_a_step_aside_is_told_to_stop_when_nobody_waits_for_it_any_more() -> None:
    asked_to_stop = threading.Event()

    def work(go_on: Any) -> str:
        until = time.monotonic() + 5.0
        while go_on() and time.monotonic() < until:
            time.sleep(0.01)
        if not go_on():
            asked_to_stop.set()
        return "stopped"

    with Crew(1) as crew:
        stage = crew.aside(work)
        assert next(stage) is None
        stage.close()  # type: ignore[attr-defined]
        assert asked_to_stop.is_set()
        assert results(crew.aside(lambda go_on: go_on())) == [True]


def test_work_is_stopped_where_nobody_waits_for_it_any_more_and_only_then() -> None:
    stopped = threading.Event()

    with Crew(1) as crew:
        assert results(crew.ordered(lambda number: number, [1, 2], stop=stopped.set)) == [1, 2]
        with pytest.raises(ZeroDivisionError):
            results(crew.ordered(lambda number: 1 // number, [0], stop=stopped.set))
        assert not stopped.is_set()
        stage = crew.ordered(lambda _: stopped.wait(5.0), [None], stop=stopped.set)
        assert next(stage) is None
        began = time.monotonic()
        stage.close()  # type: ignore[attr-defined]
        assert stopped.is_set() and time.monotonic() - began < 2.0


def test_threads_end_with_the_crew() -> None:
    before = threading.active_count()
    with Crew(3) as crew:
        list(crew.ordered(lambda number: number, range(9)))
    assert threading.active_count() == before


def test_no_number_of_threads_means_all_cores() -> None:
    with Crew(0) as crew:
        assert crew.size >= 1
