"""Samples made beforehand, in a folder: what a network for any sensor is shown of single bands.

A folder may hold images of all bands instead (`from_bands`); `open_store` gives whichever it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np

from ..errors import InputError
from .arrays import UNREADABLE, ArrayWriter, read_arrays
from .augment import WAYS, Look
from .from_bands import MANIFEST, BandStore, BandWords, holds_bands
from .sample import Floats, Sample, Scaling, Variation, evenly, too_large

FORMAT = 1
_SHIFTS = ("shift in columns", "shift in rows")  # the facts that turn with the image
_ARRAYS = {"guides": "<f2", "band": "<f2", "truth": "<f2", "facts": "<f4"}  # as `Made` has them
# The share of samples whose shift could not be measured: a network that trusts it blindly fails on such pairs.
_UNMEASURED = 0.1
_MOST_NAMES = 64
_MOST_RATIO = 64.0

Made = tuple[Floats, Floats, Floats, Floats]  # guides (images, h, w), band and truth (1, h, w), facts (facts,)


def write_store(
    folder: Path,
    images: Sequence[str],
    facts: Sequence[str],
    ratios: tuple[float, float],
    samples: Iterable[Made],
    about: str,
) -> int:
    """Write samples to a folder as they come and return their number; the manifest comes last: half a store is none.

    Raise InputError where there are none, or one has other shapes than the first or values that 16 bits do not hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    with ArrayWriter(folder, _ARRAYS) as arrays:
        for sample in samples:
            arrays.add(sample)
        arrays.finish()
    manifest = {
        "format": FORMAT,
        "about": about,
        "samples": arrays.count,
        "patch": arrays.shapes[1][-1],
        "images": list(images),
        "facts": list(facts),
        "ratios": list(ratios),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return arrays.count


def open_store(folder: str, scaling: Optional[Scaling] = None) -> Union[StoreSource, BandStore]:
    """Return the samples of a folder, whichever kind they are; `scaling` is for images of all bands alone.

    Raise InputError where the folder holds no store, or not all of it.
    """
    return BandStore(folder, scaling) if holds_bands(folder) else StoreSource(folder)


class StoreSource:
    """The samples of a folder.  PAN comes with its guides and facts as further channels; MS is a single band.

    Raise InputError where the folder holds no store, or not all of it.
    """

    bands = 1
    sensor = "any"  # as models call it that take whatever band they are given
    described = (BandWords("any band", None, None),)
    # Samples are without their brightness; errors are told against one of ten times the spread, as is usual.
    scaling = Scaling(1.0, brightness=10.0)

    def __init__(self, folder: str) -> None:
        self.name = folder
        try:
            count, self._patch, images, told, self.ratios = _read_manifest(Path(folder) / MANIFEST)
            side = self._patch, self._patch
            shapes = [(count, len(images), *side), (count, 1, *side), (count, 1, *side), (count, len(told))]
            arrays = read_arrays(folder, _ARRAYS, shapes)
        except InputError:
            raise
        except UNREADABLE as error:
            raise InputError(f"{folder} holds no store of samples ({error}).", "Name a folder with a store.") from error
        self._guides, self._band, self._truth, self._facts = arrays
        self._shifts = tuple(told.index(name) for name in _SHIFTS) if set(_SHIFTS) <= set(told) else ()
        self.guides = len(images) + len(told) - 1  # channels beside PAN, which is the first image

    def check(self, patch: int) -> None:
        """Raise RequestError where the samples are smaller than a patch."""
        error = too_large(self.name, patch, (self._patch, self._patch), "the samples of")
        if error is not None:
            raise error

    def draw(self, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        """Return a random sample, turned if turns are asked for, and told a wrong shift; all else was varied before."""
        index = int(generator.integers(len(self._band)))
        row, col = (int(generator.integers(self._patch - patch + 1)) for _ in range(2))
        way = int(generator.integers(WAYS)) if variation.turns else 0
        wrong = variation.shifts(generator)
        measured = generator.random() >= _UNMEASURED or variation.shift == 0.0
        return self._sample(index, row, col, patch, way, wrong[::-1], measured)

    def spread(self, patch: int, count: int) -> list[Sample]:
        """Return up to `count` samples spread evenly, with nothing varied."""
        start = (self._patch - patch) // 2
        return [self._sample(int(index), start, start, patch, 0) for index in sorted(evenly(len(self._band))[:count])]

    def _sample(
        self,
        index: int,
        row: int,
        col: int,
        patch: int,
        way: int,
        wrong: tuple[float, float] = (0.0, 0.0),
        measured: bool = True,
    ) -> Sample:
        """Return a sample laid in a way, its shift told with an error (columns, rows) or, if not measured, as none."""
        inside = (index, slice(None), slice(row, row + patch), slice(col, col + patch))
        look = Look(way)
        guides, band, truth = (
            look.laid(np.asarray(images[inside], np.float32)) for images in (self._guides, self._band, self._truth)
        )
        facts = np.array(self._facts[index], np.float32)
        if self._shifts:
            across, down = self._shifts
            told = _turned(facts[across], facts[down], way)
            facts[across], facts[down] = (told[0] + wrong[0], told[1] + wrong[1]) if measured else (0.0, 0.0)
        planes = np.broadcast_to(facts[:, None, None], (len(facts), patch, patch))
        origin = f"{self.name}, sample {index}"
        return Sample(np.concatenate([guides, planes]), band, truth, origin, finished=True)


def _read_manifest(path: Path) -> tuple[int, int, list[str], list[str], tuple[float, float]]:
    """Return the number of samples, their side, the names of images and facts, and the ratios, least and greatest.

    Raise OSError where the file cannot be read, and ValueError, KeyError, TypeError or RecursionError where it is none.
    """
    manifest = json.loads(path.read_text(encoding="utf-8"))
    count, patch = manifest["samples"], manifest["patch"]
    images, facts = manifest["images"], manifest["facts"]
    least, most = map(float, manifest["ratios"])
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']!r}, and this version reads {FORMAT}")
    if not all(type(number) is int and number > 0 for number in (count, patch)):
        raise ValueError("its manifest has no numbers of samples and pixels")
    for names in (images, facts):
        named = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not named or not 0 < len(names) <= _MOST_NAMES:
            raise ValueError("its manifest does not name images and facts")
    if not 1.0 <= least <= most <= _MOST_RATIO:
        raise ValueError("its manifest has no ratios")
    return count, patch, images, facts, (least, most)


def _turned(across: Any, down: Any, way: int) -> tuple[Any, Any]:
    """Return a shift as it is after the image was laid in this way (see augment.Look)."""
    for _ in range(way % 4):  # a quarter against the clock brings what was right of the centre above it
        across, down = down, -across
    return (-across, down) if way >= 4 else (across, down)
