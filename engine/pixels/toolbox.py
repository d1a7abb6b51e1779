"""The reference toolbox's filters and grids, so that numbers compare with the field's papers.

Not for production: here an MS sample lies on PAN index r*k + r/2, half a PAN pixel from where georeferencing puts it.
The conventions are those of the DLPan toolbox (Vivone et al. 2015, Deng et al. 2022).  Arrays are (bands, h, w).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import RequestError

Array = npt.NDArray[np.float64]

MTF_TAPS = 41
KAISER_BETA = 0.5
# Half-band interpolator of Aiazzi et al. 2002, doubled: the taps at odd distances 1, 3, ... 11 from the centre.
# The centre tap is then 1 and the other taps at even distances are 0, so known samples pass unchanged.
HALF_BAND = tuple(
    2.0 * tap
    for tap in (0.305334091185, -0.072698593239, 0.021809577942, -0.005192756653, 0.000807762146, -0.000060081482)
)


@functools.lru_cache(maxsize=64)
def _mtf_kernel(gain: float, ratio: float) -> Array:
    half = MTF_TAPS // 2
    # 1. The Gaussian over 41 x 41 frequencies that falls to `gain` at the Nyquist frequency of MS.
    alpha = math.sqrt((half / ratio) ** 2 / (-2.0 * math.log(gain)))
    steps = np.arange(-half, half + 1, dtype=np.float64)
    radius_2 = steps[:, None] ** 2 + steps[None, :] ** 2
    response = np.exp(-radius_2 / (2.0 * alpha**2))
    # 2. Its impulse response.
    impulse = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(response)).real)
    # 3. A Kaiser window turned about the centre: its 41 samples, joined by straight lines along the radius, and zero
    #    in the corners beyond.  (The window's formula at each radius instead would raise the sum by 2e-5.)
    window = np.interp(np.sqrt(radius_2), steps[half:], np.kaiser(MTF_TAPS, KAISER_BETA)[half:], right=0.0)
    kernel: Array = impulse * window
    kernel.flags.writeable = False
    return kernel


def mtf_kernel(gain: float, ratio: float) -> Array:
    """Return the (41, 41) Gaussian-like kernel with amplitude `gain` at the Nyquist frequency of MS.

    Its sum is about 0.9985 to 0.999 and is left so, as the toolbox leaves it (`genMTF`); the result is read-only.
    Raise RequestError unless 0 < gain < 1 and ratio > 1.
    """
    if not 0.0 < gain < 1.0:
        raise RequestError(f"An MTF gain of {gain} has no Gaussian.", "Give the gain at Nyquist, between 0 and 1.")
    _check_ratio(ratio)
    return _mtf_kernel(float(gain), float(ratio))


def mtf_filter(bands: npt.NDArray[Any], gains: Sequence[float], ratio: float) -> Array:
    """Blur each band with the MTF kernel of its gain; the border repeats the edge pixel.

    bands: (bands, h, w), gains: one per band -> (bands, h, w).  Raise RequestError when the counts differ.
    """
    if len(gains) != len(bands):
        raise RequestError(
            f"There are {len(gains)} MTF gains for {len(bands)} bands.", "Give one gain per band, in band order."
        )
    half = MTF_TAPS // 2
    height, width = bands.shape[1:]
    shape = (height + 2 * half, width + 2 * half)
    blurred = np.empty(bands.shape, dtype=np.float64)
    for index, gain in enumerate(gains):
        padded = np.pad(np.asarray(bands[index], dtype=np.float64), half, mode="edge")
        # The kernel is symmetric, so this convolution is the toolbox's correlation.  What wraps around
        # falls on the first 40 rows and columns, which are the padding and are cut off.
        spectrum = np.fft.rfft2(padded) * np.fft.rfft2(mtf_kernel(gain, ratio), s=shape)
        blurred[index] = np.fft.irfft2(spectrum, s=shape)[2 * half :, 2 * half :]
    return blurred


def decimate(bands: npt.NDArray[Any], ratio: int) -> npt.NDArray[Any]:
    """Keep rows and columns ratio//2, ratio//2 + ratio, ... of `bands` (..., h, w), as a view."""
    _check_ratio(ratio)
    return bands[..., ratio // 2 :: ratio, ratio // 2 :: ratio]


def interp23tap(bands: npt.NDArray[Any], ratio: int) -> Array:
    """Enlarge `bands` (..., h, w) by `ratio` with the 23-tap polynomial; the border is circular.

    Sample k lands on index ratio*k + ratio/2.  The toolbox runs ratio/2 doublings, right for 2 and 4 only;
    here they are log2(ratio).  Raise RequestError unless ratio is a power of two.
    """
    if ratio < 2 or ratio & (ratio - 1):
        raise RequestError(
            f"The 23-tap interpolation cannot enlarge {ratio} times.", "Give a power of two: 2, 4, 8 or 16."
        )
    enlarged = np.asarray(bands, dtype=np.float64)
    for doubling in range(ratio.bit_length() - 1):
        # Only the first doubling puts samples on odd places: after it they are centred, and stay so.
        place = 1 if doubling == 0 else 0
        enlarged = _double(_double(enlarged, -2, place), -1, place)
    return enlarged


def _double(samples: Array, axis: int, place: int) -> Array:
    """Double the length of `axis`; the samples land on indices 2k + place."""
    between = np.zeros_like(samples)  # between[k]: halfway from sample k - place to its right neighbour
    for distance, tap in enumerate(HALF_BAND):
        left = np.roll(samples, distance + place, axis=axis)
        right = np.roll(samples, place - 1 - distance, axis=axis)
        between += tap * (left + right)
    pair = (between, samples) if place else (samples, between)
    shape = list(samples.shape)
    shape[axis] *= 2
    return np.stack(pair, axis=axis).reshape(shape)


def imresize(image: npt.NDArray[Any], scale: float) -> Array:
    """Resize `image` (..., h, w) as MATLAB's imresize does: bicubic, widened when shrinking, symmetric border."""
    if not scale > 0.0:
        raise RequestError(f"An image cannot be resized {scale} times.", "Give a scale above 0.")
    resized = np.asarray(image, dtype=np.float64)
    for axis in (-2, -1):
        resized = _resize_axis(resized, scale, axis)
    return resized


def _resize_axis(image: Array, scale: float, axis: int) -> Array:
    size = image.shape[axis]
    length = math.ceil(size * scale - 1e-9)  # 1e-9: a product such as 3.0000000000000004 is meant to be 3
    stretch = max(1.0, 1.0 / scale)
    # 1. The centre of each new pixel, in old pixels.
    centre = (np.arange(length) + 0.5) / scale - 0.5
    # 2. The old pixels within reach and their weights, which sum to 1.
    first = np.floor(centre - 2.0 * stretch).astype(np.intp)
    places = first[:, None] + np.arange(math.ceil(4.0 * stretch) + 2)
    weights = _cubic((centre[:, None] - places) / stretch)
    weights /= weights.sum(axis=1, keepdims=True)
    # 3. Places outside mirror at the border, the edge pixel included.
    places = places % (2 * size)
    places = np.where(places < size, places, 2 * size - 1 - places)
    # 4. Their weighted sum.
    moved = np.moveaxis(image, axis, -1)
    resized = np.zeros((*moved.shape[:-1], length), dtype=np.float64)
    for tap in range(places.shape[1]):
        resized += moved[..., places[:, tap]] * weights[:, tap]
    return np.moveaxis(resized, -1, axis)


def _cubic(x: Array) -> Array:
    """Return Keys' cubic convolution kernel, a = -0.5."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x**2 + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x <= 1.0, near, np.where(x <= 2.0, far, 0.0))


def _check_ratio(ratio: float) -> None:
    if not ratio > 1:
        raise RequestError(f"A ratio of {ratio} leaves nothing to sharpen.", "Give a ratio above 1.")
