"""A pair of images as a place to cut samples from: looked at tile by tile, as it is made coarser by its own ratio."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import Optional

import numpy as np

from ...data.cut import SceneCutter, corners
from ...data.from_scenes import scaling_of
from ...data.images import Memory
from ...data.sample import Scaling
from ...data.wald import KERNEL
from ...errors import InputError
from ...events import Event, Progress
from ...grid.georef import Affine, Grid
from ...grid.patch import Floats
from ...grid.tiling import sample
from ...grid.window import Window
from ...pixels.resample import reach
from ...raster.dataset import BandFacts
from ...raster.originals import Originals
from ...raster.scene import Scene, opened
from ...request import PairRequest
from ...request.trainingset import PairFiles, TrainingSetRequest
from ..bandwords import words_of
from ..pipeline import Crew
from ..signs import awaited
from ..simulated import check_unwarped
from ..survey import Survey, surveyed
from .clouds import Clouds
from .heldout import Boxes
from .placing import (
    CLOUDS,
    NODATA,
    SATURATED,
    TEXTURE,
    Corners,
    blank,
    first_reason,
    gapped,
    saturated,
    squares,
    texture,
    under,
)
from .quarry import Part, Quarry, misregistered, short, step, within

_PART, _PATCHES = 512, 4  # MS pixels along a part that is looked at at once, or so many patches
_LEAST_PARTS = 8
_STAGE = "Looking at the pair"


def of_pair(files: PairFiles, request: TrainingSetRequest, wanted: int, crew: Crew) -> Generator[Event, None, Quarry]:
    """Yield events while a pair is looked at, about `wanted` places of it, and return what was found.

    Raise EngineError where it cannot be used.
    """
    asked = PairRequest(files.pan, files.ms, bands=request.bands, sensor=request.sensor, nodata=request.nodata)
    with opened(asked) as scene:
        check_unwarped(scene)
        clouds = None if files.clouds is None else Clouds(files.clouds, scene.ms_grid)
        tiles = _tiles(scene, request.patch, wanted)
        survey = yield from surveyed(scene, request.sensor, KERNEL, crew)
        scaling = yield from awaited(crew.aside(lambda _: _scaling(scene)), _STAGE)
        found = Quarry(
            short(files.ms[0]),
            (files.pan, *files.ms),
            survey.identity.sensor.id,
            scene.lattice.ratio,
            words_of(scene, survey.identity),
            survey.optics.gains,
            survey.optics.pan_gain,
            scaling.divisor,
            survey.shift,
            sum(len(corners(scene.lattice.ms_centres(tile), request.patch, step(request.patch))) for tile in tiles),
            crs="" if scene.ms_grid.affine is None else scene.ms_grid.crs,
            apart=0.5 * request.patch * max(scene.ms_grid.pixel_size),
            warnings=(*scene.warnings, *survey.pair_warnings),
        )
        if not within(found, request.limit):
            return misregistered(found, request.limit)
        parts: list[Part] = []
        left_out: Counter[str] = Counter()
        for sign in crew.ordered(partial(_look, asked, scene, survey, scaling, request, clouds), tiles):
            yield Progress(len(parts) / len(tiles), _STAGE)
            if sign is not None:
                part, counts = sign.result
                parts.append(part)
                left_out.update(counts)
        considered = sum(left_out.values()) + sum(len(part.places) for part in parts)
        if not considered:
            raise InputError(
                f"{found.name} has no room for a sample of {request.patch} x {request.patch} MS pixels.",
                "Choose a smaller patch, or leave this pair out.",
            )
        warnings = found.warnings if found.shift is not None else (*found.warnings, *survey.shift_warnings)
        return replace(found, considered=considered, left_out=left_out, parts=tuple(parts), warnings=warnings)


def _tiles(scene: Scene, patch: int, wanted: int) -> list[Window]:
    """Return tiles of PAN, all of them or as many, spread evenly, as hold the places that are wanted."""
    side = max(_PART, _PATCHES * patch)
    places = ((side - patch) // step(patch) + 1) ** 2
    return sample(scene.covered, round(side * scene.lattice.ratio), max(_LEAST_PARTS, math.ceil(wanted / places)))


def _look(
    asked: PairRequest,
    scene: Scene,
    survey: Survey,
    scaling: Scaling,
    request: TrainingSetRequest,
    clouds: Optional[Clouds],
    tile: Window,
) -> tuple[Part, dict[str, int]]:
    """Return the places of a tile of PAN that are worth having, and why how many others are left out."""
    patch, lattice, optics = request.patch, scene.lattice, survey.optics
    # MS is enlarged from farther coarse pixels: within the scene, no border of a tile may be seen.
    beyond = tile.grown(math.ceil((reach(KERNEL) + 1) * lattice.ratio**2)).clipped(scene.covered)
    part = replace(asked, extent=_extent(scene.grid, beyond))

    def cutter(memory: Memory) -> SceneCutter:
        return SceneCutter(part, optics.gains, optics.pan_gain, memory, scaling)

    source = cutter(Memory(0.0))
    area = lattice.ms_centres(tile).clipped(source.area)
    places = corners(area, patch, step(patch))
    boxes = _boxes(scene.ms_grid, places, patch)
    if not len(places):
        return Part(np.zeros((0, 3), np.int64), boxes, cutter), {}
    below = lattice.pan_window(area, 0).clipped(source.pan.window)
    truth, pan, bits = source.ms(area), source.pan(below), survey.identity.sensor.bits
    tops = np.array([_top(band.facts, bits, image) for band, image in zip(scene.bands, truth)])
    offsets = np.array([band.facts.offset for band in scene.bands])
    full = saturated(truth, tops, area, squares(places, patch))
    full |= saturated(pan, np.array([_top(scene.pan_band, bits, pan)]), below, under(lattice, places, patch))
    good, counts = first_reason(
        [
            (
                NODATA,
                gapped(source.gaps, places, patch, source.margin) | blank(truth, offsets, area, squares(places, patch)),
            ),
            (CLOUDS, np.zeros(len(places), bool) if clouds is None else clouds.over(places, patch)),
            (SATURATED, full),
            (TEXTURE, texture(truth, scaling.divisor, area, places, patch) < request.least_texture),
        ]
    )
    return Part(np.insert(places[good], 0, 0, axis=1), boxes[good], cutter), counts


def _top(facts: BandFacts, bits: Optional[int], image: Floats) -> float:
    """Return the greatest value that a band can hold; of whole numbers alone."""
    kind = np.dtype(facts.data_type)
    if kind.kind not in "iu":
        return math.inf
    greatest = float(np.iinfo(kind).max)
    if bits is not None and (told := 2.0**bits - 1.0) < greatest:
        # Whoever made reflectances of counts stores values beyond those that the sensor knows.
        greatest = told if float(image.max()) <= told * facts.scale + facts.offset else greatest
    return greatest * facts.scale + facts.offset if facts.scale > 0.0 else math.inf


def _scaling(scene: Scene) -> Scaling:
    """Return the scaling by the brightest band, as far as windows spread over the scene tell."""
    area = scene.lattice.ms_window(scene.covered, 0).clipped(scene.ms_grid.window)
    return scaling_of(Originals(scene).ms, area)


def _extent(grid: Grid, window: Window) -> tuple[float, float, float, float]:
    """Return where a window of PAN lies, in the terms that requests have for that."""
    return Grid(window.width, window.height, Grid(0, 0, _affine(grid), "").affine_of(window), "").bounds


def _boxes(grid: Grid, places: Corners, patch: int) -> Boxes:
    x0, dx, _, y0, _, dy = _affine(grid)
    sides = [
        np.sort([start + pixel * (first + more) for more in (0, patch)], axis=0)
        for start, pixel, first in ((x0, dx, places[:, 1]), (y0, dy, places[:, 0]))
    ]
    return np.array([sides[0][0], sides[1][0], sides[0][1], sides[1][1]], np.float64).T


def _affine(grid: Grid) -> Affine:
    return grid.affine or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
