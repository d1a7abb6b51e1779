"""Holding an image to its MS: what the optics hide stays as it is, what they show comes back, gaps say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from engine.grid.pairing import Axis, Lattice
from engine.grid.patch import Patch
from engine.grid.window import Window
from engine.methods.held import halo, missed
from engine.methods.optics import Optics
from tests.pairs import gaussian_width, scene

Floats = npt.NDArray[Any]

BANDS = 3
GAINS = (0.25, 0.3, 0.35)
OPTICS = Optics(GAINS, 0.15, "polynomial")
KINDS = [(4.0, 0.0), (2.5, 0.75), (2.0, -0.5)]


def truth_and_patch(ratio: float, start: float, side: int = 160) -> tuple[Floats, Patch]:
    """Return an image and the pair that sensors make of it, MS beginning `start` PAN pixels right of and below PAN."""
    truth, pan = scene(side, BANDS, 5)
    places = (np.arange(int(side / ratio)) + 0.5) * ratio - 0.5 + start
    ms = np.stack([sensed(band, gaussian_width(gain, ratio), places) for band, gain in zip(truth, GAINS)])
    axis = Axis(1.0 / ratio, -start / ratio)
    window = Window(0, 0, side, side)
    return truth, Patch(window, Lattice(axis, axis), window, pan, Window(0, 0, *ms.shape[1:]), ms)


def sensed(image: Floats, width: float, places: Floats) -> Floats:
    """Return an image through optics, at places along both axes; it is so smooth by then that splines are exact."""
    blurred = ndimage.gaussian_filter(image, width, mode="nearest", truncate=6.0)
    return np.asarray(ndimage.map_coordinates(blurred, np.meshgrid(places, places, indexing="ij"), order=5))


def inside(image: Floats, margin: int = 24) -> Floats:
    return image[..., margin:-margin, margin:-margin]


@pytest.mark.parametrize(("ratio", "start"), KINDS)
def test_of_the_image_that_ms_was_made_of_nothing_is_missed(ratio: float, start: float) -> None:
    truth, patch = truth_and_patch(ratio, start)
    spread = inside(truth).std(axis=(1, 2))
    assert (np.abs(inside(missed(OPTICS, patch, truth, patch.window))).max(axis=(1, 2)) < 0.02 * spread).all()


@pytest.mark.parametrize(("ratio", "start"), KINDS)
def test_brightness_that_was_lost_comes_back_whole_and_each_band_gets_its_own(ratio: float, start: float) -> None:
    truth, patch = truth_and_patch(ratio, start)
    lost = np.array([5.0, 0.0, -2.0])
    found = inside(missed(OPTICS, patch, truth - lost[:, None, None], patch.window))
    spread = inside(truth).std()
    np.testing.assert_allclose(found, np.broadcast_to(lost[:, None, None], found.shape), atol=0.02 * spread)


@pytest.mark.parametrize(("ratio", "start"), KINDS)
def test_a_structure_that_was_lost_comes_back_where_it_was(ratio: float, start: float) -> None:
    truth, patch = truth_and_patch(ratio, start)
    rows, cols = np.mgrid[: truth.shape[1], : truth.shape[2]] / (8.0 * ratio)
    lost = 20.0 * np.sin(2.0 * np.pi * rows) * np.cos(2.0 * np.pi * cols)
    found = missed(OPTICS, patch, truth - lost, patch.window)
    for band in inside(found):
        slope = (band * inside(lost)).sum() / (inside(lost) ** 2).sum()
        # By two gains at a quarter of the Nyquist frequency of MS, and what interpolation takes.
        assert 0.82 < slope < 0.95
        assert np.corrcoef(band.ravel(), inside(lost).ravel())[0, 1] > 0.999


def test_detail_that_ms_cannot_show_is_left_alone() -> None:
    truth, patch = truth_and_patch(4.0, 0.0)
    checks = 50.0 * ((np.indices(truth.shape[1:]).sum(axis=0) % 2) - 0.5)
    plain, finer = (missed(OPTICS, patch, image, patch.window) for image in (truth, truth + checks))
    assert np.abs(inside(finer - plain)).max() < 0.1


@pytest.mark.parametrize(("ratio", "start"), KINDS)
def test_a_window_needs_no_more_around_it_than_it_says(ratio: float, start: float) -> None:
    truth, patch = truth_and_patch(ratio, start)
    made = truth - 3.0
    window = Window(55, 49, 40, 51)
    part = replace(patch, window=window)
    whole = missed(OPTICS, part, made, patch.window)
    around = window.grown(halo(OPTICS, patch.lattice))
    rows, cols = around.slices_in(patch.window)
    np.testing.assert_array_equal(missed(OPTICS, part, made[:, rows, cols], around), whole)
    less = window.grown(halo(OPTICS, patch.lattice) // 2)
    rows, cols = less.slices_in(patch.window)
    assert np.abs(missed(OPTICS, part, made[:, rows, cols], less) - whole).max() > 1e-6


def test_what_is_not_valid_is_not_missed() -> None:
    truth, patch = truth_and_patch(4.0, 0.0)
    ms_valid = np.ones(patch.ms.shape[1:], bool)
    ms_valid[10:25, 10:25] = False
    pan_valid = np.ones(truth.shape[1:], bool)
    pan_valid[40:100, 40:100] = False  # the same place
    for masks in ({"ms_valid": ms_valid}, {"pan_valid": pan_valid}):
        masked = replace(patch, **masks)  # type: ignore[arg-type]
        found = missed(OPTICS, masked, truth - 10.0, patch.window)
        assert not found[:, 52:88, 52:88].any()
        np.testing.assert_allclose(found[:, 24:30, 24:130], 10.0, atol=0.5)
        garbage = replace(masked, ms=np.where(ms_valid, patch.ms, 1e6))
        if "ms_valid" in masks:
            np.testing.assert_array_equal(missed(OPTICS, garbage, truth - 10.0, patch.window), found)
