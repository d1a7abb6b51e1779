"""`check`: say what is there to run models with."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import CheckRequest
from .pair import add_talk


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("check", help="say what is there to run models with; nothing is changed")
    parser.add_argument("--python", metavar="FILE", help="ask this Python alone (default: look for one)")
    parser.add_argument("--folder", default="", metavar="FOLDER", help="where environments were set up")
    add_talk(parser)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.check import check

    return check(CheckRequest(python=options.python, folder=options.folder))
