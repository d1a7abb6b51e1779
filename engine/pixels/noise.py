"""How noisy an image is, as far as its calmest parts can tell."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .filters import Floats

_BLOCK = 16  # pixels on a side: enough to tell a spread by, and small enough to lie within a field or a roof
_CALM = 2.0  # percent of the blocks, of those that show anything: in towns and forests few are calm
# White noise loses its mean over four neighbours, and has this much more spread than before.
_GAIN = np.sqrt(1.25)


def noise_of(images: Iterable[Floats]) -> float:
    """Return the standard deviation of the noise in parts (h, w) of one image; 0 where none is large enough to tell.

    Of plain noise it finds nine tenths; where no part is calm, it takes structure for noise.
    """
    found = [_spreads(image) for image in images]
    spreads = np.concatenate(found) if found else np.zeros(0)
    spreads = spreads[spreads > 0.0]  # burnt-out and empty parts have none
    return float(np.percentile(spreads, _CALM) / _GAIN) if spreads.size else 0.0


def _spreads(image: Floats) -> Floats:
    """Return the standard deviation of what an image has beyond its neighbours, block by block."""
    if min(image.shape) < _BLOCK + 2:
        return np.zeros(0)
    image = np.where(np.isfinite(image), image, 0.0).astype(np.float64)
    around = image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:]
    fine = image[1:-1, 1:-1] - 0.25 * around
    down, across = (length // _BLOCK for length in fine.shape)
    blocks = fine[: down * _BLOCK, : across * _BLOCK].reshape(down, _BLOCK, across, _BLOCK)
    return np.asarray(blocks.std(axis=(1, 3)).ravel())
