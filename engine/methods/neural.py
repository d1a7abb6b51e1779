"""KSDiff behind the interface of methods: the network of a model file, its kernels made once for a scene.

To learn is to make kernels: windows as large as the patches of training are encoded, reverse diffusion finds the latent
of each, and the scene gets the mean of their kernels.  With these the network is local, so tiles meet without a seam.

Where the network computes is a matter of its `Fuser`; nothing here needs PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import MethodError
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
_LOOKS = 64
# PAN pixels.  A PanNeXt of width 32 fills half a gigabyte with it and its halo, and a full one with four times as many,
# which are no faster: what less halo saves, the caches of a processor lose.
_TILE = 256
DIVISOR, PAN_DIVISOR = "divisor", "pan_divisor"  # of the state, beside the kernels, whose names are of layers

# The bright end of a scene, as a share of the greatest value in training, that is taken to be of the same units.
# Below lie 8 bits for a model of 11, and reflectances; above, reflectances times 10 000.
_SAME_UNITS = (0.125, 2.0)
# PAN is a mix of the bands: as far from their mean as this, it is not in their units.
_MOST_CONTRAST = 4.0


Scaled = npt.NDArray[np.float32]
Kernels = Mapping[str, npt.NDArray[Any]]  # by the names of their layers


class Fuser(Protocol):
    """A network at work, in this process or another; several threads may ask at once.

    PAN is (h, w) and MS (bands, h, w) on its grid, scaled as the network knows them.
    """

    @property
    def near(self) -> int:
        """PAN pixels that a pixel of the result depends on, on each side."""

    @property
    def step(self) -> int:
        """PAN pixels: an image is to begin and end at multiples of it, counted over the scene."""

    def settle(self, windows: Sequence[tuple[Scaled, Scaled]], shares: Sequence[float]) -> Kernels:
        """Return the sum of the kernels of windows (PAN, MS), each times its share, float64."""

    def fuse(self, pan: Scaled, ms_up: Scaled, kernels: Kernels) -> Scaled:
        """Return (bands, h, w).  Raise MethodError where memory is too small."""


@dataclass(frozen=True)
class Look:
    """PAN (h, w) and enlarged MS (bands, h, w) of one window, the mean in place of what is not valid."""

    pan: Floats
    ms_up: Floats
    valid: int  # pixels


class Neural:
    """F = M + network(P, M), all divided by the divisor that the card names, or by one that the scene suggests.

    Raise nothing here: whether the model suits the pair is for the caller to ask.
    """

    fit_window = PATCH
    fit_windows = _LOOKS
    largest_tile = _TILE

    def __init__(self, fuser: Fuser, contract: InputContract, optics: Optics) -> None:
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
            return Look(pan, ms_up, pan.size)
        if not valid.any():
            return None
        means = ms_up[:, valid].mean(axis=1)[:, None, None]
        pan, ms_up = np.where(valid, pan, pan[valid].mean()), np.where(valid, ms_up, means)
        return Look(pan, ms_up, int(np.count_nonzero(valid)))

    def settle(self, measured: Iterable[Optional[Look]]) -> State:
        """Return the divisors and the mean of the kernels, float64, a window counting as its valid pixels do.

        Raise MethodError where no window has any.
        """
        looks = [look for look in measured if look is not None]
        if not looks:
            raise MethodError(
                "There are no pixels that are valid in PAN and in all MS bands, too few to make kernels from.",
                "Check the nodata values and whether both images show the same place, or use the method 'exp'.",
            )
        state = divisors(looks, self._contract)
        weight = 1.0 / sum(look.valid for look in looks)
        windows = [_scaled(look.pan, look.ms_up, state) for look in looks]
        return {**state, **self._fuser.settle(windows, [weight * look.valid for look in looks])}

    def apply(self, patch: Patch, state: State) -> Floats:
        """Return (bands, h, w) for the window of `patch`, in its units.  Raise MethodError where memory is too small.

        It does not depend on how the scene is cut, but for the last bits.
        """
        window = _aligned(patch.window.grown(self._fuser.near), self._fuser.step)
        filled = patch.pan
        if patch.pan_valid is not None:
            filled = fill_gaps(filled[None], patch.pan_valid, self._halo)[0]
        around = replace(patch, window=window, pan=filled, valid=None)
        pan, ms_up = _scaled(around.pan_core, self._optics.ms_up(around), state)
        kernels = {name: kernel for name, kernel in state.items() if name not in (DIVISOR, PAN_DIVISOR)}
        rows, cols = patch.window.slices_in(window)
        fused = self._fuser.fuse(pan, ms_up, kernels)[:, rows, cols]
        kind = patch.ms.dtype.type
        return np.asarray(np.ascontiguousarray(fused, patch.ms.dtype) * kind(state[DIVISOR]))


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


def _aligned(window: Window, step: int) -> Window:
    """Return the smallest window around this one whose sides lie at multiples of `step` in the scene."""
    row, col = window.row // step * step, window.col // step * step
    return Window(row, col, -(-(window.row_end - row) // step) * step, -(-(window.col_end - col) // step) * step)
