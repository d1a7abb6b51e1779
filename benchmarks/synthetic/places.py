"""Kinds of places, from the old town to the solar park: each lays streets, fields and water and lets build on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import shapes
from benchmarks.synthetic.canvas import GROUND, MARK, ROAD, THING, WATER, Canvas, Rows
from benchmarks.synthetic.structures import Builder, Style

Array = NDArray[Any]

_NATURE = {  # paints of trees by season and climate
    "summer": ("broadleaf", "broadleaf", "broadleaf", "bright tree", "conifer"),
    "autumn": ("autumn", "autumn", "broadleaf", "bright tree", "conifer"),
    "winter": ("bare tree", "bare tree", "conifer", "olive"),
    "north": ("conifer", "conifer", "conifer", "bright tree"),
    "south": ("olive", "olive", "conifer", "broadleaf"),
}
_CROPS = {
    "summer": ("wheat", "maize", "beet", "rape", "ripe cereal", "stubble", "brown soil", "grass", "lush grass"),
    "autumn": ("stubble", "brown soil", "dark soil", "maize", "grass", "dry grass", "beet"),
    "winter": ("brown soil", "dark soil", "grass", "wheat", "stubble"),
    "north": ("lush grass", "grass", "wheat", "dark soil", "beet"),
    "south": ("ripe cereal", "red soil", "pale soil", "dry grass", "lavender", "maize", "stubble", "lush grass"),
}
_ROOFS = ("red tile", "orange tile", "brown tile", "slate", "bitumen", "grey metal", "gravel", "membrane", "blue metal")


def style(canvas: Canvas, dry: bool = False) -> tuple[Style, str]:
    """Choose what is usual in this place, and its season."""
    random = canvas.random
    season = str(random.choice(["south"] if dry else list(_NATURE), p=None if dry else (0.4, 0.15, 0.1, 0.15, 0.2)))
    green = {"winter": "grass", "south": "dry grass", "autumn": "grass"}.get(season, "lush grass")
    chosen = Style(
        grass=canvas.paint(str(random.choice(["grass", green]))),
        meadow=canvas.paint(green, share=random.uniform(0.2, 0.5)),
        soil=canvas.paint(str(random.choice(["brown soil", "red soil", "dark soil", "pale soil"]))),
        asphalt=canvas.paint(str(random.choice(["old asphalt", "old asphalt", "new asphalt"]))),
        pavement=canvas.paint(str(random.choice(["pavement", "concrete", "brick"], p=(0.6, 0.25, 0.15)))),
        trees=[canvas.paint(str(name)) for name in random.choice(_NATURE[season], 14)],
        roofs=_ROOFS,
        shares=list(random.dirichlet(np.array([5, 2.5, 3, 2, 1.5, 1, 1, 0.7, 0.3]) * 0.35)),
    )
    return chosen, season


class Place:
    """One scene in the making: canvas, builder and what the kinds of places share."""

    def __init__(self, canvas: Canvas, dry: bool = False) -> None:
        self.canvas, self.random, self.extent = canvas, canvas.random, canvas.extent
        self.style, self.season = style(canvas, dry)
        self.build = Builder(canvas, self.style)
        self.white = canvas.paint("white", gain=0.75)
        self.yellow = canvas.paint("yellow", gain=0.8)
        self.steel, self.dark = canvas.paint("grey metal"), canvas.paint("black")
        middle, reach = np.full(2, self.extent / 2), 1.45 * self.extent + 160
        self.whole = shapes.rectangle(middle, reach, reach, self.random.uniform(0, np.pi))

    def ground(self, paint: int) -> None:
        """Cover everything; the first thing of every scene."""
        middle, reach = np.full(2, self.extent / 2), 3 * self.extent
        self.canvas.polygon(shapes.rectangle(middle, reach, reach, 0.0), paint, GROUND)

    def split(
        self, outline: Array, leaf: float, width: shapes.Width, skew: float
    ) -> tuple[list[Array], list[shapes.Cut]]:
        """Return the pieces and the cuts of shapes.split that lie in view."""
        leaves, cuts = shapes.split(outline, leaf, width, skew, self.random)
        seen = self.canvas.in_view
        return [piece for piece in leaves if seen(piece)], [cut for cut in cuts if seen(np.stack(cut[:2]))]

    def spots(self, outline: Array, spacing: float) -> Array:
        """Return random places in a convex outline, one per square of `spacing` metres."""
        low, span = outline.min(0), np.ptp(outline, axis=0)
        count = min(int(span[0] * span[1] / spacing**2) + 1, 4000)
        places = low + self.random.random((count, 2)) * span
        kept: Array = places[shapes.inside(places, outline)]
        return kept

    def street(
        self, start: Array, end: Array, width: float, traffic: float = 0.03, bend: Optional[Array] = None
    ) -> None:
        """Put the markings and the cars of a street (the surface, too, where it bends)."""
        canvas, random = self.canvas, self.random
        points = np.stack([start, end]) if bend is None else bend
        if bend is not None:
            canvas.band(points, width, self.style.asphalt, ROAD)
        if width >= 6:
            places, angles = shapes.along(points, 9.0)
            for place, angle in zip(places, angles):
                half = shapes.unit(angle) * 2
                canvas.line(np.stack([place - half, place + half]), 0.18, self.white, order=ROAD)
            for side in (-0.45, 0.45) if width > 8 else ():
                canvas.line(shapes.beside(points, side * width), 0.15, self.white, order=ROAD)
        for side in (-1, 1):
            places, angles = shapes.along(points, 6.2, random.uniform(0, 6))
            parked = random.random() < 0.5 and width > 7
            open_ = canvas.free(places) if bend is None else np.ones(len(places), bool)
            for place, angle in zip(places[open_], angles[open_]):
                if random.random() < (0.45 if parked else traffic):
                    off = (0.5 * width - 1.2) if parked else 0.22 * width
                    turn = angle if side > 0 else angle + np.pi
                    self.build.car(
                        place + side * off * shapes.unit(angle + np.pi / 2) + random.normal(0, 0.15, 2), turn
                    )

    def crossing(self, at: Array, angle: float, width: float) -> None:
        """Put a zebra crossing over a street that runs along `angle`."""
        if not self.canvas.free(at[None])[0]:
            return
        for shift in np.arange(-width / 2 + 0.5, width / 2 - 0.3, 1.0):
            bar = at + shapes.unit(angle + np.pi / 2) * shift
            self.canvas.polygon(shapes.rectangle(bar, 3.0, 0.5, angle), self.white, MARK)

    def river(self, width: float, name: str) -> Array:
        """Put a river with its banks across the scene, and return its line."""
        canvas = self.canvas
        line = shapes.meander(self.extent, 0.08 * self.extent, self.random)
        canvas.band(line, width * 1.5 + 6, self.style.meadow, WATER)
        canvas.band(line, width * 1.12 + 2, canvas.paint("wet sand"), WATER, offset=0.03 * width)
        canvas.band(line, width, canvas.paint(name), WATER)
        canvas.reserve(line, width * 1.4 + 8)
        for place, angle in zip(*shapes.along(line, 9.0)):
            for side in (-1, 1):
                if self.random.random() < 0.4:
                    at = place + side * shapes.unit(angle + np.pi / 2) * (width * 0.75 + 3 + self.random.normal(0, 1.5))
                    paint = int(self.random.choice(self.style.trees))
                    canvas.tree(at[0], at[1], self.random.uniform(1.5, 4.5), 7.0, paint)
        return line

    def bridge(self, line: Array, span: float, width: float) -> None:
        """Put a straight bridge with railings across a river somewhere."""
        index = self.random.integers(len(line) // 4, 3 * len(line) // 4)
        ahead = line[index + 1] - line[index]
        angle = float(np.arctan2(ahead[1], ahead[0])) + np.pi / 2 + self.random.normal(0, 0.15)
        ends = np.stack([line[index] - shapes.unit(angle) * span, line[index] + shapes.unit(angle) * span])
        self.canvas.polygon(
            shapes.rectangle(line[index], 2 * span, width + 2, angle), self.build.canvas.paint("concrete"), MARK, 2.0
        )
        self.canvas.polygon(shapes.rectangle(line[index], 2 * span, width, angle), self.style.asphalt, MARK, 2.05)
        for side in (-0.5, 0.5):
            self.canvas.line(shapes.beside(ends, side * (width + 1.6)), 0.25, self.steel, 3.0)
        self.canvas.line(ends, 0.15, self.white, 2.2)

    def railway(self, tracks: int, line: Optional[Array] = None) -> None:
        """Put a railway of some tracks: ballast, sleepers, rails, masts."""
        canvas = self.canvas
        line = shapes.meander(self.extent, 0.03 * self.extent, self.random) if line is None else line
        canvas.band(line, 4.6 * tracks + 3, canvas.paint("ballast"), MARK)
        canvas.reserve(line, 4.6 * tracks + 16)
        for track in range(tracks):
            middle = (track - (tracks - 1) / 2) * 4.6
            canvas.band(line, 2.4, canvas.paint("brown soil", gain=0.7), MARK, middle)
            for rail in (-0.75, 0.75):
                canvas.line(shapes.beside(line, middle + rail), 0.14, self.steel)
            if self.random.random() < 0.4:
                begin = self.random.uniform(0, self.extent)
                places, angles = shapes.along(shapes.beside(line, middle), 20.5, begin)
                paint = canvas.paint(str(self.random.choice(["red", "blue", "rust", "silver", "green metal", "brown"])))
                for place, angle in list(zip(places, angles))[: self.random.integers(3, 15)]:
                    canvas.polygon(shapes.rectangle(place, 19.2, 2.9, angle), paint, THING, 3.8)

    def motorway(self) -> None:
        """Put a motorway: two carriageways with lanes, a green strip, verges and traffic."""
        canvas, lanes = self.canvas, int(self.random.integers(2, 5))
        line = shapes.meander(self.extent, 0.025 * self.extent, self.random)
        wide = lanes * 3.6 + 3
        canvas.band(line, 2 * wide + 22, self.style.meadow, MARK)
        canvas.reserve(line, 2 * wide + 26)
        asphalt = canvas.paint(str(self.random.choice(["old asphalt", "new asphalt", "concrete"])))
        for side in (-1, 1):
            middle = side * (wide / 2 + 2)
            canvas.band(line, wide, asphalt, MARK, middle)
            for lane in range(lanes + 1):
                edge = shapes.beside(line, middle + (lane - lanes / 2) * 3.6)
                if lane in (0, lanes):
                    canvas.line(edge, 0.25, self.white)
                    continue
                for place, angle in zip(*shapes.along(edge, 14.0)):
                    half = shapes.unit(angle) * 3
                    canvas.line(np.stack([place - half, place + half]), 0.18, self.white)
            for lane in range(lanes):
                offset = middle + (lane + 0.5 - lanes / 2) * 3.6
                for place, angle in zip(*shapes.along(shapes.beside(line, offset), 24.0, self.random.uniform(0, 20))):
                    if self.random.random() < 0.35:
                        self.build.car(place + shapes.unit(angle) * self.random.uniform(-6, 6), angle)
        canvas.line(line, 0.3, self.steel, 0.8)

    def power_line(self) -> None:
        """Put pylons and the wires between them."""
        line = shapes.meander(self.extent, 0.0, self.random, 3)
        places, angles = shapes.along(line, 180.0)
        for offset in (-6, -3.5, 3.5, 6):
            self.canvas.line(shapes.beside(line, offset), 0.06, self.steel, 25.0)
        for place, angle in zip(places, angles):
            arm = shapes.rectangle(place, 1.0, 13.0, angle)
            self.canvas.polygon(arm, self.steel, THING, 22.0)
            self.canvas.polygon(shapes.rectangle(place, 4.0, 4.0, angle), self.steel, THING, 6.0)

    def hedge(self, start: Array, end: Array, radius: float) -> None:
        """Put bushes close to each other along a line."""
        for place in shapes.along(np.stack([start, end]), 1.5 * radius)[0]:
            self.build.plant(place + self.random.normal(0, 0.15 * radius, 2), radius * self.random.uniform(0.7, 1.3))

    def forest(self, cover: Callable[[Array, Array], Array], spacing: float = 0.0, height: float = 16.0) -> None:
        """Grow a forest where `cover`, of x and y in metres, is above a half."""
        cells = len(self.canvas.taken)
        grid = ((np.arange(cells) + 0.5) * (1.5 / cells) - 0.25) * self.extent
        density = np.clip(cover(grid[None], grid[:, None]), 0, 1)
        spacing = spacing or max(self.random.uniform(3.5, 8.0), 1.3 * self.canvas.gsd)
        self.canvas.forest(density * ~self.canvas.taken, spacing, height, self.style.trees)

    def hills(self, size: float) -> Callable[[Array, Array], Array]:
        """Return a smooth random field of x and y, of mean 0 and waves of `size` metres."""
        waves = [(self.random.normal(0, 1.5 / size, 2) * 2 * np.pi, self.random.uniform(0, 7)) for _ in range(14)]

        def field(x: Array, y: Array) -> Array:
            total = sum(np.sin(k[0] * x + k[1] * y + phase) for k, phase in waves)
            normal: Array = np.asarray(total) / np.sqrt(7)
            return normal

        return field

    def leftover(self, outline: Array) -> None:
        """Put grass and trees where nothing else has place."""
        inner = shapes.inset(outline, 1.5)
        if inner is None:
            return
        surface = self.style.meadow if self.random.random() < 0.7 else self.style.pavement
        self.canvas.polygon(inner, surface, GROUND)
        for spot in self.spots(inner, self.random.uniform(6, 14)):
            self.build.plant(spot, self.random.lognormal(0.8, 0.4))

    def garden(self, parcel: Array, house: float = 0.92, pool: float = 0.08) -> None:
        """Put a house into its parcel, with drive, terrace, trees, perhaps a pool, behind a hedge or a fence."""
        random, canvas = self.random, self.canvas
        sides = shapes.following(parcel) - parcel
        lengths = np.hypot(*sides.T)
        front = int(lengths.argmax())
        angle = float(np.arctan2(sides[front, 1], sides[front, 0])) + random.choice([0.0, np.pi / 2])
        size = np.sqrt(abs(shapes.area(parcel)))
        if not canvas.clear(parcel):
            self.leftover(parcel)
            return
        lawn = canvas.paint(str(random.choice(["grass", "lush grass", "dry grass"], p=(0.5, 0.35, 0.15))))
        canvas.polygon(parcel, lawn if random.random() < 0.85 else self.style.soil, ROAD)
        centre = parcel.mean(0) + random.normal(0, 0.05 * size, 2)
        long, wide = min(random.uniform(8, 19), 0.62 * size), min(random.uniform(6.5, 12), 0.45 * size)
        for place in self.spots(parcel, 7.5):
            if np.hypot(*(place - centre)) > 0.75 * long and random.random() < 0.55:
                self.build.plant(place, random.lognormal(0.6, 0.45))
        kind = random.random()
        for here, there in zip(parcel, shapes.following(parcel)):
            if kind < 0.3 and random.random() < 0.7:
                self.hedge(here, there, random.uniform(0.6, 1.0))
            elif kind < 0.8:
                canvas.line(np.stack([here, there]), 0.15, self.white if kind < 0.55 else self.dark, 1.2)
        if random.random() > house:
            return
        drive = shapes.rectangle((centre + parcel[front]) / 2, 0.75 * size, random.uniform(2.8, 5), angle + np.pi / 2)
        canvas.polygon(drive, self.style.pavement, MARK)
        if random.random() < 0.5:
            self.build.car((centre + parcel[front]) / 2 + random.normal(0, 0.4, 2), angle + np.pi / 2)
        canvas.polygon(
            shapes.rectangle(centre, long + random.uniform(0, 4), wide + random.uniform(1, 6), angle),
            self.style.pavement,
            MARK,
        )
        self.build.house(centre, long, wide, angle)
        corner = parcel[random.integers(len(parcel))] * 0.72 + centre * 0.28
        if random.random() < pool:
            self.build.pool(corner, random.uniform(6, 11), angle)
        elif random.random() < 0.5:
            self.build.flat(shapes.rectangle(corner, random.uniform(2, 5), random.uniform(2, 4), angle), 2.4)

    def field(self, outline: Array, order: int = GROUND) -> None:
        """Put a field with its crop, rows and tramlines, or a meadow, an orchard, a vineyard."""
        random, canvas = self.random, self.canvas
        sides = shapes.following(outline) - outline
        longest = int(np.hypot(*sides.T).argmax())
        angle = float(np.arctan2(sides[longest, 1], sides[longest, 0]))
        name, kind = str(random.choice(_CROPS[self.season])), random.random()
        seen = canvas.turned(outline.mean(0), angle)
        period = canvas.gsd * random.uniform(1.4, 5.5)
        if kind < 0.12:
            vines = Rows(seen, max(2.2, 1.6 * canvas.gsd), mix=0.5, hard=2, tone=-0.12, wobble=0.02)
            soil = str(random.choice(["pale soil", "brown soil", "red soil", "dry grass"]))
            canvas.polygon(outline, canvas.paint("broadleaf", vines, partner=soil, share=0.5), order)
        elif kind < 0.2:
            canvas.polygon(outline, self.style.meadow, order)
            pitch = random.uniform(4.5, 8)
            along, across = shapes.unit(angle) * pitch, shapes.unit(angle + np.pi / 2) * pitch
            count = int(np.ptp(outline, axis=0).max() / pitch)
            grid = np.indices((count, count)).reshape(2, -1).T - count / 2
            places = outline.mean(0) + grid @ np.stack([along, across])
            paint = int(random.choice(self.style.trees))
            for x, y in places[shapes.inside(places, outline) & canvas.free(places)][:2500]:
                canvas.tree(x, y, 0.36 * pitch * random.uniform(0.7, 1.1), 4.0, paint)
        else:
            rows = Rows(
                seen,
                period,
                tone=random.choice([0.0, 0.03, 0.08, 0.16]),
                mix=random.choice([0.0, 0.05, 0.15]),
                hard=random.uniform(1, 3),
                wobble=random.uniform(0, 0.08),
            )
            like = self.style.meadow if random.random() < 0.2 else None
            canvas.polygon(outline, canvas.paint(name, rows, like=like), order)
            inner = shapes.inset(outline, 9.0)
            if inner is not None and random.random() < 0.6:
                tracks = canvas.paint("brown soil")
                along, across = shapes.unit(angle), shapes.unit(angle + np.pi / 2)
                reach = inner @ across
                for level in np.arange(reach.min() + 6, reach.max(), random.choice([12.0, 18.0, 24.0])):
                    for rail in (-0.9, 0.9):
                        cut = shapes.clip(inner, across * (level + rail), across)
                        cut = shapes.clip(cut, across * (level + rail + 1e-3), -across) if len(cut) > 2 else cut
                        if len(cut) > 1:
                            ends = cut @ along
                            ends = np.array([ends.min(), ends.max()])
                            row = ends[:, None] * along + across * (level + rail)
                            canvas.line(row, 0.4, tracks, order=GROUND)
