"""Running `report` for tests: with all four results, or with what a test wants of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError
from engine.events import Event
from engine.jobs.report import report
from engine.request import ReportRequest
from tests.jobs.runs import Run, run
from tests.pairs import Pair

# What differs from run to run.
CHANGING = ("created", "seconds", "peak_mb", "out_html", "out_json", "out_csv", "out_error")


def asked(pair: Pair, out: Path, **changes: Any) -> ReportRequest:
    """Return the request for a report on a method, with its numbers."""
    given = {"methods": ("gsa",), "out_json": str(out / "r.json"), "threads": 2, "folder": str(waiting(out))}
    return ReportRequest(**{"pan": pair.pan, "ms": (pair.ms,), **given, **changes})


def everything(out: Path) -> dict[str, str]:
    """Return the names of all four results."""
    endings = {"html": "html", "json": "json", "csv": "csv", "error": "tif"}
    return {f"out_{name}": str(out / f"r.{ending}") for name, ending in endings.items()}


def reported(pair: Pair, out: Path, **changes: Any) -> Run:
    """Return what was said; nothing but the results is left."""
    said = run(report(asked(pair, out, **changes)))
    assert os.listdir(waiting(out)) == []
    return said


def images(said: Run) -> dict[str, dict[str, Any]]:
    return {image["name"]: image for image in said.result["images"]}


def refusal(pair: Pair, out: Path, kind: type[EngineError] = EngineError, **changes: Any) -> tuple[str, list[Event]]:
    """Return the sentence with which a report is refused and what was said before; nothing was written."""
    before, said = sorted(os.listdir(out)), list[Event]()
    with pytest.raises(kind) as caught:
        said.extend(_noting(asked(pair, out, **changes), said))
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    assert sorted(os.listdir(out)) == before and os.listdir(waiting(out)) == []
    return str(caught.value), said


def _noting(request: ReportRequest, said: list[Event]) -> Iterator[Event]:
    for event in report(request):
        said.append(event)
        yield from ()


def waiting(out: Path) -> Path:
    """Return the folder for temporary files of a run that writes into `out`."""
    folder = out.parent / f"{out.name}_waiting"
    folder.mkdir(exist_ok=True)
    return folder


def strict(path: Any) -> Any:
    """Return what a file of strict JSON holds."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=refuse)
