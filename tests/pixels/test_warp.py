"""An image read along a smooth field shows what lies there, whatever part of it is in memory."""

from __future__ import annotations

import numpy as np
import pytest

from engine.pixels.warp import REACH, nearest, warped

SIZE = 96


def waves(rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return a scene that is known between its pixels: waves of 7 to 20 pixels."""
    return np.asarray(
        np.sin(2 * np.pi * rows / 9.3) * np.cos(2 * np.pi * cols / 7.1) + 0.5 * np.sin(2 * np.pi * (rows + cols) / 20)
    )


def shift_at(rows: np.ndarray, cols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far (right, down) to look: up to a pixel, changing by 0.01 a pixel."""
    return 0.7 * np.sin(rows / 70 + cols / 90), 0.6 * np.cos(cols / 60)


ROWS, COLS = np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij")
IMAGE = waves(ROWS, COLS)[None]


def straightened(row: int, col: int, height: int, width: int, margin: int) -> np.ndarray:
    """Return a part of the image along the field, given that part and a margin around it alone."""
    covered = slice(row - margin, row + height + margin), slice(col - margin, col + width + margin)
    right, _ = shift_at(ROWS[covered[0], col : col + width], COLS[covered[0], col : col + width])
    _, down = shift_at(ROWS[row : row + height, col : col + width], COLS[row : row + height, col : col + width])
    return warped(IMAGE[(slice(None), *covered)], right, down, (margin, margin))


def test_an_image_along_a_field_shows_what_lies_there() -> None:
    inside = (slice(20, 70), slice(20, 70))
    right, down = shift_at(ROWS[inside], COLS[inside])
    expected = waves(ROWS[inside] + down, COLS[inside] + right)
    np.testing.assert_allclose(straightened(20, 20, 50, 50, REACH + 1)[0], expected, atol=0.02)


def test_a_part_gets_the_pixels_of_the_whole() -> None:
    whole = straightened(20, 20, 50, 50, REACH + 1)
    np.testing.assert_array_equal(straightened(33, 41, 17, 22, REACH + 1), whole[:, 13:30, 21:43])


def test_where_nothing_is_moved_nothing_changes() -> None:
    still = np.zeros((SIZE, SIZE))
    np.testing.assert_array_equal(warped(IMAGE, still, still, (0, 0)), IMAGE)


def test_detail_near_the_nyquist_frequency_is_kept_half_way_between_pixels() -> None:
    phase = 2 * np.pi * 0.42 * np.arange(SIZE)
    image = np.tile(np.cos(phase), (1, SIZE, 1))
    still = np.zeros((SIZE, SIZE))
    inside = slice(20, 70)
    moved = warped(image, still + 0.5, still, (0, 0))[0, 30, inside]
    np.testing.assert_allclose(moved, np.cos(phase + np.pi * 0.42)[inside], atol=0.1)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_type_of_the_image_stays(kind: type) -> None:
    still = np.zeros((SIZE, SIZE))
    assert warped(IMAGE.astype(kind), still + 0.3, still, (0, 0)).dtype == kind


def test_a_mask_goes_with_the_nearest_pixel() -> None:
    mask = np.zeros((4, 5), bool)
    mask[1, 2] = True
    still = np.zeros((4, 5))
    assert np.argwhere(nearest(mask, still + 0.6, still - 0.7, (0, 0))).tolist() == [[2, 1]]
    assert np.argwhere(nearest(mask, still[:, 1:], still[1:, 1:], (1, 1))).tolist() == [[0, 1]]
