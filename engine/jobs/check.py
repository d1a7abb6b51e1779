"""Say what is there to run models with: which Python, with which packages, on which devices.  Nothing is changed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Generator
from typing import Optional

from ..environment.managed import finished
from ..environment.probe import PACKAGES, Answer, probe
from ..environment.pythons import own, program
from ..events import Event, Finished, Noted, Progress, Warned
from ..request import CheckRequest
from .patience import while_waiting

REMEDY = "Run the algorithm 'Set up environment' (on the command line: setup), or name a Python that has PyTorch."


def check(request: CheckRequest) -> Generator[Event, None, None]:
    """Yield what is found; the last event carries it all.  That nothing is found is an answer, and no error."""
    begun = time.monotonic()
    asked: list[dict[str, str]] = []
    used, used_for = Answer(""), ""
    places = list(_places(request))
    for position, (python, reason) in enumerate(places):
        fraction = position / len(places)
        answer = yield from while_waiting(probe(python, python == own()), fraction, "Asking for packages and devices")
        asked.append({"python": answer.python, "reason": reason, "problem": answer.problem})
        yield Noted(_sentence(answer, reason))
        if answer.usable:
            used, used_for = answer, reason
            break
    if not used.python:
        yield Warned(f"Models cannot be run: no Python was found that can. {REMEDY}")
    for device in used.devices:
        if not device["works"]:
            yield Warned(f"{device['name']} ({device['title']}) does not compute: {device['problem']}")
    yield Progress(1.0, "Done")
    packages = used.packages or {}
    yield Finished(
        {
            "usable": bool(used.python),
            "python": used.python,
            "reason": used_for,
            "version": used.version,
            **{name: packages.get(name, "") for name in PACKAGES},
            "device": fastest(used),
            "devices": list(used.devices),
            "asked": asked,
            "folder": request.folder,
            "free_mb": _free_mb(request.folder),
            "seconds": round(time.monotonic() - begun, 3),
        }
    )


def _places(request: CheckRequest) -> Generator[tuple[str, str], None, None]:
    """Yield the Pythons to ask, and why each."""
    if request.python is not None:
        yield program(request.python), "it was named"
        return
    if request.folder:
        for python in finished(request.folder):
            yield python, "it was set up for models"
    ours = own()
    if ours is not None:
        yield ours, "it runs this program"


def fastest(answer: Answer) -> str:
    """Return the device that AUTO takes: a graphics card before the processor; empty where none computes."""
    return answer.works_on[1] if len(answer.works_on) > 1 else "".join(answer.works_on)


def _sentence(answer: Answer, reason: str) -> str:
    if not answer.usable:
        return f"{answer.python} ({reason}): {answer.problem}"
    devices = "; ".join(
        f"{device['name']} ({device['title']}) "
        + (f"computes, {device['seconds'] * 1e3:.3g} ms" if device["works"] else "does not compute")
        for device in answer.devices
    )
    packages = ", ".join(f"{name} {version}" for name, version in (answer.packages or {}).items())
    return f"{answer.python} ({reason}): Python {answer.version}, {packages}; {devices}."


def _free_mb(folder: str) -> Optional[int]:
    """Return the free space where environments are made; None where that is nowhere."""
    place = os.path.abspath(folder) if folder else ""
    while place and not os.path.isdir(place):
        place = os.path.dirname(place) if os.path.dirname(place) != place else ""
    return shutil.disk_usage(place).free // 10**6 if place else None
