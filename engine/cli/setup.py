"""`setup`: make an environment that models run in."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import VARIANTS, SetupRequest
from .pair import add_talk


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("setup", help="make an environment with PyTorch, which models need")
    parser.add_argument("--folder", required=True, metavar="FOLDER", help="it gets a folder of its own in there")
    parser.add_argument("--variant", choices=VARIANTS, default="auto", help="(default: %(default)s, by the driver)")
    parser.add_argument("--wheels", default="", metavar="FOLDER", help="take packages from this folder, no network")
    parser.add_argument("--index-url", default="", metavar="URL", help="take packages from this index")
    parser.add_argument("--python", metavar="FILE", help="make it from this Python (default: look for one)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--update", action="store_true", help="make it again even where it is there and works")
    add_talk(parser)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.setup import setup

    names = ("folder", "variant", "wheels", "index_url", "python", "dry_run", "update")
    return setup(SetupRequest(**{name: getattr(options, name) for name in names}))
