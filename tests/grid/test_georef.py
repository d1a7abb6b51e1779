"""Grids know where their pixels lie on the ground."""

from __future__ import annotations

import pytest

from engine.grid.georef import Grid, centres_between
from engine.grid.window import Window

NORTH_UP = Grid(100, 50, (1000.0, 2.0, 0.0, 500.0, 0.0, -4.0), "")
SOUTH_UP = Grid(100, 50, (1000.0, 2.0, 0.0, 300.0, 0.0, 4.0), "")
UNLOCATED = Grid(100, 50, None, "")


@pytest.mark.parametrize("grid", [NORTH_UP, SOUTH_UP])
def test_bounds_are_ordered_whichever_way_the_rows_run(grid: Grid) -> None:
    assert grid.bounds == (1000.0, 300.0, 1200.0, 500.0)


def test_the_pixel_size_is_positive_on_both_axes() -> None:
    assert NORTH_UP.pixel_size == (2.0, 4.0)
    assert UNLOCATED.pixel_size == (1.0, 1.0)


def test_the_pixel_size_of_a_rotated_grid_is_measured_along_its_rows_and_columns() -> None:
    turned = Grid(10, 10, (0.0, 3.0, 4.0, 0.0, 4.0, -3.0), "")
    assert turned.pixel_size == (5.0, 5.0)


@pytest.mark.parametrize(
    ("affine", "rotated"),
    [
        ((0.0, 1.0, 0.0, 0.0, 0.0, -1.0), False),
        ((0.0, 1.0, 1e-9, 0.0, 1e-9, -1.0), False),  # rounding in the file
        ((0.0, 1.0, 0.0, 0.0, 1e-3, -1.0), True),  # one pixel over 1000
        ((0.0, 1.0, 1e-3, 0.0, 0.0, -1.0), True),
        ((0.0, 0.0, 1.0, 0.0, 1.0, 0.0), True),  # a quarter turn: the pixel size stands in the skew terms
    ],
)
def test_a_grid_counts_as_rotated_when_the_far_edge_is_off_by_more_than_rounding(
    affine: tuple[float, float, float, float, float, float], rotated: bool
) -> None:
    assert Grid(1000, 1000, affine, "").is_rotated is rotated


def test_a_window_has_the_geotransform_of_its_upper_left_corner() -> None:
    assert NORTH_UP.affine_of(Window(10, 20, 5, 5)) == (1040.0, 2.0, 0.0, 460.0, 0.0, -4.0)
    assert SOUTH_UP.affine_of(Window(10, 20, 5, 5)) == (1040.0, 2.0, 0.0, 340.0, 0.0, 4.0)
    assert NORTH_UP.affine_of(Window(-1, -1, 5, 5)) == (998.0, 2.0, 0.0, 504.0, 0.0, -4.0)
    assert UNLOCATED.affine_of(Window(10, 20, 5, 5)) is None


@pytest.mark.parametrize(
    ("extent", "window"),
    [
        ((1000.0, 300.0, 1200.0, 500.0), Window(0, 0, 50, 100)),
        ((1002.0, 488.0, 1006.0, 496.0), Window(1, 1, 2, 2)),
        ((1002.9, 488.0, 1006.9, 496.0), Window(1, 1, 2, 2)),  # centres of the second and third column alone
        ((1003.1, 488.0, 1007.1, 496.0), Window(1, 2, 2, 2)),
        ((990.0, 488.0, 1006.0, 509.0), Window(-2, -5, 5, 8)),  # beyond the raster
    ],
)
def test_an_extent_takes_the_pixels_whose_centres_lie_in_it(
    extent: tuple[float, float, float, float], window: Window
) -> None:
    assert NORTH_UP.window_of(extent) == window


def test_an_extent_on_a_south_up_grid_counts_rows_from_the_south() -> None:
    assert SOUTH_UP.window_of((1002.0, 304.0, 1006.0, 316.0)) == Window(1, 1, 3, 2)


def test_an_extent_between_two_centres_is_empty() -> None:
    assert NORTH_UP.window_of((1001.2, 488.0, 1002.8, 496.0)).is_empty


def test_an_image_without_georeferencing_counts_pixels_with_rows_downwards_as_negative_y() -> None:
    # This is how QGIS shows such an image.
    assert UNLOCATED.window_of((10.0, -30.0, 15.0, -20.0)) == Window(20, 10, 10, 5)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 3.0, (0, 3)),
        (0.5, 2.5, (0, 3)),  # an edge upon a centre takes the pixel
        (0.50005, 2.49995, (0, 3)),  # also with the rounding of files
        (0.51, 2.49, (1, 2)),
        (-2.0, -1.0, (-2, -1)),
    ],
)
def test_pixels_between_two_edges_are_those_whose_centres_are(
    low: float, high: float, expected: tuple[int, int]
) -> None:
    assert centres_between(low, high) == expected
