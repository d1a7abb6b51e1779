"""Pairs that take seconds to sharpen, made in no time: a small one repeated pixel by pixel."""

from __future__ import annotations

from pathlib import Path

from osgeo import gdal

from tests.pairs import Pair, write_pair


def write_large_pair(folder: Path, size: int) -> Pair:
    """Write pan.tif of `size` pixels a side, and ms.tif of a quarter of that, into `folder`; the truth is not known."""
    small = write_pair(folder / "small", size=256)
    files = []
    for source, width in ((small.pan, size), (small.ms, size // 4)):
        files.append(str(folder / Path(source).name))
        gdal.Translate(files[-1], source, width=width, height=width, resampleAlg="near")
    return Pair(files[0], files[1], small.truth, small.ratio)
