"""KSDiff behind the interface of methods: the network of a model file, its kernels made once for a scene.

To learn is to make kernels: windows as large as the patches of training are encoded, reverse diffusion finds the latent
of each, and the scene gets the mean of their kernels.  With these the network is local, so tiles meet without a seam.

With the context "tile" the scene is cut into cells, whatever tiles it is read in, and each cell gets the mean of its
own windows.  Where cells meet, the images that their kernels make are blended, not the kernels: that is exactly smooth,
whereas kernels can change from block to block only, and each block, the smaller the dearer, needs the whole halo of the
network.  The kernels of all cells are made at once, so that tiles need nothing but their own pixels.

What it gains was measured on six pairs of Landsat 7 (benchmarks/context.py).  ERGAS is 3.584 for the scene, and 3.583
to 3.586 for cells of 192 to 64 pixels: nothing, as even with the kernels of another scene it is 3.583.  With a single
window it is 3.594, and with the mean of the latents, in place of that of the kernels, it stays as it is.  So the scene
is the default, as it costs least.

Where the network computes is a matter of its `Fuser`; nothing here needs PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import reduce
from typing import Any, Optional, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import MethodError
from ..grid.blending import Cells
from ..grid.pairing import Lattice
from ..grid.patch import Floats, Patch
from ..grid.window import Window
from ..modelfile.card import InputContract
from ..pixels.brightness import BRIGHT, bright_end
from ..pixels.filters import fill_gaps
from ..pixels.resample import reach
from .method import State
from .optics import Optics, Reach

PATCH = 64  # PAN pixels: what networks are trained on, and so what their encoders and generators know
_LOOKS = {"scene": 64, "tile": 256}  # windows, by context
# PAN pixels along the side of a cell, and how many cells at most: their kernels are all kept, some megabytes for each
# of a large network, so that the cells of a large scene are larger.  Four windows or more make the kernels of a cell.
CELL = 256
_MOST_CELLS = 64
RAMP = 0.5  # of a cell's side, over which it is blended with the next: a pixel is computed 2.25 times on average
# PAN pixels.  A worker with a PanNeXt of width 32 for 6 bands takes 0.65 GB with two threads and 1.0 GB with four; with
# tiles of 512, which have less halo beside them and so take less time, 1.6 and 2.7 GB.  Anything between would not fill
# the blocks of a file evenly.
_TILE = 256
_LARGEST_TILE = 1024  # for a graphics card that has room for it
_SMALLEST_TILE = 256
# Of the state, beside the kernels, whose names begin with the numbers of their cells.
DIVISOR, PAN_DIVISOR, CELLS = "divisor", "pan_divisor", "cells"
TOLD = "facts"  # among the kernels, as the network knows it

# The bright end of a scene, as a share of the greatest value in training, that is taken to be of the same units.
# Below lie 8 bits for a model of 11, and reflectances; above, reflectances times 10 000.
_SAME_UNITS = (0.125, 2.0)
# PAN is a mix of the bands: as far from their mean as this, it is not in their units.
_MOST_CONTRAST = 4.0


Measured = TypeVar("Measured")
Scaled = npt.NDArray[np.float32]
Kernels = Mapping[str, npt.NDArray[Any]]  # by the names of their layers


class Fuser(Protocol):
    """A network at work, in this process or another; several threads may ask at once.

    PAN is (h, w), or (channels, h, w) where guides come with it, and MS (bands, h, w) on its grid, all scaled as the
    network knows them.
    """

    @property
    def near(self) -> int:
        """PAN pixels that a pixel of the result depends on, on each side."""

    @property
    def step(self) -> int:
        """PAN pixels: an image is to begin and end at multiples of it, counted over the scene."""

    @property
    def room(self) -> Optional[int]:
        """Pixels that a graphics card has room for at once; None for a processor, which gains nothing by more."""

    def settle(self, windows: Sequence[tuple[Scaled, Scaled]], shares: Sequence[float]) -> Kernels:
        """Return the sum of the kernels of windows (PAN, MS), each times its share, float64."""

    def fuse(self, pan: Scaled, ms_up: Scaled, kernels: Kernels, margin: int = 0) -> Scaled:
        """Return (bands, h, w) without so many pixels on each side, which are there to be seen alone.

        Where `kernels` have numbers under TOLD, (1, channels), these stand for the last channels that come with PAN,
        the same in every pixel, and PAN comes without them.  Raise MethodError where memory is too small.
        """

    def fuse_each(
        self, windows: Sequence[tuple[Scaled, Scaled]], kernels: Sequence[Kernels], margin: int = 0
    ) -> list[Scaled]:
        """Do so with windows (PAN, MS) of one size, each by its own kernels: all at once, if there is room."""


@dataclass(frozen=True)
class Look:
    """PAN (h, w) and enlarged MS (bands, h, w) of one window, the mean in place of what is not valid."""

    pan: Floats
    ms_up: Floats
    valid: int  # pixels
    window: Window


class Neural:
    """F = M + network(P, M), all divided by the divisor that the card names, or by one that the scene suggests.

    Raise nothing here: whether the model suits the pair is for the caller to ask.
    """

    fit_window = PATCH

    def __init__(self, fuser: Fuser, contract: InputContract, optics: Optics, context: str = "scene") -> None:
        self.fit_windows = _LOOKS[context]
        self.largest_tile = fitting_tile(fuser, _TILE, _LARGEST_TILE)
        self._context = context
        self._fuser = fuser
        self._contract = contract
        self._optics = replace(optics, kernel=contract.enlargement)  # as in training, whatever else is asked for
        self._halo = fuser.near + fuser.step - 1  # PAN pixels, so that a tile can begin at a step of the scene

    def fit_reach(self, lattice: Lattice) -> Reach:
        return Reach(0, self._optics.ms_margin, self._optics.fill_steps)

    def reach(self, lattice: Lattice) -> Reach:
        """Return the halo of the network.  Gaps in it are filled so deep that no valid pixel sees what is not."""
        ms = math.ceil(self._halo / min(lattice.rows.ratio, lattice.cols.ratio)) + reach(self._optics.kernel) + 1
        if not self._optics.has_gaps:
            return Reach(self._halo, ms, 0)
        fill = ms + 1  # a valid pixel of PAN may have MS beside it only
        return Reach(2 * self._halo, ms + fill, fill)

    def measure(self, patch: Patch) -> Optional[Look]:
        """Return what the network is to look at; None where nothing is valid."""
        pan, ms_up, valid = patch.pan_core, self._optics.ms_up(patch), patch.valid
        if valid is None:
            return Look(pan, ms_up, pan.size, patch.window)
        if not valid.any():
            return None
        means = ms_up[:, valid].mean(axis=1)[:, None, None]
        pan, ms_up = np.where(valid, pan, pan[valid].mean()), np.where(valid, ms_up, means)
        return Look(pan, ms_up, int(np.count_nonzero(valid)), patch.window)

    def settle(self, measured: Iterable[Optional[Look]]) -> State:
        """Return the divisors, the cells and the kernels of each, a window counting as its valid pixels do.

        The seed decides over the noise of all windows alike, so that cells differ by what is in them alone.  A cell
        without a window gets the kernels of the nearest.  Raise MethodError where no window has any valid pixel.
        """
        looks = seen(measured)
        state = divisors(looks, self._contract)
        cells = self._cells([look.window for look in looks])
        state[CELLS] = np.array([*astuple(cells.window), cells.down, cells.across])
        inside: list[list[Look]] = [[] for _ in range(cells.count)]
        for look in looks:
            inside[cells.holding(look.window)].append(look)
        made = {cell: self._kernels(own, state) for cell, own in enumerate(inside) if own}
        for cell in range(cells.count):
            for name, kernel in made[cells.nearest(cell, made)].items():
                state[f"{cell} {name}"] = kernel
        return state

    def apply(self, patch: Patch, state: State) -> Floats:
        """Return (bands, h, w) for the window of `patch`, in its units.

        It does not depend on how the scene is cut, but for the last bits.  Raise MethodError where memory is too small,
        and where the network answers with what are no numbers.
        """
        window = self._seen(patch.window)
        filled = patch.pan
        if patch.pan_valid is not None:
            filled = fill_gaps(filled[None], patch.pan_valid, self._halo)[0]
        around = replace(patch, window=window, pan=filled, valid=None)
        pan, ms_up = _scaled(around.pan_core, self._optics.ms_up(around), state)
        result = np.zeros((len(ms_up), *patch.window.shape), patch.ms.dtype)
        for cell, part, share in _cells_of(state).shares(patch.window):
            seen = self._seen(part)
            rows, cols = seen.slices_in(window)
            fused = self._fuser.fuse(pan[rows, cols], ms_up[:, rows, cols], kernels_of(state, cell), self._fuser.near)
            rows, cols = part.slices_in(seen.grown(-self._fuser.near))
            blended = fused[:, rows, cols] * share.astype(patch.ms.dtype)
            rows, cols = part.slices_in(patch.window)
            result[:, rows, cols] += blended
        return finite(np.asarray(result * patch.ms.dtype.type(state[DIVISOR])), patch)

    def _cells(self, windows: Sequence[Window]) -> Cells:
        """Return the cells of a scene that is known by the windows that were looked at."""
        around = reduce(Window.spanning, windows)
        return Cells.over(around, CELL, _MOST_CELLS if self._context == "tile" else 1, RAMP)

    def _kernels(self, looks: Sequence[Look], state: State) -> Kernels:
        weight = 1.0 / sum(look.valid for look in looks)
        windows = [_scaled(look.pan, look.ms_up, state) for look in looks]
        return self._fuser.settle(windows, [weight * look.valid for look in looks])

    def _seen(self, window: Window) -> Window:
        """Return what the network has to see to answer for a window."""
        return aligned(window.grown(self._fuser.near), self._fuser.step)


def seen(measured: Iterable[Optional[Measured]]) -> list[Measured]:
    """Return what was measured where something was valid.  Raise MethodError where nothing was."""
    found = [one for one in measured if one is not None]
    if not found:
        raise MethodError(
            "There are no pixels that are valid in PAN and in all MS bands, too few to make kernels from.",
            "Check the nodata values and whether both images show the same place, or use the method 'exp'.",
        )
    return found


def divisors(looks: Sequence[Look], contract: InputContract) -> dict[str, npt.NDArray[np.float64]]:
    """Return what MS and PAN are to be divided by, so that the network sees what it knows from training.

    A scene in other units than the model's counts is scaled by its own bright end, and PAN in other units than MS by
    the ratio of their means.
    """
    ms = np.concatenate([look.ms_up.reshape(len(look.ms_up), -1) for look in looks], axis=1)
    pan = np.concatenate([look.pan.ravel() for look in looks])
    scaling = contract.scaling
    greatest = contract.value_range[1] if contract.value_range[1] > 0.0 else 1.0
    counted = scaling.kind == "divisor"
    bright = bright_end(ms, BRIGHT if counted else scaling.value)
    low, high = (share * greatest * scaling.value for share in _SAME_UNITS)
    if counted and (bright <= 0.0 or low <= bright <= high):
        divisor = scaling.value
    elif counted:
        divisor = bright / min(1.0, greatest)
    else:
        divisor = bright if bright > 0.0 else 1.0
    means = float(pan.mean(dtype=np.float64)), float(ms.mean(dtype=np.float64))
    contrast = means[0] / means[1] if min(means) > 0.0 else 1.0
    same = 1.0 / _MOST_CONTRAST <= contrast <= _MOST_CONTRAST
    return {DIVISOR: np.asarray(divisor), PAN_DIVISOR: np.asarray(divisor if same else divisor * contrast)}


def _scaled(pan: Floats, ms_up: Floats, state: State) -> tuple[Scaled, Scaled]:
    """Return PAN and MS as the network knows them."""
    kind = pan.dtype.type
    pan, ms_up = pan / kind(state[PAN_DIVISOR]), ms_up / kind(state[DIVISOR])
    return np.ascontiguousarray(pan, np.float32), np.ascontiguousarray(ms_up, np.float32)


def fitting_tile(fuser: Fuser, usual: int, largest: int) -> int:
    """Return the side of tiles: the usual for a processor, and for a graphics card the largest that it has room for."""
    if fuser.room is None:
        return usual
    side = largest
    while side > _SMALLEST_TILE and (side + 2 * fuser.near) ** 2 > fuser.room:
        side //= 2
    return side


def aligned(window: Window, step: int) -> Window:
    """Return the smallest window around this one whose sides lie at multiples of `step` in the scene."""
    row, col = window.row // step * step, window.col // step * step
    return Window(row, col, -(-(window.row_end - row) // step) * step, -(-(window.col_end - col) // step) * step)


def finite(result: Floats, patch: Patch) -> Floats:
    """Return what was made of a patch, (bands, h, w).  Raise MethodError where a valid pixel is NaN or infinite."""
    wrong = ~np.isfinite(result).all(axis=0)
    if patch.valid is not None:
        wrong &= patch.valid
    if wrong.any():
        row, col = (int(place[0]) for place in np.nonzero(wrong))
        raise MethodError(
            "The model answers with values that are no numbers (NaN or infinite), first at row "
            f"{patch.window.row + row}, column {patch.window.col + col} of PAN.",
            "Choose the device cpu, which computes in full precision; if that does not help, the model is broken: get "
            "it again, or choose another model or method.",
        )
    return result


def _cells_of(state: State) -> Cells:
    *window, down, across = map(int, state[CELLS])
    return Cells(Window(*window), down, across, RAMP)


def kernels_of(state: State, number: int) -> Kernels:
    """Return the kernels of a cell or band by its number, the state's very arrays, so that a fuser knows them again."""
    start = f"{number} "
    return {name[len(start) :]: kernel for name, kernel in state.items() if name.startswith(start)}
