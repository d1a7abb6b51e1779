"""`assess`: how faithful a sharpened image is to its PAN and MS."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import AssessRequest
from .pair import add_work, pair_of


def add(verbs: Any, pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("assess", parents=[pair], help="compare a sharpened image with its PAN and MS")
    parser.add_argument("--fused", required=True, metavar="FILE", help="the image, with the bands of MS in their order")
    add_work(parser, tile=1024)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.assess import assess

    request = AssessRequest(**pair_of(options), fused=options.fused, threads=options.threads, tile_size=options.tile)
    return assess(request)
