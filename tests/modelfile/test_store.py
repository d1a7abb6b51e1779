"""A model that is loaded is the one that was saved, and one that is not is refused; nothing is ever half there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ModelFileError, OutputError
from engine.modelfile.card import read_card
from tests.limits import small_files
from tests.modelfile.cards import card, contract, model_bytes, model_file
from tests.slowness import mostly_slow

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from engine.modelfile import store  # noqa: E402 - it imports torch
from engine.network.backbones import BACKBONES  # noqa: E402
from engine.network.ksdiff import Architecture, KSDiff  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def weights(seed: int = 1) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(seed)
    return {
        "b.weight": torch.randn(3, 4, generator=generator),
        "a": torch.randn((), generator=generator),
        "c.half": torch.randn(5, generator=generator).half(),
        "c.brain": torch.randn(2, 2, generator=generator).bfloat16(),
    }


def network(bands: int = 4, **changes: Any) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(bands)
        return KSDiff(Architecture.tiny(bands), **changes)


def saved(path: Path, bands: int = 4, tensors: Any = None) -> str:
    """Save a tiny network, or these weights for one."""
    described = card(bands, architecture=Architecture.tiny(bands).to_dict())
    store.save(str(path), described, network(bands).state_dict() if tensors is None else tensors)
    return str(path)


def refusal(path: str, **asked: Any) -> str:
    with pytest.raises(ModelFileError) as caught:
        store.load_model(path, **asked)
    assert path in caught.value.fact and caught.value.remedy.endswith(".")
    return str(caught.value)


def test_weights_come_back_as_they_were(tmp_path: Path) -> None:
    path = str(tmp_path / "m.safetensors")
    returned = store.save(path, card(), weights())
    loaded, tensors = store.load(path)
    assert loaded == returned == read_card(path)
    assert loaded.tensor_hash and card(tensor_hash=loaded.tensor_hash) == loaded
    assert tensors.keys() == weights().keys()
    for name, tensor in weights().items():
        assert tensors[name].dtype == tensor.dtype and torch.equal(tensors[name], tensor)
    assert os.listdir(tmp_path) == ["m.safetensors"]


def test_the_hash_is_the_documented_one(tmp_path: Path) -> None:
    values = {"b": torch.tensor([1.0, -2.0]), "a": torch.tensor([[0.5]]).half()}
    expected = hashlib.sha256(
        b'["a", "float16", [1, 1]]\n' + struct.pack("<e", 0.5) + b'["b", "float32", [2]]\n' + struct.pack("<2f", 1, -2)
    )
    assert store.save(str(tmp_path / "m.safetensors"), card(), values).tensor_hash == expected.hexdigest()


def test_the_same_model_gives_the_same_bytes_in_any_order_of_its_weights(tmp_path: Path) -> None:
    backwards = dict(reversed(weights().items()))
    store.save(str(tmp_path / "1"), card(), weights())
    store.save(str(tmp_path / "2"), card(), backwards)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    store.save(str(tmp_path / "2"), card(), weights(seed=2))
    assert read_card(str(tmp_path / "1")).tensor_hash != read_card(str(tmp_path / "2")).tensor_hash


def test_views_and_shared_weights_are_saved_as_what_they_hold(tmp_path: Path) -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    store.save(str(tmp_path / "m"), card(), {"turned": whole.T, "same": whole, "part": whole[1:, ::2]})
    tensors = store.load(str(tmp_path / "m"))[1]
    assert torch.equal(tensors["turned"], whole.T) and torch.equal(tensors["same"], whole)
    assert torch.equal(tensors["part"], torch.tensor([[4.0, 6.0], [8.0, 10.0]]))


def test_a_loaded_model_outlives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    store.save(str(path), card(), weights())
    tensors = store.load(str(path))[1]
    os.truncate(path, 10)
    assert torch.equal(tensors["b.weight"], weights()["b.weight"])


@pytest.mark.parametrize("kind", ["float64", "int64", "bool", "uint8", "complex64"])
def test_other_kinds_of_numbers_are_not_saved(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=f"steps are torch.{kind}"):
        store.save(str(tmp_path / "m"), card(), {"steps": torch.zeros(3, dtype=getattr(torch, kind))})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("place", [-1, -20, -60])
def test_one_changed_byte_of_the_weights_is_found(place: int, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    store.save(str(path), card(), weights())
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert read_card(str(path))  # only the header is read for a list
    with pytest.raises(ModelFileError, match="hash is another than the card's"):
        store.load(str(path))


def test_a_file_without_a_hash_is_not_trusted(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="hash"):
        store.load(model_file(tmp_path / "m.safetensors", model_bytes()))


def test_what_is_no_model_file_never_reaches_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "load", None)
    torch_file = tmp_path / "m.safetensors"
    torch_file.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(ModelFileError, match="can hold code"):
        store.load(str(torch_file))


# Failing disks.


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.safetensors"
    store.save(str(path), card(), weights())
    before = path.read_bytes()
    monkeypatch.setattr(os, step, full)
    with pytest.raises(OutputError, match="No space left on device"):
        store.save(str(path), card(), weights(seed=2))
    assert os.listdir(tmp_path) == ["m.safetensors"] and path.read_bytes() == before


def test_a_disk_that_is_full_while_writing_is_said(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"older")
    with small_files(1 << 16), pytest.raises(OutputError, match="cannot be written"):
        store.save(str(tmp_path / "m"), card(), {"a": torch.zeros(1 << 20)})
    assert os.listdir(tmp_path) == ["m"] and (tmp_path / "m").read_bytes() == b"older"


@pytest.mark.skipif(sys.platform == "win32", reason="its links are of another kind")
def test_what_a_link_leads_to_at_the_name_of_the_part_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "m.part").symlink_to(tmp_path / "precious")
    store.save(str(tmp_path / "m"), card(), weights())
    assert (tmp_path / "precious").read_bytes() == b"precious" and sorted(os.listdir(tmp_path)) == ["m", "precious"]
    assert not (tmp_path / "m").is_symlink()


def test_a_stop_while_saving_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(KeyboardInterrupt):
        store.save(str(tmp_path / "m"), card(), weights())
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        store.save(str(tmp_path / "none" / "m.safetensors"), card(), weights())


# Networks.


@pytest.mark.parametrize("bands", mostly_slow([4, 8], 0))
def test_a_loaded_network_sharpens_as_the_saved_one(bands: int, tmp_path: Path) -> None:
    original = network(bands).eval()
    loaded_card, loaded = store.load_model(saved(tmp_path / "m.safetensors", bands), for_bands=bands)
    assert len(loaded_card.input.bands) == bands and not loaded.training
    generator = torch.Generator().manual_seed(3)
    pan, ms_up = torch.rand(1, 1, 16, 16, generator=generator), torch.rand(1, bands, 16, 16, generator=generator)
    with torch.no_grad():
        assert torch.equal(loaded.fuse(pan, ms_up, None), original.fuse(pan, ms_up, None))
    for name, tensor in original.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)
    assert original.diffusion.signal[0] == 1.0  # which no file holds
    for name, tensor in original.named_buffers():
        assert torch.equal(loaded.get_buffer(name), tensor)


def test_a_network_saved_for_use_is_loaded_without_its_truth_encoder(tmp_path: Path) -> None:
    _, loaded = store.load_model(saved(tmp_path / "m.safetensors", tensors=network().state_for_use()))
    assert loaded.state_dict().keys() == network().state_for_use().keys()


def test_half_precision_on_disk_is_single_precision_in_use(tmp_path: Path) -> None:
    halves = {name: tensor.half() for name, tensor in network().state_dict().items()}
    _, loaded = store.load_model(saved(tmp_path / "m.safetensors", tensors=halves))
    assert {tensor.dtype for tensor in loaded.state_dict().values()} == {torch.float32}


def test_a_network_for_other_bands_is_refused_with_both_numbers(tmp_path: Path) -> None:
    said = refusal(saved(tmp_path / "m.safetensors", 8), for_bands=4)
    assert "made for 8 bands, and there are 4" in said and "select 8 bands" in said


def any_band(path: Path, **changes: Any) -> str:
    """Save a tiny network that sees one band at a time, its card naming none; `changes` are of its architecture."""
    architecture = replace(Architecture.tiny(1), **{"backbone": "swift", "guides": 3, **changes})
    described = card(input=contract(0), architecture=architecture.to_dict())
    store.save(str(path), described, KSDiff(architecture).state_dict())
    return str(path)


@pytest.mark.parametrize("bands", [None, 1, 4, 13])
def test_a_network_with_guides_is_loaded_for_any_number_of_bands(bands: Any, tmp_path: Path) -> None:
    read, loaded = store.load_model(any_band(tmp_path / "m.safetensors"), for_bands=bands)
    assert read.input.bands == () and loaded.architecture.guides == 3
    assert loaded.fuse(torch.rand(1, 4, 8, 8), torch.rand(1, 1, 8, 8), None).shape == (1, 1, 8, 8)


def test_a_card_without_bands_of_a_network_without_guides_and_the_other_way_round_are_refused(tmp_path: Path) -> None:
    without = any_band(tmp_path / "m.safetensors", guides=0)
    assert "names no bands, and its network has 1, without guides" in refusal(without)
    several = any_band(tmp_path / "n.safetensors", bands=2)
    assert "names no bands, and its network has 2, with guides" in refusal(several)
    guided = replace(Architecture.tiny(4), backbone="swift", guides=3)
    path = str(tmp_path / "o.safetensors")
    store.save(path, card(4, architecture=guided.to_dict()), KSDiff(guided).state_dict())
    assert "names 4 bands, and its network has 4, with guides" in refusal(path)


def test_missing_unexpected_and_misshapen_weights_are_named(tmp_path: Path) -> None:
    state = network().state_dict()
    name = next(name for name in state if name.startswith("backbone."))
    without = {key: value for key, value in state.items() if key != name}
    path = tmp_path / "m.safetensors"
    assert f"lacks weights of its network: {name}." in refusal(saved(path, tensors=without))
    assert "does not have: intruder." in refusal(saved(path, tensors={**state, "intruder": torch.zeros(1)}))
    assert f"other shapes than its network: {name}." in refusal(saved(path, tensors={**state, name: torch.zeros(7)}))
    assert "does not have" in refusal(
        saved(path, tensors={f"n{number}": torch.zeros(1) for number in range(9)} | state)
    )
    assert "and 6 more" in refusal(saved(path, tensors={f"n{number}": torch.zeros(1) for number in range(9)} | state))


def test_a_card_that_describes_no_network_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "m.safetensors")
    store.save(path, card(architecture={"bands": 4, "backbone": "magic"}), weights())
    assert "magic" in refusal(path)
    store.save(path, card(4, architecture=Architecture.tiny(8).to_dict()), weights())
    assert "names 4 bands, and its network has 8" in refusal(path)


@pytest.mark.slow
def test_no_network_makes_torch_import_its_compiler_which_takes_seconds(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"generator": "mlp"},
        {"prior": "concat"},
        *({"backbone": name} for name in BACKBONES),
    ]
    for number, change in enumerate(changes):
        architecture = replace(Architecture.tiny(4), **change)
        path = str(tmp_path / f"{number}.safetensors")
        store.save(path, card(architecture=architecture.to_dict()), KSDiff(architecture).state_for_use())
    loading = "import sys; from engine.modelfile.store import load_model; [load_model(path) for path in sys.argv[1:]]"
    found = f"{loading}; print(*({{'torch._dynamo', 'torch._inductor'}} & set(sys.modules)))"
    files = [str(path) for path in tmp_path.iterdir()]
    done = subprocess.run([sys.executable, "-c", found, *files], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(files) == len(changes) and done.stdout == "\n"


def test_a_card_that_asks_for_a_gigantic_network_needs_no_memory(tmp_path: Path) -> None:
    gigantic = {**Architecture.tiny(4).to_dict(), "denoiser_width": 4096, "denoiser_blocks": 32, "latent": 2048}
    path = str(tmp_path / "m.safetensors")
    store.save(path, card(architecture=json.loads(json.dumps(gigantic))), network().state_dict())
    peak_before = _peak_kb()
    assert "shapes" in refusal(path) or "lacks" in refusal(path)
    assert _peak_kb() - peak_before < 200_000  # its weights alone would be 2 GB


def _peak_kb() -> int:
    resource = pytest.importorskip("resource")
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
