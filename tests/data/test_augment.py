"""A sample can be laid in eight ways and lit otherwise; PAN and all bands alike."""

from __future__ import annotations

import numpy as np

from engine.data.augment import WAYS, Look
from engine.data.sample import STILL, Variation

SQUARE = np.arange(2 * 5 * 5).reshape(2, 5, 5)


def test_the_eight_ways_are_all_ways_to_lay_a_square() -> None:
    laid = {Look(way).laid(SQUARE).tobytes() for way in range(WAYS)}
    turns = [np.stack([np.rot90(band, way) for band in SQUARE]) for way in range(4)]
    assert laid == {image.tobytes() for turn in turns for image in (turn, turn[:, :, ::-1])}


def test_pan_is_laid_as_the_bands_are() -> None:
    for way in range(WAYS):
        assert np.array_equal(Look(way).laid(SQUARE[0]), Look(way).laid(SQUARE)[0])


def test_looks_are_drawn_from_all_ways_and_the_whole_range_of_brightness() -> None:
    random = np.random.default_rng(3)
    looks = [Look.drawn(Variation(brightness=(0.7, 1.3)), random) for _ in range(400)]
    assert {look.way for look in looks} == set(range(WAYS))
    brightness = [look.brightness for look in looks]
    assert 0.7 <= min(brightness) < 0.72 and 1.28 < max(brightness) <= 1.3
    assert Look.drawn(STILL, random) == Look()
