"""Where no model is named, the one whose card suits the pair best is taken, and why it is, or none can be, is said."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import MethodError, ModelFileError, RequestError, WorkerError
from engine.events import Event, Noted
from engine.jobs import choice
from engine.jobs.pipeline import Crew
from engine.modelfile.card import Band, Card
from engine.raster.scene import opened
from engine.request import AdaptRequest
from tests.modelfile.cards import card, contract, model_bytes, model_file
from tests.pairs import Pair, write_pair

BANDS = tuple(Band(role.title(), role, None) for role in ("blue", "green", "red", "nir"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for the one of the engine's own models; it is not there yet."""
    monkeypatch.setattr(choice, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(choice, "home", lambda: tmp_path / "nobody")
    return tmp_path / "shipped"


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return which files are loaded, in place of loading them."""
    paths: list[str] = []

    def loaded(request: Any, path: str, chosen: Card, *more: Any) -> Generator[Event, None, str]:
        paths.append(path)
        yield Noted("Loading.")
        return path

    monkeypatch.setattr(choice, "loaded", loaded)
    return paths


def put(folder: Path, name: str, **changes: Any) -> str:
    """Put a model for the bands of the pair into a folder; `changes` are of its card, or of its input contract."""
    folder.mkdir(exist_ok=True)
    taken = replace(contract(4), bands=changes.pop("bands", BANDS), ratios_tested=changes.pop("ratios", (2.0, 4.0)))
    made = card(4, name=name, **{"sensors": ("quickbird",), "input": taken, **changes})
    return model_file(folder / f"{name}-{made.version}.safetensors", model_bytes(made.to_json()))


def ask(pair: Pair, folder: Path, **changes: Any) -> tuple[Any, list[str]]:
    """Return what is chosen, and what is noted on the way."""
    asked = {"method": "ksdiff", "model_folders": (str(folder),), "sensor": "quickbird", **changes}
    request = pair.request(folder / "o.tif", **asked)
    notes: list[str] = []
    with opened(request) as scene, Crew(1) as crew, ExitStack() as until_done:
        choosing = choice.chosen(request, scene, crew, until_done)
        while True:
            try:
                event = next(choosing)
            except StopIteration as end:
                return end.value, notes
            if isinstance(event, Noted) and event.message != "Loading.":
                notes.append(event.message)


def fallen_back(chosen: Any) -> str:
    """Return the warning with which the default method took over."""
    assert chosen.model is None and chosen.request.method == "mtf-glp-fs" and chosen.request.model is None
    (warning,) = chosen.warnings
    assert warning.startswith("Sharpened by mtf-glp-fs instead of a model: ") and warning.endswith(".")
    return str(warning)


def test_a_method_that_needs_no_model_looks_for_none(pair: Pair, tmp_path: Path, loads: list[str]) -> None:
    put(tmp_path, "own")
    chosen, notes = ask(pair, tmp_path, method="gsa")
    assert (chosen.request.method, chosen.model, chosen.warnings, notes, loads) == ("gsa", None, (), [], [])


def test_a_model_of_the_very_sensor_is_chosen_and_the_reason_said(pair: Pair, tmp_path: Path, loads: list[str]) -> None:
    put(tmp_path, "a-any", sensors=("any",))
    own = put(tmp_path, "own")
    put(tmp_path, "z-any", sensors=("any",))
    put(tmp_path, "a-other", sensors=("landsat7",))
    chosen, notes = ask(pair, tmp_path)
    assert notes == ["Model own 1.0.0 chosen: trained on QuickBird, which this is; 2 others fit."]
    assert loads == [own] and chosen.model == own and chosen.warnings == ()
    assert chosen.request.model == own and chosen.request.method == "ksdiff"


def test_a_model_for_any_sensor_is_chosen_where_none_is_of_this_one(
    pair: Pair, tmp_path: Path, loads: list[str]
) -> None:
    put(tmp_path, "a-other", sensors=("landsat7",))
    every = put(tmp_path, "every", sensors=("landsat7", "any"))
    assert ask(pair, tmp_path)[1] == ["Model every 1.0.0 chosen: made for any sensor."]
    assert ask(pair, tmp_path, sensor="auto")[0].model == every, "the sensor of this pair is not known"
    assert loads == [every, every]


def test_of_models_of_the_sensor_one_tested_with_the_ratio_then_the_first_name_then_the_newest_is_chosen(
    pair: Pair, tmp_path: Path
) -> None:
    put(tmp_path, "a-ratio", ratios=(1.0, 2.0))
    for name, version in (("bbb", "1.9.0"), ("bbb", "1.10.0"), ("bbb", "1.2"), ("ccc", "2.0.0")):
        put(tmp_path, name, version=version)
    chosen, (note,) = ask(pair, tmp_path)
    assert note == "Model bbb 1.10.0 chosen: trained on QuickBird, which this is; 4 others fit."
    assert chosen.request.model.endswith("bbb-1.10.0.safetensors")


def test_of_models_of_the_sensor_one_of_these_very_bands_goes_before_one_of_any(
    pair: Pair, tmp_path: Path, loads: list[str]
) -> None:
    put(tmp_path, "a-any", bands=())
    these = put(tmp_path, "b-these")
    ask(pair, tmp_path)
    assert loads == [these]


def test_a_model_of_the_sensor_that_knows_another_ratio_goes_before_one_for_any_sensor(
    pair: Pair, tmp_path: Path
) -> None:
    put(tmp_path, "a-any", sensors=("any",))
    own = put(tmp_path, "own", ratios=(1.0, 2.0))
    chosen, (note,) = ask(pair, tmp_path)
    assert chosen.model == own and note.endswith("; 1 other fits.")


def test_models_that_come_with_the_engine_are_looked_at_too(
    pair: Pair, shipped: Path, tmp_path: Path, loads: list[str]
) -> None:
    put(shipped, "ours")
    put(tmp_path / "user", "theirs")
    assert "ours 1.0.0 chosen" in ask(pair, tmp_path / "user")[1][0]
    assert "ours 1.0.0 chosen" in ask(pair, tmp_path, model_folders=())[1][0]


def test_where_no_model_fits_the_default_method_takes_over_and_says_what_there_is_and_why_not(
    pair: Pair, tmp_path: Path, loads: list[str]
) -> None:
    put(tmp_path, "few", bands=BANDS[:3])
    put(tmp_path, "other", sensors=("landsat7", "landsat8-9"))
    put(tmp_path, "turned", bands=(*BANDS[2::-1], BANDS[3]))
    chosen, notes = ask(pair, tmp_path)
    assert fallen_back(chosen).endswith(
        "No model suits 4 bands (blue, green, red, nir) of QuickBird: few 1.0.0 takes 3 bands; "
        "other 1.0.0 learnt from landsat7, landsat8-9; turned 1.0.0 takes Red, Green, Blue, Nir. "
        "Name the file of a model."
    )
    assert notes == loads == []


def test_no_model_of_some_sensor_is_chosen_for_a_pair_of_an_unknown_one(pair: Pair, tmp_path: Path) -> None:
    put(tmp_path, "known")
    put(tmp_path, "unknown", sensors=("generic",))  # that of the images it learnt from was not known either
    said = fallen_back(ask(pair, tmp_path, sensor="auto")[0])
    why = "known 1.0.0 learnt from quickbird; unknown 1.0.0 learnt from generic"
    assert f"of an unknown sensor: {why}. Name the sensor, or the file of a model." in said


def test_where_there_is_no_model_at_all_that_is_said(pair: Pair, tmp_path: Path) -> None:
    assert "There is no model to choose from. Name the file of one" in fallen_back(ask(pair, tmp_path)[0])


def test_broken_models_and_folders_that_are_not_there_are_noted_and_passed_over(pair: Pair, tmp_path: Path) -> None:
    put(tmp_path, "own")
    cut = model_file(tmp_path / "cut.safetensors", model_bytes()[:-1])
    folders = (str(tmp_path / "none"), str(tmp_path))
    chosen, (missing, broken, note) = ask(pair, tmp_path, model_folders=folders)
    assert str(tmp_path / "none") in missing and "cannot be looked into" in missing
    assert broken.startswith(f"Passed over: {cut} cannot be used as a model.")
    assert "own 1.0.0 chosen" in note and chosen.warnings == ()


@pytest.mark.parametrize("kind", [MethodError, ModelFileError, WorkerError])
def test_where_the_chosen_model_cannot_be_loaded_the_default_method_takes_over_and_a_named_one_is_refused(
    kind: type[Exception], pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Generator[Event, None, None]:
        yield Noted("Loading.")
        raise kind("PyTorch was not found.", "Run 'Set up environment' once.")

    monkeypatch.setattr(choice, "loaded", fails)
    own = put(tmp_path, "own")
    said = fallen_back(ask(pair, tmp_path)[0])
    assert said.endswith(
        "The model own 1.0.0 could not be loaded. PyTorch was not found. Run 'Set up environment' once."
    )
    with pytest.raises(kind, match="PyTorch was not found"):
        ask(pair, tmp_path, model=own)


def test_a_device_that_is_missing_is_refused_though_the_model_was_chosen(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Generator[Event, None, None]:
        yield Noted("Loading.")
        raise RequestError("There is no device 'cuda'.", "Choose another.")

    monkeypatch.setattr(choice, "loaded", fails)
    put(tmp_path, "own")
    with pytest.raises(RequestError, match="no device"):
        ask(pair, tmp_path)


def test_a_model_that_is_named_is_taken_whatever_else_there_is(pair: Pair, tmp_path: Path, loads: list[str]) -> None:
    put(tmp_path, "own")
    other = put(tmp_path, "other", sensors=("landsat7",))
    chosen, notes = ask(pair, tmp_path, model=other)
    assert loads == [other] and notes == [] and chosen.request.model == other


@pytest.mark.parametrize("where", ["shipped", "home", "folder"])
@pytest.mark.parametrize("name", ["named", "named 1.0.0", "named-1.0.0"])
def test_a_model_can_be_named_by_its_name_or_that_of_its_file_wherever_models_lie(
    where: str, name: str, pair: Pair, tmp_path: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    monkeypatch.setattr(choice, "home", lambda: tmp_path / "home")
    folder = {"shipped": shipped, "home": tmp_path / "home", "folder": tmp_path}[where]
    path = put(folder, "named", sensors=("landsat7",))
    put(tmp_path, "own")
    chosen, notes = ask(pair, tmp_path, model=name)
    assert loads == [path] and notes == [] and chosen.request.model == path


def test_a_name_that_no_model_has_is_refused_with_those_that_there_are(pair: Pair, tmp_path: Path) -> None:
    put(tmp_path, "own")
    with pytest.raises(ModelFileError, match=r"There is no model called 'onw'; there are own\."):
        ask(pair, tmp_path, model="onw")


def test_a_model_that_is_named_is_not_the_place_of_the_result(pair: Pair, tmp_path: Path) -> None:
    path = put(tmp_path, "own")
    request = AdaptRequest(pan=pair.pan, ms=(pair.ms,), out=path, model="own", model_folders=(str(tmp_path),))
    with opened(request) as scene, pytest.raises(RequestError, match="also an input"):
        list(choice.to_adapt(request, scene))


def test_a_model_that_is_named_and_takes_other_bands_is_refused(pair: Pair, tmp_path: Path) -> None:
    few = put(tmp_path, "few", bands=BANDS[:3])
    put(tmp_path, "own")
    with pytest.raises(ModelFileError, match="takes 3 bands"):
        ask(pair, tmp_path, model=few)
