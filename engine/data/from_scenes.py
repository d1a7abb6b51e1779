"""Samples from rasters: from pairs by Wald's protocol, and from imagery without PAN by making PAN from its bands.

A patch of truth is a window of the original MS.  PAN and MS are degraded under it on the fly, for each sample with
other MTF gains and another shift, and MS is enlarged as the product does it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Optional

import numpy as np

from ..errors import InputError, PairingError, RequestError
from ..grid.coarsening import coarsen
from ..grid.pairing import Axis, Lattice
from ..grid.patch import Mask
from ..grid.tiling import sample as sample_windows
from ..grid.window import Window
from ..pixels.noise import noise_of
from ..pixels.resample import reach
from ..raster.dataset import Reader, facts_of
from ..raster.originals import Originals
from ..raster.scene import opened
from ..request import PairRequest
from .images import Gaps, Image, Memory, Places, Read
from .sample import MOST_SHIFT, STILL, Floats, Sample, Scaling, Variation, too_large
from .wald import KERNEL, coarser, coarser_and_back

# 4 standard deviations of the widest Gaussian drawn (a gain of 0.05), in pixels per unit of the ratio, rounded up.
_BLUR_REACH = 3.2
_LOOK, _LOOKS = 256, 9  # pixels and number of the windows that the scaling is estimated from
_SAME = Lattice(Axis(1.0, 0.0), Axis(1.0, 0.0))
_MOST_RATIO = 64.0
_SOFT = 0.05  # gain of the blur by which PAN made from bands is softened or sharpened


class _Ground:
    """What pairs and single images share: the truth, where patches of it may lie, and drawing them."""

    guides = 0

    def __init__(self, name: str, area: Window, ratio: float, gaps: Gaps) -> None:
        self.name = name
        self._area = area  # of the truth, in its own pixels
        self._gaps = gaps
        # What a sample sees beyond its patch: MS is enlarged from farther coarse pixels, and these are blurred.
        self._margin = math.ceil((reach(KERNEL) + 1 + _BLUR_REACH) * ratio + MOST_SHIFT) + 1
        self._places: dict[int, Places] = {}

    def check(self, patch: int) -> None:
        """Raise RequestError where a patch is larger than the image, InputError where gaps leave no room for one."""
        self._places_of(patch)

    def draw(self, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        """Return a random sample."""
        window = self._places_of(patch).draw(generator)
        return self._sample(window, variation, generator)

    def spread(self, patch: int, count: int) -> list[Sample]:
        """Return up to `count` samples that do not overlap, always the same, with nothing varied."""
        generator = np.random.default_rng(0)
        return [self._sample(window, STILL, generator) for window in self._places_of(patch).spread(count)]

    def _places_of(self, patch: int) -> Places:
        if patch not in self._places:
            error = too_large(self.name, patch, self._area.shape, "what remains of")
            if error is not None:
                raise error
            places = Places(self._area, patch, self._margin, self._gaps)
            if places.is_empty:
                raise InputError(
                    f"{self.name} has no place of {patch} x {patch} pixels with {self._margin} around it without gaps.",
                    "Choose a smaller patch, or leave this image out.",
                )
            self._places[patch] = places
        return self._places[patch]

    def _sample(self, window: Window, variation: Variation, generator: np.random.Generator) -> Sample:
        raise NotImplementedError

    def _origin(self, window: Window) -> str:
        return f"{self.name}, row {window.row}, column {window.col}"


class SceneSource(_Ground):
    """Samples from a pair, degraded by its own ratio.  `gains` are those of its chosen bands at MS Nyquist.

    Raise EngineError where the pair cannot be used; MS that has to be warped cannot, since it is no truth.
    """

    def __init__(
        self,
        request: PairRequest,
        gains: Sequence[float],
        pan_gain: float,
        memory: Memory,
        scaling: Optional[Scaling] = None,
    ) -> None:
        with opened(request) as scene:
            for band in scene.bands:
                if band.source != band.file.path:
                    raise PairingError(
                        f"{band.file.path} would have to be warped, so that no original MS is left to be the truth.",
                        "Warp PAN to the coordinate system of MS, choose MS bands of one grid, or leave this pair out.",
                    )
            located = scene.pan.grid.affine is not None or scene.ms_grid.affine is not None
            made = coarsen(scene.lattice, scene.window.clipped(scene.shared), scene.ms_grid.window, located)
            ratio = max(made.lattice.rows.ratio, made.lattice.cols.ratio)
            margin = math.ceil(_BLUR_REACH * ratio + MOST_SHIFT) + 1
            seen_ms = made.truth.grown(margin).clipped(scene.ms_grid.window)
            seen_pan = scene.lattice.pan_window(made.truth, margin).clipped(scene.pan.grid.window)
            originals = Originals(scene)
            valid = partial(_valid, originals, scene.lattice, seen_pan)
            super().__init__(
                request.ms[0], made.truth, ratio, Gaps.of(seen_ms, valid) if scene.has_gaps else Gaps.none(seen_ms)
            )
            self.bands = len(scene.bands)
            self._gains, self._pan_gain = _checked(gains, self.bands, self.name), float(pan_gain)
            self._lattice, self._made = scene.lattice, made
            self._ms = Image(originals.ms, seen_ms, self.bands, memory)
            self._pan = Image(originals.pan, seen_pan, 1, memory)
            self.scaling = scaling or scaling_of(originals.ms, made.truth)

    def _sample(self, window: Window, variation: Variation, generator: np.random.Generator) -> Sample:
        gains = variation.gains(self._gains, generator)
        pan_gain = variation.gains((self._pan_gain,), generator)
        shifts = variation.shifts(generator)
        ms, made = self._ms, self._made
        pan: Floats = coarser(self._pan, self._lattice, window, pan_gain, self._pan.window)[0]
        if variation.grain > 0.0:
            noise = np.float32(variation.grain * generator.random() * self._pan_noise)
            pan += noise * generator.standard_normal(window.shape, np.float32)
        return Sample(
            pan,
            coarser_and_back(ms, made.lattice, window, gains, ms.window, made.coarse, shifts),
            ms(window),
            self._origin(window),
        )

    @cached_property
    def _pan_noise(self) -> float:
        """The noise of PAN as it is, which validation never asks for."""
        return noise_of(self._pan(part)[0] for part in sample_windows(self._pan.window, _LOOK, _LOOKS))


class SimulatedSource(_Ground):
    """Samples from imagery without PAN, which is the truth itself.  A stand-in, and to be called that.

    MS is the image blurred by `gains` and thinned out `ratio` times, at a phase drawn anew for each sample.  PAN is
    the sum of the bands by `weights` (varied by `Variation.mix`), softened or sharpened until its response at its
    Nyquist frequency is as much below that of the bands as `pan_gain` is below `gains`, with a little noise.  So PAN
    holds nothing that the bands do not: no light from between them, no other angle, moment or haze.
    """

    def __init__(
        self,
        path: str,
        ratio: float,
        gains: Sequence[float],
        pan_gain: float,
        weights: Sequence[float],
        memory: Memory,
        bands: Sequence[int] = (),
        nodata: Optional[float] = None,
        scaling: Optional[Scaling] = None,
    ) -> None:
        facts = facts_of(path)
        for band in bands:
            if not 1 <= band <= len(facts.bands):
                raise RequestError(f"{path} has no band {band}.", f"It has {len(facts.bands)}, counted from 1.")
        chosen = [facts.bands[band - 1] for band in bands] or list(facts.bands)
        if not 1.0 < ratio <= _MOST_RATIO:
            raise RequestError(
                f"Nothing can be learnt with a ratio of {ratio:g}.", f"Give one above 1 and at most {_MOST_RATIO:g}."
            )
        if len(weights) != len(chosen) or not sum(weights) > 0.0 or min(weights) < 0.0:
            raise RequestError(
                f"PAN cannot be made of {len(chosen)} bands by the weights {', '.join(f'{w:g}' for w in weights)}.",
                "Give one weight of 0 or more per band, not all of them 0.",
            )
        whole = facts.grid.window
        read = Reader(path, chosen, nodata, "float32").read
        has_gaps = nodata is not None or any(band.has_mask for band in chosen)
        gaps = Gaps.of(whole, lambda window: read(window)[1]) if has_gaps else Gaps.none(whole)
        super().__init__(path, whole, ratio, gaps)
        self.bands = len(chosen)
        self._ratio = float(ratio)
        self._gains, self._pan_gain = _checked(gains, self.bands, path), float(pan_gain)
        self._weights = np.array(weights, np.float64)
        self._image = Image(read, whole, self.bands, memory)
        self.scaling = scaling or scaling_of(read, whole)

    def _sample(self, window: Window, variation: Variation, generator: np.random.Generator) -> Sample:
        gains = variation.gains(self._gains, generator)
        shifts = variation.shifts(generator)
        lattice = Lattice(*(Axis(1.0 / self._ratio, float(phase)) for phase in generator.random(2)))
        image = self._image
        coarse = lattice.ms_centres(image.window)
        ms_up = coarser_and_back(image, lattice, window, gains, image.window, coarse, shifts)
        pan = self._pan(window, float(np.mean(gains)), variation, generator)
        return Sample(pan, ms_up, image(window), self._origin(window))

    def _pan(self, window: Window, gain: float, variation: Variation, generator: np.random.Generator) -> Floats:
        (pan_gain,) = variation.gains((self._pan_gain,), generator)
        weights = self._weights * np.exp(variation.mix * generator.standard_normal(self.bands))
        weights = (weights / weights.sum()).astype(np.float32)

        def mixed(part: Window) -> Floats:
            return np.asarray(np.tensordot(weights, self._image(part), 1)[None])

        # On one and the same grid the blur's response at the Nyquist frequency meets its mirror image: twice the gain.
        # So mix + a (mix - soft) responds there with 1 + a (1 - 2 _SOFT) of what mix does.
        amount = np.float32((pan_gain / gain - 1.0) / (1.0 - 2.0 * _SOFT))
        pan: Floats = mixed(window)[0]
        pan += amount * (pan - coarser(mixed, _SAME, window, (_SOFT,), self._image.window)[0])
        noise = np.float32(variation.noise * self.scaling.divisor)
        pan += noise * generator.standard_normal(window.shape, np.float32)
        return pan


def _checked(gains: Sequence[float], bands: int, name: str) -> tuple[float, ...]:
    """Return the gains.  Raise RequestError unless there is one between 0 and 1 for each band."""
    if len(gains) != bands or not all(0.0 < gain < 1.0 for gain in gains):
        raise RequestError(
            f"{name} has {bands} bands, and the MTF gains {', '.join(f'{gain:g}' for gain in gains)} do not fit them.",
            "Give one gain per band, each between 0 and 1.",
        )
    return tuple(float(gain) for gain in gains)


def scaling_of(read: Read, area: Window) -> Scaling:
    """Return the scaling by the brightest band, as far as windows spread over `area` tell."""
    bright: list[list[Floats]] = []
    for window in sample_windows(area, _LOOK, _LOOKS):
        bands, valid = read(window)
        bright.append([band.ravel() if valid is None else band[valid] for band in bands])
    return Scaling.of(np.concatenate(band) for band in zip(*bright))


def _valid(originals: Originals, lattice: Lattice, pan: Window, window: Window) -> Optional[Mask]:
    """Return which pixels of a window of MS are valid and hold no pixel of PAN that is not; None: all."""
    mask = originals.ms(window)[1]
    under = lattice.pan_window(window, 1).clipped(pan)
    pan_mask = None if under.is_empty else originals.pan(under)[1]
    if pan_mask is None:
        return mask
    mask = np.ones(window.shape, bool) if mask is None else mask.copy()
    row, col = np.nonzero(~pan_mask)
    rows = lattice.rows.ms_cells(under.row, under.height)[row] - window.row
    cols = lattice.cols.ms_cells(under.col, under.width)[col] - window.col
    inside = (rows >= 0) & (rows < window.height) & (cols >= 0) & (cols < window.width)
    mask[rows[inside], cols[inside]] = False
    return mask
