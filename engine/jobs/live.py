"""The page of a training, written again and again while it runs, so that a browser beside it shows it learn."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional

from .. import __version__
from ..errors import OutputError
from ..events import Warned
from ..pages.finding import Finding
from ..pages.samples import View, view
from ..pages.training import Run, Status, render, verdict
from ..training.checkpoint import PAGE, Folder
from ..training.loop import Training
from ..training.pace import in_words
from ..training.validation import Example

_EVERY_SECONDS = 15.0
_MOST_SHARE = 0.01  # of the time may be spent on the page
RESUME = "To go on, train again with the same configuration and --resume; in QGIS, tick RESUME."


@dataclass(frozen=True)
class About:
    """What of a run does not change."""

    title: str
    facts: dict[str, str]
    sources: tuple[tuple[str, ...], ...]  # rows of the page's table
    settings: dict[str, Any]
    baseline: str
    red_green_blue: tuple[int, ...]  # bands that are shown; one: grey


class LivePage:
    """Writes the page of one run: at its beginning, every now and then, and at its end."""

    def __init__(self, training: Training, folder: Folder, about: About, warnings: Sequence[str]) -> None:
        self._training, self._folder, self._about = training, folder, about
        self._warnings = warnings  # grows as the run warns
        self.path = str(folder.path / PAGE)
        self._written = self._cost = 0.0
        self._measured: Optional[tuple[int, int]] = None  # stage and step whose validation the page shows
        self._best: tuple[str, list[Example]] = ("", [])
        self._has_failed = False

    def begin(self) -> Iterator[Warned]:
        """Write the page of a run that begins.  Yield a warning where that fails, here and below: only once."""
        yield from self._put(self._running())

    def refresh(self) -> Iterator[Warned]:
        """Write the page if there is enough news, and time for it."""
        passed = time.monotonic() - self._written
        due = 0.0 if self._last_measured() != self._measured else _EVERY_SECONDS
        if passed >= max(due, self._cost / _MOST_SHARE):
            yield from self._put(self._running())

    def keep_best(self) -> None:
        """Remember what the model makes of the samples at this moment: at the end its best is shown."""
        self._best = self._seen(), self._training.validation.examples()

    def end(self, status: Status) -> Run:
        """Write the page for good and return what it shows.  Raise OutputError where it cannot be written."""
        run = self._run(status)
        self._folder.write(PAGE, render(run).encode("utf-8", "backslashreplace"))
        return run

    def finish(self) -> Finding:
        """Write the page of a run that came to its end, and return what it came to.  Raise as `end` does."""
        standing = self._training.standing
        words = (
            f"{_count(standing.samples)} samples seen in {in_words(standing.elapsed)}, "
            f"{standing.samples_per_second:.3g} a second."
        )
        return verdict(self.end(Status("finished", words, "", 1.0)))

    def stop(self) -> None:
        """Write the page of a run that was stopped."""
        standing = self._training.standing
        words = f"At step {_count(standing.step)} of {standing.name.lower()}, after {in_words(standing.elapsed)}."
        with suppress(OutputError):  # the checkpoint is there: that is what counts
            self.end(Status("stopped", words, RESUME, standing.fraction))

    def fail(self, fact: str, remedy: str) -> None:
        """Write the page of a run that could not go on."""
        with suppress(OutputError):
            self.end(Status("failed", fact, remedy, self._training.standing.fraction))

    def _running(self) -> Status:
        standing = self._training.standing
        left = "" if standing.left is None or not standing.step else f", about {in_words(standing.left)} left"
        rate = f", {standing.samples_per_second:.3g} samples a second" if standing.samples_per_second else ""
        which = f"Stage {standing.stage} of {standing.stages}" if standing.stages > 1 else standing.name
        words = f"{which}, step {_count(standing.step)} of at most {_count(standing.steps)}{rate}{left}."
        advice = (
            f"{standing.fraction:.0%} of the run is done. This page loads itself anew; where the time above stands "
            "still for minutes, the run was ended from outside, and can be resumed."
        )
        return Status("running", words, advice, standing.fraction)

    def _put(self, status: Status) -> Iterator[Warned]:
        begun = time.monotonic()
        self._measured = self._last_measured()
        page = render(self._run(status)).encode("utf-8", "backslashreplace")
        try:
            self._folder.write(PAGE, page, lasting=False)
        except OutputError as error:
            if not self._has_failed:
                yield Warned(str(error))
            self._has_failed = True
        self._written = time.monotonic()
        self._cost = self._written - begun

    def _run(self, status: Status) -> Run:
        about, training, state = self._about, self._training, self._training.state
        is_last = state.stage == training.standing.stages
        validation = training.validation
        running = status.state == "running"
        seen, examples = (self._seen(), validation.examples()) if running or not self._best[1] else self._best
        rival = validation.best_rival
        return Run(
            title=about.title,
            written=datetime.now().strftime("%Y-%m-%d %H:%M:%S"),
            version=__version__,
            status=status,
            facts=about.facts,
            sources=about.sources,
            settings=about.settings,
            stages=training.standing.stages,
            history=tuple(state.history),
            best=dict(state.best or {}) if is_last else {},
            best_step=state.best_step,
            baseline=about.baseline,
            enlarged=validation.enlarged,
            rivals=dict(validation.rivals),
            views=tuple(self._view(each, rival) for each in (examples[:1] if running else examples)) if seen else (),
            seen=seen,
            warnings=tuple(self._warnings),
        )

    def _view(self, example: Example, rival: Optional[str]) -> View:
        between = [(self._about.baseline, example.ms_up), (rival or "", example.rival), ("The model", example.fused)]
        return view(example.pan, example.truth, between, self._about.red_green_blue)

    def _last_measured(self) -> Optional[tuple[int, int]]:
        return next(
            ((line["stage"], line["step"]) for line in reversed(self._training.state.history) if "validation" in line),
            None,
        )

    def _seen(self) -> str:
        """Return the step at which the network was measured last, in words; empty: not in this process."""
        measured = self._last_measured()
        if measured is None or not self._training.validation.has_seen:
            return ""
        stage, step = measured
        return f"step {_count(step)} of stage {stage}"


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")
