"""The sun on a relief: cast shadows, and slopes that face it or not."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import shapes

Array = NDArray[Any]
_REACH = 8  # steps of the sun's ray that are followed one by one, before they are doubled


class Light(NamedTuple):
    """Where the sun stands: azimuth of the shadows in radians, and elevation above the horizon."""

    azimuth: float
    elevation: float


def sunlight(height: Array, slope_x: Array, slope_y: Array, cell: float, sun: Light) -> Array:
    """Return the sun's light on each point of a square grid of `cell` metres; 1 is what flat open ground receives."""
    size = len(height)
    # Along a whole-numbered step the shadow of a straight edge stays straight when steps are doubled.
    step = np.rint(shapes.unit(sun.azimuth) * _REACH).astype(int)
    drop = float(np.hypot(*step)) / _REACH * cell * np.tan(sun.elevation)
    horizon = np.full_like(height, -1e3)

    def follow(source: Array, dx: int, dy: int, fall: float) -> None:
        to = tuple(slice(max(d, 0), size + min(d, 0)) for d in (dy, dx))
        origin = tuple(slice(max(-d, 0), size + min(-d, 0)) for d in (dy, dx))
        np.maximum(horizon[to], source[origin] - np.float32(fall), out=horizon[to])

    for count in range(1, _REACH + 1):
        dx, dy = np.rint(step * count / _REACH).astype(int)
        follow(height, dx, dy, drop * count)
    for times in (1, 2, 4, 8, 16):
        dx, dy = step * times
        follow(horizon.copy(), dx, dy, drop * _REACH * times)
    lit = 1.0 - np.clip((horizon - height) / np.float32(0.5 * cell), 0.0, 1.0)
    towards = -shapes.unit(sun.azimuth) / np.tan(sun.elevation)
    steep = np.sqrt(1.0 + slope_x**2 + slope_y**2)
    facing = (1.0 - np.float32(towards[0]) * slope_x - np.float32(towards[1]) * slope_y) / steep
    light: Array = lit * np.clip(facing, 0.0, 1.7)
    return light
