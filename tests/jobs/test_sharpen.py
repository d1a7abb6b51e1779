"""What `sharpen` owes with every method: the same picture however it is cut, honest progress, a whole file or none."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

import engine.jobs.sharpen as job
from engine.errors import OutputError
from engine.events import Event, Finished, Metric, Noted, Progress, Started, Warned, to_json
from engine.jobs.sharpen import sharpen
from engine.raster.writer import Writer
from engine.request import METHODS, SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import files_in, run, sharpened, written
from tests.pairs import PIXEL, Floats, Pair, ergas, write_pair
from tests.slowness import mostly_slow, slow

# What scripts, saved models and the plugin read from the result.
RESULT_KEYS = {
    "method",
    "sensor",
    "ratio",
    "shift",
    "shift_px",
    "valid_share",
    "seconds",
    "peak_mb",
    "output",
    "width",
    "height",
    "bands",
    "band_names",
    "data_type",
    "nodata",
    "display",
    "clipped",
    "warnings",
}


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A collar and the phase of Landsat: what makes cutting hard."""
    return write_pair(tmp_path_factory.mktemp("gaps"), size=384, ratio=2, half_pixel=True, collar=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.slow
def test_tiles_and_threads_change_nothing_in_the_picture(method: str, gaps: Pair, tmp_path: Path) -> None:
    pictures = {}
    for tile, threads in ((64, 2), (128, 1), (512, 2), (8192, 1)):
        out = tmp_path / f"{tile}-{threads}.tif"
        sharpened(gaps.request(out, method=method, tile_size=tile, threads=threads))
        pictures[tile, threads] = rasters.read(out).tobytes()
    assert len(set(pictures.values())) == 1


# Events.


@pytest.mark.parametrize("method", mostly_slow(METHODS, 0, 4, 8))
def test_a_method_fills_the_grid_of_pan_and_tells_the_story_in_order(method: str, plain: Pair, tmp_path: Path) -> None:
    result, said = sharpened(plain.request(tmp_path / "sharp.tif", method=method, tile_size=64))
    assert ergas(result, plain.truth, 4.0) < 4.5
    dataset, pan = gdal.Open(str(tmp_path / "sharp.tif")), gdal.Open(plain.pan)
    assert dataset.GetGeoTransform() == pan.GetGeoTransform() and dataset.GetProjection() == pan.GetProjection()
    assert result.shape == plain.truth.shape and files_in(tmp_path).keys() == {"sharp.tif"}
    events = said.events
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[0] == 0.0 and fractions[-1] == 1.0
    assert len(set(fractions)) > 20
    assert isinstance(events[-1], Finished) and sum(isinstance(event, Finished) for event in events) == 1
    assert sum(isinstance(event, Started) for event in events) == 1
    assert {"valid_share"} <= {event.name for event in events if isinstance(event, Metric)}
    facts = events[-1].result
    assert facts.keys() >= RESULT_KEYS
    assert facts["output"] == str(tmp_path / "sharp.tif")
    assert facts["method"] == method and facts["valid_share"] == 1.0
    assert 0 < facts["seconds"] < 60 and facts["peak_mb"] > 10
    for event in events:
        assert "\n" not in to_json(event)
        if isinstance(event, (Noted, Warned)):
            assert event.message.endswith(".")


@pytest.mark.parametrize("stage", ["reading", "learning", "closing"])
@pytest.mark.slow
def test_a_slow_stage_gives_a_sign_of_life_every_fifth_of_a_second(
    stage: str, plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_down(stage, 0.7, monkeypatch)
    longest, before = 0.0, time.monotonic()
    for _ in sharpen(plain.request(tmp_path / "sharp.tif")):
        now = time.monotonic()
        longest, before = max(longest, now - before), now
    assert longest < 0.35  # 0.2 and what a busy machine takes


def slow_down(stage: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, name = {
        "reading": (job.Scene, "read"),
        "learning": (job.Scene, "read"),
        "closing": (Writer, "_close"),
    }[stage]
    whole = getattr(kind, name)
    begun: list[float] = []

    def slow(*arguments: Any) -> Any:
        if stage != "learning" or len(begun) == 1:  # the survey reads once before
            time.sleep(seconds)
        begun.append(time.monotonic())
        return whole(*arguments)

    monkeypatch.setattr(kind, name, slow)


# Stopping.


def stop_when(events: Iterator[Event], reached: Callable[[Event], bool]) -> float:
    """Close the generator at the first event that `reached` names and return how long that took."""
    for event in events:
        if reached(event):
            begun = time.monotonic()
            events.close()  # type: ignore[attr-defined]
            return time.monotonic() - begun
    raise AssertionError("it finished before it was stopped")


STOPS: dict[str, Callable[[Event], bool]] = {
    "at once": lambda event: True,
    "while it learns": lambda event: isinstance(event, Progress) and event.stage == "Learning from the scene",
    "in the middle": lambda event: isinstance(event, Progress) and 0.4 < event.fraction < 0.9,
    "while it closes the file": lambda event: isinstance(event, Progress) and event.fraction == 0.98,
}


@pytest.mark.parametrize("options", mostly_slow([{}, {"overviews": True}, {"format": "cog"}], 0))
@pytest.mark.parametrize("when", STOPS)
def test_stopping_leaves_nothing_and_takes_less_than_a_second(
    when: str, options: dict[str, Any], plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The long steps go on until they are asked, as overviews and COGs of large images do.
    monkeypatch.setattr(Writer, "_close", lingering(Writer._close))
    threads = threading.active_count()
    took = stop_when(sharpen(plain.request(tmp_path / "sharp.tif", tile_size=64, **options)), STOPS[when])
    assert took < 1.0
    assert files_in(tmp_path) == {}
    assert threading.active_count() == threads


def lingering(close: Callable[[Writer], None]) -> Callable[[Writer], None]:
    def slowly(writer: Writer) -> None:
        time.sleep(0.3)
        close(writer)

    return slowly


def test_stopping_reaches_the_long_steps_at_the_end(
    plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Overviews and COGs of large images take minutes, and ask now and then whether to go on."""
    finish = Writer.finish

    def finish_slowly(writer: Writer, go_on: Callable[[], bool]) -> None:
        until = time.monotonic() + 5.0
        while go_on() and time.monotonic() < until:
            time.sleep(0.02)
        finish(writer, go_on)

    monkeypatch.setattr(Writer, "finish", finish_slowly)
    assert stop_when(sharpen(plain.request(tmp_path / "sharp.tif")), STOPS["while it closes the file"]) < 1.0
    assert files_in(tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_stopping_a_large_job_takes_less_than_a_second(method: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    pair = write_pair(tmp_path / "pair", size=1024)
    for path in (pair.pan, pair.ms):
        side = 4 * gdal.Open(path).RasterXSize
        gdal.Translate(path.replace(".tif", "-large.tif"), path, width=side, height=side)
    large = [path.replace(".tif", "-large.tif") for path in (pair.pan, pair.ms)]
    for when in ("while it learns", "in the middle"):
        request = SharpenRequest(large[0], (large[1],), out=str(tmp_path / "out" / "sharp.tif"), method=method)
        assert stop_when(sharpen(request), STOPS[when]) < 1.0
        assert files_in(tmp_path / "out") == {}


# Replacing a file.


def test_an_existing_file_stays_whole_until_the_new_one_is(plain: Pair, tmp_path: Path) -> None:
    out = tmp_path / "sharp.tif"
    first, _ = sharpened(plain.request(out, method="exp"))
    (tmp_path / "sharp.tif.aux.xml").write_text("<PAMDataset></PAMDataset>")
    (tmp_path / "sharp.tif.ovr").write_bytes(b"stale")
    before = out.read_bytes()
    for event in sharpen(plain.request(out, method="gsa", tile_size=64)):
        if isinstance(event, Progress) and event.fraction < 0.98:
            assert out.read_bytes() == before
    second = pairs.read(out)
    assert not np.array_equal(first, second)
    assert files_in(tmp_path).keys() == {"sharp.tif"}, "what described the old file must not describe the new one"


def test_a_failure_leaves_an_existing_file_alone(plain: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "sharp.tif"
    sharpened(plain.request(out, method="exp"))
    before = files_in(tmp_path)
    with pytest.raises(OSError):
        run(sharpen(plain.request(out, options=("COMPRESS=JPEG",), threads=1)))
    stop_when(sharpen(plain.request(out, tile_size=64)), STOPS["in the middle"])

    def refuse(*_arguments: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="cannot be replaced"):
        run(sharpen(plain.request(out)))
    assert files_in(tmp_path) == before


# What is written.


def test_the_file_says_how_it_was_made(plain: Pair, tmp_path: Path) -> None:
    _, said = sharpened(plain.request(tmp_path / "sharp.tif", method="gs", resampling="cubic"))
    items = gdal.Open(str(tmp_path / "sharp.tif")).GetMetadata()
    assert items["KSDIFF_METHOD"] == "gs" and items["KSDIFF_RESAMPLING"] == "cubic"
    assert items["KSDIFF_PAN"] == "pan.tif" and items["KSDIFF_MS"] == "ms.tif"
    assert items["KSDIFF_SENSOR"] == said.result["sensor"]
    assert [float(value) for value in items["KSDIFF_SHIFT_FOUND"].split()] == said.result["shift"]
    assert items["TIFFTAG_SOFTWARE"].startswith("KSDiff ")
    assert str(tmp_path) not in str(items)


@pytest.fixture(scope="module")
def exact(plain: Pair, tmp_path_factory: pytest.TempPathFactory) -> Floats:
    """The counts before they become those of a type."""
    out = tmp_path_factory.mktemp("exact") / "exact.tif"
    return sharpened(plain.request(out, data_type="float64", method="gsa"))[0]


@pytest.mark.parametrize(
    ("data_type", "expected", "lowest"),
    [
        ("same", "UInt16", 0),
        ("byte", "Byte", 0),
        slow("uint16", "UInt16", 0),
        slow("int16", "Int16", -32768),
        slow("uint32", "UInt32", 0),
        slow("int32", "Int32", -(2**31)),
        ("float32", "Float32", -math.inf),
        slow("float64", "Float64", -math.inf),
    ],
)
def test_the_data_type_is_that_of_ms_or_the_one_asked_for(
    data_type: str, expected: str, lowest: float, exact: Floats, plain: Pair, tmp_path: Path
) -> None:
    result, said = sharpened(plain.request(tmp_path / "sharp.tif", data_type=data_type, method="gsa"))
    dataset = gdal.Open(str(tmp_path / "sharp.tif"))
    assert gdal.GetDataTypeName(dataset.GetRasterBand(1).DataType) == expected
    highest = {"Byte": 255, "UInt16": 65535}.get(expected, math.inf)
    limited = np.clip(exact, lowest, highest)
    if not expected.startswith("Float"):
        limited = np.rint(limited)
        assert said.result["clipped"] == ((np.rint(exact) < lowest) | (np.rint(exact) > highest)).sum()
    assert np.abs(result - limited).max() <= (0 if not expected.startswith("Float") else 1e-3)


def test_a_valid_pixel_never_gets_the_value_of_nodata(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, size=256, collar=True)
    result, said = sharpened(pair.request(tmp_path / "sharp.tif", data_type="byte"))  # much is clipped to 255
    low, _ = sharpened(pair.request(tmp_path / "low.tif", method="mtf-glp-hpm"))
    assert pair.valid is not None
    for image in (result, low):
        assert ((image == 0).all(axis=0) == (image == 0).any(axis=0)).all()
        assert np.array_equal(written(image, 0), pair.valid)
    assert said.result["valid_share"] == pytest.approx(pair.valid.mean())


def test_an_extent_cuts_the_result_on_the_grid_of_pan(plain: Pair, tmp_path: Path) -> None:
    extent = (pairs.LEFT + 20.1, pairs.TOP - 150.1, pairs.LEFT + 120.1, pairs.TOP - 30.1)
    whole, _ = sharpened(plain.request(tmp_path / "whole.tif", method="exp"))
    result, said = sharpened(plain.request(tmp_path / "sharp.tif", method="exp", extent=extent))
    assert result.shape == (4, 240, 200)
    assert gdal.Open(str(tmp_path / "sharp.tif")).GetGeoTransform() == pytest.approx(
        (pairs.LEFT + 40 * PIXEL, PIXEL, 0, pairs.TOP - 60 * PIXEL, 0, -PIXEL)
    )
    assert np.array_equal(result, whole[:, 60:300, 40:240])
    assert said.result["nodata"] is None


def test_the_union_fills_an_extent_only_as_far_as_there_is_something(plain: Pair, tmp_path: Path) -> None:
    everything = (pairs.LEFT - 1000.0, pairs.TOP - 1000.0, pairs.LEFT + 1000.0, pairs.TOP + 1000.0)
    result, _ = sharpened(plain.request(tmp_path / "sharp.tif", extent=everything, coverage="union"))
    assert result.shape == plain.truth.shape


@pytest.mark.parametrize(
    "name", mostly_slow(["nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average", "polynomial"], 2, 6)
)
def test_every_resampling_keeps_the_picture_in_its_place(name: str, plain: Pair, tmp_path: Path) -> None:
    result, _ = sharpened(plain.request(tmp_path / "sharp.tif", resampling=name))
    assert np.hypot(*pairs.shift_of(result[0], plain.truth[0])) <= (0.05 if name not in ("nearest", "average") else 0.2)
    enlarged, _ = sharpened(plain.request(tmp_path / "exp.tif", resampling=name, method="exp"))
    if name == "nearest":
        assert np.array_equal(enlarged, np.repeat(np.repeat(pairs.read(plain.ms), 4, axis=1), 4, axis=2))
    assert ergas(result, plain.truth, 4.0) < ergas(enlarged, plain.truth, 4.0)


def test_a_finer_kernel_enlarges_better(plain: Pair, tmp_path: Path) -> None:
    errors = [
        ergas(sharpened(plain.request(tmp_path / "exp.tif", resampling=name, method="exp"))[0], plain.truth, 4.0)
        for name in ("nearest", "bilinear", "cubic", "polynomial")
    ]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.slow
def test_creation_options_overviews_and_cloud_optimised_files_hold_the_same_picture(
    tmp_path: Path,
) -> None:
    pair = write_pair(tmp_path / "pair", size=640)
    expected, _ = sharpened(pair.request(tmp_path / "plain.tif"))
    for changes in (
        {"options": ("COMPRESS=NONE", "INTERLEAVE=PIXEL", "TILED=NO")},
        {"options": ("compress=zstd", "BIGTIFF=YES", "blockxsize=256", "BLOCKYSIZE=256")},
        {"overviews": True},
        {"format": "cog"},
        {"format": "cog", "options": ("COMPRESS=LZW", "BLOCKSIZE=256")},
    ):
        result, _ = sharpened(pair.request(tmp_path / "other.tif", **changes))
        assert np.array_equal(result, expected)
        dataset = gdal.Open(str(tmp_path / "other.tif"))
        structure, band = dataset.GetMetadata("IMAGE_STRUCTURE"), dataset.GetRasterBand(1)
        if changes.get("overviews"):
            assert band.GetOverviewCount() == 1
        if changes.get("format") == "cog":
            assert structure["LAYOUT"] == "COG"
            assert band.GetDescription() == "Blue" and dataset.GetMetadataItem("KSDIFF_METHOD") == "mtf-glp-fs"
        if "COMPRESS=LZW" in changes.get("options", ()):  # type: ignore[operator]
            assert structure["COMPRESSION"] == "LZW"
        if "COMPRESS=NONE" in changes.get("options", ()):  # type: ignore[operator]
            assert "COMPRESSION" not in structure and structure["INTERLEAVE"] == "PIXEL"
    assert files_in(tmp_path).keys() == {"plain.tif", "other.tif"}


def test_weights_decide_which_bands_carry_the_detail(plain: Pair, tmp_path: Path) -> None:
    by_hand, _ = sharpened(plain.request(tmp_path / "a.tif", method="gihs", weights=(15.0, 28.0, 32.0, 25.0)))
    estimated, _ = sharpened(plain.request(tmp_path / "b.tif", method="gihs"))
    wrong, _ = sharpened(plain.request(tmp_path / "c.tif", method="gihs", weights=(1.0, 0.0, 0.0, 0.0)))
    # 0.15, 0.28, 0.32, 0.25 is how PAN was made: the estimate must come near, and any other mix is worse.
    assert np.abs(by_hand - estimated).mean() < 5
    assert ergas(by_hand, plain.truth, 4.0) < 0.9 * ergas(wrong, plain.truth, 4.0)


@pytest.mark.parametrize("size", [513, 514, 517, 1025])
@pytest.mark.parametrize("sensor", ["auto", "worldview2"])
@pytest.mark.slow
def test_a_size_that_leaves_a_sliver_of_a_window_is_a_size_like_others(size: int, sensor: str, tmp_path: Path) -> None:
    pan = np.random.default_rng(1).integers(200, 900, (1, size, size)).astype(np.uint16)
    side = -(-size // 4)
    ms = np.random.default_rng(2).integers(200, 900, (4, side, side)).astype(np.uint16)
    rasters.write(tmp_path / "pan.tif", pan, affine=(0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    rasters.write(tmp_path / "ms.tif", ms, affine=(0.0, 4.0, 0.0, 0.0, 0.0, -4.0))
    for method in ("exp", "gsa", "brovey", "bdsd-pc", "mtf-glp-fs", "bt-h"):
        request = SharpenRequest(
            pan=str(tmp_path / "pan.tif"), ms=(str(tmp_path / "ms.tif"),), out=str(tmp_path / "o.tif"),
            method=method, sensor=sensor,
        )  # fmt: skip
        *_, finished = sharpen(request)
        assert (finished.result["width"], finished.result["height"]) == (size, size)


def test_a_result_never_replaces_what_an_input_reads(plain: Pair, tmp_path: Path) -> None:
    source = tmp_path / "colours.tif"
    source.write_bytes(Path(plain.ms).read_bytes())
    before = source.read_bytes()
    gdal.Translate(str(tmp_path / "view.vrt"), str(source), format="VRT")
    with pytest.raises(OutputError, match="holds data that is an input"):
        list(sharpen(SharpenRequest(plain.pan, (str(tmp_path / "view.vrt"),), out=str(source), method="exp")))
    assert source.read_bytes() == before
