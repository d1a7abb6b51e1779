"""Tiles cover a scene once; a sample of windows spreads over it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.grid.tiling import sample, tiles
from engine.grid.window import Window

SCENES = [Window(0, 0, 100, 130), Window(-5, 7, 64, 64), Window(3, 3, 1, 1), Window(0, 0, 1, 999)]


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("size", [7, 64, 1000])
def test_tiles_cover_every_pixel_exactly_once(scene: Window, size: int) -> None:
    seen = np.zeros(scene.shape, int)
    for tile in tiles(scene, size):
        assert not tile.is_empty
        assert max(tile.shape) <= size
        seen[tile.slices_in(scene)] += 1
    assert (seen == 1).all()


def test_tiles_come_row_by_row() -> None:
    assert [(tile.row, tile.col) for tile in tiles(Window(0, 0, 4, 4), 2)] == [(0, 0), (0, 2), (2, 0), (2, 2)]


def test_a_small_scene_is_sampled_whole() -> None:
    scene = Window(0, 0, 300, 200)
    assert sample(scene, 100, 6) == list(tiles(scene, 100))


@pytest.mark.parametrize("count", [1, 4, 9, 12, 64])
@pytest.mark.parametrize(
    "scene", [Window(0, 0, 6400, 6400), Window(0, 0, 100, 50_000), Window(0, 0, 50_000, 100), Window(5, 5, 200, 30_000)]
)
def test_a_sample_has_no_more_windows_than_asked_for_and_not_many_less(scene: Window, count: int) -> None:
    windows = sample(scene, 100, count)
    assert count // 2 < len(windows) <= count
    assert len(set(windows)) == len(windows)
    assert set(windows) <= set(tiles(scene, 100))


def test_a_sample_reaches_every_quarter_of_the_scene() -> None:
    scene = Window(0, 0, 8000, 8000)
    quarters = {(window.row // 4000, window.col // 4000) for window in sample(scene, 100, 16)}
    assert quarters == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_a_sample_is_not_a_regular_grid() -> None:
    windows = sample(Window(0, 0, 10_000, 10_000), 100, 25)
    assert len({window.row for window in windows}) > 10
    assert len({window.col for window in windows}) > 10


def test_the_same_scene_gives_the_same_sample() -> None:
    scene = Window(0, 0, 9000, 7000)
    assert sample(scene, 100, 20) == sample(scene, 100, 20)
