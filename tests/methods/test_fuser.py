"""A network at work: kernels are prepared once, and a tile that memory cannot hold comes out as if it could."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.errors import MethodError  # noqa: E402
from engine.methods import fuser  # noqa: E402
from engine.methods.fuser import LocalFuser  # noqa: E402
from engine.methods.neural import TOLD  # noqa: E402
from engine.network.layers import Precise  # noqa: E402
from tests.methods.models import guided, network, tiny  # noqa: E402
from tests.slowness import mostly_slow  # noqa: E402

BACKBONES = {name: tiny(backbone=name) for name in ("pannext", "fusionnet", "lagnet", "dicnn")}


def made(architecture: Any = BACKBONES["fusionnet"]) -> LocalFuser:
    torch.set_num_threads(1)
    return LocalFuser(network(architecture, amount=0.1), torch.device("cpu"))


def images(height: int, width: int, seed: int = 0) -> tuple[Any, Any]:
    """Return PAN (h, w) and MS (4, h, w) between 0 and 1."""
    random = np.random.default_rng(seed)
    return random.random((height, width), np.float32), random.random((4, height, width), np.float32)


def holding(most_pixels: int, at_work: LocalFuser, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Let memory run out above so many pixels, and return where the sizes of the tiles that fit are noted."""
    fuse_with, sizes = at_work._network.fuse_with, []

    def bounded(pan: Any, *more: Any) -> Any:
        if pan[:, 0].numel() > most_pixels:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        sizes.append(tuple(pan.shape[2:]))
        return fuse_with(pan, *more)

    monkeypatch.setattr(at_work._network, "fuse_with", bounded)
    return sizes


PARTS = [("pannext", 5, 0.75), *((name, 10, part) for name in ("fusionnet", "lagnet", "dicnn") for part in (0.75, 0.4))]


@pytest.mark.parametrize(("backbone", "reaches", "part"), mostly_slow(PARTS, 1, 2, 6))
@pytest.mark.parametrize("with_margin", [False, True])
def test_a_tile_too_large_for_the_memory_comes_out_of_its_parts(
    backbone: str, reaches: int, part: float, with_margin: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = made(BACKBONES[backbone])
    margin = at_work.near if with_margin else 0
    side = reaches * at_work.near
    pan, ms_up = images(side + 3, side + 8)
    kernels = at_work.settle([images(64, 64, 1)], [1.0])
    whole = at_work.fuse(pan, ms_up, kernels, margin)
    sizes = holding(int(part * pan.size), at_work, monkeypatch)
    halved = at_work.fuse(pan, ms_up, kernels, margin)
    assert len(sizes) > 1
    np.testing.assert_allclose(halved, whole, rtol=0, atol=1e-5)


def test_what_did_not_fit_is_said_once_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    at_work = made()
    kernels = at_work.settle([images(64, 64, 1)], [1.0])
    pan, ms_up = images(80, 90)
    sizes = holding(6000, at_work, monkeypatch)
    with caplog.at_level(logging.WARNING):
        at_work.fuse(pan, ms_up, kernels)
        first = list(sizes)
        monkeypatch.setattr(at_work, "_note_lack", lambda _: pytest.fail("the whole was tried again"))
        at_work.fuse(pan, ms_up, kernels)
    assert sizes == 2 * first
    assert [record.getMessage() for record in caplog.records] == [
        "The memory of the graphics card is too small for 80 x 90 pixels: halving."
    ]


GUIDED = guided(guides=5)  # the last two of which are told as numbers, below


def several(count: int, height: int, width: int) -> tuple[list[Any], list[Any]]:
    """Return windows of a network for any band, and kernels for each, with what they are told."""
    random = np.random.default_rng(0)
    windows = [
        (random.random((4, height, width), np.float32), random.random((1, height, width), np.float32))
        for _ in range(count)
    ]
    at_work, kernels = made(GUIDED), []
    for _ in range(count):
        whole = random.random((6, 64, 64), np.float32), random.random((1, 64, 64), np.float32)
        kernels.append({**at_work.settle([whole], [1.0]), TOLD: random.standard_normal((1, 2))})
    return windows, kernels


def test_several_at_once_come_out_as_one_by_one() -> None:
    at_work = made(GUIDED)
    windows, kernels = several(3, 60, 66)
    for margin in (0, at_work.near):
        together = at_work.fuse_each(windows, kernels, margin)
        for image, window, own in zip(together, windows, kernels):
            np.testing.assert_allclose(image, at_work.fuse(*window, own, margin), rtol=0, atol=1e-5)
        other = at_work.fuse(*windows[0], {**kernels[0], TOLD: kernels[1][TOLD]}, margin)
        assert np.abs(other - together[0]).max() > 1e-4


def test_several_that_do_not_fit_are_first_made_apart_and_then_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    windows, kernels = several(3, 120, 130)
    expected = made(GUIDED).fuse_each(windows, kernels, 20)
    for most, sizes in ((2 * 120 * 130, [(120, 130)] * 2), (120 * 130 - 1, [(120, 84), (120, 86)] * 3)):
        at_work = made(GUIDED)
        found = holding(most, at_work, monkeypatch)
        np.testing.assert_allclose(at_work.fuse_each(windows, kernels, 20), expected, rtol=0, atol=1e-5)
        assert found == sizes


def test_windows_of_all_sizes_make_kernels_together_as_each_by_itself() -> None:
    at_work = made()
    windows = [images(64, 64, seed) for seed in range(20)] + [images(40, 48, 1), images(40, 48, 2)]
    shares = np.random.default_rng(0).dirichlet(np.ones(22))
    together = at_work.settle(windows, list(shares))
    alone = [at_work.settle([window], [share]) for window, share in zip(windows, shares)]
    for name, kernel in together.items():
        np.testing.assert_allclose(kernel, sum(one[name] for one in alone), rtol=1e-5, atol=1e-6)
        assert kernel.dtype == np.float64 and len(kernel) == 1


class Card:
    """A graphics card that is none: it counts what it was lent."""

    def __init__(self, free: int, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, answer in (
            ("empty_cache", lambda: None),
            ("reset_peak_memory_stats", lambda _: None),
            ("mem_get_info", lambda _: (free, 80 << 30)),
            ("memory_allocated", lambda _: 1000),
            ("max_memory_allocated", lambda _: 1000 + taken),
        ):
            monkeypatch.setattr(torch.cuda, name, answer)
        monkeypatch.setattr(fuser, "_is_card", lambda _: True)
        monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: tensor)
        empty = torch.empty

        def plain(*size: Any, pin_memory: bool = False, **more: Any) -> Any:
            return empty(*size, **more)

        monkeypatch.setattr(torch, "empty", plain)


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_the_room_of_a_card_is_what_is_free_by_what_a_pixel_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    Card(8 << 30, 256 * 256 * 1024, monkeypatch)
    assert made(GUIDED).room == (8 << 30) // 1024 // 2  # half of it is left to others
    assert LocalFuser(network(BACKBONES["dicnn"]), torch.device("cpu")).room == 4 << 20


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_a_card_makes_several_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    windows, kernels = several(3, 64, 66)
    usual = made(GUIDED)
    expected = usual.fuse_each(windows, kernels, 20)
    assert usual.room is None
    Card(8 << 30, 1, monkeypatch)
    at_work = made(GUIDED)
    sizes: list[Any] = []
    fuse_with = at_work._network.fuse_with
    monkeypatch.setattr(
        at_work._network, "fuse_with", lambda pan, *more: sizes.append(tuple(pan.shape)) or fuse_with(pan, *more)
    )
    np.testing.assert_allclose(at_work.fuse_each(windows, kernels, 20), expected, rtol=0, atol=1e-5)
    assert sizes == [(3, 4, 64, 66)]


def test_a_memory_that_holds_no_useful_part_is_named_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = made()
    kernels = at_work.settle([images(64, 64, 1)], [1.0])
    sizes = holding(0, at_work, monkeypatch)
    with pytest.raises(MethodError, match=r"too small for the tiles.*smaller tiles"):
        at_work.fuse(*images(100, 100), kernels)
    assert not sizes


def test_kernels_are_prepared_once_for_as_long_as_their_arrays_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = made()
    kernels, others = (at_work.settle([images(64, 64, seed)], [1.0]) for seed in (1, 2))
    tile = images(32, 32)
    expected = [at_work.fuse(*tile, one) for one in (kernels, others)]
    prepared, tensor = [], at_work._tensor
    monkeypatch.setattr(at_work, "_tensor", lambda values: prepared.append(values) or tensor(values))
    again = [at_work.fuse(*tile, dict(one)) for one in (kernels, others)]
    assert len(prepared) == 2 * 2  # PAN and MS of each tile
    np.testing.assert_array_equal(again, expected)
    assert np.abs(expected[0] - expected[1]).max() > 1e-6
    at_work.fuse(*tile, {name: kernel.copy() for name, kernel in kernels.items()})
    assert len(prepared) == 3 * 2 + len(kernels)


def test_no_more_kernels_are_kept_than_a_scene_has_and_forgotten_ones_are_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fuser, "_MOST_KNOWN", 2)
    at_work = made()
    sets = [at_work.settle([images(64, 64, seed)], [1.0]) for seed in range(4)]
    tile = images(32, 32)
    results = [at_work.fuse(*tile, kernels) for kernels in (*sets, *sets)]
    assert len(at_work._known) == 2
    np.testing.assert_array_equal(results[:4], results[4:])


@pytest.mark.parametrize("backbone", mostly_slow(BACKBONES, 1))
def test_half_precision_but_for_the_ends_is_nearer_to_the_whole_than_all_halved(backbone: str) -> None:
    at_work = made(BACKBONES[backbone])
    kernels = at_work.settle([images(64, 64, 1)], [1.0])
    random = np.random.default_rng(0)
    smooth = np.linspace(0.2, 0.8, 96, dtype=np.float32)[:, None] + 0.05 * random.random((96, 96), np.float32)
    pan, ms_up = smooth, np.stack([smooth * share for share in (0.9, 0.7, 1.0, 1.2)]).astype(np.float32)
    whole = at_work.fuse(pan, ms_up, kernels)
    backbone_of = at_work._network.backbone
    errors = []
    for precise in (False, True):
        if precise:
            for name in ("stem", "head"):
                setattr(backbone_of, name, Precise(getattr(backbone_of, name)))
        with torch.autocast("cpu", torch.float16):
            errors.append(np.abs(at_work.fuse(pan, ms_up, kernels) - whole).max())
    assert 0.0 < errors[1] < errors[0] and errors[1] < 0.005 * np.abs(whole - ms_up).max()


def test_nothing_on_a_device_is_wider_than_float32() -> None:
    at_work = made()
    kernels = at_work.settle([images(64, 64, 1)], [1.0])
    at_work.fuse(*images(32, 32), kernels)
    on_device = [*at_work._network.state_dict().values(), *at_work._network.buffers()]
    on_device += [tensor for _, known in at_work._known.values() for tensor in known.values()]
    assert {tensor.dtype for tensor in on_device} == {torch.float32}  # MPS has no float64
