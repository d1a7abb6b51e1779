"""What the sharpened image looks like as a file: type, nodata, names, and everything MS says that must survive."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Optional

import numpy as np

from .. import __version__
from ..errors import without_secrets
from ..grid.window import Window
from ..modelfile.card import Card
from ..raster.clues import wavelength_of
from ..raster.dataset import holds
from ..raster.scene import Band, Scene
from ..raster.writer import BandProfile, Encoded, Profile
from ..request import SharpenRequest
from .survey import Identity, Survey

_DATA_TYPES = {"byte": "uint8"}
_COLORS = {"red": "Red", "green": "Green", "blue": "Blue"}
# Of the file, not of what it shows: the result has its own.
_OWN_METADATA = ("TIFFTAG_SOFTWARE", "TIFFTAG_XRESOLUTION", "TIFFTAG_YRESOLUTION", "TIFFTAG_RESOLUTIONUNIT")


def profile_of(scene: Scene, request: SharpenRequest, threads: int) -> Profile:
    """Return what is known of the result before the pair has been looked at: enough to check the disk."""
    data_type = _data_type(scene, request)
    return Profile(
        height=scene.window.height,
        width=scene.window.width,
        affine=scene.grid.affine_of(scene.window),
        crs=scene.grid.crs,
        data_type=data_type,
        nodata=nodata_value((scene.nodata, *(band.facts.nodata for band in scene.bands)), scene.has_gaps, data_type),
        bands=tuple(
            BandProfile(band.facts.description, "Undefined", band.facts.scale, band.facts.offset, band.facts.metadata)
            for band in scene.bands
        ),
        metadata=(),
        cloud_optimised=request.format == "cog",
        overviews=request.overviews,
        options=request.options,
        threads=threads,
    )


def provenance(
    profile: Profile,
    scene: Scene,
    survey: Survey,
    request: SharpenRequest,
    card: Optional[Card] = None,
    adapted: Optional[Mapping[str, Any]] = None,
) -> Profile:
    """Return the profile with names, colours and metadata: those of MS, and how the result came about.

    `adapted` is what came of adapting the model, if that was asked for.
    """
    identity = survey.identity
    bands = tuple(
        replace(
            band,
            description=band.description or name_of(identity, position),
            color=_color(scene.bands[position], identity.roles[position]),
            metadata=band.metadata + _wavelength(band, identity, position),
        )
        for position, band in enumerate(profile.bands)
    )
    first = scene.bands[0].file
    kept = tuple(item for item in first.metadata if item[1] not in _OWN_METADATA and item[0] != "RPC")
    made = {
        "TIFFTAG_SOFTWARE": f"KSDiff {__version__}",
        "KSDIFF_METHOD": request.method,
        "KSDIFF_SENSOR": identity.sensor.id,
        "KSDIFF_RATIO": f"{scene.lattice.cols.ratio:.6g} {scene.lattice.rows.ratio:.6g}",
        "KSDIFF_PAN": os.path.basename(without_secrets(scene.pan.path)),
        "KSDIFF_MS": " ".join(dict.fromkeys(os.path.basename(without_secrets(band.file.path)) for band in scene.bands)),
        "KSDIFF_MTF_GAINS": " ".join(f"{gain:.3g}" for gain in survey.optics.gains),
        "KSDIFF_RESAMPLING": survey.optics.kernel,
    }
    if card is not None:
        made["KSDIFF_MODEL"] = f"{card.name} {card.version} sha256:{card.tensor_hash}"
        made["KSDIFF_SEED"] = str(request.seed)
        made["KSDIFF_CONTEXT"] = request.context
    if adapted:
        made["KSDIFF_ADAPTED"] = (
            f"{adapted['minutes']:g} min, {adapted['steps']} steps; error {adapted['error_before']:.4f} before, "
            f"{adapted['error_after']:.4f} after"
        )
    if survey.shift is not None:
        made["KSDIFF_SHIFT_FOUND"] = f"{survey.shift.dx:.3f} {survey.shift.dy:.3f}"
    return replace(profile, bands=bands, metadata=kept + tuple(("", key, value) for key, value in made.items()))


def rounding_warning(scene: Scene, profile: Profile) -> Optional[str]:
    """Return what is lost where MS holds fractions and the result whole numbers; None where nothing is."""
    fractions = [band for band in scene.bands if band.facts.data_type.startswith("float") and band.facts.scale == 1.0]
    if not fractions or profile.data_type.startswith("float"):
        return None
    return (
        f"MS holds fractions and the result is to be {profile.data_type}: values are rounded to whole numbers, which "
        "leaves nothing of reflectances between 0 and 1. Choose float32 to keep them."
    )


def blank(tile: Window, profile: Profile) -> Encoded:
    """Return a tile in which nothing is valid."""
    kind = np.dtype(profile.data_type)
    shape = (len(profile.bands), tile.height, tile.width)
    return Encoded(np.full(shape, 0 if profile.nodata is None else profile.nodata, kind), 0, 0)


def _data_type(scene: Scene, request: SharpenRequest) -> str:
    if request.data_type != "same":
        return _DATA_TYPES.get(request.data_type, request.data_type)
    common = np.result_type(*(np.dtype(band.facts.data_type) for band in scene.bands))
    return "float64" if common.name in ("int64", "uint64") else common.name


def nodata_value(asked: Iterable[Optional[float]], has_gaps: bool, data_type: str) -> Optional[float]:
    """Return what marks the invalid: the first asked value that fits the type, or one of ours where there are gaps."""
    kind = np.dtype(data_type)
    for value in asked:
        if value is not None and holds(kind, value):
            return float(value)
    if not has_gaps:
        return None
    if kind.kind == "f":
        return math.nan
    return 0.0 if kind.kind == "u" else float(np.iinfo(kind).min)


def name_of(identity: Identity, position: int) -> str:
    """Return what the sensor calls the band at this position, or its role; empty where neither is known."""
    index = identity.index[position]
    if index is not None:
        return identity.sensor.bands[index].name
    return identity.roles[position] or ""


def _color(band: Band, role: Optional[str]) -> str:
    # A first band called "Gray" in a file of several only says that nobody named it.
    if band.facts.color not in ("Gray", "Undefined"):
        return band.facts.color
    return _COLORS.get(role or "", "Undefined")


def _wavelength(band: BandProfile, identity: Identity, position: int) -> tuple[tuple[str, str, str], ...]:
    index = identity.index[position]
    if index is None or wavelength_of(band.metadata) is not None:
        return ()
    return (("IMAGERY", "CENTRAL_WAVELENGTH_UM", f"{identity.sensor.bands[index].wavelength_um:g}"),)


def finite(value: Optional[float]) -> Any:
    """Return a nodata value as JSON can hold it: NaN and the infinities as words."""
    return value if value is None or math.isfinite(value) else str(value)
