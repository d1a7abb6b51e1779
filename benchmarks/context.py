"""What should the kernels of a scene be made from: how many windows, how large, and for the scene or for its parts?

    python benchmarks/context.py DATA OUT MODEL [--set landsat7|open4] [--only WORDS ...]

The pairs are those of ablation.py, made coarser for a truth.  Each is sharpened in one thread with kernels made in
different ways, and the means over the pairs are printed: scores, seconds, how far the image is from that of the first
line (root mean square, in per cent of the error of the first line), and on how many pairs ERGAS is lower than there.
All divide by what the first line divides by, and nothing is rounded, so that kernels alone make a difference.
The lines "another seed" and "kernels of another scene" say how much of a difference means nothing, and how much there
is to win or lose at all.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch as replaced

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np  # noqa: E402 - the path and the policy come first
import numpy.typing as npt  # noqa: E402
import torch  # noqa: E402
from osgeo import gdal  # noqa: E402

from benchmarks.ablation import test_pairs  # noqa: E402
from engine.grid.patch import Patch  # noqa: E402
from engine.grid.tiling import sample, tiles  # noqa: E402
from engine.grid.window import Window  # noqa: E402
from engine.methods import neural  # noqa: E402
from engine.methods.fuser import LocalFuser  # noqa: E402
from engine.methods.method import State, fit  # noqa: E402
from engine.methods.neural import CELLS, DIVISOR, PAN_DIVISOR, Neural, Scaled  # noqa: E402
from engine.methods.optics import Optics  # noqa: E402
from engine.metrics.hypercomplex import q2n  # noqa: E402
from engine.metrics.reference import ergas, sam  # noqa: E402
from engine.modelfile.card import InputContract, read_card  # noqa: E402
from engine.raster.scene import Scene, opened  # noqa: E402
from engine.request import SharpenRequest  # noqa: E402

gdal.UseExceptions()
Image = npt.NDArray[Any]

BLOCK = 64  # PAN pixels that share one interpolated kernel


class MeanLatent(LocalFuser):
    """Kernels that all come from the mean of the latents, and differ by the features of their windows alone."""

    def settle(self, windows: Sequence[tuple[Scaled, Scaled]], shares: Sequence[float]) -> dict[str, Any]:
        with self._computing():
            images = [(self._tensor(pan[None, None]), self._tensor(ms_up[None])) for pan, ms_up in windows]
            latent = sum(share * self._latent(*image) for image, share in zip(images, shares))
        with replaced.object(self, "_latent", lambda *_: latent):
            return super().settle(windows, shares)


class Interpolated(Neural):
    """Kernels, not images, are blended: one mixture for each block, by the shares of the cells at its centre."""

    def apply(self, patch: Patch, state: State) -> Image:
        result = np.zeros((len(patch.ms), *patch.window.shape), patch.ms.dtype)
        cells = neural._cells_of(state)
        one = replace(cells, down=1, across=1)
        for block in tiles(patch.window, BLOCK):
            mixed = {**state, CELLS: np.array([*state[CELLS][:4], one.down, one.across])}
            centre = Window(block.row + block.height // 2, block.col + block.width // 2, 1, 1)
            near = [(neural.kernels_of(state, cell), share.item()) for cell, _, share in cells.shares(centre)]
            for name in near[0][0]:
                mixed[f"0 {name}"] = sum(share * kernels[name] for kernels, share in near)
            rows, cols = block.slices_in(patch.window)
            result[:, rows, cols] = super().apply(replace(patch, window=block, valid=None), mixed)
        return result


@dataclass(frozen=True)
class Setting:
    """One way to make kernels."""

    context: str = "scene"
    windows: int = 64
    side: int = 64  # PAN pixels, of a window
    cell: int = neural.CELL
    ramp: float = neural.RAMP
    seed: int = 0
    fuser: type[LocalFuser] = LocalFuser
    method: type[Neural] = Neural
    strange: bool = False  # the kernels are those of the next scene


SETTINGS = {
    "scene, mean of the kernels of 64 windows of 64": Setting(),
    "scene, mean of the latents of 64 windows of 64": Setting(fuser=MeanLatent),
    **{
        f"scene, {windows} of {side}": Setting(windows=windows, side=side)
        for side in (64, 128, 256)
        for windows in (1, 4, 16, 64)
        if windows * side**2 <= 512**2 and (windows, side) != (64, 64)
    },
    **{
        f"tile, cells of {cell}, blended over {ramp:g} of them": Setting("tile", 256, cell=cell, ramp=ramp)
        for cell in (64, 128, 192)
        for ramp in (0.5, 1.0)
    },
    f"tile, cells of 128, kernels interpolated for blocks of {BLOCK}": Setting(
        "tile", 256, cell=128, ramp=1.0, method=Interpolated
    ),
    "another seed": Setting(seed=1),
    "kernels of another scene": Setting(strange=True),
}


class Bench:
    """A model and the pairs it is tried on."""

    def __init__(self, model: Path, pairs: Sequence[tuple[str, str, str, float]]) -> None:
        self._model = str(model)
        self._contract: InputContract = read_card(self._model).input
        self._pairs = pairs

    def images(self, setting: Setting, known: Sequence[State] = ()) -> Iterator[tuple[Image, State, float]]:
        """Yield each pair sharpened, not rounded, with the state and the seconds; the divisors are those `known`."""
        fuser = setting.fuser.load(self._model, "cpu", setting.seed)
        divisors = [{name: state[name] for name in (DIVISOR, PAN_DIVISOR)} for state in known]
        with replaced.multiple(neural, CELL=setting.cell, RAMP=setting.ramp):
            for index in range(len(self._pairs)):
                looked_at = (index + setting.strange) % len(self._pairs)
                with self._opened(index) as scene, self._opened(looked_at) as other, ExitStack() as until_done:
                    method = self._method(setting, fuser, scene)
                    if divisors:
                        made = dict(divisors[looked_at])
                        until_done.enter_context(replaced.object(neural, "divisors", return_value=made))
                    begun = time.monotonic()
                    state = _state(method, other)
                    if divisors:
                        state = {**state, **divisors[index]}
                    yield _sharpened(method, scene, state), state, time.monotonic() - begun

    def truths(self) -> Iterator[tuple[Image, float]]:
        """Yield what each pair should become, and its ratio."""
        for _, _, truth, ratio in self._pairs:
            yield gdal.Open(truth).ReadAsArray(), ratio

    def _opened(self, index: int) -> AbstractContextManager[Scene]:
        pan, ms, _, _ = self._pairs[index]
        return opened(SharpenRequest(pan=pan, ms=(ms,), out=os.devnull))

    def _method(self, setting: Setting, fuser: LocalFuser, scene: Scene) -> Neural:
        optics = Optics((0.3,) * len(scene.bands), 0.15, "polynomial", scene.has_gaps)  # the gaps alone have an effect
        method = setting.method(fuser, self._contract, optics, setting.context)
        method.fit_window, method.fit_windows = setting.side, setting.windows
        return method


def _state(method: Neural, scene: Scene) -> State:
    reach = method.fit_reach(scene.lattice)
    windows = sample(scene.shared, method.fit_window, method.fit_windows)
    return fit(method, (scene.read(window, reach.pan, reach.ms, reach.fill) for window in windows))


def _sharpened(method: Neural, scene: Scene, state: State) -> Image:
    reach, whole = method.reach(scene.lattice), scene.window
    result = np.zeros((len(scene.bands), *whole.shape))
    for tile in tiles(whole, method.largest_tile):
        rows, cols = tile.slices_in(whole)
        result[:, rows, cols] = method.apply(scene.read(tile, reach.pan, reach.ms, reach.fill), state)
    greatest = np.iinfo(scene.bands[0].facts.data_type).max
    return np.clip(result, 0, greatest)


def _rms(values: Image) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path, help="where the pairs are made")
    parser.add_argument("model", type=Path)
    parser.add_argument("--set", dest="kind", choices=("landsat7", "open4"), default="landsat7")
    parser.add_argument("--only", nargs="*", default=[""], metavar="WORDS", help="settings whose name holds one")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.model, test_pairs(options.kind, options.data, options.out))
    truths = list(bench.truths())
    first, default = next(iter(SETTINGS.items()))
    usual = list(bench.images(default))
    expected = [ergas(truth, image, ratio) for (image, _, _), (truth, ratio) in zip(usual, truths)]
    print("| kernels | ERGAS | SAM | Q2n | seconds | apart, % | better on |\n|---|---|---|---|---|---|---|")
    for name, setting in SETTINGS.items():
        if name != first and not any(word in name for word in options.only):
            continue
        rows = []
        made = usual if name == first else bench.images(setting, [state for _, state, _ in usual])
        for (image, _, seconds), (like, _, _), (truth, ratio), known in zip(made, usual, truths, expected):
            found = ergas(truth, image, ratio)
            apart = 100.0 * _rms(image - like) / _rms(like - truth)
            rows.append((found, sam(truth, image), q2n(truth, image), seconds, apart, found < known))
        *means, better = (statistics.fmean(column) for column in zip(*rows))
        numbers = "{:.4f} | {:.4f} | {:.5f} | {:.1f} | {:.2f}".format(*means)
        print(f"| {name} | {numbers} | {round(better * len(rows))} of {len(rows)} |", flush=True)


if __name__ == "__main__":
    main()
