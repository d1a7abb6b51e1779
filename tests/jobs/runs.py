"""Running a verb to its end, or to the sentence it refuses with."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError, Interrupted
from engine.events import Event, Finished, Noted, Progress, Warned
from engine.jobs.sharpen import sharpen
from engine.request import SharpenRequest
from tests.pairs import Floats, read


@dataclass(frozen=True)
class Run:
    """All that a verb said; `result` is what it said last."""

    events: list[Event]

    @property
    def result(self) -> dict[str, Any]:
        assert isinstance(self.events[-1], Finished)
        return self.events[-1].result

    @property
    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]

    @property
    def notes(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Noted)]


def run(events: Iterable[Event]) -> Run:
    return Run(list(events))


def sharpened(request: SharpenRequest) -> tuple[Floats, Run]:
    """Return what the file holds, (bands, h, w), and what was said while it was made."""
    said = run(sharpen(request))
    return read(request.out), said


def refusal(request: SharpenRequest, kind: type[EngineError] = EngineError) -> str:
    """Return the sentence with which a request is refused, once it is known that nothing was written."""
    folder = Path(request.out).parent
    before = files_in(folder)
    with pytest.raises(kind) as caught:
        run(sharpen(request))
    assert caught.value.exit_code == 1
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    assert files_in(folder) == before
    return str(caught.value)


def stopped(request: SharpenRequest, fraction: float = 0.5) -> str:
    """Close a run once it has come so far; return what Interrupted says."""
    events = sharpen(request)
    for event in events:
        if isinstance(event, Progress) and event.fraction >= fraction:
            with pytest.raises(Interrupted) as caught:
                events.close()
            return str(caught.value)
    raise AssertionError("it finished before it was stopped")


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the names and contents of all files of a folder."""
    if not folder.is_dir():
        return {}
    return {name: (folder / name).read_bytes() for name in os.listdir(folder) if (folder / name).is_file()}


def written(result: Floats, nodata: float) -> Any:
    """Return where (h, w) a result holds data."""
    return ~(np.isnan(result) if np.isnan(nodata) else result == nodata).all(axis=0)
