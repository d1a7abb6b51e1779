"""`trainingset`: cut samples to learn from out of pairs and files of patches."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from typing import Any

from ..events import Event
from ..request import TrainingSetRequest, paired
from .pair import add_talk


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser("trainingset", help="cut samples to learn from, and to measure on, out of images")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="the folder to make")
    parser.add_argument("--pan", nargs="+", default=[], metavar="FILE", help="panchromatic images")
    parser.add_argument(
        "--ms",
        nargs="+",
        default=[],
        metavar="FILE",
        help="the multispectral images that belong to them, in the same order; with one --pan, also one file per band",
    )
    parser.add_argument(
        "--folders",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="folders that hold pan.tif beside ms.tif, a_pan.tif beside a_ms.tif, or .h5 files, also in folders below",
    )
    parser.add_argument(
        "--h5", nargs="+", default=[], metavar="FILE", help="files of patches with gt, ms and pan, as PanCollection has"
    )
    parser.add_argument(
        "--clouds", nargs="+", default=[], metavar="FILE", help="rasters that are not 0 at clouds: one, or one per pair"
    )
    parser.add_argument("--bands", type=int, nargs="+", metavar="N", help="which MS bands, counted over all files")
    parser.add_argument("--sensor", default="auto", metavar="NAME", help="the sensor (default: found out)")
    parser.add_argument("--nodata", type=float, metavar="VALUE", help="what is no data, whatever the files declare")
    for name, kind, unit, words in (
        ("patch", int, "PIXELS", "side of a sample, in pixels of MS"),
        ("most", int, "N", "samples, of both kinds together"),
        ("validation", float, "SHARE", "share of the ground that is held out to measure on, 0 to 0.9"),
        ("limit", float, "PIXELS", "how many PAN pixels MS may lie off"),
        ("least-texture", float, "SHARE", "least spread of a sample's liveliest band, as a share of the bright end"),
        ("seed", int, "N", "of the choice and the variations of samples"),
    ):
        parser.add_argument(
            f"--{name}",
            type=kind,
            default=getattr(TrainingSetRequest, name.replace("-", "_")),
            metavar=unit,
            help=f"{words} (default: %(default)s)",
        )
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="(default: all cores)")
    add_talk(parser)
    parser.set_defaults(start=_start)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    from ..jobs.trainingset import trainingset

    return trainingset(
        TrainingSetRequest(
            out=options.out,
            pairs=paired(options.pan, options.ms, options.clouds),
            folders=tuple(options.folders),
            h5=tuple(options.h5),
            bands=tuple(options.bands or ()),
            sensor=options.sensor,
            nodata=options.nodata,
            patch=options.patch,
            most=options.most,
            validation=options.validation,
            limit=options.limit,
            least_texture=options.least_texture,
            seed=options.seed,
            threads=options.threads,
        )
    )
