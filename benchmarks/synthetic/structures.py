"""What people build, put on the canvas one by one: houses, halls, cars, parking lots, fields of sport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import shapes
from benchmarks.synthetic.canvas import BUILDING, MARK, ROAD, ROOF, THING, Canvas, Rows

Array = NDArray[Any]

_CAR_COLOURS = ("white", "silver", "black", "grey metal", "red", "blue", "green", "yellow", "orange", "brown")
_CAR_SHARES = (0.24, 0.2, 0.17, 0.1, 0.09, 0.09, 0.03, 0.03, 0.02, 0.03)
_CONTAINERS = ("red", "blue", "rust", "green", "orange", "white", "grey metal", "brown")
_TILES = ("red tile", "orange tile", "brown tile", "slate")
_FLAT = ("bitumen", "gravel", "membrane", "concrete", "grey metal", "rust")
# Roofs as bright in PAN as the grass around them, and cars as the street, are what a network must not lose.
_CAMOUFLAGE = 0.15


@dataclass(frozen=True)
class Style:
    """What is usual in the place of a scene: paints of its nature, and materials of its roofs with their shares."""

    grass: int
    meadow: int
    soil: int
    asphalt: int
    pavement: int
    trees: list[int]
    roofs: Sequence[str]
    shares: Sequence[float]

    def roof(self, random: np.random.Generator) -> str:
        """Return the material of another roof."""
        return str(random.choice(list(self.roofs), p=np.array(self.shares) / sum(self.shares)))


class Builder:
    """Builds in one style on one canvas."""

    def __init__(self, canvas: Canvas, style: Style) -> None:
        self.canvas, self.style, self.random = canvas, style, canvas.random
        self._white, self._glass = canvas.paint("white"), canvas.paint("glass")
        self._dull = [canvas.paint(name) for name in ("concrete", "grey metal", "brick", "bitumen", "white metal")]
        self._panel = canvas.paint("solar")
        self._marking = canvas.paint("white", gain=0.8)
        self._cars = [
            canvas.paint(str(name), like=style.asphalt if self.random.random() < _CAMOUFLAGE else None)
            for name in self.random.choice(_CAR_COLOURS, 60, p=np.array(_CAR_SHARES) / sum(_CAR_SHARES))
        ]

    def _roof_paint(self, name: str, angle: float, at: Array) -> int:
        random, like = self.random, None
        angle = self.canvas.turned(at, angle)
        if random.random() < _CAMOUFLAGE:
            like = self.style.grass
        if name in _TILES:
            rows = Rows(angle, random.uniform(0.3, 0.45), tone=0.12)
        elif name in _FLAT and random.random() < 0.7:
            rows = Rows(angle, random.uniform(0.9, 2.2), tone=random.uniform(0.0, 0.08), cross=0.05)
        else:
            # Seams of metal sheets and of halls come near the limit of what the sensor resolves.
            period = self.canvas.gsd * random.uniform(1.5, 6.0)
            rows = Rows(angle + np.pi / 2, period, tone=random.uniform(0.02, 0.16), hard=random.uniform(1, 3))
        return self.canvas.paint(name, rows, like=like)

    def gable(self, corners: Array, eaves: float, pitch: float, name: str, hip: float = 0.0) -> None:
        """Put a ridged roof on a quadrilateral, along its first side; `hip` is the share of the ends that slopes."""
        a, b, c, d = corners
        width = float(np.hypot(*(d - a)) + np.hypot(*(c - b))) / 2
        length = float(np.hypot(*(b - a)))
        start, end = (a + d) / 2, (b + c) / 2
        inward = hip * min(width / 2, 0.45 * length) / max(length, 1e-6)
        start, end = start + (end - start) * inward, end - (end - start) * inward
        top, angle = eaves + pitch * width / 2, float(np.arctan2(*(b - a)[::-1]))
        paint = self._roof_paint(name, angle, a)
        put, levels = self.canvas.polygon, (eaves, eaves, top)
        put(np.stack([a, b, end, start]), paint, BUILDING, levels)
        put(np.stack([c, d, start, end]), paint, BUILDING, levels)
        if hip:
            put(np.stack([b, c, end]), paint, BUILDING, levels)
            put(np.stack([d, a, start]), paint, BUILDING, levels)
        self._garnish([np.stack([a, b, end, start]), np.stack([c, d, start, end])], levels, top)

    def _garnish(self, faces: list[Array], levels: Sequence[float], top: float) -> None:
        """Put chimneys, skylights and solar panels on the two faces of a roof."""
        random, put = self.random, self.canvas.polygon
        for face in faces:
            a, b, c, d = face
            for _ in range(random.poisson(0.7)):
                u, v = random.uniform(0.15, 0.85), random.uniform(0.3, 0.7)
                at = (a + (b - a) * u) * (1 - v) + (d + (c - d) * u) * v
                size = random.uniform(0.6, 1.3)
                angle = float(np.arctan2(*(b - a)[::-1]))
                box = shapes.rectangle(at, size * 1.3, size, angle)
                if random.random() < 0.5:
                    put(box, random.choice(self._dull), ROOF, top + random.uniform(0.2, 1.2))
                else:
                    put(box, self._glass, ROOF, (top + levels[0]) / 2 + 0.1)
        if random.random() < 0.12:
            a, b, c, d = faces[random.integers(2)]
            u0, u1 = sorted(random.uniform(0.1, 0.9, 2))
            if u1 - u0 > 0.2:
                low, high = 0.2, 0.8
                corners = [
                    (a + (b - a) * u) * (1 - v) + (d + (c - d) * u) * v
                    for u, v in ((u0, low), (u1, low), (u1, high), (u0, high))
                ]
                lift = levels[0] + (top - levels[0]) * low, levels[0] + (top - levels[0]) * high
                put(np.stack(corners), self._panel, ROOF, (lift[0], lift[0], lift[1]), by=0.15)

    def flat(self, outline: Array, height: float, name: Optional[str] = None) -> None:
        """Put a flat roof with a parapet, and what stands on such roofs."""
        random, put = self.random, self.canvas.polygon
        angle = float(np.arctan2(*(outline[1] - outline[0])[::-1]))
        put(outline, random.choice(self._dull), BUILDING, height + random.uniform(0.1, 1.0))
        roof = shapes.inset(outline, random.uniform(0.3, 0.7))
        if roof is None:
            return
        put(roof, self._roof_paint(name or str(random.choice(_FLAT)), angle, roof[0]), BUILDING, height)
        span = np.ptp(roof, axis=0)
        size = abs(shapes.area(roof))
        if random.random() < 0.3 and size > 100:
            long, wide = random.uniform(0.3, 0.6, 2) * np.sqrt(size)
            patch = shapes.rectangle(roof.mean(0), long, wide, angle)
            put(patch, self.canvas.paint(str(random.choice(_FLAT))), BUILDING, height + random.choice([0.0, 0.0, 3.0]))
        spots = roof.min(0) + random.random((min(int(size / 60) + 2, 40), 2)) * span
        within = shapes.inset(roof, 1.5)
        for spot in spots[shapes.inside(spots, roof if within is None else within)]:
            unit = shapes.rectangle(spot, random.uniform(0.8, 4), random.uniform(0.8, 2.5), angle)
            put(unit, random.choice([*self._dull, self._white]), ROOF, height + random.uniform(0.3, 2.2))
        if random.random() < 0.25 and size > 200 and len(roof) == 4:
            self.panels(roof, random.uniform(1.8, 3.0), angle, height + 0.3, ROOF)

    def panels(self, outline: Array, pitch: float, angle: float, height: float, order: int, panel: float = 0.6) -> None:
        """Put rows of solar panels into a convex outline; `panel` is the share of the pitch they cover."""
        along, across = shapes.unit(angle), shapes.unit(angle + np.pi / 2)
        reach = outline @ across
        for level in np.arange(reach.min() + pitch, reach.max() - pitch, pitch):
            row = shapes.clip(outline, across * (level - pitch * panel / 2), across)
            row = shapes.clip(row, across * (level + pitch * panel / 2), -across) if len(row) > 2 else row
            if len(row) < 3:
                continue
            ends = row @ along
            start, end = ends.min() + pitch, ends.max() - pitch
            if end - start > 2 * pitch:
                middle = along * (start + end) / 2 + across * level
                table = shapes.rectangle(middle, end - start, pitch * panel, angle)
                tilt = height + pitch * panel * 0.35
                self.canvas.polygon(table, self._panel, order, (tilt, tilt, height))

    def house(self, centre: Array, length: float, width: float, angle: float) -> None:
        """Put a house of one of the usual shapes: simple, hipped, L-shaped, flat."""
        random = self.random
        eaves, pitch = random.uniform(2.5, 7.0), random.uniform(0.25, 1.0)
        name, kind = self.style.roof(random), random.random()
        body = shapes.rectangle(centre, length, width, angle)
        if name in _FLAT or kind < 0.08:
            self.flat(body, eaves, name if name in _FLAT else None)
            return
        if kind < 0.4:
            wing = random.uniform(0.55, 0.85) * width
            side = random.choice([-1.0, 1.0])
            offset = shapes.unit(angle) * side * (length - wing) / 2 + shapes.unit(angle + np.pi / 2) * 0.6 * width
            across = angle + np.pi / 2
            self.gable(shapes.rectangle(centre + offset, 1.2 * width, wing, across), eaves, pitch, name)
        self.gable(body, eaves, pitch, name, hip=random.choice([0.0, 0.0, 1.0]))
        if random.random() < 0.25:
            offset = shapes.unit(angle) * (length / 2 + 1.5) + shapes.unit(angle + np.pi / 2) * width / 4
            self.flat(shapes.rectangle(centre + offset, random.uniform(3, 6), random.uniform(3, 6), angle), 2.7)

    def terrace(self, block: Array, depth: float, floors: tuple[int, int]) -> None:
        """Build along all sides of a convex block, house by house; small blocks are filled."""
        random = self.random
        yard, ridge = shapes.inset(block, depth), shapes.inset(block, depth / 2)
        if yard is None or ridge is None:
            if len(block) == 4 and shapes.area(block) < 900:
                self.gable(block, 3.0 * random.integers(*floors), 0.6, self.style.roof(random), hip=1.0)
            else:
                self.flat(block, 3.0 * random.integers(*floors))
            return
        for index in range(len(block)):
            after = (index + 1) % len(block)
            length = float(np.hypot(*(block[after] - block[index])))
            doors = np.cumsum(random.uniform(7, 17, max(int(length / 8), 1)))
            doors = np.concatenate([[0.0], doors[doors < length - 6], [length]]) / length
            eaves = 3.0 * random.uniform(*floors)
            for here, there in zip(doors[:-1], doors[1:]):
                if random.random() < 0.04:
                    continue
                eaves = float(np.clip(eaves + random.normal(0, 1.5), 3.0 * floors[0], 3.0 * floors[1]))
                outer, top, inner = (
                    [line[index] + (line[after] - line[index]) * part for part in (here, there)]
                    for line in (block, ridge, yard)
                )
                name = self.style.roof(random)
                if name in _FLAT:
                    self.flat(np.stack([*outer, *inner[::-1]]), eaves, name)
                    continue
                rise = eaves + random.uniform(0.4, 0.9) * depth / 2
                paint = self._roof_paint(name, float(np.arctan2(*(outer[1] - outer[0])[::-1])), outer[0])
                faces = [np.stack([*outer, *top[::-1]]), np.stack([*inner[::-1], *top])]
                for face in faces:
                    self.canvas.polygon(face, paint, BUILDING, (eaves, eaves, rise))
                self._garnish(faces, (eaves, eaves, rise), rise)

    def hall(self, outline: Array, height: float) -> None:
        """Put an industrial hall on a rectangle: a low ridge, saw teeth, or flat with rows of roof lights."""
        random, put = self.random, self.canvas.polygon
        a, b, c, d = outline
        angle = float(np.arctan2(*(b - a)[::-1]))
        length = float(np.hypot(*(b - a)))
        kind = random.random()
        names = ("white metal", "grey metal", "blue metal", "green metal", "red metal", "rust", "membrane", "copper")
        name = str(random.choice(names, p=(0.2, 0.25, 0.1, 0.06, 0.09, 0.12, 0.15, 0.03)))
        if kind < 0.35:
            self.gable(outline, height, random.uniform(0.06, 0.2), name)
            return
        if kind < 0.55:
            teeth = max(int(length / random.uniform(4, 10)), 2)
            paint = self._roof_paint(name, angle, a)
            for left in np.arange(teeth) / teeth:
                right, crest = left + 1 / teeth, left + 0.78 / teeth
                p, q, r = (a + (b - a) * u for u in (left, crest, right))
                s, t, v = (d + (c - d) * u for u in (left, crest, right))
                rise = height + 0.35 * length / teeth
                put(np.stack([p, s, t, q]), paint, BUILDING, (height, height, rise))
                put(np.stack([q, t, v, r]), self._glass, BUILDING, (rise, rise, height))
            return
        self.flat(outline, height, name)
        lights = random.integers(3, 9)
        for u in (np.arange(lights) + 0.5) / lights:
            for v in (0.27, 0.73):
                at = (a + (b - a) * u) * (1 - v) + (d + (c - d) * u) * v
                light = shapes.rectangle(at, random.uniform(1, 2), float(np.hypot(*(d - a))) * 0.3, angle)
                put(light, self._white if random.random() < 0.8 else self._glass, ROOF, height + 0.4)

    def tank(self, centre: Array, radius: float) -> None:
        """Put a round tank with a shallow cone for a roof."""
        paint = self.canvas.paint(str(self.random.choice(["white", "silver", "rust", "grey metal", "concrete"])))
        ring, height = shapes.disc(centre, radius, 28), radius * self.random.uniform(0.4, 1.2)
        for here, there in zip(ring, shapes.following(ring)):
            top = height + 0.2 * radius
            self.canvas.polygon(np.stack([here, there, centre]), paint, BUILDING, (height, height, top))

    def car(self, centre: Array, angle: float) -> None:
        """Put a car, sometimes a lorry."""
        random, put = self.random, self.canvas.polygon
        paint = int(random.choice(self._cars))
        if random.random() < 0.04:
            put(shapes.rectangle(centre, random.uniform(7, 14), 2.5, angle), paint, THING, 3.4)
            cab = centre + shapes.unit(angle) * 7.5
            put(shapes.rectangle(cab, 2.0, 2.4, angle), int(random.choice(self._cars)), THING, 2.9)
            return
        length = random.uniform(3.8, 5.2)
        put(shapes.rectangle(centre, length, 1.85, angle), paint, THING, 0.9)
        back = centre - shapes.unit(angle) * 0.3
        put(shapes.rectangle(back, 0.62 * length, 1.65, angle), self._glass, THING, 1.2)
        put(shapes.rectangle(back, 0.36 * length, 1.5, angle), paint, THING, 1.5)

    def parking(self, outline: Array, full: float) -> None:
        """Put a parking lot on a convex outline: bays with lines, cars in the share `full` of them, some trees."""
        random, put = self.random, self.canvas.polygon
        put(outline, self.canvas.paint(str(random.choice(["old asphalt", "new asphalt", "pavement"]))), ROAD)
        angle = float(np.arctan2(*(outline[1] - outline[0])[::-1]))
        along, across = shapes.unit(angle), shapes.unit(angle + np.pi / 2)
        x, y = outline @ along, outline @ across
        bay = random.uniform(2.4, 2.8)
        for count, v in enumerate(np.arange(y.min() + 3.5, y.max() - 2.5, 8.0)):
            depth = np.arange(x.min() + 2, x.max() - 2, bay)
            row = depth[:, None] * along + v * across
            kept = row[shapes.inside(row, outline)]
            for place in kept:
                line = place - along * bay / 2
                self.canvas.line(np.stack([line - across * 2.4, line + across * 2.4]), 0.12, self._marking)
                if random.random() < full:
                    turned = angle + np.pi / 2 + random.choice([0.0, np.pi]) + random.normal(0, 0.03)
                    self.car(place + random.normal(0, 0.12, 2), turned)
            if count % 2 and random.random() < 0.6:
                for place in kept[:: random.integers(4, 9)]:
                    self.plant(place + across * 4, random.uniform(1.2, 2.5))

    def plant(self, at: Array, radius: float) -> None:
        """Put a tree or a bush, unless something else has a right to the place."""
        if self.canvas.free(at[None])[0]:
            paint = int(self.random.choice(self.style.trees))
            self.canvas.tree(at[0], at[1], radius, radius * self.random.uniform(1.6, 2.6), paint)

    def pool(self, centre: Array, length: float, angle: float) -> None:
        """Put a swimming pool with its rim."""
        rim = shapes.rectangle(centre, length + 2.4, length * 0.5 + 2.4, angle)
        self.canvas.polygon(rim, self._dull[0], MARK)
        water = self.canvas.paint("pool")
        self.canvas.polygon(shapes.rectangle(centre, length, length * 0.5, angle), water, MARK, by=-0.4)

    def pitch(self, centre: Array, length: float, angle: float) -> None:
        """Put a field of sport with its lines: football with a running track, or tennis."""
        random, canvas = self.random, self.canvas
        big = length > 60
        width = length * (0.65 if big else 0.5)
        if big and random.random() < 0.6:
            track = np.vstack(
                [shapes.disc(centre + s * shapes.unit(angle) * length * 0.42, width * 0.62, 32) for s in (-1, 1)]
            )
            ends = np.argsort(
                np.arctan2(*((track - centre) @ np.stack([shapes.unit(angle), shapes.unit(angle + 1.5708)], 1)).T)
            )
            canvas.polygon(track[ends], canvas.paint("tartan"), MARK)
        name = str(
            random.choice(
                ["lawn plastic", "lush grass", "grass"] if big else ["tartan", "blue", "lawn plastic", "red soil"]
            )
        )
        mown = Rows(angle, length / 10, tone=0.05, hard=4) if big else None
        canvas.polygon(shapes.rectangle(centre, length * 1.06, width * 1.08, angle), canvas.paint(name, mown), MARK)
        boxes = [(0.0, 1.0, 1.0), (-0.42, 0.16, 0.55), (0.42, 0.16, 0.55), (-0.25, 0.5, 1.0)]
        for shift, long, wide in boxes:
            box = shapes.rectangle(centre + shapes.unit(angle) * shift * length, long * length, wide * width, angle)
            canvas.line(np.vstack([box, box[:1]]), 0.15, self._white)
        if big:
            ring = shapes.disc(centre, 0.09 * length)
            canvas.line(np.vstack([ring, ring[:1]]), 0.15, self._white)

    def containers(self, outline: Array) -> None:
        """Put stacks of containers in rows on a convex outline."""
        random = self.random
        angle = float(np.arctan2(*(outline[1] - outline[0])[::-1]))
        along, across = shapes.unit(angle), shapes.unit(angle + np.pi / 2)
        paints = [self.canvas.paint(str(name)) for name in random.choice(_CONTAINERS, 24)]
        x, y = outline @ along, outline @ across
        for row, v in enumerate(np.arange(y.min() + 2, y.max() - 2, 2.7)):
            if row % 7 == 6:
                continue
            places = np.arange(x.min() + 8, x.max() - 8, 12.6)[:, None] * along + v * across
            for place in places[shapes.inside(places, outline)]:
                if random.random() < 0.75:
                    box = shapes.rectangle(place, 12.2, 2.44, angle)
                    self.canvas.polygon(box, int(random.choice(paints)), THING, 2.6 * random.integers(1, 5))
