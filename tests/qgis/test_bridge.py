"""The bridge: events of the engine become QGIS's feedback, and a cancel stops the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not installed")


class Log(core.QgsProcessingFeedback):
    """Remembers what was said."""

    def __init__(self) -> None:
        super().__init__(False)
        self.said: list[tuple[str, str]] = []
        self.steps: list[float] = []
        self.progressChanged.connect(self.steps.append)

    def pushInfo(self, info: str) -> None:  # noqa: N802 - named by QGIS
        self.said.append(("info", info))

    def pushWarning(self, warning: str) -> None:  # noqa: N802
        self.said.append(("warning", warning))

    def setProgressText(self, text: str) -> None:  # noqa: N802
        self.said.append(("stage", text))


@pytest.fixture
def events(plugin: Any) -> Any:
    from ksdiff_qgis._engine import load

    return load("events")


def test_every_kind_of_event_reaches_the_user(events: Any) -> None:
    from ksdiff_qgis.bridge import follow

    def job() -> Iterator[Any]:
        yield events.Started("sharpen", {})
        yield events.Progress(0.25, "reading")
        yield events.Progress(0.5, "reading")
        yield events.Noted("The sensor is WorldView-3.")
        yield events.Warned("The images lie 2 pixels apart.")
        yield events.Metric("QNR", 0.93)
        yield events.Finished({"output": "a.tif"})

    log = Log()
    assert follow(job(), log) == {"output": "a.tif"}
    assert log.said == [
        ("stage", "reading"),
        ("info", "The sensor is WorldView-3."),
        ("warning", "The images lie 2 pixels apart."),
        ("info", "QNR: 0.93"),
    ]
    assert log.steps == [25, 50, 100]


def test_progress_never_falls_and_never_leaves_its_bounds(events: Any) -> None:
    from ksdiff_qgis.bridge import follow

    def job() -> Iterator[Any]:
        for fraction in (0.1, 0.6, 0.4, 1.7):
            yield events.Progress(fraction, "work")
        yield events.Finished({})

    log = Log()
    follow(job(), log)
    assert log.steps == sorted(log.steps)
    assert log.steps[-1] == 100


def test_every_five_seconds_a_line_tells_the_time_left(events: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ksdiff_qgis import bridge

    now = [100.0]
    monkeypatch.setattr(bridge.time, "monotonic", lambda: now[0])

    def job() -> Iterator[Any]:
        for step in range(1, 13):
            now[0] += 1
            yield events.Progress(step / 100, "work")
        yield events.Finished({})

    log = Log()
    bridge.follow(job(), log)
    lines = [text for kind, text in log.said if kind == "info"]
    assert lines == [
        "5 % after 5 s, 1.0 % per second, about 1 min 35 s left",
        "10 % after 10 s, 1.0 % per second, about 1 min 30 s left",
    ]


def test_a_cancel_closes_the_job_and_raises(events: Any) -> None:
    from ksdiff_qgis.bridge import follow

    closed = []
    log = Log()

    def job() -> Iterator[Any]:
        try:
            yield events.Progress(0.1, "work")
            log.cancel()
            yield events.Progress(0.2, "work")
            yield events.Finished({})
        finally:
            closed.append(True)

    with pytest.raises(core.QgsProcessingException, match="Stopped on request"):
        follow(job(), log)
    assert closed == [True]


def test_a_cancel_that_comes_after_the_result_is_written_does_not_deny_it(events: Any) -> None:
    from ksdiff_qgis.bridge import follow

    log = Log()

    def job() -> Iterator[Any]:
        log.cancel()
        yield events.Finished({"output": "a.tif"})

    assert follow(job(), log) == {"output": "a.tif"}


def test_a_job_without_a_result_is_an_error(events: Any) -> None:
    from ksdiff_qgis.bridge import follow

    with pytest.raises(core.QgsProcessingException, match="without a result"):
        follow((event for event in [events.Progress(0.5, "work")]), Log())


def test_a_cancel_that_comes_when_the_result_is_in_place_is_too_late(events: Any) -> None:
    from ksdiff_qgis.bridge import follow

    log = Log()

    def job() -> Iterator[Any]:
        yield events.Progress(0.98, "Finishing the file")
        log.cancel()
        yield events.Progress(1.0, "Done")
        yield events.Finished({"output": "a.tif"})

    assert follow(job(), log) == {"output": "a.tif"}
