"""Samples for a model of any sensor: pairs simulated from images without PAN, real Landsat pairs, synthetic scenes.

    python benchmarks/anysensor.py DATA OUT [--pairs 2000] [--seed 1] [--share 0/1] [--real NAMES [--any-ratio]]

Of each pair a few patches are kept, as methods.guides shows them of single bands, in a store (data.from_store).  What
the network cannot know from a sensor's name is drawn anew for each pair: the ratio, how sharp PAN, MS and the truth
are, which wavelengths PAN sees, how far the images are shifted, noise, mixtures of bands as new sensors have them.
Pair n depends on (seed, n) alone; `--share i/k` makes every k-th, for several processes.  `--real landsat8` takes real
pairs whose names begin so and nothing else, for a model of one sensor; `--any-ratio` makes most of them coarser by
another ratio than their own, as sensors with other optics would see them.

All imagery is free to use for this (DATA/README.md); the places of VALIDATION are never looked at.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from osgeo import gdal

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.synthetic import scene as synthetic  # noqa: E402 - the path above comes first
from engine.data.from_store import Made, write_store  # noqa: E402
from engine.events import Finished  # noqa: E402
from engine.grid.field import Field  # noqa: E402
from engine.grid.pairing import Axis, Lattice  # noqa: E402
from engine.grid.patch import Patch  # noqa: E402
from engine.grid.window import Window  # noqa: E402
from engine.jobs.pipeline import Crew  # noqa: E402
from engine.jobs.simulate import simulate  # noqa: E402
from engine.jobs.survey import surveyed  # noqa: E402
from engine.methods.guides import FACTS, IMAGES, Guides  # noqa: E402
from engine.methods.optics import Optics, blurred  # noqa: E402
from engine.pixels.resample import Taps, gaussian, mtf_sigma, resample  # noqa: E402
from engine.pixels.warp import warped  # noqa: E402
from engine.raster.scene import opened  # noqa: E402
from engine.request import PairRequest, SimulateRequest  # noqa: E402

gdal.UseExceptions()

Array = npt.NDArray[Any]
PATCH = 64
KERNEL = "polynomial"
SIDE = 240  # pixels of a simulated PAN; falls into whole MS pixels for all ratios
LEAST_SIDE = 120
RATIOS = (2, 3, 4, 4, 4, 4, 5)
# Where pairs come from, and how often.  Images of 8 bits and 0.1 to 1 m are made coarser first: at full size they show
# more blur and compression than structure.
KINDS = {"real": 0.15, "synthetic": 0.40, "naip": 0.20, "neon": 0.07, "sentinel2": 0.12, "landsat8": 0.04, "usgs": 0.02}
COARSER = {"naip": (1, 2), "neon": (2, 3), "usgs": (2, 3)}
SYNTHETIC_SCENES = 160
VALIDATION = (
    "naip_rasterframes_va",
    "naip_rasterframes_m_3607717_sw_18",
    "naip_chesapeake_m_3708035",
    "sentinel2_dsen2_T49JGM",
    "neon_rgb_SJER_005",
    "neon_rgb_HARV_004",
)
_PAN_NOISE = (0.0, 0.0, 0.005, 0.015, 0.03, 0.06, 0.12, 0.25)  # of its contrast; Landsat 7 has the most, over plains
_RELIEF = 6  # places along each side of a pair, between which relief changes
_PATCHES = 9  # of a pair of SIDE
_BANDS = 4  # of a patch
_EDGE = 8  # pixels at the border of a pair that no patch takes
_MOST_EMPTY = 0.02
_OTHER_RATIO = 0.75  # of the real pairs, where any ratio will do
_THERMAL = 7  # bands of Landsat 8 that reflect light


@dataclass(frozen=True)
class Pair:
    """What a method gets, what it should make of it, and what it is told of shift and optics, errors included."""

    patch: Patch
    truth: Array
    optics: Optics
    shift: tuple[float, float]


class Imagery:
    """The images and real pairs of a folder, and synthetic scenes, each read or made once."""

    def __init__(self, data: Path, work: Path, real: Sequence[str] = ()) -> None:
        self._images = {
            path.parent.name: path
            for path in sorted((data / "open").glob("*/ms.tif"))
            if not path.parent.name.startswith(VALIDATION)
        }
        self._folders = sorted(
            path for path in (data / "train").iterdir() if path.is_dir() and path.name.startswith(tuple(real) or "")
        )
        self._work = work
        self._kept: dict[Any, Any] = {}

    def real(self, random: np.random.Generator) -> Pair:
        """Return a real pair made coarser by its own ratio."""
        folder = self._folders[random.integers(len(self._folders))]
        if folder.name not in self._kept:
            self._kept[folder.name] = _coarser(folder, self._work / folder.name)
        return self._kept[folder.name]  # type: ignore[no-any-return]

    def original(self, random: np.random.Generator) -> Patch:
        """Return a real pair as it is."""
        folder = self._folders[random.integers(len(self._folders))]
        key = (folder.name, "as it is")
        if key not in self._kept:
            with opened(
                PairRequest(str(folder / "pan.tif"), (str(folder / "ms.tif"),), bands=_reflecting(folder))
            ) as scene:
                self._kept[key] = scene.read(scene.window, 0, 0, 0)
        return self._kept[key]  # type: ignore[no-any-return]

    def image(self, kind: str, random: np.random.Generator) -> tuple[Array, Optional[Array]]:
        """Return bands (bands, h, w) of an image or synthetic scene, and of this also its true PAN."""
        if kind == "synthetic":
            seed = int(random.integers(SYNTHETIC_SCENES))
            if seed not in self._kept:
                self._kept[seed] = _scene(seed, self._work / "scenes")
            *bands, pan = self._kept[seed]
            chosen = np.sort(random.permutation(len(bands))[: random.integers(3, len(bands) + 1)])
            return np.stack([bands[band] for band in chosen]).astype(np.float32), pan.astype(np.float32)
        names = [name for name in self._images if name.startswith(kind)]
        name = names[random.integers(len(names))]
        if name not in self._kept:
            self._kept[name] = gdal.Open(str(self._images[name])).ReadAsArray().astype(np.float32)
        image = self._kept[name]
        factor = int(random.choice(COARSER.get(kind, (1,))))
        if min(image.shape[1:]) // factor >= LEAST_SIDE:
            image = _boxed(image, factor)
        return image, None


def samples(
    data: Path, work: Path, seed: int, numbers: range, real: Sequence[str] = (), any_ratio: bool = False
) -> Iterator[Made]:
    """Yield the samples of pairs by their numbers; where `real` is given, of real ones whose names begin so."""
    imagery = Imagery(data, work, real)
    kinds, weights = (["real"], np.ones(1)) if real else (list(KINDS), np.array(list(KINDS.values())))
    for number in numbers:
        random = np.random.default_rng((seed, number))
        kind = str(random.choice(kinds, p=weights / weights.sum()))
        if kind != "real":
            pair = _simulated(*imagery.image(kind, random), random)
        elif any_ratio and random.random() < _OTHER_RATIO:
            pair = _of_other_optics(imagery.original(random), random)
        else:
            whole = imagery.real(random)
            noisy = _noisy(whole.patch.pan, random).astype(np.float32)
            pair = replace(whole, patch=replace(whole.patch, pan=noisy))
        if pair is not None:
            yield from _patches(pair, random)


def _simulated(image: Array, pan: Optional[Array], random: np.random.Generator) -> Optional[Pair]:
    """Return a pair made of a part of an image; None where hardly any of it is image."""
    side = min(SIDE, *(length // 60 * 60 for length in image.shape[1:]))
    row, col = (random.integers(length - side + 1) for length in image.shape[1:])
    inside = (slice(row, row + side), slice(col, col + side))
    layers = image[:, inside[0], inside[1]]
    if (layers == 0).all(axis=0).mean() > _MOST_EMPTY:
        return None
    if pan is not None:
        layers = np.concatenate([layers, pan[inside][None]])
    if random.random() < 0.5:
        layers = layers[:, ::-1]
    layers = np.rot90(layers, int(random.integers(4)), axes=(1, 2)).astype(np.float64)
    if pan is None:
        bands, seen = layers, _mixed_pan(layers, random)
    else:
        bands, seen = layers[:-1], layers[-1]
    ratio = int(random.choice(RATIOS))
    count = len(bands)
    truth = bands
    if random.random() < 0.4:  # bands that overlap, as on other sensors
        mix = np.eye(count) + random.uniform(0.0, 0.5, (count, count)) * (random.random((count, count)) < 0.3)
        truth = np.tensordot(mix / mix.sum(axis=1, keepdims=True), bands, axes=1)
    gains = _gains(count, random)
    if random.random() < 0.7:  # the truth of a real pair was blurred by the same optics as its MS
        strength = random.uniform(0.0, 0.9)
        truth = np.stack([blurred(band, strength * mtf_sigma(gain, 1.0)) for band, gain in zip(truth, gains)])
    pan_gain = random.uniform(0.12, 0.55)
    shift = _shift(ratio, random)
    places = np.arange(side, dtype=np.float64)
    sharpness = mtf_sigma(pan_gain, 1.0)
    down, across = (gaussian(places + way, sharpness).within(0, side) for way in shift)
    return _seen(truth, _bent(resample(seen, down, across), random), ratio, gains, pan_gain, shift, random)


def _bent(pan: Array, random: np.random.Generator) -> Array:
    """Return PAN, now and then as seen from aside of where MS was: relief lies a pixel or so elsewhere."""
    if random.random() >= 0.25:
        return pan
    side = len(pan)
    field = Field(Window(0, 0, side, side), random.normal(0.0, random.uniform(0.2, 0.8), (2, _RELIEF, _RELIEF)))
    right, down = field.at(*[np.arange(side) + 0.5] * 2)
    return warped(pan[None], right, down, (0, 0))[0]  # type: ignore[no-any-return]


def _gains(count: int, random: np.random.Generator) -> Array:
    return np.clip(random.uniform(0.2, 0.42) + random.normal(0.0, 0.025, count), 0.15, 0.5)


def _seen(
    truth: Array, pan: Array, ratio: int, gains: Array, pan_gain: float, shift: Array, random: np.random.Generator
) -> Pair:
    """Return a pair whose MS is the truth, made coarser; noise comes to both, and to what is told of them."""
    count, side = len(truth), len(pan)
    lattice = Lattice(Axis(1.0 / ratio, 0.0), Axis(1.0 / ratio, 0.0))
    ms = np.empty((count, side // ratio, side // ratio))
    for band, gain, into in zip(truth, gains, ms):
        taps = gaussian(lattice.rows.to_pan(0, side // ratio), mtf_sigma(gain, ratio)).within(0, side)
        into[...] = resample(band, taps, taps)
    pan = _noisy(pan, random)
    ms += random.normal(0.0, 1.0, ms.shape) * ms.std(axis=(1, 2), keepdims=True) * random.choice([0.0, 0.003, 0.01])
    told = np.clip(gains + random.normal(0.0, 0.02), 0.12, 0.6)
    if random.random() < 0.6:
        told[:] = told.mean()
    whole = Window(0, 0, side, side)
    patch = Patch(whole, lattice, whole, pan.astype(np.float32), Window(0, 0, *ms.shape[1:]), ms.astype(np.float32))
    (down, across), noticed = shift, random.normal(0.0, 0.1, 2)
    optics = Optics(tuple(float(gain) for gain in told.round(3)), float(pan_gain), KERNEL)
    return Pair(patch, truth.astype(np.float32), optics, (across + noticed[0], down + noticed[1]))


def _noisy(pan: Array, random: np.random.Generator) -> Array:
    """Return PAN with noise, which it has more of as it comes down than once it was made coarser."""
    noise = random.normal(0.0, 1.0, pan.shape)
    if random.random() < 0.4:  # of a product that was resampled, neighbours have some of it in common
        noise = blurred(noise, 0.55)
        noise /= noise.std()
    return pan + noise * pan.std() * random.choice(_PAN_NOISE)


def _of_other_optics(real: Patch, random: np.random.Generator) -> Optional[Pair]:
    """Return a pair of whatever ratio and optics whose truth is the MS of a real pair, and whose PAN is its PAN."""
    inside, axes = real.ms_centres, (real.lattice.rows, real.lattice.cols)
    side = min(SIDE, *(length // 60 * 60 for length in inside.shape))
    starts = [
        first + int(random.integers(length - side + 1)) for first, length in zip((inside.row, inside.col), inside.shape)
    ]
    rows, cols = Window(starts[0], starts[1], side, side).slices_in(real.ms_window)
    truth = real.ms[:, rows, cols].astype(np.float64)
    if (truth == 0).all(axis=0).mean() > _MOST_EMPTY:
        return None
    ratio, shift, gain = int(random.choice(RATIOS)), _shift(1, random), random.uniform(0.12, 0.55)
    unaware = random.random() < 0.3  # made coarser without a thought of optics
    taps = []
    held = (real.pan_window.row, real.pan_window.height), (real.pan_window.col, real.pan_window.width)
    for axis, first, way, part in zip(axes, starts, shift, held):
        places = axis.to_pan(first, side) + way * axis.ratio
        seen = _cubic(places, axis.ratio) if unaware else gaussian(places, mtf_sigma(gain, axis.ratio))
        taps.append(seen.within(*part))
    pan = resample(real.pan.astype(np.float64), taps[0], taps[1])
    return _seen(truth, pan, ratio, _gains(len(truth), random), gain, shift, random)


def _cubic(positions: Array, width: float) -> Taps:
    """Return the taps of a cubic convolution, widened to take `width` pixels for one."""
    first = np.floor(positions - 2.0 * width).astype(np.intp) + 1
    index = first[:, None] + np.arange(math.ceil(4.0 * width))
    t = np.abs(index - positions[:, None]) / width
    near, far = (1.5 * t - 2.5) * t * t + 1.0, ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0
    weight = np.where(t <= 1.0, near, np.where(t < 2.0, far, 0.0))
    return Taps(index, weight / weight.sum(axis=1, keepdims=True))


def _mixed_pan(bands: Array, random: np.random.Generator) -> Array:
    """Return a PAN that sees the bands, something besides, and not quite in proportion."""
    count = len(bands)
    pan = np.tensordot(random.dirichlet(np.full(count, 1.2)), bands, axes=1)
    if random.random() < 0.5:
        one, other = (bands[random.integers(count)] for _ in range(2))
        unseen = one / (one.std() + 1e-6) - other / (other.std() + 1e-6)
        pan = pan + random.normal(0.0, 0.12) * (pan.std() + 1e-6) * unseen
    if random.random() < 0.4:
        low, high = pan.min(), pan.max()
        pan = ((pan - low) / (high - low + 1e-6)) ** random.uniform(0.8, 1.25)
    return pan  # type: ignore[no-any-return]


def _shift(ratio: int, random: np.random.Generator) -> Array:
    """Return how far down and right MS lies, in PAN pixels: mostly little, sometimes half an MS pixel."""
    choice = random.random()
    if choice < 0.5:
        return random.normal(0.0, 0.15, 2)
    return random.normal(0.0, 0.5, 2) if choice < 0.8 else random.uniform(-0.5, 0.5, 2) * ratio


def _patches(pair: Pair, random: np.random.Generator) -> Iterator[Made]:
    guides = Guides(pair.optics, pair.shift)
    state = guides.settle([guides.measure(pair.patch)], pair.patch.lattice)
    shown = guides.shown(pair.patch, state)
    units = state["units"][:, None, None]
    missed = (pair.truth - shown.guess) / units
    height, width = pair.truth.shape[1:]
    bands = [band for band in range(len(missed)) if np.sqrt((missed[band] ** 2).mean()) > 1e-3]
    images = len(IMAGES)
    for _ in range(max(3, round(_PATCHES * height * width / SIDE**2)) if height * width <= SIDE**2 else _PATCHES):
        row, col = (int(random.integers(_EDGE, length - PATCH - _EDGE + 1)) for length in (height, width))
        inside = (slice(row, row + PATCH), slice(col, col + PATCH))
        for band in random.permutation(bands)[:_BANDS]:
            given = shown.band[band][(slice(None), *inside)]
            yield (
                shown.guides[band, :images][(slice(None), *inside)],
                given,
                given + missed[band][inside][None],
                state["facts"][band],
            )


def _coarser(folder: Path, work: Path) -> Pair:
    work.mkdir(parents=True, exist_ok=True)
    pan, ms, truth = (str(work / f"{name}.tif") for name in ("pan", "ms", "reference"))
    if not Path(truth).exists():
        given = str(folder / "pan.tif"), (str(folder / "ms.tif"),)
        bands = _reflecting(folder)
        request = SimulateRequest(given[0], given[1], bands=bands, out_pan=pan, out_ms=ms, out_reference=truth)
        for event in simulate(request):
            if isinstance(event, Finished):
                break
    with opened(PairRequest(pan, (ms,))) as scene, Crew(1) as crew:
        found = surveyed(scene, "auto", KERNEL, crew)
        while True:
            try:
                next(found)
            except StopIteration as end:
                survey = end.value
                break
        reach = Guides(survey.optics).reach(scene.lattice)
        patch = scene.read(scene.window, 0, reach.ms, reach.fill)
        row, col, height, width = (getattr(scene.window, name) for name in ("row", "col", "height", "width"))
    reference = gdal.Open(truth).ReadAsArray().astype(np.float32)[:, row : row + height, col : col + width]
    return Pair(patch, reference, survey.optics, survey.shift_or_zero)


def _reflecting(folder: Path) -> tuple[int, ...]:
    """Return the bands of a real pair to take; none: all."""
    return tuple(range(1, _THERMAL + 1)) if "fgfgan" in folder.name else ()


def _scene(seed: int, folder: Path) -> Array:
    """Return the bands and last the PAN of a synthetic scene, float16; processes share what is made."""
    path = folder / f"{seed}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        bands, pan = synthetic.scene(seed, 512, 8)
        part = folder / f"{seed}.{os.getpid()}.npy"
        np.save(part, (np.concatenate([bands, pan[None]]) * 2000.0).astype(np.float16), allow_pickle=False)
        part.replace(path)
    return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]


def _boxed(image: Array, factor: int) -> Array:
    count, height, width = image.shape
    height, width = height // factor, width // factor
    cut = image[:, : height * factor, : width * factor]
    return cut.reshape(count, height, factor, width, factor).mean(axis=(2, 4))  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="where pairs and scenes are kept for other processes")
    parser.add_argument("--share", default="0/1", metavar="I/K")
    parser.add_argument(
        "--real", default=(), nargs="+", metavar="NAME", help="take real pairs whose names begin so alone"
    )
    parser.add_argument("--any-ratio", action="store_true", help="make most real pairs coarser by whatever ratio")
    options = parser.parse_args()
    first, of = (int(part) for part in options.share.split("/"))
    numbers = range(first, options.pairs, of)
    about = f"benchmarks/anysensor.py --pairs {options.pairs} --seed {options.seed} --share {options.share}"
    about += f" --real {' '.join(options.real)}" if options.real else ""
    about += " --any-ratio" if options.any_ratio else ""
    made = samples(options.data, options.work or options.out, options.seed, numbers, options.real, options.any_ratio)
    print(
        f"{write_store(options.out, IMAGES, FACTS, (min(RATIOS), max(RATIOS)), made, about)} samples in {options.out}"
    )


if __name__ == "__main__":
    main()
