"""Sharpening any bands of any sensor with a model that says it serves all of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.errors import ModelFileError  # noqa: E402
from engine.jobs import choice  # noqa: E402
from engine.jobs.models import models  # noqa: E402
from engine.jobs.suited import findings  # noqa: E402
from engine.methods.bandwise import TRUST  # noqa: E402
from engine.methods.guides import IMAGES  # noqa: E402
from engine.modelfile.card import read_card  # noqa: E402
from engine.request import ModelsRequest  # noqa: E402
from tests.jobs.runs import refusal, run, sharpened  # noqa: E402
from tests.methods.models import any_band_file, guided, model_file, tiny  # noqa: E402
from tests.pairs import Pair, write_pair  # noqa: E402


@pytest.fixture(autouse=True)
def none_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "SHIPPED", tmp_path / "none")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(folder: Path) -> str:
    return any_band_file(folder, guided())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=144)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("odd"), size=130, ratio=2.5, bands=6, collar=False, half_pixel=True)


def ask(pair: Pair, out: Path, model: Optional[str], **changes: Any) -> Any:
    usual = {"method": "ksdiff", "model": model, "data_type": "float32", "device": "cpu", "threads": 2}
    return pair.request(out, **{**usual, "python": "self", **changes})


def test_any_number_of_bands_at_any_ratio_is_sharpened_and_how_far_the_model_is_trusted_is_said(
    pair: Pair, odd: Pair, model: str, tmp_path: Path
) -> None:
    for number, (made, bands) in enumerate(((pair, (1, 2, 3, 4)), (pair, (3,)), (odd, (1, 2, 3, 4, 5, 6)))):
        plain = made.request(tmp_path / f"{number}-plain.tif", bands=bands, data_type="float32", method="mtf-glp-fs")
        usual = sharpened(plain)[0]
        result, said = sharpened(ask(made, tmp_path / f"{number}.tif", model, bands=bands))
        assert result.shape == (len(bands), *made.truth.shape[1:]) and np.isfinite(result).all()
        apart = np.abs(result - usual)
        assert apart.max() > 0.01 and apart.mean() < 50.0
        (note,) = [note for note in said.notes if note.startswith("Of what the network adds, ")]
        assert note.count("%") == len(bands)
        assert said.result["model"] == "ksdiff-any 1.0.0" and said.result["seed"] == 0


@pytest.mark.slow
def test_neither_tiles_nor_threads_change_what_is_made(pair: Pair, model: str, tmp_path: Path) -> None:
    results = [
        sharpened(ask(pair, tmp_path / f"{size}.tif", model, tile_size=size, threads=threads))[0]
        for size, threads in ((512, 1), (64, 2), (64, 1))
    ]
    assert np.abs(results[1] - results[0]).max() < 1e-4 * 2047
    assert results[1].tobytes() == results[2].tobytes()


@pytest.mark.slow
def test_for_a_sensor_that_nobody_knows_the_model_for_any_is_chosen(
    odd: Pair, model: str, folder: Path, tmp_path: Path
) -> None:
    model_file(folder, tiny(), sensors=("quickbird",))
    named = sharpened(ask(odd, tmp_path / "o.tif", model))[0]
    chosen, said = sharpened(ask(odd, tmp_path / "p.tif", None, model_folders=(str(folder),)))
    assert "Model ksdiff-any 1.0.0 chosen: made for any sensor." in said.notes
    assert chosen.tobytes() == named.tobytes() and said.result["method"] == "ksdiff"
    assert not [warning for warning in said.warnings if "model" in warning.lower()]


def test_gaps_stay_gaps(model: str, tmp_path: Path) -> None:
    made = write_pair(tmp_path / "pair", size=200, collar=True)
    learnt, said = sharpened(ask(made, tmp_path / "k.tif", model, data_type="same"))
    plain, other = sharpened(made.request(tmp_path / "e.tif", method="exp"))
    np.testing.assert_array_equal((learnt == 0).all(axis=0), (plain == 0).all(axis=0))
    assert said.result["valid_share"] == other.result["valid_share"] < 0.9


def test_a_scene_too_small_to_try_the_model_on_is_sharpened_and_that_is_said(model: str, tmp_path: Path) -> None:
    made = write_pair(tmp_path / "pair", size=20)
    result, said = sharpened(ask(made, tmp_path / "o.tif", model))
    assert result.shape == (4, 20, 20) and np.isfinite(result).all()
    assert any("taken whole: the pair is too small" in note for note in said.notes)


def test_what_is_taken_is_told_band_by_band(model: str) -> None:
    (told,) = findings(read_card(model), {TRUST: np.array([0.0, 0.856, 1.2])})
    assert told == "Of what the network adds, 0%, 86%, 120% is taken, as the pair made coarser shows."


def test_a_card_whose_network_takes_other_guides_is_refused(pair: Pair, tmp_path: Path) -> None:
    fewer = any_band_file(tmp_path, guided(guides=len(IMAGES) - 1))
    said = refusal(ask(pair, tmp_path / "o.tif", fewer), ModelFileError)
    assert "takes 6 channels beside PAN, and this version of the software has 16." in said


def test_the_list_of_models_says_that_it_takes_any_bands(model: str) -> None:
    listed = run(models(ModelsRequest(directories=(str(Path(model).parent),)))).result["models"]
    (one,) = [each for each in listed if each["name"] == "ksdiff-any"]
    assert one["bands"] == [] and one["sensors"] == ["any"] and one["file"] == model


@pytest.mark.slow
def test_another_process_gives_the_same_bytes(odd: Pair, model: str, tmp_path: Path) -> None:
    here = sharpened(ask(odd, tmp_path / "here.tif", model))[0]
    there, said = sharpened(ask(odd, tmp_path / "there.tif", model, python=sys.executable))
    assert there.tobytes() == here.tobytes() and said.result["python"] == sys.executable
