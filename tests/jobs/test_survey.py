"""Who took the pair, how blurred MS is and how it should be shown: found out, or said not to be known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from scipy import ndimage

from engine.events import Warned
from engine.jobs.pipeline import Crew
from engine.jobs.sharpen import sharpen
from engine.jobs.survey import Survey, display_of, look
from engine.raster.scene import opened
from engine.request import DescribeRequest
from tests import pairs, rasters
from tests.pairs import Pair, write_pair


def survey(pan: str, *ms: str, sensor: str = "auto", **changes: Any) -> Survey:
    with opened(DescribeRequest(pan, ms, **changes)) as scene, Crew(2) as crew:
        signs = [sign for sign in look(scene, sensor, "polynomial", crew) if sign is not None]
    assert len(signs) == 1
    return signs[0].result


def test_the_blur_of_an_unknown_sensor_is_estimated_from_the_pair(plain: Pair) -> None:
    found = survey(plain.pan, plain.ms)
    assert not found.identity.known
    assert found.optics.gains == pytest.approx([pairs.MS_GAIN] * 4, abs=0.03)
    assert "estimated" in found.gain_reason


@pytest.mark.parametrize("gain", [0.2, 0.4])
def test_duller_and_sharper_optics_are_told_apart(gain: float, plain: Pair, tmp_path: Path) -> None:
    centres = np.arange(96) * 4 + 1.5
    places = np.meshgrid(centres, centres, indexing="ij")
    seen = [
        ndimage.map_coordinates(ndimage.gaussian_filter(band, pairs.gaussian_width(gain, 4.0)), places, order=3)
        for band in plain.truth
    ]
    ms = rasters.write(tmp_path / "ms.tif", np.rint(np.stack(seen)).astype(np.uint16), pairs.affine((4, 4)), pairs.EPSG)
    assert survey(plain.pan, ms).optics.gains == pytest.approx([gain] * 4, abs=0.04)


def test_a_collar_does_not_disturb_the_estimate(collared: Pair) -> None:
    assert survey(collared.pan, collared.ms).optics.gains == pytest.approx([pairs.MS_GAIN] * 4, abs=0.04)


def test_a_named_sensor_brings_its_own_optics(plain: Pair) -> None:
    found = survey(plain.pan, plain.ms, sensor="QuickBird")
    assert found.identity.known and found.identity.reason == "It was named in the request."
    # Vivone et al. 2015: blue, green, red, near infrared, and PAN.
    assert found.optics.gains == (0.34, 0.32, 0.30, 0.22) and found.optics.pan_gain == 0.15


def test_chosen_bands_keep_the_optics_of_their_place(plain: Pair) -> None:
    found = survey(plain.pan, plain.ms, sensor="QuickBird", bands=(4, 1))
    assert found.optics.gains == (0.22, 0.34)
    assert found.identity.roles == ("nir", "blue")


def test_metadata_tell_the_sensor(plain: Pair, tmp_path: Path) -> None:
    ms = rasters.write(
        tmp_path / "ms.tif",
        rasters.read(plain.ms),
        pairs.affine((4, 4)),
        pairs.EPSG,
        metadata={"IMAGERY": {"SATELLITEID": "GE01"}},
    )
    found = survey(plain.pan, ms)
    assert found.identity.sensor.id == "geoeye1" and "GE01" in found.identity.reason


@pytest.mark.parametrize(
    ("bands", "display"),
    [
        ((), {"kind": "true colour", "bands": [3, 2, 1]}),
        ((4, 3, 2), {"kind": "false colour", "bands": [1, 2, 3]}),
        ((4,), {"kind": "grey", "bands": [1]}),
    ],
)
def test_the_display_follows_the_bands_that_were_chosen(
    bands: tuple[int, ...], display: dict[str, Any], plain: Pair
) -> None:
    assert display_of(survey(plain.pan, plain.ms, bands=bands).identity) == display


def test_a_pair_without_relation_keeps_generic_optics(plain: Pair, tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(100, 2000, (3, 96, 96)).astype(np.uint16)
    found = survey(plain.pan, rasters.write(tmp_path / "ms.tif", noise, pairs.affine((4, 4)), pairs.EPSG))
    assert found.optics.gains == (0.3, 0.3, 0.3)
    assert found.shift is None and "too little in common" in found.warnings[0]


def test_a_scene_of_a_few_pixels_is_said_to_be_too_small_to_measure(tmp_path: Path) -> None:
    files = [
        rasters.write(tmp_path / name, np.ones((1, side, side), np.uint8), pairs.affine((step, step)), pairs.EPSG)
        for name, side, step in (("pan.tif", 12, 1.0), ("ms.tif", 3, 4.0))
    ]
    found = survey(*files)
    assert found.shift is None and found.shift_px is None and "large enough" in found.warnings[0]


def test_the_same_shift_is_found_in_a_collar_as_without(tmp_path: Path) -> None:
    for number, collar in enumerate((False, True)):
        pair = write_pair(tmp_path / str(number), size=512, shift=(0.8, -1.2), collar=collar)
        found = survey(pair.pan, pair.ms).shift
        assert found is not None
        sure = 0.2 if collar else 0.1  # smaller windows
        assert (found.dx, found.dy) == pytest.approx((0.8, -1.2), abs=sure)


def test_zeros_that_nothing_declares_as_missing_are_named(tmp_path: Path) -> None:
    pair = write_pair(tmp_path)
    for path in (pair.pan, pair.ms):
        dataset = gdal.Open(str(path), gdal.GA_Update)
        array = dataset.ReadAsArray()
        array[..., : array.shape[-1] // 4] = 0
        dataset.WriteArray(array)
        dataset = None
    events = list(sharpen(pair.request(tmp_path / "o.tif", method="gsa")))
    assert any("give 0 as the nodata value" in event.message for event in events if isinstance(event, Warned))
    events = list(sharpen(pair.request(tmp_path / "o.tif", method="gsa", nodata=0.0)))
    assert not any("nodata value" in event.message for event in events if isinstance(event, Warned))


def test_an_extent_gets_the_pixels_it_has_in_the_whole(tmp_path: Path) -> None:
    pair = write_pair(tmp_path)
    whole = gdal.Open(str(pair.pan))
    x0, dx, _, y0, _, dy = whole.GetGeoTransform()
    part = (x0 + 100 * dx, y0 + 160 * dy, x0 + 150 * dx, y0 + 120 * dy)
    list(sharpen(pair.request(tmp_path / "whole.tif", method="gsa")))
    list(sharpen(pair.request(tmp_path / "part.tif", method="gsa", extent=part)))
    expected = gdal.Open(str(tmp_path / "whole.tif")).ReadAsArray(100, 120, 50, 40)
    np.testing.assert_array_equal(gdal.Open(str(tmp_path / "part.tif")).ReadAsArray(), expected)


def test_a_nodata_value_that_cannot_occur_changes_nothing(tmp_path: Path) -> None:
    pair = write_pair(tmp_path)
    list(sharpen(pair.request(tmp_path / "plain.tif", method="gsa")))
    *_, finished = sharpen(pair.request(tmp_path / "odd.tif", method="gsa", nodata=-9999.0))
    assert finished.result["nodata"] is None
    expected = gdal.Open(str(tmp_path / "plain.tif")).ReadAsArray()
    np.testing.assert_array_equal(gdal.Open(str(tmp_path / "odd.tif")).ReadAsArray(), expected)


def test_ms_at_the_pixel_size_of_pan_is_named(tmp_path: Path) -> None:
    array = np.random.default_rng(1).integers(100, 900, (3, 128, 128)).astype(np.uint16)
    for name, bands in (("pan", array[:1]), ("ms", array)):
        rasters.write(tmp_path / f"{name}.tif", bands, affine=(0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    found = survey(str(tmp_path / "pan.tif"), str(tmp_path / "ms.tif"))
    assert any("has the pixel size of PAN" in warning for warning in found.warnings)


def test_reflectances_to_be_rounded_away_are_named_before_the_work(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, data_type="float32", scale=1e-4)
    *_, finished = sharpen(pair.request(tmp_path / "o.tif", method="exp", data_type="uint16"))
    assert any("Choose float32" in warning for warning in finished.result["warnings"])


def test_a_shift_that_differs_from_place_to_place_is_named_though_it_is_none_on_the_whole(tmp_path: Path) -> None:
    size = 512
    truth, pan = pairs.scene(size, 4, 1)
    centres = np.arange(size // 2) * 2 + 0.5
    rows, cols = np.meshgrid(centres, centres, indexing="ij")
    apart = np.where(cols < size / 2, -0.8, 0.8)
    width = pairs.gaussian_width(pairs.MS_GAIN, 2.0)
    seen = [
        ndimage.map_coordinates(ndimage.gaussian_filter(band, width), (rows, cols - apart), order=3) for band in truth
    ]
    files = [
        rasters.write(tmp_path / name, np.rint(array).astype(np.uint16), pairs.affine((step, step)), pairs.EPSG)
        for name, array, step in (("pan.tif", pan[None], 1.0), ("ms.tif", np.stack(seen), 2.0))
    ]
    found = survey(*files)
    assert found.spread_px is not None and found.spread_px > 0.5
    assert any("differs from place to place" in warning and "LOCAL" in warning for warning in found.warnings)


def test_an_aligned_pair_is_warned_of_nothing(plain: Pair) -> None:
    found = survey(plain.pan, plain.ms)
    assert found.shift is not None and found.shift.length < 0.1 and found.warnings == ()
