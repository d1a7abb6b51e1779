"""`simulate`: write a coarser pair whose truth is the original MS."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import CONVENTIONS, SimulateRequest
from .pair import add_work, pair_of


def add(verbs: Any, pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "simulate", parents=[pair], help="degrade a pair by its own ratio, so that the original MS is the truth"
    )
    parser.add_argument("--out-pan", required=True, metavar="FILE", help="the coarser PAN, a GeoTIFF to write")
    parser.add_argument("--out-ms", required=True, metavar="FILE", help="the coarser MS")
    parser.add_argument(
        "--out-reference", required=True, metavar="FILE", help="the original MS, on the grid of coarser PAN"
    )
    parser.add_argument(
        "--convention",
        choices=CONVENTIONS,
        default="geometric",
        help="true to the georeferencing, or as the field's reference toolbox does it (default: %(default)s)",
    )
    add_work(parser, tile=2048)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.simulate import simulate

    request = SimulateRequest(
        **pair_of(options),
        out_pan=options.out_pan,
        out_ms=options.out_ms,
        out_reference=options.out_reference,
        convention=options.convention,
        threads=options.threads,
        tile_size=options.tile,
    )
    return simulate(request)
