"""Numbers of a scene do not depend on how it is cut into tiles, and what is masked has no influence on them."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.metrics import noreference, reference, reprojection
from engine.metrics.report import Full, Reduced
from engine.pixels.toolbox import imresize, interp23tap, mtf_filter
from tests.golden_arrays import noise_by_formula, scene, waves
from tests.metrics.tilings import Array, gaps, over_tiles, speckled
from tests.slowness import mostly_slow

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "golden_values.json").read_text())
QB = (0.34, 0.32, 0.30, 0.22)
WV3 = (0.325, 0.355, 0.360, 0.350, 0.365, 0.360, 0.335, 0.315)


def full(images: list[Array], size: int, valid: Any = None, ratio: float = 4) -> Full:
    """Return the full-resolution numbers of fused, ms_up, pan, pan_low, fused_low, the first two also as MS."""
    return Full.of(
        over_tiles(noreference.measure, images, size, valid),
        over_tiles(reprojection.measure, [images[0], images[2]], size, valid, ratio=ratio),
        over_tiles(reference.measure, [images[1], images[0]], size, valid),
        ratio,
    )


def numbers(result: Reduced | Full) -> Array:
    """Return all numbers of a result in one row."""
    return np.hstack([np.asarray(value, dtype=float) for value in dataclasses.asdict(result).values()])


def five(bands: int, height: int, width: int) -> list[Array]:
    ms_up, fused = speckled(bands, height, width)
    noise = noise_by_formula(2 * height * width, 77).reshape(2, height, width)
    pan = np.floor(fused.mean(axis=0) + 50 * noise[0])
    return [fused, ms_up, pan, np.floor(ms_up.mean(axis=0) + 9 * noise[1]), 0.5 * (fused + ms_up)]


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    ("bands", "height", "width"), mostly_slow([(1, 100, 77), (3, 131, 203), (8, 64, 96), (10, 97, 70)], 0, 2)
)
def test_any_tiling_gives_the_numbers_of_the_whole_image(bands: int, height: int, width: int, masked: bool) -> None:
    truth, image = speckled(bands, height, width)
    valid = gaps(height, width) if masked else None
    whole = numbers(Reduced.of(reference.measure(truth, image, valid=valid, peak=2047), 4))
    for size in (32, 64, 96, 45):
        tiled = numbers(Reduced.of(over_tiles(reference.measure, [truth, image], size, valid, peak=2047), 4))
        np.testing.assert_allclose(tiled, whole, rtol=1e-12, atol=1e-13)

    images = five(bands, height, width)
    whole = numbers(full(images, max(height, width), valid))
    for size in (32, 64, 96, 45):
        np.testing.assert_allclose(numbers(full(images, size, valid)), whole, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("bands", "key"), [(4, "QB_4band"), (8, "WV3_8band")])
def test_tiles_of_the_scene_add_up_to_the_toolboxs_numbers(bands: int, key: str) -> None:
    made, golden = scene(bands), GOLDEN[key]
    found = Reduced.of(over_tiles(reference.measure, [made.truth, made.fused], 96), 4)
    assert [found.sam, found.ergas, found.scc, found.q, found.q2n] == pytest.approx(
        [golden[name] for name in ("SAM", "ERGAS", "SCC", "Q", "Q2n")], rel=1e-9
    )
    pan_low = interp23tap(imresize(made.pan, 0.25), 4)
    fused_low = mtf_filter(made.fused, QB if bands == 4 else WV3, 4)
    distortions = full([made.fused, made.ms_up, made.pan, pan_low, fused_low], 64)
    assert [
        distortions.d_lambda_k,
        distortions.d_lambda,
        distortions.d_s,
        distortions.hqnr,
        distortions.qnr,
    ] == pytest.approx([golden[name] for name in ("D_lambda_K", "D_lambda_QNR", "D_s", "HQNR", "QNR")], rel=1e-9)


@pytest.mark.parametrize("spoilt", mostly_slow([math.nan, math.inf, -9999.0, 65535.0], 0))
def test_a_masked_region_changes_nothing_but_the_share(spoilt: float) -> None:
    truth, image = speckled(4, 128, 160)
    valid = np.ones((128, 160), dtype=bool)
    valid[40:60, 70:90] = False
    plain = Reduced.of(reference.measure(truth, image, valid=valid, peak=2047), 4)
    for broken in (truth.copy(), image.copy()):
        broken[:, ~valid] = spoilt
        pair = (broken, image) if (broken[:, valid] == truth[:, valid]).all() else (truth, broken)
        assert Reduced.of(reference.measure(*pair, valid=valid, peak=2047), 4) == plain

    images = five(4, 128, 160)
    expected = full(images, 64, valid)
    for index in range(len(images)):
        broken = images[index].copy()
        broken[..., ~valid] = spoilt
        assert full([*images[:index], broken, *images[index + 1 :]], 64, valid) == expected


def test_the_share_left_out_is_reported_for_each_family() -> None:
    truth, image = speckled(4, 128, 160)
    valid = np.ones((128, 160), dtype=bool)
    valid[40:60, 70:90] = False  # 20 x 20 pixels across 1 x 1 blocks
    found = Reduced.of(reference.measure(truth, image, valid=valid, peak=2047), 4)
    assert found.pixels_left_out == pytest.approx(400 / (128 * 160))
    assert found.edges_left_out == pytest.approx(22**2 / (126 * 158))
    assert found.windows_left_out == pytest.approx((20 + 31) ** 2 / (97 * 129))
    assert found.ssim_left_out == pytest.approx((20 + 10) ** 2 / (118 * 150))
    assert found.blocks_left_out == pytest.approx(1 / 20)

    whole = full(five(4, 128, 160), 64)
    masked = full(five(4, 128, 160), 64, valid)
    assert (whole.blocks_left_out, masked.blocks_left_out) == (0, pytest.approx(1 / 20))
    # PAN is nowhere flat: its noise is not that of the bands' flat corners.
    assert whole.correlations_left_out == 0
    assert masked.correlations_left_out == pytest.approx((20 + 3) ** 2 / (125 * 157))
    assert masked.r_pixels_left_out == found.pixels_left_out
    assert masked.r_windows_left_out == found.windows_left_out
    assert masked.r_blocks_left_out == found.blocks_left_out


def test_blocks_that_do_not_fit_in_the_scene_are_left_out_of_the_distortions_and_counted() -> None:
    images = five(3, 100, 77)
    found = full(images, 64)
    fused, ms_up, pan, pan_low, fused_low = (image[..., :96, :64] for image in images)
    fitting = full([fused, ms_up, pan, pan_low, fused_low], 64)
    assert found.blocks_left_out == 0.5  # 3 x 2 of 4 x 3
    assert [found.d_lambda_k, found.d_lambda, found.d_s] == pytest.approx(
        [fitting.d_lambda_k, fitting.d_lambda, fitting.d_s], rel=1e-12
    )
    assert found.d_lambda == pytest.approx(noreference.d_lambda(fused, ms_up), rel=1e-12)


def test_a_scene_without_a_valid_pixel_gets_a_sentence() -> None:
    truth, image = speckled(4, 64, 64)
    nothing = np.zeros((64, 64), dtype=bool)
    with pytest.raises(InputError, match="no pixel that is valid"):
        Reduced.of(over_tiles(reference.measure, [truth, image], 32, nothing), 4)
    with pytest.raises(InputError, match="no pixel that is valid"):
        full(five(4, 64, 64), 32, nothing)
    with pytest.raises(InputError, match="no pixel that is valid"):
        Reduced.of(reference.measure(np.full((4, 64, 64), np.nan), image), 4)


def test_a_scene_too_small_for_windows_still_has_numbers_of_its_pixels() -> None:
    truth, image = speckled(2, 9, 9)
    found = Reduced.of(reference.measure(truth, image + 1, peak=2047), 4)
    assert found.ergas == reference.ergas(truth, image + 1, 4)
    assert math.isnan(found.q)
    assert math.isnan(found.ssim)
    assert found.windows_left_out == 1
    assert found.blocks_left_out == 0  # Q2n mirrors


def test_constant_images_measure_alike_in_tiles() -> None:
    truth, image = np.full((4, 70, 70), 100.0), np.full((4, 70, 70), 101.0)
    found = Reduced.of(over_tiles(reference.measure, [truth, image], 32, peak=2047), 4)
    assert found.sam == 0
    assert found.ergas == pytest.approx(0.25, rel=1e-12)
    assert found.q2n == pytest.approx(0, abs=1e-12)
    assert found.q == pytest.approx(2 * 100 * 101 / (100**2 + 101**2), rel=1e-12)
    assert found.bias == [1, 1, 1, 1]
    assert found.bias_percent == pytest.approx([1, 1, 1, 1], rel=1e-12)
    assert found.rmse_percent == pytest.approx([1, 1, 1, 1], rel=1e-12)
    assert found.mean_reference == [100] * 4
    assert found.mean_image == [101] * 4


def test_waves_cut_at_the_border_are_measured_in_tiles_from_the_cut() -> None:
    truth, fused = (reference.cut(image, 30) for image in (waves(8).truth, waves(8).fused))
    found = Reduced.of(over_tiles(reference.measure, [truth, fused], 64, peak=2047), 4)
    np.testing.assert_allclose(
        [found.sam, found.ergas, found.scc, found.q2n, found.q, found.psnr, found.ssim],
        [1.54791109, 0.79722177, 0.99064205, 0.99522687, 0.99531707, 39.68407621, 0.98312505],
        rtol=0,
        atol=0.51e-8,
    )
