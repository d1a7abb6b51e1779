"""Synthetic scenes with sharp man-made structure: truth of many bands, and the PAN that belongs to it, from a seed.

    python -m benchmarks.synthetic.scene OUT --count N --seed S [--side 512] [--bands 8]

Everything is drawn: no imagery enters.  The grid stands for pixels of 0.35 to 1.6 metres, which differ by scene.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal

from benchmarks.synthetic import countryside, towns
from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.materials import BANDS, PANS
from benchmarks.synthetic.sunlight import Light

Array = NDArray[Any]
KINDS = {
    "old town": towns.old_town,
    "suburb": towns.suburb,
    "city": towns.city,
    "industry": towns.industry,
    "farmland": countryside.farmland,
    "forest edge": countryside.forest_edge,
    "coast": countryside.coast,
    "desert village": countryside.desert_village,
    "solar park": countryside.solar_park,
}
# Old towns, suburbs, cities and industry hold what real open imagery holds least, so they come twice as often.
_OFTEN = ("old town", "suburb", "city", "industry")
_SCALE = 10000


def kind_of(seed: int) -> str:
    """Return which kind of place a seed makes."""
    names = [name for name in KINDS for _ in range(2 if name in _OFTEN else 1)]
    return names[int(np.random.default_rng([seed, 1]).integers(len(names)))]


def wavelengths(bands: Union[int, Sequence[float]]) -> tuple[float, ...]:
    """Return the centres of the bands in micrometres; of a mere number, those of usual sensors or evenly spread."""
    if not isinstance(bands, int):
        return tuple(bands)
    return BANDS.get(bands) or tuple(float(centre) for centre in np.linspace(0.43, 0.95, bands))


def scene(seed: int, side: int = 512, bands: Union[int, Sequence[float]] = 8) -> tuple[Array, Array]:
    """Return the truth (bands, side, side) and its PAN (side, side), float32 reflectance from 0 to 1, seen through air.

    The same seed gives the same place at the same pixel size whatever the bands.
    """
    random = np.random.default_rng([seed, 2])
    centres = wavelengths(bands)
    gsd = float(np.exp(random.uniform(np.log(0.35), np.log(1.6))))
    pan = PANS[random.integers(len(PANS))]
    canvas = Canvas(side, gsd, centres, pan, random)
    KINDS[kind_of(seed)](canvas)
    seen = canvas.render(Light(random.uniform(0, 2 * np.pi), np.deg2rad(random.uniform(28, 68))))
    # Air: haze that grows towards the blue, a sun that is stronger or weaker, both a little uneven over the scene.
    around = np.array([*centres, sum(pan) / 2])
    haze = random.uniform(0.01, 0.1) * (0.48 / around) ** random.uniform(1.5, 4.0)
    clear = random.uniform(0.7, 1.05) * (1.0 - haze)
    ramp = (np.arange(side) + 0.5) / side - 0.5
    tilt = random.normal(0, 0.04, (2, 2))
    uneven = tilt[:, 0, None, None] * ramp[None, :, None] + tilt[:, 1, None, None] * ramp[None, None]
    seen = seen * (clear[:, None, None] * (1.0 + uneven[0])) + haze[:, None, None] * (1.0 + 2 * uneven[1])
    seen = np.clip(seen, 0.0, 1.0).astype(np.float32)
    return seen[:-1], seen[-1]


def write(path: Path, image: Array) -> None:
    """Write bands, (bands, h, w) of reflectance, as a GeoTIFF of whole numbers; 10000 stands for 1."""
    # GDAL would take the fourth of four bands for opacity.
    options = ["COMPRESS=DEFLATE", "PREDICTOR=2", "PHOTOMETRIC=MINISBLACK", "ALPHA=NO"]
    count, height, width = image.shape
    file = gdal.GetDriverByName("GTiff").Create(str(path), width, height, count, gdal.GDT_UInt16, options)
    file.SetGeoTransform((0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    file.WriteArray(np.rint(image * _SCALE).astype(np.uint16))
    file.FlushCache()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=9)
    parser.add_argument("--seed", type=int, default=0, help="of the first scene; the others follow")
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--bands", type=int, default=8)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for seed in range(options.seed, options.seed + options.count):
        truth, pan = scene(seed, options.side, options.bands)
        name = f"{seed:06d}_{kind_of(seed).replace(' ', '_')}"
        write(options.out / f"{name}_truth.tif", truth)
        write(options.out / f"{name}_pan.tif", pan[None])
        print(name)


if __name__ == "__main__":
    main()
