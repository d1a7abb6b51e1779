"""A report where something is amiss: what is left out with a warning, what is refused in a sentence, and stopping."""

from __future__ import annotations

import builtins
import os
import tempfile
import threading
import time
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import engine.jobs.report as module
from engine.errors import EngineError, InputError, MethodError, OutputError, PairingError, RequestError
from engine.events import Event, Progress, Warned
from engine.jobs.report import report
from engine.request import SharpenRequest
from tests import pairs, rasters
from tests.jobs.reports import asked, everything, images, refusal, reported, waiting
from tests.jobs.runs import files_in
from tests.pairs import Pair, read, write_pair
from tests.slowness import mostly_slow, slow


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def fused(pair: Pair, path: Path, affine: Any = None, bands: int = 4, epsg: int = pairs.EPSG) -> str:
    return rasters.write(path, pair.truth[:bands].astype(np.uint16), affine or pairs.affine(), epsg)


# What is left out


def test_a_method_that_cannot_work_is_left_out_with_a_warning(out: Path, tmp_path: Path) -> None:
    tiny = write_pair(tmp_path / "tiny", size=32)
    said = reported(tiny, out, methods=("gsa", "sfim"))
    assert list(images(said)) == ["exp", "sfim"]
    (warning,) = [text for text in said.warnings if "left out" in text]
    assert warning.startswith("gsa was left out: ") and warning.endswith("or use the method 'exp'.")
    assert warning in said.result["warnings"]


@pytest.mark.parametrize("size", [16, 24])
def test_the_smallest_pairs_get_a_report(size: int, out: Path, tmp_path: Path) -> None:
    said = reported(write_pair(tmp_path / "tiny", size=size), out, methods=("exp",), out_html=str(out / "r.html"))
    assert images(said)["exp"]["reduced"]["ergas"] > 0
    assert sorted(os.listdir(out)) == ["r.html", "r.json"]


def same_size(folder: Path) -> Pair:
    return write_pair(folder, size=64, ratio=1.0)


def warped(folder: Path) -> Pair:
    pair = write_pair(folder, size=256)
    from osgeo import gdal

    gdal.Warp(str(folder / "warped.tif"), pair.ms, dstSRS="EPSG:32632").FlushCache()
    return Pair(pair.pan, str(folder / "warped.tif"), pair.truth, 4.0)


@pytest.mark.parametrize(
    ("make", "words"), mostly_slow([(same_size, "no ratio to degrade by"), (warped, "to be warped")], 0)
)
def test_a_pair_that_cannot_be_made_coarser_is_judged_at_full_resolution_alone(
    make: Any, words: str, out: Path, tmp_path: Path
) -> None:
    said = reported(make(tmp_path / "pair"), out, **everything(out))
    assert [image["reduced"] for image in images(said).values()] == [None, None]
    assert all(image["full"]["d_rho"] is not None for image in images(said).values())
    assert len([text for text in said.warnings if "cannot be made coarser" in text and words in text]) == 1
    assert "There is no error map: no image could be compared with a truth." in said.warnings
    assert said.result["out_error"] == "" and not (out / "r.tif").exists()


def failing(method: str, folder_word: str) -> Any:
    """Return a `sharpen` that cannot work with a method where the result's name holds a word."""
    real = module.sharpen

    def sharpen(request: SharpenRequest) -> Generator[Event, None, None]:
        if request.method == method and os.path.basename(request.out).startswith(folder_word):
            raise MethodError("It cannot be.", "Use another.")
        return real(request)

    return sharpen


@pytest.mark.parametrize("where", mostly_slow(["coarse", "sharp"], 0))
def test_the_error_map_is_never_that_of_a_method_that_was_left_out(
    where: str, pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported(pair, out, methods=("sfim",), **everything(out))
    expected = read(out / "r.tif")
    monkeypatch.setattr(module, "sharpen", failing("gs", where))
    said = reported(pair, out, methods=("gs", "sfim"), **everything(out))
    assert list(images(said)) == ["exp", "sfim"] and said.result["judged"] == "sfim"
    np.testing.assert_array_equal(read(out / "r.tif"), expected)


def test_without_ms_only_enlarged_there_is_no_report(pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "sharpen", failing("exp", "sharp"))
    assert "It cannot be." in refusal(pair, out, MethodError)[0]


@pytest.mark.slow
def test_each_warning_is_told_once_and_says_which_file_it_is_of(out: Path, tmp_path: Path) -> None:
    shifted = write_pair(tmp_path / "pair", size=256, shift=(2.0, 0.0))
    beside = fused(shifted, tmp_path / "beside.tif", pairs.affine(start=5.0))
    said = reported(shifted, out, fused=(beside,), out_html=str(out / "r.html"))
    assert len(said.warnings) == len(set(said.warnings)) and set(said.result["warnings"]) <= set(said.warnings)
    assert len([text for text in said.warnings if text.startswith("MS lies 2.0 PAN pixels")]) == 1
    assert len([text for text in said.warnings if text.startswith("beside.tif: The image lies")]) == 1
    assert [text for text in said.result["warnings"] if text.startswith("beside.tif: The image lies")]


@pytest.mark.slow
def test_what_a_method_warns_of_says_which_method_it_is(pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.sharpen

    def sharpen(request: SharpenRequest) -> Generator[Event, None, None]:
        if request.method == "gs":
            yield Warned("Much was clipped.")
        yield from real(request)

    monkeypatch.setattr(module, "sharpen", sharpen)
    said = reported(pair, out, methods=("gs", "sfim"), out_html=str(out / "r.html"))
    assert said.result["warnings"] == said.warnings == ["gs: Much was clipped."]


# What is refused before any work


@pytest.mark.parametrize(
    ("changes", "words", "kind"),
    [
        ({"bands": 3}, "has 3 bands, and 4 of MS", InputError),
        ({"affine": pairs.affine((2.0, 2.0))}, "do not coincide", PairingError),
        ({"affine": pairs.affine(start=0.5)}, "do not coincide", PairingError),
        ({"affine": pairs.affine(start=5000.0)}, "do not overlap", PairingError),
        ({"epsg": 32632}, "UTM zone 32N", PairingError),
    ],
)
@pytest.mark.parametrize("role", ["fused", "reference"])
def test_an_image_that_does_not_fit_is_refused_before_the_work(
    role: str, changes: dict[str, Any], words: str, kind: type[EngineError], pair: Pair, out: Path, tmp_path: Path
) -> None:
    image = fused(pair, tmp_path / "other.tif", **changes)
    sentence, said = refusal(pair, out, kind, **{role: (image,) if role == "fused" else image})
    assert words in sentence and said == []


@pytest.mark.parametrize("role", ["fused", "reference"])
def test_a_missing_image_is_refused_before_the_work(role: str, pair: Pair, out: Path) -> None:
    sentence, said = refusal(pair, out, **{role: ("none.tif",) if role == "fused" else "none.tif"})
    assert "none.tif" in sentence and said == []


@pytest.mark.parametrize("result", ["out_html", "out_json", "out_csv", "out_error"])
@pytest.mark.parametrize(
    ("name", "words"),
    [("r.txt", "does not end in"), ("none/r{}", "The folder"), ("folder{}", "is a folder")],
)
def test_a_result_that_cannot_be_named_is_refused_before_the_work(
    name: str, words: str, result: str, pair: Pair, out: Path
) -> None:
    extension = os.path.splitext(everything(out)[result])[1]
    (out / f"folder{extension}").mkdir()
    sentence, said = refusal(pair, out, OutputError, **{result: str(out / name.format(extension))})
    assert words in sentence and said == []


def test_results_and_inputs_of_one_name_are_refused(pair: Pair, out: Path, tmp_path: Path) -> None:
    image = fused(pair, tmp_path / "x.tif")
    for changes in ({"fused": (image,)}, {"reference": image}):
        with pytest.raises(RequestError, match="also an input"):
            asked(pair, out, out_error=image, **changes)
    with pytest.raises(RequestError, match="Two results would be written"):
        asked(pair, out, out_html=str(out / "r.json"))


def test_a_border_that_leaves_nothing_is_refused(pair: Pair, out: Path) -> None:
    assert "Give a smaller border." in refusal(pair, out, InputError, border=16)[0]


def test_a_folder_for_temporary_files_that_is_missing_is_refused(pair: Pair, out: Path, tmp_path: Path) -> None:
    sentence, said = refusal(pair, out, OutputError, folder=str(tmp_path / "none"))
    assert (
        sentence.startswith(f"There is no place for temporary files in {tmp_path / 'none'} (No such file") and not said
    )


def test_a_system_without_any_folder_for_temporary_files_is_said_in_a_sentence(
    pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", nowhere)
    sentence, _ = refusal(pair, out, OutputError, folder="")
    assert sentence.startswith("There is no place for temporary files in the folder of the system (Permission denied).")


def test_a_folder_too_small_for_images_that_wait_is_named_with_its_remedy(
    pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.raster.writer.shutil.disk_usage", lambda _: SimpleNamespace(free=4096))
    sentence, _ = refusal(pair, out, OutputError)
    assert "ksdiff_work_" in sentence and "has 4 kB free." in sentence
    assert sentence.endswith("Make room there, name another folder, or choose a smaller extent.")


# What fails later


def test_errors_of_the_work_are_not_taken_for_those_of_the_folder(
    pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "render", broken)
    with pytest.raises(OSError, match="Input/output error"):
        list(report(asked(pair, out, out_html=str(out / "r.html"))))
    assert os.listdir(out) == os.listdir(waiting(out)) == []


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("full", mostly_slow(["r.html", "r.json", "r.csv"], 2))
def test_a_full_disk_at_the_end_leaves_what_was_there_and_says_so(
    full: str, older: bool, pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if older:
        for name in ("r.html", "r.json", "r.csv", "r.tif"):
            (out / name).write_text(f"older {name}")
    before, real = files_in(out), builtins.open

    def refuse(path: Any, *arguments: Any, **named: Any) -> Any:
        if str(path) == str(out / f"{full}.part"):
            raise OSError(28, "No space left on device")
        return real(path, *arguments, **named)

    monkeypatch.setattr(builtins, "open", refuse)
    sentence, _ = refusal(pair, out, OutputError, **everything(out))
    assert sentence.startswith(f"{out / full} cannot be written (No space left on device). Make room")
    assert files_in(out) == before


def test_an_error_map_that_cannot_get_its_name_takes_the_texts_back(
    pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out / "r.csv").write_text("older")
    before, replace = files_in(out), os.replace

    def refuse(source: str, target: str) -> None:
        if str(target) == str(out / "r.tif"):
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    assert "r.tif cannot be replaced (Permission denied)." in refusal(pair, out, OutputError, **everything(out))[0]
    assert files_in(out) == before


def test_a_full_disk_for_temporary_files_ends_the_report(
    pair: Pair, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sharpen(request: SharpenRequest) -> Generator[Event, None, None]:
        raise OutputError("The disk is full.", "Make room.")
        yield

    monkeypatch.setattr(module, "sharpen", sharpen)
    assert "The disk is full." in refusal(pair, out, OutputError)[0]


# Stopping


@pytest.mark.parametrize(
    "stage",
    [
        slow("Looking at the pair"),
        "Making the pair coarser",
        slow("Running exp on the coarser pair"),
        slow("Comparing exp with the truth"),
        slow("Running exp"),
        "Assessing exp",
        slow("Looking at exp"),
        slow("Comparing gsa with the truth"),
        slow("Assessing gsa"),
        slow("Assessing mine.tif"),
        "Writing the report",
    ],
)
def test_stopped_at_any_stage_it_leaves_nothing_within_a_second(
    stage: str, pair: Pair, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = module.render
    monkeypatch.setattr(module, "render", lambda evaluation: time.sleep(0.3) or render(evaluation))
    threads = threading.active_count()
    image = fused(pair, tmp_path / "mine.tif")
    events = report(asked(pair, out, fused=(image,), **everything(out)))
    assert any(isinstance(event, Progress) and event.stage == stage for event in events)
    asked_at = time.monotonic()
    events.close()
    assert time.monotonic() < asked_at + 1.0
    assert os.listdir(out) == os.listdir(waiting(out)) == []
    assert threading.active_count() == threads
