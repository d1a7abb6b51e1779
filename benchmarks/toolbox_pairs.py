"""Pairs made coarser as the field's toolbox does it, and passed on as research does: without a coordinate system.

    python benchmarks/toolbox_pairs.py OUT FOLDER [FOLDER ...]

For each folder with pan.tif and ms.tif two are written, whose truth is MS: `<name>-placed`, where MS says that its
pixels lie half a PAN pixel right of and below where their sizes put them, and `<name>-misplaced`, where it does not.
PAN is made coarser by a widened cubic convolution, MS by a Gaussian and taking every `ratio`-th pixel.  A pair whose
MS pixels begin between PAN pixels is passed over: the toolbox knows none such.  benchmarks/table.py measures them.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from osgeo import gdal

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from engine.pixels.degrade import degrade_as_toolbox  # noqa: E402 - the path above comes first
from engine.pixels.toolbox import imresize  # noqa: E402

gdal.UseExceptions()

GAIN = 0.29  # the toolbox's for sensors that it does not know
_WHOLE = 0.01  # PAN pixels
_MOST_BANDS = 7  # those of Landsat 8 that reflect light

Array = npt.NDArray[Any]


def write_pairs(folder: Path, out: Path) -> bool:
    """Write both pairs of a folder; return whether that was possible."""
    sources = [gdal.Open(str(folder / name)) for name in ("pan.tif", "ms.tif")]
    of_pan, of_ms = (source.GetGeoTransform() for source in sources)
    pan, ms = (source.ReadAsArray().astype(np.float64) for source in sources)
    kind, ratio = sources[1].GetRasterBand(1).DataType, round(of_ms[1] / of_pan[1])
    ms = ms[:_MOST_BANDS]
    starts = (of_ms[3] - of_pan[3]) / of_pan[5], (of_ms[0] - of_pan[0]) / of_pan[1]  # of MS, in PAN pixels
    if any(abs(start - round(start)) > _WHOLE for start in starts):
        return False
    left_out = [max(0, math.ceil(-start / ratio - _WHOLE)) for start in starts]  # MS pixels before the first of PAN
    first = [round(start) + ratio * count for start, count in zip(starts, left_out)]
    ms, pan = ms[:, left_out[0] :, left_out[1] :], pan[first[0] :, first[1] :]
    rows, cols = (
        min(there, length // ratio) // ratio * ratio for there, length in zip(ms.shape[1:], pan.shape)
    )  # whole pixels of MS made coarser
    truth, pan = ms[:, :rows, :cols], pan[: rows * ratio, : cols * ratio]
    coarser = np.stack([degrade_as_toolbox(band, GAIN, ratio) for band in truth])
    off = ratio // 2 + 0.5 - 0.5 * ratio
    for name, start in (("placed", off), ("misplaced", 0.0)):
        place = out / f"{folder.name}-{name}"
        place.mkdir(parents=True, exist_ok=True)
        _write(place / "pan.tif", imresize(pan, 1.0 / ratio)[None], kind, 0.0, 1.0)
        _write(place / "ms.tif", coarser, kind, start, float(ratio))
        _write(place / "reference.tif", truth, kind, 0.0, 1.0)
    return True


def _write(path: Path, bands: Array, kind: int, start: float, pixel: float) -> None:
    count, height, width = bands.shape
    options = ["PHOTOMETRIC=MINISBLACK", "ALPHA=NO"]
    file = gdal.GetDriverByName("GTiff").Create(str(path), width, height, count, kind, options)
    file.SetGeoTransform((start, pixel, 0.0, -start, 0.0, -pixel))
    file.WriteArray(bands if kind == gdal.GDT_Float32 else np.clip(np.rint(bands), 0, 65535))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    for folder in options.folders:
        print(f"{folder.name}: {'written' if write_pairs(folder, options.out) else 'MS begins between PAN pixels'}")


if __name__ == "__main__":
    main()
