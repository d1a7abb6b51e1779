"""Say how far MS lies from PAN, and write the shifts from place to place as a layer of points."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

from ..events import Event, Finished, Noted, Progress, Started, Warned
from ..grid.field import AS_LOCATED
from ..grid.georef import Grid
from ..raster.documents import check_nameable
from ..raster.points import write_points
from ..raster.scene import opened
from ..request import VECTOR_EXTENSIONS, RegisterRequest
from .memory import peak_mb
from .pipeline import Crew
from .registration import as_a_whole, correcting, in_places
from .survey import LocalShift, spread


def register(request: RegisterRequest) -> Generator[Event, None, None]:
    """Say how far MS lies from PAN, and write the local shifts if a file is named for them.

    Yield events at least every 0.2 s; closing the generator stops without a trace.  Raise EngineError where it cannot
    be done.
    """
    begun = time.monotonic()
    check_shifts_writable(request.out)
    with Crew(request.threads) as crew:
        with opened(request) as scene:
            grid, warnings = scene.grid, list(scene.warnings)
            yield Started("register", {"ratio": round(scene.lattice.ratio, 6)})
        survey, found = yield from as_a_whole(request, crew)
        warnings += survey.warnings
        yield from (Warned(warning) for warning in warnings)
        local = yield from in_places(request, survey.optics, AS_LOCATED if found is None else correcting(found), crew)
    lengths = [one.shift.length for one in local]
    apart = spread([one.shift for one in local])
    result: dict[str, Any] = {
        "shift": None if found is None else [round(found.dx, 3), round(found.dy, 3)],
        "shift_px": None if found is None else round(found.length, 3),
        "correlation": None if found is None else round(found.correlation, 3),
        "at_least": found is not None and found.at_least,
        "local": len(local),
        "local_greatest_px": round(max(lengths), 3) if lengths else None,
        "local_spread_px": None if apart is None else round(apart, 3),
        "output": request.out,
        "warnings": warnings,
    }
    result["summary"] = _summary(result)
    yield Noted(result["summary"])
    write_shifts(request.out, grid, local)
    yield Progress(1.0, "Done")
    yield Finished({**result, "seconds": round(time.monotonic() - begun, 3), "peak_mb": peak_mb()})


def check_shifts_writable(out: str) -> None:
    """Raise OutputError where the local shifts could not be written; an empty name is none."""
    if out:
        check_nameable(out, VECTOR_EXTENSIONS)


def write_shifts(out: str, grid: Grid, local: Sequence[LocalShift]) -> None:
    """Write the local shifts as points with numbers, in PAN pixels; an empty name is none.  Raise OutputError."""
    if not out:
        return
    shifts = [one.shift for one in local]
    numbers = {
        "dx": [shift.dx for shift in shifts],
        "dy": [shift.dy for shift in shifts],
        "length": [shift.length for shift in shifts],
        "correlation": [shift.correlation for shift in shifts],
    }
    write_points(out, "shifts", grid, [one.window.centre for one in local], numbers)


def _summary(result: dict[str, Any]) -> str:
    if result["shift"] is None:
        whole = "How far MS lies from PAN could not be measured for the scene as a whole"
    else:
        dx, dy = result["shift"]
        whole = f"MS lies {dx:+.2f}, {dy:+.2f} PAN pixels (x, y) from PAN (correlation {result['correlation']:.2f})"
    places = f"{result['local']} place{'s' * (result['local'] != 1)} measured"
    if result["local"]:
        places += f", at most {result['local_greatest_px']:.2f} PAN pixels"
    return f"{whole}; {places}."
