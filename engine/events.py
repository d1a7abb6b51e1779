"""What a running job answers: small frozen messages, each one JSON line.

A job is a generator of these.  It answers at least every 0.2 s, so that its caller can show progress, keep a
window alive and stop it by closing the generator.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any, Union

from .errors import without_secrets


@dataclass(frozen=True)
class Started:
    """The job understood what to do; `facts` is what it found out before the work (grids, sensor, method, sizes)."""

    verb: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", _tellable(self.facts))


@dataclass(frozen=True)
class Progress:
    """`fraction` of the whole run, 0 to 1, never falling; `stage` is a word or two for people."""

    fraction: float
    stage: str


@dataclass(frozen=True)
class Noted:
    """A fact worth a line in the log."""

    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", without_secrets(self.message))


@dataclass(frozen=True)
class Warned:
    """Something the user should know about the result, with a remedy."""

    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", without_secrets(self.message))


@dataclass(frozen=True)
class Metric:
    """One measured number."""

    name: str
    value: float


@dataclass(frozen=True)
class Finished:
    """The last message of a job that worked; `result` is what `--json` prints and QGIS declares as outputs."""

    result: dict[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "result", _tellable(self.result))


@dataclass(frozen=True)
class Failed:
    """The last message of a job that did not work, for channels that cannot carry an exception."""

    fact: str
    remedy: str
    exit_code: int


Event = Union[Started, Progress, Noted, Warned, Metric, Finished, Failed]


def _tellable(value: Any) -> Any:
    """Return `value` with texts that may be passed on: results end up in logs, and those in reports of mistakes."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {name: _tellable(item) for name, item in value.items()}
    return type(value)(map(_tellable, value)) if type(value) in (list, tuple) else value


def plain(value: Any) -> Any:
    """Return `value` as strict JSON knows it: numbers that are not finite become None, tuples become lists."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def to_json(event: Event) -> str:
    """Return the event as one line of JSON, its kind under "event"."""
    return json.dumps({"event": type(event).__name__.lower(), **plain(asdict(event))}, allow_nan=False)
