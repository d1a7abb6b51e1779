"""How MS is moved onto PAN: by one shift for all of the scene, and by a smooth field of what that leaves in places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

import numpy as np
import numpy.typing as npt

from .window import Window

Values = npt.NDArray[np.float64]

# Of the sum that the field minimises, beside a measured shift of weight 1: the bend from node to node, from what leaves
# next to a constant to what follows every shift.  How much is best depends on the noise, so the shifts decide it.
_BENDS = (1e4, 100.0, 10.0, 1.0, 0.3, 0.1, 0.03, 0.01)
# Of that the slope, so little that it only matters where the field would run on into what nothing was measured of.
_SLOPE = 0.1
_STEEPEST = 0.02  # pixels of shift per pixel: no relief seen at the angles of satellites goes on at more
_LEAST_SPREAD = 0.05  # PAN pixels: shifts are not measured better than this
_ROUNDS = 4  # after which the weights of the measured shifts hardly change any more
_AGREEING = 0.8  # the share of the measured shifts that say how well others foretell them: the rest may be wrong
_BETTER = 0.99  # of the error of the best stiffer field: a field that is no better shall not bend more
_DIGITS = 6  # of the nodes, beyond which they depend on the linear algebra at hand


@dataclass(frozen=True, eq=False)
class Field:
    """`nodes` are laid evenly over `window`, at its corners and between; the shift is bilinear between them."""

    window: Window  # PAN pixels
    nodes: Values  # (2, down, across): how far MS lies right and down there, in PAN pixels

    def at(self, rows: Values, cols: Values) -> Values:
        """Return the shifts (right, down) where rows and columns of PAN meet: (2, rows, cols); outside, its edge's."""
        _, down, across = self.nodes.shape
        row, far_row = _between(rows, self.window.row, self.window.height, down)
        col, far_col = _between(cols, self.window.col, self.window.width, across)
        near = self.nodes[:, row] * (1.0 - far_row)[:, None] + self.nodes[:, row + 1] * far_row[:, None]
        return np.asarray(near[:, :, col] * (1.0 - far_col) + near[:, :, col + 1] * far_col)

    @property
    def greatest(self) -> float:
        """The longest shift of the field, in PAN pixels."""
        return float(np.hypot(*self.nodes).max())


@dataclass(frozen=True, eq=False)
class Correction:
    """What is taken from where MS lies: `dx` and `dy` PAN pixels right and down, and then the field."""

    dx: float = 0.0
    dy: float = 0.0
    field: Optional[Field] = None

    def at(self, row: float, col: float) -> tuple[float, float]:
        """Return all that is taken away at one place of PAN: PAN pixels right and down."""
        if self.field is None:
            return self.dx, self.dy
        right, down = self.field.at(np.array([row]), np.array([col])).ravel()
        return self.dx + float(right), self.dy + float(down)


AS_LOCATED = Correction()  # MS lies where its georeferencing says


def fitted(window: Window, spacing: int, places: Values, shifts: Values) -> Field:
    """Return the smooth field nearest to what was measured, with nodes about `spacing` PAN pixels apart.

    places: (n, 2), rows and columns of PAN; shifts: (n, 2), right and down, in PAN pixels.  It is as smooth as lets the
    shifts foretell each other best.  What contradicts the field around it counts little, and where nothing was measured
    the field goes on from there, towards no change.
    """
    down, across = (max(1, math.ceil(side / spacing)) + 1 for side in window.shape)
    best = Field(window, np.zeros((2, down, across)))
    if not len(shifts):
        return best
    seen = _weights(window, (down, across), places)
    bend, slope = _second(down, across), _first(down, across)
    rough = bend.T @ bend + _SLOPE * slope.T @ slope
    least = math.inf
    for stiffness in _BENDS:
        nodes, off = _settled(seen, shifts, stiffness * rough + 1e-6 * np.eye(down * across))
        field = Field(window, np.ascontiguousarray(np.round(nodes.T, _DIGITS)).reshape(2, down, across))
        if _steepest(field) > _STEEPEST:  # what bends more easily is steeper still
            break
        if off < _BETTER * least:
            best, least = field, off
    return best


def _settled(seen: Values, shifts: Values, smooth: Values) -> tuple[Values, float]:
    """Return the nodes (n, 2) of least squares in which each shift counts the less the further it lies off.

    And how far shifts lie off what all others say of them: the mean of most squares.
    """
    trust = np.ones(len(shifts))
    for _ in range(_ROUNDS):
        weighted = seen.T * trust
        shares = np.linalg.solve(weighted @ seen + smooth, weighted)  # of each shift in each node: (nodes, places)
        nodes = shares @ shifts
        off = np.hypot(*(seen @ nodes - shifts).T)
        spread = max(_LEAST_SPREAD, 1.5 * float(np.median(off)))
        trust = 1.0 / (1.0 + (off / (2.0 * spread)) ** 2) ** 2
    alone = off / (1.0 - np.einsum("pn,np->p", seen, shares))  # leaving one out, without a fit for each
    return nodes, float(np.sort(alone**2)[: math.ceil(_AGREEING * alone.size)].mean())


def _weights(window: Window, shape: tuple[int, int], places: Values) -> Values:
    """Return the share of each node in each place: (places, nodes)."""
    down, across = shape
    row, far_row = _between(places[:, 0], window.row, window.height, down)
    col, far_col = _between(places[:, 1], window.col, window.width, across)
    out = np.zeros((len(places), down * across))
    each = np.arange(len(places))
    for row_step, row_share in ((0, 1.0 - far_row), (1, far_row)):
        for col_step, col_share in ((0, 1.0 - far_col), (1, far_col)):
            out[each, (row + row_step) * across + col + col_step] += row_share * col_share
    return out


def _first(down: int, across: int) -> Values:
    """Return the differences between neighbours: (differences, nodes)."""
    return np.concatenate([np.kron(_steps(down, 1), np.eye(across)), np.kron(np.eye(down), _steps(across, 1))])


def _second(down: int, across: int) -> Values:
    """Return how the differences between neighbours change, along both axes and from one to the other."""
    return np.concatenate(
        [
            np.kron(_steps(down, 2), np.eye(across)),
            np.kron(np.eye(down), _steps(across, 2)),
            math.sqrt(2.0) * np.kron(_steps(down, 1), _steps(across, 1)),
        ]
    )


def _steps(count: int, order: int) -> Values:
    return np.diff(np.eye(count), order, axis=0)


def _steepest(field: Field) -> float:
    """Return the greatest change of the shift from node to node, per pixel."""
    _, down, across = field.nodes.shape
    rows = np.diff(field.nodes, axis=1) * (down - 1) / field.window.height
    cols = np.diff(field.nodes, axis=2) * (across - 1) / field.window.width
    return float(max(np.abs(rows).max(), np.abs(cols).max()))


def _between(places: Values, start: int, length: int, count: int) -> tuple[npt.NDArray[np.intp], Values]:
    """Return the node before each place and how far it is from there to the next, 0 to 1."""
    steps = np.clip((places - start) * ((count - 1) / length), 0.0, count - 1.0)
    before = np.minimum(steps.astype(np.intp), count - 2)
    return before, steps - before
