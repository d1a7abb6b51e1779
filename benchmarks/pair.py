"""A synthetic pair of any size for timing: 4 bands, 11 bits in UInt16, ratio 4, written strip by strip."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

RATIO = 4
_TEXTURE = 2048
_SPECTRA = np.array([[180, 260, 190, 1100], [300, 420, 520, 700], [520, 560, 580, 600], [190, 200, 210, 230]], float)
_PAN_WEIGHTS = np.array([0.15, 0.28, 0.32, 0.25])


def make_pair(folder: Path, size: int, seed: int = 1) -> None:
    """Write pan.tif (size x size) and ms.tif (a quarter of that) into `folder`.

    The scene repeats every 2048 pixels: timing needs pixels that do not compress to nothing, not a new landscape.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    block = _TEXTURE  # also for a smaller scene, whose side may be no multiple of a field's
    fine = np.kron(random.integers(0, len(_SPECTRA), (block // 16, block // 16)), np.ones((16, 16), int))
    light = 1.0 + 0.08 * random.standard_normal((block, block))
    truth = _SPECTRA[fine].transpose(2, 0, 1) * light
    pan = np.tensordot(_PAN_WEIGHTS, truth, 1) + random.normal(0, 1.5, (block, block))
    ms = truth.reshape(4, block // RATIO, RATIO, block // RATIO, RATIO).mean(axis=(2, 4))
    _write(folder / "pan.tif", pan[None], size, block, 0.5)
    _write(folder / "ms.tif", ms, size // RATIO, block // RATIO, 0.5 * RATIO)


def _write(path: Path, bands: np.ndarray, size: int, block: int, pixel: float) -> None:
    values = np.clip(np.rint(bands), 1, 2047).astype(np.uint16)
    options = ["TILED=YES", "BIGTIFF=IF_SAFER"]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), size, size, len(values), gdal.GDT_UInt16, options)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32633)
    dataset.SetProjection(crs.ExportToWkt())
    dataset.SetGeoTransform((500000.0, pixel, 0.0, 5300000.0, 0.0, -pixel))
    for row in range(0, size, block):
        for col in range(0, size, block):
            height, width = min(block, size - row), min(block, size - col)
            dataset.WriteArray(np.ascontiguousarray(values[:, :height, :width]), col, row)
    dataset.FlushCache()


if __name__ == "__main__":
    make_pair(Path(sys.argv[1]), int(sys.argv[2]))
