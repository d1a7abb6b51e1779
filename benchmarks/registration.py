"""How well the shift of MS is measured and taken away, on real pairs whose MS is shifted by known amounts.

    python benchmarks/registration.py FOLDER [--shifts N] [--methods NAME ...]

FOLDER holds one folder for each pair, with pan.tif and ms.tif.  Each pair is taken as it is, with MS drawn to other
places, and made coarser by its own ratio, where MS is seen anew at those places and the original MS is the truth.
Shifts are 0 to 5 PAN pixels long in all directions; the last table has a shift that changes from place to place.
What a pair as it is shows is counted as an error too: no pair is known to lie better.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal
from scipy import ndimage

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from engine.events import Finished  # noqa: E402 - the path above comes first
from engine.jobs.describe import describe  # noqa: E402
from engine.jobs.sharpen import sharpen  # noqa: E402
from engine.jobs.simulate import simulate  # noqa: E402
from engine.metrics.reference import ergas  # noqa: E402
from engine.pixels.resample import mtf_sigma  # noqa: E402
from engine.request import DescribeRequest, SharpenRequest, SimulateRequest  # noqa: E402

gdal.UseExceptions()

ALARM = 0.3  # PAN pixels
MOST = 5.0
DRIFT = 1.0  # PAN pixels to and fro, once over a scene
EDGE = 12  # pixels of the comparison, more than any shift
Field = Callable[[np.ndarray, np.ndarray], tuple[Any, Any]]  # rows, columns of PAN -> right, down


def main() -> None:
    """Print what was found, table by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shifts", type=int, default=10, help="for each pair, beside none (default: %(default)s)")
    parser.add_argument("--methods", nargs="+", default=["gsa", "mtf-glp-fs"])
    options = parser.parse_args()
    shifts = simulated(options.shifts)
    errors: dict[str, list[float]] = {"as it is": [], "made coarser": []}
    gains: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="ksdiff_registration_") as place:
        for pair in sorted(path.parent for path in options.folder.glob("*/pan.tif")):
            files = Path(place) / pair.name
            files.mkdir()
            coarse = made_coarser(pair, files)
            for kind, folder, moved in (("as it is", pair, drawn), ("made coarser", coarse, seen)):
                off = [found_off(folder, moved(folder, shift), shift, files) for shift in shifts]
                errors[kind] += off
                print(f"{pair.name}, {kind}: {off[0]:.3f} unshifted; {summary(off[1:])}", flush=True)
            for title, field, how in (
                ("GLOBAL", constant(shifts[len(shifts) // 2]), "global"),
                ("LOCAL", drift(coarse), "local"),
                ("LOCAL without drift", constant((0.0, 0.0)), "local"),
            ):
                for method in options.methods:
                    numbers = scores(coarse, field, method, how, files)
                    gains.setdefault(f"{title} {method}", []).append(numbers[2] / numbers[0] - 1.0)
                    print(
                        f"{pair.name}, {title}, {method}: ERGAS {numbers[0]:.3f} aligned, {numbers[1]:.3f} shifted, "
                        f"{numbers[2]:.3f} corrected ({gains[f'{title} {method}'][-1]:+.1%})",
                        flush=True,
                    )
    print("\nError of the shift in PAN pixels")
    for kind, off in errors.items():
        unshifted = off[:: len(shifts)]
        print(f"{kind}: {summary(off)}; {sum(one > ALARM for one in unshifted)} false alarms in {len(unshifted)} pairs")
    print("\nERGAS corrected against aligned")
    for title, shares in gains.items():
        print(f"{title}: mean {np.mean(shares):+.2%}, worst {np.max(shares):+.2%}")


def simulated(count: int) -> list[tuple[float, float]]:
    """Return no shift, and `count` of lengths from a tenth of a pixel to the most, in random directions."""
    random = np.random.default_rng(1)
    lengths, ways = np.linspace(0.1, MOST, count), random.uniform(0.0, 2.0 * np.pi, count)
    return [(0.0, 0.0), *((float(x), float(y)) for x, y in zip(lengths * np.cos(ways), lengths * np.sin(ways)))]


def summary(off: list[float]) -> str:
    known = [one for one in off if np.isfinite(one)]
    return (
        f"median {np.median(known):.3f}, p95 {np.percentile(known, 95):.3f}, most {np.max(known):.3f}, "
        f"{len(off) - len(known)} of {len(off)} not measurable"
    )


def constant(shift: tuple[float, float]) -> Field:
    return lambda rows, cols: shift


def drift(folder: Path) -> Field:
    """Return a shift that changes smoothly, by twice DRIFT, from one place of a scene to another."""
    side = gdal.Open(str(folder / "pan.tif")).RasterXSize
    return lambda rows, cols: (
        DRIFT * np.sin(np.pi * (cols + 0.4 * rows) / side),
        DRIFT * np.cos(np.pi * (rows - 0.3 * cols) / side),
    )


def drawn(folder: Path, shift: tuple[float, float]) -> np.ndarray:
    """Return MS with everything moved, drawn by splines."""
    bands = ms_of(folder)
    rows, cols = np.indices(bands.shape[1:])
    ratio = ratio_of(folder)
    return rounded((band_at(band, rows - shift[1] / ratio, cols - shift[0] / ratio) for band in bands), bands.dtype)


def seen(folder: Path, shift: tuple[float, float]) -> np.ndarray:
    return seen_along(folder, constant(shift))


def seen_along(folder: Path, field: Field) -> np.ndarray:
    """Return MS made coarser, its pixels seeing the original MS at other places than their own."""
    reference, coarse = bands_of(folder / "reference.tif"), ms_of(folder)
    ratio = ratio_of(folder)
    rows, cols = (np.indices(coarse.shape[1:]) + 0.5) * ratio - 0.5
    right, down = field(rows, cols)
    sigma = mtf_sigma(0.3, ratio)
    blurred = (ndimage.gaussian_filter(band.astype(float), sigma, mode="nearest") for band in reference)
    return rounded((band_at(band, rows - down, cols - right) for band in blurred), coarse.dtype)


def band_at(band: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    return ndimage.map_coordinates(band.astype(float), [rows, cols], order=5, mode="nearest")


def rounded(bands: Iterator[np.ndarray], kind: np.dtype) -> np.ndarray:
    limits = np.iinfo(kind)
    return np.clip(np.rint(np.stack(list(bands))), limits.min, limits.max).astype(kind)


def made_coarser(pair: Path, files: Path) -> Path:
    """Return a folder with pan.tif, ms.tif and reference.tif."""
    pan, ms, reference = (str(files / f"{name}.tif") for name in ("pan", "ms", "reference"))
    files_of_pair = {"pan": str(pair / "pan.tif"), "ms": (str(pair / "ms.tif"),)}
    result(simulate(SimulateRequest(**files_of_pair, out_pan=pan, out_ms=ms, out_reference=reference)))
    return files


def found_off(folder: Path, ms: np.ndarray, shift: tuple[float, float], files: Path) -> float:
    """Return how far the shift that is found lies from the true one; nan where none is."""
    moved = copy_with(folder, ms, files)
    found = result(describe(DescribeRequest(str(folder / "pan.tif"), (moved,))))["shift"]
    return float("nan") if found is None else float(np.hypot(found[0] - shift[0], found[1] - shift[1]))


def scores(folder: Path, field: Field, method: str, how: str, files: Path) -> list[float]:
    """Return ERGAS of the aligned pair, of the shifted one, and of that corrected."""
    aligned = copy_with(folder, seen_along(folder, constant((0.0, 0.0))), files, "aligned")
    shifted = copy_with(folder, seen_along(folder, field), files, "shifted")
    numbers = []
    for ms, register in ((aligned, "report"), (shifted, "report"), (shifted, how)):
        out = str(files / "sharp.tif")
        request = SharpenRequest(str(folder / "pan.tif"), (ms,), out=out, method=method, register=register)
        result(sharpen(request))
        numbers.append(error(out, folder / "reference.tif", ratio_of(folder)))
    return numbers


def error(image: str, reference: Path, ratio: float) -> float:
    one, two = gdal.Open(image), gdal.Open(str(reference))
    here, there = one.GetGeoTransform(), two.GetGeoTransform()
    col, row = round((here[0] - there[0]) / there[1]), round((here[3] - there[3]) / there[5])
    fused, truth = one.ReadAsArray(), two.ReadAsArray(col, row, one.RasterXSize, one.RasterYSize)
    inside = (slice(None), slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    return float(ergas(truth[inside], fused[inside], ratio))


def copy_with(folder: Path, bands: np.ndarray, files: Path, name: str = "moved") -> str:
    """Write MS anew with other pixels, and return its path."""
    path = str(files / f"{name}.tif")
    source = gdal.Open(str(folder / "ms.tif"))
    copy = gdal.GetDriverByName("GTiff").CreateCopy(path, source)
    copy.WriteArray(bands)
    copy.FlushCache()
    return path


def bands_of(path: Path) -> np.ndarray:
    return gdal.Open(str(path)).ReadAsArray()


def ms_of(folder: Path) -> np.ndarray:
    return bands_of(folder / "ms.tif")


def ratio_of(folder: Path) -> float:
    pan, ms = (gdal.Open(str(folder / name)).GetGeoTransform() for name in ("pan.tif", "ms.tif"))
    return ms[1] / pan[1]


def result(events: Any) -> dict[str, Any]:
    return next(event.result for event in events if isinstance(event, Finished))


if __name__ == "__main__":
    main()
