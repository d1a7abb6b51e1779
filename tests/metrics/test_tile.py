"""Tiles hold what their windows need, and refuse to be measured when they do not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import EngineError, InputError, RequestError
from engine.metrics import noreference, reference, reprojection
from engine.metrics.tile import Part, Share, Stretch, Sums, Tile, tiles, total
from tests.golden_arrays import waves
from tests.metrics.tilings import over_tiles, speckled


@pytest.mark.parametrize("size", [32, 64, 37, 500])
def test_tiles_cover_every_pixel_of_the_scene_once(size: int) -> None:
    seen = np.zeros((100, 77), dtype=int)
    for tile in tiles(100, 77, size):
        held = seen[tile.outer]
        assert held.shape == tile.shape
        held[tile.core] += 1
    assert (seen == 1).all()


def test_arrays_of_a_tile_end_at_the_border_of_the_scene() -> None:
    tile = Tile(Stretch(100, 64, 96), Stretch(77, 0, 32, halo=5))
    assert tile.outer == (slice(32, 100), slice(0, 37))
    assert tile.core == (slice(32, 64), slice(0, 32))


@pytest.mark.parametrize(
    "measure",
    [
        reference.measure,
        lambda x, y, tile: noreference.measure(x, y, x[0], y[0], y, tile, block=24),
        lambda x, y, tile: reprojection.measure(x, y[0], 4, tile),
    ],
)
def test_a_tile_without_the_halo_its_windows_need_is_refused(measure: object) -> None:
    x, y = speckled(3, 100, 77)
    tile = Tile(Stretch(100, 32, 64, halo=1), Stretch(77, 32, 64, halo=1))
    with pytest.raises(RequestError, match="Read it with a halo of"):
        measure(x[(..., *tile.outer)], y[(..., *tile.outer)], tile)  # type: ignore[operator]


def test_arrays_that_do_not_fit_the_tile_are_refused() -> None:
    with pytest.raises(RequestError, match="same rows and columns"):
        Part.of([np.zeros((1, 40, 40))], Tile.whole(40, 41))
    with pytest.raises(RequestError, match="same rows and columns"):
        Part.of([np.zeros((1, 40, 40))], valid=np.ones((41, 40), dtype=bool))


def test_what_is_not_finite_is_not_valid() -> None:
    image = np.zeros((2, 3, 3), dtype=np.float32)
    image[1, 0, 2] = np.inf
    image[0, 1, 1] = np.nan
    valid = np.ones((3, 3), dtype=bool)
    valid[2, 2] = False
    found = Part.of([image], valid=valid).valid
    assert found is not None
    assert found.tolist() == [[True, True, False], [True, False, True], [True, True, False]]
    assert valid.sum() == 8  # the mask given is left as it was
    assert Part.of([np.zeros((2, 3, 3))], valid=np.ones((3, 3))).valid is None


def test_the_sum_of_no_tiles_says_that_there_is_nothing_to_compare() -> None:
    nothing: list[Sums] = []
    with pytest.raises(InputError, match="no pixel that is valid"):
        total(nothing)


def test_tiles_measured_with_different_settings_do_not_add_up() -> None:
    x, y = speckled(1, 40, 40)
    with pytest.raises(RequestError, match="peak of 2047 and of 1023"):
        total([reference.measure(x, y, peak=2047), reference.measure(x, y, peak=1023)])


def test_shares_add_up_and_nothing_at_all_is_left_out_entirely() -> None:
    assert (Share(1, 2) + Share(3, 6)).left_out == 0.5
    assert Share().left_out == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_numbers_do_not_depend_on_the_type_of_the_pixels(dtype: type) -> None:
    x, y = (np.clip(image, 0, 255) for image in speckled(3, 70, 70))
    plain = reference.measure(x, y, peak=255)
    typed = reference.measure(x.astype(dtype), y.astype(dtype), peak=255)
    assert typed.pixels.ergas(4) == plain.pixels.ergas(4)
    assert typed.q.mean() == plain.q.mean()
    assert typed.blocks.mean() == plain.blocks.mean()
    assert typed.edges.cosine() == plain.edges.cosine()
    assert typed.ssim.mean() == plain.ssim.mean()


def test_measuring_leaves_the_images_as_they_were() -> None:
    made = waves(4, 96)  # read-only arrays: writing raises
    over_tiles(reference.measure, [made.truth, made.fused], 64, peak=2047)
    noreference.measure(made.fused, made.ms_up, made.pan, made.pan, made.fused)
    reprojection.measure(made.fused, made.pan, 4)


def test_every_refusal_is_a_fact_and_a_remedy() -> None:
    with pytest.raises(EngineError, match="1 band, 9 x 9 pixels, and 4 bands, 9 x 9") as refusal:
        reference.measure(np.ones((1, 9, 9)), np.ones((4, 9, 9)))
    assert refusal.value.remedy
