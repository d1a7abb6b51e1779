"""Close-ups of what methods and models make of a pair, at full resolution, side by side in one picture.

    python benchmarks/crops.py OUT.png FOLDER [--methods exp mtf-glp-fs] [--models FILE ...] [--at COL ROW ...]

Each row of the picture is one place of PAN, 96 pixels wide and drawn three times as large; the columns are PAN, the
methods and the models, all in one stretch of the bands that show true colour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from osgeo import gdal

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from engine.events import Finished  # noqa: E402 - the path above comes first
from engine.jobs.sharpen import sharpen  # noqa: E402
from engine.modelfile.places import SHIPPED, files_in  # noqa: E402
from engine.request import LEARNED, METHODS, SELF, SharpenRequest  # noqa: E402

gdal.UseExceptions()

SIDE, ZOOM, GAP = 96, 3, 4
STRETCH = (1.0, 99.0)  # per cent

Array = npt.NDArray[Any]


def sharpened(folder: Path, method: str, model: Optional[str]) -> tuple[Array, list[int]]:
    """Return what is made of a pair, and its bands of red, green and blue, counted from 1."""
    with tempfile.TemporaryDirectory(prefix="ksdiff_crops_") as place:
        out = str(Path(place) / "o.tif")
        given = str(folder / "pan.tif"), (str(folder / "ms.tif"),)
        request = SharpenRequest(*given, out=out, method=method, model=model, python=SELF)
        result = next(event.result for event in sharpen(request) if isinstance(event, Finished))
        bands = list(result["display"]["bands"])
        return gdal.Open(out).ReadAsArray().astype(np.float64), bands * (3 if len(bands) == 1 else 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=["exp", "mtf-glp-fs"])
    parser.add_argument("--models", nargs="*", default=files_in(str(SHIPPED)))
    parser.add_argument("--at", nargs="+", type=int, metavar="COL ROW")
    options = parser.parse_args()
    if len(options.at or ()) % 2:
        parser.error("--at takes pairs of COL ROW")
    pan = gdal.Open(str(options.folder / "pan.tif")).ReadAsArray().astype(np.float64)
    height, width = pan.shape
    at = options.at or [width // 4, height // 4, width // 2, height // 2, 3 * width // 4 - SIDE, height // 4]
    columns = [_shown(np.stack([pan] * 3), _ends(pan[None]))]
    ends: Optional[Array] = None
    for method, model in [(name, None) for name in options.methods] + [(LEARNED, file) for file in options.models]:
        image, bands = sharpened(options.folder, method, model)
        colours = image[[band - 1 for band in bands]]
        ends = _ends(colours) if ends is None else ends
        columns.append(_shown(colours, ends))
    rows = []
    for col, row in zip(at[::2], at[1::2]):
        crops = [column[:, row : row + SIDE, col : col + SIDE] for column in columns]
        large = [crop.repeat(ZOOM, axis=1).repeat(ZOOM, axis=2) for crop in crops]
        rows.append(
            np.concatenate([np.pad(one, ((0, 0), (0, GAP), (0, GAP)), constant_values=255) for one in large], 2)
        )
    picture = np.concatenate(rows, 1)
    memory = gdal.GetDriverByName("MEM").Create("", picture.shape[2], picture.shape[1], 3, gdal.GDT_Byte)
    memory.WriteArray(picture)
    gdal.GetDriverByName("JPEG" if options.out.suffix == ".jpg" else "PNG").CreateCopy(str(options.out), memory)


def _ends(bands: Array) -> Array:
    """Return what becomes black and what white, (bands, 2)."""
    return np.stack([np.percentile(band[np.isfinite(band)], STRETCH) for band in bands])


def _shown(bands: Array, ends: Array) -> npt.NDArray[np.uint8]:
    low, high = ends[:, 0, None, None], ends[:, 1, None, None]
    return np.rint(np.clip((bands - low) / (high - low), 0.0, 1.0) * 255.0).astype(np.uint8)


if __name__ == "__main__":
    main()
