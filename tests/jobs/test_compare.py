"""Maps of a comparison hold means and qualities of squares, and its sink gets every pixel once, however it is cut."""

from __future__ import annotations

import math
from collections.abc import Generator
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import Event, Noted, Progress
from engine.grid.window import Window
from engine.jobs import compare as job
from engine.jobs.compare import Comparison, compared
from engine.jobs.pipeline import Crew
from engine.metrics.hypercomplex import q2n_blocks
from engine.raster.twins import Twins
from tests import rasters
from tests.pairs import Floats
from tests.slowness import mostly_slow

HEIGHT, WIDTH = 150, 500
GAP = (slice(40, 80), slice(300, 420))


@pytest.fixture(scope="module")
def images() -> tuple[Floats, Floats]:
    """A truth and an image of it, in whole counts: (3, 150, 500)."""
    random = np.random.default_rng(3)
    truth = np.rint(random.uniform(800, 1800, (3, 1, 1)) + 100 * random.standard_normal((3, HEIGHT, WIDTH)))
    return truth, truth + np.rint(random.normal(0, 20, truth.shape))


@pytest.fixture(scope="module")
def twins(images: tuple[Floats, Floats], tmp_path_factory: pytest.TempPathFactory) -> Twins:
    return written(tmp_path_factory.mktemp("twins"), *images)


def written(folder: Path, truth: Any, image: Any, nodata: Optional[float] = None, kind: str = "uint16") -> Twins:
    files = [
        rasters.write(folder / f"{name}.tif", array.astype(kind), rasters.north_up(2.0), rasters.EPSG, nodata)
        for name, array in (("image", image), ("truth", truth))
    ]
    return Twins(*files)


def done(comparing: Generator[Event, None, Comparison]) -> tuple[Comparison, list[Event]]:
    said = []
    while True:
        try:
            said.append(next(comparing))
        except StopIteration as stop:
            return stop.value, said


def comparison(twins: Twins, border: int = 0, threads: int = 2, **more: Any) -> tuple[Comparison, list[Event]]:
    with Crew(threads) as crew:
        return done(compared(twins, 4.0, border, crew, **more))


def relative(truth: Floats, image: Floats, valid: Any = True) -> Floats:
    """Return |image - truth| in per cent of the band means, mean over bands, nan where not valid: (h, w)."""
    valid = np.broadcast_to(valid, truth.shape[1:])
    means = truth[:, valid].mean(axis=1)[:, None, None]
    return np.where(valid, (100 * np.abs(image - truth) / means).mean(axis=0), np.nan)


def squares(errors: Floats, side: int) -> Floats:
    """Return the mean over squares, those at the right and lower edge cut."""
    height, width = errors.shape
    padded = np.full((-(-height // side) * side, -(-width // side) * side), np.nan)
    padded[:height, :width] = errors
    blocks = padded.reshape(padded.shape[0] // side, side, padded.shape[1] // side, side)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(blocks, axis=(1, 3)) / np.isfinite(blocks).sum(axis=(1, 3)))


@pytest.mark.parametrize("tile", mostly_slow([64, 101, 1024], 1))
def test_the_error_map_holds_the_means_of_squares(
    tile: int, twins: Twins, images: tuple[Floats, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "TILE", tile)
    maps = comparison(twins, with_maps=True)[0].maps
    assert maps is not None and maps.error.shape == (75, 250)  # at most 480 pixels wide
    np.testing.assert_allclose(maps.error, squares(relative(*images), 2), rtol=1e-6)


@pytest.mark.parametrize("tile", mostly_slow([20, 64, 101, 1024], 2))
def test_the_quality_map_holds_the_q2n_of_blocks(
    tile: int, twins: Twins, images: tuple[Floats, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "TILE", tile)
    maps = comparison(twins, with_maps=True)[0].maps
    assert maps is not None
    np.testing.assert_allclose(maps.quality.ravel(), q2n_blocks(*images), rtol=1e-9)


def test_maps_leave_gaps_out(images: tuple[Floats, Floats], tmp_path: Path) -> None:
    truth, image = images
    spoilt, valid = image.copy(), np.ones((HEIGHT, WIDTH), bool)
    spoilt[(slice(None), *GAP)] = 0
    valid[GAP] = False
    maps = comparison(written(tmp_path, truth, spoilt, nodata=0), with_maps=True)[0].maps
    assert maps is not None
    np.testing.assert_allclose(maps.error, squares(relative(truth, image, valid), 2), rtol=1e-6)
    assert np.isnan(maps.error[20:40, 150:210]).all() and np.isnan(maps.error).sum() == 20 * 60
    gap = np.zeros(maps.quality.shape, bool)
    gap[40 // 32 : -(-80 // 32), 300 // 32 : -(-420 // 32)] = True
    assert np.array_equal(np.isnan(maps.quality), gap)


@pytest.mark.parametrize("border", [0, 7])
@pytest.mark.parametrize("tile", mostly_slow([50, 64, 1024], 1))
def test_the_sink_gets_every_pixel_once(
    tile: int, border: int, twins: Twins, images: tuple[Floats, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "TILE", tile)
    height, width = HEIGHT - 2 * border, WIDTH - 2 * border
    errors, times = np.full((height, width), math.nan), np.zeros((height, width), int)

    def sink(window: Window, values: Any) -> None:
        place = (slice(window.row, window.row_end), slice(window.col, window.col_end))
        errors[place] = values
        times[place] += 1

    comparison(twins, border, sink=sink)
    assert (times == 1).all()
    inner = (slice(None), slice(border, HEIGHT - border), slice(border, WIDTH - border))
    np.testing.assert_allclose(errors, relative(*(image[inner] for image in images)), rtol=1e-6)


@pytest.mark.parametrize("more", mostly_slow([{}, {"with_maps": True}, {"sink": lambda window, errors: None}], 1))
@pytest.mark.parametrize(("tile", "threads"), [(64, 1), (96, 4)])
def test_numbers_depend_neither_on_maps_nor_on_tiles_nor_on_threads(
    tile: int, threads: int, more: dict[str, Any], twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = comparison(twins)[0].numbers
    monkeypatch.setattr(job, "TILE", tile)
    found, _ = comparison(twins, threads=threads, **more)
    assert found.numbers.keys() == plain.keys()
    for name, value in found.numbers.items():
        assert value == pytest.approx(plain[name], rel=1e-12), name
    assert (found.maps is None) == ("with_maps" not in more)


def test_fractions_are_compared_as_counts_and_told_in_their_own_units(
    images: tuple[Floats, Floats], tmp_path: Path
) -> None:
    found, said = comparison(written(tmp_path, *(image / 10000 for image in images), kind="float64"), with_maps=True)
    truth, image = images
    assert found.numbers["rmse"] == pytest.approx((((image - truth) ** 2).mean(axis=(1, 2)) ** 0.5 / 10000).tolist())
    assert found.numbers["mean_reference"] == pytest.approx((truth.mean(axis=(1, 2)) / 10000).tolist())
    assert found.numbers["peak"] == pytest.approx(truth.max() / 10000)
    assert found.maps is not None
    np.testing.assert_allclose(found.maps.quality.ravel(), q2n_blocks(truth, image), rtol=1e-6)
    assert len([event for event in said if isinstance(event, Noted)]) == 1


def test_progress_runs_from_nothing_to_all(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "TILE", 64)
    fractions = [event.fraction for event in comparison(twins)[1] if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[0] > 0.0 and fractions[-1] == 1.0


def test_a_border_that_leaves_nothing_is_refused(twins: Twins) -> None:
    with pytest.raises(InputError, match=r"Nothing is left of 500 x 150 pixels without a border of 75\."):
        comparison(twins, border=75)
    assert comparison(twins, border=74)[0].numbers["pixels_left_out"] == 0.0
