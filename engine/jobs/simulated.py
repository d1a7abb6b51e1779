"""What the files of a simulated pair look like: those of the pair it came from, on coarser grids, and what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import numpy as np

from ..errors import PairingError
from ..grid.coarsening import Coarsening, truth_affine
from ..grid.georef import Affine
from ..grid.patch import Mask
from ..raster.clues import clues_of
from ..raster.dataset import BandFacts
from ..raster.scene import Scene
from ..raster.writer import BandProfile, Encoded, Profile, encode
from ..request import SharpenRequest, SimulateRequest
from ..sensors.sensor import detect
from .product import nodata_value, profile_of, provenance
from .survey import Survey

# Of sharpening, or said otherwise here.
_NOT_OURS = ("KSDIFF_METHOD", "KSDIFF_RESAMPLING")
_OF_THE_FILE = ("TIFFTAG_SOFTWARE", "TIFFTAG_XRESOLUTION", "TIFFTAG_YRESOLUTION", "TIFFTAG_RESOLUTIONUNIT")
_ROLES = ("PAN", "MS", "REFERENCE")

Profiles = tuple[Profile, Profile, Profile]  # coarse PAN, coarse MS, the reference


def check_unwarped(scene: Scene) -> None:
    """Raise PairingError where MS would have to be warped, so that the reference could not be the original MS."""
    for band in scene.bands:
        if band.source != band.file.path:
            raise PairingError(
                f"{band.file.path} lies on another grid than the other images and would have to be warped, so that no "
                "original MS would be left to serve as the truth.",
                "Warp PAN to the coordinate system of MS, choose MS bands of one grid, and use these.",
            )


def profiles_of(scene: Scene, made: Coarsening, request: SimulateRequest, threads: int) -> Profiles:
    """Return the three results as far as they are known before the pair has been looked at."""
    like_ms = profile_of(scene, _stand_in(request), threads)
    truth = truth_affine(scene.lattice, scene.pan.grid, scene.ms_grid, made.truth)
    facts = [band.facts for band in scene.bands]
    reference = replace(
        like_ms,
        height=made.truth.height,
        width=made.truth.width,
        affine=truth,
        nodata=_nodata(scene.nodata, facts, like_ms.data_type),
    )
    shape = made.coarse.shape
    ms = replace(reference, height=shape[0], width=shape[1], affine=_coarse_affine(made, truth, request))
    one = scene.pan_band
    pan = replace(
        reference,
        data_type=one.data_type,
        nodata=_nodata(scene.nodata, [one], one.data_type),
        bands=(BandProfile(one.description, one.color, one.scale, one.offset, one.metadata),),
    )
    return pan, ms, reference


def described(profiles: Profiles, scene: Scene, survey: Survey, request: SimulateRequest) -> Profiles:
    """Return the profiles with the names, colours and metadata of their sources, and how they came about."""
    pan, ms, reference = profiles
    told = provenance(ms, scene, survey, _stand_in(request))
    kept_ms = tuple(item for item in told.metadata if item[1] not in _NOT_OURS)
    own = {key: value for domain, key, value in kept_ms if not domain}
    kept_pan = tuple(item for item in scene.pan.metadata if item[1] not in _OF_THE_FILE and item[0] != "RPC")
    kept_pan += tuple(
        ("", key, value) for key, value in own.items() if key.startswith("KSDIFF") or key == "TIFFTAG_SOFTWARE"
    )
    made = {"KSDIFF_PAN_GAIN": f"{survey.optics.pan_gain:.3g}", **_sensor_item(scene, survey)}
    metadata = []
    for kept, role in zip((kept_pan, kept_ms, kept_ms), _ROLES):
        items = {"KSDIFF_SIMULATION": request.convention, "KSDIFF_SIMULATION_ROLE": role, **made}
        metadata.append(kept + tuple(("", key, value) for key, value in items.items()))
    return (
        replace(pan, metadata=metadata[0]),
        replace(ms, bands=told.bands, metadata=metadata[1]),
        replace(reference, bands=told.bands, metadata=metadata[2]),
    )


def untouched(counts: Any, valid: Optional[Mask], profile: Profile) -> Encoded:
    """Return the counts as they are, but mark what only a mask, alpha or the request says is not valid."""
    array = counts.astype(profile.data_type, copy=False)
    total = array.shape[1] * array.shape[2]
    if valid is None or profile.nodata is None:
        return Encoded(array, 0, total)
    nodata = np.asarray(profile.nodata).astype(array.dtype)
    seen_invalid = array == nodata
    if array.dtype.kind == "f":
        seen_invalid |= ~np.isfinite(array)
    unmarked = ~valid & ~seen_invalid.any(axis=0)
    if unmarked.any() or (valid & seen_invalid.any(axis=0)).any():
        # Whole numbers of 32 bits and all others fit into float64, so nothing else changes.
        plain = replace(profile, bands=tuple(replace(band, scale=1.0, offset=0.0) for band in profile.bands))
        marked = encode(np.where(valid, array, 0).astype(np.float64), valid, plain).array
        array = np.where(unmarked | valid, marked, array)
    return Encoded(array, 0, int(np.count_nonzero(valid)))


def _coarse_affine(made: Coarsening, truth: Optional[Affine], request: SimulateRequest) -> Optional[Affine]:
    if truth is None:
        return None
    affine = made.affine_of_coarse(truth)
    if request.convention == "geometric":
        return affine
    # The toolbox keeps pixel r/2 of every r, which lies half an MS pixel right of and below the middle.
    return (affine[0] + 0.5 * truth[1], *affine[1:3], affine[3] + 0.5 * truth[5], *affine[4:])


def _sensor_item(scene: Scene, survey: Survey) -> dict[str, str]:
    """Return what tells the sensor where only the names of the files did, since these are other names now."""
    identity = survey.identity
    found = detect(clues_of(scene))
    if not identity.known or (found is not None and found.sensor.id != identity.sensor.id):
        return {}
    return {"SENSOR": identity.sensor.name}


def _stand_in(request: SimulateRequest) -> SharpenRequest:
    """Return the request to sharpen the same pair: what is said about its result holds for simulated MS as well."""
    names = SharpenRequest.__dataclass_fields__.keys() & SimulateRequest.__dataclass_fields__.keys()
    return SharpenRequest(**{name: getattr(request, name) for name in names}, out=request.out_ms)


def _nodata(asked: Optional[float], bands: list[BandFacts], data_type: str) -> Optional[float]:
    has_gaps = asked is not None or any(band.has_mask for band in bands)
    return nodata_value((asked, *(band.nodata for band in bands)), has_gaps, data_type)
