"""Small rasters for tests, of every kind that GDAL knows: types, nodata, masks, alpha, scale, metadata, place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from osgeo import gdal, osr

LEFT, TOP, EPSG = 500_000.0, 5_000_000.0, 32633
_TYPES = {
    "uint8": gdal.GDT_Byte,
    "uint16": gdal.GDT_UInt16,
    "int16": gdal.GDT_Int16,
    "uint32": gdal.GDT_UInt32,
    "int32": gdal.GDT_Int32,
    "float32": gdal.GDT_Float32,
    "float64": gdal.GDT_Float64,
    "complex64": gdal.GDT_CFloat32,
}
_COLORS = {
    gdal.GetColorInterpretationName(getattr(gdal, name)): getattr(gdal, name)
    for name in dir(gdal)
    if name.startswith("GCI_")
}


def north_up(pixel: float, left: float = LEFT, top: float = TOP) -> tuple[float, ...]:
    """Return the geotransform of a north-up raster with square pixels of `pixel` map units."""
    return (left, pixel, 0.0, top, 0.0, -pixel)


def write(
    path: str | Path,
    array: npt.ArrayLike,  # (bands, h, w) or (h, w); its type is that of the file
    affine: Sequence[float] | None = None,
    epsg: int | None = None,
    nodata: float | None = None,
    mask: npt.ArrayLike | None = None,  # (h, w), true where valid: a mask band inside the file
    alpha: npt.ArrayLike | None = None,  # (h, w), true where valid: one band more
    scale: float | Sequence[float] | None = None,
    offset: float | Sequence[float] | None = None,
    names: Sequence[str] = (),
    colors: Sequence[str] = (),  # GDAL's words: "Red", "Undefined"
    metadata: Mapping[str, Mapping[str, str]] | None = None,  # by domain, of the file
    band_metadata: Sequence[Mapping[str, Mapping[str, str]]] = (),  # by domain, of each band
    options: Sequence[str] = (),
) -> str:
    """Write a GeoTIFF and return its path."""
    bands = np.asarray(array)
    bands = bands[None] if bands.ndim == 2 else bands
    count, height, width = bands.shape
    options, kind = list(options), bands.dtype.name
    if not any(option.startswith("PHOTOMETRIC") for option in options):
        options.append("PHOTOMETRIC=MINISBLACK")  # else GDAL takes the fourth band of bytes for alpha
    if kind == "int8":
        data_type = getattr(gdal, "GDT_Int8", gdal.GDT_Byte)  # a type of its own since GDAL 3.7
        if data_type == gdal.GDT_Byte:
            bands = bands.view(np.uint8)
            options.append("PIXELTYPE=SIGNEDBYTE")
    else:
        data_type = _TYPES[kind]
    dataset = gdal.GetDriverByName("GTiff").Create(
        str(path), width, height, count + (alpha is not None), data_type, options
    )
    if affine is not None:
        dataset.SetGeoTransform(tuple(affine))
    if epsg is not None:
        dataset.SetProjection(wkt_of(epsg))
    for domain, items in (metadata or {}).items():
        dataset.SetMetadata(dict(items), domain)
    for index in range(count):
        band = dataset.GetRasterBand(index + 1)
        if nodata is not None:
            band.SetNoDataValue(nodata)
        if scale is not None:
            band.SetScale(scale if isinstance(scale, (int, float)) else scale[index])
        if offset is not None:
            band.SetOffset(offset if isinstance(offset, (int, float)) else offset[index])
        if index < len(names):
            band.SetDescription(names[index])
        if index < len(colors):
            band.SetColorInterpretation(_COLORS[colors[index]])
        for domain, items in (band_metadata[index] if index < len(band_metadata) else {}).items():
            band.SetMetadata(dict(items), domain)
        band.WriteArray(np.ascontiguousarray(bands[index]))
    if alpha is not None:
        seen = np.where(np.asarray(alpha), 255, 0)
        dataset.GetRasterBand(count + 1).WriteArray(seen.astype(np.uint8 if kind == "int8" else bands.dtype))
        dataset.GetRasterBand(count + 1).SetColorInterpretation(gdal.GCI_AlphaBand)
    if mask is not None:
        before = gdal.GetConfigOption("GDAL_TIFF_INTERNAL_MASK")
        gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.where(np.asarray(mask), 255, 0).astype(np.uint8))
        gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", before)
    dataset.FlushCache()
    return str(path)


def read(path: str | Path) -> npt.NDArray[Any]:
    """Return all bands of a raster as (bands, h, w), in the type of the file; int8 as such."""
    dataset = gdal.OpenEx(str(path), gdal.OF_RASTER)
    array = np.asarray(dataset.ReadAsArray())
    if dataset.GetRasterBand(1).GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE") == "SIGNEDBYTE":
        array = array.view(np.int8)
    return array if array.ndim == 3 else array[None]


def wkt_of(epsg: int) -> str:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    return str(crs.ExportToWkt())
