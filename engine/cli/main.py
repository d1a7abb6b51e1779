"""`python -m engine VERB`: results on stdout, talk on stderr; exit 0, 1 (mistake), 2 (usage), 130 (interrupted)."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import time
from collections.abc import Generator, Sequence
from typing import Any, Optional

from .. import __version__
from ..errors import EngineError, Interrupted
from ..events import Event, Finished, Noted, Progress, Warned, plain
from ..request import (
    COVERAGES,
    DATA_TYPES,
    DEFAULT_METHOD,
    FORMATS,
    METHODS,
    RESAMPLINGS,
    DescribeRequest,
    SharpenRequest,
)

_CACHE_MB = 128  # GDAL's own default is a twentieth of the machine


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
        _say(f"Error: {Interrupted()}")
        return Interrupted.exit_code
    except EngineError as error:
        _say(f"Error: {error}")
        return error.exit_code
    text = json.dumps(plain(result), allow_nan=False) + "\n" if options.json else _table(result)
    encoding = sys.stdout.encoding or "utf-8"  # a pipe may know fewer letters than the names of bands and files hold
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    return 0


def _run(options: argparse.Namespace) -> dict[str, Any]:
    from ..jobs.memory import limit_cache  # GDAL is loaded when a verb needs it, not for --help

    limit_cache(_CACHE_MB)
    if options.verb == "describe":
        from ..jobs.describe import describe

        return _follow(describe(DescribeRequest(**_pair(options))), options.quiet)
    from ..jobs.sharpen import sharpen

    request = SharpenRequest(
        **_pair(options),
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
    )
    return _follow(sharpen(request), options.quiet)


def _follow(events: Generator[Event, None, None], quiet: bool) -> dict[str, Any]:
    """Tell stderr what happens and return the result."""
    line = _ProgressLine(quiet)
    result: dict[str, Any] = {}
    try:
        for event in events:
            if isinstance(event, Progress):
                line.show(event)
            elif isinstance(event, Warned):
                line.end()
                _say(f"Warning: {event.message}")
            elif isinstance(event, Noted) and not quiet:
                line.end()
                _say(event.message)
            elif isinstance(event, Finished):
                result = event.result
    finally:
        events.close()
        line.end()
    return result


class _ProgressLine:
    """One line on a terminal, rewritten in place; a line every ten seconds elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._on = not quiet
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._begun = self._shown = time.monotonic()
        self._open = False

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._on or now - self._shown < (0.2 if self._terminal else 10.0):
            return
        self._shown = now
        left = ""
        if progress.fraction > 0.05:
            left = f", {(now - self._begun) * (1.0 - progress.fraction) / progress.fraction:.0f} s left"
        text = f"{progress.stage}: {progress.fraction:.0%}{left}"
        if self._terminal:
            sys.stderr.write(f"\r{text:<70}")
            sys.stderr.flush()
            self._open = True
        else:
            _say(text)

    def end(self) -> None:
        if self._open:
            sys.stderr.write("\r" + " " * 70 + "\r")
            self._open = False


def _table(result: dict[str, Any]) -> str:
    lines = []
    for key, value in result.items():
        if isinstance(value, (dict, list)):
            value = json.dumps(plain(value), ensure_ascii=False)
        elif isinstance(value, float):
            value = f"{value:.6g}"
        lines.append(f"{key:<14} {value}")
    return "\n".join(lines) + "\n"


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def _interrupt(_signal: int, _frame: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # so that an impatient second one does not disturb the cleaning up
    raise KeyboardInterrupt


def _key(name: str) -> str:
    """Return a name as we spell it: people write MTF_GLP_FS and Brovey too."""
    return name.strip().lower().replace("_", "-")


def _among(names: Sequence[str], default: str) -> str:
    return f"one of {', '.join(names)} (default: {default})"


def _pair(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "pan": options.pan,
        "ms": tuple(options.ms),
        "pan_band": options.pan_band,
        "bands": tuple(options.bands or ()),
        "sensor": options.sensor,
        "nodata": options.nodata,
        "extent": None if options.extent is None else tuple(options.extent),
        "coverage": options.coverage,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine",
        description="Pansharpening: fuse a sharp panchromatic and a coarse multispectral image.",
    )
    parser.add_argument("--version", action="version", version=f"ksdiff {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    pair = argparse.ArgumentParser(add_help=False)
    pair.add_argument("--pan", required=True, metavar="FILE", help="the panchromatic image")
    pair.add_argument(
        "--ms", required=True, nargs="+", metavar="FILE", help="the multispectral image, or one file per band"
    )
    pair.add_argument("--pan-band", type=int, metavar="N", help="which band of the PAN file, if it has several")
    pair.add_argument("--bands", type=int, nargs="+", metavar="N", help="which MS bands, counted over all files")
    pair.add_argument("--sensor", default="auto", metavar="NAME", help="the sensor (default: found out)")
    pair.add_argument(
        "--nodata",
        type=float,
        metavar="VALUE",
        help="what is no data, whatever the files declare (--nodata=-3.4e38 if it begins with a minus sign)",
    )
    pair.add_argument(
        "--extent", type=float, nargs=4, metavar=("XMIN", "YMIN", "XMAX", "YMAX"), help="in the CRS of PAN"
    )
    pair.add_argument("--coverage", choices=COVERAGES, default="intersection", help="what the result covers")
    pair.add_argument("--json", action="store_true", help="results as one line of JSON")
    pair.add_argument("--quiet", action="store_true", help="warnings and errors only")
    pair.add_argument("--verbose", action="store_true", help="what developers want to know as well")

    verbs.add_parser("describe", parents=[pair], help="say how a pair fits together; write nothing")

    sharpen = verbs.add_parser("sharpen", parents=[pair], help="write the sharpened image")
    sharpen.add_argument("--out", required=True, metavar="FILE", help="the GeoTIFF to write")
    sharpen.add_argument(
        "--method",
        type=_key,
        choices=METHODS,
        default=DEFAULT_METHOD,
        metavar="NAME",
        help=_among(METHODS, DEFAULT_METHOD),
    )
    sharpen.add_argument("--weights", type=float, nargs="+", metavar="W", help="share of each band in PAN")
    sharpen.add_argument(
        "--resampling",
        type=_key,
        choices=RESAMPLINGS,
        default="polynomial",
        metavar="NAME",
        help=_among(RESAMPLINGS, "polynomial"),
    )
    sharpen.add_argument("--type", choices=DATA_TYPES, default="same", help="data type (default: that of MS)")
    sharpen.add_argument("--format", choices=FORMATS, default="gtiff", help="(default: %(default)s)")
    sharpen.add_argument("--co", action="append", default=[], metavar="NAME=VALUE", help="a GDAL creation option")
    sharpen.add_argument("--overviews", action="store_true", help="build overviews")
    sharpen.add_argument("--threads", type=int, default=0, metavar="N", help="(default: all cores)")
    sharpen.add_argument("--tile", type=int, default=1024, metavar="PIXELS", help="(default: %(default)s)")
    return parser
