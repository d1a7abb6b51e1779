"""Synthetic scenes of open land: farmland, forest edges, coasts, desert villages, solar parks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import shapes
from benchmarks.synthetic.canvas import BUILDING, GROUND, MARK, ROAD, THING, WATER, Canvas, Rows
from benchmarks.synthetic.places import Place
from benchmarks.synthetic.towns import ship

Array = NDArray[Any]


def farmland(canvas: Canvas) -> None:
    """Lay fields at all angles between paths and hedges, a road, a stream, groves, farms and a power line."""
    place, random = Place(canvas), canvas.random
    canvas.bend(random.uniform(0.0, 0.4))
    _crossings(place)
    _fields(place, random.uniform(6000, 40000))
    wood = place.hills(random.uniform(150, 400))
    level = random.uniform(1.0, 2.2)
    place.forest(lambda x, y: (wood(x, y) > level) * 0.97)


def _crossings(place: Place) -> None:
    """Put what crosses open land: a stream, a motorway or a railway, a power line, a road."""
    canvas, random = place.canvas, place.random
    place.ground(place.style.meadow)
    if random.random() < 0.5:
        width = random.uniform(2, 18)
        line = place.river(width, str(random.choice(["green water", "turbid water"])))
        place.bridge(line, width + 4, 5)
    if random.random() < 0.3:
        place.motorway()
    elif random.random() < 0.3:
        place.railway(2)
    if random.random() < 0.4:
        place.power_line()
    if random.random() < 0.7:
        line = shapes.meander(canvas.extent, 0.06 * canvas.extent, random)
        canvas.reserve(line, 10)
        place.street(line[0], line[-1], 7.0, bend=line)
        if random.random() < 0.5:
            for side in (-6, 6):
                for spot in shapes.along(shapes.beside(line, side), random.uniform(9, 18))[0]:
                    canvas.tree(spot[0], spot[1], random.uniform(2, 4), 8.0, int(random.choice(place.style.trees)))


def _fields(place: Place, leaf: float) -> None:
    """Cover the ground with fields, paths, hedges and farms."""
    canvas, random = place.canvas, place.random
    fields, cuts = place.split(place.whole, leaf, lambda d: random.uniform(1.0, 7.0), random.uniform(0.03, 0.25))
    track = canvas.paint(str(random.choice(["gravel", "pale soil", "brown soil"])))
    for outline in fields:
        farm = random.random() < 0.05
        place.field(outline)
        if farm and canvas.free(outline.mean(0)[None])[0]:
            _farm(place, outline.mean(0))
    for start, end, width in cuts:
        if width > 4:
            points = np.linspace(start, end, 12) + random.normal(0, 0.4, (12, 2))
            for rut in (-0.8, 0.8) if random.random() < 0.6 else (0.0,):
                canvas.band(points, 0.9 if rut else 3.0, track, ROAD, rut)
        if random.random() < 0.25:
            place.hedge(start, end, random.uniform(1.0, 3.0))


def _farm(place: Place, centre: Array) -> None:
    """Put a farm: a yard with barns, a silo, trees, perhaps greenhouses."""
    random, canvas = place.random, place.canvas
    angle = random.uniform(0, np.pi)
    yard = shapes.rectangle(centre, random.uniform(50, 80), random.uniform(40, 60), angle)
    canvas.polygon(yard, canvas.paint(str(random.choice(["gravel", "concrete", "brown soil"]))), ROAD)
    ahead, across = shapes.unit(angle), shapes.unit(angle + np.pi / 2)
    for u, v in ((-15, -14), (-15, 14), (16, -14), (16, 14)):
        if random.random() < 0.8:
            corners = shapes.rectangle(
                centre + u * ahead + v * across, random.uniform(15, 28), random.uniform(9, 16), angle
            )
            names = ["red tile", "rust", "grey metal", "brown tile", "slate", "green metal"]
            place.build.gable(corners, 4.0, random.uniform(0.2, 0.6), str(random.choice(names)))
    place.build.tank(centre + 2 * ahead, random.uniform(2, 4))
    for corner in yard:
        for _ in range(4):
            place.build.plant(corner + random.normal(0, 6, 2), random.uniform(2, 4.5))
    if random.random() < 0.4:
        _greenhouses(place, centre + across * 60, angle)


def _greenhouses(place: Place, centre: Array, angle: float) -> None:
    """Put tunnels of plastic side by side."""
    random = place.random
    length, pitch = random.uniform(25, 70), random.uniform(5.0, 9.0)
    for index in range(random.integers(3, 12)):
        at = centre + shapes.unit(angle + np.pi / 2) * index * pitch
        arch = shapes.rectangle(at, length, 0.82 * pitch, angle)
        ribs = Rows(angle + np.pi / 2, 2.5, tone=0.06)
        paint = place.canvas.paint("greenhouse", ribs)
        a, b, c, d = arch
        for here, there, far, near in ((a, b, (b + c) / 2, (a + d) / 2), (c, d, (a + d) / 2, (b + c) / 2)):
            place.canvas.polygon(np.stack([here, there, far, near]), paint, BUILDING, (1.5, 1.5, 3.0))


def forest_edge(canvas: Canvas) -> None:
    """Grow a forest with clearings beside fields, with tracks, a lake or a river, a few houses."""
    place, random = Place(canvas), canvas.random
    canvas.bend(random.uniform(0.1, 0.5))
    _crossings(place)
    if random.random() < 0.5:
        centre, radius = canvas.extent * random.uniform(0.25, 0.75, 2), canvas.extent * random.uniform(0.08, 0.22)
        shore = shapes.blob(centre, radius, random)
        rim = np.vstack([shore, shore[:1]])
        for grow, name in ((1.1, "reed"), (1.05, "wet sand"), (1.0, "green water"), (0.9, "water")):
            canvas.polygon(centre + (shore - centre) * grow, canvas.paint(name), WATER)
        canvas.reserve(rim, 0.12 * radius)
        canvas.reserve(centre + (rim - centre) * 0.5, radius)
    for _ in range(random.integers(1, 4)):
        track = shapes.meander(canvas.extent, 0.05 * canvas.extent, random)
        canvas.band(
            track, random.uniform(2.0, 4.0), canvas.paint(str(random.choice(["gravel", "pale soil", "red soil"]))), ROAD
        )
        canvas.reserve(track, random.uniform(4, 9))
    _fields(place, random.uniform(10000, 60000))
    wood = place.hills(random.uniform(200, 600))
    place.forest(lambda x, y: np.where(wood(x, y) > -0.3, 0.96, 0.03), height=random.uniform(10, 24))


def coast(canvas: Canvas) -> None:
    """Lay a shore with shallow water, beach and a promenade; behind it a town, before it piers with boats."""
    place, random = Place(canvas, dry=bool(canvas.random.random() < 0.6)), canvas.random
    canvas.bend(random.uniform(0.0, 0.2))
    place.ground(place.style.asphalt)
    extent = canvas.extent
    t = np.linspace(-0.8, 1.8, 200)
    curve = (
        sum(random.normal(0, 0.03 / k) * np.sin(2 * np.pi * k * t + random.uniform(0, 7)) for k in range(1, 7)) * extent
    )
    angle = random.uniform(0, 2 * np.pi)
    frame = np.stack([shapes.unit(angle), shapes.unit(angle + np.pi / 2)])

    def world(u: Array, v: Array) -> Array:
        points: Array = extent / 2 + np.stack([u, v], axis=1) @ frame
        return points

    u, shift = (t - 0.5) * extent, extent * random.uniform(0.05, 0.35)
    beach = random.uniform(8, 45)
    land = random.random()
    bands = [
        (-beach - 14, place.style.pavement, 0.2),
        (-beach - 4, place.style.grass if land < 0.4 else canvas.paint("pale soil"), 0.1),
        (-beach, canvas.paint("sand" if land < 0.75 else "rock"), 0.05),
        (-2.0, canvas.paint("wet sand"), 0.0),
        (0.5, canvas.paint("foam"), 0.0),
        (3.0, canvas.paint("shallow"), 0.0),
    ]
    swell = Rows(angle + 0.2, random.uniform(6, 18), tone=0.04, wobble=0.3)
    shallow, deep = canvas.paint("shallow", swell, partner="water", share=0.3), 16
    bands += [
        (beach * (0.8 + 0.12 * step), canvas.faded(shallow, 0.3 + 0.7 * step / deep), 0.0) for step in range(deep + 1)
    ]
    for offset, paint, height in bands:
        edge = curve + offset + shift + random.normal(0, 0.6, 200) * (0.5 if offset > -1 else 0)
        far = np.full(2, 3 * extent)
        outline = np.vstack([world(u, edge), world(np.array([u[-1], u[0]]), far)])
        canvas.polygon(outline, paint, WATER, height)
    line = world(u, curve + shift)
    canvas.reserve(world(u, curve + shift - beach / 2 - 6), beach + 30)
    for away in np.arange(0, extent * 1.3, 20):
        canvas.reserve(world(u, curve + shift + away), 44)
    blocks, cuts = place.split(place.whole, random.uniform(3000, 12000), lambda d: max(12.0 - d, 6.0), 0.15)
    villas = random.random() < 0.5
    for block in blocks:
        canvas.polygon(block, place.style.pavement, GROUND)
        inner = shapes.inset(block, 1.5)
        if inner is None:
            continue
        if villas or random.random() < 0.3:
            for lot in place.split(inner, 700, lambda d: 0.0, 0.05)[0]:
                place.garden(lot, pool=0.35)
        elif canvas.clear(inner):
            canvas.polygon(inner, place.style.pavement, ROAD)
            place.build.terrace(inner, random.uniform(9, 13), (2, 6))
        else:
            for lot in place.split(inner, 700, lambda d: 0.0, 0.05)[0]:
                place.garden(lot, pool=0.2)
    for start, end, width in cuts:
        if canvas.free(np.stack([start, end])).all():
            place.street(start, end, width - 1)
    for spot, _ in zip(*shapes.along(world(u, curve + shift - beach - 10), 11.0)):
        canvas.tree(spot[0], spot[1], random.uniform(1.5, 3), 7.0, int(random.choice(place.style.trees)))
    _umbrellas(place, world(u, curve + shift - 0.5 * beach))
    for _ in range(random.integers(0, 4)):
        _pier(place, line[random.integers(60, 140)], frame[1], random.uniform(30, 120))


def _umbrellas(place: Place, line: Array) -> None:
    """Put rows of coloured points on a beach."""
    random, canvas = place.random, place.canvas
    paints = [
        canvas.paint(str(name)) for name in random.choice(["white", "red", "blue", "yellow", "orange", "green"], 6)
    ]
    for row in (-4, 0, 4):
        for spot in shapes.along(shapes.beside(line, row), 4.5)[0]:
            if random.random() < 0.25:
                top = shapes.disc(spot + random.normal(0, 0.4, 2), random.uniform(0.8, 1.5), 8)
                canvas.polygon(top, int(random.choice(paints)), THING, 2.2)


def _pier(place: Place, root: Array, out: Array, length: float) -> None:
    """Put a pier into the sea with boats on both sides."""
    random, canvas = place.random, place.canvas
    angle = float(np.arctan2(out[1], out[0]))
    canvas.polygon(
        shapes.rectangle(root + out * length / 2, length + 20, 3.0, angle), canvas.paint("pavement"), MARK, 1.5
    )
    across = shapes.unit(angle + np.pi / 2)
    for walked in np.arange(length * 0.35, length, 5.0):
        for side in (-1, 1):
            if random.random() < 0.7:
                boat = random.uniform(5, 14)
                ship(
                    place,
                    root + out * walked + side * across * (boat / 2 + 2),
                    boat,
                    0.3 * boat,
                    angle + side * np.pi / 2,
                )


def desert_village(canvas: Canvas) -> None:
    """Lay walled courts of flat roofs along crooked tracks in the sand, with palms, a dry river and watered circles."""
    place, random = Place(canvas, dry=True), canvas.random
    canvas.bend(random.uniform(0.1, 0.5))
    sand = str(random.choice(["sand", "pale soil", "red soil"]))
    place.ground(
        canvas.paint(
            sand, Rows(random.uniform(0, 3), 8 * canvas.gsd, tone=0.04, wobble=0.6), partner="pale soil", share=0.3
        )
    )
    dry = shapes.meander(canvas.extent, 0.12 * canvas.extent, random)
    canvas.band(dry, random.uniform(10, 40), canvas.paint("gravel", partner="sand", share=0.4), WATER)
    canvas.reserve(dry, 30)
    for _ in range(random.integers(0, 4)):
        centre, radius = random.uniform(0, 1, 2) * canvas.extent, canvas.extent * random.uniform(0.06, 0.2)
        crop = str(random.choice(["wheat", "lush grass", "stubble", "maize"]))
        rings = Rows(random.uniform(0, 3), 3 * canvas.gsd, tone=0.08)
        canvas.polygon(shapes.disc(centre, radius, 90), canvas.paint(crop, rings), WATER)
        canvas.reserve(centre + (shapes.disc(centre, radius, 90) - centre) * 0.6, radius)
        canvas.line(np.stack([centre, centre + radius * shapes.unit(random.uniform(0, 7))]), 0.8, place.steel, 3.0)
    density = place.hills(350.0)
    blocks, cuts = place.split(place.whole, random.uniform(1500, 4000), lambda d: random.uniform(3, 9), 0.1)
    names = ["pale soil", "pale soil", "sand", "sand", "pavement", "concrete", "brown soil", "membrane"]
    for block in blocks:
        middle = block.mean(0)
        if density(middle[0], middle[1]) < -0.2 or not canvas.clear(block):
            continue
        for court in place.split(block, random.uniform(250, 700), lambda d: 0.0, 0.12)[0]:
            canvas.polygon(court, canvas.paint(str(random.choice(["pale soil", "sand", "pavement"]))), ROAD)
            for here, there in zip(court, shapes.following(court)):
                canvas.band(np.linspace(here, there, 2), 0.4, place.build.canvas.paint("pale soil"), THING, height=2.2)
            for room in place.split(court, random.uniform(40, 120), lambda d: 0.0, 0.05)[0]:
                if random.random() < 0.55:
                    place.build.flat(room, random.uniform(2.8, 7), str(random.choice(names)))
                elif random.random() < 0.3:
                    place.build.plant(room.mean(0), random.uniform(1, 2.8))
    for start, end, width in cuts:
        if density(*((start + end) / 2)) > 0.5:
            place.street(start, end, min(width, 5.0))  # sandy tracks have no markings
    line = shapes.meander(canvas.extent, 0.05 * canvas.extent, random)
    place.street(line[0], line[-1], 8.0, bend=line)
    for spot in place.spots(place.whole, 22.0):
        if random.random() < 0.3:
            place.build.plant(spot, random.uniform(0.6, 2.2))


def solar_park(canvas: Canvas) -> None:
    """Lay fields of solar panels in rows, with tracks, fences and inverters, among other fields."""
    place, random = Place(canvas), canvas.random
    canvas.bend(random.uniform(0, 0.2))
    _crossings(place)
    angle = random.uniform(-0.15, 0.15) + random.choice([0.0, np.pi / 2, 0.6])
    pitch, panel = random.uniform(4.0, 9.0), random.uniform(0.4, 0.65)
    for plot in place.split(place.whole, random.uniform(9000, 30000), lambda d: 8.0, 0.15)[0]:
        inner = shapes.inset(plot, 5.0)
        if random.random() < 0.35 or inner is None or not canvas.clear(inner):
            continue
        canvas.polygon(plot, place.style.meadow if random.random() < 0.6 else canvas.paint("gravel"), WATER)
        canvas.reserve_area(plot)
        canvas.line(np.vstack([plot, plot[:1]]), 0.12, place.dark, 2.0)
        for part in place.split(inner, 5000, lambda d: 4.0, 0.0)[0]:
            place.build.panels(part, pitch, angle, 0.8, THING, panel)
        station = shapes.rectangle(inner[0] * 0.9 + inner.mean(0) * 0.1, 7.0, 3.0, angle)
        place.build.flat(station, 3.0, "membrane")
    _fields(place, random.uniform(10000, 40000))
