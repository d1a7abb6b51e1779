"""GDAL's creation options: our defaults, and what users ask for, checked before GDAL passes over it in silence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from osgeo import gdal

from ..errors import RequestError

BLOCK = 512
_YES, _NO = ("YES", "TRUE", "ON"), ("NO", "FALSE", "OFF")
_PATTERNS = {
    "int": (r"[+-]?\d+", "a whole number"),
    "float": (r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", "a number"),
    "boolean": ("|".join((*_YES, *_NO, "1", "0")), "YES or NO"),
}


@dataclass(frozen=True)
class _Option:
    kind: str
    values: tuple[str, ...]  # none: not listed
    least: Optional[float]
    most: Optional[float]


def check_options(given: Sequence[str], cloud_optimised: bool) -> None:
    """Raise RequestError where GDAL does not know one of the NAME=VALUE options, or its value."""
    offered = _offered("COG" if cloud_optimised else "GTiff")
    kind = "cloud-optimised GeoTIFF" if cloud_optimised else "GeoTIFF"
    for name, value in as_mapping(given).items() if offered else ():
        if name not in offered:
            elsewhere = cloud_optimised and name in _offered("GTiff")
            close = difflib.get_close_matches(name, offered)
            raise RequestError(
                f"A {kind} takes no creation option {name}{', unlike other GeoTIFFs' if elsewhere else ''}.",
                f"Did you mean {' or '.join(close)}?" if close else f"It takes {', '.join(sorted(offered))}.",
            )
        remedy = _remedy(offered[name], value)
        if remedy:
            raise RequestError(f"The creation option {name} of a {kind} cannot be '{value}'.", remedy)


def geotiff_options(given: Sequence[str], data_type: str, threads: int) -> list[str]:
    """Return our options, and in their place those that the user gives."""
    options = {
        "TILED": "YES",
        "BLOCKXSIZE": str(BLOCK),
        "BLOCKYSIZE": str(BLOCK),
        "INTERLEAVE": "BAND",
        "COMPRESS": default_compression(),
        "BIGTIFF": "IF_SAFER",
        "NUM_THREADS": str(threads),
    }
    if data_type == "int8" and not hasattr(gdal, "GDT_Int8"):
        options["PIXELTYPE"] = "SIGNEDBYTE"
    wanted = as_mapping(given)
    if wanted.get("TILED", "YES").upper() in (*_NO, "0"):
        del options["BLOCKXSIZE"], options["BLOCKYSIZE"]
    options.update(wanted)
    if options["COMPRESS"].upper() in ("DEFLATE", "LZW", "ZSTD"):
        options.setdefault("PREDICTOR", "3" if data_type.startswith("float") else "2")
    # Level 1: writing has to keep up with sharpening.
    level = {"DEFLATE": "ZLEVEL", "ZSTD": "ZSTD_LEVEL"}.get(options["COMPRESS"].upper())
    if level:
        options.setdefault(level, "1")
    return [f"{key}={value}" for key, value in options.items()]


def default_compression() -> str:
    """Return ZSTD, which costs a third of the time of DEFLATE, where this GDAL has it."""
    compress = _offered("GTiff").get("COMPRESS")
    return "ZSTD" if compress and "ZSTD" in compress.values else "DEFLATE"


def cog_options(given: Sequence[str], threads: int) -> list[str]:
    """Return our options for a cloud-optimised file, and in their place those that the user gives."""
    options = {
        "COMPRESS": "DEFLATE",
        "PREDICTOR": "YES",
        "BIGTIFF": "IF_SAFER",
        "OVERVIEW_RESAMPLING": "AVERAGE",
        "NUM_THREADS": str(threads),
        **as_mapping(given),
    }
    return [f"{key}={value}" for key, value in options.items()]


def as_mapping(options: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE texts by their names in capitals; the last of one name counts."""
    pairs = (option.split("=", 1) for option in options)
    return {key.strip().upper(): value.strip() for key, value in pairs}


def _remedy(option: _Option, value: str) -> str:
    """Return what to give in place of `value`; nothing where GDAL takes it."""
    if option.values:
        found = value.upper()
        known = {text.upper() for text in option.values}
        # GDAL reads TRUE as YES wherever it lists YES.
        if found in known or ("YES" in known and found in _YES) or ("NO" in known and found in _NO):
            return ""
        close = difflib.get_close_matches(found, known, n=1)
        return f"{f'Did you mean {close[0]}? ' if close else ''}It takes {', '.join(option.values)}."
    pattern, words = _PATTERNS.get(option.kind, ("", ""))
    if pattern and not re.fullmatch(pattern, value, re.IGNORECASE):
        return f"Give {words}."
    if option.least is not None and float(value) < option.least:
        return f"Give {option.least:g} or more."
    if option.most is not None and float(value) > option.most:
        return f"Give {option.most:g} or less."
    return ""


def _offered(driver: str) -> dict[str, _Option]:
    """Return the options that this GDAL lists for a driver, by name; none where it lists none."""
    listed = gdal.GetDriverByName(driver).GetMetadataItem("DMD_CREATIONOPTIONLIST")
    options: dict[str, _Option] = {}
    for element in _elements(gdal.ParseXMLString(listed), "Option") if listed else ():
        about = _attributes(element)
        values: list[str] = []
        for value in _elements(element, "Value"):
            values += [text for kind, text, *_ in value[2:] if kind == gdal.CXT_Text]
            values += [text for key, text in _attributes(value).items() if key == "alias"]
        number = about.get("type") in ("int", "float")
        least, most = ((float(about[key]) if number and key in about else None) for key in ("min", "max"))
        options[about["name"].upper()] = _Option(about.get("type", "string"), tuple(values), least, most)
    return options


def _elements(parent: Any, name: str) -> list[Any]:
    return [child for child in parent[2:] if child[0] == gdal.CXT_Element and child[1] == name]


def _attributes(element: Any) -> dict[str, str]:
    return {child[1]: child[2][1] for child in element[2:] if child[0] == gdal.CXT_Attribute}
