"""A scene reads any window with the same bits whatever the cut, and knows what is valid in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError, RequestError
from engine.grid.tiling import tiles
from engine.grid.window import Window
from engine.methods.optics import Optics
from engine.raster.scene import Scene, opened
from engine.request import PairRequest
from tests.raster.scenes import GAINS, RANDOM, ms_file, pan_file, refused
from tests.rasters import LEFT, TOP, north_up

# PAN


def test_a_pan_of_several_bands_must_be_chosen_from(tmp_path: Path) -> None:
    pan = pan_file(tmp_path, array=np.stack([np.full((64, 64), value, np.uint16) for value in (3, 4)]))
    ms = ms_file(tmp_path)
    refused(InputError, "has 2 bands", pan, (ms,))
    refused(RequestError, "no band 3", pan, (ms,), pan_band=3)
    with opened(PairRequest(pan, (ms,), pan_band=2)) as scene:
        assert (scene.read(scene.window, 2, 2, 0).pan == 4.0).all()


@pytest.mark.parametrize("where", ["value", "mask", "alpha", "nan"])
def test_invalid_pan_is_invalid_in_the_result_however_declared(where: str, tmp_path: Path) -> None:
    seen = np.ones((64, 64), bool)
    seen[:, 50:] = False
    values = np.where(seen, 200.0, np.nan if where == "nan" else 0.0)[None]
    declared = {"value": {"nodata": 0}, "mask": {"mask": seen}, "alpha": {"alpha": seen}, "nan": {}}[where]
    pan = pan_file(tmp_path, array=values.astype(np.float32 if where == "nan" else np.uint16), **declared)
    with opened(PairRequest(pan, (ms_file(tmp_path),))) as scene:
        assert scene.has_gaps
        patch = scene.read(scene.window, 4, 4, 3)
        np.testing.assert_array_equal(patch.valid, seen)


@pytest.mark.parametrize(
    ("pan_kind", "ms_kind", "work"),
    [("uint8", "uint8", "float32"), ("uint16", "int16", "float32"), ("uint16", "float32", "float32"),
     ("int32", "uint16", "float64"), ("uint16", "uint32", "float64"), ("float64", "uint16", "float64")],
)  # fmt: skip
def test_the_work_is_done_in_a_type_that_holds_all_values(
    pan_kind: str, ms_kind: str, work: str, tmp_path: Path
) -> None:
    pan = pan_file(tmp_path, array=np.full((1, 64, 64), 9, pan_kind))
    with opened(PairRequest(pan, (ms_file(tmp_path, array=np.full((2, 16, 16), 8, ms_kind)),))) as scene:
        patch = scene.read(scene.window, 2, 2, 0)
        assert scene.work_type == work
        assert patch.pan.dtype == patch.ms.dtype == work


def test_integers_beyond_2_to_the_24_survive_enlarging_at_ratio_1(tmp_path: Path) -> None:
    values = (2**31 - 1 - RANDOM.integers(0, 10**6, (2, 64, 64))).astype(np.int32)
    ms = ms_file(tmp_path, pixel=1.0, array=values)
    optics = Optics(GAINS, 0.15, "polynomial")
    with opened(PairRequest(pan_file(tmp_path), (ms,))) as scene:
        assert scene.lattice.ratio == 1.0
        up = optics.ms_up(scene.read(scene.window, 0, optics.ms_margin, 0))
    np.testing.assert_array_equal(np.rint(up).astype(np.int64), values)


# Validity and the cut


def holes(shape: tuple[int, int], seed: int) -> np.ndarray:
    """Return a mask with a slanting collar and some holes; true where valid."""
    rows, cols = np.mgrid[: shape[0], : shape[1]] / max(shape)
    mask = (rows + 0.3 * cols > 0.12) & (cols - 0.2 * rows > 0.05)
    random = np.random.default_rng(seed)
    for row, col in random.integers(0, min(shape), (6, 2)):
        mask[row : row + shape[0] // 12, col : col + shape[1] // 16] = False
    return np.asarray(mask)


def test_a_pixel_is_valid_over_valid_ms_and_one_ms_pixel_beyond(tmp_path: Path) -> None:
    values = np.full((2, 16, 16), 9, np.uint16)
    values[:, :, :4] = 0
    with opened(PairRequest(pan_file(tmp_path), (ms_file(tmp_path, array=values, nodata=0),))) as scene:
        patch = scene.read(scene.window, 0, 3, 2)
        assert patch.valid is not None
        # What a collar of MS cut off PAN, within the pixel that straddles its edge, is not lost.
        assert np.flatnonzero(patch.valid[20]).tolist() == list(range(12, 64))
        assert (patch.ms[:, :, 5:] == 9.0).all()


CUTS = [
    Window(0, 0, 128, 128),
    Window(0, 0, 31, 50),
    Window(64, 64, 64, 64),
    Window(40, 3, 17, 90),
    Window(127, 127, 1, 1),
]


@pytest.mark.parametrize("kernel", ["nearest", "bilinear", "cubic", "lanczos", "polynomial"])
@pytest.mark.parametrize("ratio", [2, 4, 8])
def test_what_optics_see_has_the_same_bits_whatever_the_cut_also_around_gaps(
    kernel: str, ratio: int, tmp_path: Path
) -> None:
    assert_cut_does_not_matter(tmp_path, kernel, 1.0, float(ratio), north_up(1.0, LEFT + 0.5, TOP - 1.5))


@pytest.mark.parametrize(("pixel", "coarse"), [(1.0, 4.2), (1.0, 1.5), (1.0, 1.0)])
def test_the_cut_does_not_matter_at_odd_ratios_either(pixel: float, coarse: float, tmp_path: Path) -> None:
    assert_cut_does_not_matter(tmp_path, "polynomial", pixel, coarse, north_up(1.0, LEFT + 0.3, TOP - 1.1))


def test_the_cut_does_not_matter_where_the_axes_differ(tmp_path: Path) -> None:
    assert_cut_does_not_matter(tmp_path, "cubic", 1.0, 4.0, (LEFT, 1.0, 0.0, TOP, 0.0, -2.0))


def assert_cut_does_not_matter(
    folder: Path, kernel: str, pixel: float, coarse: float, affine: tuple[float, ...]
) -> None:
    seen = holes((128, 128), 3)
    pan = np.where(seen, np.random.default_rng(1).integers(100, 2000, (128, 128)), 0).astype(np.uint16)
    side = int(260 / coarse) + 2
    ms_seen = holes((side, side), 4)
    ms = np.where(ms_seen, np.random.default_rng(2).integers(100, 2000, (2, side, side)), 0).astype(np.uint16)
    request = PairRequest(
        pan_file(folder, array=pan[None], affine=affine, nodata=0),
        (ms_file(folder, pixel=coarse, array=ms, nodata=0),),
        coverage="union",
    )
    with opened(request) as scene:
        optics = Optics(GAINS, 0.15, kernel, scene.has_gaps)
        whole = look(scene, optics, CUTS[0])
        assert 0.5 < whole["valid"].mean() < 1.0
        for window in CUTS[1:]:
            part = look(scene, optics, window)
            rows, cols = window.slices_in(CUTS[0])
            valid = part["valid"]
            for name, expected in whole.items():
                cut = expected[..., rows, cols]
                if name == "valid":
                    np.testing.assert_array_equal(part[name], cut)
                else:
                    assert part[name][..., valid].tobytes() == cut[..., valid].tobytes(), name


def look(scene: Scene, optics: Optics, window: Window) -> dict[str, np.ndarray]:
    patch = scene.read(window, optics.pan_halo(scene.lattice), optics.ms_margin, optics.fill_steps)
    assert np.isfinite(patch.ms).all()
    return {
        "valid": np.ones(window.shape, bool) if patch.valid is None else patch.valid,
        "ms_up": optics.ms_up(patch),
        "pan_low": optics.pan_low(patch),
        "pan_low of one band": optics.pan_low(patch, min(GAINS)),
        "pan_box": optics.pan_box(patch),
        "pan": patch.pan_core,
    }


def test_threads_read_what_one_thread_reads(tmp_path: Path) -> None:
    request = PairRequest(pan_file(tmp_path, 256), (ms_file(tmp_path, 64),))
    with opened(request) as scene:
        windows = list(tiles(scene.window, 50))
        alone = [scene.read(window, 9, 5, 3) for window in windows]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda window: scene.read(window, 9, 5, 3), windows))
    for one, two in zip(alone, together):
        assert one.pan.tobytes() == two.pan.tobytes()
        assert one.ms.tobytes() == two.ms.tobytes()


def test_a_fourth_band_that_is_marked_as_alpha_but_looks_measured_is_said(tmp_path: Path) -> None:
    values = RANDOM.integers(1, 255, (4, 16, 16)).astype(np.uint8)
    ms = ms_file(tmp_path, array=values, colors=("Red", "Green", "Blue", "Alpha"))
    with opened(PairRequest(pan_file(tmp_path), (ms,))) as scene:
        assert len(scene.bands) == 3
        assert "marked as alpha" in scene.warnings[0]


@pytest.mark.parametrize("which", ["pan", "ms"])
def test_the_nodata_of_the_request_counts_for_pan_and_ms_alike(which: str, tmp_path: Path) -> None:
    seen = np.ones((64, 64), bool)
    seen[:, :16] = False
    everywhere = np.ones_like(seen)
    pan = np.where(seen if which == "pan" else everywhere, 50, 7).astype(np.uint16)[None]
    ms = np.where(seen if which == "ms" else everywhere, 60, 7).astype(np.uint16)[None, ::4, ::4].repeat(2, axis=0)
    request = PairRequest(pan_file(tmp_path, array=pan, nodata=50), (ms_file(tmp_path, array=ms, nodata=60),), nodata=7)
    with opened(request) as scene:
        patch = scene.read(scene.window, 0, 3, 2)
        assert patch.valid is not None
        # MS reaches one of its pixels beyond its edge.
        assert np.flatnonzero(patch.valid[30]).tolist() == list(range(16 if which == "pan" else 12, 64))


def test_nodata_is_spent_when_ms_is_warped_and_a_value_between_two_others_may_equal_it(tmp_path: Path) -> None:
    values = np.zeros((1, 40, 40), np.int16)
    values[0, ::2], values[0, 1::2] = -10, 10  # half-way between two rows lies 0
    first = ms_file(tmp_path, array=np.full((1, 16, 16), 5, np.int16))
    second = ms_file(tmp_path, name="between.tif", array=values, affine=north_up(4.0, LEFT - 40.0, TOP + 42.0))
    with opened(PairRequest(pan_file(tmp_path), (first, second), nodata=0)) as scene:
        patch = scene.read(scene.window, 0, 0, 0)
        assert np.abs(patch.ms[1]).max() < 1e-3
        assert patch.valid is None
