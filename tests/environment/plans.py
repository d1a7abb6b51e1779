"""Plans that are carried out in a second, and how work is run to its end or closed on the way."""

from __future__ import annotations

import platform
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional, TypeVar

from engine.environment.make import Made, Step, make
from engine.environment.plan import Plan, plan
from engine.environment.pythons import Interpreter, installed

T = TypeVar("T")
UNPACK = (
    "import glob, sys, sysconfig, zipfile\n"
    "for wheel in glob.glob(glob.escape(sys.argv[1]) + '/*.whl'):\n"
    "    zipfile.ZipFile(wheel).extractall(sysconfig.get_path('purelib'))\n"
    "    print('Unpacked', wheel)\n"
)


def this_python(**changes: Any) -> Interpreter:
    """Return the Python under the tests."""
    version = (sys.version_info[0], sys.version_info[1], sys.version_info[2])
    found = Interpreter(installed() or sys.executable, version, sys.platform, platform.machine().lower())
    return replace(found, **changes)


def quick_plan(folder: Path, wheels: Path, fill: Optional[str] = None) -> Plan:
    """Return a plan that fills the environment by `fill`, a program in Python."""
    full = plan(this_python(), str(folder), "cpu", str(wheels), "", None)
    empty = (full.python.path, "-m", "venv", "--without-pip", full.folder)
    return replace(full, commands=(empty, (full.program, "-c", fill or UNPACK, str(wheels))))


def end_of(work: Generator[Any, None, T]) -> T:
    """Run `work` to its end and return what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


def made(planned: Plan, **options: Any) -> tuple[Made, list[Step]]:
    """Make the environment; return it, and all that was said."""
    steps: list[Step] = []
    work = make(planned, **options)
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return end.value, steps
