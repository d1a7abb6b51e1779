"""How far MS lies from PAN, what is done about it, and where the shifts are drawn."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..errors import RequestError
from .checks import check_no_input, check_path, check_threads
from .pair import PairRequest

# Nothing is moved, but for a model where nobody knows the place; by one shift; by one and what it leaves in places.
REGISTRATIONS = ("report", "global", "local")
VECTOR_EXTENSIONS = (".gpkg", ".geojson")


@dataclass(frozen=True)
class RegisterRequest(PairRequest):
    """How far does MS lie from PAN, as a whole and from place to place?"""

    out: str = ""  # a file for the local shifts, as points; empty: none
    threads: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_threads(self.threads)
        check_shifts(self.out, (self.pan, *self.ms))


def check_shifts(out: str, inputs: tuple[str, ...]) -> None:
    """Raise RequestError where a file for the local shifts cannot be meant; an empty name means none."""
    if not out:
        return
    check_path("shifts", out)
    if os.path.splitext(out)[1].lower() not in VECTOR_EXTENSIONS:
        raise RequestError(
            f"The shifts are written as a GeoPackage or as GeoJSON, and '{out}' ends like neither.",
            f"Let the name end in {' or '.join(VECTOR_EXTENSIONS)}.",
        )
    check_no_input((out,), inputs)
