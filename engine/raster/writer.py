"""The result on disk: written beside its final name, checked, and renamed when it is whole."""

from __future__ import annotations

import math
import os
import shutil
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from osgeo import gdal

from ..errors import Interrupted, OutputError
from ..grid.georef import Affine
from ..grid.patch import Floats, Mask
from ..grid.window import Window
from .aside import cannot_replace, check_parts, put_aside, put_back, remove
from .beside import beside_result, spare_inputs, world_file
from .claim import claim
from .dataset import GdalFailure, gdal_failures_raised
from .options import BLOCK as BLOCK
from .options import as_mapping, check_options, cog_options, geotiff_options

_GDAL_TYPES = {
    "uint8": gdal.GDT_Byte,
    "int8": getattr(gdal, "GDT_Int8", gdal.GDT_Byte),
    "uint16": gdal.GDT_UInt16,
    "int16": gdal.GDT_Int16,
    "uint32": gdal.GDT_UInt32,
    "int32": gdal.GDT_Int32,
    "float32": gdal.GDT_Float32,
    "float64": gdal.GDT_Float64,
}
_COLORS = {
    gdal.GetColorInterpretationName(number): number
    for number in {getattr(gdal, name) for name in dir(gdal) if name.startswith("GCI_")}
}
EXTENSIONS = (".tif", ".tiff")


@dataclass(frozen=True)
class BandProfile:
    """What is written about one band."""

    description: str
    color: str
    scale: float
    offset: float
    metadata: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Profile:
    """What a result looks like, before there is one."""

    height: int
    width: int
    affine: Optional[Affine]
    crs: str
    data_type: str  # numpy name
    nodata: Optional[float]
    bands: tuple[BandProfile, ...]
    metadata: tuple[tuple[str, str, str], ...]
    cloud_optimised: bool = False
    overviews: bool = False
    options: tuple[str, ...] = ()
    threads: int = 1

    @property
    def pixel_bytes(self) -> int:
        """What the pixels take before compression."""
        return self.height * self.width * len(self.bands) * np.dtype(self.data_type).itemsize

    @property
    def size_bytes(self) -> int:
        """What the file takes before compression, overviews (a third more) and a second copy for COG included."""
        if self.cloud_optimised:
            return self.pixel_bytes * 7 // 3
        return self.pixel_bytes * 4 // 3 if self.overviews else self.pixel_bytes


@dataclass(frozen=True)
class Encoded:
    """Pixels as the file holds them, and how many had to be clipped to the type's range."""

    array: npt.NDArray[Any]  # (bands, h, w)
    clipped: int
    valid: int


def encode(bands: Floats, valid: Optional[Mask], profile: Profile) -> Encoded:
    """Turn physical values (bands, h, w) into the file's type: unscale, round, clip, mark what is invalid."""
    kind = np.dtype(profile.data_type)
    pixels = bands.shape[1] * bands.shape[2]
    for band, facts in zip(bands, profile.bands):
        if facts.offset != 0.0:
            band -= facts.offset
        if facts.scale != 1.0:
            band /= facts.scale
    clipped = 0
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        np.rint(bands, out=bands)
        # Seen on valid pixels alone: what is invalid becomes nodata anyhow.
        wrong = (bands < limits.min) | (bands > limits.max)
        if valid is not None:
            wrong &= valid
        clipped = int(np.count_nonzero(wrong))
        top = float(limits.max)
        if bands.dtype == np.float32 and top > 2**24:
            bands = bands.astype(np.float64)  # float32 has no 2^31 - 1: it would round up and overflow
        np.clip(bands, limits.min, top, out=bands)
    out = bands.astype(kind)
    if profile.nodata is not None:
        nodata = np.asarray(profile.nodata).astype(kind)
        if not (kind.kind == "f" and math.isnan(profile.nodata)):
            # A valid pixel must not look like nodata: the next value is the nearest honest one.
            out[out == nodata] = _beside(nodata, kind)
        if valid is not None:
            out[:, ~valid] = nodata
    return Encoded(out, clipped, pixels if valid is None else int(np.count_nonzero(valid)))


def journal_of(path: str) -> str:
    """Return the name of the journal in which a run that may be stopped keeps what it has done of that result."""
    return f"{path}.part.journal"


def check_writable(path: str, profile: Profile, inputs: Sequence[str] = (), journal: bool = False) -> None:
    """Raise OutputError where the result could not be written: name, folder, permission, room on the disk.

    Raise it too where writing would replace what an input reads, and RequestError where the creation options are wrong.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.splitext(path)[1].lower() not in EXTENSIONS:
        raise OutputError(f"{path} does not end in .tif.", "The result is a GeoTIFF: name it so.")
    if not os.path.isdir(folder):
        raise OutputError(f"There is no folder {folder}.", "Create it or choose another.")
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder.", "Name a file.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise OutputError(f"{path} is a pipe or a device, and a result is a file.", "Choose another name.")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"The folder {folder} may not be written to.", "Choose another or change its permissions.")
    check_options(profile.options, profile.cloud_optimised)
    spare_inputs(path, as_mapping(profile.options), inputs)
    endings = {".part": True, ".cog.part": profile.cloud_optimised, ".part.journal": bool(journal)}
    check_parts(path, [ending for ending, used in endings.items() if used])
    free = shutil.disk_usage(folder).free
    needed, what = profile.size_bytes, "result"
    if journal:
        there = os.path.getsize(journal_of(path)) if os.path.exists(journal_of(path)) else 0
        needed, what = needed + max(0, profile.pixel_bytes - there), "result, with what is kept of it to go on,"
    if needed > free:
        raise OutputError(
            f"The {what} of {profile.width} x {profile.height} pixels and {len(profile.bands)} bands needs up to "
            f"{_human(needed)}, and {folder} has {_human(free)} free.",
            "Choose another disk, a smaller extent or fewer bands.",
        )


class Writer:
    """Writes windows of the result to `<name>.part`; `finish` makes it the result, `discard` removes it."""

    def __init__(self, path: str, profile: Profile) -> None:
        check_writable(path, profile)
        self.path = path
        self.profile = profile
        self._part = f"{path}.part"
        self._whole = f"{path}.cog.part" if profile.cloud_optimised else self._part  # what becomes the result
        self._aside: dict[str, str] = {}  # files of others in the places where GDAL may write, and where they wait
        self._dataset: Any = None
        try:
            self._claim = claim(self._part)
        except OSError as error:
            raise self._impossible("created", error) from error
        if self._claim is None:
            raise OutputError(f"Another run is writing {path}.", "Wait for it, or choose another name.")
        self._attempt("created", self._create, profile.data_type)

    def write(self, window: Window, encoded: Encoded) -> None:
        """Write (bands, h, w) at `window`, counted from the upper left of the result."""
        array = encoded.array
        if array.dtype == np.int8 and not hasattr(gdal, "GDT_Int8"):
            array = array.view(np.uint8)
        self._attempt("written", self._put, array, window)

    def finish(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Flush, add overviews, rename.  Raise OutputError, with nothing left behind, where the disk fails.

        `go_on` is asked now and then in the long steps; Interrupted is raised when it says no.
        """
        self._attempt("written", self._close)
        if self.profile.cloud_optimised:
            self._attempt("written", self._make_cloud_optimised, go_on)
        elif self.profile.overviews:
            self._attempt("given overviews", self._build_overviews, go_on)
        if not go_on():
            self.discard()
            raise Interrupted
        try:
            os.replace(self._whole, self.path)
        except OSError as error:
            self.discard()
            raise cannot_replace(self.path, error) from error
        for leftover in (*beside_result(self.path), journal_of(self.path)):
            remove(leftover)  # they described the file that was replaced, or are done with
        for written, wanted in self._sidecars().items():
            if wanted is not None and os.path.exists(written):
                os.replace(written, wanted)
        self._end()

    def discard(self) -> None:
        """Remove what has been written so far; nothing once the result has its name."""
        self._release()
        self._end()

    def _end(self) -> None:
        """Leave nothing but the result, what was there before in its place, and the name to whoever wants it next."""
        if self._claim is None:
            return
        for name in {self._part, self._whole, *self._sidecars()}:
            remove(name)
        put_back(self._aside)
        self._claim.close()
        self._claim = None

    def _sidecars(self) -> dict[str, Optional[str]]:
        """Return what GDAL may have put beside the part, and its name beside the result; None: it is not wanted."""
        return {
            f"{self._whole}.aux.xml": f"{self.path}.aux.xml",
            # GDAL takes ".part" for the extension, and puts another in its place.
            f"{self.path}.tfw": world_file(self.path),
            f"{self.path}.IMD": None,  # the result holds it as metadata
            f"{self.path}.cog.IMD": None,
        }

    def _create(self, kind: str) -> None:
        remove(f"{self._whole}.aux.xml")  # this can only be what is left of a run that was killed
        self._aside = put_aside(self._sidecars())
        profile = self.profile
        given = () if profile.cloud_optimised else profile.options
        options = geotiff_options(given, kind, profile.threads)
        kept = _in_one_domain if profile.cloud_optimised else tuple
        dataset = gdal.GetDriverByName("GTiff").Create(
            self._part, profile.width, profile.height, len(profile.bands), _GDAL_TYPES[kind], options
        )
        if dataset is None:
            raise GdalFailure("the file could not be created")
        self._dataset = dataset
        if profile.affine is not None:
            dataset.SetGeoTransform(profile.affine)
        if profile.crs:
            dataset.SetProjection(profile.crs)
        _set_metadata(dataset, kept(profile.metadata))
        for index, facts in enumerate(profile.bands, start=1):
            band = dataset.GetRasterBand(index)
            if profile.nodata is not None:
                band.SetNoDataValue(profile.nodata)
            band.SetDescription(facts.description)
            if facts.scale != 1.0 or facts.offset != 0.0:
                band.SetScale(facts.scale)
                band.SetOffset(facts.offset)
            _set_metadata(band, kept(facts.metadata))
            band.SetColorInterpretation(_COLORS.get(facts.color, gdal.GCI_Undefined))

    def _put(self, array: npt.NDArray[Any], window: Window) -> None:
        self._dataset.WriteArray(array, window.col, window.row)
        block_width, block_height = self._dataset.GetRasterBand(1).GetBlockSize()
        rows_done = window.row_end % block_height == 0 or window.row_end == self.profile.height
        cols_done = window.col_end % block_width == 0 or window.col_end == self.profile.width
        if rows_done and cols_done and block_width < BLOCK * 4:
            # Whole blocks go to the disk now: what stays in GDAL's cache may be written, and fail, when another
            # thread reads.  Blocks that are still to be completed wait, or they would lie in the file twice.
            self._dataset.FlushCache()

    def _close(self) -> None:
        self._dataset.FlushCache()
        self._dataset = None

    def _build_overviews(self, go_on: Callable[[], bool]) -> None:
        dataset = gdal.OpenEx(self._part, gdal.OF_RASTER | gdal.OF_UPDATE)
        if dataset is None:
            raise GdalFailure("it cannot be read back")
        if levels := _overview_levels(self.profile.width, self.profile.height):
            # Averages, not cubic: an overview must not invent values outside the range of the pixels.
            dataset.BuildOverviews("AVERAGE", levels, callback=_asking(go_on))
        dataset.FlushCache()

    def _make_cloud_optimised(self, go_on: Callable[[], bool]) -> None:
        source = gdal.OpenEx(self._part, gdal.OF_RASTER)
        if source is None:
            raise GdalFailure("it cannot be read back")
        remove(self._whole)  # of a run that was killed; and where it is a link, GDAL would write to what that leads to
        options = cog_options(self.profile.options, self.profile.threads)
        copy = gdal.GetDriverByName("COG").CreateCopy(self._whole, source, options=options, callback=_asking(go_on))
        if copy is None and not go_on():  # GDAL does not always say that it was told to stop
            raise Interrupted
        if copy is None:
            raise GdalFailure("the COG could not be made")
        copy.FlushCache()

    def _attempt(self, deed: str, action: Any, *arguments: Any) -> None:
        try:
            with gdal_failures_raised():
                action(*arguments)
        except (GdalFailure, OSError) as failure:
            self._release(failure)
            self.discard()
            if "User terminated" in str(failure):  # what GDAL says when the callback of `_asking` returns 0
                raise Interrupted from failure
            raise self._impossible(deed, failure) from failure
        except BaseException as failure:
            self._release(failure)
            self.discard()
            raise

    def _release(self, failure: Optional[BaseException] = None) -> None:
        """Close all datasets, those too that the frames of a failure hold: no file can be removed before, on Windows.

        Closing may fail as writing did, and that has been said.
        """
        gdal.PushErrorHandler("CPLQuietErrorHandler")
        try:
            while failure is not None:
                traceback.clear_frames(failure.__traceback__)
                failure = failure.__cause__ or failure.__context__
            self._dataset = None
        finally:
            gdal.PopErrorHandler()

    def _impossible(self, deed: str, failure: Exception) -> OutputError:
        return OutputError(
            f"{self.path} could not be {deed} ({' '.join(str(failure).split())[:200]}).",
            "Check the free space and the permissions of its folder, and the creation options.",
        )


def _in_one_domain(items: Sequence[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Return metadata in the default domain, the only one that GDAL copies into a COG; what is there already wins."""
    found = {key: value for _domain, key, value in items}
    found.update({key: value for domain, key, value in items if not domain})
    return tuple(("", key, value) for key, value in found.items())


def _set_metadata(major: Any, items: Sequence[tuple[str, str, str]]) -> None:
    domains: dict[str, dict[str, str]] = {}
    for domain, key, value in items:
        domains.setdefault(domain, {})[key] = value
    for domain, values in domains.items():
        major.SetMetadata(values, domain)


def _asking(go_on: Callable[[], bool]) -> Callable[..., int]:
    """Return a GDAL progress callback that stops the step when `go_on` says no."""

    def callback(_fraction: float, _message: str, _data: Any) -> int:
        return 1 if go_on() else 0

    return callback


def _overview_levels(width: int, height: int) -> list[int]:
    levels, level = [], 2
    while max(width, height) / level > 256:
        levels.append(level)
        level *= 2
    return levels


def _beside(nodata: Any, kind: np.dtype[Any]) -> Any:
    if kind.kind == "f":
        return np.nextafter(nodata, kind.type(np.inf))
    return nodata - 1 if nodata == np.iinfo(kind).max else nodata + 1


def _human(size: int) -> str:
    for unit, step in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size / 1000:.0f} kB"
