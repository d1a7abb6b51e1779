"""What speaks against a place, compared with counting pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.cut import corners
from engine.data.images import Gaps
from engine.grid.pairing import Axis, Lattice
from engine.grid.window import Window
from engine.jobs.samples.placing import Tally, blank, first_reason, gapped, saturated, squares, texture, under

AREA = Window(5, 40, 60, 80)
PATCH = 16


def places() -> np.ndarray:
    return corners(AREA, PATCH, PATCH // 2)


def test_places_cover_an_area_and_stay_inside() -> None:
    found = places()
    assert found.min(axis=0).tolist() == [5, 40] and len(found) == 6 * 9
    assert (found + PATCH <= [AREA.row_end, AREA.col_end]).all()
    assert len(corners(Window(0, 0, 15, 90), PATCH, 8)) == 0


def test_sums_over_rectangles_are_those_of_numpy_also_beyond_the_image() -> None:
    image = np.random.default_rng(1).normal(size=AREA.shape)
    spans = squares(places() - 7, PATCH)
    found = Tally(image, AREA).over(spans)
    padded = np.pad(image, 32)
    for (row, col), total in zip(places() - 7, found):
        row, col = row - AREA.row + 32, col - AREA.col + 32
        assert total == pytest.approx(padded[row : row + PATCH, col : col + PATCH].sum(), abs=1e-9)


def test_texture_is_the_spread_of_the_liveliest_band() -> None:
    random = np.random.default_rng(2)
    image = np.stack([5000.0 + random.normal(0.0, spread, AREA.shape) for spread in (2.0, 30.0)]).astype(np.float32)
    found = texture(image, 100.0, AREA, places(), PATCH)
    for (row, col), told in zip(places() - [AREA.row, AREA.col], found):
        seen = image[:, row : row + PATCH, col : col + PATCH].astype(np.float64)
        assert told == pytest.approx(seen.std(axis=(1, 2)).max() / 100.0, rel=1e-6)


def test_a_missing_pixel_speaks_against_all_that_see_it(margin: int = 10) -> None:
    window = Window(0, 32, 80, 96)
    valid = np.ones(window.shape, bool)
    valid[33, 50] = False  # of the image, row 33, column 82
    gaps = Gaps.of(window, lambda tile: valid[tile.slices_in(window)])
    found = gapped(gaps, places(), PATCH, margin)
    row, col = places().T
    # It is known to a cell of 8 pixels: rows 32 to 39, columns 80 to 87.
    near = (row - margin < 40) & (row + PATCH + margin > 32) & (col - margin < 88) & (col + PATCH + margin > 80)
    assert np.array_equal(found, near) and found.any() and not found.all()
    assert not gapped(Gaps.none(window), places(), PATCH, margin).any()


def test_more_than_a_hundredth_of_pixels_at_the_top_is_too_much() -> None:
    image = np.zeros((2, *AREA.shape), np.float32)
    image[1, :3, 0] = 255.0  # 3 of 256 pixels of the first place; 2 of them are not too many
    image[0, :2, 32:33] = 255.0
    found = saturated(image, np.array([255.0, 255.0]), AREA, squares(places(), PATCH))
    assert found.nonzero()[0].tolist() == [0]
    assert not saturated(image, np.array([255.0, np.inf]), AREA, squares(places(), PATCH)).any()


def test_more_than_a_hundredth_of_pixels_of_0_in_all_bands_is_too_much() -> None:
    image = np.ones((2, *AREA.shape), np.float32)
    image[:, :3, 0] = 0.0
    image[0, :, 40:] = 0.0  # in one band alone: dark ground
    assert blank(image, np.zeros(2), AREA, squares(places(), PATCH)).nonzero()[0].tolist() == [0]
    assert blank(image, np.ones(2), AREA, squares(places(), PATCH)).any(), "where counts of 0 stand for 1"


def test_pixels_of_pan_under_a_place_are_found_at_any_ratio_and_offset() -> None:
    lattice = Lattice(Axis(1 / 4, -2.0), Axis(1 / 2.5, 0.5))
    (top, bottom), (left, right) = under(lattice, np.array([[10, 20]]), PATCH)
    assert (top[0], bottom[0]) == (48, 112)  # row 10 of MS begins where 10 = row / 4 - 2
    assert (left[0], right[0]) == (48, 89)  # 20 = col / 2.5 + 0.5 is col 48.75; 36 is 88.75


def test_of_several_reasons_the_first_counts() -> None:
    one, two = np.array([True, False, True, False]), np.array([True, True, False, False])
    good, counts = first_reason([("a", one), ("b", two), ("c", np.zeros(4, bool))])
    assert good.tolist() == [False, False, False, True] and counts == {"a": 2, "b": 1}
