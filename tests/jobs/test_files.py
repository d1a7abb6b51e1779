"""However PAN and MS lie, in how many files, and whatever the files say: the right picture on the grid of PAN."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from scipy import ndimage

from engine.jobs.describe import describe
from engine.request import DescribeRequest, SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import run, sharpened, written
from tests.pairs import PIXEL, Pair, bias_percent, ergas, interior, ring_and_core, shift_of, write_pair

MOST_SHIFT = 0.05  # PAN pixels


# Extents.


def crop(source: str, target: Path, col: int, row: int, width: int, height: int) -> str:
    gdal.Translate(str(target), source, srcWin=[col, row, width, height])
    return str(target)


def test_ms_inside_pan_gives_the_part_that_both_show_on_the_grid_of_pan(plain: Pair, tmp_path: Path) -> None:
    ms = crop(plain.ms, tmp_path / "ms.tif", 10, 20, 60, 50)
    result, said = sharpened(SharpenRequest(plain.pan, (ms,), out=str(tmp_path / "sharp.tif")))
    assert gdal.Open(str(tmp_path / "sharp.tif")).GetGeoTransform() == pytest.approx(
        (pairs.LEFT + 40 * PIXEL, PIXEL, 0, pairs.TOP - 80 * PIXEL, 0, -PIXEL)
    )
    truth = plain.truth[:, 80:280, 40:280]
    assert result.shape == truth.shape
    assert np.hypot(*shift_of(result[0], truth[0])) <= MOST_SHIFT
    assert said.result["nodata"] is None and any("%" in note for note in said.notes)


def test_the_union_marks_as_nodata_what_only_one_image_shows(plain: Pair, tmp_path: Path) -> None:
    ms = crop(plain.ms, tmp_path / "ms.tif", 10, 20, 60, 50)
    request = {"pan": plain.pan, "ms": (ms,), "method": "gsa"}
    shared, _ = sharpened(SharpenRequest(**request, out=str(tmp_path / "shared.tif")))  # type: ignore[arg-type]
    result, said = sharpened(
        SharpenRequest(**request, out=str(tmp_path / "union.tif"), coverage="union")  # type: ignore[arg-type]
    )
    dataset = gdal.Open(str(tmp_path / "union.tif"))
    assert dataset.GetGeoTransform() == gdal.Open(plain.pan).GetGeoTransform()
    assert dataset.GetRasterBand(1).GetNoDataValue() == 0
    assert result.shape == plain.truth.shape
    inside = np.zeros(result.shape[1:], bool)
    inside[80:280, 40:280] = True
    assert np.array_equal(written(result, 0), inside)
    assert np.abs(result[:, 80:280, 40:280] - shared).max() <= 1
    assert said.result["valid_share"] == pytest.approx(inside.mean())


def test_the_union_reaches_beyond_pan_where_ms_does(plain: Pair, tmp_path: Path) -> None:
    pan = crop(plain.pan, tmp_path / "pan.tif", 100, 60, 150, 130)
    result, _ = sharpened(SharpenRequest(pan, (plain.ms,), out=str(tmp_path / "sharp.tif"), coverage="union"))
    assert result.shape == plain.truth.shape
    inside = np.zeros(result.shape[1:], bool)
    inside[60:190, 100:250] = True
    assert np.array_equal(written(result, 0), inside)


@pytest.mark.parametrize("coverage", ["intersection", "union"])
def test_an_extent_where_only_one_image_lies_is_refused(plain: Pair, coverage: str, tmp_path: Path) -> None:
    ms = crop(plain.ms, tmp_path / "ms.tif", 48, 0, 48, 96)
    extent = (pairs.LEFT, pairs.TOP - 20.0, pairs.LEFT + 20.0, pairs.TOP)
    with pytest.raises(ValueError, match="extent holds no pixel that PAN and MS share"):
        run(describe(DescribeRequest(plain.pan, (ms,), extent=extent, coverage=coverage)))


def test_pan_inside_ms_and_off_its_grid_gives_the_grid_of_pan(plain: Pair, tmp_path: Path) -> None:
    pan = crop(plain.pan, tmp_path / "pan.tif", 37, 53, 301, 290)
    result, said = sharpened(SharpenRequest(pan, (plain.ms,), out=str(tmp_path / "sharp.tif")))
    truth = plain.truth[:, 53:343, 37:338]
    assert result.shape == truth.shape
    assert gdal.Open(str(tmp_path / "sharp.tif")).GetGeoTransform() == gdal.Open(pan).GetGeoTransform()
    assert np.hypot(*shift_of(result[0], truth[0])) <= MOST_SHIFT
    assert said.warnings == []


def test_images_that_overlap_by_a_corner_give_that_corner(plain: Pair, tmp_path: Path) -> None:
    pan = crop(plain.pan, tmp_path / "pan.tif", 0, 0, 222, 222)
    ms = crop(plain.ms, tmp_path / "ms.tif", 20, 25, 76, 71)
    result, _ = sharpened(SharpenRequest(pan, (ms,), out=str(tmp_path / "sharp.tif")))
    truth = plain.truth[:, 100:222, 80:222]
    assert result.shape == truth.shape
    assert np.hypot(*shift_of(result[2], truth[2], margin=16)) <= MOST_SHIFT


# Coordinate systems.


@pytest.mark.parametrize("epsg", [32632, 32634, 4326])
def test_ms_in_another_coordinate_system_is_laid_onto_pan(epsg: int, plain: Pair, tmp_path: Path) -> None:
    options = {"dstNodata": 0, "resampleAlg": "cubic"}
    gdal.Warp(str(tmp_path / "ms.tif"), plain.ms, dstSRS=f"EPSG:{epsg}", **options)
    direct, _ = sharpened(plain.request(tmp_path / "direct.tif"))
    result, said = sharpened(SharpenRequest(plain.pan, (str(tmp_path / "ms.tif"),), out=str(tmp_path / "sharp.tif")))
    dataset = gdal.Open(str(tmp_path / "sharp.tif"))
    assert dataset.GetProjection() == gdal.Open(plain.pan).GetProjection()
    assert any("warped" in warning for warning in said.warnings)
    place = dataset.GetGeoTransform()
    col, row = round((place[0] - pairs.LEFT) / PIXEL), round((pairs.TOP - place[3]) / PIXEL)
    assert 0 <= col <= 12 and 0 <= row <= 12
    truth = plain.truth[:, row : row + result.shape[1], col : col + result.shape[2]]
    assert result.shape == truth.shape and result.shape[1] > 370
    inside = interior(truth.shape, 48)
    same = direct[:, row : row + result.shape[1], col : col + result.shape[2]]
    # Twice resampled is a little worse (OTB: by 5 per cent), not much.
    assert ergas(result, truth, 4.0, inside) < 1.15 * ergas(same, truth, 4.0, inside)
    assert np.hypot(*shift_of(result[0], truth[0])) <= MOST_SHIFT
    assert abs(said.result["shift_px"]) < 0.3


def test_a_collar_survives_another_coordinate_system(collared: Pair, tmp_path: Path) -> None:
    gdal.Warp(str(tmp_path / "ms.tif"), collared.ms, dstSRS="EPSG:32632", resampleAlg="cubic")
    result, _ = sharpened(
        SharpenRequest(collared.pan, (str(tmp_path / "ms.tif"),), out=str(tmp_path / "sharp.tif"), coverage="union")
    )
    dataset = gdal.Open(str(tmp_path / "sharp.tif"))
    place = dataset.GetGeoTransform()
    col, row = round((pairs.LEFT - place[0]) / PIXEL), round((place[3] - pairs.TOP) / PIXEL)
    result = result[:, row : row + 512, col : col + 512]
    assert collared.valid is not None
    seen = written(result, 0.0)
    assert not (seen & ~collared.valid).any()
    ring, core = ring_and_core(result, collared.truth, collared.valid, seen)
    assert ring <= 1.1 * core
    assert (collared.valid & ~seen).sum() < 0.03 * collared.valid.sum()


def test_ms_without_a_coordinate_system_is_taken_to_be_in_that_of_pan(plain: Pair, tmp_path: Path) -> None:
    ms = rasters.write(tmp_path / "ms.tif", rasters.read(plain.ms), pairs.affine((4.0, 4.0)), names=pairs.NAMES)
    expected, _ = sharpened(plain.request(tmp_path / "expected.tif"))
    result, said = sharpened(SharpenRequest(plain.pan, (ms,), out=str(tmp_path / "sharp.tif")))
    assert np.array_equal(result, expected)
    assert any("coordinate system" in warning for warning in said.warnings)


# No georeferencing.


@pytest.mark.parametrize("located", ["neither", "PAN", "MS"])
def test_without_georeferencing_the_same_footprint_is_assumed_aloud(located: str, plain: Pair, tmp_path: Path) -> None:
    files = {}
    for name, path in (("PAN", plain.pan), ("MS", plain.ms)):
        kept = {"affine": gdal.Open(path).GetGeoTransform(), "epsg": pairs.EPSG} if name == located else {}
        files[name] = rasters.write(tmp_path / f"{name}.tif", rasters.read(path), **kept)
    expected, _ = sharpened(plain.request(tmp_path / "expected.tif"))
    result, said = sharpened(SharpenRequest(files["PAN"], (files["MS"],), out=str(tmp_path / "sharp.tif")))
    assert np.array_equal(result, expected)
    assert any("same footprint" in warning for warning in said.warnings)
    place = gdal.Open(str(tmp_path / "sharp.tif")).GetGeoTransform(can_return_null=True)
    assert place is None if located == "neither" else place == pytest.approx(pairs.affine())


# One file per band, and chosen bands.


def split(pair: Pair, folder: Path) -> tuple[str, ...]:
    return tuple(
        rasters.write(folder / f"part{index}.tif", band, pairs.affine((4.0, 4.0)), pairs.EPSG, names=(name,))
        for index, (band, name) in enumerate(zip(rasters.read(pair.ms), pairs.NAMES))
    )


@pytest.mark.parametrize("method", ["brovey", "bdsd-pc", "mtf-glp-fs"])
def test_one_file_per_band_is_as_good_as_one_file(method: str, plain: Pair, tmp_path: Path) -> None:
    expected, _ = sharpened(plain.request(tmp_path / "expected.tif", method=method))
    result, _ = sharpened(
        SharpenRequest(plain.pan, split(plain, tmp_path), out=str(tmp_path / "sharp.tif"), method=method)
    )
    assert np.array_equal(result, expected)


def test_a_file_per_band_of_another_resolution_is_laid_onto_the_first(plain: Pair, tmp_path: Path) -> None:
    files = split(plain, tmp_path)
    coarse = tmp_path / "coarse.tif"
    gdal.Warp(str(coarse), files[3], xRes=8 * PIXEL, yRes=8 * PIXEL, resampleAlg="average")
    result, said = sharpened(
        SharpenRequest(plain.pan, (*files[:3], str(coarse)), out=str(tmp_path / "sharp.tif"), method="exp")
    )
    assert any("another grid" in warning for warning in said.warnings)
    assert abs(bias_percent(result, plain.truth)[3]) < 0.2
    # Too dull for phase correlation: it must fit where it is better than a pixel off in any direction.
    dull = ndimage.gaussian_filter(plain.truth[3], 6.0)
    moves = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    errors = [np.mean((np.roll(result[3], move, (0, 1)) - dull)[interior(dull.shape)] ** 2) for move in moves]
    assert moves[int(np.argmin(errors))] == (0, 0)


@pytest.mark.parametrize("bands", [(3, 2, 1), (4,), (2, 4)])
def test_chosen_bands_come_in_the_order_they_were_named(bands: tuple[int, ...], plain: Pair, tmp_path: Path) -> None:
    chosen = [pairs.NAMES[band - 1] for band in bands]
    ms = rasters.write(
        tmp_path / "ms.tif",
        rasters.read(plain.ms)[[band - 1 for band in bands]],
        pairs.affine((4.0, 4.0)),
        pairs.EPSG,
        names=chosen,
    )
    expected, _ = sharpened(SharpenRequest(plain.pan, (ms,), out=str(tmp_path / "expected.tif"), method="gsa"))
    result, said = sharpened(plain.request(tmp_path / "sharp.tif", bands=bands, method="gsa"))
    assert np.array_equal(result, expected)
    assert said.result["band_names"] == chosen
    over_files, _ = sharpened(
        SharpenRequest(plain.pan, split(plain, tmp_path), bands=bands, out=str(tmp_path / "files.tif"), method="gsa")
    )
    assert np.array_equal(over_files, expected)


def test_one_band_of_a_pan_file_with_several_can_be_named(plain: Pair, tmp_path: Path) -> None:
    pan = rasters.read(plain.pan)
    several = rasters.write(tmp_path / "pan.tif", np.concatenate([pan * 0, pan, pan * 0]), pairs.affine(), pairs.EPSG)
    expected, _ = sharpened(plain.request(tmp_path / "expected.tif"))
    result, _ = sharpened(SharpenRequest(several, (plain.ms,), pan_band=2, out=str(tmp_path / "sharp.tif")))
    assert np.array_equal(result, expected)


# Scale, offset and what else a file says.


def test_counts_with_scale_and_offset_mean_what_they_say(tmp_path: Path) -> None:
    scale, offset = 1e-4, -0.1
    counts = write_pair(tmp_path / "counts")
    physical = write_pair(tmp_path / "physical", data_type="float64", scale=scale, offset=offset)
    for path in (counts.pan, counts.ms):
        dataset = gdal.Open(path, gdal.GA_Update)
        for band in range(dataset.RasterCount):
            dataset.GetRasterBand(band + 1).SetScale(scale)
            dataset.GetRasterBand(band + 1).SetOffset(offset)
        del dataset
    for method in ("brovey", "gsa", "mtf-glp-hpm", "bt-h"):
        stored, _ = sharpened(counts.request(tmp_path / "counts.tif", method=method))
        expected, _ = sharpened(physical.request(tmp_path / "physical.tif", method=method))
        dataset = gdal.Open(str(tmp_path / "counts.tif"))
        band = dataset.GetRasterBand(2)
        assert (band.GetScale(), band.GetOffset()) == (scale, offset)
        exact = (expected - offset) / scale
        inside = exact > 0  # what lies below is clipped in a type without a sign
        assert np.abs(stored - exact)[inside].max() <= 0.6


@pytest.mark.slow
def test_pan_may_be_scaled_otherwise_than_ms(plain: Pair, tmp_path: Path) -> None:
    pan = rasters.write(
        tmp_path / "pan.tif", rasters.read(plain.pan), pairs.affine(), pairs.EPSG, scale=0.02, offset=-7
    )
    for method in ("brovey", "gs", "gsa", "mtf-glp-fs"):
        expected, _ = sharpened(plain.request(tmp_path / "expected.tif", method=method))
        result, _ = sharpened(SharpenRequest(pan, (plain.ms,), out=str(tmp_path / "sharp.tif"), method=method))
        assert np.abs(result - expected).max() <= 1


def test_what_the_files_say_about_the_bands_survives(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=128)
    ms = rasters.write(
        tmp_path / "told.tif",
        rasters.read(pair.ms),
        pairs.affine((4.0, 4.0)),
        pairs.EPSG,
        scale=2e-5,
        offset=[0.0, 0.1, -0.2, 0.0],
        names=("Blau", "Grün", "Rot", "Nah-IR"),
        colors=("Blue", "Green", "Red", "Undefined"),
        metadata={
            "": {"TIFFTAG_DATETIME": "2020:05:06 10:11:12", "TIFFTAG_IMAGEDESCRIPTION": "Etna", "OWN": "thing"},
            "IMAGERY": {"CLOUDCOVER": "3.5", "SATELLITEID": "Unheard-Of 7"},
            "IMD": {"IMAGE_1.sunElevation": "44.1"},
        },
        band_metadata=[{"": {"WAVELENGTH": str(w), "WAVELENGTH_UNITS": "nm"}} for w in pairs.WAVELENGTHS],
    )
    sharpened(SharpenRequest(pair.pan, (ms,), out=str(tmp_path / "sharp.tif")))
    dataset = gdal.Open(str(tmp_path / "sharp.tif"))
    bands = [dataset.GetRasterBand(index + 1) for index in range(4)]
    assert [band.GetDescription() for band in bands] == ["Blau", "Grün", "Rot", "Nah-IR"]
    assert [gdal.GetColorInterpretationName(band.GetColorInterpretation()) for band in bands] == [
        "Blue",
        "Green",
        "Red",
        "Undefined",
    ]
    assert [band.GetScale() for band in bands] == [2e-5] * 4
    assert [band.GetOffset() for band in bands] == [0.0, 0.1, -0.2, 0.0]
    assert [float(band.GetMetadataItem("WAVELENGTH")) for band in bands] == list(pairs.WAVELENGTHS)
    assert dataset.GetMetadataItem("TIFFTAG_DATETIME") == "2020:05:06 10:11:12"
    assert dataset.GetMetadataItem("TIFFTAG_IMAGEDESCRIPTION") == "Etna"
    assert dataset.GetMetadataItem("OWN") == "thing"
    assert dataset.GetMetadataItem("CLOUDCOVER", "IMAGERY") == "3.5"
    assert dataset.GetMetadataItem("IMAGE_1.sunElevation", "IMD") == "44.1"
