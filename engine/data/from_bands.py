"""Samples made beforehand of PAN and all bands of MS, in a folder: what a training learns from without reading rasters.

Values are shares of the bright end of the image they were cut from, as networks see them, in floating point of 16
bits.  Rounding changes a value by at most a 2048th of itself, half a count of a sensor of 11 bits where it is bright.
On Landsat scenes that is a 300th of what enlarged MS misses of the truth.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

import numpy as np

from ..errors import InputError
from .arrays import UNREADABLE, ArrayWriter, read_arrays
from .sample import Floats, Sample, Scaling, Variation, evenly, too_large

MANIFEST = "store.json"
FORMAT, KIND = 1, "bands"
# An origin is: which source, which sample of it (0 where it is an image), row and column there.
_ARRAYS = {"pan": "<f2", "ms_up": "<f2", "truth": "<f2", "origin": "<i4"}
_MOST_BANDS = 256
_MOST_RATIO = 64.0

Origin = tuple[int, int, int, int]


@dataclass(frozen=True)
class BandWords:
    """What is known of one MS band."""

    name: str
    role: Optional[str]
    wavelength_um: Optional[float]


@dataclass(frozen=True)
class Cut:
    """What samples were cut from: its name, and how many counts are 1 in the store."""

    name: str
    divisor: float


@dataclass(frozen=True)
class Contents:
    """What all samples of a store have in common."""

    bands: tuple[BandWords, ...]
    sensor: str
    ratios: tuple[float, float]  # the least and the greatest
    gains: tuple[float, ...]  # MTF of each band at the Nyquist frequency of MS, the mean over the sources
    pan_gain: float
    patch: int
    sources: tuple[Cut, ...]


class Statistics:
    """Least, greatest, mean and spread of each channel of what is added: (channels, h, w), in float64."""

    def __init__(self) -> None:
        self._count = 0
        self._least: Any = np.inf
        self._greatest: Any = -np.inf
        self._sum: Any = 0.0
        self._squares: Any = 0.0

    def add(self, image: Floats) -> None:
        """Take an image into account."""
        values = image.reshape(len(image), -1).astype(np.float64)
        self._count += values.shape[1]
        self._least = np.minimum(self._least, values.min(axis=1))
        self._greatest = np.maximum(self._greatest, values.max(axis=1))
        self._sum = self._sum + values.sum(axis=1)
        self._squares = self._squares + (values**2).sum(axis=1)

    def by_channel(self) -> list[dict[str, float]]:
        """Return the numbers of each channel."""
        mean = self._sum / self._count
        spread = np.sqrt(np.maximum(self._squares / self._count - mean**2, 0.0))
        columns = (self._least, self._greatest, mean, spread)
        return [dict(zip(("least", "greatest", "mean", "spread"), map(float, row))) for row in zip(*columns)]


class BandStoreWriter:
    """Writes samples into a folder as they come; `finish` writes the manifest: half a store is none."""

    def __init__(self, folder: Path, contents: Contents, about: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)
        self._folder, self._contents, self._about = folder, contents, about
        self._arrays = ArrayWriter(folder, _ARRAYS)
        self._pan, self._truth = Statistics(), Statistics()

    def __enter__(self) -> BandStoreWriter:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._arrays.__exit__(kind, value, trace)

    @property
    def samples(self) -> int:
        return self._arrays.count

    def add(self, sample: Sample, origin: Origin) -> None:
        """Write a sample in counts.  Raise InputError where 16 bits do not hold it."""
        unit = np.float32(self._contents.sources[origin[0]].divisor)
        pan, ms_up, truth = (image / unit for image in (sample.pan[None], sample.ms_up, sample.truth))
        self._arrays.add((pan, ms_up, truth, np.array(origin)))
        self._pan.add(pan)
        self._truth.add(truth)

    def finish(self) -> dict[str, Any]:
        """Write the manifest and return its statistics.  Raise InputError where there are no samples."""
        self._arrays.finish()
        told = asdict(self._contents)
        statistics = {"pan": self._pan.by_channel()[0], "bands": self._truth.by_channel()}
        manifest = {
            "format": FORMAT,
            "kind": KIND,
            "about": self._about,
            "samples": self._arrays.count,
            **told,
            "statistics": statistics,
        }
        (self._folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        return statistics


class BandStore:
    """The samples of a folder, as `SceneSource` gives them.

    How MS is blurred and shifted was varied when they were made; turns and brightness are drawn with each batch.
    With `scaling` samples are in the counts of their images, without it in shares of each image's bright end.  Raise
    InputError where the folder holds no such store, or not all of it.
    """

    guides = 0

    def __init__(self, folder: str, scaling: Optional[Scaling] = None) -> None:
        self.name = folder
        try:
            count, contents = _read_manifest(Path(folder) / MANIFEST)
            self.described, self._patch = contents.bands, contents.patch
            self.bands, side = len(contents.bands), (contents.patch, contents.patch)
            shapes = [(count, 1, *side), (count, self.bands, *side), (count, self.bands, *side), (count, 4)]
            self._pan, self._ms_up, self._truth, self._origin = read_arrays(folder, _ARRAYS, shapes)
            self._sources = contents.sources
            if not ((self._origin[:, 0] >= 0) & (self._origin[:, 0] < len(self._sources))).all():
                raise ValueError("its samples are of sources that its manifest does not name")
        except InputError:
            raise
        except UNREADABLE as error:
            raise InputError(f"{folder} holds no store of samples ({error}).", "Name a folder with a store.") from error
        self.sensor, self.ratios = contents.sensor, contents.ratios
        self.gains, self.pan_gain = contents.gains, contents.pan_gain
        self.scaling = scaling or Scaling(1.0)
        self._units = [source.divisor if scaling else 1.0 for source in self._sources]

    def check(self, patch: int) -> None:
        """Raise RequestError where the samples are smaller than a patch."""
        error = too_large(self.name, patch, (self._patch, self._patch), "the samples of")
        if error is not None:
            raise error

    def draw(self, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        """Return a random sample, or a random part of one that is larger than a patch."""
        index = int(generator.integers(len(self._pan)))
        row, col = (int(generator.integers(self._patch - patch + 1)) for _ in range(2))
        return self._sample(index, row, col, patch)

    def spread(self, patch: int, count: int) -> list[Sample]:
        """Return up to `count` samples spread evenly, or the middles of them."""
        start = (self._patch - patch) // 2
        return [self._sample(int(index), start, start, patch) for index in sorted(evenly(len(self._pan))[:count])]

    def _sample(self, index: int, row: int, col: int, patch: int) -> Sample:
        inside = (index, slice(None), slice(row, row + patch), slice(col, col + patch))
        source, number, top, left = (int(part) for part in self._origin[index])
        unit = np.float32(self._units[source])
        pan, ms_up, truth = (
            np.asarray(images[inside], np.float32) * unit for images in (self._pan, self._ms_up, self._truth)
        )
        origin = f"{self._sources[source].name}, sample {number}, row {top + row}, column {left + col}"
        return Sample(pan[0], ms_up, truth, origin)


def holds_bands(folder: str) -> bool:
    """Return whether the manifest of a folder, if it has one, is that of a store of all bands."""
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_text(encoding="utf-8"))
    except UNREADABLE:
        return False
    return isinstance(manifest, dict) and manifest.get("kind") == KIND


def _read_manifest(path: Path) -> tuple[int, Contents]:
    """Return the number of samples and what they have in common.

    Raise OSError where the file cannot be read, and ValueError, KeyError, TypeError or RecursionError where it is none.
    """
    manifest = json.loads(path.read_text(encoding="utf-8"))
    count, patch = manifest["samples"], manifest["patch"]
    bands, sources, sensor = manifest["bands"], manifest["sources"], manifest["sensor"]
    least, most = map(float, manifest["ratios"])
    if manifest["format"] != FORMAT or manifest["kind"] != KIND:
        raise ValueError(f"its format is {manifest['format']!r}, and this version reads {FORMAT}")
    if not all(type(number) is int and number > 0 for number in (count, patch)):
        raise ValueError("its manifest has no numbers of samples and pixels")
    if not isinstance(sensor, str) or not 1.0 <= least <= most <= _MOST_RATIO:
        raise ValueError("its manifest has no sensor or no ratios")
    if not isinstance(bands, list) or not 0 < len(bands) <= _MOST_BANDS or not isinstance(sources, list):
        raise ValueError("its manifest does not name bands and sources")
    gains, pan_gain = tuple(map(float, manifest["gains"])), float(manifest["pan_gain"])
    if len(gains) != len(bands) or not all(0.0 < gain < 1.0 for gain in (*gains, pan_gain)):
        raise ValueError("its manifest has no MTF gains for its bands")
    words = tuple(BandWords(str(one["name"]), _text(one, "role"), _number(one, "wavelength_um")) for one in bands)
    cuts = tuple(Cut(str(one["name"]), Scaling(float(one["divisor"])).divisor) for one in sources)
    return count, Contents(words, sensor, (least, most), gains, pan_gain, patch, cuts)


def _text(values: Mapping[str, Any], name: str) -> Optional[str]:
    return None if values.get(name) is None else str(values[name])


def _number(values: Mapping[str, Any], name: str) -> Optional[float]:
    return None if values.get(name) is None else float(values[name])
