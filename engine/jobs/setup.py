"""Make an environment that models run in: say first what, from where, how much and into which folder, then do it."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Optional

from ..environment.child import shown
from ..environment.make import Made, Step, make
from ..environment.plan import Plan, driver_version, plan
from ..environment.probe import PACKAGES
from ..environment.pythons import find
from ..errors import without_secrets
from ..events import Event, Finished, Noted, Progress, Started, Warned
from ..request import SetupRequest
from .check import fastest
from .patience import while_waiting


def setup(request: SetupRequest) -> Generator[Event, None, None]:
    """Make the environment.  Yield events at least every 0.2 s.

    Closing the generator stops it within a second and leaves no half-made environment.  Raise EngineError where it
    cannot be made.
    """
    begun = time.monotonic()
    python = yield from while_waiting(find(request.python), 0.0, "Looking for a Python")
    driver: Optional[int] = None
    if request.variant != "cpu" and not request.wheels and not request.index_url:
        driver = yield from while_waiting(driver_version(), 0.0, "Looking for an NVIDIA driver")
    planned = plan(python, request.folder, request.variant, request.wheels, request.index_url, driver)
    facts = _facts(planned)
    yield Started("setup", facts)
    for line in _announced(planned, facts):
        yield Noted(line)
    if request.dry_run:
        yield Progress(1.0, "Done")
        yield Finished({**facts, **_found(None), "seconds": round(time.monotonic() - begun, 3)})
        return
    made = yield from _followed(make(planned, request.update, request.proxy))
    yield Noted("The environment is ready." if made.new else "The environment was there already, and works.")
    for device in made.answer.devices:
        if not device["works"]:
            yield Warned(f"{device['name']} ({device['title']}) does not compute: {device['problem']}")
    yield Progress(1.0, "Done")
    yield Finished({**facts, **_found(made), "seconds": round(time.monotonic() - begun, 3)})


def _followed(steps: Generator[Step, None, Made]) -> Generator[Event, None, Made]:
    try:
        while True:
            step = next(steps)
            if step.line:
                yield Noted(step.line)
            yield Progress(step.fraction, step.stage)
    except StopIteration as end:
        made: Made = end.value
        return made
    finally:
        steps.close()


def _facts(planned: Plan) -> dict[str, Any]:
    return {
        "folder": planned.folder,
        "python": planned.program,
        "made_from": planned.python.path,
        "variant": planned.variant,
        "requirements": list(planned.requirements),
        "source": without_secrets(planned.source),
        "download_mb": planned.download_mb,
        "disk_mb": planned.disk_mb,
        "free_mb": planned.free_mb,
        "commands": [without_secrets(shown(command)) for command in planned.commands],
    }


def _announced(planned: Plan, facts: dict[str, Any]) -> list[str]:
    fetched, disk = _amount(planned.download_mb), _amount(planned.disk_mb)
    version = ".".join(map(str, planned.python.version))
    return [
        f"Packages: {', '.join(planned.requirements)}, from {facts['source']}. {planned.reason}",
        f"To fetch: about {fetched}; on disk: about {disk}, of {facts['free_mb']} MB free.",
        f"Folder: {planned.folder}, made from Python {version} ({planned.python.path}).",
        "Commands:",
        *facts["commands"],
    ]


def _amount(megabytes: Optional[int]) -> str:
    return "an unknown amount" if megabytes is None else f"{megabytes} MB"


def _found(made: Optional[Made]) -> dict[str, Any]:
    """Return what the finished environment has; nothing of all that where none was made."""
    answer = made.answer if made else None
    packages = (answer.packages or {}) if answer else {}
    return {
        "made": made is not None and made.new,
        **{name: packages.get(name, "") for name in PACKAGES},
        "device": fastest(answer) if answer else "",
        "devices": list(answer.devices) if answer else [],
    }
