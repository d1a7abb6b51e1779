"""`sharpen --model` on the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Generator
from pathlib import Path

import pytest

pytest.importorskip("torch")

import engine.cli.pair as module
import engine.jobs.sharpen as job
from engine.cli.main import main
from engine.events import Event, Finished
from engine.request import SharpenRequest
from tests import rasters
from tests.methods.models import model_file, tiny
from tests.pairs import Pair, write_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=128)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return model_file(tmp_path_factory.mktemp("model"), tiny(), sensors=("quickbird",))


def call(pair: Pair, out: Path, *more: str) -> int:
    return main(["sharpen", "--pan", pair.pan, "--ms", pair.ms, "--out", str(out), "--json", *more])


@pytest.mark.parametrize("more", [(), ("--method", "KSDiff", "--device", "CPU")])
def test_naming_a_model_is_choosing_its_method(
    more: tuple[str, ...], pair: Pair, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(pair, tmp_path / "o.tif", "--model", model, "--seed", "3", "--device", "cpu", *more) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["method"] == "ksdiff" and result["model"] == "ksdiff-test 1.0.0" and result["seed"] == 3
    assert rasters.read(tmp_path / "o.tif").shape == (4, 128, 128)


def test_a_model_is_chosen_from_the_folders_that_are_named(
    pair: Pair, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ("--models", str(tmp_path / "none"), str(Path(model).parent))
    assert call(pair, tmp_path / "o.tif", "--sensor", "quickbird", *folders) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["model"] == "ksdiff-test 1.0.0"
    assert "Model ksdiff-test 1.0.0 chosen: trained on QuickBird, which this is" in said.err


def test_without_a_model_to_choose_the_usual_method_is_used_with_a_warning(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.choice.SHIPPED", tmp_path / "none")
    assert call(pair, tmp_path / "o.tif", "--method", "ksdiff", "--bands", "1", "2", "--quiet") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["method"] == "mtf-glp-fs"
    assert "Sharpened by mtf-glp-fs instead of a model" in said.err


def test_how_a_model_works_is_asked_for_as_it_was_said(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[SharpenRequest] = []

    def listening(request: SharpenRequest) -> Generator[Event, None, None]:
        asked.append(request)
        yield Finished({})

    monkeypatch.setattr(job, "sharpen", listening)
    assert call(pair, tmp_path / "o.tif") == 0
    more = ("--context", "TILE", "--resume", "--tile", "512", "--models", "one", "two")
    assert call(pair, tmp_path / "o.tif", *more) == 0
    usual, special = asked
    assert (usual.method, usual.context, usual.resume, usual.model_folders) == ("ksdiff", "scene", False, ())
    assert (special.method, special.context, special.resume) == ("ksdiff", "tile", True)
    assert (special.tile_size, special.model_folders) == (512, ("one", "two"))


def test_the_python_that_computes_can_be_named(
    pair: Pair, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(pair, tmp_path / "o.tif", "--model", model, "--python", str(tmp_path / "missing")) == 1
    assert "missing cannot be started" in capsys.readouterr().err


def test_where_nobody_names_a_python_a_model_computes_here_if_torch_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    unsaid = argparse.Namespace(python=None)
    monkeypatch.delenv("KSDIFF_PYTHON", raising=False)
    assert module.python_of(unsaid) == "self"
    monkeypatch.setenv("KSDIFF_PYTHON", "/opt/conda/bin/python")
    assert module.python_of(unsaid) == ""
    monkeypatch.delenv("KSDIFF_PYTHON")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert module.python_of(unsaid) == ""
    assert module.python_of(argparse.Namespace(python="self")) == "self"


def test_without_a_method_a_model_is_chosen(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(pair, tmp_path / "o.tif", "--device", "cpu") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["method"] == "ksdiff" and result["model"].startswith("ksdiff-any ")


def test_a_method_that_needs_no_model_uses_none(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(pair, tmp_path / "o.tif", "--method", "gsa") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["method"] == "gsa" and "model" not in result


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--method", "gsa", "--model", "m.safetensors"), "the method 'gsa' takes none"),
        (("--model", "m.safetensors", "--seed", "-1"), "-1 cannot be a seed"),
        (("--model", " "), "No file was named for 'model'"),
    ],
)
def test_a_model_and_a_method_that_do_not_go_together_are_refused(
    more: tuple[str, ...], sentence: str, pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(pair, tmp_path / "o.tif", *more) == 1
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_model_is_never_written_over(pair: Pair, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(pair, Path(model), "--model", model) == 1
    assert "is also an input" in capsys.readouterr().err
