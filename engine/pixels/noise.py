"""How noisy an image is, as far as its calmest parts can tell."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .filters import Floats

_BLOCK = 16  # pixels on a side: enough to tell a spread by, and small enough to lie within a field or a roof
_CALM = 2.0  # percent of the blocks, of those that show anything: in towns and forests few are calm
_STILL = 0.25  # of a block: what is burnt out or empty has no noise, and says nothing of that of the rest
_FOUND = 0.84  # of plain noise, in the blocks that by chance are the calmest


def noise_of(images: Iterable[Floats]) -> float:
    """Return the standard deviation of the white noise in parts (h, w) of one image; 0 where no part can tell any.

    It is read off the finest checks, which optics let through least of all and straight edges do not hold (Immerkaer
    1996).  Where no part is calm, a little structure is taken for noise.
    """
    found = [_spreads(image) for image in images]
    spreads = np.concatenate(found) if found else np.zeros(0)
    return float(np.percentile(spreads, _CALM) / _FOUND) if spreads.size else 0.0


def _spreads(image: Floats) -> Floats:
    """Return the standard deviation of the finest checks of an image, in the unit of its noise, of each block."""
    if min(image.shape) < _BLOCK + 2:
        return np.zeros(0)
    image = np.where(np.isfinite(image), image, 0.0).astype(np.float64)
    checks = np.diff(np.diff(image, 2, axis=0), 2, axis=1) / 6.0  # the root of the sum of the squared weights
    down, across = (length // _BLOCK for length in checks.shape)
    blocks = checks[: down * _BLOCK, : across * _BLOCK].reshape(down, _BLOCK, across, _BLOCK)
    shows = (blocks == 0.0).mean(axis=(1, 3)) < _STILL
    return np.asarray(blocks.std(axis=(1, 3))[shows])
