"""The options that all verbs on a pair share, and how they become a request."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from ..request import COVERAGES, DEVICES, SELF


def pair_options() -> argparse.ArgumentParser:
    """Return a parser of the pair and of how to talk, for verbs to inherit."""
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
    add_talk(pair)
    return pair


def add_talk(parser: argparse.ArgumentParser) -> None:
    """Add how to talk, which every verb has."""
    parser.add_argument("--json", action="store_true", help="results as one line of JSON")
    parser.add_argument("--quiet", action="store_true", help="warnings and errors only")
    parser.add_argument("--verbose", action="store_true", help="what developers want to know as well")


def add_coverage(parser: argparse.ArgumentParser) -> None:
    """Add the choice of what the result covers, where there is one."""
    parser.add_argument("--coverage", choices=COVERAGES, default="intersection", help="what the result covers")


def add_work(parser: argparse.ArgumentParser, tile: int) -> None:
    """Add what decides over speed and memory, never over the result."""
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="(default: all cores)")
    parser.add_argument("--tile", type=int, default=tile, metavar="PIXELS", help="(default: %(default)s)")


def add_computing(parser: argparse.ArgumentParser) -> None:
    """Add where models compute."""
    parser.add_argument("--device", type=key, choices=DEVICES, default="auto", help="what a model computes on")
    parser.add_argument(
        "--python",
        metavar="FILE",
        help=f"the Python, with PyTorch, that computes a model in a process of its own, or {SELF} "
        f"(default: {SELF} if PyTorch is here and KSDIFF_PYTHON is not set)",
    )


def add_model_folders(parser: argparse.ArgumentParser) -> None:
    """Add where a model is looked for."""
    parser.add_argument(
        "--models", nargs="+", default=[], metavar="FOLDER", help="choose among the models in these folders, too"
    )


def python_of(options: argparse.Namespace) -> str:
    """Return where models compute: here if nobody says otherwise and it can be, as nothing is to be protected."""
    if options.python is not None:
        return str(options.python)
    return SELF if find_spec("torch") is not None and not os.environ.get("KSDIFF_PYTHON") else ""


def pair_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a PairRequest."""
    return {
        "pan": options.pan,
        "ms": tuple(options.ms),
        "pan_band": options.pan_band,
        "bands": tuple(options.bands or ()),
        "sensor": options.sensor,
        "nodata": options.nodata,
        "extent": None if options.extent is None else tuple(options.extent),
    }


def key(name: str) -> str:
    """Return a name as we spell it: people write MTF_GLP_FS and Brovey too."""
    return name.strip().lower().replace("_", "-")


def among(names: Sequence[str], default: str) -> str:
    """Return the help of an option with many choices."""
    return f"one of {', '.join(names)} (default: {default})"
