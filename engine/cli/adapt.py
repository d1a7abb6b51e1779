"""`adapt`: let a model for any sensor learn from the pair in hand."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import AdaptRequest
from .pair import add_computing, add_model_folders, pair_of, python_of


def add(verbs: Any, pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "adapt", parents=[pair], help="let a model for any sensor learn from the pair, and write what it becomes"
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="the model to write, a .safetensors file")
    parser.add_argument(
        "--model", metavar="MODEL", help="the model to begin with, a file or a name (default: the one made for this)"
    )
    add_model_folders(parser)
    parser.add_argument(
        "--minutes",
        type=float,
        default=AdaptRequest.minutes,
        metavar="N",
        help="how long it learns (default: %(default)g)",
    )
    add_computing(parser)
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the order of samples (default: %(default)s)"
    )
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="(default: all cores)")
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.adapt import adapt

    request = AdaptRequest(
        **pair_of(options),
        out=options.out,
        model=options.model,
        model_folders=tuple(options.models),
        minutes=options.minutes,
        threads=options.threads,
        device=options.device,
        seed=options.seed,
        python=python_of(options),
    )
    return adapt(request)
