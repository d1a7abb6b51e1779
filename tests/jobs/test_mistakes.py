"""What cannot be sharpened is refused with a sentence and a remedy, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import InputError, MethodError, OutputError, PairingError, RequestError
from engine.jobs.describe import describe
from engine.jobs.sharpen import sharpen
from engine.request import METHODS, DescribeRequest, SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import files_in, refusal, run
from tests.pairs import Pair
from tests.slowness import mostly_slow


def request(pan: str, *ms: str, out: Path, **changes: Any) -> SharpenRequest:
    return SharpenRequest(pan, ms, **{"out": str(out / "sharp.tif"), **changes})


# Files.


def test_a_missing_file_is_named(plain: Pair, tmp_path: Path) -> None:
    missing = str(tmp_path / "absent.tif")
    assert f"There is no file {missing}." in refusal(request(missing, plain.ms, out=tmp_path), InputError)
    assert f"There is no file {missing}." in refusal(request(plain.pan, plain.ms, missing, out=tmp_path), InputError)


@pytest.mark.parametrize("content", [b"", b"Dear reader,\nthis is no picture.\n", b"II*\0\x08\0\0\0garbage"])
def test_a_file_that_is_no_image_is_named(content: bytes, plain: Pair, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tif"
    wrong.write_bytes(content)
    for pan, ms in ((str(wrong), plain.ms), (plain.pan, str(wrong))):
        assert f"{wrong} cannot be opened as an image" in refusal(request(pan, ms, out=tmp_path), InputError)


def test_a_folder_is_no_image(plain: Pair, tmp_path: Path) -> None:
    assert "cannot be opened as an image" in refusal(request(plain.pan, str(tmp_path), out=tmp_path), InputError)


def test_a_file_that_ends_early_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    pair = pairs.write_pair(tmp_path / "pair", size=384)
    whole = Path(pair.pan).read_bytes()
    Path(pair.pan).write_bytes(whole[: len(whole) // 2])
    (tmp_path / "out").mkdir()
    sentence = refusal(request(pair.pan, pair.ms, out=tmp_path / "out"), InputError)
    assert "cannot be" in sentence and "pan.tif" in sentence


def test_complex_numbers_cannot_be_sharpened(plain: Pair, tmp_path: Path) -> None:
    path = rasters.write(tmp_path / "c.tif", np.zeros((1, 96, 96), np.complex64), pairs.affine((4, 4)), pairs.EPSG)
    assert "CFloat32" in refusal(request(plain.pan, path, out=tmp_path), InputError)


def test_swapped_images_are_recognised(plain: Pair, tmp_path: Path) -> None:
    one = str(tmp_path / "one.tif")
    gdal.Translate(one, plain.ms, bandList=[1])
    assert "Exchange the two images" in refusal(request(one, plain.pan, out=tmp_path), PairingError)
    assert "4 bands" in refusal(request(plain.ms, plain.pan, out=tmp_path), InputError)


def test_a_pan_of_three_bands_asks_which_one(plain: Pair, tmp_path: Path) -> None:
    several = str(tmp_path / "several.tif")
    gdal.Translate(several, plain.pan, bandList=[1, 1, 1])
    assert "3 bands" in refusal(request(several, plain.ms, out=tmp_path), InputError)
    assert "no band 4" in refusal(request(several, plain.ms, out=tmp_path, pan_band=4), RequestError)


def test_images_of_different_places_do_not_overlap(plain: Pair, tmp_path: Path) -> None:
    far = rasters.write(
        tmp_path / "far.tif", rasters.read(plain.ms), (900_000.0, 2.0, 0, 100_000.0, 0, -2.0), pairs.EPSG
    )
    assert "do not overlap" in refusal(request(plain.pan, far, out=tmp_path), PairingError)


def test_images_of_different_zones_and_places_do_not_overlap(plain: Pair, tmp_path: Path) -> None:
    """Another tool would have asked for 267 GB here."""
    far = rasters.write(tmp_path / "far.tif", rasters.read(plain.ms), pairs.affine((4, 4)), 32611)
    assert "do not overlap" in refusal(request(plain.pan, far, out=tmp_path), PairingError)


@pytest.mark.parametrize("which", ["PAN", "MS"])
def test_a_rotated_grid_is_refused(which: str, plain: Pair, tmp_path: Path) -> None:
    files = {}
    for name, path, step in (("PAN", plain.pan, 0.5), ("MS", plain.ms, 2.0)):
        turn = 0.1 * step if name == which else 0.0
        files[name] = rasters.write(
            tmp_path / f"{name}.tif", rasters.read(path), (pairs.LEFT, step, turn, pairs.TOP, turn, -step), pairs.EPSG
        )
    sentence = refusal(request(files["PAN"], files["MS"], out=tmp_path), PairingError)
    assert f"the {which} image" in sentence and "north-up" in sentence


RPC = {
    "LINE_OFF": "100",
    "SAMP_OFF": "100",
    "LAT_OFF": "47.8",
    "LONG_OFF": "15",
    "HEIGHT_OFF": "300",
    "LINE_SCALE": "200",
    "SAMP_SCALE": "200",
    "LAT_SCALE": "0.1",
    "LONG_SCALE": "0.1",
    "HEIGHT_SCALE": "500",
    **{f"{kind}_COEFF": " ".join(["1"] + ["0"] * 19) for kind in ("LINE_NUM", "LINE_DEN", "SAMP_NUM", "SAMP_DEN")},
}


def test_images_with_rational_polynomials_alone_have_to_be_orthorectified(plain: Pair, tmp_path: Path) -> None:
    pan = rasters.write(tmp_path / "pan.tif", rasters.read(plain.pan), metadata={"RPC": RPC})
    ms = rasters.write(tmp_path / "ms.tif", rasters.read(plain.ms), metadata={"RPC": RPC})
    assert "Orthorectify" in refusal(request(pan, ms, out=tmp_path), PairingError)


def test_images_with_control_points_alone_have_to_be_rectified(plain: Pair, tmp_path: Path) -> None:
    points = [gdal.GCP(15.0 + x / 1e4, 47.8 - y / 1e4, 0, x, y) for x, y in ((0, 0), (90, 0), (0, 90), (90, 80))]
    gdal.Translate(str(tmp_path / "ms.tif"), rasters.write(tmp_path / "raw.tif", rasters.read(plain.ms)), GCPs=points)
    assert "ground control points" in refusal(request(plain.pan, str(tmp_path / "ms.tif"), out=tmp_path), PairingError)


def test_images_without_georeferencing_must_fit_by_size(plain: Pair, tmp_path: Path) -> None:
    pan = rasters.write(tmp_path / "pan.tif", rasters.read(plain.pan)[:, :300])
    ms = rasters.write(tmp_path / "ms.tif", rasters.read(plain.ms))
    assert "cannot be the same footprint" in refusal(request(pan, ms, out=tmp_path), PairingError)


# Pixels.


@pytest.mark.parametrize("method", mostly_slow(METHODS, 0, 8))
@pytest.mark.parametrize("which", ["PAN", "MS"])
def test_a_pair_without_a_valid_pixel_is_refused(which: str, method: str, tmp_path: Path) -> None:
    pan, ms = np.full((1, 128, 128), 700, np.uint16), np.full((2, 32, 32), 500, np.uint16)
    (pan if which == "PAN" else ms)[...] = 0
    files = [
        rasters.write(tmp_path / "pan.tif", pan, pairs.affine(), pairs.EPSG, nodata=0),
        rasters.write(tmp_path / "ms.tif", ms, pairs.affine((4, 4)), pairs.EPSG, nodata=0),
    ]
    assert "valid" in refusal(request(files[0], files[1], out=tmp_path, method=method))


@pytest.mark.parametrize("method", ["gsa", "brovey", "bdsd-pc"])
def test_too_few_pixels_for_statistics_are_refused_with_a_way_out(method: str, tmp_path: Path) -> None:
    pan = rasters.write(tmp_path / "pan.tif", np.full((1, 4, 4), 700, np.uint16), pairs.affine(), pairs.EPSG)
    ms = rasters.write(tmp_path / "ms.tif", np.full((2, 1, 1), 500, np.uint16), pairs.affine((4, 4)), pairs.EPSG)
    assert "'exp'" in refusal(request(pan, ms, out=tmp_path, method=method), MethodError)


# What was asked for.


def test_the_output_must_not_be_an_input(plain: Pair, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tif"
    shutil.copy(plain.ms, copy)
    for same in (str(copy), os.path.join(tmp_path, ".", "copy.tif"), str(tmp_path / "elsewhere" / ".." / "copy.tif")):
        with pytest.raises(RequestError, match="also an input"):
            SharpenRequest(plain.pan, (str(copy),), out=same)


def test_a_link_to_an_input_is_no_output(plain: Pair, tmp_path: Path) -> None:
    copy, link = tmp_path / "copy.tif", tmp_path / "link.tif"
    shutil.copy(plain.ms, copy)
    link.symlink_to(copy)
    with pytest.raises(RequestError, match="also an input"):
        run(sharpen(SharpenRequest(plain.pan, (str(copy),), out=str(link))))


def test_the_output_needs_a_folder_a_name_and_an_extension(plain: Pair, tmp_path: Path) -> None:
    for out, words in (
        (tmp_path / "absent" / "sharp.tif", "no folder"),
        (tmp_path / "sharp.jp2", "does not end in .tif"),
        (tmp_path / "sharp", "does not end in .tif"),
        (tmp_path / "folder.tif", "is a folder"),
    ):
        (tmp_path / "folder.tif").mkdir(exist_ok=True)
        assert words in refusal(plain.request(out), OutputError)


def test_a_result_larger_than_the_disk_is_refused_before_it_is_begun(
    plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=384 * 384 * 4 * 2 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    assert "free" in refusal(plain.request(tmp_path / "sharp.tif"), OutputError)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "magic"}, "'magic' is no method"),
        ({"resampling": "psychic"}, "'psychic' is no resampling"),
        ({"data_type": "uint64"}, "'uint64' is no data type"),
        ({"format": "png"}, "'png' is no format"),
        ({"coverage": "most"}, "'most' is no coverage"),
        ({"bands": (0,)}, "band 0"),
        ({"bands": (1, 1)}, "twice"),
        ({"weights": (1.0, -1.0, 1.0, 1.0)}, "no meaning"),
        ({"weights": (0.0,) * 4}, "All band weights are 0"),
        ({"options": ("COMPRESS",)}, "NAME=VALUE"),
        ({"threads": -1}, "threads"),
        ({"tile_size": 8}, "impractical"),
        ({"extent": (1.0, 0.0, 0.0, 1.0)}, "is empty"),
        ({"extent": (0.0, 0.0, float("nan"), 1.0)}, "is empty"),
        ({"out": " "}, "No file"),
        ({"ms": ()}, "No multispectral file"),
    ],
)
def test_a_request_without_meaning_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        SharpenRequest(**{"pan": "pan.tif", "ms": ("ms.tif",), "out": "out.tif", **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bands": (2, 5)}, "no MS band 5"),
        ({"pan_band": 2}, "no band 2"),
        ({"sensor": "Sputnik"}, "Sputnik"),
        ({"weights": (0.5, 0.5), "method": "brovey"}, "2 band weights were given for 4 bands"),
        ({"weights": (0.5, 0.5), "method": "gihs"}, "2 band weights were given for 4 bands"),
        ({"extent": (0.0, 0.0, 1.0, 1.0)}, "extent holds no pixel"),
        ({"options": ("COMPRESS=JPEG",)}, "could not be"),
    ],
)
def test_a_request_that_does_not_fit_the_pair_is_refused(
    changes: dict[str, Any], words: str, plain: Pair, tmp_path: Path
) -> None:
    assert words in refusal(plain.request(tmp_path / "sharp.tif", **changes))


def test_weights_that_the_method_does_not_ask_for_are_said_to_have_no_effect(plain: Pair, tmp_path: Path) -> None:
    said = run(sharpen(plain.request(tmp_path / "sharp.tif", method="gsa", weights=(1.0, 1.0, 1.0, 1.0))))
    assert said.warnings == ["The band weights have no effect: gsa finds its own."] == said.result["warnings"]


# With exceptions on, closing a file that cannot be written raises where nobody can catch it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("exceptions", [gdal.UseExceptions, gdal.DontUseExceptions])
def test_mistakes_are_sentences_however_gdal_is_set(
    exceptions: Callable[[], None], plain: Pair, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = gdal.GetUseExceptions()
    exceptions()
    try:
        with pytest.raises(InputError):
            run(describe(DescribeRequest(plain.pan, (str(tmp_path / "absent.tif"),))))
        # On several threads GDAL compresses on its own, and what it says there cannot be caught.
        refusal(plain.request(tmp_path / "sharp.tif", options=("COMPRESS=JPEG",), threads=1), OutputError)
        run(sharpen(plain.request(tmp_path / "sharp.tif")))
        assert set(files_in(tmp_path)) == {"sharp.tif"}
    finally:
        (gdal.UseExceptions if before else gdal.DontUseExceptions)()
    assert capfd.readouterr() == ("", "")
