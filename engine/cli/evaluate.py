"""`evaluate`: how near a fused image is to a reference."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import EvaluateRequest
from .pair import add_talk


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("evaluate", help="compare a fused image with a reference on its grid")
    parser.add_argument("--fused", required=True, metavar="FILE", help="the fused image")
    parser.add_argument("--reference", required=True, metavar="FILE", help="the truth, of the same bands")
    parser.add_argument("--ratio", required=True, type=float, help="PAN pixels per MS pixel, which ERGAS needs")
    parser.add_argument("--border", type=int, default=0, metavar="PIXELS", help="left out along each edge (default: 0)")
    parser.add_argument("--nodata", type=float, metavar="VALUE", help="what is no data, whatever the files declare")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="(default: all cores)")
    add_talk(parser)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.evaluate import evaluate

    request = EvaluateRequest(
        fused=options.fused,
        reference=options.reference,
        ratio=options.ratio,
        border=options.border,
        nodata=options.nodata,
        threads=options.threads,
    )
    return evaluate(request)
