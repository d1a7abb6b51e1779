"""The errors of one image against the truth as a raster, for the map."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Optional

from ..grid.window import Window
from ..raster.twins import Twins
from ..raster.writer import BandProfile, Profile, Writer, check_writable, encode
from .compare import Errors

_METADATA = (("", "KSDIFF_ERROR", "mean over bands of |image - truth| in per cent of the band's mean"),)


class ErrorLayer:
    """Written beside its name from `begin` on; `finish` gives it the name, and leaving removes what is not finished."""

    def __init__(self, path: str, threads: int) -> None:
        self._path = path
        self._threads = threads
        self._writer: Optional[Writer] = None

    @property
    def begun(self) -> bool:
        return self._writer is not None

    def begin(self, twins: Twins, border: int, inputs: tuple[str, ...]) -> None:
        """Lay the raster over what both images cover, without a border.  Raise OutputError where it has no place."""
        whole = Window(border, border, twins.height - 2 * border, twins.width - 2 * border)
        profile = Profile(
            height=whole.height,
            width=whole.width,
            affine=twins.grid.affine_of(whole),
            crs=twins.grid.crs,
            data_type="float32",
            nodata=math.nan,
            bands=(BandProfile("error in per cent", "Gray", 1.0, 0.0, ()),),
            metadata=_METADATA,
            threads=self._threads,
        )
        check_writable(self._path, profile, inputs)
        self._writer = Writer(self._path, profile)

    def write(self, window: Window, errors: Errors) -> None:
        """Write the errors of a window, counted from where the border ends."""
        if self._writer is not None:
            self._writer.write(window, encode(errors[None], None, self._writer.profile))

    def finish(self, go_on: Callable[[], bool]) -> None:
        """Give the raster its name, if one was begun.  Raise Interrupted where `go_on` says no before that."""
        if self._writer is not None:
            self._writer.finish(go_on)

    def drop(self) -> None:
        """Remove what is not finished, so that another may be begun."""
        if self._writer is not None:
            self._writer.discard()  # nothing is left to discard once it has its name
        self._writer = None

    def __enter__(self) -> ErrorLayer:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()
