"""The blocks in which images are stored: a small file can claim one that takes more memory than a whole scene."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple, Optional

from osgeo import gdal

from ..errors import InputError
from .faraway import at_reach

_LARGEST = 1 << 30  # bytes that GDAL must decode for a single pixel of the block


class _Block(NamedTuple):
    width: int
    height: int
    size: int  # bytes


def check_blocks(path: str, dataset: Any, made_of: Iterable[str]) -> None:
    """Raise InputError where a pixel costs too much memory: of the image itself, or of a file that it is `made_of`.

    A mosaic says nothing of the blocks of its sources, so each is opened, one after the other, and only once.
    """
    _check(path, _block_of(dataset))
    for name in sorted({*made_of} - {path}):
        facts = gdal.VSIStatL(name)
        if facts is not None:
            _check(name, _stored(name, facts.size, facts.mtime))


def _check(path: str, block: Optional[_Block]) -> None:
    if block is not None and block.size > _LARGEST:
        raise InputError(
            f"{path} is stored in blocks of {block.width} x {block.height} pixels, each of which takes "
            f"{block.size / 1e9:.1f} GB.",
            "Store it in smaller ones first, for example with gdal_translate -co TILED=YES.",
        )


@lru_cache(maxsize=1 << 16)  # more than a mosaic has tiles
def _stored(path: str, _size: int, _changed: int) -> Optional[_Block]:
    """Return the block of the file of that size and time; None where it is no image, as many sidecars are."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        with at_reach(path):
            dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY)
        return None if dataset is None else _block_of(dataset)
    except RuntimeError:  # osgeo with exceptions switched on: what cannot be opened is said when it is read
        return None
    finally:
        gdal.PopErrorHandler()


def _block_of(dataset: Any) -> Optional[_Block]:
    band = dataset.GetRasterBand(1) if dataset.RasterCount else None
    if band is None:
        return None
    width, height = band.GetBlockSize()
    at_once = dataset.RasterCount if dataset.GetMetadataItem("INTERLEAVE", "IMAGE_STRUCTURE") == "PIXEL" else 1
    return _Block(width, height, width * height * at_once * gdal.GetDataTypeSize(band.DataType) // 8)
