"""`describe`: say how a pair fits together; write nothing."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import DescribeRequest
from .pair import add_coverage, pair_of


def add(verbs: Any, pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("describe", parents=[pair], help="say how a pair fits together; write nothing")
    add_coverage(parser)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.describe import describe

    return describe(DescribeRequest(**pair_of(options), coverage=options.coverage))
