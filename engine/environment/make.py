"""Make an environment as planned: whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass

from ..errors import EngineError, InputError, OutputError, without_secrets
from .child import cleaned, lines
from .managed import locked, mark, marker
from .plan import Plan
from .probe import Answer, probe
from .words import explained

_VENV, _FILLED = 0.08, 0.9  # the shares of the whole at which the steps end
_INDICES = ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
_MARGIN_MB = 200  # left over for everybody else on the disk


@dataclass(frozen=True)
class Step:
    """How far it is; `line` is what the installer says, if it says anything."""

    fraction: float
    stage: str
    line: str = ""


@dataclass(frozen=True)
class Made:
    """A finished environment: `answer` is what its Python says, `new` whether it was made just now."""

    answer: Answer
    new: bool


def make(plan: Plan, update: bool = False, proxy: str = "") -> Generator[Step, None, Made]:
    """Make the environment, or find it made; yield at least every 0.2 s.

    A half-made or broken one is made again, a sound one only for an `update`; where that fails, what was finished
    before comes back.  Closing the generator kills the installer and removes what it began.  `proxy` is an address
    and never said.  Raise EngineError where it cannot be made.
    """
    directory = os.path.dirname(plan.folder)
    try:
        os.makedirs(directory, exist_ok=True)
        with locked(directory) as lock:
            return (yield from _made(plan, update, proxy, lock))
    except OSError as error:
        if isinstance(error, EngineError):
            raise
        raise OutputError(
            f"The environment in {plan.folder} cannot be written ({error.strerror or error}).",
            "Choose a folder that is yours, on a disk with room.",
        ) from error


def _made(plan: Plan, update: bool, proxy: str, lock: int) -> Generator[Step, None, Made]:
    aside = f"{plan.folder}.old"
    if os.path.isdir(aside):  # an update was killed
        if marker(plan.folder) is None:
            _removed(plan.folder)
            os.rename(aside, plan.folder)
        else:
            _removed(aside)
    noted = marker(plan.folder)
    if noted is not None and noted.get("digest") == plan.digest and not update:
        answer = yield from _tried(plan, 0.0)
        if answer.usable:
            return Made(answer, new=False)
        yield Step(0.0, "Checking", f"The environment there is broken and is made again. {answer.problem}")
    if noted is not None:
        os.rename(plan.folder, aside)
    else:
        _removed(plan.folder)
    done = False
    try:
        _check_room(plan)
        yield from _built(plan, proxy, lock)
        answer = yield from _tried(plan, _FILLED)
        if not answer.usable:
            raise InputError(
                f"The packages are installed, but models do not run. {answer.problem}",
                "On Windows, install the Microsoft Visual C++ runtime; elsewhere try the build for the CPU.",
            )
        mark(plan.folder, {"digest": plan.digest, "requirements": plan.requirements, "packages": answer.packages})
        done = True
    finally:
        if not done:
            _removed(plan.folder)
            if noted is not None:
                os.rename(aside, plan.folder)
    if noted is not None:
        _removed(aside)
    return Made(answer, new=True)


def _check_room(plan: Plan) -> None:
    needed = (plan.disk_mb or 0) + _MARGIN_MB
    if plan.free_mb < needed:
        raise OutputError(
            f"The environment needs about {needed} MB, and {os.path.dirname(plan.folder)} has {plan.free_mb} MB free.",
            "Make room, or choose a folder on another disk.",
        )


def _built(plan: Plan, proxy: str, lock: int) -> Generator[Step, None, None]:
    free, expected = plan.free_mb, (plan.disk_mb or 1000) + (plan.download_mb or 0)
    unpacking = f"{plan.folder}.unpack"  # a fixed name, so that the next run finds what a killed one left
    _removed(unpacking)
    os.mkdir(unpacking)
    environment, fraction = _environment(plan, proxy, unpacking), 0.0
    try:
        for command in plan.commands:
            filling = command is not plan.commands[0]
            said: deque[str] = deque(maxlen=200)
            # The installer holds the lock too: where this process is killed and it is not, nobody gets in its way.
            talk = lines(command, environment, holding=(lock,))
            try:
                while True:
                    line = next(talk)
                    if line:
                        said.append(without_secrets(line))
                    if filling:  # installers say little about how far they are; what they have written tells
                        share = min(max((free - plan.free_mb) / expected, 0.0), 1.0)
                        fraction = max(fraction, _VENV + (_FILLED - _VENV) * share)
                    stage = "Installing packages" if filling else "Making the environment"
                    yield Step(fraction, stage, said[-1] if line else "")
            except StopIteration as end:
                if end.value != 0:
                    raise explained(said, end.value) from None
            finally:
                talk.close()
    finally:
        _removed(unpacking)


def _environment(plan: Plan, proxy: str, unpacking: str) -> dict[str, str]:
    environment = {
        **cleaned(os.environ),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), unpacking),  # a system's own may be small, or in memory
    }
    if plan.own_wheels:  # the folder is all there is, whatever is configured
        environment = {name: value for name, value in environment.items() if name not in _INDICES}
        environment["PIP_CONFIG_FILE"] = os.devnull
    if proxy:
        environment.update(dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy))
    return environment


def _tried(plan: Plan, fraction: float) -> Generator[Step, None, Answer]:
    question = probe(plan.program)
    try:
        while True:
            next(question)
            yield Step(fraction, "Trying the devices")
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    finally:
        question.close()


def _removed(folder: str) -> None:
    """Remove the folder.  Raise OutputError where it stays: on Windows that of a running program does."""
    shutil.rmtree(folder, ignore_errors=True)
    if os.path.exists(folder):
        raise OutputError(
            f"{folder} cannot be removed: a program in it may be running.", "End that program, then run it again."
        )
