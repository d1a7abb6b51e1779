"""How a pair is made coarser: what remains as the truth, and where coarse MS lies on it."""

from __future__ import annotations

import pytest

from engine.errors import PairingError
from engine.grid.coarsening import Coarsening, coarsen, truth_affine
from engine.grid.georef import Grid
from engine.grid.pairing import pair
from engine.grid.window import Window


def grid(width: int, height: int, step: float, left: float = 0.0, top: float = 0.0) -> Grid:
    return Grid(width, height, (left, step, 0.0, top, 0.0, -step), "")


def made(pan: Grid, ms: Grid) -> Coarsening:
    fit = pair(pan, ms)
    return coarsen(fit.lattice, fit.shared, ms.window, pan.affine is not None or ms.affine is not None)


def test_what_does_not_fill_a_coarse_pixel_is_dropped() -> None:
    result = made(grid(408, 400, 1.0), grid(102, 100, 4.0))
    assert result.truth == Window(0, 0, 100, 100) and result.coarse == Window(0, 0, 25, 25)
    result = made(grid(412, 396, 1.0), grid(103, 99, 4.0))
    assert result.truth == Window(0, 0, 96, 100) and result.coarse == Window(0, 0, 24, 25)


def test_the_truth_is_where_both_images_are() -> None:
    result = made(grid(400, 400, 1.0, 20.0, -8.0), grid(200, 200, 4.0))
    assert result.truth == Window(2, 5, 100, 100)
    assert made(grid(400, 400, 1.0), grid(50, 40, 4.0, 40.0, -80.0)).truth == Window(0, 0, 40, 48)


@pytest.mark.parametrize(("missing", "remain"), [(0.5, 24), (1.0, 23)])
def test_half_a_pan_pixel_may_be_missing_under_an_ms_pixel(missing: float, remain: int) -> None:
    result = made(grid(400, 400, 1.0, missing, -missing), grid(96, 96, 4.0))
    assert result.coarse.shape == (remain, remain)


def test_a_ratio_that_is_not_whole_stays_and_coarse_pixels_cover_the_truth() -> None:
    result = made(grid(420, 420, 1.0), grid(100, 100, 4.2))
    assert result.lattice.cols.ratio == pytest.approx(4.2)
    assert result.coarse.shape == (23, 23)
    assert result.truth.shape == (96, 96)  # 23 * 4.2 = 96.6
    assert result.affine_of_coarse((10.0, 4.2, 0.0, 5.0, 0.0, -4.2)) == pytest.approx((10, 17.64, 0, 5, 0, -17.64))


def test_the_axes_may_have_ratios_of_their_own() -> None:
    ms = Grid(100, 60, (0.0, 3.0, 0.0, 0.0, 0.0, -5.0), "")
    result = made(grid(300, 300, 1.0), ms)
    assert result.truth == Window(0, 0, 60, 99) and result.coarse == Window(0, 0, 12, 33)


def test_a_rounded_geotransform_does_not_cost_a_pixel() -> None:
    step = 0.000069444  # of 1/14400 degree, cut after nine digits
    result = made(grid(4096, 4096, step), grid(1024, 1024, 0.00027777))
    assert result.lattice.rows.ratio == 4.0 and result.truth.shape == (1024, 1024)


def test_coarse_pixels_are_centred_on_the_pixels_they_hold() -> None:
    result = made(grid(400, 400, 1.0, 20.0, -8.0), grid(200, 200, 4.0))
    assert result.lattice.cols.to_pan(0, 3).tolist() == [6.5, 10.5, 14.5]
    assert result.lattice.rows.to_pan(0, 2).tolist() == [3.5, 7.5]


def test_without_georeferencing_the_sizes_tell_the_ratio() -> None:
    result = made(Grid(384, 385, None, ""), Grid(96, 96, None, ""))
    assert (result.truth.width / result.coarse.width, result.truth.height / result.coarse.height) == (4.0, 4.0)
    uneven = made(Grid(420, 420, None, ""), Grid(100, 100, None, ""))
    assert uneven.truth.width / uneven.coarse.width == uneven.lattice.cols.ratio


def test_images_of_one_pixel_size_cannot_be_degraded() -> None:
    with pytest.raises(PairingError, match="no ratio to degrade by"):
        made(grid(100, 100, 1.0), grid(100, 100, 1.0))


def test_less_than_one_coarse_pixel_is_refused() -> None:
    with pytest.raises(PairingError, match="share less than one pixel"):
        made(grid(12, 400, 1.0), grid(3, 100, 4.0))


def test_the_truth_is_located_by_ms_and_else_by_pan() -> None:
    pan, ms = grid(400, 400, 1.0, 20.0, -8.0), grid(200, 200, 4.0)
    fit = pair(pan, ms)
    assert truth_affine(fit.lattice, pan, ms, Window(2, 5, 9, 9)) == (20.0, 4.0, 0.0, -8.0, 0.0, -4.0)
    unlocated = Grid(100, 100, None, "")
    by_size = pair(pan, unlocated)
    assert truth_affine(by_size.lattice, pan, unlocated, Window(1, 2, 9, 9)) == pytest.approx((28, 4, 0, -12, 0, -4))
    assert truth_affine(by_size.lattice, unlocated, unlocated, Window(0, 0, 9, 9)) is None
