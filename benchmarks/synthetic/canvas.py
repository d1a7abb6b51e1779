"""Draw synthetic scenes: surfaces with spectra, textures and heights on a fine grid, lit by sun and sky, then averaged.

A pixel of the truth is the mean of FINE x FINE points of the drawing, as an ideal detector would see them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple, Optional, Union

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal, ogr, osr

from benchmarks.synthetic import shapes
from benchmarks.synthetic.materials import CURVES, MATERIALS, SKY, responses, vary
from benchmarks.synthetic.sunlight import Light, sunlight

Array = NDArray[Any]
FINE = 3
# What lies above what, where outlines overlap.
GROUND, WATER, ROAD, MARK, THING, BUILDING, ROOF = range(7)
_CELLS = 256


class Rows(NamedTuple):
    """Parallel rows of a texture: their direction, and how strongly they change brightness and mixture."""

    angle: float
    period_m: float
    tone: float = 0.0
    mix: float = 0.0
    hard: float = 1.0  # 1 is a sine; more makes it a comb
    wobble: float = 0.0  # how far, in periods, rows stray
    cross: float = 0.0  # strength of seams across the rows, at twice their period


class _Surface(NamedTuple):
    """A polygon in the plane through its first three corners at three heights."""

    order: int
    paint: int
    outline: Array
    levels: tuple[float, ...]


class _Wire(NamedTuple):
    """A thin line at a height, that covers a part of the fine points it meets."""

    order: int
    paint: int
    points: Array
    cover: float
    height: float


def _polygon(closed: Array) -> bytes:
    """Return a closed line as a polygon in well-known binary."""
    return struct.pack("<BIII", 1, 3, 1, len(closed)) + np.ascontiguousarray(closed, "<f8").tobytes()


def _line(points: Array) -> bytes:
    """Return a line in well-known binary."""
    return struct.pack("<BII", 1, 2, len(points)) + np.ascontiguousarray(points, "<f8").tobytes()


def fractal(side: int, slope: float, random: np.random.Generator) -> Array:
    """Return two noises, (2, side, side), of mean 0 and variance 1, whose amplitude falls as f ** -slope."""
    fx = (np.arange(side) + side // 2) % side / side - side // 2 / side
    fy = fx[:, None]
    gain = (fx**2 + fy**2 + 0.25 / side**2) ** (-slope / 2)
    gain[0, 0] = 0.0
    white = random.standard_normal((side, side, 2), dtype=np.float32)
    both = np.fft.ifft2(gain * np.fft.fft2(white[..., 0] + 1j * white[..., 1]))
    fields = np.stack([both.real, both.imag]).astype(np.float32)
    normal: Array = fields / fields.std(axis=(1, 2), keepdims=True)
    return normal


class Canvas:
    """A square piece of ground of `extent` metres, on which things are put before they are rendered once."""

    def __init__(
        self, side: int, gsd: float, bands: Sequence[float], pan: tuple[float, float], random: np.random.Generator
    ) -> None:
        self.side, self.gsd, self.extent, self.random = side, gsd, side * gsd, random
        self.cell = gsd / FINE
        self._responses = responses(bands, pan)
        self._spectra: list[tuple[Array, Array]] = []
        self._textures: list[tuple[float, ...]] = []
        self._surfaces: list[_Surface] = []
        self._wires: list[_Wire] = []
        self._trees: list[tuple[float, float, float, float, int]] = []
        self._forest: Optional[tuple[Array, float, float, list[int]]] = None
        self._waves, self._shifts, self._stray = np.zeros((2, 3)), np.zeros((3, 2)), 0.0
        self.taken = np.zeros((_CELLS, _CELLS), bool)  # of the ground and a quarter of its side around it

    def bend(self, strength: float) -> None:
        """Let straight lines come out curved: they turn by about `strength` radians over a few hundred metres."""
        lengths = self.random.uniform(0.5, 1.5, 3) * max(350.0, 0.6 * self.extent)
        angles = self.random.uniform(0, 2 * np.pi, 3)
        self._waves = np.stack([np.cos(angles), np.sin(angles)]) * 2 * np.pi / lengths
        # Shifts across the waves turn things but do not squeeze them.
        self._shifts = np.stack([-np.sin(angles), np.cos(angles)], 1) * (strength * lengths / (6 * np.pi))[:, None]
        self._stray = float(np.abs(self._shifts).sum())

    def bent(self, points: Array) -> Array:
        """Return where places, (n, 2), come to lie."""
        moved: Array = points + np.sin(points @ self._waves) @ self._shifts
        return moved

    def turned(self, at: Array, angle: float) -> float:
        """Return the angle that a direction at a place comes to have."""
        here, there = self.bent(np.stack([at, at + shapes.unit(angle)]))
        return float(np.arctan2(there[1] - here[1], there[0] - here[0]))

    def paint(
        self,
        name: str,
        rows: Optional[Rows] = None,
        like: Optional[int] = None,
        gain: float = 1.0,
        partner: Optional[str] = None,
        share: Optional[float] = None,
    ) -> int:
        """Return the number of a new variation of a material; as bright in PAN as the paint `like`, where given."""
        kind = MATERIALS[name]
        own = self._responses @ vary(CURVES[name] * gain, kind.spread, kind.tint, self.random)
        other_name = partner or kind.partner or name
        other_kind = MATERIALS[other_name]
        other = self._responses @ vary(CURVES[other_name] * gain, other_kind.spread / 2, other_kind.tint, self.random)
        if like is not None:
            own = own * np.clip(self._spectra[like][0][-1] / own[-1], 0.25, 4.0)
        wave = [0.0] * 8
        if rows is not None:
            # Rows finer than the drawing would come out as moire that no sensor sees.
            fade = float(np.clip(rows.period_m / self.cell - 1.5, 0.0, 1.0))
            across = shapes.unit(rows.angle + np.pi / 2) / rows.period_m
            wave = [*across, rows.tone * fade, rows.mix * fade, rows.hard, rows.wobble, rows.cross * fade, 0.0]
        part = kind.share if share is None else share
        self._spectra.append((own, other))
        self._textures.append((part, kind.patchy, kind.broad, kind.fine, kind.blotch, *wave))
        return len(self._spectra) - 1

    def in_view(self, points: Array) -> bool:
        """Return whether the box around these places, or a shadow from it, may reach into the picture."""
        margin = 20.0 + self._stray
        return bool((points.max(axis=0) > -margin).all() and (points.min(axis=0) < self.extent + margin).all())

    def faded(self, paint: int, share: float) -> int:
        """Return the number of a paint like another one, with another share of its second spectrum."""
        self._spectra.append(self._spectra[paint])
        self._textures.append((share, *self._textures[paint][1:]))
        return len(self._spectra) - 1

    def polygon(
        self, outline: Array, paint: int, order: int, height: Union[float, Sequence[float]] = 0.0, by: float = 0.0
    ) -> None:
        """Put a polygon at a height, or in the plane through its first corners at three heights; `by` lifts it."""
        if not self.in_view(outline):
            return
        levels = (height,) * 3 if isinstance(height, (int, float)) else tuple(height[:3])
        self._surfaces.append(_Surface(order, paint, outline, tuple(float(level) + by for level in levels)))

    def band(
        self, points: Array, width: float, paint: int, order: int, offset: float = 0.0, height: float = 0.0
    ) -> None:
        """Put a band of a width along a line."""
        for quad in shapes.ribbon(points, width, offset):
            self.polygon(quad, paint, order, height)

    def line(self, points: Array, width: float, paint: int, height: float = 0.1, order: int = MARK) -> None:
        """Put a thin line that covers, where it is thinner than the drawing can show, only a part of each point."""
        self._wires.append(_Wire(order, paint, points, min(width / self.cell, 1.0), height))

    def tree(self, x: float, y: float, radius: float, height: float, paint: int) -> None:
        """Put a crown."""
        self._trees.append((x, y, radius, height, paint))

    def forest(self, density: Array, spacing: float, height: float, paints: list[int]) -> None:
        """Cover what `density`, of the shape of `taken`, from 0 to 1, calls forest with crowns that touch."""
        self._forest = (density, spacing, height, paints)

    def _cells(self, points: Array) -> Array:
        """Return the columns and rows of places in `taken`, (n, 2)."""
        cells: Array = np.clip((points / self.extent + 0.25) * (_CELLS / 1.5), 0, _CELLS - 1).astype(int)
        return cells

    def reserve(self, points: Array, width: float) -> None:
        """Keep houses and trees away from a line, by half of `width`."""
        reach = int(np.ceil(width / 2 / self.extent * _CELLS / 1.5))
        square = np.indices((2 * reach + 1, 2 * reach + 1)) - reach
        near = square.reshape(2, -1)[:, (square**2).sum(0).ravel() <= reach**2 + 0.5]
        places, _ = shapes.along(points, max(self.extent / 200, width / 8))
        cells = np.clip(self._cells(places)[:, :, None] + near[None], 0, _CELLS - 1)
        self.taken[cells[:, 1], cells[:, 0]] = True

    def reserve_area(self, outline: Array) -> None:
        """Keep houses and trees away from a convex polygon."""
        grid = ((np.arange(_CELLS) + 0.5) * (1.5 / _CELLS) - 0.25) * self.extent
        x, y = np.meshgrid(grid, grid)
        self.taken |= shapes.inside(np.stack([x.ravel(), y.ravel()], 1), outline).reshape(_CELLS, _CELLS)

    def free(self, points: Array) -> Array:
        """Return which of some places, (n, 2), are free of what was reserved."""
        cells = self._cells(points)
        open_: Array = ~self.taken[cells[:, 1], cells[:, 0]]
        return open_

    def clear(self, outline: Array) -> bool:
        """Return whether the whole of a convex polygon is free."""
        rim = np.concatenate(
            [outline + (np.roll(outline, -1, axis=0) - outline) * part for part in (0.0, 0.25, 0.5, 0.75)]
        )
        middle = outline.mean(axis=0)
        return bool(self.free(np.concatenate([middle + (rim - middle) * part for part in (0.25, 0.6, 1.0)])).all())

    def render(self, sun: Light) -> Array:
        """Return the reflectance of the ground as lit, (bands + 1, side, side); the last is PAN."""
        size = self.side * FINE
        noise = np.concatenate([fractal(size, 0.8, self.random), fractal(size, 1.5, self.random)])
        self._surfaces.sort(key=lambda surface: surface.order)
        place = self._rasterize([_polygon(self._fine_bent(surface.outline)) for surface in self._surfaces])
        planes = self._planes()
        x = ((np.arange(size) + 0.5) * self.cell).astype(np.float32)
        height = planes[:, 2][place] + planes[:, 0][place] * x[None] + planes[:, 1][place] * x[:, None]
        paint = np.array([surface.paint for surface in self._surfaces], np.int32)[place]
        order = np.array([surface.order for surface in self._surfaces], np.int8)[place]
        slope_x, slope_y = planes[:, 0][place], planes[:, 1][place]
        ground = height.copy()
        self._raise_forest(height, paint, noise)
        self._raise_trees(height, paint, noise)
        leafy = height > ground
        rise = np.gradient(height, self.cell)
        slope_x, slope_y = (np.where(leafy, r, s) for r, s in ((rise[1], slope_x), (rise[0], slope_y)))
        direct = sunlight(height, slope_x, slope_y, self.cell, sun)
        # Leaves hang at all angles and let light through: the shaded side of a crown is not as dark as a wall's.
        direct = np.where(leafy, 0.22 + 0.72 * direct, direct)
        tone, mix = self._texture(paint, x, noise)
        wires = self._thin_lines(height, order)
        return self._integrate(paint, tone, mix, direct, wires)

    def _fine_bent(self, outline: Array, closed: bool = True) -> Array:
        """Return a line as it comes to lie, with corners close enough to follow the bend."""
        if closed:
            outline = np.vstack([outline, outline[:1]])
        steps = np.hypot(*np.diff(outline, axis=0).T)
        if self._stray and steps.max() > 12.0:
            walked = np.concatenate([[0.0], np.cumsum(steps)])
            extra = np.linspace(0, walked[-1], min(int(walked[-1] / 8.0) + 2, 400))
            at = np.unique(np.concatenate([walked, extra]))
            outline = np.stack([np.interp(at, walked, outline[:, axis]) for axis in (0, 1)], axis=1)
        return self.bent(outline)

    def _planes(self) -> Array:
        """Return the slopes and the level of each surface, (surfaces, 3)."""
        corners = np.stack([surface.outline[:3] for surface in self._surfaces])
        corners = self.bent(corners.reshape(-1, 2)).reshape(-1, 3, 2)
        levels = np.array([surface.levels for surface in self._surfaces])
        first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        turn = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
        slim = np.abs(turn) < 1e-3 * np.maximum((first**2).sum(1), (second**2).sum(1))
        turn[slim] = np.inf
        up, over = (levels[:, column] - levels[:, 0] for column in (1, 2))
        slope_x = np.clip((up * second[:, 1] - over * first[:, 1]) / turn, -4, 4)
        slope_y = np.clip((over * first[:, 0] - up * second[:, 0]) / turn, -4, 4)
        level = levels[:, 0] - slope_x * corners[:, 0, 0] - slope_y * corners[:, 0, 1]
        planes: Array = np.stack([slope_x, slope_y, level], axis=1).astype(np.float32)
        return planes

    def _rasterize(self, outlines: Sequence[bytes]) -> Array:
        """Return the number of the last outline that covers each fine point; -1 where there is none."""
        size = self.side * FINE
        target = gdal.GetDriverByName("MEM").Create("", size, size, 1, gdal.GDT_Int32)
        target.SetGeoTransform((0.0, self.cell, 0.0, 0.0, 0.0, self.cell))
        target.GetRasterBand(1).Fill(-1)
        plane = osr.SpatialReference()
        plane.SetLocalCS("drawing")
        target.SetProjection(plane.ExportToWkt())
        source = ogr.GetDriverByName("Memory").CreateDataSource("drawing")
        layer = source.CreateLayer("outlines", plane)
        layer.CreateField(ogr.FieldDefn("number", ogr.OFTInteger))
        definition = layer.GetLayerDefn()
        for number, outline in enumerate(outlines):
            feature = ogr.Feature(definition)
            feature.SetGeometryDirectly(ogr.CreateGeometryFromWkb(outline))
            feature.SetField(0, number)
            layer.CreateFeature(feature)
        gdal.RasterizeLayer(target, [1], layer, options=["ATTRIBUTE=number"])
        result: Array = target.ReadAsArray()
        return result

    def _raise_trees(self, height: Array, paint: Array, noise: Array) -> None:
        """Put the crowns: domes with ragged edges, drawn where they stand higher than what is there."""
        size = len(height)
        places = self.bent(np.array([tree[:2] for tree in self._trees]).reshape(-1, 2))
        for (x, y), (_, _, radius, top, number) in zip(places, self._trees):
            row, col, reach = y / self.cell, x / self.cell, radius / self.cell
            rows = slice(max(int(row - 1.3 * reach), 0), min(int(row + 1.3 * reach) + 2, size))
            cols = slice(max(int(col - 1.3 * reach), 0), min(int(col + 1.3 * reach) + 2, size))
            if rows.start >= rows.stop or cols.start >= cols.stop:
                continue
            dy = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5 - row) / reach
            dx = (np.arange(cols.start, cols.stop, dtype=np.float32) + 0.5 - col) / reach
            rough = noise[0, rows, cols]
            dome = 1.0 - (dy[:, None] ** 2 + dx[None] ** 2) * (1.0 + 0.35 * rough)
            crown = top - radius * 1.3 * (1.0 - np.sqrt(np.maximum(dome, 0.0))) + 0.1 * radius * rough
            higher = (dome > 0) & (crown > height[rows, cols])
            height[rows, cols][higher] = crown[higher]
            paint[rows, cols][higher] = number

    def _raise_forest(self, height: Array, paint: Array, noise: Array) -> None:
        """Put one crown into each cell of a grid, anywhere in it; the highest of the nine crowns nearby is seen."""
        if self._forest is None:
            return
        density, spacing, top, paints = self._forest
        cells = int(np.ceil(self.extent / spacing)) + 4
        random = self.random
        jitter = (random.random((2, cells, cells)) * 0.9 + 0.05).astype(np.float32)
        radius = random.uniform(0.35, 0.95, (cells, cells)).astype(np.float32)
        tall = (top * random.lognormal(0, 0.14, (cells, cells))).astype(np.float32)
        stems = ((np.indices((cells, cells)) - 2 + jitter) * spacing)[::-1].reshape(2, -1).T
        at = self._cells(2 * stems - self.bent(stems))  # where they came from, near enough
        tall[random.random((cells, cells)) > density[at[:, 1], at[:, 0]].reshape(cells, cells)] = -100.0
        kind = np.array(paints, np.int32)[random.integers(0, len(paints), (cells, cells))]
        at = ((np.arange(len(height)) + 0.5) * self.cell / spacing).astype(np.float32)
        index = at.astype(int) + 2
        best, chosen = np.full(height.shape, -1.0, np.float32), np.zeros(height.shape, np.int32)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                pick = np.ix_(index + down, index + right)
                dy = at[:, None] + 2 - (index[:, None] + down + jitter[0][pick])
                dx = at[None] + 2 - (index[None] + right + jitter[1][pick])
                dome = 1.0 - (dy * dy + dx * dx) * (1.0 + 0.35 * noise[0]) / radius[pick] ** 2
                crown = tall[pick] - 1.2 * spacing * radius[pick] * (1.0 - np.sqrt(np.maximum(dome, 0.0)))
                crown = np.where(dome > 0, crown, -1.0)
                higher = crown > best
                best = np.where(higher, crown, best)
                chosen = np.where(higher, kind[pick], chosen)
        best += 0.08 * spacing * noise[0]
        higher = best > np.maximum(height, 0.5)
        height[higher], paint[higher] = best[higher], chosen[higher]

    def _texture(self, paint: Array, x: Array, noise: Array) -> tuple[Array, Array]:
        """Return the brightness of each point, about 1, and the part of the second spectrum in it."""
        table = np.array(self._textures, np.float32).T
        share, patchy, broad, fine, blotch, fx, fy, row_tone, row_mix, hard, wobble, cross, _ = (
            c[paint] for c in table
        )
        tone = 1.0 + fine * noise[0] + blotch * noise[2]
        mix = share + patchy * noise[1] * 0.6 + patchy * noise[3] + broad * noise[2]
        phase = fx * x[None] + fy * x[:, None] + wobble * noise[3]
        wave = np.clip(hard * np.sin(2 * np.pi * phase), -1.0, 1.0)
        tone += row_tone * wave
        mix += row_mix * wave
        seam = np.sin(np.pi * (fy * x[None] - fx * x[:, None])) ** 2 > 0.97
        tone -= cross * seam
        return np.maximum(tone, 0.05), np.clip(mix, 0.0, 1.0)

    def _thin_lines(self, height: Array, order: Array) -> tuple[Array, Array, Array]:
        """Return where thin lines are seen (flat indices), their paints and how much they cover."""
        number = self._rasterize([_line(self._fine_bent(wire.points, False)) for wire in self._wires]).ravel()
        at = np.flatnonzero(number >= 0)
        table = np.array([(wire.paint, wire.cover, wire.height, wire.order) for wire in self._wires]).reshape(-1, 4)
        paint, cover, level, rank = table[number[at]].T
        seen = (level >= height.ravel()[at] - 0.05) & (rank >= order.ravel()[at])
        return at[seen], paint[seen].astype(int), cover[seen].astype(np.float32)

    def _integrate(
        self, paint: Array, tone: Array, mix: Array, direct: Array, wires: tuple[Array, Array, Array]
    ) -> Array:
        """Return each band: spectrum, texture and light multiplied on the fine grid, then averaged over each pixel."""
        spectra = np.array(self._spectra, np.float32)  # (paints, 2, bands)
        sky = (self._responses @ SKY).astype(np.float32)
        at, thin, cover = wires
        result = np.empty((len(sky), self.side, self.side), np.float32)
        for band, scattered in enumerate(sky):
            own, other = spectra[:, 0, band], spectra[:, 1, band]
            light = scattered + (1.0 - scattered) * direct
            seen = (own[paint] + (other - own)[paint] * mix) * tone * light
            seen.ravel()[at] += cover * (own[thin] * light.ravel()[at] - seen.ravel()[at])
            result[band] = seen.reshape(self.side, FINE, self.side, FINE).mean(axis=(1, 3))
        return result
