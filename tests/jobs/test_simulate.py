"""A simulated pair: what it looks like, where it lies, that sharpening it gives the grid of the truth, and refusals."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest
from osgeo import gdal
from scipy import ndimage

from engine.errors import EngineError, InputError, OutputError, PairingError, RequestError
from engine.events import Event, Progress, Started
from engine.jobs import simulate as module
from engine.jobs.simulate import simulate
from engine.request import METHODS, SharpenRequest, SimulateRequest, from_json
from tests import pairs, rasters
from tests.golden_arrays import scene, waves
from tests.jobs.runs import Run, files_in, run, sharpened
from tests.pairs import Floats, Pair, bias_percent, ergas, gaussian_width, read, shift_of, write_pair
from tests.slowness import mostly_slow

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "golden_values.json").read_text())
MOST_SHIFT = 0.05
PARTS = ("pan", "ms", "reference")


@dataclass(frozen=True)
class Made:
    """The three files, what they hold, and what was said."""

    files: dict[str, str]
    pan: Floats
    ms: Floats
    reference: Floats
    said: Run

    def sharpen(self, out: Path, **changes: Any) -> Floats:
        request = {"pan": self.files["pan"], "ms": (self.files["ms"],), "out": str(out), **changes}
        return sharpened(SharpenRequest(**request))[0]


def request(pan: str, *ms: str, out: Path, **changes: Any) -> SimulateRequest:
    return SimulateRequest(pan, ms, **{**{f"out_{part}": str(out / f"{part}.tif") for part in PARTS}, **changes})


def simulated(pan: str, *ms: str, out: Path, **changes: Any) -> Made:
    out.mkdir(exist_ok=True)
    asked = request(pan, *ms, out=out, **changes)
    said = run(simulate(asked))
    assert sorted(os.listdir(out)) == sorted(f"{part}.tif" for part in PARTS)
    files = {part: str(out / f"{part}.tif") for part in PARTS}
    return Made(files, *(read(files[part]) for part in PARTS), said)


def refusal(asked: Callable[[], SimulateRequest], out: Path, kind: type[EngineError] = EngineError) -> str:
    before = files_in(out)
    with pytest.raises(kind) as caught:
        run(simulate(asked()))
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    assert files_in(out) == before
    return str(caught.value)


def geotransform(path: str) -> tuple[float, ...]:
    return tuple(gdal.Open(path).GetGeoTransform())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("large"), size=1024)


# Where everything lies.

ROWS: dict[str, dict[str, Any]] = {
    "ratio 4": {},
    "ratio 2 and an origin half a PAN pixel off, as Landsat": {"ratio": 2, "half_pixel": True, "size": 512},
    "ratio 4.2": {"ratio": 4.2},
    "ratio 3 across and 5 down": {"ratio": (3.0, 5.0)},
    "reflectance in 32 bits": {"data_type": "float32", "scale": 1 / 2047},
    "no georeferencing": {"epsg": None},
}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.slow
def test_everything_lies_where_it_was_and_sharpening_gives_the_grid_of_the_truth(row: str, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", **{"size": 1024, **ROWS[row]})
    made = simulated(pair.pan, pair.ms, out=tmp_path / "out")
    ms, reference = rasters.read(pair.ms), rasters.read(made.files["reference"])
    height, width = reference.shape[1:]
    assert ms.shape[1] - height < 6 and ms.shape[2] - width < 6
    assert reference.dtype == ms.dtype
    assert reference.tobytes() == np.ascontiguousarray(ms[:, :height, :width]).tobytes()
    located = "epsg" not in ROWS[row]
    if located:
        assert geotransform(made.files["reference"]) == geotransform(made.files["pan"]) == geotransform(pair.ms)
        left, across, _, top, _, down = geotransform(made.files["ms"])
        fine = geotransform(pair.pan)
        assert (left, top) == (geotransform(pair.ms)[0], geotransform(pair.ms)[3])
        expected = [geotransform(pair.ms)[i] ** 2 / fine[i] for i in (1, 5)]  # the ratio once more
        assert [across, down] == pytest.approx(expected)
    assert made.pan.shape == (1, height, width)

    seen = np.tensordot(pairs.PAN_WEIGHTS, made.reference, 1)
    assert np.hypot(*shift_of(made.pan[0], seen)) <= MOST_SHIFT
    for method, most in (("exp", MOST_SHIFT), ("mtf-glp-fs", MOST_SHIFT)):
        out = tmp_path / f"{method}.tif"
        result = made.sharpen(out, method=method)
        assert result.shape == made.reference.shape
        assert not located or geotransform(str(out)) == geotransform(made.files["reference"])
        assert np.hypot(*shift_of(result[0], made.reference[0])) <= most
        assert np.abs(bias_percent(result, made.reference, np.ones((height, width), bool))).max() <= 0.4
    enlarged, sharp = read(tmp_path / "exp.tif"), read(tmp_path / "mtf-glp-fs.tif")
    assert ergas(sharp, made.reference, pair.ratio) < 0.85 * ergas(enlarged, made.reference, pair.ratio)


@pytest.mark.slow
def test_every_method_sharpens_a_simulated_pair(large: Pair, tmp_path: Path) -> None:
    made = simulated(large.pan, large.ms, out=tmp_path / "out")
    for method in METHODS:
        assert made.sharpen(tmp_path / "sharp.tif", method=method).shape == made.reference.shape


def test_coarser_bands_are_the_originals_through_the_gaussian_of_the_sensor(large: Pair, tmp_path: Path) -> None:
    made = simulated(large.pan, large.ms, out=tmp_path / "out", sensor="QB")
    centres = np.arange(64) * 4 + 1.5
    for band, gain in enumerate((0.34, 0.32, 0.30, 0.22)):
        blurred = ndimage.gaussian_filter1d(made.reference[band], gaussian_width(gain, 4.0), 0, mode="nearest")
        # Half-way between two pixels the Gaussian is sampled at other places; the spline finds the same to 1 count.
        blurred = ndimage.gaussian_filter1d(blurred, gaussian_width(gain, 4.0), 1, mode="nearest")
        places = np.meshgrid(centres, centres, indexing="ij")
        expected = ndimage.map_coordinates(blurred, places, order=3, mode="nearest")
        assert np.abs(made.ms[band] - expected)[2:-2, 2:-2].max() < 1.0
    pan = ndimage.gaussian_filter(read(large.pan)[0], gaussian_width(0.15, 4.0), mode="nearest")
    centres = np.arange(256) * 4 + 1.5
    expected = ndimage.map_coordinates(pan, np.meshgrid(centres, centres, indexing="ij"), order=3, mode="nearest")
    assert np.abs(made.pan[0] - expected)[4:-4, 4:-4].max() < 1.0


def test_ms_beyond_pan_is_cut_off_but_still_seen_by_the_filter(large: Pair, tmp_path: Path) -> None:
    whole = simulated(large.pan, large.ms, out=tmp_path / "whole")
    gdal.Translate(str(tmp_path / "pan.tif"), large.pan, srcWin=[128, 256, 520, 400])
    cut = simulated(str(tmp_path / "pan.tif"), large.ms, out=tmp_path / "cut")
    assert cut.reference.shape == (4, 100, 128)
    np.testing.assert_array_equal(cut.reference, whole.reference[:, 64:164, 32:160])
    # Blocks of 4 begin at the same places, and MS around them is the same.
    np.testing.assert_array_equal(cut.ms, whole.ms[:, 16:41, 8:40])
    assert cut.pan.shape == (1, 100, 128)
    np.testing.assert_array_equal(cut.pan[:, 8:-8, 8:-8], whole.pan[:, 72:156, 40:152])


def test_an_extent_cuts_all_three_images(large: Pair, tmp_path: Path) -> None:
    left, top = pairs.LEFT + 100 * pairs.PIXEL, pairs.TOP - 60 * pairs.PIXEL
    extent = (left, top - 200 * pairs.PIXEL, left + 408 * pairs.PIXEL, top)
    made = simulated(large.pan, large.ms, out=tmp_path / "out", extent=extent)
    assert made.reference.shape == (4, 48, 100) and made.ms.shape == (4, 12, 25)
    assert geotransform(made.files["pan"])[0] == left and geotransform(made.files["ms"])[3] == top
    np.testing.assert_array_equal(made.reference, read(large.ms)[:, 15:63, 25:125])


def test_bands_may_be_chosen_and_ordered(large: Pair, tmp_path: Path) -> None:
    whole = simulated(large.pan, large.ms, out=tmp_path / "whole", sensor="QB")
    made = simulated(large.pan, large.ms, out=tmp_path / "out", bands=(3, 1), sensor="QB")
    np.testing.assert_array_equal(made.reference, whole.reference[[2, 0]])
    np.testing.assert_array_equal(made.ms, whole.ms[[2, 0]])
    assert made.said.result["band_names"] == ["Red", "Blue"]


@pytest.mark.slow
def test_one_file_per_band_gives_the_same_as_one_file(large: Pair, tmp_path: Path) -> None:
    files = [str(tmp_path / f"{name}.tif") for name in pairs.NAMES]
    for band, path in enumerate(files, start=1):
        gdal.Translate(path, large.ms, bandList=[band])
    together = simulated(large.pan, large.ms, out=tmp_path / "together", sensor="QB")
    apart = simulated(large.pan, *files, out=tmp_path / "apart", sensor="QB")
    np.testing.assert_array_equal(apart.ms, together.ms)
    np.testing.assert_array_equal(apart.reference, together.reference)


@pytest.mark.slow
def test_neither_tiles_nor_threads_change_a_pixel(collared: Pair, tmp_path: Path) -> None:
    one = simulated(collared.pan, collared.ms, out=tmp_path / "one", threads=1)
    many = simulated(collared.pan, collared.ms, out=tmp_path / "many", threads=3, tile_size=64)
    for part in PARTS:
        np.testing.assert_array_equal(getattr(one, part), getattr(many, part))


# Missing pixels.


@pytest.mark.slow
def test_a_collar_does_not_bleed(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=1024, collar=True)
    whole = simulated(*write_files(tmp_path / "whole", size=1024), out=tmp_path / "expected", sensor="generic")
    made = simulated(pair.pan, pair.ms, out=tmp_path / "out", sensor="generic")
    assert rasters.read(made.files["reference"]).tobytes() == rasters.read(pair.ms).tobytes()
    assert pair.valid is not None
    valid = pairs.wholly(pair.valid, 4)
    for image, expected, inside in (
        (made.pan, whole.pan, valid),
        (made.ms, whole.ms, pairs.wholly(valid, 4)),
    ):
        seen = (image != 0).all(axis=0)
        assert (seen | ~ndimage.binary_erosion(inside)).all()  # what lies well inside is there
        assert (inside | ~seen | ndimage.binary_dilation(inside)).all()  # and nothing is invented far outside
        edge = seen & (ndimage.distance_transform_edt(seen) <= 2)
        error = np.abs(image - expected).mean(axis=0)
        assert error[seen & ~edge & (ndimage.distance_transform_edt(seen) > 4)].max() <= 1.0
        # With the 0 of the collar mixed in, the edge would be off by a third of its value.
        assert error[edge].mean() < 0.06 * expected.mean()
    assert made.said.result["nodata"] == 0.0
    assert made.said.result["valid_share_pan"] == pytest.approx((made.pan != 0).mean())
    assert made.said.result["valid_share_ms"] == pytest.approx((made.ms[0] != 0).mean())


def write_files(folder: Path, **options: Any) -> tuple[str, str]:
    pair = write_pair(folder, **options)
    return pair.pan, pair.ms


@pytest.mark.parametrize(
    "how", mostly_slow(["mask band", "alpha band", "asked for", "not a number", "other value"], 0, 3)
)
def test_however_a_gap_is_declared_it_is_one_in_all_three_images(how: str, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=512)
    ms = rasters.read(pair.ms)
    gap = np.zeros(ms.shape[1:], bool)
    gap[32:64, 32:80] = True
    changes: dict[str, Any] = {}
    written: dict[str, Any] = {"affine": pairs.affine((4, 4)), "epsg": pairs.EPSG}
    stored: Any = ms.copy()
    mark = 0.0
    if how in ("mask band", "alpha band"):
        stored[:, gap] = 1999
        stored[:, 5, 5] = 0  # a count, since nobody declared it nodata
        written["mask" if how == "mask band" else "alpha"] = ~gap
    elif how == "asked for":
        stored[:, gap], changes["nodata"], mark = 7, 7.0, 7.0
    elif how == "not a number":
        stored = stored.astype(np.float32)
        stored[:, gap], mark = np.nan, np.nan
    else:
        stored[:, gap], written["nodata"], mark = 65535, 65535, 65535.0
    path = rasters.write(tmp_path / "ms.tif", stored, **written)
    made = simulated(pair.pan, path, out=tmp_path / "out", **changes)
    assert np.array_equal(made.said.result["nodata"], mark, equal_nan=True)
    missing = np.isnan(made.reference) if np.isnan(mark) else made.reference == mark
    assert (missing == gap).all()
    kept = np.asarray(stored, np.float64)[:, ~gap]
    if how in ("mask band", "alpha band"):
        kept[kept == 0] = 1  # else it would be taken for nodata
    np.testing.assert_array_equal(made.reference[:, ~gap], kept)
    coarse = np.isnan(made.ms[0]) if np.isnan(mark) else made.ms[0] == mark
    assert coarse[9:15, 9:19].all() and not coarse[:7].any() and not coarse[:, 21:].any()
    assert np.nanmax(made.ms[:, ~coarse]) <= ms.max()


def test_a_gap_in_pan_alone_leaves_ms_and_reference_whole(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=512)
    pan = rasters.read(pair.pan)
    pan[:, 100:300, 100:300] = 0
    path = rasters.write(tmp_path / "pan.tif", pan, pairs.affine(), pairs.EPSG, nodata=0)
    ms = rasters.read(pair.ms)
    ms[:, 4, 4] = 0
    ms_path = rasters.write(tmp_path / "ms.tif", ms, pairs.affine((4, 4)), pairs.EPSG)
    made = simulated(path, ms_path, out=tmp_path / "out")
    assert made.said.result["nodata"] is None and made.said.result["valid_share_ms"] == 1.0
    assert gdal.Open(made.files["reference"]).GetRasterBand(1).GetNoDataValue() is None
    np.testing.assert_array_equal(made.reference, ms)
    assert gdal.Open(made.files["pan"]).GetRasterBand(1).GetNoDataValue() == 0
    assert (made.pan[0, 27:73, 27:73] == 0).all() and (made.pan[0, :23] > 0).all()


# What the files say.


def test_types_and_descriptions_are_those_of_the_sources(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256)
    pan = rasters.write(
        tmp_path / "pan.tif",
        rasters.read(pair.pan).astype(np.float32),
        pairs.affine(),
        pairs.EPSG,
        scale=0.02,
        offset=-7,
        metadata={"": {"OWN": "grey", "TIFFTAG_SOFTWARE": "other"}},
    )
    ms = rasters.write(
        tmp_path / "IMG_PHR1A_MS.tif",
        rasters.read(pair.ms).astype(np.int16),
        pairs.affine((4, 4)),
        pairs.EPSG,
        scale=2e-5,
        offset=[0.0, 0.1, -0.2, 0.0],
        names=("Blau", "Grün", "Rot", "Nah-IR"),
        metadata={"": {"TIFFTAG_DATETIME": "2020:05:06 10:11:12"}, "IMAGERY": {"CLOUDCOVER": "3.5"}},
    )
    made = simulated(pan, ms, out=tmp_path / "out")
    for part in ("ms", "reference"):
        dataset = gdal.Open(made.files[part])
        bands = [dataset.GetRasterBand(index + 1) for index in range(4)]
        assert [band.GetDescription() for band in bands] == ["Blau", "Grün", "Rot", "Nah-IR"]
        assert [band.GetScale() for band in bands] == [2e-5] * 4
        assert [band.GetOffset() for band in bands] == [0.0, 0.1, -0.2, 0.0]
        assert dataset.GetRasterBand(1).DataType == gdal.GDT_Int16
        assert dataset.GetMetadataItem("TIFFTAG_DATETIME") == "2020:05:06 10:11:12"
        assert dataset.GetMetadataItem("CLOUDCOVER", "IMAGERY") == "3.5"
    grey = gdal.Open(made.files["pan"])
    assert grey.GetRasterBand(1).DataType == gdal.GDT_Float32
    assert (grey.GetRasterBand(1).GetScale(), grey.GetRasterBand(1).GetOffset()) == (0.02, -7)
    assert grey.GetMetadataItem("OWN") == "grey"
    counts = read(pair.ms)
    assert np.abs(made.ms.mean() - counts.mean()) < 0.02 * counts.mean()  # counts, not reflectances


def test_the_files_tell_how_they_came_about_and_the_sensor_is_recognised_again(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256)
    named = tmp_path / "IMG_PHR1A_MS_202005061011_ORT.tif"
    os.rename(pair.ms, named)
    # Three bands, since the wavelengths of four would tell the sensor too.
    made = simulated(pair.pan, str(named), out=tmp_path / "out", bands=(1, 2, 3))
    assert made.said.result["sensor"] == "pleiades"
    for part in PARTS:
        told = gdal.Open(made.files[part]).GetMetadata()
        assert told["KSDIFF_SIMULATION"] == "geometric"
        assert told["KSDIFF_SIMULATION_ROLE"] == part.upper()
        assert told["KSDIFF_MS"] == named.name and told["KSDIFF_PAN"] == "pan.tif"
        assert told["KSDIFF_SENSOR"] == "pleiades" and told["KSDIFF_RATIO"] == "4 4"
        assert told["KSDIFF_MTF_GAINS"] == "0.3 0.3 0.3" and told["KSDIFF_PAN_GAIN"] == "0.15"
        assert told["TIFFTAG_SOFTWARE"].startswith("KSDiff")
        assert "KSDIFF_METHOD" not in told
    request = SharpenRequest(made.files["pan"], (made.files["ms"],), out=str(tmp_path / "sharp.tif"))
    assert sharpened(request)[1].result["sensor"] == "pleiades"


def test_a_run_tells_what_it_found_and_how_far_it_is(large: Pair, tmp_path: Path) -> None:
    made = simulated(large.pan, large.ms, out=tmp_path / "out")
    fractions = [event.fraction for event in made.said.events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    started = next(event for event in made.said.events if isinstance(event, Started))
    assert started.verb == "simulate" and started.facts["ratio"] == 4.0
    result = made.said.result
    assert (result["width"], result["height"], result["ms_width"], result["ms_height"]) == (256, 256, 64, 64)
    assert result["valid_share_pan"] == result["valid_share_ms"] == 1.0 and result["clipped"] == 0
    assert result["output_reference"] == made.files["reference"] and result["warnings"] == []
    assert any("convention geometric" in note for note in made.said.notes)


# The toolbox's conventions.

QB = {"sensor": "QB", "convention": "toolbox"}


def golden_pair(folder: Path, pan: Floats, ms: Floats) -> tuple[str, str]:
    """Write float64 images, so that no digit is lost."""
    return (
        rasters.write(folder / "pan.tif", np.asarray(pan, np.float64), pairs.affine(), pairs.EPSG),
        rasters.write(folder / "ms.tif", np.asarray(ms, np.float64), pairs.affine((4, 4)), pairs.EPSG),
    )


@pytest.mark.parametrize(("bands", "key", "sensor"), mostly_slow([(4, "QB_4band", "QB"), (8, "WV3_8band", "WV3")], 0))
def test_the_toolboxs_conventions_give_its_ms(bands: int, key: str, sensor: str, tmp_path: Path) -> None:
    pan = np.kron(scene(bands).pan, np.ones((4, 4)))
    files = golden_pair(tmp_path, pan, scene(bands).truth)
    made = simulated(*files, out=tmp_path / "out", sensor=sensor, convention="toolbox")
    assert made.ms.shape == (bands, 64, 64)
    assert made.ms[0, 9, 10] == pytest.approx(GOLDEN[key]["wald_ms_px_10_11_b1"], rel=1e-9)
    assert made.ms.mean() == pytest.approx(GOLDEN[key]["wald_ms_mean"], rel=1e-9)
    np.testing.assert_array_equal(made.reference, scene(bands).truth)


@pytest.mark.parametrize(("bands", "key", "sensor"), mostly_slow([(4, "QB_4band", "QB"), (8, "WV3_8band", "WV3")], 0))
def test_the_toolboxs_conventions_give_its_pan(bands: int, key: str, sensor: str, tmp_path: Path) -> None:
    files = golden_pair(tmp_path, scene(bands).pan, scene(bands).ms)
    made = simulated(*files, out=tmp_path / "out", sensor=sensor, convention="toolbox")
    assert made.pan.shape == (1, 64, 64) and made.ms.shape == (bands, 16, 16)
    assert made.pan[0, 9, 10] == pytest.approx(GOLDEN[key]["wald_pan_px_10_11"], rel=1e-9)


def test_the_toolboxs_conventions_give_the_published_values(tmp_path: Path) -> None:
    made = simulated(*golden_pair(tmp_path, np.ones((1024, 1024)), waves(4).truth), out=tmp_path / "ms", **QB)
    found = [made.ms[0, 0, 0], made.ms[1, 9, 19], made.ms[3, 63, 63]]
    np.testing.assert_allclose(found, [828.454662, 584.165503, 742.716523], rtol=0, atol=0.51e-6)
    made = simulated(*golden_pair(tmp_path, waves(4).pan, np.ones((4, 64, 64))), out=tmp_path / "pan", **QB)
    np.testing.assert_allclose([made.pan[0, 0, 0], made.pan[0, 9, 19]], [899.317473, 634.338171], rtol=0, atol=0.51e-6)


def test_the_toolboxs_ms_is_georeferenced_where_its_samples_lie(large: Pair, tmp_path: Path) -> None:
    made = simulated(large.pan, large.ms, out=tmp_path / "out", **QB)
    left, across, _, top, _, down = geotransform(made.files["ms"])
    assert (left - pairs.LEFT, pairs.TOP - top, across, down) == (1.0, 1.0, 8.0, -8.0)  # half an MS pixel of 2 m
    for method in ("exp", "mtf-glp-fs"):
        result = made.sharpen(tmp_path / f"{method}.tif", method=method)
        assert result.shape == made.reference.shape
        assert np.hypot(*shift_of(result[0], made.reference[0])) <= MOST_SHIFT
    assert made.said.warnings == []


def test_without_georeferencing_the_toolboxs_half_pixel_is_warned_of(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=512, epsg=None)
    made = simulated(pair.pan, pair.ms, out=tmp_path / "out", **QB)
    assert any("half a pixel of the reference" in warning for warning in made.said.result["warnings"])


@pytest.mark.slow
def test_an_unknown_sensor_has_the_toolboxs_gains_there_and_estimated_ones_else(large: Pair, tmp_path: Path) -> None:
    toolbox = simulated(large.pan, large.ms, out=tmp_path / "toolbox", convention="toolbox")
    assert toolbox.said.result["mtf_gains"] == [0.3] * 4
    geometric = simulated(large.pan, large.ms, out=tmp_path / "geometric")
    assert geometric.said.result["mtf_gains"] == pytest.approx([pairs.MS_GAIN] * 4, abs=0.05)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ratio": 3}, "ratios of 2, 4, 8 and 16 alone, and this pair has 3 x 3"),
        ({"ratio": 4.2}, "4.2 x 4.2"),
        ({"ratio": (2.0, 4.0)}, "2 x 4"),
        ({"half_pixel": True}, "edges lie on those of PAN"),
        ({"collar": True}, "of PAN is without data"),
    ],
)
def test_what_the_toolbox_does_not_know_is_refused(options: dict[str, Any], words: str, tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", **options)
    sentence = refusal(lambda: request(pair.pan, pair.ms, out=tmp_path, convention="toolbox"), tmp_path)
    assert words in sentence and "'geometric'" in sentence


def test_an_image_too_large_for_the_memory_is_refused(
    plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_VALUES", 384 * 384 + 4 * 96 * 96 - 1)
    sentence = refusal(lambda: request(plain.pan, plain.ms, out=tmp_path, convention="toolbox"), tmp_path, RequestError)
    assert "whole image in memory" in sentence and "smaller extent" in sentence


# Mistakes, and stopping.


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"convention": "usual"}, "'usual' is no convention"),
        ({"coverage": "union"}, "cannot cover the union"),
        ({"sensor": "Sputnik"}, "Sputnik"),
        ({"bands": (5,)}, "no MS band 5"),
        ({"extent": (0.0, 0.0, 1.0, 1.0)}, "extent holds no pixel"),
        ({"extent": (pairs.LEFT, pairs.TOP - 4, pairs.LEFT + 4, pairs.TOP)}, "share less than one pixel"),
        ({"out_ms": " "}, "No file was named for 'out_ms'"),
        ({"out_pan": "pan.png"}, "does not end in .tif"),
        ({"threads": -1}, "threads"),
        ({"tile_size": 8}, "impractical"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    changes: dict[str, Any], words: str, plain: Pair, tmp_path: Path
) -> None:
    assert words in refusal(lambda: request(plain.pan, plain.ms, out=tmp_path, **changes), tmp_path)


def test_no_result_may_be_an_input_or_another_result(plain: Pair, tmp_path: Path) -> None:
    for part in PARTS:
        with pytest.raises(RequestError, match="also an input"):
            request(plain.pan, plain.ms, out=tmp_path, **{f"out_{part}": plain.ms})
    with pytest.raises(RequestError, match="Two results would be written"):
        request(plain.pan, plain.ms, out=tmp_path, out_ms=str(tmp_path / "." / "pan.tif"))


def test_a_request_comes_from_json(plain: Pair, tmp_path: Path) -> None:
    asked = request(plain.pan, plain.ms, out=tmp_path, bands=(2, 1))
    values = {name: getattr(asked, name) for name in SimulateRequest.__dataclass_fields__}
    assert from_json(SimulateRequest, json.loads(json.dumps(values))) == asked


def test_pixels_of_one_size_cannot_be_degraded(plain: Pair, tmp_path: Path) -> None:
    sentence = refusal(lambda: request(plain.pan, plain.pan, out=tmp_path), tmp_path, PairingError)
    assert "no ratio to degrade by" in sentence


@pytest.mark.parametrize("convention", ["geometric", "toolbox"])
def test_ms_in_another_coordinate_system_has_no_original_to_compare_with(
    convention: str, plain: Pair, tmp_path: Path
) -> None:
    other = str(tmp_path / "other.tif")
    gdal.Warp(other, plain.ms, dstSRS="EPSG:32634")
    sentence = refusal(lambda: request(plain.pan, other, out=tmp_path, convention=convention), tmp_path)
    assert "would have to be warped" in sentence and "Warp PAN" in sentence


@pytest.mark.parametrize("which", ["PAN", "MS"])
def test_a_pair_without_a_valid_pixel_is_refused(which: str, tmp_path: Path) -> None:
    pan, ms = np.full((1, 256, 256), 700, np.uint16), np.full((2, 64, 64), 500, np.uint16)
    (pan if which == "PAN" else ms)[...] = 0
    files = (
        rasters.write(tmp_path / "p.tif", pan, pairs.affine(), pairs.EPSG, nodata=0),
        rasters.write(tmp_path / "m.tif", ms, pairs.affine((4, 4)), pairs.EPSG, nodata=0),
    )
    assert f"No pixel of coarser {which}" in refusal(lambda: request(*files, out=tmp_path), tmp_path, InputError)


def test_older_results_stay_where_the_disk_refuses(
    plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in PARTS:
        (tmp_path / f"{part}.tif").write_text(part)
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        if source == str(tmp_path / "reference.tif.part"):
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    assert "cannot be replaced" in refusal(lambda: request(plain.pan, plain.ms, out=tmp_path), tmp_path, OutputError)


@pytest.mark.parametrize("convention", ["geometric", "toolbox"])
@pytest.mark.parametrize("after", mostly_slow([0, 1, 3, 6, 1000], 1, 3))
def test_stopped_at_any_moment_it_leaves_all_or_nothing(
    after: int, convention: str, plain: Pair, tmp_path: Path
) -> None:
    older: Optional[dict[str, bytes]] = None
    for _ in range(2):
        events: Iterator[Event] = simulate(request(plain.pan, plain.ms, out=tmp_path, convention=convention))
        for taken, _event in enumerate(events):
            if taken >= after:
                break
        events.close()  # type: ignore[attr-defined]
        found = files_in(tmp_path)
        if after == 1000:
            assert sorted(found) == sorted(f"{part}.tif" for part in PARTS)
        else:
            assert found == (older or {})
        older = found
