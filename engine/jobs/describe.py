"""Say how a pair fits together, who took it, what is wrong with it and how big the result will be; write nothing."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

from ..events import Event, Finished, Noted, Warned
from ..grid.georef import Grid
from ..raster.dataset import crs_name
from ..raster.scene import Scene, opened
from ..request import DescribeRequest, SharpenRequest
from .pipeline import Crew
from .product import finite, profile_of
from .survey import Survey, display_of, surveyed


def describe(request: DescribeRequest) -> Generator[Event, None, None]:
    """Yield what is found; the last event carries it all.  Raise EngineError where the pair cannot be sharpened."""
    with opened(request) as scene, Crew(0) as crew:
        survey = yield from surveyed(scene, request.sensor, "polynomial", crew)
        yield from (Noted(note) for note in scene.notes)
        problems = [*scene.warnings, *survey.warnings]
        yield from (Warned(problem) for problem in problems)
        yield Finished(_description(scene, survey, request, problems))


def _description(scene: Scene, survey: Survey, request: DescribeRequest, problems: list[str]) -> dict[str, Any]:
    lattice, identity, shift = scene.lattice, survey.identity, survey.shift
    values = {name: getattr(request, name) for name in request.__dataclass_fields__}
    # No file can lie inside the PAN file, so the stand-in for the result is none of the inputs.
    profile = profile_of(scene, SharpenRequest(**values, out=os.path.join(request.pan, "result.tif")), 1)
    return {
        "pan": {"file": scene.pan.path, "data_type": scene.pan_band.data_type, **_grid(scene.pan.grid)},
        "ms": {
            "files": list(dict.fromkeys(band.file.path for band in scene.bands)),
            "bands": [
                {
                    "name": band.facts.description,
                    "role": role,
                    "data_type": band.facts.data_type,
                    "nodata": finite(band.facts.nodata),
                    "scale": band.facts.scale,
                    "offset": band.facts.offset,
                    "mtf_gain": gain,
                }
                for band, role, gain in zip(scene.bands, identity.roles, survey.optics.gains)
            ],
            **_grid(scene.ms_grid),
        },
        "ratio": round(lattice.ratio, 6),
        "ratio_x": round(lattice.cols.ratio, 6),
        "ratio_y": round(lattice.rows.ratio, 6),
        # Where the upper left corner of MS lies, in PAN pixels right of and below that of PAN.
        "offset": [
            round(-lattice.cols.offset / lattice.cols.scale, 4),
            round(-lattice.rows.offset / lattice.rows.scale, 4),
        ],
        "shift": None if shift is None else [round(shift.dx, 3), round(shift.dy, 3)],
        "shift_px": None if shift is None else round(survey.shift_px or 0.0, 3),
        "sensor": identity.sensor.id,
        "sensor_reason": identity.reason,
        "mtf_reason": survey.gain_reason,
        "display": display_of(identity),
        "notes": list(scene.notes),
        "problems": problems,
        "result": {
            "width": profile.width,
            "height": profile.height,
            "bands": len(profile.bands),
            "data_type": profile.data_type,
            "nodata": finite(profile.nodata),
            "size_mb": round(profile.size_bytes / 1e6, 3),
        },
    }


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "width": grid.width,
        "height": grid.height,
        "georeferenced": grid.affine is not None,
        "pixel_size": list(grid.pixel_size),
        "bounds": list(grid.bounds),
        "crs": crs_name(grid.crs),
    }
