"""A model that learns on from one pair: never worse than it was, the same for the same seed, and true about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.data.from_store import Made, write_store  # noqa: E402
from engine.errors import Interrupted, ModelFileError  # noqa: E402
from engine.methods.guides import FACTS, IMAGES  # noqa: E402
from engine.modelfile.card import Base, read_card  # noqa: E402
from engine.modelfile.header import read_tensors  # noqa: E402
from engine.modelfile.store import load, load_model, save  # noqa: E402
from engine.training import adaptation  # noqa: E402
from engine.training.adaptation import Task, adapt  # noqa: E402
from tests.methods.models import any_band_file, guided, model_file, tiny  # noqa: E402

PATCH = 16
PLAIN = guided(prior="none", modulate="none")


def samples(seed: int, count: int, missed: Callable[[Any, Any], Any]) -> Iterator[Made]:
    """Yield samples in which what the band lacks is made of its guides, or of nothing."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        guides = random.standard_normal((len(IMAGES), PATCH, PATCH))
        band = random.standard_normal((1, PATCH, PATCH))
        yield guides, band, band + missed(guides, random), np.zeros(len(FACTS))


def of_pan(guides: Any, _random: Any) -> Any:
    return 0.5 * guides[1:2]


def of_nothing(_guides: Any, random: Any) -> Any:
    return random.standard_normal((1, PATCH, PATCH))


def stores(folder: Path, learnt: Callable[[Any, Any], Any], measured: Callable[[Any, Any], Any]) -> dict[str, str]:
    for name, seed, count, missed in (("training", 1, 24, learnt), ("held_out", 2, 8, measured)):
        write_store(folder / name, IMAGES, FACTS, (4.0, 4.0), samples(seed, count, missed), "a test")
    return {name: str(folder / name) for name in ("training", "held_out")}


def task(folder: Path, model: str, given: dict[str, str], **changes: Any) -> Task:
    run = folder / f"run {len(list(folder.iterdir()))}"  # each has its own
    made = Task(
        model=model, **given, folder=str(run), out=str(folder / "out.safetensors"),
        scene="pan.tif and ms.tif, made coarser", sensors=("quickbird",), patch=PATCH, minutes=None, seed=1, threads=1,
        device="cpu", steps=12,
    )  # fmt: skip
    return replace(made, **changes)


def always() -> bool:
    return True


@pytest.fixture
def model(tmp_path: Path) -> str:
    return any_band_file(tmp_path, PLAIN)


@pytest.fixture(autouse=True)
def fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn in a few steps, and know no model of the user's own."""
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    monkeypatch.setattr(adaptation, "_RATE", 5e-3)
    monkeypatch.setattr(adaptation, "_EVERY", 5)


def test_a_model_learns_what_its_scene_is_like(model: str, tmp_path: Path) -> None:
    told = adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan), steps=40), always)
    assert told["improved"] and told["error_after"] < 0.9 * told["error_before"]
    assert told["steps"] == 40 and 0 < told["best_step"] <= 40 and told["held_out"] == 8
    # The error is that of the band as it was given, whose root mean square error is half a standard deviation here.
    assert told["scores"]["mtf-glp-fs"]["l1"] == pytest.approx(0.5 * np.sqrt(2.0 / np.pi), rel=0.05)
    assert told["error_before"] == told["scores"]["before"]["ergas"] / told["scores"]["mtf-glp-fs"]["ergas"]


def known(folder: Path, model: str) -> dict[str, str]:
    """Return stores of which the held-out one holds what the network of a model makes of it already."""
    with torch.inference_mode():
        base = load_model(model)[1]
        made = []
        for guides, band, _, facts in samples(2, 8, of_pan):
            planes = np.broadcast_to(facts[:, None, None], (len(FACTS), PATCH, PATCH))
            # As the store keeps them.
            beside = np.concatenate([guides, planes]).astype(np.float16).astype(np.float32)
            given = band.astype(np.float16).astype(np.float32)
            fused = base.fuse(torch.from_numpy(beside)[None], torch.from_numpy(given)[None], None)
            made.append((guides, band, fused[0].numpy(), facts))
    there = stores(folder, of_nothing, of_pan)
    write_store(Path(there["held_out"]), IMAGES, FACTS, (4.0, 4.0), made, "a test")
    return there


def test_where_nothing_can_be_learnt_the_model_stays_as_it_was_and_says_so(model: str, tmp_path: Path) -> None:
    there = known(tmp_path, model)
    told = adapt(task(tmp_path, model, there), always)
    assert not told["improved"] and told["best_step"] == 0 and told["steps"] == 12
    assert told["error_after"] == told["error_before"] < 0.1
    before, after = load(model)[1], load(str(tmp_path / "out.safetensors"))[1]
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert "Nothing better was found" in read_card(str(tmp_path / "out.safetensors")).description


@pytest.mark.parametrize("competes", [True, False])
def test_weights_that_a_run_begins_with_may_stay_the_best_if_they_compete(
    competes: bool, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = adaptation._config
    monkeypatch.setattr(adaptation, "_config", lambda *given: replace(usual(*given), start_competes=competes))
    told = adapt(task(tmp_path, model, known(tmp_path, model)), always)
    assert (told["best_step"] == 0) == competes


@pytest.mark.slow
def test_the_same_seed_gives_the_same_model_and_another_seed_another(model: str, tmp_path: Path) -> None:
    given = stores(tmp_path, of_pan, of_pan)
    hashes = []
    for number, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        adapt(task(folder, model, given, seed=seed), always)
        hashes.append(read_card(str(folder / "out.safetensors")).tensor_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_card_says_what_became_of_which_model(model: str, tmp_path: Path) -> None:
    told = adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan)), always)
    base, made = read_card(model), read_card(str(tmp_path / "out.safetensors"))
    assert (made.name, made.licence) == ("ksdiff-any-adapted", base.licence)
    assert re.fullmatch(rf"{re.escape(base.version)}-\d{{8}}\.\d{{6}}", made.version)
    assert made.architecture == base.architecture and made.input == base.input
    assert f"{base.name} {base.version} (sha256 {base.tensor_hash}), adapted to pan.tif and ms.tif" in made.description
    assert base.description in made.description and made.tensor_hash != base.tensor_hash
    assert made.training_data[:-1] == base.training_data
    assert made.training_data[-1].what == "The user's own scene: pan.tif and ms.tif, made coarser"
    assert made.sensors == ("quickbird",)
    assert made.recipe.stages[-1].name == "Adapting" and made.recipe.stages[-1].steps == told["steps"] == 12
    (score,) = made.scores
    assert score.metrics["ergas"] == told["scores"]["after"]["ergas"]
    assert score.compared_with["ksdiff-any 1.0.0"]["ergas"] == told["scores"]["before"]["ergas"]


@pytest.mark.slow
def test_of_a_model_with_a_prior_only_the_fusion_network_learns(tmp_path: Path) -> None:
    model = any_band_file(tmp_path, guided())
    adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan), steps=5), always)
    before, after = load(model)[1], load(str(tmp_path / "out.safetensors"))[1]
    assert before.keys() == after.keys()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"backbone"}
    checkpoint = sorted(tmp_path.glob("run*/step-*.npz"))[-1]
    with np.load(checkpoint) as kept:
        assert not [name for name in kept.files if "truth_encoder" in name], "one would learn nothing, and cost memory"


def test_what_was_adapted_can_be_adapted_again_under_the_same_name(model: str, tmp_path: Path) -> None:
    given = stores(tmp_path, of_pan, of_pan)
    adapt(task(tmp_path, model, given, steps=2), always)
    again = str(tmp_path / "again.safetensors")
    adapt(task(tmp_path, str(tmp_path / "out.safetensors"), given, steps=2, out=again), always)
    assert read_card(again).name == "ksdiff-any-adapted"


def written(path: str) -> set[str]:
    return {tensor.name for tensor in read_tensors(path)}


def kernels(path: str) -> set[str]:
    return {name for name in written(path) if name.startswith("backbone.") and ".generator." not in name}


def test_where_the_model_will_be_found_again_the_file_holds_what_was_changed_alone(tmp_path: Path) -> None:
    model = any_band_file(tmp_path, guided())
    adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan), steps=1), always)
    out, base = str(tmp_path / "out.safetensors"), read_card(model)
    assert set() < written(out) == kernels(model) < written(model)
    assert read_card(out).base == Base(base.name, base.version, base.tensor_hash)


def test_where_it_would_not_be_found_the_file_holds_all_weights(model: str, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    adapt(task(folder, model, stores(tmp_path, of_pan, of_pan), steps=2), always)
    out = str(folder / "out.safetensors")
    assert written(out) == written(model) and read_card(out).base is None
    assert load_model(out)[0].name == "ksdiff-any-adapted"
    adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan), steps=2), always)
    beside, alone = (load(str(path / "out.safetensors"))[1] for path in (tmp_path, folder))
    assert beside.keys() == alone.keys() and all(torch.equal(beside[name], alone[name]) for name in alone)


@pytest.mark.slow
def test_what_changes_an_adapter_changes_its_base_and_keeps_what_it_had_changed(tmp_path: Path) -> None:
    model = any_band_file(tmp_path, guided())
    base, weights = load(model)
    first = str(tmp_path / "first.safetensors")
    encoder = next(name for name in weights if name.startswith("condition_encoder."))
    of = Base(base.name, base.version, base.tensor_hash)
    save(first, replace(base, name="ksdiff-first", base=of), {encoder: weights[encoder] + 1.0})
    adapt(task(tmp_path, first, stores(tmp_path, of_pan, of_pan), steps=5), always)
    out = str(tmp_path / "out.safetensors")
    assert read_card(out).base == of and written(out) == {encoder, *kernels(model)}
    assert torch.equal(load(out)[1][encoder], weights[encoder] + 1.0)


@pytest.mark.slow
def test_it_ends_when_its_time_is_over(model: str, tmp_path: Path) -> None:
    told = adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan), minutes=0.03, steps=10**6), always)
    assert told["steps"] < 5000 and 1.8 <= told["seconds"] < 60.0


def test_who_stops_it_finds_no_model(model: str, tmp_path: Path) -> None:
    calls = iter(range(1000))
    with pytest.raises(Interrupted):
        adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan)), lambda: next(calls) < 20)
    assert not (tmp_path / "out.safetensors").exists()


def test_the_threads_of_pytorch_are_afterwards_as_before(model: str, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        adapt(task(tmp_path, model, stores(tmp_path, of_pan, of_pan), steps=1), always)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_model_that_sees_other_guides_is_refused(tmp_path: Path) -> None:
    other = model_file(tmp_path, tiny())
    with pytest.raises(ModelFileError, match=r"takes 0 channels beside PAN, and this version shows 16"):
        adapt(task(tmp_path, other, stores(tmp_path, of_pan, of_pan)), always)
