"""Imagery is kept in memory only where there is room, and patches keep away from gaps."""

from __future__ import annotations

from typing import Optional

import numpy as np
import pytest

from engine.data.images import Gaps, Image, Memory, Places
from engine.grid.patch import Floats, Mask
from engine.grid.window import Window

WHOLE = Window(0, 0, 100, 120)
PIXELS = np.arange(2 * 100 * 120, dtype=np.float64).reshape(2, 100, 120)
SIZE_MB = 2 * 100 * 120 * 4 / 1024**2


class File:
    """Stands in for a reader, and counts."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self, window: Window) -> tuple[Floats, Optional[Mask]]:
        self.reads += 1
        rows, cols = window.slices_in(WHOLE)
        return PIXELS[:, rows, cols], None


@pytest.mark.parametrize(("megabytes", "reads"), [(SIZE_MB, 1), (SIZE_MB * 0.99, 2)])
def test_an_image_is_read_once_where_it_fits_and_by_windows_where_not(megabytes: float, reads: int) -> None:
    file = File()
    image = Image(file.read, WHOLE, 2, Memory(megabytes))
    for _ in range(2):
        got = image(Window(5, 7, 3, 4))
        assert got.dtype == np.float32 and np.array_equal(got, PIXELS[:, 5:8, 7:11])
    assert file.reads == reads


def test_memory_is_shared_by_all_who_ask() -> None:
    memory, files = Memory(SIZE_MB * 2.5), [File() for _ in range(3)]
    images = [Image(file.read, WHOLE, 2, memory) for file in files]
    for image in images:
        image(WHOLE)
        image(WHOLE)
    assert [file.reads for file in files] == [1, 1, 2]


def test_without_gaps_a_patch_may_begin_anywhere_and_only_inside() -> None:
    random = np.random.default_rng(0)
    for area, rows, cols in (
        (Window(3, 5, 40, 30), range(3, 16), range(5, 8)),
        (Window(0, 0, 36, 36), range(9), range(9)),  # the last cell holds a single place
    ):
        places = Places(area, 28, 4, Gaps.none(Window(0, 0, 60, 60)))
        seen = {(window.row, window.col) for window in (places.draw(random) for _ in range(2000))}
        assert seen == {(row, col) for row in rows for col in cols}


def test_each_place_is_as_likely_as_any_other() -> None:
    places, random = Places(Window(0, 0, 20, 20), 9, 0, Gaps.none(Window(0, 0, 20, 20))), np.random.default_rng(0)
    rows = np.bincount([places.draw(random).row for _ in range(6000)], minlength=12)
    assert np.abs(rows - 500).max() < 5 * np.sqrt(500)


def test_no_patch_nor_what_is_around_it_touches_a_gap() -> None:
    random = np.random.default_rng(2)
    valid = np.ones((300, 260), bool)
    for row, col in random.integers(0, 260, (6, 2)):
        valid[row : row + 3, col : col + 2] = False
    valid[:, 250:] = False
    area = Window(10, 10, 280, 240)
    gaps = Gaps.of(Window(0, 0, 300, 260), lambda window: valid[window.slices_in(Window(0, 0, 300, 260))])
    places = Places(area, 40, 10, gaps)
    windows = [places.draw(random) for _ in range(500)]
    for window in (*windows, *places.spread(5)):
        assert window.clipped(area) == window
        assert valid[window.grown(10).clipped(Window(0, 0, 300, 260)).slices_in(Window(0, 0, 300, 260))].all()
    exact = sum(
        bool(valid[max(0, row - 10) : row + 50, max(0, col - 10) : col + 50].all())
        for row in range(10, 251)
        for col in range(10, 211)
    )
    assert exact > 1000
    assert len({(window.row, window.col) for window in windows}) > 100  # cells are coarse, but leave most of it


def test_gaps_of_a_large_image_are_found_in_every_tile() -> None:
    bad = {(0, 0), (1023, 1024), (1500, 2000), (2999, 7)}

    def valid(window: Window) -> Optional[Mask]:
        mask = np.ones(window.shape, bool)
        for row, col in bad:
            if not window.clipped(Window(row, col, 1, 1)).is_empty:
                mask[row - window.row, col - window.col] = False
        return None if mask.all() else mask

    gaps = Gaps.of(Window(0, 0, 3000, 2100), valid)
    assert set(zip(*np.nonzero(gaps.cells))) == {(row // 8, col // 8) for row, col in bad}


def test_where_nothing_is_left_there_are_no_places() -> None:
    gaps = Gaps.of(Window(0, 0, 64, 64), lambda window: np.zeros(window.shape, bool))
    assert Places(Window(0, 0, 64, 64), 16, 0, gaps).is_empty


def test_spread_patches_lie_apart_and_all_over() -> None:
    area = Window(0, 0, 640, 640)
    windows = Places(area, 64, 10, Gaps.none(area)).spread(12)
    assert len(windows) == 12
    assert all(one == other or one.clipped(other).is_empty for one in windows for other in windows)
    for side in ("row", "col"):
        thirds = {getattr(window, side) // 214 for window in windows}
        assert thirds == {0, 1, 2}
    many = Places(area, 64, 10, Gaps.none(area)).spread(1000)
    assert len(many) > 40
    assert all(one == other or one.clipped(other).is_empty for one in many for other in many)
