"""Synthetic scenes of dense building: old towns, suburbs, cities of slabs and towers, industry and harbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import shapes
from benchmarks.synthetic.canvas import BUILDING, GROUND, MARK, ROAD, THING, Canvas, Rows
from benchmarks.synthetic.places import Place

Array = NDArray[Any]


def old_town(canvas: Canvas) -> None:
    """Lay narrow streets between closed blocks, with squares, parks, a river or a railway."""
    place, random = Place(canvas), canvas.random
    canvas.bend(random.uniform(0.05, 0.5))
    place.ground(place.style.pavement if random.random() < 0.4 else place.style.asphalt)
    if random.random() < 0.45:
        width = random.uniform(12, 60)
        line = place.river(width, str(random.choice(["water", "turbid water", "green water"])))
        for _ in range(random.integers(1, 4)):
            place.bridge(line, 0.75 * width + 8, random.uniform(5, 14))
    elif random.random() < 0.3:
        place.railway(int(random.integers(2, 5)))
    wide = random.uniform(9, 18)
    blocks, cuts = place.split(place.whole, random.uniform(1800, 6500), lambda d: max(wide - 1.4 * d, 4.5), 0.12)
    floors = (2, int(random.integers(4, 8)))
    for block in blocks:
        inner = shapes.inset(block, random.uniform(0.8, 2.2))
        if inner is None or not canvas.clear(block):
            place.leftover(block)
            continue
        use = random.random()
        canvas.polygon(block, place.style.pavement, GROUND)
        if use < 0.08:
            canvas.polygon(inner, place.style.grass, ROAD)
            for spot in place.spots(inner, 7.0):
                place.build.plant(spot, random.uniform(1.5, 5))
        elif use < 0.13:
            _church(place, inner)
        elif use < 0.17:
            place.build.parking(inner, 0.8)
        else:
            yard = place.style.grass if random.random() < 0.5 else place.style.pavement
            canvas.polygon(inner, yard, ROAD)
            depth = random.uniform(8, 14)
            place.build.terrace(inner, depth, floors)
            court = shapes.inset(inner, depth + 2)
            if court is not None:
                for spot in place.spots(court, 9.0):
                    if random.random() < 0.5:
                        place.build.plant(spot, random.uniform(1.2, 4))
                    elif random.random() < 0.3:
                        place.build.house(spot, random.uniform(4, 9), random.uniform(3, 6), random.uniform(0, 3))
    for start, end, width in cuts:
        place.street(start, end, width - 2, traffic=0.06)
        if width > 8 and random.random() < 0.4:
            _avenue(place, start, end, width)
        if random.random() < 0.5:
            angle = float(np.arctan2(*(end - start)[::-1]))
            place.crossing(start + (end - start) * random.uniform(0.05, 0.95), angle, width - 2)


def _church(place: Place, block: Array) -> None:
    """Put a big roofed building with a tower on a square."""
    random, centre = place.random, block.mean(0)
    angle, length = random.uniform(0, np.pi), 0.45 * np.sqrt(shapes.area(block))
    roof = str(random.choice(["copper", "slate", "red tile"]))
    place.build.gable(shapes.rectangle(centre, length, 0.4 * length, angle), 12.0, 1.1, roof)
    place.build.gable(shapes.rectangle(centre, 0.3 * length, 0.75 * length, angle), 12.0, 0.5, roof)
    tower = shapes.rectangle(centre + shapes.unit(angle) * length / 2, 6, 6, angle)
    place.build.gable(tower, 28.0, 2.0, roof, hip=1.0)
    for spot in place.spots(block, 12.0):
        if np.hypot(*(spot - centre)) > 0.6 * length:
            place.build.plant(spot, random.uniform(1.5, 3.5))


def _avenue(place: Place, start: Array, end: Array, width: float) -> None:
    """Plant a row of trees on both sides of a street."""
    random, step = place.random, place.random.uniform(7, 14)
    radius = random.uniform(1.4, 3.5)
    for side in (-0.5, 0.5):
        for spot in shapes.along(shapes.beside(np.stack([start, end]), side * (width - 2)), step)[0]:
            if random.random() < 0.85:
                place.build.plant(spot, radius * random.uniform(0.7, 1.2))


def suburb(canvas: Canvas) -> None:
    """Lay streets between gardens with houses, a school with its pitch, groves and a main road."""
    place, random = Place(canvas), canvas.random
    canvas.bend(random.uniform(0.0, 0.6))
    place.ground(place.style.asphalt)
    choice = random.random()
    if choice < 0.25:
        place.motorway()
    elif choice < 0.4:
        place.railway(2)
    elif choice < 0.6:
        width = random.uniform(5, 25)
        place.bridge(place.river(width, "green water"), width + 6, 8)
    wide, parcel = random.uniform(10, 14), random.uniform(280, 1100)
    blocks, cuts = place.split(place.whole, parcel * random.uniform(9, 20), lambda d: max(wide - 0.8 * d, 7.0), 0.08)
    for block in blocks:
        canvas.polygon(block, place.style.pavement if random.random() < 0.7 else place.style.grass, GROUND)
        inner = shapes.inset(block, random.uniform(1.2, 2.5))
        if inner is None:
            continue
        use = random.random()
        if use < 0.05:
            canvas.polygon(inner, place.style.grass, ROAD)
            angle = random.uniform(0, np.pi)
            if canvas.clear(inner):
                place.build.pitch(inner.mean(0), min(0.6 * np.sqrt(shapes.area(inner)), 100), angle)
        elif use < 0.11:
            canvas.polygon(inner, place.style.meadow, ROAD)
            for spot in place.spots(inner, 7.0):
                place.build.plant(spot, random.uniform(1.5, 5))
        elif use < 0.15:
            place.build.parking(inner, 0.5)
            centre = inner.mean(0)
            side = 0.5 * np.sqrt(shapes.area(inner))
            if canvas.clear(inner):
                place.build.hall(shapes.rectangle(centre, side, 0.6 * side, random.uniform(0, np.pi)), 7.0)
        else:
            for lot in place.split(inner, parcel, lambda d: 0.0, 0.04)[0]:
                place.garden(lot)
    for start, end, width in cuts:
        place.street(start, end, width - 1)
        if random.random() < 0.5:
            _avenue(place, start, end, width + 3)


def city(canvas: Canvas) -> None:
    """Lay wide streets between slabs and towers on lawns, halls, parking lots and pitches, with a motorway."""
    place, random = Place(canvas), canvas.random
    canvas.bend(random.uniform(0.0, 0.2))
    place.ground(place.style.asphalt)
    if random.random() < 0.6:
        place.motorway()
    wide = random.uniform(14, 26)
    blocks, cuts = place.split(place.whole, random.uniform(6000, 16000), lambda d: max(wide - 2.0 * d, 9.0), 0.06)
    for block in blocks:
        canvas.polygon(block, place.style.pavement, GROUND)
        inner = shapes.inset(block, 3.0)
        if inner is None or not canvas.clear(inner):
            place.leftover(block)
            continue
        use = random.random()
        if use < 0.08:
            place.build.parking(inner, 0.7)
        elif use < 0.25:
            canvas.polygon(inner, place.style.grass, ROAD)
            place.build.pitch(inner.mean(0), min(0.7 * np.sqrt(shapes.area(inner)), 105), random.uniform(0, np.pi))
        elif use < 0.4:
            place.build.terrace(inner, random.uniform(11, 16), (4, 9))
        else:
            canvas.polygon(inner, place.style.grass if random.random() < 0.75 else place.style.pavement, ROAD)
            _estate(place, inner)
    for start, end, width in cuts:
        place.street(start, end, width - 3, traffic=0.15)
        _avenue(place, start, end, width)
        angle = float(np.arctan2(*(end - start)[::-1]))
        for part in (0.03, 0.97):
            place.crossing(start + (end - start) * part, angle, width - 3)


def _estate(place: Place, block: Array) -> None:
    """Put slabs of flats or towers in one direction on a green block, with paths and trees."""
    random = place.random
    side = block[1] - block[0]
    angle = float(np.arctan2(side[1], side[0]))
    floors = 3.0 * random.integers(3, 16)
    long, wide = (random.uniform(30, 80), random.uniform(11, 15)) if random.random() < 0.6 else (20.0, 18.0)
    pitch_u, pitch_v = long + random.uniform(8, 20), wide + random.uniform(18, 30)
    u, v = np.meshgrid(np.arange(-3, 4) * pitch_u, np.arange(-3, 4) * pitch_v)
    centres = (
        block.mean(0) + u.ravel()[:, None] * shapes.unit(angle) + v.ravel()[:, None] * shapes.unit(angle + np.pi / 2)
    )
    for centre in centres:
        body = shapes.rectangle(centre, long, wide, angle)
        if shapes.inside(body, block).all():
            path = shapes.rectangle(centre + shapes.unit(angle + np.pi / 2) * (wide / 2 + 2), long + 8, 2.0, angle)
            place.canvas.polygon(path, place.style.pavement, MARK)
            place.build.flat(body, floors)
            if random.random() < 0.4:
                lot = shapes.rectangle(centre + shapes.unit(angle + np.pi / 2) * (wide / 2 + 7), long, 6.5, angle)
                place.build.parking(lot, 0.7)
    for spot in place.spots(block, 9.0):
        place.build.plant(spot, random.uniform(1.5, 4.5))


def industry(canvas: Canvas) -> None:
    """Lay yards with halls, tanks, containers, parking lots and aprons; often a basin with ships, and a railway."""
    place, random = Place(canvas), canvas.random
    canvas.bend(random.uniform(0.0, 0.15))
    place.ground(place.style.asphalt)
    basin = random.random() < 0.5
    if random.random() < 0.6:
        place.railway(int(random.integers(2, 9)))
    wide = random.uniform(10, 16)
    yards, cuts = place.split(place.whole, random.uniform(12000, 30000), lambda d: max(wide - d, 7.0), 0.04)
    for yard in yards:
        canvas.polygon(yard, place.style.grass if random.random() < 0.5 else place.style.pavement, GROUND)
        inner = shapes.inset(yard, 2.5)
        if inner is None or not canvas.clear(inner):
            place.leftover(yard)
            continue
        use = random.random()
        surface = str(random.choice(["concrete", "old asphalt", "gravel", "new asphalt", "ballast"]))
        canvas.polygon(inner, canvas.paint(surface, Rows(0.0, 2.0) if random.random() < 0.5 else None), ROAD)
        if basin and use < 0.22:
            _basin(place, inner)
        elif 0.22 <= use < 0.33:
            place.build.containers(inner)
        elif 0.33 <= use < 0.43:
            place.build.parking(inner, 0.75)
        elif 0.43 <= use < 0.53:
            radius = random.uniform(5, 18)
            for spot in place.spots(inner, 2.6 * radius):
                grid = np.rint(spot / (2.6 * radius)) * 2.6 * radius
                if shapes.inside(shapes.disc(grid, radius, 8), inner).all():
                    place.build.tank(grid, radius * random.uniform(0.8, 1.0))
        elif 0.53 <= use < 0.6:
            _apron(place, inner)
        else:
            _works(place, inner)
    for start, end, width in cuts:
        place.street(start, end, width - 1, traffic=0.05)


def _works(place: Place, yard: Array) -> None:
    """Put halls side by side in a yard, with lorries, heaps and things between them."""
    random = place.random
    for lot in place.split(yard, random.uniform(1500, 9000), lambda d: 9.0, 0.0)[0]:
        inner = shapes.inset(lot, random.uniform(2, 8))
        if inner is not None and len(inner) == 4 and random.random() < 0.85:
            place.build.hall(inner, random.uniform(6, 15))
        elif inner is not None and random.random() < 0.5:
            place.build.flat(inner, random.uniform(5, 12))
    things = [
        place.canvas.paint(str(name)) for name in random.choice(["rust", "white", "blue", "brown soil", "orange"], 6)
    ]
    for spot in place.spots(yard, 14.0):
        size = random.lognormal(0.6, 0.6)
        thing = shapes.rectangle(spot, size * 2, size, random.uniform(0, np.pi))
        place.canvas.polygon(thing, int(random.choice(things)), THING, random.uniform(0.5, 3))


def _basin(place: Place, yard: Array) -> None:
    """Put a harbour basin with a quay and ships into a yard."""
    random, canvas = place.random, place.canvas
    water = shapes.inset(yard, 9.0)
    if water is None:
        return
    canvas.polygon(water, canvas.paint("water"), MARK, -2.5)
    for index in range(len(water)):
        here, there = water[index], water[(index + 1) % len(water)]
        along = (there - here) / np.hypot(*(there - here))
        inward, angle = np.array([-along[1], along[0]]), float(np.arctan2(along[1], along[0]))
        walked = 20.0
        while walked < np.hypot(*(there - here)) - 60:
            length = random.uniform(15, 110)
            beam = length * random.uniform(0.13, 0.2)
            ship(place, here + along * (walked + length / 2) + inward * (beam / 2 + 2), length, beam, angle)
            walked += length + random.uniform(5, 40)


def ship(place: Place, centre: Array, length: float, beam: float, angle: float) -> None:
    """Put a ship: hull, deck, hatches, bridge."""
    random, canvas = place.random, place.canvas
    frame = np.stack([shapes.unit(angle), shapes.unit(angle + np.pi / 2)])
    hull = np.array([[-0.5, -0.5], [0.28, -0.5], [0.42, -0.3], [0.5, 0], [0.42, 0.3], [0.28, 0.5], [-0.5, 0.5]])
    names = random.choice(["red", "blue", "black", "white", "rust", "brown", "green metal"], 2)
    outline = centre + hull * (length, beam) @ frame
    canvas.polygon(outline, canvas.paint(str(names[0])), THING, 3.0)
    canvas.polygon(centre + 0.93 * hull * (length, beam) @ frame, canvas.paint(str(names[1])), THING, 3.1)
    if length > 25:
        lid = canvas.paint(str(random.choice(["grey metal", "rust", "concrete", "green metal"])))
        for shift in np.linspace(-0.2, 0.25, 4):
            canvas.polygon(
                shapes.rectangle(centre + frame[0] * shift * length, 0.09 * length, 0.6 * beam, angle), lid, THING, 4.0
            )
    cabin = shapes.rectangle(centre - frame[0] * 0.38 * length, 0.12 * length, 0.7 * beam, angle)
    canvas.polygon(cabin, place.white, THING, 3.0 + 0.08 * length)


def _apron(place: Place, yard: Array) -> None:
    """Put slabs of concrete with painted lines and aircraft on a yard."""
    random, canvas = place.random, place.canvas
    angle = float(np.arctan2(*(yard[1] - yard[0])[::-1]))
    canvas.polygon(yard, canvas.paint("concrete", Rows(angle, 7.5, tone=0.02, hard=8, cross=0.1)), ROAD)
    for spot in place.spots(yard, 45.0):
        length = random.uniform(12, 40)
        turned = angle + random.choice([0.0, np.pi / 2])
        ahead, across = shapes.unit(turned), shapes.unit(turned + np.pi / 2)
        line = np.stack([spot - ahead * length, spot + ahead * length])
        canvas.line(np.vstack([line, line[1:] + across * 25]), 0.3, place.yellow)
        if not shapes.inside(shapes.rectangle(spot, length, length, turned), yard).all() or random.random() < 0.3:
            continue
        white = canvas.paint(str(random.choice(["white", "silver", "white metal"])))
        for side in (-1, 1):
            tip = spot - ahead * 0.18 * length + side * across * 0.48 * length
            wing = np.stack(
                [
                    spot + ahead * 0.12 * length,
                    tip + ahead * 0.03 * length,
                    tip - ahead * 0.03 * length,
                    spot - ahead * 0.06 * length,
                ]
            )
            canvas.polygon(wing, white, THING, 3.5)
            tail = spot - ahead * 0.46 * length + side * across * 0.18 * length
            canvas.polygon(
                np.stack([spot - ahead * 0.38 * length, tail, spot - ahead * 0.48 * length]), white, THING, 4.5
            )
        canvas.polygon(shapes.rectangle(spot, length, 0.1 * length, turned), white, BUILDING, 5.0)
