"""How MS lies under PAN: for every ratio and offset, and in words where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import PairingError
from engine.grid.georef import Grid
from engine.grid.pairing import Axis, Lattice, pair
from engine.grid.window import Window

LEFT, TOP = 500_000.0, 5_000_000.0


def grid(width: int, height: int, pixel: float, left: float = LEFT, top: float = TOP, tall: float = 0.0) -> Grid:
    return Grid(width, height, (left, pixel, 0.0, top, 0.0, -(tall or pixel)), "")


def map_x(place: Grid, col: float) -> float:
    assert place.affine is not None
    return place.affine[0] + place.affine[1] * col


def map_y(place: Grid, row: float) -> float:
    assert place.affine is not None
    return place.affine[3] + place.affine[5] * row


RATIOS = {
    "1": (grid(64, 64, 10.0), grid(64, 64, 10.0)),
    "1.5": (grid(60, 60, 10.0), grid(40, 40, 15.0)),
    "4.2": (grid(84, 84, 0.5), grid(20, 20, 2.1)),
    "16": (grid(160, 160, 1.0), grid(10, 10, 16.0)),
    "anisotropic": (grid(80, 60, 1.0, tall=2.0), grid(20, 20, 4.0, tall=6.0)),
    "Landsat: half a PAN pixel up and left": (
        grid(200, 200, 15.0, LEFT + 7.5, TOP - 7.5),
        grid(101, 101, 30.0, LEFT, TOP),
    ),
    "off by any fraction": (grid(100, 100, 0.5, LEFT + 3.3, TOP - 7.7), grid(40, 40, 2.0, LEFT, TOP)),
    "south-up": (
        Grid(64, 64, (LEFT, 1.0, 0.0, TOP, 0.0, 1.0), ""),
        Grid(20, 20, (LEFT - 3.0, 4.0, 0.0, TOP - 5.0, 0.0, 4.0), ""),
    ),
    "in degrees": (grid(400, 400, 1 / 7200, 15.1, 45.2), grid(110, 110, 1 / 1800, 15.09, 45.21)),
}


@pytest.mark.parametrize("name", RATIOS)
def test_a_pan_pixel_lies_on_the_ms_pixel_that_lies_on_the_same_ground(name: str) -> None:
    pan, ms = RATIOS[name]
    lattice = pair(pan, ms).lattice
    for start, count in ((0, 5), (-7, 3), (40, 20)):
        along_x = lattice.cols.to_ms(start, count)
        along_y = lattice.rows.to_ms(start, count)
        for step in range(count):
            tolerance = 1e-6 * ms.pixel_size[0]
            assert abs(map_x(ms, along_x[step] + 0.5) - map_x(pan, start + step + 0.5)) < tolerance
            assert abs(map_y(ms, along_y[step] + 0.5) - map_y(pan, start + step + 0.5)) < tolerance


@pytest.mark.parametrize("name", RATIOS)
def test_ms_centres_fall_on_pan_where_pan_falls_on_ms(name: str) -> None:
    lattice = pair(*RATIOS[name]).lattice
    for axis in (lattice.rows, lattice.cols):
        there = axis.to_pan(-3, 12)
        back = axis.scale * (there + 0.5) + axis.offset - 0.5
        np.testing.assert_allclose(back, np.arange(-3, 9), atol=1e-9)


@pytest.mark.parametrize("name", RATIOS)
def test_windows_that_tile_pan_share_the_ms_centres_without_gap_or_overlap(name: str) -> None:
    axis = pair(*RATIOS[name]).lattice.rows
    edges = [-9, -2, 0, 1, 2, 3, 7, 16, 30, 31, 60]
    seen: list[int] = []
    for start, end in zip(edges, edges[1:]):
        seen += range(*axis.ms_span(start, end - start))
    assert seen == list(range(*axis.ms_span(-9, 69)))


@pytest.mark.parametrize("name", RATIOS)
def test_the_cell_under_a_pan_centre_is_within_half_an_ms_pixel_of_it(name: str) -> None:
    axis = pair(*RATIOS[name]).lattice.cols
    assert (np.abs(axis.to_ms(-5, 60) - axis.ms_cells(-5, 60)) <= 0.5 + 1e-6).all()


@pytest.mark.parametrize("name", RATIOS)
def test_the_ms_window_covers_the_pan_window_and_its_margin(name: str) -> None:
    lattice = pair(*RATIOS[name]).lattice
    window = Window(3, 5, 11, 13)
    for margin in (0, 4):
        ms = lattice.ms_window(window, margin)
        # Edges of pixels, not their centres: nothing of the window may stick out.
        low, high = lattice.cols.scale * 5 + lattice.cols.offset, lattice.cols.scale * 18 + lattice.cols.offset
        assert ms.col <= low - margin + 1e-6
        assert ms.col_end >= high + margin - 1e-6
        assert ms.col_end - ms.col <= np.ceil(high - low) + 2 * margin + 1  # and no more than that


@pytest.mark.parametrize("name", RATIOS)
def test_the_pan_window_covers_the_ms_window_and_its_margin(name: str) -> None:
    lattice = pair(*RATIOS[name]).lattice
    pan = lattice.pan_window(Window(2, 3, 4, 5), 2)
    first, last = lattice.rows.to_pan(2, 4)[[0, -1]]
    half = lattice.rows.ratio / 2
    assert pan.row <= first + 0.5 - half - 2 + 1e-6
    assert pan.row_end >= last + 0.5 + half + 2 - 1e-6


def test_the_ratio_of_an_anisotropic_pair_is_told_for_each_axis() -> None:
    lattice = pair(*RATIOS["anisotropic"]).lattice
    assert (lattice.rows.ratio, lattice.cols.ratio) == pytest.approx((3.0, 4.0))
    assert lattice.ratio == pytest.approx(12.0**0.5)


def test_a_landsat_pair_is_off_by_a_quarter_of_an_ms_pixel() -> None:
    # Half a PAN pixel of 15 m is a quarter of an MS pixel of 30 m: PAN pixel 0 and MS pixel 0 share their centre.
    axis = pair(*RATIOS["Landsat: half a PAN pixel up and left"]).lattice.cols
    assert axis.offset == pytest.approx(0.25)
    np.testing.assert_allclose(axis.to_ms(0, 3), [0.0, 0.5, 1.0], atol=1e-12)


def test_the_shared_window_is_the_pan_pixels_that_have_ms_under_their_centres() -> None:
    pan, ms = grid(100, 100, 1.0), grid(10, 5, 4.0, LEFT + 10.4, TOP - 20.6)
    found = pair(pan, ms)
    assert found.shared == Window(21, 10, 20, 40)  # row 20's centre at 20.5 is above the MS edge at 20.6
    assert "8.0%" in found.notes[0]


def test_ms_that_covers_all_of_pan_is_nothing_to_note() -> None:
    found = pair(grid(100, 100, 1.0), grid(40, 40, 4.0, LEFT - 8.0, TOP + 8.0))
    assert found.shared == Window(0, 0, 100, 100)
    assert found.notes == found.warnings == ()


def test_the_spanned_window_holds_both_images() -> None:
    found = pair(grid(100, 100, 1.0), grid(10, 10, 4.0, LEFT - 8.0, TOP + 12.0))
    assert found.spanned == Window(-12, -8, 112, 108)
    assert found.shared == Window(0, 0, 28, 32)


def test_images_of_other_places_are_refused_with_both_corners() -> None:
    with pytest.raises(PairingError, match=r"do not overlap.*same place") as caught:
        pair(grid(10, 10, 1.0), grid(10, 10, 4.0, LEFT + 1000.0))
    assert "501000" in caught.value.fact


@pytest.mark.parametrize("pan_pixel", [1.05, 4.0])
def test_a_pan_coarser_than_ms_is_taken_for_swapped_images(pan_pixel: float) -> None:
    with pytest.raises(PairingError, match="swapped"):
        pair(grid(100, 100, pan_pixel), grid(100, 100, 1.0))


def test_pan_must_be_the_finer_one_on_both_axes() -> None:
    with pytest.raises(PairingError, match="swapped"):
        pair(grid(100, 100, 1.0, tall=5.0), grid(50, 50, 4.0))


def test_a_ratio_of_one_with_the_rounding_of_files_is_one() -> None:
    assert pair(grid(100, 100, 1.00005), grid(100, 100, 1.0)).lattice.ratio == pytest.approx(1.0, abs=1e-3)


def test_a_ratio_above_16_is_refused() -> None:
    with pytest.raises(PairingError, match="17 PAN pixels"):
        pair(grid(170, 170, 1.0), grid(10, 10, 17.0))


@pytest.mark.parametrize("which", ["PAN", "MS"])
def test_a_rotated_grid_is_refused_by_name(which: str) -> None:
    straight = {"PAN": grid(40, 40, 1.0), "MS": grid(10, 10, 4.0)}
    turned = Grid(straight[which].width, 40, (LEFT, 0.9, 0.1, TOP, 0.1, -0.9), "")
    with pytest.raises(PairingError, match=f"{which} image .*rotated.*gdalwarp"):
        pair(**{name.lower(): turned if name == which else place for name, place in straight.items()})


def test_one_south_up_image_in_a_pair_is_refused() -> None:
    with pytest.raises(PairingError, match="south to north"):
        pair(grid(40, 40, 1.0), Grid(10, 10, (LEFT, 4.0, 0.0, TOP - 40.0, 0.0, 4.0), ""))


@pytest.mark.parametrize(
    ("pan", "ms", "ratio"),
    [((400, 400), (100, 100), 4.0), ((401, 403), (100, 101), 4.0), ((150, 150), (100, 100), 1.5)],
)
def test_without_georeferencing_the_same_footprint_is_assumed_and_said(
    pan: tuple[int, int], ms: tuple[int, int], ratio: float
) -> None:
    found = pair(Grid(*pan, None, ""), Grid(*ms, None, ""))
    assert found.lattice.ratio == pytest.approx(ratio, rel=0.01)
    assert found.shared == Window(0, 0, pan[1], pan[0])
    assert "Neither image is georeferenced" in found.warnings[0]


@pytest.mark.parametrize("located", ["PAN", "MS"])
def test_one_georeferenced_image_is_not_enough_and_the_other_is_named(located: str) -> None:
    pan = grid(40, 40, 1.0) if located == "PAN" else Grid(40, 40, None, "")
    ms = grid(10, 10, 4.0) if located == "MS" else Grid(10, 10, None, "")
    found = pair(pan, ms)
    assert found.lattice == Lattice(Axis(0.25, 0.0), Axis(0.25, 0.0))
    assert ("MS" if located == "PAN" else "PAN") + " is not georeferenced" in found.warnings[0]


def test_sizes_that_cannot_be_the_same_footprint_are_refused() -> None:
    with pytest.raises(PairingError, match=r"400 x 400 pixels and MS 100 x 50.*footprint.*Georeference"):
        pair(Grid(400, 400, None, ""), Grid(100, 50, None, ""))


def test_ms_larger_than_pan_is_refused_without_georeferencing_too() -> None:
    with pytest.raises(PairingError, match="swapped"):
        pair(Grid(100, 100, None, ""), Grid(400, 400, None, ""))
