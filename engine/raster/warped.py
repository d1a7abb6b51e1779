"""An image laid onto another grid: a view in memory that GDAL warps while it is read, no file and no second copy."""

from __future__ import annotations

import uuid
from typing import Optional

from osgeo import gdal

from ..errors import PairingError
from ..grid.georef import Grid
from .dataset import NEEDS_DOUBLE, GdalFailure, RasterFacts, gdal_failures_raised, open_raster

_WARP_MEMORY_MB = 64


def natural_grid(source: RasterFacts, crs: str) -> Grid:
    """Return the grid on which GDAL would put `source` in another coordinate system (WKT)."""
    try:
        with gdal_failures_raised():
            natural = gdal.AutoCreateWarpedVRT(open_raster(source.path), source.grid.crs, crs)
            if natural is None:
                raise GdalFailure("its coordinates cannot be transformed")
            return Grid(natural.RasterXSize, natural.RasterYSize, tuple(natural.GetGeoTransform()), crs)
    except GdalFailure as failure:
        raise _impossible(source, failure) from failure


def warped_onto(source: RasterFacts, target: Grid, nodata: Optional[float]) -> str:
    """Return the path of a view of `source` on `target`: floating-point values and, last, an alpha band of validity."""
    view = f"/vsimem/ksdiff_{uuid.uuid4().hex}.vrt"
    double = any(band.data_type in NEEDS_DOUBLE for band in source.bands)
    xmin, ymin, xmax, ymax = target.bounds
    try:
        with gdal_failures_raised():
            result = gdal.Warp(
                view,
                open_raster(source.path),
                format="VRT",
                srcSRS=source.grid.crs or None,
                dstSRS=target.crs or None,
                outputBounds=(xmin, ymin, xmax, ymax),
                width=target.width,
                height=target.height,
                resampleAlg="cubic",
                errorThreshold=0.02,
                dstAlpha=True,
                srcNodata=None if nodata is None else repr(nodata),
                outputType=gdal.GDT_Float64 if double else gdal.GDT_Float32,
                warpMemoryLimit=_WARP_MEMORY_MB,
            )
            if result is None:
                raise GdalFailure("no view could be made")
            result.FlushCache()
            result = None
    except GdalFailure as failure:
        discard(view)
        raise _impossible(source, failure) from failure
    return view


def discard(view: str) -> None:
    """Remove a view from memory."""
    gdal.Unlink(view)


def _impossible(source: RasterFacts, failure: GdalFailure) -> PairingError:
    return PairingError(
        f"{source.path} cannot be laid onto the grid of its partner ({failure}).",
        "Check the coordinate systems of both images, or warp one yourself with gdalwarp.",
    )
