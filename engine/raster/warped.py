"""An image laid onto another grid: a view in memory that GDAL warps while it is read, no file and no second copy."""

from __future__ import annotations

import math
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
    """Return the path of a view of `source` on `target`: floating-point values, and NaN where a band is not valid."""
    if any(band.data_type == "int8" for band in source.bands) and not hasattr(gdal, "GDT_Int8"):
        raise PairingError(
            f"{source.path} has to be warped and holds signed bytes, which GDAL {gdal.__version__} would warp as "
            "unsigned ones.",
            "Convert it to Int16 first, or use GDAL 3.7 or later.",
        )
    view = f"/vsimem/ksdiff_{uuid.uuid4().hex}.vrt"
    double = any(band.data_type in NEEDS_DOUBLE for band in source.bands)
    xmin, ymin, xmax, ymax = target.bounds
    if target.affine is not None and target.affine[5] > 0:
        ymin, ymax = ymax, ymin  # the rows of the target run from south to north, and so must those of the view
    try:
        with gdal_failures_raised():
            dataset = open_raster(source.path)
            first = source.bands[0]
            unmasked = dataset.GetRasterBand(first.index).GetMaskFlags() == gdal.GMF_ALL_VALID
            if nodata is None and unmasked and first.data_type.startswith("float"):
                nodata = math.nan  # else one NaN would spoil all pixels that its kernel reaches
            result = gdal.Warp(
                view,
                dataset,
                format="VRT",
                srcSRS=source.grid.crs or None,
                dstSRS=target.crs or None,
                outputBounds=(xmin, ymin, xmax, ymax),
                width=target.width,
                height=target.height,
                resampleAlg="cubic",
                errorThreshold=0.02,
                # Alpha switches on the reading of masks; NaN tells for each band alone what is not valid in it.
                dstAlpha=True,
                dstNodata="nan",
                srcNodata=None if nodata is None else repr(nodata),
                outputType=gdal.GDT_Float64 if double else gdal.GDT_Float32,
                warpMemoryLimit=_WARP_MEMORY_MB,
                warpOptions=["SRC_ALPHA_MAX=1"],  # whatever is not 0 is valid, as when a file is read unwarped
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
