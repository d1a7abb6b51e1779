"""Maps as SVG: the arrows of a shift over a picture of the scene, and the bar that explains colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .axes import Axis, round_step, spanning
from .evaluation import Arrow, MapPicture, Picture
from .markup import Markup, data_uri, element, joined
from .numerals import decimal, displacement, plain
from .palette import NO_VALUE, coloured, hexadecimal
from .svg import FRAME, box, drawing, label, line

_ARROW, _HALO = "#ffd400", "#000000"  # seen on dark and on bright ground, in any colour vision
_LEAST_REACH = 0.3  # PAN pixels: below, arrows are not drawn larger, or noise would look like a shift


def arrow_map(title: str, overview: Picture, size: tuple[int, int], arrows: Sequence[Arrow]) -> Markup:
    """Return arrows over the picture that show shifts many times larger, with an arrow of known length below."""
    drawn = [arrow for arrow in arrows if all(map(math.isfinite, (arrow.col, arrow.row, arrow.dx, arrow.dy)))]
    scale = min(640.0 / max(size[0], 1), 560.0 / max(size[1], 1))
    width, height = max(size[0], 1) * scale, max(size[1], 1) * scale
    lengths = [math.hypot(arrow.dx, arrow.dy) for arrow in drawn]
    reach = max(float(np.percentile(lengths, 90)) if lengths else 0.0, _LEAST_REACH)
    room = min(math.sqrt(width * height / max(len(drawn), 1)) * 0.9, 90.0)
    magnified = room / reach  # page pixels for each PAN pixel of shift
    known = round_step(reach / 2.0)
    parts: list[str] = [
        element("image", href=data_uri(overview), width=width, height=height, preserveAspectRatio="none")
    ]
    for arrow in drawn:
        words = displacement(arrow.dx, arrow.dy)
        if math.isfinite(arrow.correlation):
            words += f"; correlation {decimal(arrow.correlation, 2)}"
        dx, dy = _held(arrow.dx * magnified, room), _held(arrow.dy * magnified, room)
        # With its middle at its place, an arrow at an edge of the scene is not cut.
        shape = _arrow(arrow.col * scale - dx / 2, arrow.row * scale - dy / 2, dx, dy)
        parts.append(element("g", element("title", words), shape))
    foot = height + 24.0
    parts.append(_arrow(2.0, foot - 4.0, known * magnified, 0.0))
    parts.append(label(known * magnified + 12.0, foot, f"{plain(known)} PAN pixels"))
    return drawing(title, max(width, 240.0), foot + 8.0, parts)


def colour_bar(colors: MapPicture) -> Markup:
    """Return the colours of a map with their values."""
    width, height, cells = 320.0, 12.0, 64
    low, high = spanning((colors.low, colors.high))
    axis = Axis(low, high, 0.0, width)
    ramp = coloured(np.linspace(0.0, 1.0, cells)[None], 0.0, 1.0)[0]
    parts = [
        box(width * at / cells, 0, width / cells + 0.5, height, hexadecimal(color)) for at, color in enumerate(ramp)
    ]
    for value, words in axis.ticks(5):
        place = axis.at(value) or 0.0
        anchor = "start" if place < 8 else "end" if place > width - 8 else "middle"
        parts.append(
            line(min(max(place, 0.5), width - 0.5), height, min(max(place, 0.5), width - 0.5), height + 4, FRAME)
        )
        parts.append(label(place, height + 16, f"{words} {colors.unit}".strip(), anchor))
    parts += [box(width + 24, 0, 14, height, NO_VALUE), label(width + 44, 10, "no value")]
    return drawing("Scale of colours", width + 110, height + 22, parts)


def _held(length: float, room: float) -> float:
    """Return a length that leaves the neighbors of its arrow to be seen, however far off it is."""
    return min(max(length, -2.0 * room), 2.0 * room)


def _arrow(x: float, y: float, dx: float, dy: float) -> Markup:
    """Return an arrow from a point, bright on a dark rim; a dot where it is too short to have a direction."""
    length = math.hypot(dx, dy)
    if length < 2.0:
        return element("circle", cx=x, cy=y, r=2.2, fill=_ARROW, stroke=_HALO, stroke_width=1)
    along, head = (dx / length, dy / length), min(7.0, 0.6 * length)
    tip = (x + dx, y + dy)
    neck = (tip[0] - along[0] * head, tip[1] - along[1] * head)
    wings = [(neck[0] - side * along[1] * head / 2, neck[1] + side * along[0] * head / 2) for side in (1, -1)]
    shaft = f"M{plain(x)} {plain(y)}L{plain(neck[0])} {plain(neck[1])}"
    point = "M" + "L".join(f"{plain(px)} {plain(py)}" for px, py in (tip, *wings)) + "Z"
    return joined(
        [
            element("path", d=shaft + point, fill=_HALO, stroke=_HALO, stroke_width=3.5, stroke_linejoin="round"),
            element("path", d=shaft, stroke=_ARROW, stroke_width=1.5),
            element("path", d=point, fill=_ARROW),
        ]
    )
