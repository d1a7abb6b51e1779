"""Every awkward but honest pair gives the right picture: the matrix that no other tool passes, row by row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest
from osgeo import gdal
from scipy import ndimage

from engine.events import Started
from engine.jobs.describe import describe
from engine.request import DescribeRequest, SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import Run, run, sharpened, written
from tests.pairs import Pair, bias_percent, ergas, ring_and_core, shift_of, write_pair
from tests.slowness import mostly_slow

MOST_SHIFT = 0.05  # PAN pixels
# Per cent of the mean of a band.  Brovey keeps the weighted sum of the bands, and so each mean only nearly.
MOST_BIAS = {"brovey": 0.4, "gihs": 0.2, "gs": 0.2, "gsa": 0.2, "mtf-glp-fs": 0.2}
LEAST_GAIN = 0.9  # of the error of MS that was only enlarged

ROWS: dict[str, dict[str, Any]] = {
    "four bands of 16 bits": {},
    "eight bands": {"bands": 8},
    "one band": {"bands": 1},
    "ratio 2 and an origin half a PAN pixel off, as Landsat": {"ratio": 2, "half_pixel": True},
    "ratio 4 and an origin half a PAN pixel off": {"half_pixel": True},
    "ratio 4.2": {"ratio": 4.2},
    "ratio 1.5": {"ratio": 1.5},
    "ratio 3 across and 5 down": {"ratio": (3.0, 5.0)},
    "reflectance of 0 to 1 in 32 bits": {"data_type": "float32", "scale": 1 / 2047},
    "reflectance of 0 to 1 in 64 bits": {"data_type": "float64", "scale": 1 / 2047},
    "large counts in 32 bits": {"data_type": "int32", "scale": 50_000},
    "8 bits": {"data_type": "uint8", "scale": 0.12},
    "no georeferencing": {"epsg": None},
}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.slow
def test_the_picture_is_sharp_and_neither_shifted_nor_tinted(row: str, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, **ROWS[row])
    enlarged, _ = sharpened(pair.request(tmp_path / "enlarged.tif", method="exp"))
    height, width = enlarged.shape[1:]
    assert height > pair.truth.shape[1] - 5 and width > pair.truth.shape[2] - 5
    truth = pair.truth[:, :height, :width]
    for method, most_bias in MOST_BIAS.items():
        result, said = sharpened(pair.request(tmp_path / "sharp.tif", method=method))
        for band in range(len(truth)):
            assert np.hypot(*shift_of(result[band], truth[band])) <= MOST_SHIFT, method
        everywhere = np.ones(truth.shape[1:], bool)
        assert np.abs(bias_percent(result, truth, everywhere)).max() <= most_bias, method
        assert ergas(result, truth, pair.ratio) < LEAST_GAIN * ergas(enlarged, truth, pair.ratio), method
        assert said.warnings == [] or "epsg" in ROWS[row]


@pytest.mark.slow
def test_negative_counts_of_16_bits_are_ordinary_counts(tmp_path: Path) -> None:
    low = write_pair(tmp_path / "low", data_type="int16", offset=-600)
    high = write_pair(tmp_path / "high", data_type="int16")
    for method in ("gihs", "gs", "gsa", "mtf-glp-fs"):  # adding a constant to MS adds it to the result
        lifted, _ = sharpened(low.request(tmp_path / "low.tif", method=method))
        plain, _ = sharpened(high.request(tmp_path / "high.tif", method=method))
        assert lifted.min() < 0
        assert np.abs(lifted - (plain - 600)).max() <= 1


@pytest.mark.parametrize("method", mostly_slow(["brovey", "sfim", "mtf-glp-hpm", "bt-h", "bdsd-pc"], 0, 2))
def test_methods_that_multiply_survive_negative_counts(method: str, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, data_type="int16", offset=-600)
    result, _ = sharpened(pair.request(tmp_path / "sharp.tif", method=method))
    spread = pair.truth.std()
    assert np.abs(result - pair.truth).mean() < 0.35 * spread


@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_a_pair_in_degrees_fits_as_one_in_metres(offset: float, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256, half_pixel=offset > 0)
    for path, step, start in ((pair.pan, 1.0, 0.0), (pair.ms, 4.0, offset)):
        dataset = gdal.Open(path, gdal.GA_Update)
        fine = 0.5 / 3600 / 30  # half an arc second in thirtieths
        dataset.SetGeoTransform((11.3 + start * fine, step * fine, 0, 47.7 - start * fine, 0, -step * fine))
        dataset.SetProjection(rasters.wkt_of(4326))
        del dataset
    result, said = sharpened(pair.request(tmp_path / "sharp.tif"))
    assert np.hypot(*shift_of(result[0], pair.truth[0, : result.shape[1], : result.shape[2]])) <= MOST_SHIFT
    assert said.result["ratio"] == 4.0


# Collars.


@pytest.mark.parametrize("method", mostly_slow(["exp", *MOST_BIAS, "sfim", "mtf-glp", "bdsd-pc", "bt-h"], 0, 4, 8))
def test_a_collar_does_not_bleed_into_the_picture(method: str, collared: Pair, tmp_path: Path) -> None:
    result, said = sharpened(collared.request(tmp_path / "sharp.tif", method=method))
    assert_no_bleeding(result, said, collared, 0.0)


@pytest.mark.parametrize(
    ("data_type", "nodata"),
    mostly_slow([("float32", float("nan")), ("float32", -9999.0), ("int16", -9999.0), ("uint16", 65535.0)], 0, 2),
)
def test_nodata_may_be_any_value(data_type: str, nodata: float, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=512, collar=True, data_type=data_type, nodata=nodata)
    result, said = sharpened(pair.request(tmp_path / "sharp.tif"))
    dataset = gdal.Open(str(tmp_path / "sharp.tif"))
    assert np.array_equal(dataset.GetRasterBand(1).GetNoDataValue(), nodata, equal_nan=True)
    assert_no_bleeding(result, said, pair, nodata)


def test_not_a_number_is_nodata_without_being_declared(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=512, collar=True, data_type="float32", nodata=float("nan"))
    for path in (pair.pan, pair.ms):
        dataset = gdal.Open(path, gdal.GA_Update)
        for band in range(dataset.RasterCount):
            dataset.GetRasterBand(band + 1).DeleteNoDataValue()
        del dataset
    result, said = sharpened(pair.request(tmp_path / "sharp.tif"))
    assert_no_bleeding(result, said, pair, float("nan"))


def assert_no_bleeding(result: Any, said: Run, pair: Pair, nodata: float) -> None:
    assert pair.valid is not None
    seen = written(result, nodata)
    assert not (seen & ~pair.valid).any()
    # GDAL's own pansharpening loses 1720 of a scene of 2048 pixels a side; the edge is a quarter as long here.
    assert (pair.valid & ~seen).sum() <= 500
    ring, core = ring_and_core(np.nan_to_num(result), pair.truth, pair.valid, seen)
    assert ring <= 1.1 * core
    assert said.result["valid_share"] == pytest.approx(seen.mean(), abs=1e-6)


@pytest.mark.parametrize("how", mostly_slow(["mask band", "alpha band", "other values", "asked for"], 0))
def test_however_a_collar_is_declared_the_picture_is_the_same(how: str, collared: Pair, tmp_path: Path) -> None:
    expected, _ = sharpened(collared.request(tmp_path / "expected.tif"))
    assert collared.valid is not None
    files, request = {}, {}
    for name, path, junk in (("pan", collared.pan, 333), ("ms", collared.ms, 1999)):
        array = rasters.read(path)
        seen = array[0] != 0
        georeferenced = {"affine": gdal.Open(path).GetGeoTransform(), "epsg": pairs.EPSG}
        filled = np.where(seen, array, np.uint16(junk))
        if how == "mask band":
            files[name] = rasters.write(tmp_path / f"{name}.tif", filled, mask=seen, **georeferenced)
        elif how == "alpha band":
            files[name] = rasters.write(tmp_path / f"{name}.tif", filled, alpha=seen, **georeferenced)
        elif how == "other values":
            other = np.where(seen, array, np.uint16(60000 + junk))
            files[name] = rasters.write(tmp_path / f"{name}.tif", other, nodata=60000 + junk, **georeferenced)
        else:
            files[name] = rasters.write(tmp_path / f"{name}.tif", array, **georeferenced)
            request = {"nodata": 0.0}
    result, _ = sharpened(
        SharpenRequest(files["pan"], (files["ms"],), out=str(tmp_path / "sharp.tif"), **request)  # type: ignore[arg-type]
    )
    mark = 61999.0 if how == "other values" else 0.0
    assert np.array_equal(written(result, mark), written(expected, 0.0))
    seen = written(expected, 0.0)
    # Where 0 is nodata, a valid 0 becomes 1.
    assert np.array_equal(np.maximum(result[:, seen], 1), np.maximum(expected[:, seen], 1))


def test_a_collar_of_ms_alone_counts_for_the_result(collared: Pair, plain: Pair, tmp_path: Path) -> None:
    whole = write_pair(tmp_path, size=512)
    result, _ = sharpened(SharpenRequest(whole.pan, (collared.ms,), out=str(tmp_path / "sharp.tif")))
    seen = written(result, 0.0)
    assert collared.valid is not None
    assert (collared.valid & ~seen).sum() <= 500
    # What lies further than one MS pixel beyond what MS shows would be invented.
    near = ndimage.distance_transform_edt(~collared.valid) <= 4 * 2**0.5
    assert not (seen & ~near).any()
    ring, core = ring_and_core(result, whole.truth, collared.valid, seen)
    assert ring <= 1.1 * core


def test_zero_is_a_count_where_nobody_declared_it_nodata(tmp_path: Path) -> None:
    pair = write_pair(tmp_path)
    dataset = gdal.Open(pair.ms, gdal.GA_Update)
    dataset.GetRasterBand(1).WriteArray(np.zeros((20, 20), np.uint16), 20, 20)
    del dataset
    result, said = sharpened(pair.request(tmp_path / "sharp.tif", method="exp"))
    assert said.result["valid_share"] == 1.0 and said.result["nodata"] is None
    assert result[0, 110:130, 110:130].max() == 0


@pytest.mark.slow
def test_at_most_2000_pixels_are_lost_on_the_pair_the_others_were_measured_on(tmp_path: Path) -> None:
    maker = Path(__file__).parents[3] / "shared" / "peers" / "make_pair.py"
    if not maker.exists():
        pytest.skip("the measured pair is not part of this repository")
    subprocess.run([sys.executable, str(maker), str(tmp_path), "--nodata"], check=True, capture_output=True)
    request = SharpenRequest(str(tmp_path / "pan.tif"), (str(tmp_path / "ms.tif"),), out=str(tmp_path / "sharp.tif"))
    result, said = sharpened(request)
    truth = pairs.read(tmp_path / "truth.tif")
    valid, seen = (truth != 0).any(axis=0), written(result, 0.0)
    assert (valid & ~seen).sum() <= 2000 and not (seen & ~valid).any()
    ring, core = ring_and_core(result, truth, valid, seen)
    assert ring <= 1.1 * core and core < 30
    assert said.warnings == []


# Registration.


@pytest.mark.parametrize(
    ("shift", "ratio"),
    mostly_slow(
        [((2.0, 1.0), 4), ((-2.0, -1.0), 4), ((0.0, 1.5), 4), ((-0.7, 0.4), 4), ((0.4, 0.0), 2), ((6.0, -5.0), 2)], 3
    ),
)
def test_a_shift_of_ms_is_told_with_its_size_and_direction(
    shift: tuple[float, float], ratio: float, tmp_path: Path
) -> None:
    pair = write_pair(tmp_path, shift=shift, ratio=ratio)
    _, said = sharpened(pair.request(tmp_path / "sharp.tif"))
    assert said.result["shift"] == pytest.approx(shift, abs=0.1)
    assert said.result["shift_px"] == pytest.approx(np.hypot(*shift), abs=0.15)
    (warning,) = said.warnings
    for value, positive, negative in ((shift[0], "right", "left"), (shift[1], "down", "up")):
        word, opposite = (positive, negative) if value > 0 else (negative, positive)
        assert (word in warning) == (value != 0) and opposite not in warning
    assert f"{max(map(abs, shift)):.1f} PAN pixels" in warning


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.15, -0.1)])
def test_a_shift_below_a_third_of_a_pixel_is_no_reason_to_warn(shift: tuple[float, float], tmp_path: Path) -> None:
    pair = write_pair(tmp_path, shift=shift)
    _, said = sharpened(pair.request(tmp_path / "sharp.tif"))
    assert said.result["shift"] == pytest.approx(shift, abs=0.05) and said.warnings == []


@pytest.mark.slow
def test_a_shift_is_found_in_a_scene_with_a_collar(tmp_path: Path) -> None:
    """No window of the usual size lies wholly inside the picture."""
    pair = write_pair(tmp_path, size=512, collar=True, shift=(1.5, 0.0))
    _, said = sharpened(pair.request(tmp_path / "sharp.tif"))
    assert said.result["shift"] == pytest.approx((1.5, 0.0), abs=0.15)


def test_images_without_anything_in_common_are_called_so(plain: Pair, tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(200, 1800, (2, 96, 96)).astype(np.uint16)
    ms = rasters.write(tmp_path / "ms.tif", noise, pairs.affine((4.0, 4.0)), pairs.EPSG)
    said = run(describe(DescribeRequest(plain.pan, (ms,))))
    assert said.result["shift"] is None
    assert any("could not be measured" in warning for warning in said.warnings)


# Pictures with little in them.


@pytest.mark.parametrize("method", mostly_slow(["brovey", "bdsd-pc", "mtf-glp-hpm", "bt-h"], 1, 3))
@pytest.mark.parametrize("which", mostly_slow(["both", "PAN", "MS", "one band"], 2))
def test_a_constant_image_gives_finite_values(which: str, method: str, plain: Pair, tmp_path: Path) -> None:
    pan, ms = rasters.read(plain.pan).copy(), rasters.read(plain.ms).copy()
    if which in ("both", "PAN"):
        pan[...] = 700
    if which in ("both", "MS"):
        ms[...] = np.array([400, 500, 600, 700])[:, None, None]
    if which == "one band":
        ms[2] = 600
    files = [
        rasters.write(tmp_path / name, array.astype(np.float32), pairs.affine((step, step)), pairs.EPSG)
        for name, array, step in (("pan.tif", pan, 1.0), ("ms.tif", ms, 4.0))
    ]
    result, said = sharpened(SharpenRequest(files[0], (files[1],), out=str(tmp_path / "sharp.tif"), method=method))
    assert np.isfinite(result).all()
    assert result.min() > -300 and result.max() < 4000
    if which == "both" or (which == "MS" and method != "sfim"):  # SFIM asks PAN alone for the detail
        assert np.abs(result - ms[:, :1, :1]).max() < 1
    if which != "one band":
        assert said.result["shift"] is None


@pytest.mark.slow
def test_two_equal_bands_are_two_equal_results(plain: Pair, tmp_path: Path) -> None:
    ms = rasters.read(plain.ms)[[0, 1, 1, 3]]
    path = rasters.write(tmp_path / "ms.tif", ms, pairs.affine((4.0, 4.0)), pairs.EPSG)
    for method in ("brovey", "gs", "gsa", "bdsd-pc", "mtf-glp-fs", "bt-h"):
        result, _ = sharpened(SharpenRequest(plain.pan, (path,), out=str(tmp_path / "sharp.tif"), method=method))
        assert np.abs(result[1] - result[2]).max() <= 1
        assert abs(bias_percent(result[1:2], plain.truth[1:2])[0]) < 1


@pytest.mark.parametrize(("side", "method"), [(1, "exp"), (1, "mtf-glp-fs"), (3, "exp"), (3, "gs"), (3, "mtf-glp-fs")])
def test_a_handful_of_pixels_is_sharpened_where_the_method_can(side: int, method: str, tmp_path: Path) -> None:
    pair = write_tiny(tmp_path, side)
    result, said = sharpened(pair.request(tmp_path / "sharp.tif", method=method))
    assert result.shape == (2, 4 * side, 4 * side)
    assert result.min() > 0 and result.max() < 2000
    assert said.result["shift"] is None


def write_tiny(folder: Path, side: int) -> Pair:
    random = np.random.default_rng(side)
    pan = random.integers(400, 600, (1, 4 * side, 4 * side)).astype(np.uint16)
    ms = random.integers(300, 500, (2, side, side)).astype(np.uint16)
    files = [
        rasters.write(folder / name, array, pairs.affine((step, step)), pairs.EPSG)
        for name, array, step in (("pan.tif", pan, 1.0), ("ms.tif", ms, 4.0))
    ]
    return Pair(files[0], files[1], np.zeros(0), 4.0)


@pytest.mark.parametrize("ratio", mostly_slow([1.0, 16.0], 1))
def test_the_smallest_and_the_largest_ratio_work(ratio: float, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=512, ratio=ratio)
    result, said = sharpened(pair.request(tmp_path / "sharp.tif"))
    assert said.result["ratio"] == ratio
    assert np.abs(bias_percent(result, pair.truth)).max() < 1.5
    assert np.hypot(*shift_of(result[0], pair.truth[0])) <= MOST_SHIFT


def test_values_at_the_end_of_the_type_are_clipped_and_counted(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, data_type="uint8", scale=0.9)  # roofs and fields go beyond 255
    clipped = {}
    for path in (pair.pan, pair.ms):
        array = rasters.read(path)
        clipped[path] = array
    result, said = sharpened(pair.request(tmp_path / "sharp.tif", method="gsa"))
    assert result.max() <= 255 and result.min() >= 0
    assert said.result["clipped"] > 0.01 * result.size
    assert any("clipped" in warning for warning in said.result["warnings"])  # so many are no mere note


def test_the_facts_are_told_before_the_work_begins(plain: Pair, tmp_path: Path) -> None:
    _, said = sharpened(plain.request(tmp_path / "sharp.tif"))
    (started,) = [event for event in said.events if isinstance(event, Started)]
    facts: dict[str, Optional[Any]] = started.facts
    assert facts["ratio"] == 4.0 and facts["width"] == facts["height"] == 384 and facts["data_type"] == "uint16"
