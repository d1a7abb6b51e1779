"""Cells share every pixel of a scene smoothly, and in the same way whatever part of it is asked for."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from engine.grid.blending import Cells
from engine.grid.tiling import tiles
from engine.grid.window import Window

SCENES = {
    "of whole cells": Cells(Window(0, 0, 90, 60), 3, 2, 0.5),
    "odd, away from the origin": Cells(Window(-7, 11, 101, 77), 4, 3, 1.0),
    "a single cell": Cells(Window(5, 5, 33, 44), 1, 1, 0.5),
    "a strip": Cells(Window(0, 0, 3, 200), 1, 5, 0.25),
}


def laid_out(cells: Cells, window: Window, size: int) -> npt.NDArray[np.float64]:
    """Return the shares of all cells, (cells, h, w), asked for in tiles of `size`."""
    shares = np.zeros((cells.count, *window.shape))
    for tile in tiles(window, size):
        for cell, part, share in cells.shares(tile):
            rows, cols = part.slices_in(window)
            shares[cell, rows, cols] += share
    return shares


@pytest.mark.parametrize("cells", SCENES.values(), ids=SCENES)
def test_the_shares_of_a_pixel_add_up_to_one_also_outside_the_scene(cells: Cells) -> None:
    shares = laid_out(cells, cells.window.grown(20), 1000)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-15)
    assert shares.min() >= 0.0


@pytest.mark.parametrize("size", [5, 17, 64])
@pytest.mark.parametrize("cells", SCENES.values(), ids=SCENES)
def test_a_pixel_has_the_same_shares_whatever_is_asked_for_at_once(cells: Cells, size: int) -> None:
    around = cells.window.grown(3)
    assert laid_out(cells, around, size).tobytes() == laid_out(cells, around, 1000).tobytes()


def test_a_share_falls_as_a_cosine_around_the_border_and_is_whole_elsewhere() -> None:
    cells = Cells(Window(0, 0, 1, 200), 1, 2, 0.4)  # the border at 100, the ramp from 80 to 120
    first = laid_out(cells, cells.window, 1000)[0, 0]
    places = np.arange(200) + 0.5
    inside = (places > 80) & (places < 120)
    np.testing.assert_array_equal(first[places < 80], 1.0)
    np.testing.assert_array_equal(first[places > 120], 0.0)
    np.testing.assert_allclose(first[inside], 0.5 + 0.5 * np.cos(math.pi * (places[inside] - 80) / 40), atol=1e-12)


@pytest.mark.parametrize("cells", SCENES.values(), ids=SCENES)
def test_no_share_changes_faster_than_its_cosine(cells: Cells) -> None:
    shares = laid_out(cells, cells.window, 1000)
    for axis, length, count in ((1, cells.window.height, cells.down), (2, cells.window.width, cells.across)):
        steepest = math.pi / 2 / (cells.ramp * length / count)  # of a cosine that falls by 1 over the ramp
        assert np.abs(np.diff(shares, axis=axis)).max(initial=0.0) <= steepest


def test_only_cells_with_a_share_are_named_and_only_where_they_have_one() -> None:
    cells = Cells(Window(0, 0, 400, 400), 4, 4, 0.5)
    assert [cell for cell, _, _ in cells.shares(Window(130, 230, 40, 40))] == [6]
    assert [cell for cell, _, _ in cells.shares(Window(190, 230, 20, 40))] == [6, 10]
    found = {cell: part for cell, part, _ in cells.shares(Window(60, 60, 80, 80))}
    assert found == {
        0: Window(60, 60, 65, 65),
        1: Window(60, 75, 65, 65),
        4: Window(75, 60, 65, 65),
        5: Window(75, 75, 65, 65),
    }


@pytest.mark.parametrize("most", [1, 9, 64])
@pytest.mark.parametrize("shape", [(40_000, 40_000), (100, 40_000), (40_000, 300), (1000, 700), (5, 7)])
def test_a_scene_has_cells_of_the_side_asked_for_or_as_many_as_it_may(shape: tuple[int, int], most: int) -> None:
    cells = Cells.over(Window(0, 0, *shape), 256, most, 0.5)
    assert 1 <= cells.count <= most
    assert shape[0] / cells.down >= min(256, shape[0]) and shape[1] / cells.across >= min(256, shape[1])
    assert cells.count >= min(most, shape[0] * shape[1] / 256**2) / 4


def test_a_window_belongs_to_the_cell_that_holds_its_centre() -> None:
    cells = Cells(Window(10, 20, 90, 60), 3, 2, 0.5)
    assert cells.holding(Window(10, 20, 4, 4)) == 0
    assert cells.holding(Window(35, 45, 8, 8)) == 0  # the centre at 39, 49
    assert cells.holding(Window(37, 47, 8, 8)) == 3  # at 41, 51
    assert cells.holding(Window(96, 76, 4, 4)) == 5
    assert cells.holding(Window(200, -50, 4, 4)) == 4  # outside


def test_the_nearest_cell_is_counted_in_pixels_and_is_the_cell_itself_where_it_may() -> None:
    cells = Cells(Window(0, 0, 300, 900), 3, 3, 0.5)  # 100 x 300 pixels each
    assert cells.nearest(4, [0, 4, 8]) == 4
    assert cells.nearest(0, [1, 6]) == 6  # two cells of 100 pixels down, rather than one of 300 across
    assert cells.nearest(0, [1, 8]) == 1
