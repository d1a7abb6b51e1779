"""Windows are rectangles of whole pixels that may lie anywhere."""

from __future__ import annotations

import numpy as np

from engine.grid.window import Window


def test_a_window_knows_its_ends_and_its_shape() -> None:
    window = Window(2, -3, 4, 5)
    assert (window.row_end, window.col_end, window.shape) == (6, 2, (4, 5))


def test_growing_reaches_out_on_every_side() -> None:
    assert Window(2, 3, 4, 5).grown(2) == Window(0, 1, 8, 9)


def test_moving_changes_the_place_and_not_the_size() -> None:
    assert Window(2, 3, 4, 5).moved(-2, 10) == Window(0, 13, 4, 5)


def test_clipping_gives_what_two_windows_share() -> None:
    assert Window(-2, -2, 6, 6).clipped(Window(0, 1, 10, 2)) == Window(0, 1, 4, 2)


def test_windows_that_do_not_meet_share_nothing() -> None:
    apart = Window(0, 0, 4, 4).clipped(Window(4, 0, 4, 4))
    assert apart.is_empty
    assert min(apart.shape) == 0


def test_windows_apart_on_both_axes_share_no_negative_area() -> None:
    assert Window(0, 0, 2, 2).clipped(Window(9, 9, 2, 2)).shape == (0, 0)


def test_the_spanning_window_holds_both() -> None:
    assert Window(0, 5, 2, 2).spanning(Window(3, -1, 1, 1)) == Window(0, -1, 4, 8)


def test_slices_find_a_window_in_an_array_of_a_larger_one() -> None:
    outer = Window(10, 20, 6, 7)
    array = np.add.outer(np.arange(10, 16) * 100, np.arange(20, 27))
    assert array[Window(12, 23, 2, 1).slices_in(outer)].tolist() == [[1223], [1323]]
