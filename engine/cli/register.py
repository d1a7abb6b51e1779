"""`register`: say how far MS lies from PAN, and draw the shifts from place to place."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import RegisterRequest
from .pair import pair_of


def add(verbs: Any, pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("register", parents=[pair], help="say how far MS lies from PAN, and where")
    parser.add_argument(
        "--out", default="", metavar="FILE", help="a .gpkg or .geojson to write, with the shifts from place to place"
    )
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="(default: all cores)")
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.register import register

    return register(RegisterRequest(**pair_of(options), out=options.out, threads=options.threads))
