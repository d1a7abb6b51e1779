"""KSDiff for any sensor: one band at a time, in the pair's own units, with kernels made for that band of that scene.

A network that has learnt from many sensors, simulated ones most of all, meets a pair that it has never seen.  It gets
what `guides` show it of a band, and adds to the classical guess what that misses.  How far it can be trusted is
measured on the pair itself: made coarser by its own ratio it has a truth, its MS.  And whatever it answers, what MS has
and the answer has not comes back (`held`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..grid.pairing import Lattice
from ..grid.patch import Floats, Patch
from ..grid.tiling import tiles
from ..grid.window import Window
from ..modelfile.card import InputContract
from ..pixels.filters import fill_gaps, still
from . import held
from .guides import Guides, Measured, Shown, coarser_pairs
from .method import State
from .neural import PATCH, TOLD, Fuser, Scaled, aligned, finite, fitting_tile, kernels_of, seen
from .optics import Optics, Reach

TRUST = "trust"  # of the state: the share of what the network adds, by band
_WINDOW = 256  # PAN pixels that are measured at once: enough for a patch once they are made coarser by 4
_WINDOWS = 64
_LOOKS = 16  # patches that kernels are made from, and windows that trust is measured on
_TILE = 512  # PAN pixels; larger ones would take the caller more memory and hardly less time, with a card too
_AT_ONCE = 8  # bands that a graphics card gets in one piece of work
# Trust is 1 but for what pixels say against it: so many of them weigh as much as that belief.
_BELIEF = 8192
_MOST_TRUST = 1.2
_STILL = 6  # PAN pixels around one that has nothing to show
_BORDER = 4  # pixels of a coarser window that are not compared: its edge is no edge of a scene


@dataclass(frozen=True)
class Look:
    """What was measured in a window, and the window itself, to look closer once the units of the scene are known."""

    measured: Measured
    patch: Patch


class Bandwise:
    """F_b = guess_b + trust_b · unit_b · network(guides_b), held to MS.  All is local, so tiles meet without a seam."""

    fit_window = _WINDOW
    fit_windows = _WINDOWS

    def __init__(
        self, fuser: Fuser, contract: InputContract, optics: Optics, shift: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        self.largest_tile = fitting_tile(fuser, _TILE, _TILE)
        self._fuser = fuser
        self._optics = replace(optics, kernel=contract.enlargement)  # as in training, whatever else is asked for
        self._guides = Guides(self._optics, shift)
        self._halo = fuser.near + fuser.step - 1  # PAN pixels, so that a tile can begin at a step of the scene

    def fit_reach(self, lattice: Lattice) -> Reach:
        return self._guides.reach(lattice)

    def reach(self, lattice: Lattice) -> Reach:
        """Return the halo of guides and network.  Gaps are filled so deep that no valid pixel sees one."""
        own = self._guides.reach(lattice)
        halo = self._halo + held.halo(self._optics, lattice)
        ms = math.ceil(halo / min(lattice.rows.ratio, lattice.cols.ratio)) + 1
        fill = ms if self._optics.has_gaps else 0
        return Reach(own.pan + halo, own.ms + ms + fill, own.fill + fill)

    def measure(self, patch: Patch) -> Optional[Look]:
        """Return what one window contributes; None where nothing in it is valid."""
        if patch.valid is not None and not patch.valid.any():
            return None
        return Look(self._guides.measure(patch), patch)

    def settle(self, measured: Iterable[Optional[Look]]) -> State:
        """Return the units of the scene, the kernels of each band, and how far the network is to be trusted.

        Raise MethodError where too little is valid.
        """
        looks = seen(measured)
        lattice = looks[0].patch.lattice
        state = dict(self._guides.settle([look.measured for look in looks], lattice))
        chosen = _spread(looks)
        state.update(self._kernels(self._guides, [look.patch for look in chosen], state))
        state[TRUST] = self._trust([look.patch for look in chosen], state)
        return state

    def apply(self, patch: Patch, state: State) -> Floats:
        """Return (bands, h, w) for the window of `patch`, in its units.  Raise MethodError where memory is too small.

        It does not depend on how the scene is cut, but for the last bits.
        """
        whole = patch.window.grown(held.halo(self._optics, patch.lattice))
        made = self._made(replace(patch, window=whole, valid=None), state)
        rows, cols = patch.window.slices_in(whole)
        return finite(made[:, rows, cols] + held.missed(self._optics, patch, made, whole), patch)

    def _made(self, patch: Patch, state: State) -> Floats:
        """Return what guess and network make of the window of `patch`: (bands, h, w)."""
        around = replace(patch, window=aligned(patch.window.grown(self._fuser.near), self._fuser.step))
        if patch.pan_valid is not None:  # what the network sees beside valid pixels; filters leave gaps out anyway
            around = replace(around, pan=fill_gaps(patch.pan[None], patch.pan_valid, self._halo)[0])
        shown = self._guides.shown(around, state)
        margin = self._fuser.near
        rows, cols = patch.window.slices_in(around.window.grown(-margin))
        added = self._added(shown, state, margin)[:, rows, cols]
        # Where PAN shows nothing at all, in black borders and burnt-out light, there is nothing to add.
        rows, cols = patch.window.grown(_STILL).slices_in(patch.pan_window)
        added[:, still(around.pan[rows, cols], _STILL)] = 0.0
        factor = (state[TRUST] * state["units"])[:, None, None].astype(patch.ms.dtype)
        rows, cols = patch.window.slices_in(around.window)
        return np.asarray(shown.guess[:, rows, cols] + factor * added.astype(patch.ms.dtype))

    def _added(self, shown: Shown, state: State, margin: int = 0) -> npt.NDArray[np.float32]:
        """Return what the network adds to the guess, in units of each band: (bands, h, w) without the margin."""
        windows = list(zip(shown.guides, shown.band))
        kernels = [kernels_of(state, number) for number in range(len(windows))]
        at_once = min(_AT_ONCE, max(1, (self._fuser.room or 0) // shown.guess[0].size))
        parts = (slice(first, first + at_once) for first in range(0, len(windows), at_once))
        fused = np.concatenate(
            [band for part in parts for band in self._fuser.fuse_each(windows[part], kernels[part], margin)]
        )
        height, width = shown.guess.shape[1:]
        return np.asarray(fused - shown.band[:, 0, margin : height - margin, margin : width - margin])

    def _kernels(self, guides: Guides, patches: Sequence[Patch], state: State) -> dict[str, npt.NDArray[Any]]:
        """Return the kernels of each band, the mean over patches, by the number of the band and the layer's name."""
        shown = [_clear(guides, patch, state) for patch in patches]
        made: dict[str, npt.NDArray[Any]] = {}
        for band, facts in enumerate(state["facts"]):
            windows = [(_with_planes(each.guides[band], facts), each.band[band]) for each in shown]
            kernels = self._fuser.settle(windows, [1.0 / len(windows)] * len(windows))
            for name, kernel in {**kernels, TOLD: facts[None]}.items():
                made[f"{band} {name}"] = kernel
        return made

    def _trust(self, patches: Sequence[Patch], scene: State) -> npt.NDArray[np.float64]:
        """Return the factor on what the network adds that comes nearest to the truth of the pair made coarser."""
        bands = len(scene["units"])
        pairs = coarser_pairs(self._optics, patches, scene)
        if not pairs:
            return np.ones(bands)
        guides = self._guides.of_coarser(patches[0].lattice)
        state = dict(guides.settle([guides.measure(patch) for patch, _ in pairs], pairs[0][0].lattice))
        state.update(self._kernels(guides, [patch for patch, _ in pairs], state))
        agreement, size, count = np.zeros(bands), np.zeros(bands), 0
        for patch, truth in pairs:
            shown = guides.shown(patch, state)
            inside = (slice(None), slice(_BORDER, -_BORDER), slice(_BORDER, -_BORDER))
            added = self._added(shown, state)[inside].astype(np.float64) * state["units"][:, None, None]
            missed = (truth - shown.guess)[inside]
            agreement += (added * missed).sum(axis=(1, 2))
            size += (added**2).sum(axis=(1, 2))
            count += added[0].size
        belief = _BELIEF / max(1, count)
        best = np.divide(agreement, size, out=np.ones(bands), where=size > 0.0)
        return np.asarray(np.clip((best + belief) / (1.0 + belief), 0.0, _MOST_TRUST))


def _spread(looks: Sequence[Look]) -> list[Look]:
    """Return at most `_LOOKS`, spread evenly, those without gaps first."""
    whole = [look for look in looks if look.patch.valid is None or look.patch.valid.all()] or list(looks)
    step = max(1.0, len(whole) / _LOOKS)
    return [whole[int(number * step)] for number in range(min(_LOOKS, len(whole)))]


def _clear(guides: Guides, patch: Patch, state: State) -> Shown:
    """Return what is shown of a part of a patch, as large as those of training and with the least gaps; these are 0."""
    window, valid = _middle(patch.window), patch.valid
    if valid is None or valid.all():
        return guides.shown(replace(patch, window=window, valid=None), state)
    inside = {part: part.slices_in(patch.window) for part in (window, *tiles(patch.window, PATCH))}
    window = max(inside, key=lambda part: np.count_nonzero(valid[inside[part]]))
    shown = guides.shown(replace(patch, window=window, valid=None), state)
    gaps = ~valid[inside[window]]
    shown.band[:, :, gaps] = 0.0
    shown.guides[:, :, gaps] = 0.0
    return shown


def _with_planes(images: Scaled, facts: npt.NDArray[np.float64]) -> Scaled:
    """Return images with the facts as planes behind them, as encoders know them."""
    planes = np.broadcast_to(facts[:, None, None], (len(facts), *images.shape[1:]))
    return np.concatenate([images, planes.astype(np.float32)])


def _middle(window: Window) -> Window:
    """Return a window as large as the patches of training in the middle of this one, or this one if it is smaller."""
    height, width = min(PATCH, window.height), min(PATCH, window.width)
    return Window(window.row + (window.height - height) // 2, window.col + (window.width - width) // 2, height, width)
