"""Sharpening a scene with a model: the same bytes however it is cut, said what with, and refused in sentences."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from osgeo import gdal  # noqa: E402

from engine.errors import MethodError, ModelFileError, RequestError  # noqa: E402
from engine.events import Started  # noqa: E402
from engine.jobs import suited  # noqa: E402
from engine.jobs.sharpen import sharpen  # noqa: E402
from engine.modelfile.card import Band, read_card  # noqa: E402
from tests.jobs.runs import files_in, refusal, sharpened  # noqa: E402
from tests.methods.models import BANDS, model_file, taking, tiny  # noqa: E402
from tests.pairs import Pair, read, write_pair  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.jobs.choice.SHIPPED", tmp_path / "shipped")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return model_file(tmp_path_factory.mktemp("model"), tiny(backbone="pannext"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=200)


def ask(pair: Pair, out: Path, model: Optional[str], **changes: Any) -> Any:
    usual = {
        "method": "ksdiff",
        "model": model,
        "data_type": "float32",
        "device": "cpu",
        "threads": 2,
        "python": "self",
    }
    return pair.request(out, **{**usual, **changes})


@pytest.mark.slow
def test_neither_tiles_nor_threads_nor_what_torch_was_set_to_change_a_byte(
    pair: Pair, model: str, tmp_path: Path
) -> None:
    before = torch.get_num_threads()
    results = []
    try:
        for tile_size, threads, others in ((1024, 1, 2), (64, 3, 1), (100, 2, 2)):
            torch.set_num_threads(others)
            request = ask(pair, tmp_path / f"{tile_size}.tif", model, tile_size=tile_size, threads=threads)
            results.append(sharpened(request)[0])
            assert torch.get_num_threads() == others
    finally:
        torch.set_num_threads(before)
    assert np.ptp(results[0]) > 100
    for tiled in results[1:]:
        assert np.abs(tiled - results[0]).max() < 1e-4 * 2047
    again = sharpened(ask(pair, tmp_path / "again.tif", model, tile_size=64, threads=1))[0]
    assert again.tobytes() == results[1].tobytes()


def test_the_result_says_which_model_and_seed_made_it_and_on_what(pair: Pair, model: str, tmp_path: Path) -> None:
    out = tmp_path / "o.tif"
    _, said = sharpened(ask(pair, out, model, seed=7))
    card = read_card(model)
    facts = next(event.facts for event in said.events if isinstance(event, Started))
    for told in (facts, said.result):
        assert told["model"] == "ksdiff-test 1.0.0" and told["model_hash"] == card.tensor_hash
        assert told["device"] == "cpu" and told["seed"] == 7 and told["method"] == "ksdiff"
    assert f"Model ksdiff-test 1.0.0 (sha256 {card.tensor_hash[:12]}), seed 7, context scene, on cpu." in said.notes
    assert any(note.endswith("tiles of 256 PAN pixels.") for note in said.notes) and told["tile_size"] == 256
    written = gdal.Open(str(out)).GetMetadata()
    assert written["KSDIFF_MODEL"] == f"ksdiff-test 1.0.0 sha256:{card.tensor_hash}"
    assert written["KSDIFF_SEED"] == "7" and written["KSDIFF_METHOD"] == "ksdiff"
    assert written["KSDIFF_CONTEXT"] == "scene"
    assert written["KSDIFF_RESAMPLING"] == "polynomial"
    assert not said.warnings


@pytest.mark.slow
def test_another_seed_gives_another_image_and_the_same_seed_the_same(pair: Pair, model: str, tmp_path: Path) -> None:
    one, same, other = (
        sharpened(ask(pair, tmp_path / f"{n}.tif", model, seed=seed))[0] for n, seed in enumerate((1, 1, 2))
    )
    assert one.tobytes() == same.tobytes()
    assert np.abs(one - other).max() > 1e-6


@pytest.mark.slow
def test_gaps_stay_gaps_and_nothing_else_becomes_one(collared: Pair, model: str, tmp_path: Path) -> None:
    learnt, said = sharpened(ask(collared, tmp_path / "k.tif", model, data_type="same"))
    plain, other = sharpened(collared.request(tmp_path / "e.tif", method="exp"))
    np.testing.assert_array_equal((learnt == 0).all(axis=0), (plain == 0).all(axis=0))
    assert said.result["valid_share"] == other.result["valid_share"] < 0.9


@pytest.mark.parametrize(
    ("bands", "chosen", "sentence"),
    [
        (3, (), r"takes 3 bands \(Blue, Green, Red\), and MS has 4\. Choose another model, or 3 bands of MS in this"),
        (4, (1, 2), r"takes 4 bands .* and MS has 2\. Choose a model for 2 bands, or MS with 4 bands\."),
    ],
)
def test_a_model_for_other_bands_is_refused_with_both_numbers(
    bands: int, chosen: tuple[int, ...], sentence: str, pair: Pair, tmp_path: Path
) -> None:
    made = model_file(tmp_path, tiny(bands))
    assert re.search(sentence, refusal(ask(pair, tmp_path / "o.tif", made, bands=chosen), ModelFileError))


def test_the_bands_that_a_model_takes_can_be_chosen(pair: Pair, tmp_path: Path) -> None:
    result, said = sharpened(ask(pair, tmp_path / "o.tif", model_file(tmp_path, tiny(3)), bands=(1, 2, 3)))
    assert len(result) == 3 and not said.warnings


@pytest.mark.slow
def test_bands_in_another_order_are_doubted_and_their_order_is_told(pair: Pair, tmp_path: Path) -> None:
    turned = replace(taking(), bands=tuple(Band(*BANDS[index]) for index in (2, 1, 0, 3)))
    made = model_file(tmp_path, tiny(), input=turned)
    (warning,) = sharpened(ask(pair, tmp_path / "o.tif", made))[1].warnings
    assert warning.startswith("The model takes Red, Green, Blue, NIR, and the bands of MS are blue, green, red, nir.")
    assert warning.endswith("Choose the bands in the order 3 2 1 4.")
    assert not sharpened(ask(pair, tmp_path / "p.tif", made, bands=(3, 2, 1, 4)))[1].warnings


@pytest.mark.slow
def test_another_ratio_sensor_and_resampling_than_the_models_are_doubted(pair: Pair, tmp_path: Path) -> None:
    made = model_file(tmp_path, tiny(), input=taking(ratios_tested=(2.0, 3.0)))
    asked = ask(pair, tmp_path / "o.tif", made, sensor="qb", resampling="lanczos")
    result, said = sharpened(asked)
    ratio, sensor, resampling = said.warnings
    assert "covers 4 PAN pixels" in ratio and "tested with 2 to 3" in ratio
    assert "did not learn from QuickBird" in sensor and "but from WV3" in sensor
    assert "lanczos has no effect" in resampling and "polynomial" in resampling
    assert said.result["warnings"] == said.warnings
    as_ever = sharpened(ask(pair, tmp_path / "p.tif", made, sensor="qb"))[0]
    assert result.tobytes() == as_ever.tobytes()


@pytest.mark.slow
def test_reflectances_are_scaled_by_their_brightness_and_it_is_said(model: str, tmp_path: Path) -> None:
    made = write_pair(tmp_path / "pair", size=200, data_type="float32", scale=1e-4)
    result, said = sharpened(ask(made, tmp_path / "o.tif", model))
    (note,) = [note for note in said.notes if "scaled by their own brightness" in note]
    assert "up to about 2047" in note
    # A network that sees hardly any light only adds what its biases are, many times the light there is.
    assert np.median(np.abs(result / made.truth - 1.0)) < 1.0
    assert not sharpened(ask(made, tmp_path / "p.tif", model))[1].warnings


def test_a_model_that_is_chosen_makes_what_it_makes_when_it_is_named(pair: Pair, tmp_path: Path) -> None:
    made = model_file(tmp_path, tiny(), sensors=("quickbird",))
    named, told = sharpened(ask(pair, tmp_path / "o.tif", made, sensor="quickbird"))
    asked = ask(pair, tmp_path / "p.tif", None, sensor="quickbird", model_folders=(str(tmp_path),))
    chosen, said = sharpened(asked)
    assert chosen.tobytes() == named.tobytes()
    assert "Model ksdiff-test 1.0.0 chosen: trained on QuickBird, which this is." in said.notes
    assert said.result["model_hash"] == told.result["model_hash"] and not said.warnings
    assert gdal.Open(str(tmp_path / "p.tif")).GetMetadata()["KSDIFF_METHOD"] == "ksdiff"


@pytest.mark.parametrize("python", ["self", "/nowhere/python"])
def test_where_no_model_is_named_and_no_torch_is_found_the_default_method_takes_over(
    python: str, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suited, "import_module", missing)
    model_file(tmp_path, tiny(), sensors=("any",))
    out = tmp_path / "o.tif"
    fused, said = sharpened(ask(pair, out, None, python=python, model_folders=(str(tmp_path),)))
    (warning,) = said.result["warnings"]
    assert said.warnings == [warning] and warning.startswith("Sharpened by mtf-glp-fs instead of a model: ")
    assert ("pip install torch" if python == "self" else "'Set up environment'") in warning
    assert said.result["method"] == "mtf-glp-fs" and "model" not in said.result and "device" not in said.result
    written = gdal.Open(str(out)).GetMetadata()
    assert written["KSDIFF_METHOD"] == "mtf-glp-fs" and "KSDIFF_MODEL" not in written
    usual = sharpened(pair.request(tmp_path / "usual.tif", data_type="float32"))[0]
    assert fused.tobytes() == usual.tobytes()


@pytest.mark.slow
def test_what_the_kernels_are_made_for_is_asked_of_the_network_and_told(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[Any] = []

    class Spy(suited.Neural):
        def __init__(self, *given: Any, **named: Any) -> None:
            contexts.append((*given, *named.values())[3])
            super().__init__(*given, **named)

    monkeypatch.setattr(suited, "Neural", Spy)
    for context in ("scene", "tile"):
        result = sharpened(ask(pair, tmp_path / f"{context}.tif", model, context=context))[1].result
        assert result["context"] == context
    assert contexts == ["scene", "tile"]


def missing(name: str) -> None:
    raise ModuleNotFoundError(f"No module named '{name}'", name=name)


def test_a_computer_without_torch_is_told_what_to_install(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suited, "import_module", missing)
    said = refusal(ask(pair, tmp_path / "o.tif", model), MethodError)
    assert "No module named 'torch'" in said and "pip install torch safetensors" in said


def test_a_device_that_is_not_there_is_refused(
    pair: Pair, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "no device 'cuda'" in refusal(ask(pair, tmp_path / "o.tif", model, device="cuda"), RequestError)


def test_a_file_that_is_no_model_is_refused_before_anything_is_done(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"PK\x03\x04 not a model, but long enough to look at")
    said = refusal(ask(pair, tmp_path / "o.tif", str(tmp_path / "model.safetensors")), ModelFileError)
    assert "can hold code" in said


def test_stopping_in_the_middle_leaves_nothing_and_gives_torch_its_threads_back(
    pair: Pair, model: str, tmp_path: Path
) -> None:
    before = torch.get_num_threads()
    events = sharpen(ask(pair, tmp_path / "o.tif", model, tile_size=64))
    for event in events:
        if getattr(event, "stage", "") == "Sharpening":
            break
    events.close()
    assert files_in(tmp_path) == {} and torch.get_num_threads() == before


def test_a_classical_method_never_imports_torch(pair: Pair, tmp_path: Path) -> None:
    script = (
        "import sys\nfrom engine.jobs.sharpen import sharpen\nfrom engine.request import SharpenRequest\n"
        f"list(sharpen(SharpenRequest(pan={pair.pan!r}, ms=({pair.ms!r},), out={str(tmp_path / 'o.tif')!r})))\n"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    assert read(tmp_path / "o.tif").shape == (4, 200, 200)
