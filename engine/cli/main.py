"""`python -m engine VERB`: results on stdout, talk on stderr; exit 0, 1 (mistake), 2 (usage), 130 (interrupted)."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from .. import __version__
from ..errors import EngineError, Interrupted, OutputError
from ..events import plain
from ..jobs.mishap import explained
from . import (
    adapt,
    assess,
    check,
    describe,
    evaluate,
    models,
    register,
    report,
    setup,
    sharpen,
    simulate,
    train,
    trainingset,
)
from .pair import pair_options
from .talk import Interruption, follow, say, table

_CACHE_MB = 128  # GDAL's own default is a twentieth of the machine
_LEAST_MB, _LEAST_MB_PER_CORE = 768, 40  # of addresses: what the libraries take, and each thread that they start
_VERBS = (
    adapt,
    assess,
    check,
    describe,
    evaluate,
    models,
    register,
    report,
    setup,
    sharpen,
    simulate,
    train,
    trainingset,
)
_log = logging.getLogger(__name__)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run one verb and return the exit code."""
    try:
        with _stdout_written():  # by --help and --version
            options = _parser().parse_args(arguments)
    except OutputError as error:
        return _failed(error)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(name)s: %(message)s")
    interruption = Interruption()
    # A terminated job cleans up as an interrupted one does.  One started to ignore an interruption goes on doing so.
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interruption.ask)
    try:
        _print(_run(options, interruption), options.json)
    except EngineError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - ours to mend: a sentence is of more use to people than a traceback
        _log.info("", exc_info=True)
        return _failed(explained(error, shlex.join(sys.argv if arguments is None else arguments)))
    return 0


def _run(options: argparse.Namespace, interruption: Interruption) -> dict[str, Any]:
    try:
        _check_memory()
        _check_folder()
        from ..jobs.memory import limit_cache  # GDAL is loaded when a verb needs it, not for --help

        limit_cache(_CACHE_MB)
        return follow(options.start(options), options.quiet, interruption)
    except Exception as error:
        if interruption.asked:  # an import or a call of GDAL's that was stopped can name another reason
            raise (Interrupted(options.kept) if options.kept else Interrupted()) from error
        raise


def _check_memory() -> None:
    """Raise EngineError where so little memory is allowed that libraries, once loaded, wait for more without an end."""
    if sys.platform == "win32":
        return
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    least = _LEAST_MB + _LEAST_MB_PER_CORE * (os.cpu_count() or 1)
    if allowed != resource.RLIM_INFINITY and allowed < least << 20:
        raise EngineError(
            f"This process may use {allowed >> 20} MB of memory, and {least} MB is the least it can work with.",
            "Raise the limit, for example with 'ulimit -v'.",
        )


def _check_folder() -> None:
    """Raise EngineError where the current folder is gone: names in it mean nothing, and libraries do not load."""
    try:
        os.getcwd()
    except OSError as error:
        raise EngineError(
            f"The current folder is not there any more ({error.strerror}).", "Change to another, and run it again."
        ) from error


def _print(result: dict[str, Any], as_json: bool) -> None:
    text = json.dumps(plain(result), allow_nan=False) + "\n" if as_json else table(result)
    if sys.stdout is None:
        raise _unwritten("it is closed")
    encoding = sys.stdout.encoding or "utf-8"  # a pipe may know fewer letters than names of bands and files
    with _stdout_written():
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


@contextlib.contextmanager
def _stdout_written() -> Iterator[None]:
    """Raise OutputError where what is written to stdout meanwhile does not get there."""
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except OSError as error:
        with contextlib.suppress(OSError):
            sys.stdout.close()  # or Python tries once more at its end, and complains
        raise _unwritten(error.strerror or type(error).__name__) from error


def _unwritten(reason: str) -> OutputError:
    return OutputError(
        f"The answer could not be written to the standard output ({reason}).",
        "The job itself is done; send the answer elsewhere.",
    )


def _failed(error: EngineError) -> int:
    say(f"Error: {error}")
    return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine",
        description="Pansharpening: fuse a sharp panchromatic and a coarse multispectral image.",
    )
    parser.set_defaults(kept="")  # a verb that keeps something when it is stopped says what
    parser.add_argument("--version", action="version", version=f"ksdiff {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    pair = pair_options()
    for verb in _VERBS:
        verb.add(verbs, pair)
    return parser
