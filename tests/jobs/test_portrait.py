"""What a report shows of a pair and of images: parts that lie inside, histograms, spectra, and arrows of the shift."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest
from osgeo import gdal
from scipy import ndimage

from engine.jobs.pipeline import Crew, Done
from engine.jobs.portrait import BINS, Portrait, Setting, portray, setting
from engine.jobs.survey import look
from engine.pages.evaluation import Picture
from engine.raster.scene import Scene, opened
from engine.raster.sharpened import Sharpened
from engine.request import DescribeRequest
from tests import pairs, rasters
from tests.pairs import Floats, Pair, write_pair
from tests.slowness import slow


@dataclass(frozen=True)
class Sight:
    """A pair that was looked at."""

    scene: Scene
    common: Setting
    crew: Crew

    def of(self, path: str) -> Portrait:
        return result(portray(Sharpened(path, self.scene), self.common, self.crew))


def result(signs: Iterator[Optional[Done[Any]]]) -> Any:
    *waiting, last = signs
    assert last is not None and not any(waiting)
    return last.result


@contextmanager
def seen(pair: Pair, threads: int = 2, **changes: Any) -> Iterator[Sight]:
    with opened(DescribeRequest(pair.pan, (pair.ms,), **changes)) as scene, Crew(threads) as crew:
        *_, looked = look(scene, "auto", "polynomial", crew)
        assert looked is not None
        yield Sight(scene, result(setting(scene, looked.result, crew)), crew)


def on_pan(path: Path, array: Any, kind: str = "float32") -> str:
    return rasters.write(path, np.asarray(array).astype(kind), pairs.affine(), pairs.EPSG)


def decoded(picture: Picture) -> Any:
    """Return the pixels of a picture: (bands, h, w)."""
    gdal.FileFromMemBuffer("/vsimem/test_portrait", picture.data)
    try:
        return rasters.read("/vsimem/test_portrait")
    finally:
        gdal.Unlink("/vsimem/test_portrait")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=320)


@pytest.mark.parametrize("size", [16, 20, 48, 64, 160, 161, 300])
def test_parts_lie_inside_and_have_their_size_whatever_that_of_the_scene(size: int, tmp_path: Path) -> None:
    small = write_pair(tmp_path / "pair", size=size)
    with seen(small) as sight:
        portrait = sight.of(on_pan(tmp_path / "i.tif", small.truth))
    common = sight.common
    side = size // 4 * 4 if size < 160 else 160
    assert 1 <= len(common.places) <= 2
    for place, window, crop in zip(common.places, common.place_windows, portrait.crops):
        assert (window.height, window.width) == (side, side)
        assert 0 <= place.row <= size - side and 0 <= place.col <= size - side
        for picture, bands in ((place.pan, 1), (place.ms, 3), (crop, 3)):
            assert decoded(picture).shape == (bands, side, side) == (bands, picture.height, picture.width)
    assert len(portrait.crops) == len(common.places)
    assert max(common.overview.width, common.overview.height) == size // 4 * 4
    assert len(common.pan_power) == len(portrait.power) == (64 if size >= 64 else 0)


def test_parts_are_counted_in_pixels_of_pan_and_arrows_from_where_the_chosen_extent_begins(
    pair: Pair, tmp_path: Path
) -> None:
    left, top = pairs.LEFT + 100 * pairs.PIXEL, pairs.TOP - 60 * pairs.PIXEL
    extent = (left, top - 200 * pairs.PIXEL, left + 180 * pairs.PIXEL, top)
    with seen(pair, extent=extent) as sight:
        crop = sight.of(on_pan(tmp_path / "i.tif", pair.truth)).crops[0]
    common, place, window = sight.common, sight.common.places[0], sight.common.place_windows[0]
    assert (place.row, place.col) == (window.row, window.col)
    assert (common.overview.height, common.overview.width) == (200, 180)
    assert [(arrow.row, arrow.col) for arrow in common.arrows] == [(100.0, 90.0)]
    shown = decoded(crop)[0].astype(float)  # red of the truth, where the window lies
    truth = pair.truth[2][window.row : window.row_end, window.col : window.col_end]
    assert np.corrcoef(shown.ravel(), truth.ravel())[0, 1] > 0.9


def test_black_ground_is_not_the_part_of_most_colours(tmp_path: Path) -> None:
    made = write_pair(tmp_path / "pair", size=512)
    pan, ms = pairs.read(made.pan), pairs.read(made.ms)
    pan[:, :, :256] = 500  # so that the busiest part lies to the right, too
    ms[:, :, :64] = 500  # grey
    ms[:, :, :20] = 0  # black, and not declared as missing
    files = [
        rasters.write(tmp_path / f"{name}.tif", image.astype(np.uint16), pairs.affine((pixel, pixel)), pairs.EPSG)
        for name, image, pixel in (("pan", pan, 1.0), ("ms", ms, 4.0))
    ]
    with seen(Pair(files[0], files[1], made.truth, 4.0)) as sight:
        assert [place.col >= 256 for place in sight.common.places] == [True, True]


def test_one_band_is_shown_in_grey(tmp_path: Path) -> None:
    grey = write_pair(tmp_path / "pair", size=64, bands=1)
    with seen(grey) as sight:
        portrait = sight.of(on_pan(tmp_path / "i.tif", grey.truth))
    assert decoded(portrait.crops[0]).shape == decoded(sight.common.places[0].ms).shape == (1, 64, 64)
    assert len(portrait.histograms) == len(sight.common.histograms) == 1


def test_histograms_count_each_valid_pixel_of_the_sample_once(pair: Pair, tmp_path: Path) -> None:
    with seen(pair) as sight:
        portrait = sight.of(on_pan(tmp_path / "i.tif", pair.truth))
    pixels = sum(window.height * window.width for window in sight.common.windows)
    assert pixels == 320 * 320
    for counts in (*portrait.histograms, *sight.common.histograms):
        assert len(counts) == BINS and sum(counts) == pixels
    low, high = sight.common.ranges[1]
    expected, _ = np.histogram(np.clip(pair.truth[1], low, high), BINS, (low, high))
    assert portrait.histograms[1] == tuple(expected)


def test_gaps_count_nowhere_and_are_shown_white(tmp_path: Path) -> None:
    gappy = write_pair(tmp_path / "pair", size=256, collar=True)
    assert gappy.valid is not None
    truth = np.where(gappy.valid, gappy.truth, np.nan)
    with seen(gappy) as sight:
        portrait = sight.of(on_pan(tmp_path / "i.tif", truth))
        valid = sight.scene.read(sight.scene.covered, 0, 0, 0).valid
    assert valid is not None
    assert {sum(counts) for counts in portrait.histograms} == {int(gappy.valid.sum())}
    assert {sum(counts) for counts in sight.common.histograms} == {int(valid.sum())}
    assert portrait.power == sight.common.pan_power == ()
    window = sight.common.place_windows[0]
    missing = ~gappy.valid[window.row : window.row_end, window.col : window.col_end]
    deep = ndimage.binary_erosion(missing, iterations=9)
    assert not deep.any() or decoded(portrait.crops[0])[:, deep].min() > 250


def test_an_image_of_nothing_is_looked_at_all_the_same(pair: Pair, tmp_path: Path) -> None:
    with seen(pair) as sight:
        portrait = sight.of(on_pan(tmp_path / "i.tif", np.full(pair.truth.shape, np.nan)))
    assert {sum(counts) for counts in portrait.histograms} == {0} and portrait.power == ()


def spectrum(sight: Sight, image: Floats, path: Path) -> Floats:
    return np.array(sight.of(on_pan(path, image)).power)


def test_the_spectrum_of_white_noise_is_flat_and_that_of_a_blurred_image_falls(pair: Pair, tmp_path: Path) -> None:
    noise = 500 + 50 * np.random.default_rng(1).standard_normal(pair.truth.shape)
    blurred = ndimage.gaussian_filter(noise, (0, 2, 2))
    with seen(pair) as sight:
        white, soft = (spectrum(sight, image, tmp_path / f"{i}.tif") for i, image in enumerate((noise, blurred)))
    frequencies = np.array(sight.common.frequencies)
    expected = 50.0**2 * (1.0 / sight.common.variance).mean()  # of white noise: its variance, at all frequencies
    np.testing.assert_allclose(white[12:], expected, rtol=0.2)  # the rings further in have few values
    assert abs(np.polyfit(frequencies[4:], np.log(white[4:]), 1)[0]) < 0.3
    inside = (frequencies > 0.05) & (frequencies < 0.3)
    gaussian = np.exp(-4 * (np.pi * frequencies * 2) ** 2)  # the transfer of a Gaussian of sigma 2, squared
    np.testing.assert_allclose((soft / white)[inside], gaussian[inside], rtol=0.35)


def test_at_low_frequencies_pan_has_the_power_of_the_truth_and_at_high_ones_ms_has_less(
    pair: Pair, tmp_path: Path
) -> None:
    enlarged = np.repeat(np.repeat(pairs.read(pair.ms), 4, axis=1), 4, axis=2)
    with seen(pair) as sight:
        truth = spectrum(sight, pair.truth, tmp_path / "t.tif")
        coarse = spectrum(sight, ndimage.gaussian_filter(enlarged, (0, 2, 2)), tmp_path / "c.tif")
    pan = np.array(sight.common.pan_power)
    assert 0.5 < pan[2:10].sum() / truth[2:10].sum() < 2.0
    assert coarse[40:].sum() < 0.05 * pan[40:].sum()


@pytest.mark.parametrize("shift", [slow((0.0, 0.0)), (2.0, -3.0), slow((11.0, 0.0))])
def test_arrows_tell_the_shift_of_each_part(shift: tuple[float, float], tmp_path: Path) -> None:
    shifted = write_pair(tmp_path / "pair", size=512, shift=shift)
    with seen(shifted) as sight:
        arrows = sight.common.arrows
    assert [(arrow.row, arrow.col) for arrow in arrows] == [(128, 128), (128, 384), (384, 128), (384, 384)]
    for arrow in arrows:
        assert (arrow.dx, arrow.dy) == pytest.approx(shift, abs=0.25)
        assert 0.15 < arrow.correlation <= 1.0


def test_the_sample_does_not_grow_with_the_scene_and_threads_change_nothing(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.portrait._SAMPLED_SIDE", 64)
    monkeypatch.setattr("engine.jobs.portrait._SAMPLED_WINDOWS", 4)
    path, found = on_pan(tmp_path / "i.tif", pair.truth), []
    for threads in (1, 4):
        with seen(pair, threads) as sight:
            found.append((repr(sight.common), sight.of(path)))
    assert len(sight.common.windows) == 4
    assert found[0] == found[1]
