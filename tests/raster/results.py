"""A small result to write, and what its file should hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from engine.grid.window import Window
from engine.raster.writer import BandProfile, Profile, Writer, encode
from tests.rasters import EPSG, north_up, wkt_of

PLAIN = BandProfile("", "Undefined", 1.0, 0.0, ())
HEIGHT, WIDTH = 700, 620


def profile(count: int = 3, **changes: Any) -> Profile:
    values = {
        "height": HEIGHT,
        "width": WIDTH,
        "affine": north_up(1.0),
        "crs": wkt_of(EPSG),
        "data_type": "uint16",
        "nodata": None,
        "bands": (PLAIN,) * count,
        "metadata": (),
    }
    return Profile(**{**values, **changes})


def pixels(bands: int = 3, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    rows, cols = np.mgrid[:height, :width]
    smooth = 500 + 300 * np.sin(rows / 50.0) * np.cos(cols / 40.0)
    return np.stack([smooth + 100 * band for band in range(bands)]).astype(np.float32)


def make(path: Path, wanted: Profile, step: int = 256) -> np.ndarray:
    """Write `pixels` tile by tile; return them as the file should hold them."""
    values = pixels(len(wanted.bands), wanted.height, wanted.width)
    writer = Writer(str(path), wanted)
    for row in range(0, wanted.height, step):
        for col in range(0, wanted.width, step):
            part = values[:, row : row + step, col : col + step]
            writer.write(Window(row, col, *part.shape[1:]), encode(part.copy(), None, wanted))
    writer.finish()
    return np.rint(values)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))
