"""Pairs of PAN and MS with a known truth, made of images without PAN: the image is the truth, its bands make both.

PAN is a weighted sum of the bands at the resolution of the truth, so it holds nothing that the bands do not; MS is the
bands as a sensor with pixels `ratio` times as large would have seen them.  A benchmark of networks, not of sensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from osgeo import gdal

from engine.pixels.degrade import degrade
from engine.pixels.resample import gaussian, mtf_sigma

gdal.UseExceptions()

# 1-based, so that all have blue, green, red, near infrared in this order.
NAIP, SENTINEL2 = (3, 2, 1, 4), (1, 2, 3, 4)
WEIGHTS = (0.15, 0.3, 0.3, 0.25)
RATIO = 4
GAIN = 0.3
# Whole places are kept for validation, never other parts of a place that is trained on.
VALIDATION = (
    "naip_rasterframes_va",
    "naip_rasterframes_m_3607717_sw_18",
    "naip_chesapeake_m_3708035_ne_17_1-0_old",
    "naip_chesapeake_m_3708035_ne_17_1-1_old",
    "naip_chesapeake_m_3708035_ne_17_1-2_old",
    "naip_chesapeake_m_3708035_ne_17_1-7_old",
    "sentinel2_dsen2_T49JGM_20171022_10m",
)
_NOT_TAKEN = ("naip_chesapeake_m_3708035",)  # what is left of a place kept for validation
_FOUR_BANDS = ("naip_", "sentinel2_dsen2_T33UUB_20170527_10m", "sentinel2_dsen2_test_10m", "sentinel2_alexsykes8_uk")


def images(folder: Path, validation: bool) -> list[dict[str, object]]:
    """Return the images of four bands for training or for validation, as a configuration names them."""
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    if validation:
        chosen = [name for name in names if name in VALIDATION]
    else:
        chosen = [
            name
            for name in names
            if name.startswith(_FOUR_BANDS) and name not in VALIDATION and not name.startswith(_NOT_TAKEN)
        ]
    return [
        {
            "image": str((folder / name / "ms.tif").resolve()),
            "ratio": RATIO,
            "sensor": "generic",
            "bands": NAIP if name.startswith("naip_") else SENTINEL2,
            "pan_weights": WEIGHTS,
        }
        for name in chosen
    ]


def write_pair(image: str, bands: Sequence[int], out: Path) -> tuple[str, str, str]:
    """Write PAN, MS and truth into a folder and return their names; what is there already is not made again."""
    pan, ms, truth = (str(out / f"{name}.tif") for name in ("pan", "ms", "reference"))
    if Path(truth).exists():
        return pan, ms, truth
    out.mkdir(parents=True, exist_ok=True)
    source = gdal.Open(image)
    values = np.stack([source.GetRasterBand(band).ReadAsArray() for band in bands])
    height, width = (side // RATIO * RATIO for side in values.shape[1:])
    values = values[:, :height, :width]
    fine = values.astype(np.float64)
    sigma = mtf_sigma(GAIN, RATIO)
    taps = [gaussian((np.arange(side // RATIO) + 0.5) * RATIO - 0.5, sigma).within(0, side) for side in (height, width)]
    coarse, _ = degrade(fine, None, [(taps[0], taps[1])] * len(bands))
    mixed = np.tensordot(np.array(WEIGHTS) / sum(WEIGHTS), fine, axes=1)[None]
    for path, array, pixel in ((pan, mixed, 1.0), (ms, coarse, float(RATIO)), (truth, fine, 1.0)):
        _write(path, np.rint(array).astype(values.dtype), pixel)
    return pan, ms, truth


def _write(path: str, array: np.ndarray, pixel: float) -> None:
    kind = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16}[array.dtype.name]
    bands, height, width = array.shape
    # GDAL would take the fourth of four bands of 8 bits for opacity.
    options = ["PHOTOMETRIC=MINISBLACK", "ALPHA=NO"]
    file = gdal.GetDriverByName("GTiff").Create(path, width, height, bands, kind, options)
    file.SetGeoTransform((0.0, pixel, 0.0, 0.0, 0.0, -pixel))
    for number, band in enumerate(array, 1):
        file.GetRasterBand(number).WriteArray(band)
    file.FlushCache()
