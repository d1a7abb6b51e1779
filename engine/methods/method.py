"""The interface of everything that sharpens, and the methods by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, Optional, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import MethodError
from ..grid.pairing import Lattice
from ..grid.patch import Floats, Patch
from .optics import Optics, Reach

State = Mapping[str, npt.NDArray[Any]]
_ROUNDING = 1e-6  # of the mean: what filters of 32 bits leave of a constant

# name: (module, class); imported when asked for, so that a list of methods costs nothing.  A model: see `neural`.
_METHODS = {
    "exp": ("component", "Exp"),
    "brovey": ("component", "Brovey"),
    "gihs": ("component", "Gihs"),
    "gs": ("component", "Gs"),
    "gsa": ("component", "Gsa"),
    "bdsd-pc": ("regression", "BdsdPc"),
    "bt-h": ("regression", "BtH"),
    "sfim": ("multiscale", "Sfim"),
    "mtf-glp": ("multiscale", "MtfGlp"),
    "mtf-glp-fs": ("multiscale", "MtfGlpFs"),
    "mtf-glp-hpm": ("multiscale", "MtfGlpHpm"),
}


class Method(Protocol):
    """Learns a small state from a sample of patches, then sharpens any patch with it.

    `measure` looks at one patch and `settle` adds up what was measured, in the order given: so the looking can be
    spread over threads, and the state is the same however that is done.
    """

    fit_window: int  # PAN pixels along the side of the windows that `measure` wants
    fit_windows: int  # how many of them it wants at most
    largest_tile: int  # PAN pixels along the side of a window beyond which `apply` takes memory and gains nothing

    def fit_reach(self, lattice: Lattice) -> Reach:
        """Return what `measure` needs around the window of its patch."""

    def reach(self, lattice: Lattice) -> Reach:
        """Return what `apply` needs around the window of its patch."""

    def measure(self, patch: Patch) -> Any:
        """Return what one patch contributes to the state."""

    def settle(self, measured: Iterable[Any]) -> State:
        """Return the state of the scene.  Raise MethodError where the sample does not allow one."""

    def apply(self, patch: Patch, state: State) -> Floats:
        """Return (bands, h, w) for the window of `patch`, in the units of MS."""


class Classical:
    """What the methods without a model share: the optics, and how much of a scene they look at."""

    # The whole scene up to 4096 x 4096 PAN pixels, an even sample of that size beyond.
    fit_window = 512
    fit_windows = 64
    largest_tile = 8192

    def __init__(self, optics: Optics, weights: Optional[Sequence[float]] = None) -> None:
        self._optics = optics

    def fit_reach(self, lattice: Lattice) -> Reach:
        optics = self._optics
        return Reach(optics.pan_halo(lattice), optics.fit_margin(lattice), optics.fill_steps)

    def reach(self, lattice: Lattice) -> Reach:
        return Reach(0, self._optics.ms_margin, self._optics.fill_steps)


def create(name: str, optics: Optics, weights: Optional[Sequence[float]] = None) -> Method:
    """Return the classical method of that name."""
    module, kind = _METHODS[name]
    method: Method = getattr(import_module(f".{module}", __package__), kind)(optics, weights)
    return method


def fit(method: Method, patches: Iterable[Patch]) -> State:
    """Return the state that `method` learns from `patches`."""
    return method.settle(method.measure(patch) for patch in patches)


class Moments:
    """Count, mean and covariance of a vector over many pixels, added up in float64."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self.mean = np.zeros(size)
        self._scatter = np.zeros((size, size))

    @classmethod
    def of(cls, rows: Sequence[Floats], valid: Optional[npt.NDArray[np.bool_]] = None) -> Moments:
        """Return the moments of the vector whose components are the given images, on their valid pixels."""
        columns = np.stack([(row if valid is None else row[valid]).ravel() for row in rows]).astype(np.float64)
        moments = cls(len(rows))
        moments.count = columns.shape[1]
        if moments.count:
            moments.mean = columns.mean(axis=1)
            columns -= moments.mean[:, None]
            for row, column in enumerate(columns):
                moments._scatter[row, row:] = moments._scatter[row:, row] = product(columns[row:], column)
        return moments

    def __add__(self, other: Moments) -> Moments:
        total = Moments(self.mean.size)
        total.count = self.count + other.count
        if total.count:
            step = other.mean - self.mean
            total.mean = self.mean + step * (other.count / total.count)
            total._scatter = (
                self._scatter + other._scatter + np.outer(step, step) * (self.count * other.count / total.count)
            )
        return total

    @property
    def covariance(self) -> npt.NDArray[np.float64]:
        covariance = self._scatter / max(1, self.count - 1)
        # What rounding leaves of a constant band is no band: its weight would be without bounds.
        constant = np.diagonal(covariance) <= (_ROUNDING * self.mean) ** 2
        covariance[constant] = covariance[:, constant] = 0.0
        return covariance

    @property
    def std(self) -> npt.NDArray[np.float64]:
        return np.sqrt(np.diagonal(self.covariance))

    def spread_of(self, weights: npt.NDArray[np.float64]) -> float:
        """The standard deviation of the weighted sum of the first components."""
        covariance = self.covariance[: weights.size, : weights.size]
        return math.sqrt(max(0.0, float(product(product(covariance, weights), weights))))

    @property
    def second(self) -> npt.NDArray[np.float64]:
        """The mean of products, not centred."""
        return self._scatter / max(1, self.count) + np.outer(self.mean, self.mean)


def total(measured: Iterable[Moments], pixels: int = 16) -> Moments:
    """Add up moments.  Raise MethodError where fewer than `pixels` valid pixels were seen."""
    result: Optional[Moments] = None
    for moments in measured:
        result = moments if result is None else result + moments
    if result is None or result.count < pixels:
        raise MethodError(
            "There are hardly any pixels that are valid in PAN and in all MS bands, too few for the statistics.",
            "Check the nodata values and whether both images show the same place, or use the method 'exp'.",
        )
    return result


def product(values: npt.NDArray[np.float64], vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the sum over the last axis of values times a vector, in numpy's own loops.

    What is learnt from a scene must not depend on the linear algebra at hand: inside QGIS that of the GNU Scientific
    Library takes the place of numpy's own, slower and with other last bits.
    """
    return np.asarray(np.einsum("...k,k->...", values, vector))


def slope(covariance: float, variance: float) -> float:
    """Return covariance / variance, and 0 where nothing varies: a constant explains nothing."""
    return covariance / variance if variance > 1e-30 else 0.0


def solve(matrix: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Solve a symmetric system whose unknowns may be dependent (duplicate or constant bands): least norm then."""
    scale = _scale(matrix)
    scaled = matrix / np.outer(scale, scale)
    solution, *_ = np.linalg.lstsq(scaled, right / scale, rcond=1e-10)
    return np.asarray(solution / scale)


def solve_not_negative(matrix: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Minimise x'Ax/2 - b'x over x >= 0 (the active-set method of Lawson and Hanson on the normal equations)."""
    size = right.size
    scale = _scale(matrix)
    a, b = matrix / np.outer(scale, scale), right / scale
    x = np.zeros(size)
    free = np.zeros(size, bool)
    tolerance = 1e-12 * max(1.0, float(np.abs(b).max(initial=0.0)))
    for _ in range(3 * size + 10):
        gradient = b - product(a, x)
        gradient[free] = -np.inf
        if not (gradient > tolerance).any():
            break
        free[int(np.argmax(gradient))] = True
        while True:
            trial = np.zeros(size)
            trial[free] = np.linalg.lstsq(a[np.ix_(free, free)], b[free], rcond=1e-12)[0]
            negative = free & (trial <= 0.0)
            if not negative.any():
                x = trial
                break
            step = float(np.min(x[negative] / np.maximum(x[negative] - trial[negative], 1e-300)))
            x = x + step * (trial - x)
            free &= x > 1e-14
            x[~free] = 0.0
    return np.asarray(x / scale)


def _scale(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the size of each unknown; 1 for what never varies."""
    squares = np.diagonal(matrix)
    return np.asarray(np.sqrt(np.where(squares > 0.0, squares, 1.0)))
