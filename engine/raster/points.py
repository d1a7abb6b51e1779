"""A vector layer of points with numbers, written whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from osgeo import gdal, ogr, osr

from ..errors import OutputError
from ..grid.georef import Grid
from .aside import opened_as_ours, remove
from .dataset import GdalFailure, gdal_failures_raised

_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON"}


def write_points(
    path: str, name: str, grid: Grid, places: Sequence[tuple[float, float]], numbers: Mapping[str, Sequence[float]]
) -> None:
    """Write a layer of that name with one point for each place (row, column), counted from the corner of the grid.

    The numbers of a point are fields.  The file's extension, .gpkg or .geojson, says what it becomes; a file of that
    name is replaced.  Raise OutputError where it cannot be written.
    """
    content = _content(os.path.splitext(path)[1].lower(), name, grid, places, numbers)
    part = f"{path}.part"
    try:
        with open(part, "wb", opener=opened_as_ours) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}).",
            "Make room on the disk, close the file where it is open, or choose another name.",
        ) from error
    finally:
        remove(part)


def _content(
    extension: str, name: str, grid: Grid, places: Sequence[tuple[float, float]], numbers: Mapping[str, Sequence[float]]
) -> bytes:
    """Return the file.  It is made in memory, as GDAL would leave the half of one behind where a disk is full."""
    view = f"/vsimem/ksdiff_{uuid.uuid4().hex}{extension}"
    try:
        with gdal_failures_raised():
            dataset = gdal.GetDriverByName(_DRIVERS[extension]).Create(view, 0, 0, 0, gdal.GDT_Unknown)
            if dataset is None:
                raise GdalFailure("no layer could be made")
            _fill(dataset.CreateLayer(name, _crs(grid.crs), ogr.wkbPoint), grid, places, numbers)
            dataset = None  # written to its end
            return _read(view)
    except GdalFailure as failure:
        raise OutputError(
            f"No layer of points could be made ({failure}).", "Choose the other of GeoPackage and GeoJSON."
        ) from failure
    finally:
        gdal.Unlink(view)


def _fill(
    layer: Any, grid: Grid, places: Sequence[tuple[float, float]], numbers: Mapping[str, Sequence[float]]
) -> None:
    x0, dx, row_skew, y0, col_skew, dy = grid.affine or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    for field in numbers:
        layer.CreateField(ogr.FieldDefn(field, ogr.OFTReal))
    layer.StartTransaction()
    for (row, col), *values in zip(places, *numbers.values()):
        feature = ogr.Feature(layer.GetLayerDefn())
        point = ogr.Geometry(ogr.wkbPoint)
        point.AddPoint_2D(x0 + dx * col + row_skew * row, y0 + col_skew * col + dy * row)
        feature.SetGeometry(point)
        for index, value in enumerate(values):
            feature.SetField(index, value)
        layer.CreateFeature(feature)
    layer.CommitTransaction()


def _crs(wkt: str) -> Any:
    if not wkt:
        return None
    crs = osr.SpatialReference()
    crs.ImportFromWkt(wkt)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs


def _read(view: str) -> bytes:
    file = gdal.VSIFOpenL(view, "rb")
    try:
        return bytes(gdal.VSIFReadL(1, gdal.VSIStatL(view).size, file))
    finally:
        gdal.VSIFCloseL(file)
