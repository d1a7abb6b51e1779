"""Small georeferenced PAN and MS pairs with known truth, seeded, and how near to that truth a result comes.

The scene is six materials with their spectra in fields, roads and houses, textured; MS sees it through a Gaussian of
the sensor's MTF at the centres of its pixels, wherever their geotransform puts them, and PAN as a mix of the bands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from engine.request import SharpenRequest
from tests import rasters

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Affine = tuple[float, float, float, float, float, float]

EPSG = 32633
LEFT, TOP, PIXEL = 500_000.0, 5_300_000.0, 0.5
NAMES = ("Blue", "Green", "Red", "NIR")
WAVELENGTHS = (480.0, 545.0, 660.0, 835.0)
PAN_WEIGHTS = (0.15, 0.28, 0.32, 0.25)
# Rows: vegetation, soil, water, concrete, roof tiles, asphalt; columns: blue, green, red, near infrared; counts.
SPECTRA = (
    (180, 260, 190, 1100),
    (300, 420, 520, 700),
    (220, 200, 120, 60),
    (520, 560, 580, 600),
    (330, 340, 620, 680),
    (190, 200, 210, 230),
)
MS_GAIN, PAN_GAIN = 0.30, 0.15
TOP_COUNT = 2047  # 11 bits


@dataclass(frozen=True)
class Pair:
    """The files, and what a perfect sharpener would write on the grid of PAN: (bands, h, w), counts of MS."""

    pan: str
    ms: str
    truth: Floats
    ratio: float
    valid: Optional[Mask] = None  # where both images show something; None: everywhere

    def request(self, out: Union[str, Path], **changes: Any) -> SharpenRequest:
        """Return the request to sharpen this pair."""
        return SharpenRequest(**{"pan": self.pan, "ms": (self.ms,), "out": str(out), **changes})


def write_pair(
    folder: Path,
    *,
    size: int = 384,
    ratio: Union[float, tuple[float, float]] = 4.0,
    bands: int = 4,
    seed: int = 1,
    shift: tuple[float, float] = (0.0, 0.0),
    half_pixel: bool = False,
    collar: bool = False,
    nodata: Optional[float] = 0.0,
    data_type: str = "uint16",
    scale: float = 1.0,
    offset: float = 0.0,
    epsg: Optional[int] = EPSG,
) -> Pair:
    """Write pan.tif and ms.tif into `folder`.

    `shift` (x, y) is how far, in PAN pixels right and down, MS shows things from where they are.  With `half_pixel`
    the MS grid begins half a PAN pixel right of and below that of PAN.  With `collar` both are `nodata` outside a
    square turned by 8 degrees.  The file holds scale * counts + offset.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ratios = (ratio, ratio) if isinstance(ratio, (int, float)) else ratio
    truth, pan = scene(size, bands, seed)
    start = 0.5 if half_pixel else 0.0
    ms = seen_by_ms(truth, ratios, (start - shift[0], start - shift[1]), seed)
    valid = turned_square(size) if collar else None
    files = []
    for name, array, pixel, origin in (("pan", pan[None], (1.0, 1.0), 0.0), ("ms", ms, ratios, start)):
        stored = array * scale + offset
        if not data_type.startswith("float"):
            stored = np.rint(stored)
        if valid is not None:
            stored[:, ~(valid if name == "pan" else wholly(valid, int(ratios[0])))] = nodata
        files.append(
            rasters.write(
                folder / f"{name}.tif",
                stored.astype(data_type),
                None if epsg is None else affine(pixel, origin),
                epsg,
                nodata if collar else None,
                names=NAMES if name == "ms" and bands == len(NAMES) else (),
                options=("PHOTOMETRIC=MINISBLACK",),  # else GDAL takes the last of four bytes for alpha
            )
        )
    return Pair(files[0], files[1], truth * scale + offset, math.sqrt(ratios[0] * ratios[1]), valid)


def affine(pixels: tuple[float, float] = (1.0, 1.0), start: float = 0.0) -> Affine:
    """Return the geotransform of a grid whose pixels measure `pixels` (x, y) PAN pixels, `start` right and down."""
    return (LEFT + start * PIXEL, pixels[0] * PIXEL, 0.0, TOP - start * PIXEL, 0.0, -pixels[1] * PIXEL)


def read(path: Union[str, Path]) -> Floats:
    """Return all bands as the file holds them: (bands, h, w)."""
    return np.asarray(rasters.read(path), np.float64)


@lru_cache(maxsize=8)
def scene(size: int, bands: int, seed: int) -> tuple[Floats, Floats]:
    """Return what is there, (bands, h, w), and what PAN sees of it, (h, w), both in whole counts."""
    random = np.random.default_rng(seed)
    labels = np.where(fractal(size, 2.6, seed) < 0, 1, 0)
    labels[fractal(size, 3.2, seed + 1) > 1.6] = 2
    for _ in range(max(4, size // 128)):
        width, place = random.integers(6, 16), random.integers(0, size)
        road = (slice(place, place + width), slice(None))
        labels[road if random.random() < 0.5 else road[::-1]] = 5
    for _ in range(int(1200 * (size / 2048) ** 2)):
        height, width = random.integers(8, 60, 2)
        row, col = random.integers(0, max(1, size - 60), 2)
        labels[row : row + height, col : col + width] = random.choice([3, 4])
    texture = np.clip(1.0 + 0.10 * fractal(size, 1.2, seed + 2), 0.4, 1.8)
    wavelengths = WAVELENGTHS if bands == len(WAVELENGTHS) else np.linspace(430.0, 950.0, bands)
    weights = np.interp(wavelengths, WAVELENGTHS, PAN_WEIGHTS)
    weights /= weights.sum()
    truth = np.empty((bands, size, size))
    for band, wavelength in enumerate(wavelengths):
        spectrum = np.array([np.interp(wavelength, WAVELENGTHS, one) for one in SPECTRA])
        own = 1.0 + 0.02 * fractal(size, 1.0, seed + 10 + band)
        truth[band] = ndimage.gaussian_filter(spectrum[labels] * texture * own, 0.45)
    pan = ndimage.gaussian_filter(np.tensordot(weights, truth, 1), 0.55 * gaussian_width(PAN_GAIN, 1.0))
    pan += random.normal(0.0, 1.5, pan.shape)
    truth, pan = (np.clip(np.rint(image), 1, TOP_COUNT) for image in (truth, pan))
    truth.setflags(write=False)
    pan.setflags(write=False)
    return truth, pan


def seen_by_ms(truth: Floats, ratios: tuple[float, float], start: tuple[float, float], seed: int = 1) -> Floats:
    """Return (bands, rows, cols): truth through the optics of MS, sampled where the centres of its pixels lie.

    The first MS pixel begins `start` (x, y) PAN pixels right of and below the first PAN pixel.
    """
    sizes = (truth.shape[2], truth.shape[1])
    cols, rows = (
        (np.arange(int(size / ratio + 1e-9)) + 0.5) * ratio - 0.5 + begin
        for size, ratio, begin in zip(sizes, ratios, start)
    )
    places = np.meshgrid(rows, cols, indexing="ij")
    noise = np.random.default_rng(seed + 1000)
    seen = []
    for band in truth:
        blurred = ndimage.gaussian_filter(band, [gaussian_width(MS_GAIN, ratio) for ratio in reversed(ratios)])
        sampled = ndimage.map_coordinates(blurred, places, order=3, mode="nearest")
        seen.append(sampled + noise.normal(0.0, 1.0, sampled.shape))
    return np.clip(np.rint(np.stack(seen)), 1, TOP_COUNT)


def fractal(size: int, slope: float, seed: int) -> Floats:
    """Return an image of mean 0 and spread 1 whose power falls with frequency to the power of -slope."""
    noise = np.fft.rfft2(np.random.default_rng(seed).standard_normal((size, size)))
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency[0, 0] = 1.0
    image = np.fft.irfft2(noise / frequency ** (slope / 2.0), s=(size, size))
    return np.asarray((image - image.mean()) / image.std())


def gaussian_width(gain: float, ratio: float) -> float:
    """Return the sigma whose response at the Nyquist frequency of `ratio` pixels is `gain`."""
    return ratio * math.sqrt(-2.0 * math.log(gain)) / math.pi


def turned_square(size: int) -> Mask:
    """Return a square of 88 % of the side, turned by 8 degrees."""
    rows, cols = np.mgrid[:size, :size] - size / 2.0
    angle = math.radians(8.0)
    along = cols * math.cos(angle) + rows * math.sin(angle)
    across = rows * math.cos(angle) - cols * math.sin(angle)
    return np.asarray((np.abs(along) < 0.44 * size) & (np.abs(across) < 0.44 * size))


def wholly(valid: Mask, step: int) -> Mask:
    """Return the MS pixels of `step` PAN pixels under which all PAN pixels are valid."""
    count = valid.shape[0] // step
    blocks = valid[: count * step, : count * step].reshape(count, step, count, step)
    return np.asarray(blocks.all(axis=(1, 3)))


# How good a result is.  All compare (bands, h, w) on one grid; `inside` is where.


def interior(shape: tuple[int, ...], margin: int = 32) -> Mask:
    """Return the pixels at least `margin` away from the border."""
    mask = np.zeros(shape[-2:], bool)
    mask[margin:-margin, margin:-margin] = True
    return mask


def ergas(result: Floats, truth: Floats, ratio: float, inside: Optional[Mask] = None) -> float:
    """Return the relative error in per cent, scaled by the ratio (Wald 2000)."""
    inside = interior(truth.shape) if inside is None else inside
    errors = [np.mean((one - two)[inside] ** 2) / two[inside].mean() ** 2 for one, two in zip(result, truth)]
    return float(100.0 / ratio * np.sqrt(np.mean(errors)))


def bias_percent(result: Floats, truth: Floats, inside: Optional[Mask] = None) -> list[float]:
    """Return by how much the mean of each band is off."""
    inside = interior(truth.shape) if inside is None else inside
    return [float(100.0 * (one - two)[inside].mean() / two[inside].mean()) for one, two in zip(result, truth)]


def shift_of(result: Floats, truth: Floats, margin: int = 32) -> tuple[float, float]:
    """Return how far (x, y) the content of one band lies right of and below that of the other, in pixels.

    Phase correlation of the high-passed images and a parabola through the peak.
    """
    cut = slice(margin, -margin)
    one, two = (np.fft.rfft2((image - ndimage.gaussian_filter(image, 4.0))[cut, cut]) for image in (result, truth))
    cross = one * np.conj(two)
    surface = np.fft.irfft2(cross / (np.sqrt(np.abs(cross)) + 1e-9))
    peak = np.unravel_index(int(np.argmax(surface)), surface.shape)
    place = []
    for axis in (0, 1):
        before, at, after = (surface[_beside(peak, axis, step, surface.shape)] for step in (-1, 0, 1))
        whole = peak[axis] if peak[axis] < surface.shape[axis] / 2 else peak[axis] - surface.shape[axis]
        place.append(float(whole + 0.5 * (before - after) / (before - 2.0 * at + after)))
    return place[1], place[0]


def _beside(peak: Sequence[Any], axis: int, step: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    moved = list(peak)
    moved[axis] = (moved[axis] + step) % shape[axis]
    return tuple(moved)


def ring_and_core(result: Floats, truth: Floats, valid: Mask, written: Mask) -> tuple[float, float]:
    """Return the mean absolute error within 8 pixels of the edge of what is valid, and beyond 24 pixels of it."""
    depth = ndimage.distance_transform_edt(valid)
    error = np.abs(result - truth).mean(axis=0)
    return float(error[(depth > 0) & (depth <= 8) & written].mean()), float(error[depth > 24].mean())
