"""What a network for any sensor is shown: the same in all units, in any tile and beside any gap, for any pair."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from engine.errors import MethodError
from engine.grid.pairing import Axis, Lattice
from engine.grid.patch import Patch
from engine.grid.tiling import tiles
from engine.grid.window import Window
from engine.methods.guides import FACTS, IMAGES, Guides, Shown, as_seen, coarser, coarser_pairs
from engine.methods.method import State, create, fit
from engine.methods.optics import Optics
from engine.pixels.shift import estimate, spectra
from engine.raster.scene import Scene, opened
from tests.pairs import Pair, gaussian_width, scene, seen_by_ms, write_pair

Floats = npt.NDArray[Any]

IN_PROPORTION = IMAGES.index("detail of PAN in proportion to the band")
STILL = [index for index in range(len(IMAGES)) if index != IN_PROPORTION]
TELLS = {name: place for place, name in enumerate(FACTS)}


def optics(bands: int = 4, has_gaps: bool = False) -> Optics:
    return Optics(tuple(0.28 + 0.01 * (band % 3) for band in range(bands)), 0.15, "polynomial", has_gaps)


def patch_of(pan: Floats, ms: Floats, ratio: float, start: float = 0.0) -> Patch:
    """Return a whole image, MS beginning `start` PAN pixels right of and below it; its edges repeat."""
    axis = Axis(1.0 / ratio, -start / ratio)
    window = Window(0, 0, *pan.shape)
    return Patch(window, Lattice(axis, axis), window, pan, Window(0, 0, *ms.shape[1:]), ms)


def pair(size: int = 120, bands: int = 4, ratio: float = 4.0, start: float = 0.0) -> Patch:
    """Return a synthetic pair, float64."""
    truth, pan = scene(size, bands, 3)
    return patch_of(pan.copy(), seen_by_ms(truth, (ratio, ratio), (start, start)), ratio, start)


def look(patch: Patch, seen: Optics, shift: tuple[float, float] = (0.0, 0.0)) -> tuple[State, Shown]:
    guides = Guides(seen, shift)
    state = guides.settle([guides.measure(patch)], patch.lattice)
    return state, guides.shown(patch, state)


def read(of: Scene, guides: Guides, window: Window) -> Patch:
    reach = guides.reach(of.lattice)
    return of.read(window, reach.pan, reach.ms, reach.fill)


@pytest.mark.parametrize(
    ("of_ms", "of_pan"), [((2.0, 0.0), (2.0, 0.0)), ((1e-4, -0.05), (1e-4, 0.02)), ((1.0, 7000.0), (3.0, -90.0))]
)
def test_units_haze_and_the_scale_of_pan_change_nothing_that_a_network_sees(
    of_ms: tuple[float, float], of_pan: tuple[float, float]
) -> None:
    patch = pair()
    other = replace(patch, ms=patch.ms * of_ms[0] + of_ms[1], pan=patch.pan * of_pan[0] + of_pan[1])
    (known, given), (found, changed) = look(patch, optics()), look(other, optics())
    np.testing.assert_allclose(changed.band, given.band, atol=2e-5)
    np.testing.assert_allclose(changed.guides[:, STILL], given.guides[:, STILL], atol=2e-5)
    np.testing.assert_allclose(found["facts"], known["facts"], atol=2e-5)
    np.testing.assert_allclose(changed.guess, given.guess * of_ms[0] + of_ms[1], rtol=1e-7, atol=1e-9)
    apart = np.abs(changed.guides[:, IN_PROPORTION] - given.guides[:, IN_PROPORTION]).max()
    assert (apart > 0.05) == bool(of_ms[1] or of_pan[1]), "a proportion depends on where zero is, on nothing else"


def test_the_guess_is_mtf_glp_fs_and_the_band_is_it_without_its_brightness() -> None:
    patch, seen = pair(), optics()
    state, shown = look(patch, seen)
    usual = create("mtf-glp-fs", seen)
    np.testing.assert_allclose(shown.guess, usual.apply(patch, fit(usual, [patch])), rtol=1e-10)
    wide = np.stack([ndimage.gaussian_filter(band, 2.0, mode="nearest", truncate=4.0) for band in patch.ms])
    brightness = seen.enlarged(patch, wide)
    units = (seen.ms_up(patch) - brightness).std(axis=(1, 2), ddof=1)
    np.testing.assert_allclose(state["units"], units, rtol=1e-6)
    np.testing.assert_allclose(shown.band[:, 0], (shown.guess - brightness) / units[:, None, None], atol=1e-5)


def test_images_and_facts_are_what_their_names_say() -> None:
    patch, seen = pair(), optics()
    state, shown = look(patch, seen, (0.5, -0.25))
    assert shown.guides.shape == (4, len(IMAGES), 120, 120) and shown.guides.dtype == np.float32
    images = dict(zip(IMAGES, shown.guides.astype(np.float64).transpose(1, 0, 2, 3)))
    told = {name: state["facts"][:, place] for name, place in TELLS.items()}
    pan_unit, units = float(state["pan_unit"]), state["units"]

    low = np.stack([seen.pan_low(patch, gain) for gain in seen.gains])
    np.testing.assert_allclose(images["detail of PAN"], (patch.pan - low) / pan_unit, atol=1e-5)
    factor = seen.ms_up(patch) * (patch.pan - low) / low / units[:, None, None]
    np.testing.assert_allclose(images["detail of PAN in proportion to the band"], factor, atol=1e-4)
    for name in ("PAN as MS would have it", "band as MS has it"):
        np.testing.assert_allclose(images[name].std(axis=(1, 2)), 1.0, rtol=1e-3)
    detail = images["PAN"] - images["PAN as MS would have it"]  # through all gains at once
    np.testing.assert_allclose(detail[2], (patch.pan - seen.pan_low(patch)) / pan_unit, atol=1e-5)

    own, pan_own = images["band as MS has it"], images["PAN as MS would have it"][0]
    mixed = np.linalg.lstsq(own.reshape(4, -1).T, pan_own.ravel(), rcond=None)[0]
    left = pan_own - np.tensordot(mixed, own, axes=1)
    np.testing.assert_allclose(images["PAN that the bands do not explain"][2], left, atol=0.01)
    assert told["share of PAN that the bands explain"][0] ** 2 == pytest.approx(1.0 - left.var(), abs=1e-3)
    others = np.delete(own, 1, axis=0)
    mixed = np.linalg.lstsq(others.reshape(3, -1).T, own[1].ravel(), rcond=None)[0]
    left = own[1] - np.tensordot(mixed, others, axes=1)
    np.testing.assert_allclose(images["band that the other bands do not explain"][1], left, atol=0.01)
    assert told["share of the band that the others explain"][1] ** 2 == pytest.approx(1.0 - left.var(), abs=1e-3)

    assert told["ratio"][0] == 0.0 and told["shift in columns"][3] == 0.5 and told["shift in rows"][3] == -0.25
    correlations = [np.corrcoef(band.ravel(), pan_own.ravel())[0, 1] for band in own]
    np.testing.assert_allclose(told["correlation of band and PAN"], correlations, atol=1e-3)
    np.testing.assert_allclose(told["gain of the band on PAN"], state["gains"] * pan_unit / units, rtol=1e-5)
    contrast = np.log((patch.pan - low).std(axis=(1, 2)) / pan_unit)
    np.testing.assert_allclose(told["contrast of the detail"], contrast, atol=1e-3)
    once, twice = (ndimage.gaussian_filter(patch.pan, sigma, mode="nearest", truncate=4.3) for sigma in (0.7, 1.4))
    sharpness = np.log((patch.pan - once).std() / (once - twice).std())
    assert told["sharpness of PAN"][0] == pytest.approx(sharpness, abs=0.01)


@pytest.mark.parametrize(("ratio", "half_pixel"), [(2.0, False), (4.0, True), (2.5, True)])
def test_a_tile_is_shown_what_the_whole_is_shown_there(ratio: float, half_pixel: bool, tmp_path: Any) -> None:
    made = write_pair(tmp_path, size=150, ratio=ratio, half_pixel=half_pixel)
    with opened(made.request("o.tif")) as of:
        guides = Guides(optics())
        whole = read(of, guides, of.window)
        state = guides.settle([guides.measure(whole)], of.lattice)
        everything = guides.shown(whole, state)
        for window in (Window(0, 0, 40, 64), Window(37, 51, 60, 45), Window(90, 70, of.window.height - 90, 31)):
            part = guides.shown(read(of, guides, window), state)
            rows, cols = window.slices_in(of.window)
            np.testing.assert_allclose(part.guides, everything.guides[:, :, rows, cols], atol=2e-4)
            np.testing.assert_allclose(part.band, everything.band[:, :, rows, cols], atol=2e-4)
            np.testing.assert_allclose(part.guess, everything.guess[:, rows, cols], atol=0.01)


def test_what_is_measured_in_pieces_is_what_is_measured_at_once(tmp_path: Any) -> None:
    with opened(write_pair(tmp_path, size=150, ratio=2.5, half_pixel=True).request("o.tif")) as of:
        guides = Guides(optics())
        whole = guides.settle([guides.measure(read(of, guides, of.window))], of.lattice)
        parts = [guides.measure(read(of, guides, window)) for window in tiles(of.window, 60)]
        for name, value in guides.settle(parts, of.lattice).items():
            np.testing.assert_allclose(value, whole[name], rtol=1e-4, atol=1e-5, err_msg=name)


def collared(folder: Any, **changes: Any) -> tuple[State, Shown, Any]:
    made: Pair = write_pair(folder, size=200, collar=True, **changes)
    with opened(made.request("o.tif")) as of:
        guides = Guides(optics(has_gaps=True))
        patch = read(of, guides, of.window)
        wild = replace(patch, pan=np.where(patch.pan_valid, patch.pan, np.float32(changes.get("nodata", -1e6))))
        state = guides.settle([guides.measure(wild)], of.lattice)
        return state, guides.shown(wild, state), patch.valid


def test_what_gaps_hold_changes_nothing_that_is_measured_or_shown_of_valid_pixels(tmp_path: Any) -> None:
    states, shown, valid = zip(*(collared(tmp_path / str(value), nodata=value) for value in (0, 60000)))
    assert 0.5 < valid[0].mean() < 0.9 and (valid[0] == valid[1]).all()
    for name in states[0]:
        np.testing.assert_allclose(states[1][name], states[0][name], rtol=1e-6, atol=1e-9, err_msg=name)
    for one, other in ((each.guides, each.guess) for each in shown):
        assert np.isfinite(one[:, :, valid[0]]).all() and np.isfinite(other[:, valid[0]]).all()
    np.testing.assert_allclose(shown[1].guides[:, :, valid[0]], shown[0].guides[:, :, valid[0]], atol=1e-4)
    np.testing.assert_allclose(shown[1].guess[:, valid[0]], shown[0].guess[:, valid[0]], atol=1e-2)


def test_beside_a_gap_a_bright_scene_is_shown_as_a_dark_one(tmp_path: Any) -> None:
    (dark, one, valid), (bright, other, _) = (
        collared(tmp_path / str(offset), offset=offset, data_type="float64") for offset in (0.0, 30000.0)
    )
    np.testing.assert_allclose(bright["units"], dark["units"], rtol=2e-3)
    np.testing.assert_allclose(bright["facts"], dark["facts"], atol=5e-3)
    apart = np.abs(other.guides[:, STILL] - one.guides[:, STILL])[:, :, valid]
    assert apart.max() < 0.05


@pytest.mark.parametrize("kind", ["constant band", "constant PAN", "nothing but zeros", "one band", "ten bands", "1.5"])
def test_odd_pairs_are_shown_in_finite_numbers(kind: str) -> None:
    patch = pair(bands=10 if kind == "ten bands" else 4, ratio=1.5 if kind == "1.5" else 4.0)
    bands = len(patch.ms)
    if kind == "one band":
        patch, bands = replace(patch, ms=patch.ms[:1]), 1
    elif kind == "constant band":
        patch.ms[1] = 300.0
    elif kind != "ten bands" and kind != "1.5":
        patch.pan[:] = 0.0 if kind == "nothing but zeros" else 400.0
        patch.ms[:] *= 0.0 if kind == "nothing but zeros" else 1.0
    for one in (patch, replace(patch, pan=patch.pan.astype(np.float32), ms=patch.ms.astype(np.float32))):
        _, shown = look(one, optics(bands))
        for image in (shown.guess, shown.band, shown.guides):
            assert np.isfinite(image).all()
        assert np.abs(shown.guides).max() < 100.0
        if kind == "constant band":
            np.testing.assert_allclose(shown.guess[1], 300.0, rtol=1e-5)
        if kind == "constant PAN":
            np.testing.assert_allclose(shown.guess, optics(bands).ms_up(one), rtol=1e-5)


def test_too_little_to_measure_is_said_in_a_sentence() -> None:
    guides = Guides(optics())
    with pytest.raises(MethodError, match="too few"):
        guides.settle([], pair().lattice)


@pytest.mark.parametrize(("ratio", "start"), [(4.0, 0.0), (2.0, 0.5), (2.5, 0.5), (1.5, 0.0)])
def test_a_pair_made_coarser_has_its_ms_as_truth_and_pan_on_it(ratio: float, start: float) -> None:
    patch, seen = pair(240, ratio=ratio, start=start), optics()
    made = coarser(seen, patch)
    assert made is not None
    rough, truth = made
    np.testing.assert_array_equal(truth, seen.ms_own(patch))
    assert rough.lattice.ratio == pytest.approx(ratio) and rough.lattice.rows.offset == 0.0
    assert rough.pan.shape == truth.shape[1:] == rough.window.shape and rough.valid is None
    shift = estimate([spectra(rough.pan, truth.mean(axis=0))], (1.0, 1.0), 8.0)
    assert shift is not None and abs(shift.dx) < 0.08 and abs(shift.dy) < 0.08
    assert np.corrcoef(rough.pan.ravel(), truth.mean(axis=0).ravel())[0, 1] > 0.9
    counts = tuple(int(side / ratio + 1e-9) for side in truth.shape[1:])
    assert rough.ms.shape == (4, *counts)
    places = [(np.arange(count) + 0.5) * ratio - 0.5 for count in counts]
    for band, gain, expected in zip(rough.ms, seen.gains, truth):
        blurred = ndimage.gaussian_filter(expected, gaussian_width(gain, ratio), mode="nearest", truncate=6.0)
        sampled = ndimage.map_coordinates(blurred, np.meshgrid(*places, indexing="ij"), order=3, mode="nearest")
        assert np.abs(band - sampled).mean() < 0.02 * expected.std()


def test_a_side_that_is_a_whole_number_of_coarse_pixels_but_for_rounding_keeps_them_all() -> None:
    ms = np.random.default_rng(1).uniform(1.0, 2.0, (1, 98, 98))
    patch = patch_of(np.ones((98 * 7, 98 * 7)), ms, 7.0)
    patch = replace(patch, lattice=Lattice(Axis(1.0 / 7.0 - 1e-13, 0.0), Axis(1.0 / 7.0, 0.0)))
    made = coarser(optics(1), patch)
    assert made is not None and made[0].ms.shape == (1, 14, 14)


@pytest.mark.parametrize("of", ["valid", "ms_valid"])
def test_a_pair_with_gaps_or_hardly_any_pixels_is_not_made_coarser_but_an_unused_mask_is_no_gap(of: str) -> None:
    patch, seen = pair(), optics()
    mask = np.ones(getattr(patch, "ms" if of == "ms_valid" else "pan").shape[-2:], bool)
    masks: dict[str, Any] = {of: mask}
    assert coarser(seen, replace(patch, **masks)) is not None
    mask[3, 4] = False
    assert coarser(seen, replace(patch, **masks)) is None
    assert coarser(seen, pair(80)) is None  # 5 coarse pixels
    assert coarser(seen, pair(96)) is not None


def fractal(side: int, seed: int) -> npt.NDArray[Any]:
    """Return an image that looks alike on all scales: amplitudes fall as 1/f."""
    rows, cols = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    frequency = np.hypot(rows, cols)
    frequency[0, 0] = 1.0
    noise = np.fft.rfft2(np.random.default_rng(seed).standard_normal((side, side)))
    return np.asarray(np.fft.irfft2(noise / frequency, (side, side)))


@pytest.mark.parametrize("gain", [0.15, 0.3, 0.5])
def test_pan_made_coarser_is_as_sharp_as_pan_whatever_the_sensor_is_said_to_be(gain: float) -> None:
    # At half the pixel size, so that the band limit of the array is beyond what PAN's optics let through.
    fine = ndimage.gaussian_filter(fractal(1024, 3), 2.0 * gaussian_width(gain, 1.0), mode="wrap")
    pan = fine.reshape(512, 2, 512, 2).mean(axis=(1, 3)).astype(np.float32) + 100.0
    lattice = Lattice(Axis(0.25, 0.0), Axis(0.25, 0.0))
    whole = Window(0, 0, 512, 512)
    ms = pan.reshape(1, 128, 4, 128, 4).mean(axis=(2, 4))
    patch = Patch(whole, lattice, whole, pan, Window(0, 0, 128, 128), ms)
    told = Optics((0.3,), 0.9, "polynomial")
    guides = Guides(told)
    state = guides.settle([guides.measure(patch)], lattice)
    ((rough, _),) = coarser_pairs(told, [patch], state)
    again = guides.settle([guides.measure(rough)], rough.lattice)
    place = FACTS.index("sharpness of PAN")
    assert again["facts"][0, place] == pytest.approx(state["facts"][0, place], abs=0.02)


def test_pan_made_coarser_is_as_noisy_as_pan_and_no_sharper_than_the_sensor_is_said_to_be() -> None:
    deviation, gain = 1.5, 0.15
    fine = ndimage.gaussian_filter(fractal(1024, 3), 2.0 * gaussian_width(gain, 1.0), mode="wrap")
    noise = np.random.default_rng(7).normal(0.0, deviation, (512, 512))
    pan = (fine.reshape(512, 2, 512, 2).mean(axis=(1, 3)) + noise).astype(np.float32) + 1.0
    lattice = Lattice(Axis(0.25, 0.0), Axis(0.25, 0.0))
    whole = Window(0, 0, 512, 512)
    ms = pan.reshape(1, 128, 4, 128, 4).mean(axis=(2, 4))
    patch = Patch(whole, lattice, whole, pan, Window(0, 0, 128, 128), ms)
    told = Optics((0.3,), gain, "polynomial")
    guides = Guides(told)
    state = guides.settle([guides.measure(patch)], lattice)
    found = as_seen(told, [patch], state)
    assert found.pan_gain == gain, "what noise adds to the finest detail is not taken for sharpness"
    (rough, _), (again, _) = (coarser(found, patch) for _ in range(2))  # type: ignore[misc]
    (still, _) = coarser(told, patch)  # type: ignore[misc]
    assert rough.pan.tobytes() == again.pan.tobytes()
    assert np.array_equal(rough.ms, still.ms)
    added = rough.pan - still.pan
    assert added.std() == pytest.approx(deviation, rel=0.25)
    assert np.abs(np.corrcoef(added[1:].ravel(), added[:-1].ravel())[0, 1]) < 0.05, "it is white"
