"""What the surfaces of synthetic scenes reflect from 0.40 to 1.05 micrometres, and how rough they look.

The curves are drawn by hand through a dozen points each, from general knowledge of spectra; none is a measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

WAVELENGTHS = np.arange(0.40, 1.0501, 0.005)
_POINTS = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.68, 0.71, 0.75, 0.85, 0.95, 1.05)
# Centres of the bands of usual sensors, in the order in which their files hold them.
BANDS = {
    3: (0.48, 0.56, 0.66),
    4: (0.48, 0.56, 0.66, 0.83),
    8: (0.425, 0.48, 0.545, 0.605, 0.66, 0.725, 0.83, 0.95),
}
# Passbands of PAN as of WorldView and Pleiades, QuickBird and SPOT 5, aerial cameras, Landsat 8, GeoEye.
PANS = ((0.45, 0.80), (0.45, 0.90), (0.42, 0.70), (0.50, 0.68), (0.46, 0.86))
# The part of the light on flat ground that comes from the sky, not from the sun: all that a shadow is left with.
_SKY = (0.48, 0.42, 0.36, 0.31, 0.275, 0.25, 0.24, 0.23, 0.22, 0.19, 0.17, 0.16)


@dataclass(frozen=True)
class Material:
    """A spectrum in percent at the control points, and how much a surface of it varies.

    `spread` and `tint` vary between objects (brightness and colour); `fine` and `blotch` are the brightness of its
    texture at the scale of pixels and of patches; `partner` is what shows through, on the part `share` of the
    surface, in patches of contrast `patchy` and in wider ones of contrast `broad`.
    """

    percent: tuple[float, ...]
    spread: float = 0.12
    tint: float = 0.03
    fine: float = 0.05
    blotch: float = 0.03
    partner: str = ""
    share: float = 0.0
    patchy: float = 0.0
    broad: float = 0.0


def _leaf(visible: Sequence[float], edge: float, plateau: float, **texture: Any) -> Material:
    """Return a plant: seven points of the visible, the red edge at 0.71, then the plateau with a little dip at 0.95."""
    shoulder = edge + 0.8 * (plateau - edge)
    return Material((*visible, edge, shoulder, plateau, 0.97 * plateau, 1.01 * plateau), **texture)


MATERIALS = {
    "grass": _leaf((3, 3.6, 4.8, 10, 7.4, 5.6, 5.2), 16, 44, partner="dry grass", share=0.25, patchy=0.12, broad=0.12),
    "lush grass": _leaf((2, 2.6, 3.8, 9, 5.5, 3.8, 3.4), 14, 52, partner="grass", share=0.3, patchy=0.15, broad=0.1),
    "dry grass": Material(
        (6, 8, 11, 15, 18, 20.5, 21.5, 24, 27, 32, 34, 37), partner="grass", share=0.2, patchy=0.15, broad=0.15
    ),
    "broadleaf": _leaf((2, 2.4, 3.2, 7, 4.6, 3.3, 3), 11, 43, spread=0.18, tint=0.05, fine=0.12, blotch=0.06),
    "bright tree": _leaf((2.3, 2.9, 4.3, 10, 7, 4.8, 4.2), 15, 50, spread=0.16, tint=0.05, fine=0.12, blotch=0.06),
    "conifer": _leaf((1.6, 1.9, 2.5, 4.6, 3.3, 2.6, 2.4), 7, 26, spread=0.16, tint=0.04, fine=0.12, blotch=0.06),
    "olive": _leaf((4, 4.8, 6, 9, 8, 7, 6.7), 13, 33, spread=0.14, tint=0.04, fine=0.12, blotch=0.05),
    "autumn": _leaf((3, 3.5, 4.5, 9, 15, 15, 13), 22, 42, spread=0.2, tint=0.1, fine=0.12, blotch=0.06),
    "bare tree": Material((4, 5, 6.5, 8, 10, 11.5, 12, 14, 17, 22, 25, 28), spread=0.15, fine=0.15, blotch=0.06),
    "reed": _leaf((3, 4, 5.5, 9.5, 10, 9.5, 9), 16, 34, fine=0.12, blotch=0.1, partner="water", share=0.15, patchy=0.2),
    "wheat": _leaf((2, 2.6, 3.8, 8.2, 5.2, 3.6, 3.2), 13, 50, fine=0.04, partner="brown soil", share=0.08, broad=0.1),
    "maize": _leaf((2.2, 2.8, 4, 9.6, 6, 4.2, 3.8), 15, 47, fine=0.07, partner="brown soil", share=0.15, broad=0.08),
    "beet": _leaf((2.4, 3, 4.6, 11.5, 7.4, 4.8, 4.3), 17, 55, fine=0.05, partner="brown soil", share=0.2, broad=0.1),
    "rape": _leaf((3, 4, 9, 22, 23, 19, 16), 28, 52, fine=0.06, partner="wheat", share=0.2, broad=0.15),
    "ripe cereal": Material(
        (8, 11, 15.5, 21, 26.5, 30, 31, 33.5, 36, 41, 44, 48), fine=0.05, partner="wheat", share=0.06, broad=0.07
    ),
    "stubble": Material(
        (7, 9.5, 13, 17, 21, 24, 25, 27, 30, 35, 38, 42), fine=0.08, partner="brown soil", share=0.3, broad=0.12
    ),
    "lavender": _leaf((7, 9, 8.5, 8, 8.5, 9.5, 9.5), 16, 36, fine=0.08, partner="pale soil", share=0.1),
    # Earth
    "brown soil": Material((4, 5.5, 7.5, 10, 13, 15.5, 16.5, 18, 20, 24, 27, 30), 0.2, 0.05, 0.07, 0.06),
    "red soil": Material((4, 5, 6.5, 10, 18, 24, 25.5, 27, 29, 32, 34, 37), 0.18, 0.05, 0.07, 0.06),
    "dark soil": Material((3, 3.6, 4.5, 5.6, 6.8, 8, 8.6, 9.5, 11, 14, 16.5, 19), 0.18, 0.04, 0.07, 0.06),
    "pale soil": Material((11, 14, 18, 22.5, 27, 30, 31, 33, 35, 39, 42, 44), 0.14, 0.04, 0.06, 0.06),
    "sand": Material((14, 18, 24, 31, 37, 41, 42.5, 44, 46, 50, 52, 54), 0.1, 0.04, 0.04, 0.04),
    "wet sand": Material((8, 10, 13, 17, 20, 22, 22.5, 23, 24, 25, 24, 24), 0.1, 0.04, 0.03, 0.04),
    "rock": Material((10, 12, 14, 16.5, 19, 20.5, 21, 22, 23, 25, 26, 27), 0.2, 0.05, 0.16, 0.1),
    "gravel": Material((13, 15.5, 18, 20.5, 22.5, 24, 24.5, 25, 26, 27.5, 28.5, 29), 0.15, 0.03, 0.12, 0.04),
    "ballast": Material((7, 8, 9.3, 10.8, 12.5, 13.8, 14.3, 15, 16, 17.5, 18.5, 19.5), 0.15, 0.04, 0.1, 0.04),
    "snow": Material((88, 90, 90, 89.5, 89, 88, 87.5, 87, 86, 81, 74, 58), 0.04, 0.01, 0.02, 0.03),
    # Stone, tar, concrete
    "old asphalt": Material((10, 11.3, 12.6, 13.8, 14.8, 15.6, 16, 16.4, 17, 18, 18.8, 19.5), 0.14, 0.02, 0.05, 0.03),
    "new asphalt": Material((4.6, 4.9, 5.2, 5.5, 5.8, 6.1, 6.3, 6.5, 6.8, 7.4, 7.9, 8.4), 0.15, 0.02, 0.04, 0.02),
    "concrete": Material((19, 22, 25, 27.5, 29.5, 31, 31.5, 32, 32.7, 34, 34.7, 35.5), 0.13, 0.02, 0.04, 0.03),
    "pavement": Material((14, 16, 18, 20, 21.5, 22.5, 23, 23.5, 24, 25, 25.8, 26.5), 0.14, 0.03, 0.06, 0.03),
    "brick": Material((6, 7, 8.2, 11, 18, 22.5, 23.5, 25, 27, 30, 31.5, 33), 0.14, 0.04, 0.06, 0.03),
    "bitumen": Material((5.5, 5.9, 6.3, 6.7, 7.1, 7.5, 7.7, 7.9, 8.3, 9, 9.5, 10), 0.25, 0.03, 0.05, 0.06),
    "membrane": Material((31, 41, 47, 48.5, 49, 49.5, 49.5, 49, 48.5, 47.5, 46.5, 45.5), 0.12, 0.02, 0.02, 0.04),
    # Roofs
    "red tile": Material((5, 6, 7.2, 10.5, 21, 27.5, 29, 30.5, 32, 34, 35, 37), 0.2, 0.06, 0.07, 0.05),
    "brown tile": Material((5, 5.8, 6.8, 8.6, 12.5, 15, 15.8, 16.8, 18, 20.5, 22, 24), 0.2, 0.05, 0.07, 0.05),
    "orange tile": Material((7, 8.5, 11, 17, 30, 36, 37.5, 39, 40.5, 42, 43, 45), 0.15, 0.05, 0.07, 0.06),
    "slate": Material((7.5, 8, 8.5, 8.9, 9.2, 9.5, 9.7, 10, 10.4, 11.2, 11.8, 12.4), 0.2, 0.04, 0.06, 0.04),
    "white metal": Material((34, 45, 51, 53, 53.5, 54, 54, 53.5, 53, 51.5, 50, 49), 0.12, 0.02, 0.02, 0.02),
    "grey metal": Material((24, 27, 28.5, 29.5, 30, 30.3, 30.5, 30.5, 30.6, 30.5, 31, 31.5), 0.2, 0.02, 0.02, 0.02),
    "blue metal": Material((24, 29, 26, 16, 9.5, 8.5, 9, 11, 16, 29, 34, 37), 0.18, 0.05, 0.02, 0.03),
    "green metal": Material((8, 10, 15.5, 18, 13, 9.8, 9.3, 9.5, 11, 20, 27, 32), 0.18, 0.06, 0.02, 0.03),
    "red metal": Material((5, 5.5, 5.8, 7, 19, 29, 32, 34, 36, 40, 42, 44), 0.15, 0.05, 0.02, 0.03),
    "rust": Material(
        (5, 5.8, 7, 9.5, 15.5, 20, 21.5, 23, 24, 24, 25, 28), 0.2, 0.06, 0.06, 0.05, "grey metal", 0.25, 0.2
    ),
    "copper": Material((13, 17, 22, 24, 20, 16, 15, 14.5, 14.5, 17, 20, 23), 0.15, 0.04, 0.03, 0.05),
    "solar": Material((5.5, 5, 4.2, 3.7, 3.5, 3.5, 3.6, 3.7, 4, 4.8, 7, 15), 0.15, 0.04, 0.02, 0.02),
    "glass": Material((7, 7.2, 7, 7, 6.5, 6.2, 6, 6, 6, 6.5, 7, 7.5), 0.4, 0.06, 0.02, 0.02),
    "greenhouse": Material(
        (38, 43, 46, 48, 48, 47.5, 47, 48, 50, 53, 53, 53), 0.1, 0.02, 0.03, 0.04, "lush grass", 0.25, 0.1, 0.1
    ),
    "lawn plastic": Material((4, 5, 8, 14.5, 8, 5.5, 5.3, 7, 16, 38, 42, 44), 0.12, 0.04, 0.01, 0.02),
    "tartan": Material((6, 7, 8.2, 10, 25, 34, 36, 37.5, 39, 42, 44, 46), 0.1, 0.05, 0.01, 0.02),
    # Water
    "water": Material((5.2, 5.4, 5, 4.2, 2.8, 2.1, 1.9, 1.6, 1.2, 0.8, 0.6, 0.5), 0.2, 0.06, 0.05, 0.04),
    "turbid water": Material(
        (6, 7.3, 9.3, 12, 11.5, 10, 9.3, 8, 4.8, 3, 1.6, 1.2), 0.15, 0.05, 0.03, 0.03, "water", 0.15, 0.1, 0.1
    ),
    "green water": Material((3, 3.4, 4.6, 7.4, 5, 3.7, 3.2, 4.4, 3, 2, 1.2, 1), 0.2, 0.06, 0.04, 0.04),
    "shallow": Material((15, 18, 21, 20, 13, 7.5, 6, 4, 2.4, 1.4, 0.8, 0.6), 0.1, 0.05, 0.05, 0.06),
    "pool": Material((36, 43, 46, 41, 24, 15.5, 13, 8, 4.5, 3, 1.6, 1.2), 0.12, 0.05, 0.05, 0.05),
    "foam": Material((46, 50, 52, 53, 53, 52, 51, 50, 48, 44, 38, 33), 0.1, 0.01, 0.15, 0.1),
    # Paint
    "white": Material((38, 56, 62, 63, 63, 63, 63, 62.5, 62, 60.5, 59, 58), 0.1, 0.01, 0.01, 0.01),
    "silver": Material((36, 38, 39, 39.5, 40, 40, 40, 40, 40, 39.5, 39, 39), 0.2, 0.02, 0.01, 0.01),
    "black": Material((3.6, 3.6, 3.6, 3.6, 3.7, 3.8, 3.9, 4, 4.2, 4.8, 5.2, 5.6), 0.3, 0.03, 0.01, 0.01),
    "red": Material((4, 4, 4.2, 4.8, 13, 36, 42, 45, 48, 52, 54, 55), 0.2, 0.05, 0.01, 0.01),
    "blue": Material((17, 25, 19, 9, 5, 4.5, 5, 6.5, 12, 26, 31, 34), 0.3, 0.06, 0.01, 0.01),
    "green": Material((5, 6, 12, 16, 8, 5, 4.8, 5.5, 9, 26, 34, 38), 0.3, 0.06, 0.01, 0.01),
    "yellow": Material((6, 7, 16, 45, 58, 61, 62, 62.5, 63, 64, 64, 64), 0.12, 0.04, 0.01, 0.01),
    "orange": Material((5, 5, 6, 13, 42, 52, 54, 55, 57, 60, 61, 61), 0.15, 0.04, 0.01, 0.01),
    "brown": Material((5, 5.5, 6.5, 8.5, 12, 14, 15, 16, 18, 23, 26, 29), 0.25, 0.06, 0.01, 0.01),
}


def _curve(percent: Sequence[float]) -> Array:
    """Return the reflectance at WAVELENGTHS: the points joined, and the joints rounded within 20 nm."""
    taps = np.exp(-0.5 * (np.arange(-8, 9) * 0.005 / 0.012) ** 2)
    padded = np.pad(np.interp(WAVELENGTHS, _POINTS, percent), 8, mode="edge")
    smooth: Array = np.convolve(padded, taps / taps.sum(), mode="valid")
    return smooth / 100.0


CURVES = {name: _curve(material.percent) for name, material in MATERIALS.items()}
SKY = _curve([100.0 * part for part in _SKY])


def responses(bands: Sequence[float], pan: tuple[float, float]) -> Array:
    """Return the weights of WAVELENGTHS, (bands + 1, wavelengths), summing to 1: bands 60 nm wide, then PAN."""
    rows = [np.exp(-(np.abs((WAVELENGTHS - centre) / 0.03) ** 4)) for centre in bands]
    edges = 1.0 / (1.0 + np.exp((pan[0] - WAVELENGTHS) / 0.008)) / (1.0 + np.exp((WAVELENGTHS - pan[1]) / 0.012))
    # Silicon sees the near infrared less well than the visible.
    rows.append(edges * np.clip(1.25 - np.abs(WAVELENGTHS - 0.62), 0.0, 1.0))
    weights = np.stack(rows)
    normal: Array = weights / weights.sum(axis=1, keepdims=True)
    return normal


def vary(curve: Array, spread: float, tint: float, random: np.random.Generator) -> Array:
    """Return a spectrum of another object of the same kind: brighter or darker, and of slightly another colour."""
    bend = (WAVELENGTHS - 0.6) / 0.3
    slope, bow, wave = tint * random.standard_normal(3)
    factor = np.exp(spread * random.standard_normal() + slope * bend + bow * (bend**2 - 0.5) + wave * np.sin(4 * bend))
    varied: Array = curve * factor
    return varied
