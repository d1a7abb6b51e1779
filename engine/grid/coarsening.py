"""How a pair is made coarser by its own ratio: which MS pixels remain as the truth, and how coarse MS lies on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from ..errors import PairingError
from .georef import Affine, Grid
from .pairing import Axis, Lattice
from .window import Window

_LEAST_RATIO = 1.1
# Where geotransforms are rounded, 3.9999 means 4: as long as pixels do not drift by half a pixel over the image.
_NEARLY_WHOLE = 0.02
_MOST_DRIFT = 0.5
_ROUNDING = 1e-4  # pixels


@dataclass(frozen=True)
class Coarsening:
    """`truth` are the MS pixels that remain; coarse PAN lies on them, and coarse MS begins at their upper left."""

    truth: Window  # in MS pixels
    coarse: Window  # all pixels of coarse MS, counted from 0
    lattice: Lattice  # how coarse MS lies under MS, as the lattice of a pair says how MS lies under PAN

    def affine_of_coarse(self, truth: Affine) -> Affine:
        """Return the geotransform of coarse MS, given that of the truth."""
        x0, dx, _, y0, _, dy = truth
        return (x0, dx * self.lattice.cols.ratio, 0.0, y0, 0.0, dy * self.lattice.rows.ratio)


def coarsen(lattice: Lattice, shared: Window, ms: Window, located: bool) -> Coarsening:
    """Return how the pair is made coarser, from the PAN pixels that both images share and the pixels of MS.

    An MS pixel counts as covered by PAN where at most half a PAN pixel of it is missing.  What does not fill a coarse
    pixel is dropped.  Where the files are not `located`, sizes alone have to tell the ratio.  Raise PairingError where
    nothing remains.
    """
    if lattice.ratio < _LEAST_RATIO:
        raise PairingError(
            f"PAN pixels are no finer than MS pixels (ratio {lattice.ratio:.3g}), so there is no ratio to degrade by.",
            "Choose a PAN image with smaller pixels than MS.",
        )
    row, rows, coarse_rows, ratio_rows = _axis(lattice.rows, shared.row, shared.row_end, ms.height, located)
    col, cols, coarse_cols, ratio_cols = _axis(lattice.cols, shared.col, shared.col_end, ms.width, located)
    if coarse_rows < 1 or coarse_cols < 1:
        raise PairingError(
            f"PAN and MS share less than one pixel that is {lattice.ratio:.3g} times as large as those of MS.",
            "Choose a larger extent, or images that overlap more.",
        )
    return Coarsening(
        Window(row, col, rows, cols),
        Window(0, 0, coarse_rows, coarse_cols),
        Lattice(Axis(1.0 / ratio_rows, -row / ratio_rows), Axis(1.0 / ratio_cols, -col / ratio_cols)),
    )


def truth_affine(lattice: Lattice, pan: Grid, ms: Grid, truth: Window) -> Optional[Affine]:
    """Return the geotransform of the MS pixels `truth`: that of MS, or as PAN locates them; None: neither does."""
    if ms.affine is not None or pan.affine is None:
        return ms.affine_of(truth)
    x0, dx, _, y0, _, dy = pan.affine
    rows, cols = lattice.rows, lattice.cols
    return (
        x0 + dx * (truth.col - cols.offset) / cols.scale,
        dx / cols.scale,
        0.0,
        y0 + dy * (truth.row - rows.offset) / rows.scale,
        0.0,
        dy / rows.scale,
    )


def _axis(axis: Axis, start: int, end: int, size: int, located: bool) -> tuple[int, int, int, float]:
    """Return the first MS pixel, how many remain, how many coarse ones they make, and the ratio."""
    first = max(0, math.ceil(axis.scale * (start - 0.5) + axis.offset - _ROUNDING))
    last = min(size, math.floor(axis.scale * (end + 0.5) + axis.offset + _ROUNDING))
    ratio = axis.ratio
    whole = max(1, round(ratio))
    coarse = max(0, math.floor((last - first) / ratio + _ROUNDING))
    if abs(ratio / whole - 1.0) < _NEARLY_WHOLE and abs(ratio - whole) * coarse < _MOST_DRIFT:
        ratio = float(whole)
        coarse = max(0, (last - first) // whole)
    rest = math.floor(coarse * ratio + _ROUNDING)
    if not located and coarse:
        ratio = rest / coarse
    return first, rest, coarse, ratio
