"""`models`: list the models that are there, show what one says of itself, take one in or remove one."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import ModelsRequest
from .pair import add_talk


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("models", help="list the models that are there, show one, take one in, or remove one")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the model to show, or its name (default: list all)")
    parser.add_argument(
        "--folder",
        action="append",
        default=[],
        metavar="FOLDER",
        help="where models lie, too; may be repeated.  The first takes the place of your own folder of models",
    )
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--import", dest="imported", metavar="FILE", help="check a model and take it into your folder")
    change.add_argument("--remove", metavar="NAME", help="remove a model from your folder, by its name or file")
    parser.add_argument("--mlm", metavar="OUT.json", help="write FILE's card as a STAC item (MLM extension)")
    parser.add_argument("--html", metavar="OUT.html", help="write the cards as a page")
    add_talk(parser)
    parser.set_defaults(start=_start, usage=parser.error)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.library import SHIPPED, home, present
    from ..jobs.models import models

    action = "import" if options.imported is not None else "remove" if options.remove is not None else "list"
    if action != "list" and options.file is not None:
        options.usage(f"--{action} names its model itself: leave out {options.file}")
    request = ModelsRequest(
        action=action,
        file=options.file if action == "list" else options.imported or options.remove,
        directories=(*present(SHIPPED), *options.folder),
        folder=options.folder[0] if options.folder else str(home()),
        out_mlm=options.mlm,
        out_html=options.html,
    )
    return models(request)
