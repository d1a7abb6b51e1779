"""A model for any sensor: seamless, deterministic, never worse than what its pair says of it, whatever the pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch")

from engine.errors import MethodError  # noqa: E402
from engine.grid.patch import Patch  # noqa: E402
from engine.grid.tiling import sample, tiles  # noqa: E402
from engine.grid.window import Window  # noqa: E402
from engine.methods import bandwise  # noqa: E402
from engine.methods.bandwise import TRUST, Bandwise  # noqa: E402
from engine.methods.fuser import LocalFuser  # noqa: E402
from engine.methods.guides import FACTS, IMAGES, coarser_pairs  # noqa: E402
from engine.methods.method import State, create, fit  # noqa: E402
from engine.methods.neural import TOLD, Kernels, Scaled  # noqa: E402
from engine.methods.optics import Optics, Reach  # noqa: E402
from engine.pixels.filters import fill_gaps  # noqa: E402
from engine.raster.scene import Scene, opened  # noqa: E402
from tests.methods.models import guided, network, taking  # noqa: E402
from tests.pairs import Pair, write_pair  # noqa: E402
from tests.slowness import mostly_slow  # noqa: E402  # noqa: E402

RANGE = 2047.0
CPU = torch.device("cpu")
PAIRS: dict[str, dict[str, Any]] = {
    "ratio 4": {"size": 280},
    "odd, on a lattice of its own": {"size": 201, "ratio": 2.5, "half_pixel": True, "bands": 2},
    "gaps": {"size": 288, "collar": True},
    "tiny": {"size": 40},
}


class Adding:
    """A stand-in for a network: it adds a share of one of its guide images, and no kernels matter to it.

    It has a processor, or a graphics card with room for so many pixels.
    """

    near, step = 3, 2
    room: Optional[int] = None

    def __init__(self, image: int = 1, share: float = 0.0) -> None:
        self._image, self._share = image, share
        self.seen: list[tuple[Scaled, Scaled]] = []
        self.at_once: list[int] = []

    def settle(self, windows: Sequence[tuple[Scaled, Scaled]], shares: Sequence[float]) -> Kernels:
        assert sum(shares) == pytest.approx(1.0)
        self.seen += windows
        return {"none": np.zeros(1)}

    def fuse_each(
        self, windows: Sequence[tuple[Scaled, Scaled]], kernels: Sequence[Kernels], margin: int = 0
    ) -> list[Scaled]:
        self.at_once.append(len(windows))
        made = []
        for (pan, ms_up), known in zip(windows, kernels):
            height, width = ms_up.shape[1:]
            assert pan.shape == (len(IMAGES), height, width) and known[TOLD].shape == (1, len(FACTS))
            fused = ms_up + np.float32(self._share) * self._more(pan, ms_up, known[TOLD][0])
            made.append(np.asarray(fused[:, margin : height - margin, margin : width - margin]))
        return made

    def _more(self, pan: Scaled, ms_up: Scaled, facts: Any) -> Any:
        return pan[self._image]


class Telling(Adding):
    """It adds one of the facts."""

    def _more(self, pan: Scaled, ms_up: Scaled, facts: Any) -> Any:
        return np.full_like(ms_up, facts[self._image])


class Noisy(Adding):
    """It adds what has nothing to do with anything."""

    def _more(self, pan: Scaled, ms_up: Scaled, facts: Any) -> Any:
        return np.random.default_rng(int(abs(ms_up).sum() * 1e3)).standard_normal(ms_up.shape[1:])


class Knowing(Adding):
    """It adds what is missing wherever the pair was made coarser, whose truths it has been told."""

    def __init__(self, truths: dict[bytes, Any]) -> None:
        super().__init__(share=1.0)
        self._truths = truths

    def _more(self, pan: Scaled, ms_up: Scaled, facts: Any) -> Any:
        return self._truths.get(ms_up.tobytes(), 0.0)


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    folder = tmp_path_factory.mktemp("pairs")
    return {name: write_pair(folder / name, **values) for name, values in PAIRS.items()}


@pytest.fixture(scope="module")
def fuser() -> LocalFuser:
    return LocalFuser(network(guided(), 0.02), CPU)


@pytest.fixture
def loose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what guess and network make stand, whatever MS says of it."""
    monkeypatch.setattr(bandwise.held, "missed", lambda optics, patch, made, around: np.zeros((), made.dtype))


def method(scene: Scene, fuser: Any, shift: tuple[float, float] = (0.0, 0.0)) -> Bandwise:
    gains = (0.28, 0.3, 0.28, 0.31)[: len(scene.bands)]
    return Bandwise(fuser, taking(bands=()), Optics(gains, 0.15, "polynomial", scene.has_gaps), shift)


def read(scene: Scene, window: Window, reach: Reach) -> Patch:
    return scene.read(window, reach.pan, reach.ms, reach.fill)


def windows(scene: Scene, model: Bandwise) -> list[Window]:
    return sample(scene.shared, model.fit_window, model.fit_windows)


def state_of(model: Any, scene: Scene, parts: Optional[list[Window]] = None) -> State:
    reach = model.fit_reach(scene.lattice)
    return fit(model, (read(scene, window, reach) for window in parts or windows(scene, model)))


def put_together(model: Bandwise, state: State, scene: Scene, size: int, threads: int = 1) -> Any:
    """Return the sharpened scene, made in tiles of `size`."""
    whole, reach = scene.window, model.reach(scene.lattice)
    result = np.full((len(scene.bands), *whole.shape), np.nan, np.float32)

    def make(tile: Window) -> None:
        rows, cols = tile.slices_in(whole)
        result[:, rows, cols] = model.apply(read(scene, tile, reach), state)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(make, tiles(whole, size)))
    return result


def valid_in(scene: Scene) -> npt.NDArray[np.bool_]:
    valid = scene.read(scene.window, 0, 8, 0).valid
    return np.ones(scene.window.shape, bool) if valid is None else valid


@pytest.mark.parametrize("kind", mostly_slow(PAIRS, 1, 3))
def test_any_tiling_by_any_threads_gives_the_pixels_of_the_whole(
    kind: str, fuser: LocalFuser, pairs: dict[str, Pair]
) -> None:
    with opened(pairs[kind].request("o.tif")) as scene:
        model = method(scene, fuser)
        state = {**state_of(model, scene), TRUST: np.ones(len(scene.bands))}
        valid, whole = valid_in(scene), put_together(model, state, scene, 512)
        assert np.abs(whole - put_together(method(scene, Adding()), state, scene, 512))[:, valid].max() > 1.0
        for size, threads in ((128, 2), (75, 1)):
            tiled = put_together(model, state, scene, size, threads)
            assert np.abs(tiled - whole)[:, valid].max() < 1e-4 * RANGE


@pytest.mark.slow
def test_what_lies_beyond_the_reach_changes_nothing(fuser: LocalFuser, pairs: dict[str, Pair]) -> None:
    for kind in ("odd, on a lattice of its own", "gaps"):
        with opened(pairs[kind].request("o.tif")) as scene:
            model = method(scene, fuser)
            state, reach = state_of(model, scene), model.reach(scene.lattice)
            window = Window(8, 36, 61, 70)
            farther = Reach(reach.pan + 40, reach.ms + 24, reach.fill)
            near, far = read(scene, window, reach), read(scene, window, farther)
            valid = np.ones(window.shape, bool) if near.valid is None else near.valid
            assert valid.all() == (kind != "gaps") and valid.mean() > 0.2
            apart = np.abs(model.apply(near, state) - model.apply(far, state))
            assert apart[:, valid].max() < 1e-4 * RANGE


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_image(pairs: dict[str, Pair]) -> None:
    made = network(guided(), 0.05)
    with opened(pairs["tiny"].request("o.tif")) as scene:
        models = [method(scene, LocalFuser(made, CPU, seed)) for seed in (3, 3, 4)]
        states = [state_of(model, scene) for model in models]
        assert states[0].keys() == states[1].keys() > {f"{band} down" for band in range(4)}
        assert all(states[0][name].tobytes() == states[1][name].tobytes() for name in states[0])
        first, again, other = (put_together(*given, scene, 512) for given in zip(models, states))
        assert first.tobytes() == again.tobytes() and first.tobytes() != other.tobytes()


@pytest.mark.parametrize("kind", mostly_slow(PAIRS, 1, 3))
def test_a_network_that_adds_nothing_gives_mtf_glp_fs_held_to_ms(kind: str, pairs: dict[str, Pair]) -> None:
    with opened(pairs[kind].request("o.tif")) as scene:
        model = method(scene, Adding())
        parts = windows(scene, model)
        optics = Optics((0.28, 0.3, 0.28, 0.31)[: len(scene.bands)], 0.15, "polynomial", scene.has_gaps)
        usual = create("mtf-glp-fs", optics)
        state = state_of(model, scene, parts)
        np.testing.assert_array_equal(state[TRUST], 1.0)  # nothing speaks against nothing
        patch = read(scene, scene.window, model.reach(scene.lattice))
        wide = replace(patch, window=scene.window.grown(bandwise.held.halo(optics, scene.lattice)), valid=None)
        if patch.pan_valid is not None:
            wide = replace(wide, pan=fill_gaps(patch.pan[None], patch.pan_valid, 60)[0])
        guess = usual.apply(wide, state_of(usual, scene, parts))
        rows, cols = scene.window.slices_in(wide.window)
        expected = guess[:, rows, cols] + bandwise.held.missed(optics, patch, guess, wide.window)
        apart = np.abs(put_together(model, state, scene, 512) - expected)[:, valid_in(scene)]
        assert apart.max() < 1e-4 * RANGE
        assert np.abs(guess[:, rows, cols] - expected)[:, valid_in(scene)].max() > 1.0


def test_what_is_added_counts_by_the_unit_of_its_band_and_its_trust(loose: None, pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        nothing, model = method(scene, Adding()), method(scene, Telling(FACTS.index("shift in rows"), 1.0), (0.0, 1.0))
        state = {**state_of(model, scene), TRUST: np.array([0.0, 0.5, 1.0, 1.2])}
        window = Window(30, 41, 50, 60)
        patch = read(scene, window, model.reach(scene.lattice))
        added = model.apply(patch, state) - nothing.apply(patch, state)
        expected = state[TRUST] * state["units"]
        np.testing.assert_allclose(added, np.broadcast_to(expected[:, None, None], added.shape), atol=1e-3)


def test_nothing_is_added_where_pan_shows_nothing(loose: None, pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        nothing, model = method(scene, Adding()), method(scene, Telling(FACTS.index("shift in rows"), 1.0), (0.0, 1.0))
        state = state_of(model, scene)
        window = Window(30, 41, 50, 60)
        patch = read(scene, window, model.reach(scene.lattice))
        row, col = window.row - patch.pan_window.row, window.col - patch.pan_window.col
        patch.pan[row - 6 : row + 26, col + 10 : col + 40] = 0.0  # burnt or black, from above the window down
        added = model.apply(patch, state) - nothing.apply(patch, state)
        assert not added[:, :20, 16:34].any(), "6 pixels and more from all that PAN shows"
        assert (np.abs(added[:, 21:, :]) > 0.0).all() and (np.abs(added[:, :, 35:]) > 0.0).all()


def test_what_a_network_does_to_colours_is_taken_back(pairs: dict[str, Pair]) -> None:
    """One that lifts a band by its unit changes what MS can see, and MS did not see it."""
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        nothing, model = method(scene, Adding()), method(scene, Telling(FACTS.index("shift in rows"), 1.0), (0.0, 1.0))
        state = {**state_of(model, scene), TRUST: np.ones(4)}
        patch = read(scene, Window(30, 41, 50, 60), model.reach(scene.lattice))
        lifted = np.abs(model.apply(patch, state) - nothing.apply(patch, state)).max(axis=(1, 2))
        assert (lifted < 1e-4 * state["units"]).all()


@pytest.mark.slow
def test_nonsense_is_not_trusted(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        parts = [Window(0, 0, 280, 280)] * 12  # so many pixels say it
        trust = state_of(method(scene, Noisy(share=0.5)), scene, parts)[TRUST]
        assert (trust < 0.25).all()
        few = state_of(method(scene, Noisy(share=0.5)), scene, [Window(100, 100, 64, 64)])[TRUST]
        assert (few > 0.9).all(), "so few pixels say little"
        against = state_of(method(scene, Adding(IMAGES.index("detail of PAN"), -3.0)), scene, parts)[TRUST]
        assert (against == 0.0).any() and (against < 0.3).all()


def test_the_truth_is_trusted_whole_and_half_of_it_more(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        model = method(scene, Adding())
        patch = read(scene, Window(0, 0, 280, 280), model.fit_reach(scene.lattice))
        ((rough, truth),) = coarser_pairs(model._optics, [patch], state_of(model, scene, [patch.window]))
        guides = bandwise.Guides(model._optics)
        state = guides.settle([guides.measure(rough)], rough.lattice)
        shown = guides.shown(rough, state)
        missed = (truth - shown.guess) / state["units"][:, None, None]
        for share, expected in ((1.0, 1.0), (0.5, 1.2)):
            told = {band.tobytes(): share * one for band, one in zip(shown.band, missed)}
            found = fit(method(scene, Knowing(told)), [patch])[TRUST]
            pixels = (70 - 8) ** 2
            mean = (pixels / share + 8192) / (pixels + 8192)
            np.testing.assert_allclose(found, min(mean, expected), rtol=1e-3)


@pytest.mark.parametrize(
    ("room", "at_once"), mostly_slow([(None, [1] * 4), (1, [1] * 4), (3 * 142 * 130, [3, 1]), (10**9, [4])], 2)
)
def test_a_card_gets_as_many_bands_at_once_as_it_has_room_for(
    room: Optional[int], at_once: list[int], pairs: dict[str, Pair]
) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        fuser = Adding(share=0.5)
        model = method(scene, fuser)
        state = {**state_of(model, scene), TRUST: np.ones(4)}
        patch = read(scene, Window(30, 41, 90, 79), model.reach(scene.lattice))
        expected = model.apply(patch, state)
        fuser.at_once, fuser.room = [], room
        np.testing.assert_array_equal(model.apply(patch, state), expected)
        assert fuser.at_once == at_once
        assert method(scene, fuser).largest_tile == (256 if room in (1, 3 * 142 * 130) else 512)


def test_the_shift_is_told_in_pixels_of_the_pair_that_is_looked_at(pairs: dict[str, Pair]) -> None:
    with opened(pairs["odd, on a lattice of its own"].request("o.tif")) as scene:
        fuser = Adding()
        state = state_of(method(scene, fuser, (1.0, -0.5)), scene)
        np.testing.assert_allclose(state["facts"][:, -2:], [[1.0, -0.5]] * 2)
        shifts = [tuple(pan[-2:, 0, 0]) for pan, _ in fuser.seen]
        assert shifts == [(1.0, -0.5)] * 2 + [pytest.approx((0.4, -0.2))] * 2


@pytest.mark.slow
def test_what_gaps_hold_changes_nothing(fuser: LocalFuser, pairs: dict[str, Pair]) -> None:
    with opened(pairs["gaps"].request("o.tif")) as scene:
        model = method(scene, fuser)
        results, parts = [], [Window(0, 0, 256, 256), Window(0, 200, 100, 88)]
        for garbage in (0.0, 60000.0, np.nan):
            patches = [read(scene, window, model.fit_reach(scene.lattice)) for window in parts]
            state = fit(model, [_spoilt(patch, garbage) for patch in patches])
            patch = read(scene, Window(8, 36, 90, 101), model.reach(scene.lattice))
            assert patch.valid is not None and 0.2 < patch.valid.mean() < 1.0
            results.append(model.apply(_spoilt(patch, garbage), state)[:, patch.valid])
        assert np.isfinite(results[0]).all()
        for other in results[1:]:
            np.testing.assert_array_equal(other, results[0])


def _spoilt(patch: Patch, garbage: float) -> Patch:
    return replace(patch, pan=np.where(patch.pan_valid, patch.pan, np.float32(garbage)))


def test_kernels_are_made_where_pixels_are_valid_and_gaps_are_shown_as_nothing(pairs: dict[str, Pair]) -> None:
    with opened(pairs["ratio 4"].request("o.tif")) as scene:
        fuser = Adding()
        model = method(scene, fuser)
        patch = read(scene, Window(80, 80, 128, 128), model.fit_reach(scene.lattice))
        valid = np.zeros((128, 128), bool)
        valid[64:, 64:] = True
        valid[70, 75] = False
        fit(model, [replace(patch, valid=valid)])
        pan, band = fuser.seen[0]
        for image in (*pan[: len(IMAGES)], *band):
            assert image.shape == (64, 64) and np.argwhere(image == 0.0).tolist() == [[6, 11]]


def test_a_scene_without_valid_pixels_is_refused_in_a_sentence(pairs: dict[str, Pair]) -> None:
    with opened(pairs["gaps"].request("o.tif")) as scene:
        model = method(scene, Adding())
        assert model.measure(read(scene, Window(0, 0, 8, 8), model.fit_reach(scene.lattice))) is None
        with pytest.raises(MethodError, match="too few to make kernels"):
            model.settle([None, None])


def test_where_nothing_can_be_tried_the_network_is_taken_whole(pairs: dict[str, Pair]) -> None:
    with opened(pairs["tiny"].request("o.tif")) as scene:
        state = state_of(method(scene, Noisy(share=0.5)), scene, [Window(0, 0, 20, 20)])
        np.testing.assert_array_equal(state[TRUST], np.ones(4))
