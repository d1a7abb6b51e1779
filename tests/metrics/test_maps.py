"""Maps of tiles fit together and show where an image errs."""

from __future__ import annotations

import numpy as np

from engine.metrics.hypercomplex import q2n_blocks
from engine.metrics.maps import error_map, quality_map
from engine.metrics.tile import tiles
from tests.metrics.tilings import gaps, speckled


def test_the_error_map_is_the_error_relative_to_each_bands_mean() -> None:
    truth = np.stack([np.full((3, 4), 100.0), np.full((3, 4), 1000.0)])
    image = truth.copy()
    image[0, 1, 2] -= 10
    image[1, 1, 2] += 300
    found = error_map(truth, image, np.array([100, 1000]))
    assert found.dtype == np.float32
    assert found[1, 2] == 20
    assert np.count_nonzero(found) == 1


def test_a_band_without_a_mean_is_left_out_of_the_error_map() -> None:
    truth, image = np.zeros((2, 3, 3)), np.ones((2, 3, 3))
    assert (error_map(truth, image, np.array([0, 50])) == 2).all()
    assert np.isnan(error_map(truth, image, np.array([0, 0]))).all()


def test_maps_of_tiles_fit_together_and_show_gaps() -> None:
    truth, image = speckled(3, 100, 77)
    valid = gaps(100, 77)
    means = truth.mean(axis=(1, 2))
    whole = error_map(truth, image, means, valid=valid)
    assert (np.isnan(whole) == ~valid).all()
    blocks = quality_map(truth, image, valid=valid)
    assert blocks.shape == (4, 3)
    errors, quality = np.full((100, 77), -1.0, dtype=np.float32), np.full((4, 3), -9.0)
    for tile in tiles(100, 77, 64):
        parts = truth[(..., *tile.outer)], image[(..., *tile.outer)]
        place = tuple(slice(axis.start, axis.stop) for axis in (tile.rows, tile.cols))
        errors[place] = error_map(*parts, means, tile, valid[tile.outer])
        first = tuple(axis.start // 32 for axis in (tile.rows, tile.cols))
        part = quality_map(*parts, tile, valid[tile.outer])
        quality[first[0] : first[0] + part.shape[0], first[1] : first[1] + part.shape[1]] = part
    np.testing.assert_array_equal(errors, whole)
    np.testing.assert_allclose(quality, blocks, rtol=1e-12)


def test_the_quality_map_holds_q2n_of_each_block_and_none_for_one_with_a_gap() -> None:
    truth, image = speckled(4, 64, 96)
    valid = np.ones((64, 96), dtype=bool)
    valid[40, 70] = False
    found = quality_map(truth, image, valid=valid)
    assert np.isnan(found).tolist() == [[False] * 3, [False, False, True]]
    np.testing.assert_array_equal(found.ravel()[:5], q2n_blocks(truth, image)[:5])
