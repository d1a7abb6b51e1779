"""Training sets from files to a folder: what is in them, what is left out and why, and that none is half there."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.data.from_scenes import SceneSource
from engine.data.from_store import open_store
from engine.data.images import Memory
from engine.data.sample import STILL, Scaling
from engine.errors import EngineError, InputError, OutputError, RequestError
from engine.events import Progress
from engine.grid.window import Window
from engine.jobs.samples import cutting
from engine.jobs.samples import pairs as pairquarry
from engine.jobs.trainingset import trainingset
from engine.request import PairFiles, PairRequest, TrainingSetRequest
from tests import pairs, rasters
from tests.jobs.runs import Run, run
from tests.limits import small_files
from tests.pairs import Pair, read, write_pair
from tests.slowness import mostly_slow

PATCH = 32


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """192 x 192 pixels of MS: 11 x 11 places that overlap by half."""
    return write_pair(tmp_path_factory.mktemp("pair"), size=768)


@pytest.fixture(scope="module")
def done(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(trainingset(asked(tmp_path_factory.mktemp("out") / "set", pair)))


def asked(out: Path, *given: Any, **changes: Any) -> TrainingSetRequest:
    found = tuple(one if isinstance(one, PairFiles) else PairFiles(one.pan, (one.ms,)) for one in given)
    return TrainingSetRequest(str(out), found, **{"patch": PATCH, "most": 60, "threads": 1, **changes})


def refusal(request: TrainingSetRequest, kind: type[EngineError]) -> str:
    parent = Path(request.out).parent
    before = sorted(parent.iterdir())
    with pytest.raises(kind) as caught:
        run(trainingset(request))
    assert sorted(parent.iterdir()) == before
    assert caught.value.fact.endswith(".") and caught.value.remedy.endswith(".")
    return str(caught.value)


def windows(folder: str) -> Any:
    """Return where the samples of a store lie: row and column."""
    return np.load(Path(folder) / "origin.npy")[:, 2:]


def test_a_pair_becomes_a_folder_to_learn_from(done: Run) -> None:
    result = done.result
    out = Path(result["folder"])
    names = {"training", "validation", "trainingset.html", "trainingset.json"}
    assert {path.name for path in out.iterdir()} == names
    assert (result["training"], result["samples"]) == (48, 48 + result["validation"])
    assert (result["bands"], result["ratio"], result["sensor"]) == (4, 4.0, "generic")
    assert result["band_names"] == list(pairs.NAMES)
    training, checked = open_store(result["training_folder"]), open_store(result["validation_folder"])
    assert len(training.spread(PATCH, 999)) == 48 and len(checked.spread(PATCH, 999)) == result["validation"] > 0
    assert training.described[3].role == "nir" and training.ratios == (4.0, 4.0)
    assert sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) <= result["bytes"]
    assert json.loads(Path(result["manifest"]).read_text())["sources"][0]["training"] == 48


def check_measured(result: dict[str, Any], pair: Pair, side: int) -> None:
    """Compare the samples to measure on with those that the whole pair gives at their places."""
    folder = result["validation_folder"]
    manifest = json.loads((Path(folder) / "store.json").read_text())
    divisor = manifest["sources"][0]["divisor"]
    assert divisor == pytest.approx(np.percentile(read(pair.ms), 99.9, axis=(1, 2)).max(), rel=0.02)
    request = PairRequest(pair.pan, (pair.ms,))
    source = SceneSource(request, manifest["gains"], manifest["pan_gain"], Memory(), Scaling(1.0))
    for sample, (row, col) in zip(open_store(folder).spread(side, 9999), windows(folder)):
        expected = source._sample(Window(int(row), int(col), side, side), STILL, np.random.default_rng(0))
        for one, other in ((sample.pan, expected.pan), (sample.ms_up, expected.ms_up), (sample.truth, expected.truth)):
            np.testing.assert_allclose(one, other / divisor, rtol=0.0, atol=2.0**-10)


def test_a_sample_to_measure_on_is_what_a_pair_gives_at_its_place(done: Run, pair: Pair) -> None:
    check_measured(done.result, pair, PATCH)


@pytest.mark.slow
def test_a_scene_that_is_looked_at_in_parts_has_no_seams(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairquarry, "_PART", 64)
    result = run(trainingset(asked(tmp_path / "set", pair, patch=16, most=500, validation=0.7))).result
    assert result["validation"] > 20
    check_measured(result, pair, 16)


def test_what_is_measured_on_is_apart_from_what_is_learnt_from(done: Run) -> None:
    learnt, measured = (windows(done.result[name]) for name in ("training_folder", "validation_folder"))
    away = np.abs(learnt[:, None] - measured[None]).max(axis=2)
    assert away.min() >= 1.5 * PATCH, "half a patch lies between them"
    among = np.abs(measured[:, None] - measured[None]).max(axis=2)
    assert (among + 10 * PATCH * np.eye(len(measured))).min() >= PATCH


@pytest.mark.slow
def test_places_are_drawn_again_with_another_blur_and_shift_where_there_are_few(pair: Pair, tmp_path: Path) -> None:
    result = run(trainingset(asked(tmp_path / "set", pair, most=100_000))).result
    assert result["draws_of_a_place"] == 8.0
    at = windows(result["training_folder"])
    same = np.flatnonzero((at == at[0]).all(axis=1))
    assert len(same) == 8
    arrays = {
        name: np.load(Path(result["training_folder"]) / f"{name}.npy")[same] for name in ("pan", "ms_up", "truth")
    }
    assert len({part.tobytes() for part in arrays["truth"]}) == 1
    assert len({part.tobytes() for part in arrays["ms_up"]}) == len({part.tobytes() for part in arrays["pan"]}) == 8


@pytest.mark.slow
def test_the_same_seed_makes_the_same_bytes_with_any_threads_and_another_makes_others(
    pair: Pair, done: Run, tmp_path: Path
) -> None:
    def stores(out: str) -> dict[str, bytes]:
        return {str(path.relative_to(out)): path.read_bytes() for path in Path(out).rglob("*.npy")}

    again = run(trainingset(asked(tmp_path / "again", pair, threads=3))).result
    assert stores(again["folder"]) == stores(done.result["folder"])
    other = run(trainingset(asked(tmp_path / "other", pair, seed=1))).result
    assert stores(other["folder"]) != stores(done.result["folder"])


def test_progress_never_falls_and_the_end_comes_last(done: Run) -> None:
    fractions = [event.fraction for event in done.events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0


def test_the_page_shows_samples_and_no_name_can_be_more_than_a_name(pair: Pair, tmp_path: Path) -> None:
    folder = tmp_path / "<script>alert(1)"
    folder.mkdir()
    for path in (pair.pan, pair.ms):
        shutil.copy(path, folder)
    result = run(trainingset(asked(tmp_path / "<b>set", folders=(str(folder),)))).result
    page = Path(result["report"]).read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") >= 9 and "<script" not in page and "<b>" not in page
    assert "&lt;script&gt;" in page and "Samples to measure on" in page


@pytest.mark.slow
def test_whole_scenes_are_held_out_where_there_are_enough(tmp_path: Path) -> None:
    for number in range(5):
        made = write_pair(tmp_path / "in" / f"scene_{number}", size=320, seed=number, epsg=None)
        assert made.ratio == 4.0
    result = run(trainingset(asked(tmp_path / "set", folders=(str(tmp_path / "in"),)))).result
    assert "whole images" in result["held_out"]
    sources = json.loads(Path(result["manifest"]).read_text())["sources"]
    assert sorted(bool(one["validation"]) for one in sources) == [False] * 4 + [True]
    assert all(bool(one["training"]) != bool(one["validation"]) for one in sources)


# What is left out.


@pytest.mark.slow
def test_a_pair_that_is_shifted_by_two_pixels_is_left_out_with_the_reason(pair: Pair, tmp_path: Path) -> None:
    shifted = write_pair(tmp_path / "shifted", size=768, seed=5, shift=(2.0, 0.0))
    said = run(trainingset(asked(tmp_path / "set", pair, shifted)))
    assert said.result["left_out"]["misregistered"] == 121
    (warning,) = (one for one in said.warnings if "pixels too far" in one)
    assert "shifted/ms.tif" in warning and "2.0 PAN pixels too far to the right" in warning
    first, second = json.loads(Path(said.result["manifest"]).read_text())["sources"]
    assert second["training"] == second["validation"] == 0 < first["training"]
    assert second["shift"] == pytest.approx([2.0, 0.0], abs=0.1)
    taken = run(trainingset(asked(tmp_path / "lax", pair, shifted, limit=2.5))).result
    assert "misregistered" not in taken["left_out"]


@pytest.mark.parametrize("pixel", mostly_slow([2.0, 4.0, 24.0], 2))
def test_places_under_clouds_are_left_out_whatever_the_pixels_of_the_mask(
    pixel: float, pair: Pair, tmp_path: Path
) -> None:
    side = round(768 / pixel)
    mask = np.zeros((side, side), np.uint8)
    mask[:, : side // 2] = 7  # the left half: 96 pixels of MS
    clouds = rasters.write(tmp_path / "clouds.tif", mask, pairs.affine((pixel, pixel)), pairs.EPSG)
    result = run(trainingset(asked(tmp_path / "set", PairFiles(pair.pan, (pair.ms,), clouds)))).result
    assert result["left_out"]["clouds"] == 6 * 11  # those that begin at 0, 16 ... 80
    for name in ("training_folder", "validation_folder"):
        assert windows(result[name])[:, 1].min() >= 96


def test_clouds_in_another_coordinate_system_are_refused(pair: Pair, tmp_path: Path) -> None:
    clouds = rasters.write(tmp_path / "clouds.tif", np.zeros((8, 8), np.uint8), pairs.affine((96.0, 96.0)), 32634)
    assert "Warp the raster of clouds" in refusal(
        asked(tmp_path / "set", PairFiles(pair.pan, (pair.ms,), clouds)), EngineError
    )


@pytest.mark.slow
def test_missing_and_saturated_pixels_and_flat_ground_are_left_out(tmp_path: Path) -> None:
    spoilt = write_pair(tmp_path / "pair", size=768, nodata=0.0)
    ms = read(spoilt.ms)
    ms[:, :24, :] = 0.0
    ms[1, 165:170, 20:26] = 65535.0  # 30 of the 1024 pixels of a sample, too few for the scaling
    ms[:, 100:150, 100:] = np.array([500.0, 600.0, 700.0, 800.0])[:, None, None]
    rasters.write(spoilt.ms, ms.astype("uint16"), pairs.affine((4.0, 4.0)), pairs.EPSG, 0.0, names=pairs.NAMES)
    said = run(trainingset(asked(tmp_path / "set", spoilt, validation=0.0, most=2000)))
    left_out = said.result["left_out"]
    assert left_out["nodata"] >= 2 * 11 and left_out["saturated"] > 0 and left_out["texture"] > 0
    truth = np.load(Path(said.result["training_folder"]) / "truth.npy")
    assert truth.min() > 0.0 and truth.max() < 40.0
    assert truth.astype(float).std(axis=(2, 3)).max(axis=1).min() >= 0.0099
    assert any("missing there or near" in note for note in said.notes)
    assert said.result["validation_folder"] == "" and said.result["validation"] == 0


def test_where_everything_is_left_out_the_reason_and_a_remedy_are_told(pair: Pair, tmp_path: Path) -> None:
    said = refusal(asked(tmp_path / "set", pair, least_texture=1.0), InputError)
    assert "None of 121 places" in said and "too little texture" in said and "Lower the least texture" in said
    shifted = write_pair(tmp_path / "shifted", size=320, shift=(2.0, 0.0))
    assert "Co-register" in refusal(asked(tmp_path / "set", shifted), InputError)


@pytest.mark.slow
def test_images_of_different_bands_are_refused_with_both_named(pair: Pair, tmp_path: Path) -> None:
    other = write_pair(tmp_path / "eight", size=320, bands=8)
    said = refusal(asked(tmp_path / "set", pair, other), RequestError)
    assert "has 4 bands" in said and "eight/ms.tif has 8" in said
    assert run(trainingset(asked(tmp_path / "set", pair, other, bands=(1, 2)))).result["bands"] == 2


def test_a_pair_that_is_named_and_found_as_well_is_taken_once(pair: Pair, tmp_path: Path) -> None:
    folder = str(Path(pair.pan).parent)
    result = run(trainingset(asked(tmp_path / "set", pair, folders=(folder,)))).result
    assert len(json.loads(Path(result["manifest"]).read_text())["sources"]) == 1


def test_a_set_never_grows_beyond_what_a_disk_is_spared_for_it(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "MOST_BYTES", 500_000)
    said = run(trainingset(asked(tmp_path / "set", pair)))
    # A sample has 32 x 32 values of 2 bytes in PAN, and in each of 4 bands of enlarged MS and of the truth.
    assert said.result["samples"] <= 500_000 // (32 * 32 * 2 * 9) and said.result["bytes"] < 1_000_000
    assert any("samples of this size are cut" in note for note in said.notes)


def test_images_that_are_too_small_to_hold_out_a_part_are_refused(tmp_path: Path) -> None:
    small = write_pair(tmp_path / "small", size=192)  # 48 pixels of MS: 2 x 2 places that overlap
    assert "too small to hold a part of it out" in refusal(asked(tmp_path / "set", small), InputError)
    assert "no room for a sample" in refusal(asked(tmp_path / "set", small, patch=64), InputError)


# Files of patches.


def patches(path: Path, count: int = 40, side: int = 32, without: str = "") -> str:
    there, pan = pairs.scene(768, 4, 1)
    random = np.random.default_rng(0)
    truth = []
    for _ in range(count):
        row, col = random.integers(0, 768 - side, 2)
        truth.append((there[:, row : row + side, col : col + side], pan[None, row : row + side, col : col + side]))
    gt, pans = (np.stack(images) for images in zip(*truth))
    arrays = {"gt": gt, "ms": gt[:, :, 2::4, 2::4], "pan": pans}
    with h5py.File(path, "w") as file:
        for key in sorted(arrays.keys() - {without}):
            file[key] = arrays[key]
    return str(path)


def test_a_file_of_patches_becomes_a_set_and_what_holds_no_numbers_is_left_out(tmp_path: Path) -> None:
    file = patches(tmp_path / "train_wv3.h5")
    with h5py.File(file, "r+") as opened:
        opened["gt"][3] = np.nan
    said = run(trainingset(asked(tmp_path / "set", h5=(file,))))
    assert (said.result["bands"], said.result["ratio"]) == (4, 4.0) and said.result["training"] > 0
    assert said.result["left_out"]["nodata"] == 1
    numbers = {
        name: np.load(Path(said.result[name]) / "origin.npy")[:, 1] for name in ("training_folder", "validation_folder")
    }
    assert numbers["training_folder"].max() + 16 < numbers["validation_folder"].min()
    assert any("may be neighbours" in warning for warning in said.warnings)


@pytest.mark.parametrize("key", mostly_slow(["gt", "ms", "pan"], 0))
def test_a_file_of_patches_with_a_missing_key_is_refused_alone_and_left_out_beside_others(
    key: str, pair: Pair, tmp_path: Path
) -> None:
    file = patches(tmp_path / "test.h5", 4, without=key)
    assert f"holds no '{key}'" in refusal(asked(tmp_path / "set", h5=(file,)), InputError)
    said = run(trainingset(asked(tmp_path / "set", pair, h5=(file,))))
    assert f"holds no '{key}'" in next(iter(said.result["unusable"].values()))
    assert any("test.h5 was left out" in warning for warning in said.warnings)


# The folder.


def test_a_folder_that_holds_something_is_refused_and_an_empty_one_is_used(pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "set"
    out.mkdir()
    assert Path(run(trainingset(asked(out, pair))).result["report"]).is_file()
    assert "not empty" in refusal(asked(out, pair), OutputError)
    assert "There is no folder" in _fact(asked(tmp_path / "none" / "set", pair))


def _fact(request: TrainingSetRequest) -> str:
    with pytest.raises(OutputError) as caught:
        next(trainingset(request))
    return caught.value.fact


def test_who_stops_it_waits_little_and_nothing_is_left(pair: Pair, tmp_path: Path) -> None:
    for stage in ("Looking at", "Cutting"):
        events = trainingset(asked(tmp_path / "set", pair, most=5000))
        next(event for event in events if isinstance(event, Progress) and event.stage.startswith(stage))
        begun = time.monotonic()
        events.close()
        assert time.monotonic() - begun < 1.5 and not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_full_disk_is_told_before_and_while_samples_are_written_and_nothing_is_left(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_files(200_000):
        said = refusal(asked(tmp_path / "set", pair), OutputError)
    assert "cannot be written" in said and "Make room" in said
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    assert "samples of 4 bands need" in refusal(asked(tmp_path / "set", pair), OutputError)


def test_of_what_is_asked_for_nothing_is_forgotten_in_the_manifest(done: Run) -> None:
    told = json.loads(Path(done.result["manifest"]).read_text())
    assert set(told["request"]) == {field.name for field in fields(TrainingSetRequest)}
    assert told["statistics"]["training"]["bands"]
    assert told["left_out"] == done.result["left_out"]
