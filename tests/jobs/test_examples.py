"""Samples of a pair made coarser: bounded, apart from those that are held out, and of any scene not too small."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

from engine.data.from_store import StoreSource
from engine.errors import InputError
from engine.events import Event
from engine.grid.pairing import Axis, Lattice
from engine.grid.patch import Patch
from engine.grid.window import Window
from engine.jobs import examples as module
from engine.jobs.examples import Examples, examples
from engine.jobs.pipeline import Crew
from engine.methods.guides import FACTS, IMAGES, Guides, as_seen, coarser
from engine.methods.optics import Optics
from engine.raster.scene import Scene, opened
from engine.request import PairRequest
from tests import rasters
from tests.pairs import EPSG, PIXEL, Pair, write_pair

LATTICE = Lattice(Axis(0.25, 0.0), Axis(0.25, 0.0))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("pair"), size=320, seed=3)


def optics_of(scene: Scene) -> Optics:
    return Optics((0.3,) * len(scene.bands), 0.15, "polynomial", scene.has_gaps)


def made(pair: Pair, folder: Path, area: Optional[Window] = None, seed: int = 0) -> Examples:
    with opened(PairRequest(pair.pan, (pair.ms,))) as scene, Crew(1) as crew:
        events = examples(scene, area or scene.shared, optics_of(scene), (0.0, 0.0), folder, seed, crew)
        return ended(events)


def ended(events: Generator[Event, None, Examples]) -> Examples:
    while True:
        try:
            next(events)
        except StopIteration as end:
            result: Examples = end.value
            return result


def arrays(folder: str) -> dict[str, Any]:
    return {name: np.load(Path(folder) / f"{name}.npy") for name in ("guides", "band", "truth", "facts")}


def test_two_stores_are_made_that_a_network_can_learn_from(pair: Pair, tmp_path: Path) -> None:
    found = made(pair, tmp_path)
    training, held_out = StoreSource(found.training), StoreSource(found.held_out)
    assert training.guides == held_out.guides == len(IMAGES) + len(FACTS) - 1
    training.check(found.patch)
    held_out.check(found.patch)
    # 80 MS pixels without an edge of 8 are 64; a third of that is 21, of which 16 is the patch that fits.
    assert found.patch == 16
    held = arrays(found.held_out)
    assert held["band"].shape == (4 * 4, 1, 16, 16), "4 squares of 4 bands, as the optics are told"
    learnt = arrays(found.training)
    assert len(learnt["band"]) == 2 * 4 * 4, "2 squares of 4 bands, made coarser in 4 ways"


def test_what_is_held_out_is_shown_as_the_guides_show_it(pair: Pair, tmp_path: Path) -> None:
    """The truth is MS in units of its band, taken from the coarser pair by hand."""
    found = made(pair, tmp_path)
    with opened(PairRequest(pair.pan, (pair.ms,))) as scene:
        optics = optics_of(scene)
        reach = Guides(optics).reach(scene.lattice)
        whole = scene.read(scene.shared, reach.pan, reach.ms, reach.fill)
    of_scene = Guides(optics).settle([Guides(optics).measure(whole)], whole.lattice)
    alike = as_seen(optics, [whole], of_scene)
    made_coarser = coarser(replace(alike, pan_noise=0.0), whole)
    assert made_coarser is not None
    patch, truth = made_coarser
    guides = Guides(optics)
    state = guides.settle([guides.measure(patch)], patch.lattice)
    shown = guides.shown(patch, state)
    held = arrays(found.held_out)
    rows, cols = slice(8, 24), slice(56, 72)  # the first square of the strip at the right
    np.testing.assert_allclose(held["guides"][0], shown.guides[0, : len(IMAGES), rows, cols], atol=2e-2)
    missed = ((truth - shown.guess) / state["units"][:, None, None])[0, rows, cols]
    np.testing.assert_allclose(held["truth"][0, 0] - held["band"][0, 0], missed, atol=1e-2)
    np.testing.assert_allclose(held["facts"][0], state["facts"][0], rtol=1e-5)
    as_told = coarser(optics, whole)
    assert as_told is not None
    unmatched = guides.settle([guides.measure(as_told[0])], patch.lattice)
    wanted, without, with_it = (
        of[0, FACTS.index("sharpness of PAN")] for of in (of_scene["facts"], unmatched["facts"], held["facts"])
    )
    assert abs(with_it - wanted) < 0.5 * abs(without - wanted)


@pytest.mark.parametrize("area", [Window(0, 0, 5000, 7000), Window(40, 8, 520, 1100), Window(0, 0, 400, 300)])
def test_what_is_held_out_never_overlaps_what_is_learnt_from(area: Window) -> None:
    for plan in module._plans(LATTICE, area):
        taken = np.zeros((area.row_end // 4 + 1, area.col_end // 4 + 1), int)
        for number, (window, training, held_out) in enumerate(plan.windows):
            origin = LATTICE.ms_centres(window)
            if plan.least > 1:
                training, held_out = (None, held_out) if number % 5 == 2 else (training, None)
            for inside, mark in ((training, 1), (held_out, 2)):
                if inside is not None:
                    assert min(inside.shape) >= plan.patch
                    rows, cols = inside.moved(origin.row, origin.col).slices_in(Window(0, 0, 1, 1))
                    assert not taken[rows, cols].any()
                    taken[rows, cols] = mark
        share = (taken == 2).sum() / (taken > 0).sum()
        assert 0.1 < share < 0.4


def test_of_a_large_scene_every_fifth_window_is_held_out(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_WINDOWS", (24,)), ("_EDGE", 4), ("_LEAST_WINDOWS", 9)):
        monkeypatch.setattr(module, name, value)
    found = made(pair, tmp_path)
    # 3 by 3 windows of 24 MS pixels, of which numbers 2 and 7 are held out: one square of each of 4 bands.
    assert found.patch == 16
    assert len(arrays(found.held_out)["band"]) == 2 * 4
    assert len(arrays(found.training)["band"]) == 7 * 4 * 4


def test_a_huge_scene_is_looked_at_in_a_bounded_number_of_windows_and_a_long_one_too() -> None:
    for area in (Window(0, 0, 20_000, 20_000), Window(0, 0, 500, 100_000)):
        for plan in module._plans(LATTICE, area):
            pixels = sum(window.height * window.width for window, *_ in plan.windows) / 16
            assert pixels <= module._MOST_PIXELS
    assert module._strips(LATTICE, Window(0, 0, 500, 100_000)) is not None


def test_the_stores_are_bounded_whatever_the_scene(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 600_000)
    monkeypatch.setattr(module, "_MOST_MEASURED", 5)
    found = made(pair, tmp_path)
    assert 0 < sum((Path(found.training) / f"{name}.npy").stat().st_size for name in ("guides", "band", "truth")) < 7e5
    assert len(arrays(found.held_out)["band"]) == 5


def test_the_same_seed_makes_the_same_samples_and_threads_change_nothing(pair: Pair, tmp_path: Path) -> None:
    one, two = made(pair, tmp_path / "one"), made(pair, tmp_path / "two")
    for name, values in arrays(one.training).items():
        assert values.tobytes() == arrays(two.training)[name].tobytes()


def test_the_pair_is_made_coarser_as_told_and_as_it_may_be_in_truth() -> None:
    ways = module.coarsenings(Optics((0.3, 0.28), 0.2, "polynomial", pan_noise=4.0))
    assert ways[0] == Optics((0.3, 0.28), 0.2, "polynomial"), "what is measured on has no noise"
    assert sorted(way.pan_noise for way in ways) == [0.0, 0.0, 2.0, 4.0]
    assert {round(way.gains[0] - 0.3, 6) for way in ways} == {0.0, -0.03, 0.03}
    assert {round(way.pan_gain / 0.2, 6) for way in ways} == {0.8, 1.0, 1.25}


def test_gaps_are_kept_away_from(tmp_path: Path) -> None:
    found = made(write_pair(tmp_path / "pair", size=640, collar=True), tmp_path)
    assert found.patch == 32, "the middle 448 pixels of PAN are 112 of MS, without an edge 96, and a third is 32"
    held = arrays(found.held_out)
    assert np.isfinite(held["truth"]).all() and np.abs(held["truth"]).max() < 100.0, "no gap was taken for a value"


@pytest.mark.slow
def test_windows_without_a_valid_pixel_do_not_keep_the_others_from_being_learnt_from(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_WINDOWS", (24,)), ("_EDGE", 4), ("_LEAST_WINDOWS", 4), ("_LOOKS", 2)):
        monkeypatch.setattr(module, name, value)
    (tmp_path / "gaps").mkdir()
    files = []
    for name, path, side in (("pan", pair.pan, 96), ("ms", pair.ms, 24)):
        image = rasters.read(path)
        for row, col in ((0, 0), (0, 2), (1, 2)):  # of 3 by 3 windows the numbers 0, 2 and 5: every fifth, and one more
            image[:, row * side : (row + 1) * side, col * side : (col + 1) * side] = 0
        pixel = 384 // side * PIXEL / 4
        files.append(rasters.write(tmp_path / "gaps" / f"{name}.tif", image, rasters.north_up(pixel), EPSG, 0.0))
    found = made(replace(pair, pan=files[0], ms=files[1]), tmp_path)
    assert len(arrays(found.training)["band"]) >= 4 * 4


def test_a_scene_that_is_too_small_is_refused_with_how_large_it_has_to_be(pair: Pair, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"too small .* \(200 x 120 pixels .* 64 MS pixels"):
        made(pair, tmp_path, Window(0, 0, 120, 200))
    assert made(pair, tmp_path, Window(0, 0, 128, 256)).patch == 16


def test_a_band_in_which_nothing_is_to_be_seen_is_left_out() -> None:
    truth = np.zeros((1, 32, 32), np.float32)
    truth[0, 20, 20] = 1e9
    pair = Patch(Window(0, 0, 32, 32), LATTICE, Window(0, 0, 32, 32), truth[0], Window(0, 0, 8, 8), truth[:, ::4, ::4])
    part = module._Coarse([pair], truth, Window(0, 0, 32, 32), None), Window(0, 0, 32, 32)
    guides = Guides(Optics((0.3,), 0.15, "polynomial"))
    state = {**guides.settle([guides.measure(pair)], LATTICE), "units": np.array([1e-9])}
    found = list(module._samples([part], 16, 100, guides, [state], np.random.default_rng(0), lambda: True))
    assert len(found) < 4
