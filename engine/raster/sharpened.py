"""A sharpened image laid over the scene it was made of, read window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

import numpy as np

from ..errors import InputError
from ..grid.patch import Floats, Mask
from ..grid.window import Window
from .dataset import NEEDS_DOUBLE, BandFacts, RasterFacts, Reader, facts_of
from .scene import Band, Scene
from .twins import band_count, meeting


class Sharpened:
    """An image of the chosen bands of a scene, on the whole grid of PAN or a part of it.

    Windows are counted in PAN pixels of the scene, whose turn to read it takes.  Raise InputError where the bands do
    not match, PairingError where the pixels do not lie on those of PAN.
    """

    def __init__(self, path: str, scene: Scene, nodata: Optional[float] = None) -> None:
        facts = facts_of(path)
        if len(facts.bands) != len(scene.bands):
            raise InputError(
                f"{path} has {band_count(facts)}, and {len(scene.bands)} of MS are to be compared with it.",
                "Choose the MS bands that it was made of, in their order.",
            )
        here, there = meeting(facts.grid, path, scene.grid, scene.pan.path)
        self._offset = here.row - there.row, here.col - there.col
        self.path = path
        self.covered: Window = facts.grid.window.moved(-self._offset[0], -self._offset[1])
        self.takes_units_of_ms = _lost_its_units(facts, scene.bands)
        bands = facts.bands
        if self.takes_units_of_ms:
            bands = tuple(
                replace(own, scale=band.facts.scale, offset=band.facts.offset) for own, band in zip(bands, scene.bands)
            )
        types = {band.data_type for band in bands}
        self._type = "float64" if types.intersection(NEEDS_DOUBLE) else scene.work_type
        # By band, what the least and the greatest count of its data type become, as clipping leaves them: (bands,).
        self.least, self.greatest = np.array([_ends(band, self._type) for band in bands]).T
        declared = any(band.nodata is not None for band in bands)
        # What is given for PAN and MS is not meant for an image that says it of itself.
        self._reader = Reader(path, bands, None if declared else nodata, self._type)
        self._turn = scene.turn

    def read(self, window: Window) -> tuple[Floats, Optional[Mask]]:
        """Return (bands, h, w) in the units of MS and what is valid, (h, w); None: all.

        Outside the image nothing is valid.
        """
        inside = window.clipped(self.covered)
        if inside.is_empty:
            return np.zeros((self._reader.band_count, *window.shape), self._type), np.zeros(window.shape, bool)
        with self._turn:
            bands, valid = self._reader.read(window.moved(*self._offset))
        if inside != window:
            within = np.zeros(window.shape, bool)
            within[inside.slices_in(window)] = True
            valid = within if valid is None else valid & within
        return bands, valid

    def check_unchanged(self) -> None:
        """Raise InputError where a file has changed since; see `Scene.check_unchanged`."""
        self._reader.check_unchanged()


def _lost_its_units(facts: RasterFacts, ms: Sequence[Band]) -> bool:
    """Whether the image holds the counts of MS without saying how they are scaled: many programs drop that."""
    if any(band.scale != 1.0 or band.offset != 0.0 for band in facts.bands):
        return False
    scaled = any(band.facts.scale != 1.0 or band.facts.offset != 0.0 for band in ms)
    kinds = {band.facts.data_type for band in ms}
    # Other fractions than those of MS are taken for what they are: somebody has scaled them.
    return scaled and all(np.dtype(band.data_type).kind != "f" or band.data_type in kinds for band in facts.bands)


def _ends(band: BandFacts, work_type: str) -> tuple[float, float]:
    """Return the least and the greatest value that the band can hold, as read; nan for fractions, which have none."""
    kind = np.dtype(band.data_type)
    if kind.kind == "f":
        return np.nan, np.nan
    limits = np.iinfo(kind)
    # A valid pixel never equals nodata, so the next count is where clipping ends.
    least = limits.min + (band.nodata == limits.min)
    greatest = limits.max - (band.nodata == limits.max)
    ends = np.array([least, greatest], work_type)
    ends *= band.scale  # as the reader does, to the last bit
    ends += band.offset
    return float(ends[0]), float(ends[1])
