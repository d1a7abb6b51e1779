"""A model of which only the changes are in the file sharpens here and in another process, with the same bytes."""

from __future__ import annotations

import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

from engine.errors import ModelFileError, RequestError
from engine.events import Event
from engine.jobs.choice import to_adapt
from engine.jobs.suited import card_for
from engine.modelfile.card import Base, Card
from engine.modelfile.places import home
from engine.modelfile.store import load, save
from engine.raster.scene import opened
from engine.request import AdaptRequest, SharpenRequest
from tests.jobs.runs import refusal, sharpened
from tests.methods.models import model_file, tiny
from tests.pairs import Pair, write_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=64)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's folder of models, which is a private one."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data dä"))
    home().mkdir(parents=True)
    return home()


def files(folder: Path, own: Path) -> tuple[str, str, str]:
    """Return a base in the user's folder, what was changed in it, and a whole model of the same weights."""
    base = model_file(own, tiny())
    card, weights = load(base)
    changed = {"backbone.head.weight": weights["backbone.head.weight"] * 1.5}
    adapted, whole = (str(folder / f"{name}.safetensors") for name in ("adapted", "whole"))
    save(adapted, replace(card, base=Base(card.name, card.version, card.tensor_hash)), changed)
    save(whole, card, {**weights, **changed})
    return base, adapted, whole


def ask(pair: Pair, out: Path, model: str, python: str = "self") -> SharpenRequest:
    return pair.request(out, method="ksdiff", model=model, device="cpu", threads=1, data_type="float32", python=python)


def test_an_adapter_sharpens_as_the_whole_model_of_its_weights(pair: Pair, own: Path, tmp_path: Path) -> None:
    base, adapted, whole = files(tmp_path, own)
    made = [sharpened(ask(pair, tmp_path / "o.tif", model))[0] for model in (base, adapted, whole)]
    assert (made[1] == made[2]).all() and not (made[1] == made[0]).all()


@pytest.mark.slow
def test_another_process_finds_the_base_in_the_same_folder_of_the_user(pair: Pair, own: Path, tmp_path: Path) -> None:
    _, adapted, _ = files(tmp_path, own)
    here, there = (sharpened(ask(pair, tmp_path / "o.tif", adapted, python))[0] for python in ("self", sys.executable))
    assert (here == there).all()


def test_an_adapter_without_its_base_is_refused_by_name(pair: Pair, own: Path, tmp_path: Path) -> None:
    base, adapted, _ = files(tmp_path, own)
    Path(base).unlink()
    (tmp_path / "results").mkdir()
    said = refusal(ask(pair, tmp_path / "results" / "o.tif", adapted), ModelFileError)
    assert f"{adapted} holds what was changed in the model ksdiff-test 1.0.0" in said


def test_that_the_base_is_missing_is_said_before_anything_is_done(pair: Pair, own: Path, tmp_path: Path) -> None:
    base, adapted, _ = files(tmp_path, own)
    with opened(pair.request(tmp_path / "o.tif")) as scene:
        assert card_for(adapted, scene).base is not None
        Path(base).unlink()
        with pytest.raises(ModelFileError, match="nowhere to be found"):
            card_for(adapted, scene)


def test_what_is_adapted_from_an_adapter_does_not_take_the_place_of_its_base(
    pair: Pair, own: Path, tmp_path: Path
) -> None:
    base, adapted, _ = files(tmp_path, own)
    with opened(pair.request(tmp_path / "o.tif")) as scene:
        elsewhere = AdaptRequest(pair.pan, (pair.ms,), out=str(tmp_path / "new.safetensors"), model=adapted)
        assert run_through(to_adapt(elsewhere, scene)) == adapted
        with pytest.raises(RequestError):
            run_through(to_adapt(replace(elsewhere, out=base), scene))


def run_through(steps: Generator[Event, None, tuple[str, Card]]) -> str:
    """Return the file that is found."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value[0])
