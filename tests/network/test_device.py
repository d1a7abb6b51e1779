"""A device is what its name says, the best there is, or a sentence."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from engine.errors import RequestError  # noqa: E402
from engine.network.device import resolve  # noqa: E402


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
