"""Adapting a model to a pair, from files to a file, and sharpening with what came of it, here and in a worker."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from osgeo import gdal  # noqa: E402

from engine.errors import EngineError, InputError, ModelFileError, OutputError  # noqa: E402
from engine.events import Progress  # noqa: E402
from engine.jobs import choice  # noqa: E402
from engine.jobs.adapt import adapt  # noqa: E402
from engine.jobs.adapting import FOLDER  # noqa: E402
from engine.jobs.library import home  # noqa: E402
from engine.jobs.sharpen import sharpen  # noqa: E402
from engine.modelfile import places  # noqa: E402
from engine.modelfile.card import read_card  # noqa: E402
from engine.request import AdaptRequest, SharpenRequest  # noqa: E402
from tests.jobs.runs import Run, files_in, run  # noqa: E402
from tests.methods.models import any_band_file, guided, model_file, tiny  # noqa: E402
from tests.pairs import Pair, read, write_pair  # noqa: E402
from tests.remote.strangers import folders  # noqa: E402
from tests.slowness import mostly_slow  # noqa: E402

MINUTES = 0.02


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return any_band_file(tmp_path_factory.mktemp("model"), guided(prior="none", modulate="none"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=256)


def ask(pair: Pair, out: Path, model: Any, **changes: Any) -> AdaptRequest:
    usual = {"minutes": MINUTES, "device": "cpu", "threads": 1, "python": "self"}
    return AdaptRequest(pair.pan, (pair.ms,), **{**usual, "out": str(out), "model": model, **changes})


def left() -> list[str]:
    """Return the private folders that lie about."""
    return sorted(path.name for path in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"))


def refusal(request: AdaptRequest, kind: type[EngineError]) -> str:
    before = left()
    with pytest.raises(kind) as caught:
        run(adapt(request))
    assert left() == before and not Path(request.out).exists()
    return str(caught.value)


@pytest.fixture(scope="module")
def done(pair: Pair, model: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("adapted") / "out.safetensors"
    before = left()
    said = run(adapt(ask(pair, out, model)))
    assert left() == before and list(files_in(out.parent)) == ["out.safetensors"]
    return said


def test_a_model_is_adapted_and_told_in_numbers(done: Run, model: str) -> None:
    result, base = done.result, read_card(model)
    made = read_card(result["output"])
    assert result["model"].startswith("ksdiff-any-adapted 1.0.0-") and result["model_hash"] == made.tensor_hash
    assert (result["base"], result["base_hash"]) == ("ksdiff-any 1.0.0", base.tensor_hash)
    assert result["steps"] >= 0 and result["minutes"] == MINUTES and result["device"] == "cpu"
    assert 0.0 < result["error_after"] <= result["error_before"]
    assert set(result["scores"]) == {"mtf-glp-fs", "before", "after"}
    assert "pan.tif and ms.tif" in made.description and str(Path(result["output"]).parent) not in made.to_json()


def test_the_log_has_a_table_of_before_and_after(done: Run) -> None:
    lines = [note for note in done.notes if note.startswith("  ")]
    assert [line.split()[0] for line in lines] == ["before", "after"]
    assert f"{done.result['error_before']:.2%}" in lines[0] and f"{done.result['error_after']:.2%}" in lines[1]


@pytest.mark.slow
def test_progress_never_falls_and_is_told_often(pair: Pair, model: str, tmp_path: Path) -> None:
    fractions, last, longest = [], time.monotonic(), 0.0
    for event in adapt(ask(pair, tmp_path / "out.safetensors", model)):
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
        if isinstance(event, Progress):
            fractions.append(event.fraction)
    assert fractions == sorted(fractions) and fractions[-1] == 1.0 and longest < 1.0


def test_what_was_adapted_sharpens(done: Run, pair: Pair, tmp_path: Path) -> None:
    request = SharpenRequest(
        pair.pan, (pair.ms,), out=str(tmp_path / "o.tif"), method="ksdiff", model=done.result["output"], python="self",
        device="cpu", threads=1,
    )  # fmt: skip
    assert run(sharpen(request)).result["model"].startswith("ksdiff-any-adapted 1.0.0-")


@pytest.mark.slow
def test_sharpening_adapts_first_if_it_is_asked_to_and_says_so(pair: Pair, model: str, tmp_path: Path) -> None:
    before = left()
    request = SharpenRequest(
        pair.pan, (pair.ms,), out=str(tmp_path / "o.tif"), method="ksdiff", model=model, python="self", device="cpu",
        threads=1, adapt=MINUTES,
    )  # fmt: skip
    said = run(sharpen(request))
    assert left() == before
    adapted = said.result["adapted"]
    assert said.result["model"].startswith("ksdiff-any-adapted 1.0.0-") and adapted["minutes"] == MINUTES
    written = gdal.Open(request.out).GetMetadata()
    assert written["KSDIFF_MODEL"].startswith("ksdiff-any-adapted 1.0.0-")
    assert written["KSDIFF_ADAPTED"] == (
        f"0.02 min, {adapted['steps']} steps; error {adapted['error_before']:.4f} before, "
        f"{adapted['error_after']:.4f} after"
    )
    fractions = [event.fraction for event in said.events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    plain = SharpenRequest(**{**asdict(request), "adapt": 0.0, "out": str(tmp_path / "plain.tif")})
    assert "adapted" not in run(sharpen(plain)).result
    assert "KSDIFF_ADAPTED" not in gdal.Open(plain.out).GetMetadata()
    assert read(request.out).shape == read(plain.out).shape


@pytest.mark.slow
def test_without_a_named_model_one_for_any_bands_is_chosen(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "SHIPPED", tmp_path / "none")
    folder = tmp_path / "models"
    folder.mkdir()
    model_file(folder, tiny(), sensors=("any",))
    asked = ask(pair, tmp_path / "out.safetensors", None, model_folders=(str(folder),))
    assert "takes certain bands and cannot be adapted" in refusal(asked, ModelFileError)
    said = run(
        adapt(ask(pair, tmp_path / "out.safetensors", None, model_folders=(str(folder), str(Path(model).parent))))
    )
    assert said.result["base"] == "ksdiff-any 1.0.0"


def test_a_model_for_certain_bands_is_refused_with_a_remedy(pair: Pair, tmp_path: Path) -> None:
    said = refusal(ask(pair, tmp_path / "out.safetensors", model_file(tmp_path, tiny())), ModelFileError)
    assert "only a model for any bands can be adapted" in said and "train one of your own on the scene" in said


def test_a_pair_that_is_too_small_is_refused(model: str, tmp_path: Path) -> None:
    small = write_pair(tmp_path / "pair", size=160)
    assert "too small to adapt" in refusal(ask(small, tmp_path / "out.safetensors", model), InputError)


def test_who_sharpens_a_pair_that_is_too_small_gets_the_model_as_it_is_and_is_told(model: str, tmp_path: Path) -> None:
    small = write_pair(tmp_path / "pair", size=160)
    request = SharpenRequest(
        small.pan, (small.ms,), out=str(tmp_path / "o.tif"), method="ksdiff", model=model, python="self", device="cpu",
        threads=1, adapt=MINUTES,
    )  # fmt: skip
    said = run(sharpen(request)).result
    assert [word for word in said["warnings"] if "too small to adapt" in word and "works as it is" in word]
    assert "adapted" not in said and said["model"].startswith("ksdiff-any 1.0.0")
    plain = replace(request, adapt=0.0, out=str(tmp_path / "plain.tif"))
    run(sharpen(plain))
    assert np.array_equal(read(request.out), read(plain.out))


def test_that_the_result_cannot_be_written_is_said_before_anything_is_learnt(
    pair: Pair, model: str, tmp_path: Path
) -> None:
    begun = time.monotonic()
    request = ask(pair, tmp_path / "none" / "out.safetensors", model, minutes=10.0)
    assert "There is no folder" in refusal(request, OutputError)
    assert time.monotonic() - begun < 5.0


@pytest.mark.parametrize("stage", mostly_slow(["Making samples", "Adapting"], 0))
def test_who_stops_it_waits_less_than_a_second_and_nothing_is_left(
    stage: str, pair: Pair, model: str, tmp_path: Path
) -> None:
    before = left()
    events = adapt(ask(pair, tmp_path / "out.safetensors", model, minutes=10.0))
    seen = 0
    for event in events:
        seen += isinstance(event, Progress) and event.stage == stage
        if seen == (1 if stage == "Making samples" else 15):
            break
    begun = time.monotonic()
    events.close()
    assert time.monotonic() - begun < 1.0
    assert left() == before and files_in(tmp_path) == {}


@pytest.mark.slow
def test_another_process_adapts_as_this_one_does(pair: Pair, model: str, tmp_path: Path) -> None:
    before, private = folders(), left()
    said = run(adapt(ask(pair, tmp_path / "out.safetensors", model, python=sys.executable)))
    assert said.result["steps"] >= 0 and said.result["error_after"] <= said.result["error_before"]
    assert read_card(said.result["output"]).name == "ksdiff-any-adapted"
    assert any(f"learns in a process of {sys.executable}" in note for note in said.notes)
    assert folders() == before and left() == private
    assert np.isfinite(said.result["scores"]["after"]["ergas"])


@pytest.mark.slow
def test_a_worker_that_adapts_is_ended_within_a_second_and_leaves_nothing(
    pair: Pair, model: str, tmp_path: Path
) -> None:
    before, private = folders(), left()
    events = adapt(ask(pair, tmp_path / "out.safetensors", model, minutes=10.0, python=sys.executable))
    until = None
    for event in events:
        if until is None and isinstance(event, Progress) and event.stage == "Adapting" and folders() != before:
            until = time.monotonic() + 5.0  # it has loaded PyTorch, or is at it
        if until is not None and time.monotonic() > until:
            break
    begun = time.monotonic()
    events.close()
    assert time.monotonic() - begun < 1.5, "half a second is what a worker is given to end by itself"
    assert folders() == before and left() == private and files_in(tmp_path) == {}


@pytest.mark.slow
def test_a_disk_that_fails_at_the_end_is_told_and_leaves_nothing(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: str, name: str) -> None:
        Path(name).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.jobs.shelf.shutil.copyfile", full)
    said = refusal(ask(pair, tmp_path / "out.safetensors", model), OutputError)
    assert "No space left on device" in said and files_in(tmp_path) == {}


@pytest.mark.slow
def test_what_was_adapted_outlives_the_shipped_model_that_it_changes(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    monkeypatch.setattr(places, "SHIPPED", Path(model).parent)
    out = tmp_path / "results" / "out.safetensors"
    out.parent.mkdir()
    said = run(adapt(ask(pair, out, model)))
    base = read_card(str(out)).base
    assert base is not None and base.tensor_hash == read_card(model).tensor_hash
    assert [note for note in said.notes if "was copied to" in note]
    assert files_in(home()) == {"ksdiff-any_1.0.0.safetensors": Path(model).read_bytes()}
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "none")  # as if an update had taken it away
    request = SharpenRequest(
        pair.pan, (pair.ms,), out=str(tmp_path / "o.tif"), method="ksdiff", model=str(out), python="self", device="cpu",
        threads=1,
    )  # fmt: skip
    assert run(sharpen(request)).result["model"].startswith("ksdiff-any-adapted 1.0.0-")


@pytest.mark.slow
def test_that_the_shipped_model_cannot_be_kept_is_a_warning_and_no_failure(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SHIPPED", Path(model).parent)
    (tmp_path / "data").write_bytes(b"a file, where the folder should be")
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    said = run(adapt(ask(pair, tmp_path / "out.safetensors", model)))
    (warning,) = (warning for warning in said.warnings if "may go with an update" in warning)
    assert warning in said.result["warnings"] and read_card(said.result["output"]).base is not None


def test_a_model_of_a_place_of_its_own_is_written_whole_and_not_copied(done: Run) -> None:
    assert read_card(done.result["output"]).base is None and not [note for note in done.notes if "copied" in note]
    assert not (home() / "ksdiff-any_1.0.0.safetensors").exists()
