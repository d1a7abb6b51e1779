"""Plane geometry of synthetic scenes: polygons as arrays (points, 2) of x and y in metres, y downwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Optional

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Width = Callable[[int], float]


class Cut(NamedTuple):
    """Where a polygon was cut in two: the gap runs from `start` to `end` and is `width` metres wide."""

    start: Array
    end: Array
    width: float


def unit(angle: float) -> Array:
    """Return the direction of an angle in radians."""
    return np.array([np.cos(angle), np.sin(angle)])


def rectangle(centre: Array, length: float, width: float, angle: float) -> Array:
    """Return four corners; the first side runs along `angle`."""
    along, across = unit(angle) * length / 2, unit(angle + np.pi / 2) * width / 2
    return np.stack(
        [centre - along - across, centre + along - across, centre + along + across, centre - along + across]
    )


def following(polygon: Array) -> Array:
    """Return for each corner the next one."""
    return np.concatenate([polygon[1:], polygon[:1]])


def disc(centre: Array, radius: float, corners: int = 24) -> Array:
    """Return a regular polygon."""
    angles = np.arange(corners) * 2 * np.pi / corners
    circle: Array = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return circle


def blob(centre: Array, radius: float, random: np.random.Generator) -> Array:
    """Return a closed curve without corners, between two thirds of `radius` and four thirds from its centre."""
    angles = np.arange(64) * 2 * np.pi / 64
    waves = sum(random.normal(0, 0.35 / k) * np.cos(k * angles + random.uniform(0, 7)) for k in range(2, 6))
    reach = radius * np.clip(1 + 0.6 * np.asarray(waves), 0.5, 1.6)
    stretch = random.uniform(0.6, 1.0)
    round_: Array = np.stack([np.cos(angles), stretch * np.sin(angles)], axis=1) * reach[:, None]
    along = unit(random.uniform(0, np.pi))
    across = np.array([-along[1], along[0]])
    curve: Array = centre + round_ @ np.stack([along, across])
    return curve


def area(polygon: Array) -> float:
    """Return the area, positive when the corners run as those of `rectangle`."""
    x, y = polygon.T
    return float(0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def clip(polygon: Array, point: Array, normal: Array) -> Array:
    """Return the part of a convex polygon on the side of a line to which `normal` points; (0, 2) when there is none."""
    side = (polygon - point) @ normal
    kept = []
    for index in range(len(polygon)):
        here, there = side[index - 1], side[index]
        if (here < 0) != (there < 0):
            kept.append(polygon[index - 1] + (polygon[index] - polygon[index - 1]) * (here / (here - there)))
        if there >= 0:
            kept.append(polygon[index])
    return np.array(kept).reshape(-1, 2)


def inset(polygon: Array, distance: float) -> Optional[Array]:
    """Return a convex polygon of as many corners, `distance` further in; None where a side would vanish."""
    sides = following(polygon) - polygon
    lengths = np.hypot(*sides.T)
    if lengths.min() < 1e-6:
        return None
    along = sides / lengths[:, None]
    inward = np.stack([-along[:, 1], along[:, 0]], axis=1)
    before = np.roll(along, 1, axis=0)
    turn = before[:, 0] * along[:, 1] - before[:, 1] * along[:, 0]
    if turn.min() < 0.02:
        return None
    # A corner moves `distance` inward from the side after it, and along that side as far as the turn demands.
    slide = distance * (1 - (before * along).sum(1)) / turn
    moved: Array = polygon + inward * distance + along * slide[:, None]
    if (((following(moved) - moved) * along).sum(1) < 0.1 * lengths).any():
        return None
    return moved


def split(
    polygon: Array, leaf: float, width: Width, skew: float, random: np.random.Generator
) -> tuple[list[Array], list[Cut]]:
    """Cut a convex polygon across its longest side, again and again, until the pieces are about `leaf` square metres.

    `width(depth)` is the gap that the cut of this depth leaves; `skew` is how far, in radians, cuts stray from the
    right angle.
    """
    leaves, cuts, waiting = [], [], [(polygon, 0)]
    while waiting:
        piece, depth = waiting.pop()
        sides = following(piece) - piece
        lengths = np.hypot(*sides.T)
        if area(piece) < leaf * random.uniform(0.9, 1.9) or depth > 14:
            leaves.append(piece)
            continue
        longest = int(lengths.argmax())
        middle = piece[longest] + sides[longest] * random.uniform(0.38, 0.62)
        angle = np.arctan2(sides[longest, 1], sides[longest, 0]) + random.normal(0, skew)
        normal, gap = unit(angle), width(depth)
        reach = (piece - middle) @ normal
        halves = [clip(piece, middle + normal * gap / 2, normal), clip(piece, middle - normal * gap / 2, -normal)]
        if reach.max() < gap or -reach.min() < gap or min(len(half) for half in halves) < 3:
            leaves.append(piece)
            continue
        across = np.array([-normal[1], normal[0]])
        span = clip(clip(piece, middle, normal), middle + normal * 1e-3, -normal) @ across
        ends = span.min() - middle @ across, span.max() - middle @ across
        cuts.append(Cut(middle + across * ends[0], middle + across * ends[1], gap))
        waiting += [(half, depth + 1) for half in halves]
    return leaves, cuts


def ribbon(points: Array, width: float, offset: float = 0.0) -> list[Array]:
    """Return the quadrilaterals of a band along a line, `offset` metres to the right of it."""
    ahead = np.gradient(points, axis=0)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    left, right = points + normal * (offset - width / 2), points + normal * (offset + width / 2)
    return [np.stack([left[i], left[i + 1], right[i + 1], right[i]]) for i in range(len(points) - 1)]


def beside(points: Array, offset: float) -> Array:
    """Return a line parallel to another, `offset` metres to the right of it."""
    ahead = np.gradient(points, axis=0)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    parallel: Array = points + normal * offset
    return parallel


def meander(extent: float, bend: float, random: np.random.Generator, steps: int = 160) -> Array:
    """Return a line across a square of `extent` metres, through near its middle, straying by about `bend` metres."""
    t = np.linspace(-0.2, 1.2, steps)
    stray = sum(
        random.normal(0, bend / k) * np.sin(2 * np.pi * k * t * 0.8 + random.uniform(0, 7)) for k in range(1, 6)
    )
    angle = random.uniform(0, np.pi)
    across = np.array([-unit(angle)[1], unit(angle)[0]])
    start = np.full(2, extent / 2) + across * random.uniform(-0.25, 0.25) * extent
    line: Array = start + (t - 0.5)[:, None] * 1.3 * extent * unit(angle) + np.asarray(stray)[:, None] * across
    return line


def along(points: Array, step: float, start: float = 0.0) -> tuple[Array, Array]:
    """Return places every `step` metres on a line, (n, 2), and the angles of the line there, (n,)."""
    pieces = np.diff(points, axis=0)
    walked = np.concatenate([[0.0], np.cumsum(np.hypot(*pieces.T))])
    at = np.arange(start, walked[-1], step)
    places = np.stack([np.interp(at, walked, points[:, i]) for i in (0, 1)], axis=1)
    index = np.clip(np.searchsorted(walked, at, side="right") - 1, 0, len(pieces) - 1)
    return places, np.arctan2(pieces[index, 1], pieces[index, 0])


def inside(points: Array, polygon: Array) -> Array:
    """Return which points, (n, 2), lie in a convex polygon whose corners run as those of `rectangle`."""
    result = np.ones(len(points), bool)
    for here, there in zip(polygon, following(polygon)):
        side = there - here
        result &= side[0] * (points[:, 1] - here[1]) - side[1] * (points[:, 0] - here[0]) >= 0
    return result
