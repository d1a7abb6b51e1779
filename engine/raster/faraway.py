"""The network is used only where the user's own words name it: a local file that leads there is refused unopened."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Optional
from urllib.parse import unquote

from osgeo import gdal

from ..errors import InputError

_FAR = re.compile(
    r"/vsi(curl|s3|gs|az|adls|oss|swift|webhdfs|hdfs)|(https?|ftp|ecwps?|jpips?)://|<(GDAL_WMS|GDAL_WMTS|WCS_GDAL)"
    r"|^[\s\"]*(WMS|WMTS|WCS|OGCAPI|EEDAI?|PLMosaic|PLScenes|DAAS|NGW|STACTA|STACIT|GTI|PG|POSTGRES(QL)?):",
    re.IGNORECASE,
)
# On Windows a name such as \\server\share\a.tif, or //server/share/a.tif, asks another computer, and tells it who the
# user is.  Elsewhere the first is a file with odd letters in its name, and the second is /server/share/a.tif.
_HAS_SHARES = os.name == "nt"
_SHARE = re.compile(
    r"""(?: [\s"] | vrt://
          | /vsi\w+[/?] (?: \d+(_\d+)?, | [^\\/]*file= )? \{?  # what another file is read through
          | (?! vrt: | [a-z]: ) [^\\/:".,={\s]* :  # a driver, and which part of the file it is to open
        )*
        [\\/] (?: [\\/] | \?\?[\\/] ) (?! [?.]? [\\/]? [a-z]: )  # \\?\C:\ is a disk of this computer
        (?: [?.][\\/] )? (?: UNC[\\/] )? (?P<share> [^\\/]* [\\/]? [^\\/]* )""",
    re.IGNORECASE | re.VERBOSE,
)
# These read addresses out of the file that they open.
_FAR_DRIVERS = (
    *("WMS", "WMTS", "WCS", "OGCAPI", "HTTP", "STACTA", "STACIT", "GTI", "KMLSUPEROVERLAY"),
    *("EEDA", "EEDAI", "PLMOSAIC", "PLSCENES", "DAAS", "NGW", "RDA"),
)
_WRAPPED = re.compile(r"vrt://|DERIVED_SUBDATASET:\w+:")  # what may stand before the name of a file
_NAMING_FILES = ("VRTDataset", "PAMDataset", "MRF_META")  # documents in which a text may be the name of a file
_WITHOUT_NAMES = ("SRS", "Description", "PixelFunctionCode", "GDALRasterAttributeTable", "Histograms", "GCPList")
_SAYING_MORE = ("OVERVIEW_FILE", "X_DATASET", "Y_DATASET")  # the metadata that GDAL takes for names of files
_BESIDE = (".aux.xml", ".ovr", ".OVR", ".msk", ".MSK", ".aux")
_LONGEST = 1 << 26  # bytes of a document that are looked through
_LONGEST_NAME = 4096  # no system opens a longer one
_MOST_PIECES = 8  # of what names an image inside a file
# Without them a server that falls silent is waited for without an end: seconds, bytes per second, seconds.
_PATIENT = {"GDAL_HTTP_CONNECTTIMEOUT": "30", "GDAL_HTTP_LOW_SPEED_LIMIT": "1", "GDAL_HTTP_LOW_SPEED_TIME": "30"}


def is_far(name: str) -> bool:
    """Whether a name that GDAL opens asks for the network in its own words."""
    return bool(_FAR.search(name))


def check_near(path: str) -> frozenset[str]:
    """Return the files that GDAL may open on its way: an image, its sidecars, and what they are made of, to any depth.

    Raise InputError where a local file leads to the network, or to a pipe or a device, which may never end.  What the
    user's own words put on the network is meant, and what is in memory was put there by this process.  A file on a
    share of Windows may lead to others there, and to no other share.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in path):
        raise InputError(
            f"The name {path!a} is not written in UTF-8 as GDAL needs it, or Python was told to expect others.",
            "Rename the file, or set the environment variable PYTHONUTF8 to 1.",
        )
    found: set[str] = set()
    pending, seen = [] if is_far(path) else [(path, "")], set()
    while pending:
        name, folder = pending.pop()
        if is_far(name):
            if path.startswith("/vsimem/"):
                continue
            raise refusal(path)
        _check_share(path, name)
        if (name, folder) in seen:
            continue
        seen.add((name, folder))
        there = [place for place in {name, os.path.join(folder, name)} if gdal.VSIStatL(place) is not None]
        # Where there is nothing of that name, it may have one inside it.
        pending += [(part, folder) for part in (map(_archive_of, there) if there else _parts(name)) if part]
        for place in (start + ending for start in there for ending in ("", *_BESIDE)):
            facts = gdal.VSIStatL(place)
            if facts is None or stat.S_ISDIR(facts.mode):
                continue
            if not stat.S_ISREG(facts.mode):
                raise InputError(f"{place} is no file.", "Choose a raster that GDAL reads.")
            found.add(place)
            pending += [(text, os.path.dirname(place)) for text in _leads_to(place, facts.size, facts.mtime)]
    return frozenset(found)


def check_overviews(path: str, dataset: Any) -> None:
    """Raise InputError where the metadata of a local file name overviews on the network, which GDAL would open."""
    if is_far(path):
        return
    overviews = dataset.GetMetadataItem("OVERVIEW_FILE", "OVERVIEWS") or ""
    if is_far(overviews):
        raise refusal(path)
    _check_share(path, overviews)


def refusal(path: str) -> InputError:
    """Return the error that refuses a file which leads to the network."""
    return InputError(
        f"{path} lies on this computer, but leads to the network.",
        "Copy what it is made of to this computer; or, if you trust it, name the image on the network itself.",
    )


def _check_share(path: str, name: str) -> None:
    """Raise InputError where a name that stands in a file leads to a share on which the file itself is not."""
    share = _share_of(name)
    if share and share != _share_of(path) and not path.startswith("/vsimem/"):
        raise InputError(
            f"{path} leads to {share} on the network, which was not named.",
            "Copy what it is made of to this computer; or, if you trust it, move it there and name it there.",
        )


def _share_of(name: str) -> str:
    """Return the share of another computer on which Windows looks for what is named so; empty: there is none."""
    if not _HAS_SHARES:
        return ""
    found = _SHARE.match(unquote(name[:_LONGEST_NAME]))  # GDAL takes some names in percent signs
    return "" if found is None else "\\\\" + found["share"].replace("/", "\\").lower()


@contextmanager
def at_reach(path: str) -> Iterator[None]:
    """Keep GDAL, on this thread, from the network for local files; bound how long it waits for others.

    What the process has set stays.
    """
    options = _PATIENT if is_far(path) or path.startswith("/vsimem/") else {"CPL_VSIL_CURL_ALLOWED_FILENAME": "/none"}
    mine = {name: value for name, value in options.items() if gdal.GetConfigOption(name) is None}
    for name, value in mine.items():
        gdal.SetThreadLocalConfigOption(name, value)
    try:
        yield
    finally:
        for name in mine:
            gdal.SetThreadLocalConfigOption(name, None)


@lru_cache(maxsize=1 << 16)  # more than a mosaic has tiles: with fewer places, each look at it begins anew
def _leads_to(path: str, size: int, _changed: int) -> list[str]:
    """Return the files, and whatever lies on the network, that GDAL may open on its way through a local file."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        driver = gdal.IdentifyDriverEx(path, gdal.OF_RASTER)
        if driver is not None and driver.ShortName in _FAR_DRIVERS:
            return ["http://"]
        document = _document(path, size)
    except RuntimeError:  # osgeo with exceptions switched on: no document that GDAL could read either
        return []
    finally:
        gdal.PopErrorHandler()
    return [name for text in _texts(document) for name in {text, text.strip().strip('"')} if name]


def _parts(name: str) -> Iterator[str]:
    """Yield the names that stand in a text which is none itself.

    It may be wrapped, be an image inside a file, such as HDF5:"a.h5"://red, or a document.
    """
    if name.lstrip().startswith("<"):
        yield from _texts(_parsed(name))
        return
    pieces = _WRAPPED.sub("", name.split("?")[0]).split(":", _MOST_PIECES)
    for end in range(1, len(pieces) + 1):
        for start in range(end):
            part = ":".join(pieces[start:end]).strip('"')
            # What looks like a share in the middle, as //red above, is a place inside the file.
            if part != name and len(part) <= _LONGEST_NAME and _share_of(part) in ("", _share_of(name)):
                yield part


def _archive_of(name: str) -> str:
    """Return the file on the disk in which a file of such a name lies, as /vsizip//a/b.zip/c.tif; empty: in none."""
    if not name.startswith("/vsi") or name.startswith("/vsimem/"):
        return ""
    place = re.sub(r"^(/vsi\w+/(\d+(_\d+)?,)?)+", "", name).replace("{", "").replace("}", "")
    while not os.path.isfile(place):
        above = os.path.dirname(place)
        if above == place:  # nothing, or a root
            return ""
        place = above
    return place


def _document(path: str, size: int) -> Optional[Any]:
    """Return the XML of a file as GDAL itself parses it; None where it is of no kind that names files."""
    file = gdal.VSIFOpenL(path, "rb")
    if file is None:
        return None
    try:
        start = gdal.VSIFReadL(1, 1024, file) or b""
        if not any(f"<{kind}".encode() in start for kind in _NAMING_FILES):
            return None
        if size > _LONGEST:
            raise InputError(f"{path} is too long a document to be looked through.", "Choose another file.")
        gdal.VSIFSeekL(file, 0, os.SEEK_SET)
        text = gdal.VSIFReadL(1, size, file) or b""
    finally:
        gdal.VSIFCloseL(file)
    return _parsed(bytes(text).split(b"\0")[0].decode("latin-1"))


def _parsed(text: str) -> Optional[Any]:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        return gdal.ParseXMLString(text)
    except RuntimeError:  # osgeo with exceptions switched on: no document that GDAL could read either
        return None
    finally:
        gdal.PopErrorHandler()


def _texts(document: Optional[Any]) -> Iterator[str]:
    """Yield the texts of a document that may be names of files; metadata and descriptions are none, but for a few."""
    pending = [] if document is None else [document]
    while pending:
        kind, value, *children = pending.pop()
        if kind == gdal.CXT_Text:
            yield value
        elif kind == gdal.CXT_Element and value not in _WITHOUT_NAMES:
            key = next((child[2][1] for child in children if child[:2] == [gdal.CXT_Attribute, "key"]), "")
            if value != "MDI" or key in _SAYING_MORE:
                pending += children
