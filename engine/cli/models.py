"""`models`: list the models that are there, or show what one says of itself."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import ModelsRequest
from .pair import add_talk


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("models", help="list the models that are there, or show what one says of itself")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the model to show (default: list all)")
    parser.add_argument(
        "--folder", action="append", default=[], metavar="FOLDER", help="list the models in it, too; may be repeated"
    )
    parser.add_argument("--mlm", metavar="OUT.json", help="write FILE's card as a STAC item (MLM extension)")
    add_talk(parser)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.models import SHIPPED, models

    shipped = [str(SHIPPED)] if SHIPPED.is_dir() else []
    request = ModelsRequest(file=options.file, directories=(*shipped, *options.folder), out_mlm=options.mlm)
    return models(request)
