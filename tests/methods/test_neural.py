"""A model behind the interface of methods: seamless, deterministic, in the units and with the kernels of its card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Optional

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.errors import MethodError  # noqa: E402
from engine.grid.tiling import tiles  # noqa: E402
from engine.grid.window import Window  # noqa: E402
from engine.methods.fuser import LocalFuser  # noqa: E402
from engine.methods.method import State, fit  # noqa: E402
from engine.methods.neural import CELLS, DIVISOR, PAN_DIVISOR, Look, Neural, divisors, fitting_tile  # noqa: E402
from engine.methods.optics import Optics, Reach  # noqa: E402
from engine.modelfile.card import InputContract, Scaling  # noqa: E402
from engine.network.diffusion import keyed_noise  # noqa: E402
from engine.network.ksdiff import Architecture  # noqa: E402
from engine.raster.scene import Scene, opened  # noqa: E402
from tests.methods.models import network, taking, tiny  # noqa: E402
from tests.pairs import Pair, write_pair  # noqa: E402

BACKBONES = {
    "fusionnet": tiny(),
    "pannext": tiny(backbone="pannext"),
    "lagnet": tiny(backbone="lagnet"),
    "dicnn": tiny(backbone="dicnn"),
}
CPU = torch.device("cpu")
TOP = 2047.0

PAIRS: dict[str, dict[str, Any]] = {
    "ratio 4": {"size": 288},
    "ratio 2": {"size": 288, "ratio": 2.0},
    "odd, on a lattice of its own": {"size": 301, "ratio": 3.7, "half_pixel": True},
    "gaps": {"size": 288, "collar": True},
}


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # as in a job, where threads share out tiles
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    folder = tmp_path_factory.mktemp("pairs")
    return {name: write_pair(folder / name, **values) for name, values in PAIRS.items()}


@pytest.mark.parametrize(
    ("room", "side"), [(None, 256), (1, 256), (552**2 - 1, 256), (552**2, 512), (1064**2 - 1, 512), (1064**2, 1024)]
)
def test_tiles_are_as_large_as_a_card_has_room_for_and_of_the_usual_size_for_a_processor(
    room: Optional[int], side: int
) -> None:
    class Card:
        near = 20

    card: Any = Card()
    card.room = room
    assert fitting_tile(card, 256, 1024) == side


def method(scene: Scene, architecture: Architecture = BACKBONES["fusionnet"], seed: int = 0, **changes: Any) -> Neural:
    optics = Optics((0.3,) * 4, 0.15, "polynomial", scene.has_gaps)
    return Neural(LocalFuser(network(architecture), CPU, seed), taking(**changes), optics)


def read(scene: Scene, window: Window, reach: Reach) -> Any:
    return scene.read(window, reach.pan, reach.ms, reach.fill)


def state_of(model: Neural, scene: Scene) -> State:
    reach = model.fit_reach(scene.lattice)
    return fit(model, (read(scene, window, reach) for window in tiles(scene.shared, 96)))


def put_together(model: Neural, state: State, scene: Scene, size: int) -> tuple[Any, Any]:
    """Return the sharpened scene and its mask of valid pixels, made in tiles of `size`."""
    whole, reach = scene.window, model.reach(scene.lattice)
    result, valid = np.zeros((4, *whole.shape), np.float32), np.ones(whole.shape, bool)
    for tile in tiles(whole, size):
        patch = read(scene, tile, reach)
        rows, cols = tile.slices_in(whole)
        result[:, rows, cols] = model.apply(patch, state)
        valid[rows, cols] = True if patch.valid is None else patch.valid
    return result, valid


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.slow
def test_any_tiling_gives_the_pixels_of_the_whole(backbone: str, kind: str, pairs: dict[str, Pair]) -> None:
    with opened(pairs[kind].request("o.tif")) as scene:
        model = method(scene, BACKBONES[backbone])
        state = state_of(model, scene)
        whole, valid = put_together(model, state, scene, 512)
        assert np.ptp(whole[:, valid]) > 100
        for size in (70, 128, 256) if backbone == "fusionnet" else (150,):
            tiled, again = put_together(model, state, scene, size)
            np.testing.assert_array_equal(again, valid)
            assert np.abs(tiled - whole)[:, valid].max() < 1e-4 * TOP


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.slow
def test_what_lies_beyond_the_reach_changes_nothing(backbone: str, kind: str, pairs: dict[str, Pair]) -> None:
    with opened(pairs[kind].request("o.tif")) as scene:
        model = method(scene, BACKBONES[backbone])
        state, reach = state_of(model, scene), model.reach(scene.lattice)
        window = Window(8, 36, 90, 101)  # of the pair with gaps, it lies across the edge of what is valid
        farther = Reach(reach.pan + 24, reach.ms + 24, reach.fill + 12 if scene.has_gaps else 0)
        near, far = read(scene, window, reach), read(scene, window, farther)
        valid = np.ones(window.shape, bool) if near.valid is None else near.valid
        assert 0.2 < valid.mean() <= 1.0 and valid.all() == (kind != "gaps")
        difference = np.abs(model.apply(near, state) - model.apply(far, state))
        assert difference[:, valid].max() < 1e-4 * TOP


def test_what_invalid_pixels_hold_changes_nothing(pairs: dict[str, Pair]) -> None:
    with opened(pairs["gaps"].request("o.tif")) as scene:
        model = method(scene)
        state = state_of(model, scene)
        patch = read(scene, Window(8, 36, 90, 101), model.reach(scene.lattice))
        wild = replace(patch, pan=np.where(patch.pan_valid, patch.pan, np.float32(60000.0)))
        results = [model.apply(one, state)[:, patch.valid] for one in (patch, wild)]
        np.testing.assert_array_equal(*results)


def test_the_kernels_are_the_mean_over_windows_by_their_valid_pixels(pairs: dict[str, Pair]) -> None:
    with opened(pairs["gaps"].request("o.tif")) as scene:
        model, reach = method(scene, seed=5), Reach(0, 12, 7)
        windows = [Window(144, 144, 64, 64), Window(20, 20, 64, 64), Window(0, 0, 8, 8)]
        patches = [read(scene, window, reach) for window in windows]
        state = fit(model, patches)
        like = network(BACKBONES["fusionnet"])
        expected, weights = [], []
        optics = Optics((0.3,) * 4, 0.15, "polynomial", True)
        for patch in patches[:2]:
            valid = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
            images = [patch.pan_core[None], optics.ms_up(patch)]
            for image in images:
                for band in image:
                    band[~valid] = band[valid].mean()
            pan, ms_up = (torch.from_numpy(image[None] / np.float32(TOP)) for image in images)
            with torch.inference_mode():
                z = like.sample(like.condition(pan, ms_up), keyed_noise(5, (1, 4, 16)))
                expected.append(like.kernels(pan, ms_up, z)["blocks.2.first"].double().numpy())
            weights.append(valid.sum())
        assert patches[2].valid is not None and not patches[2].valid.any() and weights[0] > weights[1] > 0
        assert np.abs(expected[0] - expected[1]).max() > 1e-3
        np.testing.assert_allclose(
            state["0 blocks.2.first"], np.average(expected, axis=0, weights=weights), rtol=1e-4, atol=1e-6
        )
        assert state["0 blocks.2.first"].dtype == np.float64


def test_the_seed_decides_over_the_kernels_and_nothing_else_does(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        first, again, other = (state_of(method(scene, seed=seed), scene) for seed in (1, 1, 2))
        assert first.keys() == again.keys()
        assert all(first[name].tobytes() == again[name].tobytes() for name in first)
        assert np.abs(first["0 blocks.0.first"] - other["0 blocks.0.first"]).max() > 1e-6


def test_the_kernels_of_another_scene_sharpen_otherwise(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene, opened(pairs["ratio 2"].request("o.tif")) as other:
        model = method(scene)
        patch = read(scene, Window(100, 100, 64, 64), model.reach(scene.lattice))
        own, strange = (model.apply(patch, state_of(model, one)) for one in (scene, other))
        assert np.abs(own - strange).max() > 1e-3


@pytest.mark.parametrize("enlargement", ["polynomial", "cubic"])
def test_a_network_that_adds_nothing_returns_ms_as_its_card_enlarges_it(
    enlargement: str, pairs: dict[str, Pair]
) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        model = method(scene, enlargement=enlargement)
        for parameter in (model._fuser._network.backbone.head.weight, model._fuser._network.backbone.head.bias):
            torch.nn.init.zeros_(parameter)
        patch = read(scene, Window(3, 5, 64, 77), model.reach(scene.lattice))
        expected = Optics((0.3,) * 4, 0.15, enlargement).ms_up(patch)
        np.testing.assert_allclose(model.apply(patch, state_of(model, scene)), expected, rtol=1e-5)


def test_a_network_without_a_latent_needs_no_kernels(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        model = method(scene, tiny(prior="none", modulate="none"))
        state = state_of(model, scene)
        assert state.keys() == {DIVISOR, PAN_DIVISOR, CELLS}
        assert np.isfinite(put_together(model, state, scene, 512)[0]).all()


def test_scaling_by_a_percentile_makes_units_a_matter_of_units(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        model = method(scene, scaling=Scaling("percentile", 99.0))
        patch = read(scene, Window(64, 64, 64, 64), Reach(40, 24, 0))
        reflectances = replace(patch, pan=patch.pan * np.float32(1e-4), ms=patch.ms * np.float32(1e-4))
        counts, scaled = (model.apply(one, fit(model, [one])) for one in (patch, reflectances))
        np.testing.assert_allclose(scaled, counts * 1e-4, rtol=1e-3, atol=1e-6)


def looks(bright: float, pan: float = 1.0) -> list[Look]:
    """Return windows whose brightest band reaches `bright`, PAN being `pan` times the mean of the bands."""
    ramp = np.linspace(0.0, 1.0, 64 * 64).reshape(64, 64).astype(np.float32)
    ms_up = np.stack([bright * ramp, 0.5 * bright * ramp])
    return [Look(np.float32(pan) * ms_up.mean(axis=0), ms_up, ramp.size, Window(0, 0, 64, 64))] * 3


@pytest.mark.parametrize(
    ("bright", "expected"),
    [
        (900.0, TOP),  # 11 bits, as in training
        (300.0, TOP),  # a dark scene
        (4000.0, TOP),  # a bright one of 12 bits
        (255.0, 255.0),  # 8 bits
        (0.35, 0.35),  # reflectances
        (9000.0, 9000.0),  # reflectances times 10 000
        (0.0, TOP),  # nothing
    ],
)
def test_a_scene_in_other_units_than_the_models_is_scaled_by_its_own_brightness(bright: float, expected: float) -> None:
    found = divisors(looks(bright), taking(2))
    assert found[DIVISOR] == pytest.approx(expected, rel=2e-3)
    assert found[PAN_DIVISOR] == found[DIVISOR]


@pytest.mark.parametrize(("factor", "expected"), [(1.0, 1.0), (3.0, 1.0), (0.3, 1.0), (5000.0, 5000.0), (1e-4, 1e-4)])
def test_pan_in_other_units_than_ms_is_brought_to_those_of_ms(factor: float, expected: float) -> None:
    found = divisors(looks(900.0, factor), taking(2))
    assert found[DIVISOR] == TOP
    assert found[PAN_DIVISOR] / TOP == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("bright", "expected"), [(900.0, 900.0), (0.0, 1.0)])
def test_a_percentile_is_that_of_the_brightest_band(bright: float, expected: float) -> None:
    contract: InputContract = taking(2, scaling=Scaling("percentile", 100.0))
    assert divisors(looks(bright), contract)[DIVISOR] == pytest.approx(expected)


def test_nothing_valid_to_learn_from_is_said_in_a_sentence(pairs: dict[str, Pair]) -> None:
    with opened(pairs["gaps"].request("o.tif")) as scene, pytest.raises(MethodError, match="too few to make kernels"):
        fit(method(scene), [read(scene, Window(0, 0, 8, 8), Reach(0, 12, 7))])


def test_a_graphics_card_that_is_too_small_is_named_in_a_sentence(
    pairs: dict[str, Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        model = method(scene)
        state, patch = state_of(model, scene), read(scene, Window(0, 0, 64, 64), model.reach(scene.lattice))
        monkeypatch.setattr(model._fuser._network, "fuse_with", full)
        with pytest.raises(MethodError, match=r"too small for the tiles.*smaller tiles"):
            model.apply(patch, state)


def broken(scene: Scene, value: float) -> tuple[Neural, State]:
    """Return a method whose network answers so in its second band, and its state."""
    model = method(scene)
    state = state_of(model, scene)
    model._fuser._network.backbone.head.bias.data[1] = value
    return model, state


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_network_that_answers_with_no_numbers_is_refused_at_once(value: float, pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        model, state = broken(scene, value)
        patch = read(scene, Window(30, 40, 64, 64), model.reach(scene.lattice))
        with pytest.raises(MethodError, match=r"no numbers \(NaN or infinite\), first at row 30, column 40 .*cpu"):
            model.apply(patch, state)


def test_only_valid_pixels_have_to_be_numbers(pairs: dict[str, Pair]) -> None:
    with opened(pairs["gaps"].request("o.tif")) as scene:
        model, state = broken(scene, np.nan)
        nothing = read(scene, Window(0, 0, 8, 8), model.reach(scene.lattice))
        assert nothing.valid is not None and not nothing.valid.any()
        assert np.isnan(model.apply(nothing, state)[1]).all()
        partly = read(scene, Window(8, 36, 90, 101), model.reach(scene.lattice))
        row, col = (8, 36) + np.argwhere(partly.valid)[0]
        with pytest.raises(MethodError, match=f"first at row {row}, column {col} of PAN"):
            model.apply(partly, state)
