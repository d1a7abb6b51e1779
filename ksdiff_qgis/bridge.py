"""Between the engine's events and QGIS's feedback: progress, log lines, cancellation, a living event loop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from qgis.core import QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QThread

from ._engine import load
from .translation import tr

_REPORT_EVERY_S = 5.0
_REPORT_EVERY_SHARE = 0.05  # of the time so far, so that the log of hours stays one that can be read
_PATIENCE_S = 3.0  # a rate measured over less says nothing about the time left


def follow(events: Iterator[Any], feedback: QgsProcessingFeedback, kept: str = "") -> dict[str, Any]:
    """Run a job of the engine to its end and return its result; `kept` says what is left of one that is stopped.

    Raise QgsProcessingException once the user cancels, after the job has removed or kept what it had begun.  The
    job's own errors pass through.
    """
    kinds = load("events")
    progress = _Progress(feedback)
    result: dict[str, Any] | None = None
    try:
        for event in events:
            if isinstance(event, kinds.Finished):
                result = event.result
                continue
            _pulse()
            in_place = isinstance(event, kinds.Progress) and event.fraction >= 1.0  # too late to stop
            if feedback.isCanceled() and not in_place:
                raise QgsProcessingException(kept or tr("Stopped on request; nothing was left behind."))
            if isinstance(event, kinds.Progress):
                progress.show(event)
            elif isinstance(event, kinds.Noted):
                feedback.pushInfo(event.message)
            elif isinstance(event, kinds.Warned):
                feedback.pushWarning(event.message)
            elif isinstance(event, kinds.Metric):
                feedback.pushInfo(f"{event.name}: {event.value:g}")
    finally:
        events.close()  # type: ignore[attr-defined]  # jobs are generators: this stops the work
    if result is None:
        raise QgsProcessingException(tr("The engine ended without a result; please report this with the log above."))
    feedback.setProgress(100)
    return result


class _Progress:
    """Shows a progress that never falls, the stage when it changes, and every few seconds the time left."""

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self._feedback = feedback
        self._started = self._reported = time.monotonic()
        self._fraction = 0.0
        self._stage = ""

    def show(self, event: Any) -> None:
        """Pass on one Progress event."""
        self._fraction = max(self._fraction, min(event.fraction, 1.0))
        self._feedback.setProgress(100.0 * self._fraction)
        if event.stage != self._stage:
            self._stage = event.stage
            self._feedback.setProgressText(event.stage)
        now = time.monotonic()
        if now - self._reported >= max(_REPORT_EVERY_S, _REPORT_EVERY_SHARE * (now - self._started)):
            self._reported = now
            self._feedback.pushInfo(self._forecast(now - self._started))

    def _forecast(self, elapsed_s: float) -> str:
        percent = round(100 * self._fraction)
        if self._fraction <= 0 or elapsed_s < _PATIENCE_S:
            return tr("{percent} % after {elapsed}").format(percent=percent, elapsed=_duration(elapsed_s))
        left_s = elapsed_s * (1 - self._fraction) / self._fraction
        return tr("{percent} % after {elapsed}, {rate:.1f} % per second, about {left} left").format(
            percent=percent, elapsed=_duration(elapsed_s), rate=percent / elapsed_s, left=_duration(left_s)
        )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return tr("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    if minutes:
        return tr("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
    return tr("{seconds} s").format(seconds=rest)


def _pulse() -> None:
    """Let Qt handle what waits, on the main thread only: without it Ctrl+C reaches no algorithm run headless."""
    application = QCoreApplication.instance()
    if application is not None and QThread.currentThread() == application.thread():
        application.processEvents()
