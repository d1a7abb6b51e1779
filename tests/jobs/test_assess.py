"""`assess`: what a perfect, a blurred, a copied and a shifted image get, on any grid, with gaps, in any unit."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
import pytest
from scipy import ndimage

from engine.errors import EngineError, RequestError
from engine.events import Progress
from engine.jobs.assess import assess
from engine.jobs.placed import settle
from engine.jobs.sharpen import sharpen
from engine.metrics import noreference, reference
from engine.metrics.hypercomplex import q2n
from engine.pixels.filters import spread
from engine.request import AssessRequest
from tests import pairs, rasters
from tests.jobs.runs import Run, run
from tests.pairs import EPSG, Floats, Pair, affine, write_pair

NUMBERS = ("d_lambda_k", "d_lambda", "d_s", "qnr", "hqnr", "d_rho", "r_sam", "r_ergas", "r_q", "r_q2n")
GRIDS = [{}, {"ratio": 2}, {"ratio": 3}, {"ratio": 2.5}, {"half_pixel": True}, {"collar": True, "size": 512}]


def judged(pair: Pair, fused: Union[str, Path], **changes: Any) -> Run:
    said = run(assess(AssessRequest(pair.pan, (pair.ms,), fused=str(fused), **changes)))
    fractions = [event.fraction for event in said.events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == pytest.approx(1.0)
    return said


def numbers(pair: Pair, fused: Union[str, Path], **changes: Any) -> dict[str, Any]:
    return judged(pair, fused, **changes).result


def written(path: Path, bands: Floats, nodata: Optional[float] = None, **changes: Any) -> Path:
    """Write an image in whole counts, on the grid of PAN where nothing else is said."""
    grid = {"affine": affine(), "epsg": EPSG, "nodata": nodata}
    rasters.write(path, np.rint(bands).astype(np.uint16), **{**grid, **changes})
    return path


def truth_of(pair: Pair, folder: Path) -> Path:
    truth = pair.truth if pair.valid is None else np.where(pair.valid, pair.truth, 0.0)
    return written(folder / "truth.tif", truth, None if pair.valid is None else 0)


def enlarged(pair: Pair, folder: Path) -> Path:
    run(sharpen(pair.request(folder / "exp.tif", method="exp")))
    return folder / "exp.tif"


@pytest.mark.parametrize("row", GRIDS, ids=str)
@pytest.mark.slow
def test_the_truth_is_faithful_and_ms_enlarged_is_less_so(row: dict[str, Any], tmp_path: Path) -> None:
    pair = write_pair(tmp_path, **row)
    perfect, blurred = numbers(pair, truth_of(pair, tmp_path)), numbers(pair, enlarged(pair, tmp_path))
    assert perfect["r_ergas"] < 0.2 and perfect["r_q2n"] > 0.999
    assert perfect["d_lambda_k"] < 0.01 and perfect["d_lambda_k"] < 0.5 * blurred["d_lambda_k"]
    assert perfect["d_rho"] < 0.5 * blurred["d_rho"] and perfect["r_ergas"] < 0.3 * blurred["r_ergas"]
    assert perfect["ratio"] == pytest.approx(pair.ratio) and perfect["lost"] == perfect["invented"] == 0
    assert perfect["shift_from_pan"] == pytest.approx([0.0, 0.0], abs=0.1)
    assert perfect["shift_from_ms"] == pytest.approx([0.0, 0.0], abs=0.15)
    assert perfect["warnings"] == blurred["warnings"]


@pytest.mark.parametrize("image", ["truth", "exp"])
def test_the_numbers_are_those_of_whole_arrays_filtered_by_scipy(image: str, plain: Pair, tmp_path: Path) -> None:
    path = truth_of(plain, tmp_path) if image == "truth" else enlarged(plain, tmp_path)
    found = numbers(plain, path, sensor="QB")
    fused, ms, (pan,) = (pairs.read(file) for file in (path, plain.ms, plain.pan))
    centres = np.meshgrid(*(((np.arange(96) + 0.5) * 4.0 - 0.5),) * 2, indexing="ij")
    widths = [pairs.gaussian_width(gain, 4.0) for gain in found["mtf_gains"]]
    mean_width = pairs.gaussian_width(float(np.mean(found["mtf_gains"])), 4.0)
    fused_low = np.stack([ndimage.gaussian_filter(*pair, mode="nearest") for pair in zip(fused, widths)])
    pan_seen = ndimage.map_coordinates(ndimage.gaussian_filter(pan, mean_width, mode="nearest"), centres)
    *ms_up, pan_low = (ndimage.zoom(one, 4, order=5, mode="nearest", grid_mode=True) for one in (*ms, pan_seen))
    sums = noreference.measure(fused, np.stack(ms_up), pan, pan_low, fused_low)
    for name in ("d_lambda", "d_s", "hqnr"):
        assert found[name] == pytest.approx(getattr(sums, name)(), abs=2e-3), name
    assert found["d_lambda_k"] == pytest.approx(sums.d_lambda_khan(), abs=2e-3)
    # The outermost MS pixels reach beyond the image and are left out.
    inner = (slice(None), slice(1, -1), slice(1, -1))
    seen = np.stack([ndimage.map_coordinates(one, centres) for one in fused_low])[inner]
    assert found["r_ergas"] == pytest.approx(reference.ergas(ms[inner], seen, 4.0), rel=3e-3)
    assert found["r_sam"] == pytest.approx(reference.sam(ms[inner], seen), rel=3e-3)
    assert found["r_q2n"] == pytest.approx(q2n(ms[inner], seen), abs=1e-4)
    assert found["mean_ms"] == pytest.approx(ms[inner].mean(axis=(1, 2)).tolist(), rel=1e-6)


def test_pan_in_every_band_has_all_the_detail_and_none_of_the_colour(plain: Pair, tmp_path: Path) -> None:
    found = numbers(plain, written(tmp_path / "copied.tif", np.repeat(pairs.read(plain.pan), 4, axis=0)))
    assert found["d_rho"] == pytest.approx(0.0, abs=1e-9)
    assert found["r_ergas"] > 5.0 and found["d_lambda_k"] > 0.3


@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, -2)])
def test_an_image_that_lies_beside_pan_is_found_out(right: int, down: int, plain: Pair, tmp_path: Path) -> None:
    found = numbers(plain, written(tmp_path / "moved.tif", np.roll(plain.truth, (down, right), axis=(1, 2))))
    assert found["shift_from_pan"] == pytest.approx([right, down], abs=0.1)
    assert found["shift_from_ms"] == pytest.approx([right, down], abs=0.1)
    warning = found["warnings"][-1]
    assert ("1.0 PAN pixels too far to the right" if right else "2.0 PAN pixels too far up") in warning
    assert "over PAN" in warning


def test_ms_in_large_pixels_shows_no_place_against_pan_to_warn_of(plain: Pair, tmp_path: Path) -> None:
    large = pairs.read(plain.ms).repeat(4, axis=1).repeat(4, axis=2)
    assert not [
        warning for warning in numbers(plain, written(tmp_path / "l.tif", large))["warnings"] if "lies" in warning
    ]
    moved = numbers(plain, written(tmp_path / "m.tif", np.roll(large, 3, axis=2)))["warnings"][-1]
    assert "too far to the right" in moved and "over PAN" in moved


def test_colours_that_lie_beside_ms_are_found_out(tmp_path: Path) -> None:
    pair = write_pair(tmp_path)
    beside = rasters.write(
        tmp_path / "beside.tif", pairs.read(pair.ms).astype(np.uint16), affine((4.0, 4.0), 1.5), EPSG
    )
    out = tmp_path / "out.tif"
    run(sharpen(Pair(pair.pan, beside, pair.truth, 4.0).request(out, method="mtf-glp", coverage="union")))
    found = numbers(pair, out)
    assert found["shift_from_pan"] == pytest.approx([0.0, 0.0], abs=0.2)
    assert found["shift_from_ms"][0] > 0.3
    assert "colours of the image" in found["warnings"][-1]


def test_a_shift_between_pan_and_ms_is_not_held_against_the_image(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, shift=(2.0, 0.0))
    found = judged(pair, enlarged(pair, tmp_path))
    assert found.result["shift_from_pan"] == pytest.approx([2.0, 0.0], abs=0.2)
    assert not any("The image lies" in warning or "The colours" in warning for warning in found.warnings)


@pytest.mark.parametrize("row", [{"collar": True, "size": 512}, {"ratio": 2.5}], ids=str)
@pytest.mark.slow
def test_tiles_and_threads_change_nothing(row: dict[str, Any], tmp_path: Path) -> None:
    pair = write_pair(tmp_path, **row)
    fused = truth_of(pair, tmp_path)
    whole = numbers(pair, fused, tile_size=8192, threads=1)
    for size, threads in ((100, 2), (256, 1), (512, 2)):
        found = numbers(pair, fused, tile_size=size, threads=threads)
        for name in (*NUMBERS, "r_rmse_percent", "mean_ms", "mean_reprojected"):
            assert found[name] == pytest.approx(whole[name], rel=1e-12, abs=1e-14), name
        for name in ("blocks_left_out", "r_blocks_left_out", "valid", "lost", "clipped_top", "shift_from_ms"):
            assert found[name] == whole[name], name


@pytest.mark.slow
def test_gaps_do_not_disturb_what_lies_beside_them(tmp_path: Path) -> None:
    gaps, whole = (write_pair(tmp_path / str(collar), size=512, collar=collar) for collar in (True, False))
    assert gaps.valid is not None
    there = np.kron(spread(pairs.wholly(gaps.valid, 4)), np.ones((4, 4), bool)) & gaps.valid
    image = written(tmp_path / "image.tif", gaps.truth)
    image_with_gaps = written(tmp_path / "gaps.tif", np.where(there, gaps.truth, 0.0), nodata=0)
    # Everywhere the same blocks are left out, for want of the pair, of the image, or of both.
    one, two, three = (
        numbers(*args, sensor="QB") for args in ((gaps, image), (whole, image_with_gaps), (gaps, image_with_gaps))
    )
    assert 0.3 < one["blocks_left_out"] == two["blocks_left_out"] == three["blocks_left_out"] < 0.4
    for found in (one, three):
        for name in NUMBERS:
            close = 1e-4 if name in ("d_lambda_k", "d_lambda", "d_s", "qnr", "hqnr", "r_q", "r_q2n") else 1e-3
            assert found[name] == pytest.approx(two[name], abs=close), name


def test_lost_and_invented_pixels_are_counted(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=512, collar=True)
    assert pair.valid is not None
    image = np.where(pair.valid, pair.truth, 0.0)
    image[:, 200:210, 200:220] = 0.0
    image[:, :5, :7] = 100.0
    found = numbers(pair, written(tmp_path / "holed.tif", image, nodata=0))
    assert (found["lost"], found["invented"], found["pixels"]) == (200, 35, 512 * 512)
    assert found["valid"] == numbers(pair, truth_of(pair, tmp_path))["valid"] - 200


def test_values_at_the_ends_of_the_data_type_are_counted(plain: Pair, tmp_path: Path) -> None:
    image = plain.truth.copy()
    image[1, 100:110, 100] = 65535.0
    image[2, 200, 100:105] = 0.0
    found = numbers(plain, written(tmp_path / "clipped.tif", image))
    assert found["clipped_top"] == [0, 10, 0, 0] and found["clipped_bottom"] == [0, 0, 5, 0]


def test_reflectances_get_the_numbers_of_their_counts(tmp_path: Path) -> None:
    counts = write_pair(tmp_path / "counts", size=320)
    fractions = write_pair(tmp_path / "fractions", size=320, data_type="float32", scale=1e-4)
    expected = numbers(counts, truth_of(counts, tmp_path))
    reflectances = rasters.write(
        tmp_path / "reflectances.tif", np.rint(counts.truth).astype(np.float32) * np.float32(1e-4), affine(), EPSG
    )
    said = judged(fractions, reflectances)
    for name in (*NUMBERS, "r_rmse_percent"):
        assert said.result[name] == pytest.approx(expected[name], rel=1e-3, abs=1e-4), name
    assert said.result["mean_ms"] == pytest.approx([mean / 1e4 for mean in expected["mean_ms"]], rel=1e-4)
    assert any("fractions" in note for note in said.notes)


@pytest.mark.slow
def test_an_image_that_lost_the_scale_of_ms_is_read_with_it(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=320)
    expected = numbers(pair, truth_of(pair, tmp_path))
    scaled = {"scale": 0.5, "offset": -10.0}
    ms = rasters.write(
        tmp_path / "scaled.tif", pairs.read(pair.ms).astype(np.uint16), affine((4.0, 4.0)), EPSG, **scaled
    )
    pair = Pair(pair.pan, ms, pair.truth, 4.0)
    told = judged(pair, written(tmp_path / "told.tif", pair.truth, **scaled))
    bare = judged(pair, truth_of(pair, tmp_path))
    (note,) = set(bare.notes) - set(told.notes)
    assert "declares neither scale nor offset" in note
    assert bare.result["mean_reprojected"] == pytest.approx([0.5 * x - 10 for x in expected["mean_reprojected"]])
    assert [bare.result[name] for name in NUMBERS] == [told.result[name] for name in NUMBERS]


def test_a_part_of_the_scene_is_assessed_where_it_lies(plain: Pair, tmp_path: Path) -> None:
    part = written(tmp_path / "part.tif", plain.truth[:, 64:256, 32:224], affine=moved(32, 64))
    found = numbers(plain, part)
    assert (found["width"], found["height"]) == (192, 192)
    assert found["r_ergas"] < 0.2 and found["shift_from_pan"] == pytest.approx([0.0, 0.0], abs=0.05)


def test_bands_are_those_chosen(plain: Pair, tmp_path: Path) -> None:
    image = written(tmp_path / "two.tif", plain.truth[[2, 0]])
    assert numbers(plain, image, bands=(3, 1))["r_ergas"] < 0.2
    assert numbers(plain, image, bands=(1, 3))["r_ergas"] > 1.0


def moved(right: int, down: int) -> Sequence[float]:
    x0, dx, *_, y0, _, dy = affine()
    return x0 + right * dx, dx, 0.0, y0 + down * dy, 0.0, dy


@pytest.mark.parametrize(
    ("bands", "place", "size", "nodata", "said"),
    [
        (3, affine(), 384, None, "has 3 bands, and 4 of MS"),
        (
            4,
            affine((2.0, 2.0)),
            192,
            None,
            r"192 x 192 pixels of 1 x 1\).*384 x 384 pixels of 0.5 x 0.5\) do not coincide",
        ),
        (4, moved(900, 0), 384, None, "do not overlap"),
        (4, None, 383, None, "has 383 x 383 pixels"),
        (4, affine(), 384, 7, "no pixel that is valid in all"),
        (4, moved(100, 100), 4, None, "No MS pixel has all of its surroundings"),
    ],
)
def test_what_cannot_be_assessed_is_said_in_a_sentence(
    bands: int, place: Any, size: int, nodata: Any, said: str, plain: Pair, tmp_path: Path
) -> None:
    array = np.full((bands, size, size), 7, np.uint16)
    rasters.write(tmp_path / "other.tif", array, place, None if place is None else EPSG, nodata)
    with pytest.raises(EngineError, match=said):
        numbers(plain, tmp_path / "other.tif")


@pytest.mark.parametrize("row", [{"fused": ""}, {"fused": "f.tif", "tile_size": 8}, {"fused": "f.tif", "threads": -1}])
def test_a_request_without_meaning_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        AssessRequest("pan.tif", ("ms.tif",), **row)


def test_there_are_signs_of_life_while_the_windows_are_agreed_on(
    plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed: list[bool] = []

    def slow(*given: Any) -> Any:
        time.sleep(1.0)
        agreed.append(True)
        return settle(*given)

    monkeypatch.setattr("engine.jobs.assess.settle", slow)
    events = assess(AssessRequest(plain.pan, (plain.ms,), fused=str(truth_of(plain, tmp_path)), threads=1))
    stages = [event.stage for event in events if isinstance(event, Progress) and not agreed]
    assert stages.count("Looking for a shift") >= 4


@pytest.mark.parametrize("stage", ["Looking at the pair", "Comparing with PAN", "Comparing with MS"])
def test_closing_early_ends_at_once(stage: str, plain: Pair, tmp_path: Path) -> None:
    before = threading.active_count()
    events = assess(
        AssessRequest(plain.pan, (plain.ms,), fused=str(truth_of(plain, tmp_path)), threads=2, tile_size=64)
    )
    assert any(isinstance(event, Progress) and event.stage == stage for event in events)
    begun = time.monotonic()
    events.close()
    assert time.monotonic() - begun < 1.0 and threading.active_count() == before
