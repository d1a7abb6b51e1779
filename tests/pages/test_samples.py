"""Samples are shown at the stretch of the truth, with errors that mean something."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Optional

import numpy as np
import pytest

from engine.pages.evaluation import Picture
from engine.pages.samples import looks, view

RAMP = np.broadcast_to(np.linspace(100.0, 200.0, 101), (1, 101, 101)).copy()


def pixels(picture: Optional[Picture]) -> Any:
    """Return the bytes of a PNG as `png` writes it: one IDAT, no filter."""
    assert picture is not None
    start = picture.data.index(b"IDAT")
    (length,) = struct.unpack(">I", picture.data[start - 4 : start])
    rows = zlib.decompress(picture.data[start + 4 : start + 4 + length])
    return np.frombuffer(rows, np.uint8).reshape(picture.height, -1)[:, 1:]


def test_all_images_have_the_stretch_of_the_truth() -> None:
    made = view(RAMP[0], RAMP, [("as it is", RAMP), ("brighter", RAMP + 49.0), ("far too bright", RAMP * 3)], (0,))
    shown = {name: pixels(picture) for name, picture, _ in made.images}
    np.testing.assert_array_equal(shown["as it is"], shown["Truth"])
    # One per cent on each side is cut off: from 101 to 199, so that 49 are half of what is shown.
    middle = shown["Truth"][0, 50]
    assert middle == 128 and shown["brighter"][0, 25] == pytest.approx(middle + 62, abs=2)
    assert (shown["far too bright"] == 255).all()


def test_errors_are_shares_of_the_span_that_is_shown() -> None:
    made = view(RAMP[0], RAMP, [("off", RAMP + 9.8)], (0,))
    error = made.images[1][2]
    assert error is not None and error.high == pytest.approx(10.0) and error.unit == "%"


def test_errors_of_all_images_share_the_scale_of_the_first() -> None:
    made = view(RAMP[0], RAMP, [("MS", RAMP + 9.8), ("missing", None), ("worse", RAMP + 98.0)], (0,))
    (_, _, first), (_, picture, none), (_, _, last) = made.images[1:4]
    assert first is not None and last is not None and first.high == last.high
    assert picture is None and none is None


def test_three_bands_are_red_green_and_blue() -> None:
    truth = np.stack([RAMP[0], RAMP[0].T, RAMP[0, ::-1].T])
    made = view(RAMP[0], truth, [], (2, 1, 0))
    image = pixels(made.images[-1][1]).reshape(101, 101, 3)
    assert image[50, 0, 2] == 0 and image[50, 100, 2] == 255  # blue grows to the right
    assert image[0, 50, 1] == 0 and image[100, 50, 1] == 255  # green downwards


def test_large_samples_are_shown_by_their_middle() -> None:
    truth = np.zeros((1, 300, 200))
    truth[:, 86:214, 36:164] = np.random.default_rng(0).uniform(1.0, 2.0, (1, 128, 128))
    made = view(truth[0], truth, [], (0,))
    picture = made.images[-1][1]
    assert picture is not None and (picture.width, picture.height) == (128, 128)
    assert pixels(picture).std() > 50


def test_flat_samples_can_be_shown() -> None:
    flat = np.full((2, 8, 8), 3.0)
    assert "img" in looks(view(flat[0], flat, [("MS", flat)], (0,)))


@pytest.mark.filterwarnings("error")
def test_what_a_network_makes_that_is_no_number_is_shown_all_the_same() -> None:
    for value in (np.nan, np.inf, -np.inf):
        spoilt = RAMP.copy()
        spoilt[:, 0, 0] = value
        made = view(RAMP[0], RAMP, [("MS", RAMP + 9.8), ("The model", spoilt)], (0,))
        assert "The model" in looks(made)
        np.testing.assert_array_equal(pixels(made.images[2][1])[1:], pixels(made.images[-1][1])[1:])
