"""What every method owes: one contract, run for all of them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import MethodError
from engine.grid.pairing import Axis, Lattice
from engine.grid.patch import Patch
from engine.grid.window import Window
from engine.methods.method import create, fit
from engine.methods.optics import Optics
from engine.request import METHODS

RATIO = 4
GAINS = (0.34, 0.32, 0.30)
OPTICS = Optics(GAINS, 0.15, "polynomial")
SIZE = 96  # PAN pixels


def scene(seed: int = 5, bands: int = 3, scale: float = 1.0, offset: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return PAN (h, w) and MS (bands, h/4, w/4) of a random sum of waves, seen by MS with an MTF of 0.32.

    Waves up to a period of 5 PAN pixels, finer than MS can hold.  PAN is the mean of the bands before the MTF.
    """
    random = np.random.default_rng(seed)
    fine, coarse = np.arange(3 * SIZE, dtype=float), RATIO * np.arange(3 * SIZE // RATIO) + (RATIO - 1) / 2
    truth, ms = np.zeros((bands, fine.size, fine.size)), np.zeros((bands, coarse.size, coarse.size))
    for _ in range(40):
        down, right, phase = random.uniform(-0.14, 0.14), random.uniform(0.0, 0.14), random.uniform(0, 6.28)
        seen = 0.32 ** ((down**2 + right**2) * (2 * RATIO) ** 2)  # Gaussian, 0.32 at the Nyquist frequency of MS
        for band, strength in enumerate(random.uniform(8.0, 20.0, bands)):
            truth[band] += strength * np.sin(2 * np.pi * np.add.outer(down * fine, right * fine) + phase)
            ms[band] += seen * strength * np.sin(2 * np.pi * np.add.outer(down * coarse, right * coarse) + phase)
    return scale * (500 + truth.mean(axis=0)) + offset, scale * (500 + ms) + offset


def patch_of(pan: np.ndarray, ms: np.ndarray, window: Window, optics: Optics = OPTICS) -> Patch:
    """Return the patch of `window` as a scene would read it: with a halo, edges repeated."""
    lattice = Lattice(Axis(1 / RATIO, 0.0), Axis(1 / RATIO, 0.0))
    pan_window = window.grown(optics.pan_halo(lattice))
    ms_window = lattice.ms_window(pan_window, 0).spanning(lattice.ms_window(window, optics.fit_margin(lattice)))
    return Patch(
        window, lattice, pan_window, cut(pan[None], pan_window)[0].copy(), ms_window, cut(ms, ms_window).copy()
    )


def cut(bands: np.ndarray, window: Window) -> np.ndarray:
    rows = np.clip(np.arange(window.row, window.row_end), 0, bands.shape[1] - 1)
    cols = np.clip(np.arange(window.col, window.col_end), 0, bands.shape[2] - 1)
    return bands[:, rows][:, :, cols]


WHOLE = Window(0, 0, 3 * SIZE, 3 * SIZE)
MIDDLE = Window(SIZE, SIZE, SIZE, SIZE)


@pytest.mark.parametrize("name", METHODS)
def test_a_window_gets_the_same_bytes_alone_as_within_the_whole_image(name: str) -> None:
    pan, ms = (array.astype(np.float32) for array in scene())
    method = create(name, OPTICS)
    state = fit(method, [patch_of(pan, ms, WHOLE)])
    alone = method.apply(patch_of(pan, ms, MIDDLE), state)
    within = method.apply(patch_of(pan, ms, WHOLE), state)[:, SIZE : 2 * SIZE, SIZE : 2 * SIZE]
    assert alone.tobytes() == within.tobytes()


@pytest.mark.parametrize("name", METHODS)
def test_the_state_learned_in_pieces_is_that_learned_from_the_whole(name: str) -> None:
    pan, ms = scene()
    method = create(name, OPTICS)
    pieces = [Window(row, col, SIZE, SIZE) for row in range(0, 3 * SIZE, SIZE) for col in range(0, 3 * SIZE, SIZE)]
    whole = fit(method, [patch_of(pan, ms, WHOLE)])
    parts = fit(method, [patch_of(pan, ms, piece) for piece in pieces])
    assert whole.keys() == parts.keys()
    for key, value in whole.items():
        np.testing.assert_allclose(parts[key], value, rtol=1e-9, atol=1e-9, err_msg=key)


@pytest.mark.parametrize("name", METHODS)
def test_applying_leaves_the_patch_and_the_state_as_they_were(name: str) -> None:
    pan, ms = scene()
    patch = patch_of(pan, ms, MIDDLE)
    method = create(name, OPTICS)
    state = fit(method, [patch])
    before = patch.pan.copy(), patch.ms.copy(), {key: value.copy() for key, value in state.items()}
    first = method.apply(patch, state)
    second = method.apply(patch, state)
    assert first.tobytes() == second.tobytes()
    np.testing.assert_array_equal(patch.pan, before[0])
    np.testing.assert_array_equal(patch.ms, before[1])
    for key, value in before[2].items():
        np.testing.assert_array_equal(state[key], value)


@pytest.mark.parametrize("name", METHODS)
def test_the_mean_of_the_bands_is_nearer_to_pan_than_that_of_enlarged_ms(name: str) -> None:
    pan, ms = scene()
    method = create(name, OPTICS)
    patch = patch_of(pan, ms, MIDDLE)
    result = method.apply(patch, fit(method, [patch]))
    enlarged = OPTICS.ms_up(patch)
    core = pan[SIZE : 2 * SIZE, SIZE : 2 * SIZE]
    error = np.abs(result.mean(axis=0) - core).mean()
    if name == "exp":
        np.testing.assert_array_equal(result, enlarged)
    else:
        # The plain mean of the bands is far from PAN seen by MS, so plain Gram-Schmidt injects too little.
        assert error < (0.9 if name == "gs" else 0.5) * np.abs(enlarged.mean(axis=0) - core).mean()


@pytest.mark.parametrize("name", METHODS)
def test_a_change_of_units_changes_the_result_by_the_same_units(name: str) -> None:
    counts, scaled = (
        method.apply(patch, fit(method, [patch]))
        for method, patch in ((create(name, OPTICS), patch_of(*scene(scale=s), MIDDLE)) for s in (1.0, 1e-4))
    )
    np.testing.assert_allclose(scaled, counts * 1e-4, rtol=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_values_below_zero_do_no_harm(name: str) -> None:
    pan, ms = scene(offset=-520.0)
    assert (ms < 0).mean() > 0.3
    method = create(name, OPTICS)
    patch = patch_of(pan, ms, MIDDLE)
    result = method.apply(patch, fit(method, [patch]))
    assert np.isfinite(result).all()
    assert np.abs(result.mean(axis=(1, 2)) - OPTICS.ms_up(patch).mean(axis=(1, 2))).max() < 8.0
    assert np.abs(result - OPTICS.ms_up(patch)).max() < 400.0


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("value", [0.0, 100.0])
def test_a_flat_image_stays_flat(name: str, value: float) -> None:
    pan, ms = np.full((3 * SIZE, 3 * SIZE), value), np.full((3, 3 * SIZE // 4, 3 * SIZE // 4), value)
    method = create(name, OPTICS)
    patch = patch_of(pan, ms, MIDDLE)
    result = method.apply(patch, fit(method, [patch]))
    np.testing.assert_allclose(result, value, atol=1e-6 * max(1.0, value))


@pytest.mark.parametrize("name", METHODS)
def test_one_band_and_doubled_bands_are_bands_like_others(name: str) -> None:
    pan, ms = scene(bands=1)
    for bands in (ms, np.concatenate([ms, ms])):
        method = create(name, Optics((0.3,) * len(bands), 0.15, "polynomial"))
        patch = patch_of(pan, bands, MIDDLE)
        result = method.apply(patch, fit(method, [patch]))
        assert result.shape == (len(bands), SIZE, SIZE)
        assert np.isfinite(result).all()
        np.testing.assert_allclose(result[0], result[-1], rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "exp"])
def test_nothing_valid_to_learn_from_is_said_in_a_sentence(name: str) -> None:
    pan, ms = scene()
    patch = patch_of(pan, ms, MIDDLE)
    nothing = Patch(
        patch.window, patch.lattice, patch.pan_window, patch.pan, patch.ms_window, patch.ms,
        np.zeros(patch.window.shape, bool), np.zeros(patch.pan.shape, bool), np.zeros(patch.ms.shape[1:], bool),
    )  # fmt: skip
    method = create(name, OPTICS)
    with pytest.raises(MethodError, match="too few"):
        fit(method, [nothing])


@pytest.mark.parametrize("name", ["brovey", "gihs"])
def test_the_weights_that_are_given_make_the_intensity(name: str) -> None:
    pan, ms = scene()
    patch = patch_of(pan, ms, MIDDLE)
    estimated = fit(create(name, OPTICS), [patch])["weights"]
    np.testing.assert_allclose(estimated, [1 / 3] * 3, atol=0.08)  # PAN is the mean of the bands
    given = fit(create(name, OPTICS, [0.0, 2.0, 2.0]), [patch])["weights"]
    np.testing.assert_allclose(given, [0.0, 0.5, 0.5])
    with pytest.raises(MethodError, match="one weight per band"):
        fit(create(name, OPTICS, [1.0, 1.0]), [patch])
