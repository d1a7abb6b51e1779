"""How faithful a sharpened image is to what was measured: to MS when brought back to its grid, to PAN in detail.

The protocol of Scarpa & Ciotola 2022.  Bringing back (blur with the MTF of MS, then decimate at the phase where MS
lies) is the caller's, who knows the grids; here are only the comparisons.  Tile by tile, the R indexes are
`reference.measure(ms, reprojected, ...)` on the grid of MS, and D_rho is `measure(...)` on the grid of PAN.
Neither is enough alone: MS enlarged has good R indexes, PAN copied into every band has the best D_rho.
"""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import RequestError
from .hypercomplex import q2n
from .reference import ergas, q_average, sam
from .structure import WindowSums, measure_correlation
from .tile import Mask, Part, Tile, nothing_valid


def r_sam(ms: npt.NDArray[Any], reprojected: npt.NDArray[Any], valid: Optional[Mask] = None) -> float:
    """Return R-SAM in degrees: SAM of MS and the fused image brought back to its grid; 0 is best."""
    return sam(ms, reprojected, valid)


def r_ergas(ms: npt.NDArray[Any], reprojected: npt.NDArray[Any], ratio: float, valid: Optional[Mask] = None) -> float:
    """Return R-ERGAS: ERGAS of MS and the fused image brought back to its grid, ratio that of PAN to MS; 0 is best."""
    return ergas(ms, reprojected, ratio, valid)


def r_q(ms: npt.NDArray[Any], reprojected: npt.NDArray[Any], valid: Optional[Mask] = None) -> float:
    """Return R-Q: Q, in windows of 32 x 32 MS pixels, of MS and the fused image brought back; 1 is best."""
    return q_average(ms, reprojected, valid=valid)


def r_q2n(ms: npt.NDArray[Any], reprojected: npt.NDArray[Any], valid: Optional[Mask] = None) -> float:
    """Return R-Q2n: Q2n, in blocks of 32 x 32 MS pixels, of MS and the fused image brought back; 1 is best."""
    return q2n(ms, reprojected, valid=valid)


def d_rho(fused: npt.NDArray[Any], pan: npt.NDArray[Any], ratio: float, valid: Optional[Mask] = None) -> float:
    """Return 1 - the mean local correlation of the fused bands with PAN; 0 is best, nan where PAN is flat everywhere.

    Pearson's correlation in windows of s x s PAN pixels, s = `ratio` rounded, at every position that fits; mean over
    windows, then over bands.  Windows where PAN is flat (nothing to agree with) are left out; where a band alone is
    flat, its correlation is 0.  fused: (bands, h, w), pan: (h, w).
    """
    part = _part(fused, pan, None, valid)
    if part.valid is not None and not part.valid.any():
        raise nothing_valid()
    return 1.0 - measure_correlation(part, window_of(ratio)).mean()


def measure(
    fused: npt.NDArray[Any],
    pan: npt.NDArray[Any],
    ratio: float,
    tile: Optional[Tile] = None,
    valid: Optional[Mask] = None,
) -> WindowSums:
    """Return what one tile contributes to the local correlation with PAN: D_rho is 1 - the mean of their sum."""
    return measure_correlation(_part(fused, pan, tile, valid), window_of(ratio))


def window_of(ratio: float) -> int:
    """Return the side of D_rho's windows: the ratio rounded, at least 2 for there to be a correlation."""
    return max(2, round(ratio))


def _part(fused: npt.NDArray[Any], pan: npt.NDArray[Any], tile: Optional[Tile], valid: Optional[Mask]) -> Part:
    if fused.ndim != 3 or pan.shape != fused.shape[1:]:
        raise RequestError(
            f"PAN of shape {pan.shape} cannot be compared with an image of {fused.shape}.",
            "Give bands as (bands, rows, columns) and PAN as (rows, columns), on one grid.",
        )
    return Part.of([fused, np.asarray(pan)[None]], tile, valid)
