"""One raster file: what it is, and reading windows of it with a mask of what is valid."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from osgeo import gdal, osr

from ..errors import InputError
from ..grid.georef import Grid
from ..grid.patch import Floats, Mask
from ..grid.window import Window
from .blocks import check_blocks
from .faraway import at_reach, check_near, check_overviews, is_far
from .watch import Watch

_KEPT_DOMAINS = ("", "IMAGERY", "IMD", "RPC")
_NUMPY_TYPES = {
    gdal.GDT_Byte: "uint8",
    gdal.GDT_UInt16: "uint16",
    gdal.GDT_Int16: "int16",
    gdal.GDT_UInt32: "uint32",
    gdal.GDT_Int32: "int32",
    gdal.GDT_Float32: "float32",
    gdal.GDT_Float64: "float64",
}
if hasattr(gdal, "GDT_Int8"):  # since GDAL 3.7; before, a Byte band with a note in its metadata
    _NUMPY_TYPES[gdal.GDT_Int8] = "int8"
_LEAST_BETWEEN = 0.1  # the share of values between nothing and all that no soft edge of a mask explains
NEEDS_DOUBLE = ("int32", "uint32", "float64")  # float32 would round their values
_MOST = 1e15  # no measurement is larger, but nodata that nobody declared is, as -3.4e38: its square would be infinite
_COMPLEX = (gdal.GDT_CInt16, gdal.GDT_CInt32, gdal.GDT_CFloat32, gdal.GDT_CFloat64)


@dataclass(frozen=True)
class BandFacts:
    """What one band says of itself."""

    index: int  # 1-based, in its file
    data_type: str  # numpy name
    nodata: Optional[float]
    has_mask: bool  # invalid pixels are possible: nodata, mask band, alpha, or a type that knows NaN
    scale: float
    offset: float
    description: str
    color: str  # GDAL's colour interpretation
    metadata: tuple[tuple[str, str, str], ...]  # domain, key, value


@dataclass(frozen=True)
class RasterFacts:
    """What one file says of itself.  `bands` leaves alpha out."""

    path: str
    grid: Grid
    bands: tuple[BandFacts, ...]
    metadata: tuple[tuple[str, str, str], ...]  # domain, key, value
    has_rpc: bool
    has_gcps: bool


class GdalFailure(Exception):
    """GDAL could not do it; the message is GDAL's."""


@contextmanager
def gdal_failures_raised() -> Iterator[None]:
    """Run GDAL calls so that any failure becomes a GdalFailure, whatever the process has set, on this thread alone.

    Where GDAL found no memory, it becomes a MemoryError, as it does where Python finds none.
    """
    # What GDAL said first is the reason; the rest is what came of it.
    failures: list[Exception] = []

    def keep(level: int, number: int, message: str) -> None:
        if level >= gdal.CE_Failure:
            failures.append((MemoryError if number == gdal.CPLE_OutOfMemory else GdalFailure)(message))

    gdal.PushErrorHandler(keep)
    try:
        yield
    except (GdalFailure, RuntimeError) as error:  # RuntimeError: osgeo with exceptions switched on
        raise (failures[0] if failures else GdalFailure(str(error))) from error
    finally:
        gdal.PopErrorHandler()
    if failures:
        raise failures[0]


def limit_cache(megabytes: int) -> None:
    """Bound GDAL's block cache; for programs of our own, since the cache belongs to the whole process."""
    gdal.SetCacheMax(megabytes * 1024 * 1024)


def open_raster(path: str) -> Any:
    """Return GDAL's dataset, opened for reading.  Raise InputError where it cannot or may not be, with GDAL's words."""
    check_near(path)
    return _opened(path)


def _opened(path: str) -> Any:
    try:
        with gdal_failures_raised(), at_reach(path):
            dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY | gdal.OF_VERBOSE_ERROR)
    except GdalFailure as failure:
        if "://" not in path and not path.startswith("/vsi") and ":" not in path[2:] and not os.path.exists(path):
            raise InputError(f"There is no file {path}.", "Check its name and folder.") from failure
        raise InputError(
            f"{path} cannot be opened as an image ({_first_sentence(str(failure))}).",
            "Choose a raster that GDAL reads.",
        ) from failure
    if dataset is None or dataset.RasterXSize < 1 or dataset.RasterYSize < 1:
        raise InputError(f"{path} cannot be opened as an image.", "Choose a raster that GDAL reads.")
    check_overviews(path, dataset)
    return dataset


def files_behind(path: str) -> frozenset[str]:
    """Return the files that hold what is read from `path`: absolute, links resolved, without those inside /vsi.

    Sidecars belong to them, archives, and what virtual rasters are made of, to any depth.
    """
    names: set[str] = set()
    with suppress(InputError):  # a source that is not there is said when it is read
        names.update(check_near(path))
        dataset = _opened(path)
        with at_reach(path):
            names.update(dataset.GetFileList() or ())
    return frozenset(os.path.realpath(name) for name in names if not name.startswith("/vsi"))


def facts_of(path: str) -> RasterFacts:
    """Return what the file says of itself.  Raise InputError where it cannot be sharpened whatever its partner is."""
    near = check_near(path)
    dataset = _opened(path)
    if dataset.RasterCount == 0:
        inside = dataset.GetSubDatasets()
        hint = f"Name one of the images inside it, such as {inside[0][0]}." if inside else "Choose another file."
        raise InputError(f"{path} holds no bands of its own.", hint)
    alpha = _alpha_of(dataset)
    bands = []
    for index in range(1, dataset.RasterCount + 1):
        band = dataset.GetRasterBand(index)
        if band.GetColorInterpretation() != gdal.GCI_AlphaBand:
            bands.append(_band_facts(path, index, band, alpha is not None))
    if not bands:
        raise InputError(f"{path} holds nothing but an alpha band.", "Choose another file.")
    check_blocks(path, dataset, near)
    affine = dataset.GetGeoTransform(can_return_null=True)
    if affine and not (all(map(math.isfinite, affine)) and affine[1] * affine[5] != affine[2] * affine[4]):
        raise InputError(
            f"{path} says that it lies where no place is: its geotransform is {', '.join(map(str, affine))}.",
            "Give it a sound one, for example with gdal_edit.py -a_ullr.",
        )
    crs = dataset.GetSpatialRef()
    return RasterFacts(
        path,
        Grid(
            dataset.RasterXSize,
            dataset.RasterYSize,
            tuple(affine) if affine else None,
            crs.ExportToWkt() if crs else "",
        ),
        tuple(bands),
        _metadata_of(dataset),
        bool(dataset.GetMetadata("RPC")),
        dataset.GetGCPCount() > 0,
    )


def looks_measured(facts: RasterFacts) -> bool:
    """Whether the alpha band of the file, if any, holds too many values to be a mask.

    GDAL calls the fourth band of bytes alpha where nobody says otherwise, so blue, green, red and near infrared become
    a picture that is transparent where the near infrared is dark.
    """
    dataset = open_raster(facts.path)  # held, since a band is gone with its dataset
    alpha = _alpha_of(dataset)
    if alpha is None:
        return False
    width, height = min(512, facts.grid.width), min(512, facts.grid.height)
    middle = (facts.grid.width - width) // 2, (facts.grid.height - height) // 2
    try:
        with gdal_failures_raised():
            values = np.asarray(alpha.ReadAsArray(*middle, width, height))
    except GdalFailure:
        return False  # said when the pixels are read
    return bool(((values > values.min()) & (values < values.max())).mean() > _LEAST_BETWEEN)


def same_crs(first: str, second: str) -> bool:
    """Whether two WKT texts mean one coordinate system; an unknown one is taken to agree."""
    if not first or not second or first == second:
        return True
    one, two = osr.SpatialReference(), osr.SpatialReference()
    one.ImportFromWkt(first)
    two.ImportFromWkt(second)
    for crs in (one, two):
        crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return bool(one.IsSame(two))


def crs_name(wkt: str) -> str:
    """Return a short name for people, such as 'EPSG:32633 WGS 84 / UTM zone 33N'."""
    if not wkt:
        return "unknown"
    crs = osr.SpatialReference()
    crs.ImportFromWkt(wkt)
    code = crs.GetAuthorityCode(None)
    name = crs.GetName() or "unnamed"
    return f"{crs.GetAuthorityName(None)}:{code} {name}" if code else str(name)


class Reader:
    """An open file and the bands of it that are wanted.  One reader belongs to one thread."""

    def __init__(self, source: str, bands: Sequence[BandFacts], nodata: Optional[float], work_type: str) -> None:
        self._source = source
        self._watch = Watch(check_near(source))
        self._dataset = _opened(source)
        if not is_far(source):  # a server would be asked for each file that may be there
            self._watch.add(self._dataset.GetFileList() or ())
        self._bands = tuple(bands)
        self._nodata = nodata
        self._type = np.dtype(work_type)
        self._alpha = _alpha_of(self._dataset)
        self._size = (self._dataset.RasterYSize, self._dataset.RasterXSize)

    @property
    def band_count(self) -> int:
        return len(self._bands)

    def check_unchanged(self) -> None:
        """Raise InputError where any file that is read has changed since; `read` looks at a few of many alone."""
        self._watch.look_at_all()

    def read(self, window: Window) -> tuple[Floats, Optional[Mask]]:
        """Return (bands, h, w) in physical units and the mask (h, w) of pixels valid in all bands; None: all.

        The window may reach outside the file: there the nearest pixel repeats, and is valid as that pixel is.
        """
        inside = window.clipped(Window(0, 0, *self._size))
        if inside.is_empty:
            raise ValueError(f"{window} does not touch {self._source}")
        out = np.empty((len(self._bands), *inside.shape), self._type)
        valid: Optional[Mask] = None
        if self._alpha is not None:
            valid = self._read_array(self._alpha, inside) != 0
        for position, facts in enumerate(self._bands):
            band = self._dataset.GetRasterBand(facts.index)
            raw = self._read_array(band, inside)
            if facts.data_type == "int8" and raw.dtype == np.uint8:
                raw = raw.view(np.int8)
            good = self._valid(facts, band, raw, inside)
            if good is not None:
                valid = good if valid is None else valid & good
            out[position] = raw
            if facts.scale != 1.0 or facts.offset != 0.0:
                out[position] *= facts.scale
                out[position] += facts.offset
        if valid is not None and valid.all():
            valid = None
        if inside != window:
            before = (inside.row - window.row, inside.col - window.col)
            after = (window.row_end - inside.row_end, window.col_end - inside.col_end)
            sides = ((before[0], after[0]), (before[1], after[1]))
            out = np.pad(out, ((0, 0), *sides), mode="edge")
            if valid is not None:
                valid = np.pad(valid, sides, mode="edge")
        return out, valid

    def _valid(self, facts: BandFacts, band: Any, raw: npt.NDArray[Any], window: Window) -> Optional[Mask]:
        if not facts.has_mask and self._nodata is None:
            return None
        good = np.ones(raw.shape, bool)
        nodata = self._nodata
        if nodata is None and facts.data_type == "int8":
            nodata = facts.nodata  # GDAL before 3.7 compares it with bytes that it takes for unsigned ones
        flags = band.GetMaskFlags()
        if nodata is not None and holds(raw.dtype, nodata):
            good &= raw != np.asarray(nodata).astype(raw.dtype)
        compared = flags & gdal.GMF_NODATA and (nodata is not None or facts.nodata is None or math.isnan(facts.nodata))
        if not compared and not flags & (gdal.GMF_ALL_VALID | gdal.GMF_ALPHA):
            good &= self._read_array(band.GetMaskBand(), window) != 0
        if raw.dtype.kind == "f":
            good &= (raw >= -_MOST) & (raw <= _MOST)  # false for NaN
            if not good.all():
                raw[~good] = 0.0  # so that no arithmetic meets NaN
        return good

    def _read_array(self, band: Any, window: Window) -> npt.NDArray[Any]:
        try:
            with gdal_failures_raised(), at_reach(self._source):
                array = band.ReadAsArray(window.col, window.row, window.width, window.height)
        except GdalFailure as failure:
            raise InputError(
                f"{self._source} cannot be read to its end ({_first_sentence(str(failure))}).",
                "The file may be damaged or no longer there; copy or download it again.",
            ) from failure
        if array is None:
            raise InputError(f"{self._source} cannot be read to its end.", "Copy or download it again.")
        self._watch.look()
        return np.asarray(array)


def holds(kind: np.dtype[Any], value: float) -> bool:
    """Whether a nodata value can occur in pixels of this type at all."""
    if kind.kind == "f":
        return True
    limits = np.iinfo(kind)
    return math.isfinite(value) and value == int(value) and limits.min <= value <= limits.max


def _alpha_of(dataset: Any) -> Any:
    """Return the alpha band or None.  GDAL makes a mask of it only beside one or three bands of whole numbers."""
    bands = (dataset.GetRasterBand(index) for index in range(1, dataset.RasterCount + 1))
    return next((band for band in bands if band.GetColorInterpretation() == gdal.GCI_AlphaBand), None)


def _band_facts(path: str, index: int, band: Any, has_alpha: bool) -> BandFacts:
    if band.DataType in _COMPLEX or band.DataType not in _NUMPY_TYPES:
        raise InputError(
            f"Band {index} of {path} is of type {gdal.GetDataTypeName(band.DataType)}, which cannot be sharpened.",
            "Convert it to one of at most 32 bits, or to Float64, first, for example with gdal_translate -ot.",
        )
    data_type = _NUMPY_TYPES[band.DataType]
    if data_type == "uint8" and band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE") == "SIGNEDBYTE":
        data_type = "int8"
    if band.GetColorInterpretation() == gdal.GCI_PaletteIndex and band.GetColorTable() is not None:
        raise InputError(
            f"Band {index} of {path} holds colour-table indices, not measurements.",
            "Use the original bands, or convert it to RGB with gdal_translate -expand rgb.",
        )
    scale, offset, nodata = band.GetScale(), band.GetOffset(), band.GetNoDataValue()
    return BandFacts(
        index,
        data_type,
        nodata,
        has_alpha
        or data_type.startswith("float")
        or band.GetMaskFlags() != gdal.GMF_ALL_VALID
        or (data_type == "int8" and nodata is not None),
        scale if scale is not None and 1.0 / _MOST <= abs(scale) <= _MOST else 1.0,  # false for NaN
        offset if offset is not None and abs(offset) <= _MOST else 0.0,
        band.GetDescription() or "",
        gdal.GetColorInterpretationName(band.GetColorInterpretation()),
        _metadata_of(band),
    )


def _metadata_of(major: Any) -> tuple[tuple[str, str, str], ...]:
    kept = []
    for domain in _KEPT_DOMAINS:
        for key, value in sorted((major.GetMetadata(domain) or {}).items()):
            if not key.startswith("STATISTICS_") and key != "AREA_OR_POINT":
                kept.append((domain, key, value))
    return tuple(kept)


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).rstrip(".")[:200]
