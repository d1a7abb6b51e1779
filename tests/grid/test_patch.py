"""A patch finds its own pixels within the arrays that reach further."""

from __future__ import annotations

import numpy as np

from engine.grid.pairing import Axis, Lattice
from engine.grid.patch import Patch
from engine.grid.window import Window

LATTICE = Lattice(Axis(0.25, 0.0), Axis(0.25, 0.0))


def patch(window: Window, ms_window: Window) -> Patch:
    pan_window = window.grown(3)
    rows = np.arange(pan_window.row, pan_window.row_end)
    cols = np.arange(pan_window.col, pan_window.col_end)
    pan = 1000.0 * rows[:, None] + cols
    return Patch(window, LATTICE, pan_window, pan, ms_window, np.zeros((1, *ms_window.shape)))


def test_the_core_of_pan_is_the_window_without_its_halo() -> None:
    core = patch(Window(8, 4, 2, 3), Window(0, 0, 8, 8)).pan_core
    assert core.tolist() == [[8004.0, 8005.0, 8006.0], [9004.0, 9005.0, 9006.0]]


def test_ms_centres_are_those_in_the_window() -> None:
    # Centres of MS pixel k lie at 4 k + 2, so 8 to 17 holds those of 2 and 3 and not that of 4.
    assert patch(Window(8, 8, 9, 10), Window(0, 0, 8, 8)).ms_centres == Window(2, 2, 2, 2)


def test_ms_centres_that_are_not_in_memory_are_left_out() -> None:
    assert patch(Window(8, 8, 32, 32), Window(0, 0, 5, 4)).ms_centres == Window(2, 2, 3, 2)
