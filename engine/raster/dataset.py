"""One raster file: what it is, and reading windows of it with a mask of what is valid."""

from __future__ import annotations

import html
import math
import os
import re
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
from .faraway import at_reach, check_near, check_overviews

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
    """Run GDAL calls so that any failure becomes a GdalFailure, whatever the process has set, on this thread alone."""
    failures: list[str] = []

    def keep(level: int, _number: int, message: str) -> None:
        if level >= gdal.CE_Failure:
            failures.append(message)

    gdal.PushErrorHandler(keep)
    try:
        yield
    except (GdalFailure, RuntimeError) as error:  # RuntimeError: osgeo with exceptions switched on
        # What GDAL said first is the reason; the rest is what came of it.
        raise GdalFailure(failures[0] if failures else str(error)) from error
    finally:
        gdal.PopErrorHandler()
    if failures:
        raise GdalFailure(failures[0])


def limit_cache(megabytes: int) -> None:
    """Bound GDAL's block cache; for programs of our own, since the cache belongs to the whole process."""
    gdal.SetCacheMax(megabytes * 1024 * 1024)


def open_raster(path: str) -> Any:
    """Return GDAL's dataset, opened for reading.  Raise InputError where it cannot or may not be, with GDAL's words."""
    check_near(path)
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

    Sidecars belong to them, and what virtual rasters are made of, to any depth.
    """
    found: set[str] = set()
    pending = [path]
    while pending:
        source = pending.pop()
        names = _files_named(source, "")
        with suppress(InputError):  # a source that is not there is said when it is read
            names += _files_used(open_raster(source))
        for name in {os.path.realpath(name) for name in names if not name.startswith("/vsi")} - found:
            found.add(name)
            if _is_virtual(name) and not (os.path.exists(source) and os.path.samefile(name, source)):
                pending.append(name)
    return frozenset(found)


def facts_of(path: str) -> RasterFacts:
    """Return what the file says of itself.  Raise InputError where it cannot be sharpened whatever its partner is."""
    dataset = open_raster(path)
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
    affine = dataset.GetGeoTransform(can_return_null=True)
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
        self._version = _version_of(source)
        self._dataset = open_raster(source)
        self._bands = tuple(bands)
        self._nodata = nodata
        self._type = np.dtype(work_type)
        self._alpha = _alpha_of(self._dataset)
        self._size = (self._dataset.RasterYSize, self._dataset.RasterXSize)

    @property
    def band_count(self) -> int:
        return len(self._bands)

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
        if _version_of(self._source) not in (self._version, None):  # None: removed, which harms no open file
            raise InputError(
                f"{self._source} was changed while it was read.", "Run it again when nothing writes to it any more."
            )
        return np.asarray(array)


def _version_of(path: str) -> Optional[tuple[int, int, int]]:
    """Return what changes when a file does; None where there is no file of that name."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _files_used(dataset: Any) -> list[str]:
    names = list(dataset.GetFileList() or ())
    if dataset.GetDriver().ShortName == "VRT":
        folder = os.path.dirname(dataset.GetDescription()) if os.path.exists(dataset.GetDescription()) else ""
        # GDAL's own list leaves out images inside files, and sources of sources.
        for text in dataset.GetMetadata("xml:VRT") or ():
            for source in re.findall(r"<(?:SourceFilename|SourceDataset)\b[^>]*>([^<]*)<", text):
                names += _files_named(html.unescape(source), folder)
    return names


def _files_named(source: str, folder: str) -> list[str]:
    """Return the files whose names stand in what GDAL opens, such as HDF5:"a.h5"://red, also below `folder`."""
    if os.path.isfile(source) or source.lstrip().startswith("<"):
        texts = [source]
    else:
        pieces = source.split("?")[0].split(":")
        ends = range(1, len(pieces) + 1)
        texts = [":".join(pieces[start:end]).strip('"') for end in ends for start in range(end)]
    places = [place for text in texts if text for place in {text, os.path.join(folder, text)}]
    return [place for place in places if os.path.isfile(place)]


def _is_virtual(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"<VRTDataset" in file.read(1024)
    except OSError:
        return False


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
            "Convert it to a whole-number or floating-point type first.",
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
        1.0 if scale is None or scale == 0.0 or not math.isfinite(scale) else scale,
        0.0 if offset is None or not math.isfinite(offset) else offset,
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
