"""Small images as the bytes of a PNG or JPEG file, for pages that people read; no file is written."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from osgeo import gdal

from ..errors import OutputError
from .dataset import GdalFailure, gdal_failures_raised


def png(image: npt.NDArray[np.uint8]) -> bytes:
    """Return the image without loss; (h, w) grey or (h, w, 3) red, green, blue.

    Raise OutputError where GDAL cannot.
    """
    return _encoded(image, "PNG", ["ZLEVEL=9"])


def jpeg(image: npt.NDArray[np.uint8], quality: int = 88) -> bytes:
    """Return the image with the loss that `quality` (1 to 100) allows; (h, w) grey or (h, w, 3) red, green, blue.

    Raise OutputError where GDAL cannot.
    """
    return _encoded(image, "JPEG", [f"QUALITY={quality}"])


def _encoded(image: npt.NDArray[np.uint8], format_name: str, options: Sequence[str]) -> bytes:
    if image.dtype != np.uint8 or (image.ndim != 2 and image.shape[2:] != (3,)):
        raise ValueError(f"not an image of bytes: {image.dtype}, {image.shape}")
    bands = image[None] if image.ndim == 2 else np.moveaxis(image, 2, 0)  # (bands, h, w)
    # A folder of its own: whatever GDAL puts beside the picture goes with it.
    folder = f"/vsimem/ksdiff_{uuid.uuid4().hex}"
    path = f"{folder}/picture"
    try:
        with gdal_failures_raised():
            driver = gdal.GetDriverByName(format_name)
            if driver is None:
                raise GdalFailure(f"this GDAL lacks the driver for {format_name}")
            source = gdal.GetDriverByName("MEM").Create("", bands.shape[2], bands.shape[1], len(bands), gdal.GDT_Byte)
            if source is None:
                raise GdalFailure(f"an image of {bands.shape[2]} x {bands.shape[1]} pixels cannot be held")
            source.WriteArray(np.ascontiguousarray(bands))
            target = driver.CreateCopy(path, source, options=list(options))
            if target is None:
                raise GdalFailure("no picture could be made")
            target = None
            return _content(path)
    except GdalFailure as failure:
        raise OutputError(
            f"A picture cannot be encoded ({failure}).",
            f"Use a GDAL with its {format_name} driver, and free some memory.",
        ) from failure
    finally:
        with contextlib.suppress(RuntimeError):  # raised where others let GDAL raise, though the folder goes
            gdal.RmdirRecursive(folder)


def _content(path: str) -> bytes:
    handle = gdal.VSIFOpenL(path, "rb")
    if handle is None:
        raise GdalFailure("the picture is gone")
    try:
        size = gdal.VSIStatL(path).size
        return bytes(gdal.VSIFReadL(1, size, handle))
    finally:
        gdal.VSIFCloseL(handle)
