"""The demo: the packaged plugin sharpens the sample pair in a QGIS without desktop, and shows what came of it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from osgeo import gdal
from package import NAME, ROOT, build

PAN = ROOT / "resources" / "sample" / "pan.tif"
MS = ROOT / "resources" / "sample" / "ms.tif"
FOLDER = ROOT / "build" / "demo"
TIMEOUT_S = 300
MAX_BIAS = 1.0  # percent of a band's mean; a method that shifts the colours further is broken

TRUE_COLOUR = (2, 1, 0)  # red, green, blue of the sample's bands
CROP = (250, 180, 320)  # PAN pixels: left, top, side.  Crater, lava and clouds
ZOOM = 2
GAP = 8

# 5 x 7 letters for the labels, one row of bits each: neither GDAL nor numpy can write.
LETTERS = {
    "A": (14, 17, 17, 31, 17, 17, 17),
    "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "H": (17, 17, 17, 31, 17, 17, 17),
    "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 21, 19, 17, 17, 17),
    "P": (30, 17, 17, 30, 16, 16, 16),
    "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30),
}

Image = npt.NDArray[np.float64]  # (bands, h, w), counts, unless said otherwise


def main() -> None:
    gdal.UseExceptions()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    sharpened, picture = FOLDER / "sharpened.tif", FOLDER / "side_by_side.png"

    outputs = run_in_qgis(sharpened)
    # The nearest MS pixel of every PAN pixel: what there was before, on the grid of the result.
    ms_up = read(gdal.Warp("", str(MS), format="MEM", **grid_of(sharpened)))
    sharp = read(gdal.Open(str(sharpened)))
    pan = read(gdal.Warp("", str(PAN), format="MEM", **grid_of(sharpened)))
    draw(picture, pan[[0, 0, 0]], ms_up[list(TRUE_COLOUR)], sharp[list(TRUE_COLOUR)])

    table("Outputs of ksdiff:pansharpen", [(key, str(value) or "-") for key, value in sorted(outputs.items())])
    biases = compare(ms_up, sharp, gdal_result())
    table("Files", [("sharpened image", str(sharpened)), ("PAN, MS, sharpened", str(picture))])
    check(sharpened, sharp, biases)


def run_in_qgis(target: Path) -> dict[str, Any]:
    """Unpack the zip into a throw-away profile, run the plugin there, and return the outputs it declares."""
    profiles = FOLDER / "profile"
    with zipfile.ZipFile(build(ROOT / "dist")) as archive:
        archive.extractall(profiles / "profiles" / "default" / "python" / "plugins")
    # Debian's wrapper passes an option that qgis_process itself refuses; the program proper lies beside it.
    program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if program is None:
        sys.exit("qgis_process was not found. Install QGIS, or put its folder on PATH.")
    with tempfile.TemporaryDirectory() as runtime:
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_CUSTOM_CONFIG_PATH": str(profiles),
            "XDG_RUNTIME_DIR": runtime,  # private to this user, as Qt wants it
        }
        call([program, "plugins", "enable", NAME], environment)
        arguments = [f"SPECTRAL={MS}", f"PANCHROMATIC={PAN}", f"OUTPUT={target}"]
        answer = call([program, "run", "ksdiff:pansharpen", "--json", "--", *arguments], environment)
    results: dict[str, Any] = json.loads(answer[answer.index("{") :])["results"]
    return results


def call(command: list[str], environment: dict[str, str]) -> str:
    """Return what `command` says on stdout; exit with all it said when it fails."""
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with code {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def gdal_result() -> Image | None:
    """Return the sample sharpened by GDAL's own tool, None where it is not installed."""
    if importlib.util.find_spec("osgeo_utils.gdal_pansharpen") is None:
        return None
    target = FOLDER / "gdal.tif"
    call([sys.executable, "-m", "osgeo_utils.gdal_pansharpen", "-q", str(PAN), str(MS), str(target)], dict(os.environ))
    return read(gdal.Warp("", str(target), format="MEM", **grid_of(FOLDER / "sharpened.tif")))


def grid_of(path: Path) -> dict[str, Any]:
    """Return gdal.Warp's options for the grid of `path`, pixel for pixel."""
    dataset = gdal.Open(str(path))
    left, dx, _, top, _, dy = dataset.GetGeoTransform()
    width, height = dataset.RasterXSize, dataset.RasterYSize
    bounds = (left, top + dy * height, left + dx * width, top)
    return {"outputBounds": bounds, "width": width, "height": height, "resampleAlg": "near"}


def read(dataset: Any) -> Image:
    """Return all bands as (bands, h, w), counts."""
    array: Image = dataset.ReadAsArray().astype(np.float64)
    return array if array.ndim == 3 else array[None]


def compare(ms_up: Image, sharp: Image, gdal_sharp: Image | None) -> Image:
    """Print how far each band's mean moved, and return that in percent: (bands,)."""
    bands = gdal.Open(str(MS))
    means = ms_up.mean(axis=(1, 2))
    bias: Image = 100 * (sharp.mean(axis=(1, 2)) / means - 1)
    others = None if gdal_sharp is None else gdal_sharp.mean(axis=(1, 2))
    rows = [("band", "MS mean", "sharpened", "bias %", "gdal_pansharpen", "bias %")]
    for band, mean in enumerate(means):
        name = bands.GetRasterBand(band + 1).GetDescription()
        other = ("-", "-") if others is None else (f"{others[band]:.1f}", f"{100 * (others[band] / mean - 1):+.3f}")
        rows.append((name, f"{mean:.1f}", f"{sharp[band].mean():.1f}", f"{bias[band]:+.3f}", *other))
    table("Colours kept: band means before and after", rows)
    return bias


def check(path: Path, sharp: Image, biases: Image) -> None:
    """Exit with a sentence unless the result has the grid of PAN, the bands of MS and their colours."""
    result, pan, ms = gdal.Open(str(path)), gdal.Open(str(PAN)), gdal.Open(str(MS))
    if result.GetGeoTransform()[1] != pan.GetGeoTransform()[1] or result.GetProjection() != pan.GetProjection():
        sys.exit("The sharpened image does not have the pixels of PAN.")
    if len(sharp) != ms.RasterCount:
        sys.exit(f"The sharpened image has {len(sharp)} bands, MS has {ms.RasterCount}.")
    if not np.all(np.abs(biases) <= MAX_BIAS):
        sys.exit(f"A band's mean moved by more than {MAX_BIAS} %.")


def draw(path: Path, pan: Image, ms_up: Image, sharp: Image) -> None:
    """Write the crop of PAN, MS and the result, three bands each, side by side as a PNG."""
    left, top, side = CROP
    pan, ms_up, sharp = (image[:, top : top + side, left : left + side] for image in (pan, ms_up, sharp))
    tiles = []
    # MS sets the stretch of the result too: a shift of its colours is to be seen.
    for name, image, stretched in (("PAN", pan, pan), ("MS", ms_up, ms_up), ("SHARPENED", sharp, ms_up)):
        low, high = np.percentile(stretched, (1, 96), axis=(1, 2))[:, :, None, None]  # each (3, 1, 1)
        tile = np.clip((image - low) / (high - low), 0, 1).repeat(ZOOM, axis=1).repeat(ZOOM, axis=2)
        label(tile, name)
        tiles += [tile, np.ones((3, tile.shape[1], GAP))]
    strip = (255 * np.concatenate(tiles[:-1], axis=2)).astype(np.uint8)
    memory = gdal.GetDriverByName("MEM").Create("", strip.shape[2], strip.shape[1], 3, gdal.GDT_Byte)
    memory.WriteArray(strip)
    gdal.GetDriverByName("PNG").CreateCopy(str(path), memory)


def label(tile: Image, text: str) -> None:
    """Write `text` into the tile's upper left corner, white on black."""
    rows = [[int(bit) for letter in text for bit in f"{LETTERS[letter][row]:05b}0"] for row in range(7)]
    dots = np.pad(np.array(rows, dtype=np.float64), ((2, 2), (2, 1))).repeat(3, axis=0).repeat(3, axis=1)
    tile[:, : dots.shape[0], : dots.shape[1]] = dots


def table(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Print the rows in columns under a title."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    print(f"\n{title}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    main()
