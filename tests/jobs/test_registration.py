"""A shift of MS is measured, said, and taken away where that is asked for, as a whole or from place to place."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from scipy import ndimage

from engine.errors import Interrupted
from engine.events import Progress
from engine.jobs.pipeline import Crew
from engine.jobs.registration import Registration, registered
from engine.jobs.sharpen import sharpen
from engine.metrics.reference import ergas
from engine.request import SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import sharpened
from tests.pairs import Pair, read, write_pair
from tests.slowness import mostly_slow

EDGE = 24  # PAN pixels that a shift may leave without colour
SIZE = 384


@pytest.fixture(scope="module")
def aligned(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("aligned"), size=SIZE)


def drift(rows: np.ndarray, cols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far (right, down) MS lies off, in PAN pixels: by a middling 0.8 and 1.3 more to and fro."""
    return 0.8 + 1.3 * np.sin(2 * np.pi * cols / 900), 1.3 * np.cos(2 * np.pi * rows / 1000)


@pytest.fixture(scope="module")
def fine(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """An aligned pair with more windows in it, as its MS is half as coarse."""
    return write_pair(tmp_path_factory.mktemp("fine"), size=SIZE, ratio=2.0)


@pytest.fixture(scope="module")
def drifting(tmp_path_factory: pytest.TempPathFactory, fine: Pair) -> Pair:
    """The same scene with MS drawn out of shape."""
    centres = (np.arange(SIZE // 2) + 0.5) * 2 - 0.5
    rows, cols = np.meshgrid(centres, centres, indexing="ij")
    right, down = drift(rows, cols)
    width = pairs.gaussian_width(pairs.MS_GAIN, 2.0)
    seen = [
        ndimage.map_coordinates(
            ndimage.gaussian_filter(band, width), (rows - down, cols - right), order=3, mode="nearest"
        )
        for band in fine.truth
    ]
    ms = rasters.write(
        tmp_path_factory.mktemp("drifting") / "ms.tif",
        np.rint(np.stack(seen)).astype(np.uint16),
        pairs.affine((2.0, 2.0)),
        pairs.EPSG,
        names=pairs.NAMES,
    )
    return replace(fine, ms=ms)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory, drifting: Pair) -> str:
    """That pair sharpened, corrected from place to place."""
    out = tmp_path_factory.mktemp("mended") / "o.tif"
    _, said = sharpened(drifting.request(out, method="gsa", register="local"))
    assert not said.warnings
    return str(out)


def found(request: SharpenRequest) -> Registration:
    with Crew(2) as crew:
        events = registered(request, crew)
        while True:
            try:
                next(events)
            except StopIteration as end:
                result: Registration = end.value
                return result


def error(result: str, pair: Pair) -> float:
    """Return ERGAS against the truth where the result lies, without its edge."""
    file = gdal.Open(result)
    x0, dx, _, y0, _, dy = file.GetGeoTransform()
    col, row = round((x0 - pairs.LEFT) / dx), round((y0 - pairs.TOP) / dy)
    image = read(result)
    height, width = image.shape[1:]
    truth = pair.truth[:, row : row + height, col : col + width]
    inside = (slice(None), slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    return float(ergas(truth[inside], image[inside], pair.ratio))


@pytest.mark.parametrize("shift", [(0.4, 0.0), (-1.37, 0.61), (3.0, -4.0), (9.0, -12.0)])
def test_a_shift_is_found_to_a_tenth_of_a_pixel_and_taken_away(shift: tuple[float, float], tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256, shift=shift)
    made = found(pair.request(tmp_path / "o.tif", register="global"))
    assert (made.correction.dx, made.correction.dy) == pytest.approx(shift, abs=0.1)
    assert made.correction.field is None and made.corrects


@pytest.mark.parametrize("how", mostly_slow(["global", "local"], 1))
def test_an_aligned_pair_is_left_as_it_is(how: str, aligned: Pair, tmp_path: Path) -> None:
    left, said = sharpened(aligned.request(tmp_path / "o.tif", method="gsa", register=how))
    assert not said.warnings and any("nothing is corrected" in note for note in said.notes)
    assert said.result["shift_applied"] == [0.0, 0.0]
    plain, _ = sharpened(aligned.request(tmp_path / "plain.tif", method="gsa"))
    np.testing.assert_array_equal(left, plain)
    assert "KSDIFF_SHIFT_APPLIED" not in gdal.Open(str(tmp_path / "o.tif")).GetMetadata()


@pytest.mark.parametrize("method", mostly_slow(["gsa", "mtf-glp-fs"], 0))
def test_a_corrected_pair_is_as_near_to_the_truth_as_an_aligned_one(method: str, aligned: Pair, tmp_path: Path) -> None:
    shifted = write_pair(tmp_path, size=SIZE, shift=(2.3, -1.4))
    errors = {}
    for name, pair, how in (("aligned", aligned, "report"), ("left", shifted, "report"), ("mended", shifted, "global")):
        _, said = sharpened(pair.request(tmp_path / f"{name}.tif", method=method, register=how))
        errors[name] = error(str(tmp_path / f"{name}.tif"), pair)
        assert bool(said.warnings) == (name == "left")
    assert errors["mended"] < 1.03 * errors["aligned"] < 0.8 * errors["left"]


def test_report_is_the_default_and_says_how_to_correct_what_it_found(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256, shift=(1.0, 0.0))
    _, said = sharpened(pair.request(tmp_path / "o.tif", method="gsa"))
    (warning,) = said.warnings
    assert "1.0 PAN pixels too far to the right" in warning and "REGISTER set to GLOBAL" in warning
    assert said.result["register"] == "report" and said.result["shift_applied"] == [0.0, 0.0]


def test_the_applied_shift_stands_in_the_metadata_and_the_report(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256, shift=(1.0, -2.0))
    _, said = sharpened(pair.request(tmp_path / "o.tif", method="gsa", register="global"))
    told = gdal.Open(str(tmp_path / "o.tif")).GetMetadata()
    assert told["KSDIFF_REGISTER"] == "global"
    applied = [float(number) for number in told["KSDIFF_SHIFT_APPLIED"].split()]
    assert applied == pytest.approx([1.0, -2.0], abs=0.1) and said.result["shift_applied"] == applied
    assert told["KSDIFF_SHIFT_FOUND"] == told["KSDIFF_SHIFT_APPLIED"] and said.result["shift"] == applied
    assert said.result["shift_left_px"] < 0.1


@pytest.mark.slow
def test_a_drift_is_followed_from_place_to_place(drifting: Pair, tmp_path: Path) -> None:
    made = found(drifting.request(tmp_path / "o.tif", register="local"))
    assert made.correction.field is not None
    places = np.arange(64.0, SIZE - 64, 32)
    rows, cols = np.meshgrid(places, places, indexing="ij")
    right, down = drift(rows, cols)
    field = made.correction.field.at(places, places)
    off = np.hypot(field[0] + made.correction.dx - right, field[1] + made.correction.dy - down)
    assert np.median(off) < 0.1 and np.percentile(off, 95) < 0.25


def test_there_are_signs_of_life_while_the_field_is_fitted(
    drifting: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []

    def slow(*_: Any) -> None:
        begun.append(True)
        time.sleep(1.0)

    monkeypatch.setattr("engine.jobs.registration._field", slow)
    with Crew(1) as crew:
        events = registered(drifting.request(tmp_path / "o.tif", register="local"), crew)
        assert sum(1 for _ in events if begun) >= 4


@pytest.mark.slow
def test_a_straightened_pair_is_as_near_to_the_truth_as_an_aligned_one(
    fine: Pair, drifting: Pair, mended: str, tmp_path: Path
) -> None:
    for name, pair in (("aligned", fine), ("left", drifting)):
        sharpened(pair.request(tmp_path / f"{name}.tif", method="gsa"))
    aligned, left = (error(str(tmp_path / f"{name}.tif"), fine) for name in ("aligned", "left"))
    assert error(mended, fine) < 1.03 * aligned < 0.8 * left
    assert float(gdal.Open(mended).GetMetadata()["KSDIFF_SHIFT_APPLIED_LOCAL"]) > 0.8


@pytest.mark.slow
def test_tiles_of_a_straightened_pair_meet_exactly(drifting: Pair, mended: str, tmp_path: Path) -> None:
    request = drifting.request(tmp_path / "o.tif", method="gsa", register="local", tile_size=96)
    np.testing.assert_array_equal(sharpened(request)[0], read(mended))


@pytest.mark.slow
def test_an_interrupted_run_goes_on_with_the_same_correction_and_not_with_another(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256, shift=(1.2, -0.7))
    request = pair.request(tmp_path / "o.tif", method="gsa", register="global", tile_size=64, threads=1, resume=True)
    events = sharpen(request)
    for event in events:
        if isinstance(event, Progress) and event.stage == "Sharpening" and event.fraction > 0.5:
            break
    with pytest.raises(Interrupted):
        events.close()
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("o.tif")}
    resumed, said = sharpened(request)
    assert any("Going on" in note for note in said.notes)
    whole, _ = sharpened(replace(request, out=str(tmp_path / "whole.tif"), resume=False))
    np.testing.assert_array_equal(resumed, whole)
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    _, said = sharpened(replace(request, register="report"))
    assert any("of no use" in warning and "register" in warning for warning in said.warnings)


def spoilt(pair: Pair, folder: Path, change: Any) -> Pair:
    """Return the pair with MS changed by a function of its bands, as floats."""
    folder.mkdir(exist_ok=True)
    bands = change(read(pair.ms))
    ms = rasters.write(folder / "ms.tif", bands.astype(np.float32), pairs.affine((4.0, 4.0)), pairs.EPSG)
    return replace(pair, ms=ms)


def test_bands_that_do_not_resemble_pan_spoil_nothing(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=SIZE, shift=(2.0, -1.0))
    random = np.random.default_rng(4)

    def with_strangers(bands: np.ndarray) -> np.ndarray:
        noise = random.normal(3000.0, 900.0, (2, *bands.shape[1:]))
        elsewhere = np.roll(bands[1], 37, axis=1)[None]  # a band that lies somewhere else
        return np.concatenate([noise, elsewhere, bands])

    made = found(spoilt(pair, tmp_path / "spoilt", with_strangers).request(tmp_path / "o.tif", register="global"))
    assert (made.correction.dx, made.correction.dy) == pytest.approx((2.0, -1.0), abs=0.1)


@pytest.mark.slow
def test_gaps_and_nan_spoil_nothing(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=SIZE, shift=(1.5, 0.5))

    def with_gaps(bands: np.ndarray) -> np.ndarray:
        bands[:, :30, :40] = np.nan
        bands[2, 90:100] = np.inf
        return bands

    broken = spoilt(pair, tmp_path / "spoilt", with_gaps)
    made = found(broken.request(tmp_path / "o.tif", register="local"))
    assert (made.correction.dx, made.correction.dy) == pytest.approx((1.5, 0.5), abs=0.15)
    result, _ = sharpened(broken.request(tmp_path / "o.tif", method="gsa", register="global"))
    assert np.isnan(result[:, 60, 60]).all() and np.isfinite(result[:, 300, 200]).all()


@pytest.mark.parametrize("how", ["global", "local"])
def test_what_shows_nothing_is_said_and_sharpened_as_it_is(how: str, tmp_path: Path) -> None:
    for name, size, step in (("pan.tif", 128, 1.0), ("ms.tif", 32, 4.0)):
        flat = np.full((1, size, size), 500, np.uint16)
        rasters.write(tmp_path / name, flat, pairs.affine((step, step)), pairs.EPSG)
    request = SharpenRequest(
        pan=str(tmp_path / "pan.tif"), ms=(str(tmp_path / "ms.tif"),), out=str(tmp_path / "o.tif"), register=how
    )
    result, said = sharpened(request)
    assert (result == 500).all()
    assert any("could not be measured" in warning for warning in said.warnings)
    assert any("is not corrected" in note for note in said.notes)


@pytest.mark.parametrize("side", [1, 3, 9])
def test_the_smallest_images_are_sharpened_as_they_are(side: int, tmp_path: Path) -> None:
    random = np.random.default_rng(side)
    for name, size, step in (("pan.tif", 4 * side, 1.0), ("ms.tif", side, 4.0)):
        pixels = random.integers(100, 900, (1, size, size)).astype(np.uint16)
        rasters.write(tmp_path / name, pixels, pairs.affine((step, step)), pairs.EPSG)
    request = SharpenRequest(
        pan=str(tmp_path / "pan.tif"), ms=(str(tmp_path / "ms.tif"),), out=str(tmp_path / "o.tif"), register="local"
    )
    result, said = sharpened(request)
    assert result.shape == (1, 4 * side, 4 * side) and said.result["shift_applied"] == [0.0, 0.0]
