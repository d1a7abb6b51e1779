"""Samples cut where one says, of the sources that otherwise choose at random: for making training sets.

A place is (number, row, column): of a file of samples the number of one, of an image 0; and the upper left corner.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..grid.pairing import Lattice
from ..grid.window import Window
from .from_h5 import H5Source
from .from_scenes import SceneSource
from .images import Gaps, Image
from .sample import Floats, Sample, Scaling, Variation

Place = tuple[int, int, int]


class Cutter(Protocol):
    """What samples are cut from."""

    scaling: Scaling

    def at(self, place: Place, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        """Return the sample at a place, varied as a random one would be."""


class SceneCutter(SceneSource):
    """Cuts samples from a pair made coarser."""

    def at(self, place: Place, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        return self._sample(Window(place[1], place[2], patch, patch), variation, generator)

    @property
    def area(self) -> Window:
        """The MS pixels that are the truth."""
        return self._area

    @property
    def gaps(self) -> Gaps:
        """Where pixels are missing, in PAN or in MS."""
        return self._gaps

    @property
    def margin(self) -> int:
        """How many MS pixels beyond its window a sample sees."""
        return self._margin

    @property
    def ms(self) -> Image:
        return self._ms

    @property
    def pan(self) -> Image:
        return self._pan

    @property
    def lattice(self) -> Lattice:
        """How MS lies under PAN, both as they are in their files."""
        return self._lattice


class PatchCutter(H5Source):
    """Cuts samples from those of a file."""

    def at(self, place: Place, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        return self._sample(*place, patch, variation.shifts(generator))

    @property
    def count(self) -> int:
        """How many samples the file holds."""
        return self._count

    @property
    def shape(self) -> tuple[int, int]:
        """Their size (h, w)."""
        return self._shape

    @property
    def ratio(self) -> float:
        """Pixels of PAN per pixel of MS."""
        return self._lattice.ratio

    def truth(self, number: int) -> Floats:
        """Return the truth of a sample of the file: (bands, h, w)."""
        return self._read(number)["gt"]


def corners(area: Window, patch: int, step: int) -> npt.NDArray[np.int64]:
    """Return (row, column) of the patches that lie in an area, `step` apart: (places, 2)."""
    if min(area.shape) < patch:
        return np.zeros((0, 2), np.int64)
    rows, cols = (
        np.arange(first, end - patch + 1, step) for first, end in ((area.row, area.row_end), (area.col, area.col_end))
    )
    return np.array(np.meshgrid(rows, cols, indexing="ij"), np.int64).reshape(2, -1).T
