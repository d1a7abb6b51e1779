"""Colours that mean something: of values on a map, and of the images compared in a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

# Nine equidistant colours of viridis (van der Walt and Smith 2015; free of rights, CC0): lightness grows evenly, and
# readers who do not see red and green apart, as well as grey printers, keep the order.
_ANCHORS = np.array(
    [
        (0x44, 0x01, 0x54),
        (0x47, 0x2D, 0x7B),
        (0x3B, 0x52, 0x8B),
        (0x2C, 0x72, 0x8E),
        (0x21, 0x91, 0x8C),
        (0x28, 0xAE, 0x80),
        (0x5E, 0xC9, 0x62),
        (0xAD, 0xDC, 0x30),
        (0xFD, 0xE7, 0x25),
    ],
    dtype=np.float64,
)
_NO_VALUE = np.array((0xBD, 0xBD, 0xBD), dtype=np.uint8)
NO_VALUE = "#bdbdbd"

INK = "#111111"  # what is given: PAN, MS, the truth
_PLAIN_GREY = "#767676"
# Okabe and Ito 2008, for all kinds of colour vision, without their yellow, which white paper swallows.
_HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("", "7 3", "2 2.5")


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn."""

    color: str
    dash: str = ""  # as SVG's stroke-dasharray; nothing: solid
    width: float = 1.5


GIVEN = Stroke(INK, width=2.0)
BASELINE = Stroke(_PLAIN_GREY, "4 2", 1.5)


def coloured(values: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.uint8]:
    """Return values (h, w) as colours (h, w, 3), dark at `low` and bright at `high` and beyond; grey where nan."""
    known = ~np.isnan(values)
    span = high - low if high > low else 1.0
    steps = np.clip((np.where(known, values, low).astype(np.float64) - low) / span, 0.0, 1.0) * (len(_ANCHORS) - 1)
    below = np.minimum(steps.astype(np.intp), len(_ANCHORS) - 2)
    part = (steps - below)[..., None]
    colors: npt.NDArray[np.uint8] = np.rint(_ANCHORS[below] * (1.0 - part) + _ANCHORS[below + 1] * part).astype(
        np.uint8
    )
    colors[~known] = _NO_VALUE
    return colors


def hexadecimal(color: npt.NDArray[np.uint8]) -> str:
    """Return a colour (3,) as HTML writes it."""
    return "#" + "".join(f"{int(part):02x}" for part in color)


def stroke(number: int) -> Stroke:
    """Return the line of the sharpened image with this number, from 0; 18 can be told apart."""
    return Stroke(_HUES[number % len(_HUES)], _DASHES[number // len(_HUES) % len(_DASHES)])
