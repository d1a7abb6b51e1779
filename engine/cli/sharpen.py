"""`sharpen`: write the sharpened image."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import (
    CLASSICAL,
    CONTEXTS,
    DATA_TYPES,
    DEFAULT_METHOD,
    FORMATS,
    LEARNED,
    METHODS,
    REGISTRATIONS,
    RESAMPLINGS,
    SharpenRequest,
)
from .pair import add_computing, add_coverage, add_model_folders, add_work, among, key, pair_of, python_of


def add(verbs: Any, pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("sharpen", parents=[pair], help="write the sharpened image")
    add_coverage(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="the GeoTIFF to write")
    parser.add_argument(
        "--method",
        type=key,
        default=DEFAULT_METHOD,
        choices=(*METHODS, LEARNED),
        metavar="NAME",
        help=f"{among((*METHODS, LEARNED), DEFAULT_METHOD)}; where no model can work, {CLASSICAL} with a warning",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help=f"the file of a model, or the name of one that 'models' lists (default for {LEARNED}: the one made for "
        "this sensor)",
    )
    add_model_folders(parser)
    parser.add_argument(
        "--adapt",
        type=float,
        default=0.0,
        metavar="MINUTES",
        help="let a model for any sensor learn from the pair for so long first (default: not at all)",
    )
    add_computing(parser)
    parser.add_argument(
        "--context",
        type=key,
        choices=CONTEXTS,
        default="scene",
        help="what a model makes its kernels for: all of the scene, or each part of it (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the model's noise (default: %(default)s)")
    parser.add_argument("--weights", type=float, nargs="+", metavar="W", help="share of each band in PAN")
    parser.add_argument(
        "--resampling",
        type=key,
        choices=RESAMPLINGS,
        default="polynomial",
        metavar="NAME",
        help=among(RESAMPLINGS, "polynomial"),
    )
    parser.add_argument(
        "--register",
        type=key,
        choices=REGISTRATIONS,
        default="report",
        help="what is done about a shift of MS: it is said (and taken away for a model where neither image "
        "names a coordinate system), taken away as a whole, or from place to place as well "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--shifts", default="", metavar="FILE", help="a .gpkg or .geojson to write, with the shifts from place to place"
    )
    parser.add_argument("--type", choices=DATA_TYPES, default="same", help="data type (default: that of MS)")
    parser.add_argument("--format", choices=FORMATS, default="gtiff", help="(default: %(default)s)")
    parser.add_argument("--co", action="append", default=[], metavar="NAME=VALUE", help="a GDAL creation option")
    parser.add_argument("--overviews", action="store_true", help="build overviews")
    parser.add_argument("--resume", action="store_true", help="go on where an earlier run was ended")
    add_work(parser, tile=1024)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.sharpen import sharpen

    if options.resume:
        options.kept = "What is done is kept: add --resume to go on."
    request = SharpenRequest(
        **pair_of(options),
        coverage=options.coverage,
        out=options.out,
        method=options.method,
        weights=tuple(options.weights or ()),
        resampling=options.resampling,
        data_type=options.type,
        format=options.format,
        options=tuple(options.co),
        overviews=options.overviews,
        threads=options.threads,
        tile_size=options.tile,
        model=options.model,
        model_folders=tuple(options.models),
        context=options.context,
        device=options.device,
        seed=options.seed,
        python=python_of(options),
        resume=options.resume,
        adapt=options.adapt,
        register=options.register,
        out_shifts=options.shifts,
    )
    return sharpen(request)
