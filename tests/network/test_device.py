"""A device is what its name says, the best there is, or a sentence."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from engine.errors import RequestError  # noqa: E402
from engine.network.device import DEVICES, describe, one_thread_each, resolve  # noqa: E402
from engine.request import DEVICES as ASKED  # noqa: E402


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu"), (True, False, "cuda")]
)
def test_auto_takes_the_best_there_is(cuda: bool, mps: bool, best: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve("auto").type == best and resolve("cpu").type == "cpu"


def test_a_device_that_is_not_there_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RequestError, match="no device 'cuda' that PyTorch"):
        resolve("cuda")
    with pytest.raises(RequestError, match="There is no device 'tpu'"):
        resolve("tpu")


def test_every_device_that_can_be_asked_for_is_known() -> None:
    assert ASKED == DEVICES


def test_a_graphics_card_is_described_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Card 9000")
    assert describe(torch.device("cuda")) == "cuda (Card 9000)" and describe(torch.device("cpu")) == "cpu"


def test_each_thread_computes_by_itself_until_the_end_also_of_a_failure() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyError), one_thread_each():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
