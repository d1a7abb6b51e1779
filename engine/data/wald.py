"""Making a window coarser, and MS large again: Wald's protocol as products of small matrices, fast enough to train on.

The weights are those of `pixels.resample` and so of simulating and sharpening.  A whole scene is summed tap by tap,
always in one order; a patch is summed faster as rows @ image @ cols^T, whose last bits are the linear algebra's own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..grid.pairing import Axis, Lattice
from ..grid.window import Window
from ..pixels.resample import Taps, gaussian, interpolation, mtf_sigma
from .sample import Floats

KERNEL = "polynomial"  # as the product enlarges MS

Read = Callable[[Window], Floats]
Span = tuple[int, int]  # first pixel and one past the last
_UNMOVED = (0.0, 0.0)


def coarser(
    read: Read,
    lattice: Lattice,
    window: Window,
    gains: tuple[float, ...],
    image: Window,
    shifts: tuple[float, float] = _UNMOVED,
) -> Floats:
    """Return the coarser pixels `window` as a sensor with MTF `gains`, one per band, sees them: (bands, h, w), float32.

    `lattice` tells where the pixels that `read` gives, (bands, h, w), lie under coarser ones.  Beyond `image` its edge
    repeats.  `shifts`: how far down and right, in finer pixels, things are shown from where they are.
    """
    row, rows = _blurs(lattice.rows, (window.row, window.row_end), gains, (image.row, image.row_end), shifts[0])
    col, cols = _blurs(lattice.cols, (window.col, window.col_end), gains, (image.col, image.col_end), shifts[1])
    return np.asarray(rows @ read(Window(row, col, rows.shape[2], cols.shape[2])) @ cols.transpose(0, 2, 1))


def coarser_and_back(
    read: Read,
    lattice: Lattice,
    window: Window,
    gains: tuple[float, ...],
    image: Window,
    coarse: Window,
    shifts: tuple[float, float] = _UNMOVED,
) -> Floats:
    """Return the finer pixels `window`, enlarged from coarser ones, whose edge repeats beyond `coarse`; else alike."""
    row, rows = _enlarging(lattice.rows, (window.row, window.row_end), (coarse.row, coarse.row_end))
    col, cols = _enlarging(lattice.cols, (window.col, window.col_end), (coarse.col, coarse.col_end))
    ms = coarser(read, lattice, Window(row, col, rows.shape[1], cols.shape[1]), gains, image, shifts)
    return np.asarray(rows @ ms @ cols.T)


def enlarged(ms: Floats, lattice: Lattice, window: Window, shifts: tuple[float, float]) -> Floats:
    """Return the finer pixels `window` of a whole coarser image (bands, h, w), as if it lay `shifts` on: float32."""
    sides = []
    for axis, start, count, size, shift in (
        (lattice.rows, window.row, window.height, ms.shape[1], shifts[0]),
        (lattice.cols, window.col, window.width, ms.shape[2], shifts[1]),
    ):
        taps = interpolation(axis.to_ms(start, count) - shift * axis.scale, KERNEL)
        sides.append(_matrix(taps, (0, size)))
    return np.asarray(sides[0] @ ms @ sides[1].T)


def _blurs(axis: Axis, span: Span, gains: tuple[float, ...], image: Span, shift: float) -> tuple[int, Floats]:
    """Return the first finer pixel used, and the weights: (bands, outputs, inputs), or (1, ...) where all are alike."""
    centres = axis.to_pan(span[0], span[1] - span[0]) - shift
    taps = {gain: gaussian(centres, mtf_sigma(gain, axis.ratio)) for gain in gains}
    ends = [end for one in taps.values() for end in one.span]
    used = _within((min(ends), max(ends)), image)
    matrices = {gain: _matrix(one, used) for gain, one in taps.items()}
    alike = gains[:1] if len(taps) == 1 else gains
    return used[0], np.stack([matrices[gain] for gain in alike])


def _enlarging(axis: Axis, span: Span, coarse: Span) -> tuple[int, Floats]:
    """Return the first coarser pixel used, and the weights: (outputs, inputs)."""
    taps = interpolation(axis.to_ms(span[0], span[1] - span[0]), KERNEL)
    used = _within(taps.span, coarse)
    return used[0], _matrix(taps, used)


def _within(span: Span, image: Span) -> Span:
    """Return what of the span lies in the image, at least the pixel of it that is nearest."""
    return min(max(image[0], span[0]), image[1] - 1), max(min(image[1], span[1]), image[0] + 1)


def _matrix(taps: Taps, inputs: Span) -> Floats:
    """Return the weights as (outputs, inputs), float32; what falls beyond the inputs is given to the nearest."""
    count = inputs[1] - inputs[0]
    taps = taps.within(inputs[0], count)
    outputs = len(taps.index)
    place = taps.index + count * np.arange(outputs)[:, None]
    flat = np.bincount(place.ravel(), taps.weight.ravel(), minlength=outputs * count)
    return flat.reshape(outputs, count).astype(np.float32)
