"""Kernels for parts of a scene: smooth where they meet, the same however the scene is cut, and of their own windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch")

from engine.grid.patch import Patch  # noqa: E402
from engine.grid.tiling import sample, tiles  # noqa: E402
from engine.grid.window import Window  # noqa: E402
from engine.methods import neural  # noqa: E402
from engine.methods.fuser import LocalFuser  # noqa: E402
from engine.methods.method import State, fit  # noqa: E402
from engine.methods.neural import CELLS, Kernels, Neural, Scaled  # noqa: E402
from engine.methods.optics import Optics  # noqa: E402
from engine.raster.scene import Scene, opened  # noqa: E402
from tests.methods.models import network, taking, tiny  # noqa: E402
from tests.pairs import Pair, write_pair  # noqa: E402
from tests.slowness import mostly_slow  # noqa: E402

TOP = 2047.0
CELL = 96  # PAN pixels, so that small scenes have several cells

PAIRS: dict[str, dict[str, Any]] = {
    "ratio 2": {"size": 560, "ratio": 2.0},
    "odd, on a lattice of its own": {"size": 301, "ratio": 3.7, "half_pixel": True},
    "gaps": {"size": 288, "collar": True},
    "smaller than a cell": {"size": 52},
}


class Plain:
    """A stand-in for a network: its kernel is the mean of MS, which it adds a tenth of, and all detail of PAN.

    Detail is what differs from the mean of 4 x 4 pixels, counted over the scene, two pixels down and to the right.
    """

    near, step, room = 5, 4, None

    def __init__(self) -> None:
        self.given: list[int] = []

    def settle(self, windows: Sequence[tuple[Scaled, Scaled]], shares: Sequence[float]) -> Kernels:
        assert sum(shares) == pytest.approx(1.0)
        means = [share * ms_up.mean(axis=(1, 2), dtype=np.float64) for (_, ms_up), share in zip(windows, shares)]
        return {"mean": np.sum(means, axis=0)}

    def fuse(self, pan: Scaled, ms_up: Scaled, kernels: Kernels, margin: int = 0) -> Scaled:
        self.given.append(id(kernels["mean"]))
        height, width = pan.shape
        coarse = pan.reshape(height // 4, 4, width // 4, 4).mean(axis=(1, 3)).repeat(4, axis=0).repeat(4, axis=1)
        detail = pan - np.roll(coarse, (-2, -2), (0, 1))
        fused = ms_up + detail + 0.1 * kernels["mean"][:, None, None]
        return np.asarray(fused[:, margin : height - margin, margin : width - margin], np.float32)


@pytest.fixture(scope="module", autouse=True)
def small_cells() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neural, "CELL", CELL)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    folder = tmp_path_factory.mktemp("pairs")
    return {name: write_pair(folder / name, **values) for name, values in PAIRS.items()}


def method(scene: Scene, context: str = "tile", fuser: Any = None) -> Neural:
    optics = Optics((0.3,) * 4, 0.15, "polynomial", scene.has_gaps)
    return Neural(fuser or Plain(), taking(), optics, context)


def patch_of(model: Neural, scene: Scene, window: Window) -> Patch:
    reach = model.reach(scene.lattice)
    return scene.read(window, reach.pan, reach.ms, reach.fill)


def state_of(model: Neural, scene: Scene) -> State:
    reach = model.fit_reach(scene.lattice)
    windows = sample(scene.shared, model.fit_window, model.fit_windows)
    return fit(model, (scene.read(window, reach.pan, reach.ms, reach.fill) for window in windows))


def put_together(model: Neural, state: State, scene: Scene, size: int, threads: int = 1) -> Any:
    """Return the sharpened scene, made in tiles of `size` from the last to the first."""
    whole = scene.window
    result = np.full((4, *whole.shape), np.nan, np.float32)

    def make(tile: Window) -> None:
        rows, cols = tile.slices_in(whole)
        result[:, rows, cols] = model.apply(patch_of(model, scene, tile), state)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(make, reversed(list(tiles(whole, size)))))
    return result


def inside(scene: Scene) -> npt.NDArray[np.bool_]:
    valid = scene.read(scene.window, 0, 8, 0).valid
    return np.ones(scene.window.shape, bool) if valid is None else valid


@pytest.mark.parametrize("kind", mostly_slow(PAIRS, 1, 2, 3))
def test_any_tiling_in_any_order_gives_the_pixels_of_the_whole(kind: str, pairs: dict[str, Pair]) -> None:
    with opened(pairs[kind].request("o.tif")) as scene:
        model = method(scene)
        state, valid = state_of(model, scene), inside(scene)
        whole = put_together(model, state, scene, 1000)
        for size, threads in ((75, 1), (128, 2), (256, 1), (256, 2), (512, 2)):
            tiled = put_together(model, state, scene, size, threads)
            assert np.abs(tiled - whole)[:, valid].max() < 1e-6 * TOP


@pytest.mark.slow
@pytest.mark.parametrize("backbone", ["fusionnet", "pannext"])
def test_a_network_gives_the_same_bytes_by_the_same_seed_and_the_same_pixels_in_any_tiles(
    backbone: str, pairs: dict[str, Pair]
) -> None:
    with opened(pairs["odd, on a lattice of its own"].request("o.tif")) as scene:
        made = network(tiny(backbone=backbone))
        models = [method(scene, fuser=LocalFuser(made, torch.device("cpu"), seed)) for seed in (3, 3, 4)]
        first, again, other = states = [state_of(model, scene) for model in models]
        assert first.keys() == again.keys() and len(first) > 9 * 3
        assert all(first[name].tobytes() == again[name].tobytes() for name in first)
        corner = patch_of(models[0], scene, Window(90, 80, 30, 40))  # where four cells meet
        results = [model.apply(corner, state) for model, state in zip(models, states)]
        assert results[0].tobytes() == results[1].tobytes()
        whole, tiled = put_together(models[0], first, scene, 512), put_together(models[0], again, scene, 128, 2)
        assert np.abs(whole - tiled).max() < 1e-4 * TOP
        assert np.abs(whole - put_together(models[0], other, scene, 512)).max() > 1e-3


def test_the_middle_of_a_cell_is_made_by_the_kernels_of_its_own_windows(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 2"].request("o.tif")) as scene:  # 560 pixels: 5 x 5 cells of 112
        model = method(scene)
        state, reach = state_of(model, scene), model.fit_reach(scene.lattice)
        assert [*state[CELLS]] == [0, 0, 560, 560, 5, 5]
        cell = Window(112, 224, 112, 112)
        own = [
            window
            for window in tiles(scene.shared, 64)
            if 112 <= window.row + window.height / 2 < 224 and 224 <= window.col + window.width / 2 < 336
        ]
        assert len(own) > 1
        alone = fit(method(scene, "scene"), [scene.read(w, reach.pan, reach.ms, reach.fill) for w in own])
        middle = patch_of(model, scene, cell.grown(-28))  # a quarter of the side is blended on each side
        np.testing.assert_allclose(model.apply(middle, state), model.apply(middle, alone), rtol=1e-6)
        across = patch_of(model, scene, cell)
        assert np.abs(model.apply(across, state) - model.apply(across, alone)).max() > 0.01


def test_nothing_jumps_where_cells_meet(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 2"].request("o.tif")) as scene:
        results = []
        for context in ("tile", "scene"):
            model = method(scene, context)
            results.append(put_together(model, state_of(model, scene), scene, 256))
        apart = results[0] - results[1]  # what the kernels of the cells have changed
        assert np.ptp(apart) > 10.0
        for axis in (1, 2):
            jumps = np.abs(np.diff(apart, axis=axis)).mean(axis=(0, 3 - axis))
            for border in range(112, 560, 112):  # cells of 112 pixels; the first of the next cell
                beside = [*jumps[border - 7 : border - 3], *jumps[border + 2 : border + 6]]
                assert jumps[border - 1] == pytest.approx(np.mean(beside), rel=0.05)


def test_a_scene_smaller_than_a_cell_gets_the_kernels_of_the_scene(pairs: dict[str, Pair]) -> None:
    with opened(pairs["smaller than a cell"].request("o.tif")) as scene:
        by_cells, by_scene = (method(scene, one) for one in ("tile", "scene"))
        states = [state_of(model, scene) for model in (by_cells, by_scene)]
        assert states[0].keys() == states[1].keys()
        assert all(states[0][name].tobytes() == states[1][name].tobytes() for name in states[0])


def test_what_invalid_pixels_hold_changes_nothing_and_cells_without_valid_ones_have_kernels_too(
    pairs: dict[str, Pair],
) -> None:
    with opened(pairs["gaps"].request("o.tif")) as scene:
        model = method(scene)
        state = state_of(model, scene)
        patch = patch_of(model, scene, scene.window)
        wild = replace(patch, pan=np.where(patch.pan_valid, patch.pan, np.float32(60000.0)))
        results = [model.apply(one, state) for one in (patch, wild)]
        assert all(np.isfinite(result).all() for result in results)
        np.testing.assert_array_equal(*(result[:, patch.valid] for result in results))

        reach = model.fit_reach(scene.lattice)
        ends = [Window(100, 0, 64, 64), Window(100, 224, 64, 64)]
        apart = fit(model, [scene.read(window, reach.pan, reach.ms, reach.fill) for window in ends])
        assert [*apart[CELLS]][4:] == [1, 3]
        assert apart["1 mean"] is apart["0 mean"]  # as near as the other, and the first
        assert np.abs(apart["2 mean"] - apart["0 mean"]).max() > 1e-3


def test_the_kernels_of_a_cell_are_the_same_arrays_in_every_tile(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 2"].request("o.tif")) as scene:
        fuser = Plain()
        model = method(scene, fuser=fuser)
        state = state_of(model, scene)
        put_together(model, state, scene, 128)
        assert set(fuser.given) == {id(state[f"{cell} mean"]) for cell in range(25)}


def test_more_windows_are_looked_at_for_cells_and_their_kernels_stay_within_bounds(
    pairs: dict[str, Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(pairs["ratio 2"].request("o.tif")) as scene:
        assert method(scene, "tile").fit_windows > method(scene, "scene").fit_windows
        monkeypatch.setattr(neural, "CELL", 20)
        model = method(scene)
        state = state_of(model, scene)
        assert 49 <= len([name for name in state if name.endswith(" mean")]) <= 64
        apart = put_together(model, state, scene, 256) - put_together(model, state, scene, 1000)
        assert np.abs(apart).max() < 1e-6 * TOP
