"""`report`: judge images and methods on a pair, and write what was found."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import METHODS, ReportRequest
from .pair import add_computing, add_work, among, key, pair_of, python_of

_COMPARED = ("brovey", "gsa", "mtf-glp-fs")


def add(verbs: Any, pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("report", parents=[pair], help="judge images and methods on a pair, for people to read")
    parser.add_argument("--fused", nargs="+", default=[], metavar="FILE", help="sharpened images on the grid of PAN")
    parser.add_argument(
        "--methods",
        nargs="*",
        type=key,
        choices=METHODS,
        default=list(_COMPARED),
        metavar="NAME",
        help=f"methods to run and judge as well, {among(METHODS, ' '.join(_COMPARED))}",
    )
    parser.add_argument("--models", nargs="+", default=[], metavar="FILE", help="models to run and judge as well")
    add_computing(parser)
    parser.add_argument("--reference", metavar="FILE", help="the truth on the grid of PAN, where it is known")
    parser.add_argument("--border", type=int, default=0, metavar="PIXELS", help="left out when comparing (default: 0)")
    parser.add_argument("--html", default="", metavar="FILE", help="the report")
    parser.add_argument("--numbers", default="", metavar="FILE", help="all numbers as JSON")
    parser.add_argument("--csv", default="", metavar="FILE", help="all numbers as a table")
    parser.add_argument("--error", default="", metavar="FILE", help="errors of the first image as a GeoTIFF")
    parser.add_argument("--folder", default="", metavar="FOLDER", help="where images wait (default: the system's)")
    add_work(parser, tile=1024)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.report import report

    request = ReportRequest(
        **pair_of(options),
        fused=tuple(options.fused),
        methods=tuple(options.methods),
        models=tuple(options.models),
        device=options.device,
        python=python_of(options),
        reference=options.reference,
        border=options.border,
        out_html=options.html,
        out_json=options.numbers,
        out_csv=options.csv,
        out_error=options.error,
        folder=options.folder,
        threads=options.threads,
        tile_size=options.tile,
    )
    return report(request)
