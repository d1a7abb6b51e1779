"""`python -m engine VERB`: results on stdout, talk on stderr; exit 0, 1 (mistake), 2 (usage), 130 (interrupted)."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from collections.abc import Sequence
from typing import Any, Optional

from .. import __version__
from ..errors import EngineError, Interrupted
from ..events import plain
from . import describe, evaluate, sharpen, simulate
from .pair import pair_options
from .talk import follow, say, table

_CACHE_MB = 128  # GDAL's own default is a twentieth of the machine
_VERBS = (describe, evaluate, sharpen, simulate)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run one verb and return the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(name)s: %(message)s")
    # A terminated job cleans up as an interrupted one does.  One started to ignore an interruption goes on doing so.
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        result = _run(options)
    except KeyboardInterrupt:
        say(f"Error: {Interrupted()}")
        return Interrupted.exit_code
    except EngineError as error:
        say(f"Error: {error}")
        return error.exit_code
    text = json.dumps(plain(result), allow_nan=False) + "\n" if options.json else table(result)
    encoding = sys.stdout.encoding or "utf-8"  # a pipe may know fewer letters than the names of bands and files hold
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    return 0


def _run(options: argparse.Namespace) -> dict[str, Any]:
    from ..jobs.memory import limit_cache  # GDAL is loaded when a verb needs it, not for --help

    limit_cache(_CACHE_MB)
    return follow(options.start(options), options.quiet)


def _interrupt(_signal: int, _frame: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # so that an impatient second one does not disturb the cleaning up
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine",
        description="Pansharpening: fuse a sharp panchromatic and a coarse multispectral image.",
    )
    parser.add_argument("--version", action="version", version=f"ksdiff {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    pair = pair_options()
    for verb in _VERBS:
        verb.add(verbs, pair)
    return parser
