"""Samples from the field's benchmark files (PanCollection): patches that others have degraded already.

This module takes arrays, not files.  To open them, GDAL's multidimensional reader is preferred to h5py: it reads the
same bytes window by window, and is there wherever the engine reads rasters, so that nothing more has to be installed.

The geometry is the reference toolbox's.  PAN was shrunk about the centres of its pixels, so that it lies on `gt` as
georeferencing says; MS keeps every `ratio`-th pixel of the blurred truth from ratio/2 on.  So MS pixel k shows what
`gt` shows at index ratio k + ratio/2, half a pixel of `gt` right of and below the centre of the block it stands for,
and it is enlarged from there.  The `lms` of the files agrees with this, but its border is made of other patches or
wrapped around, and nobody says which: it is not used.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Optional, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..grid.pairing import Axis, Lattice
from ..grid.window import Window
from .images import Memory
from .sample import STILL, Floats, Sample, Scaling, Variation, evenly, too_large
from .wald import enlarged

_KEYS = ("gt", "ms", "pan")
_LOOKS = 64
_PORTION = 256  # samples that are read at once
# MS is the truth made coarser, so their details agree and their counts do too.
_LEAST_LIKE, _MOST_FACTOR = 0.3, 2.0


class Array(Protocol):
    """A numpy array, or what reads like one from a file: the first axis counts the samples."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, part: slice) -> Any: ...


class H5Source:
    """Samples from `arrays`: gt (n, bands, h, w), ms (n, bands, h/ratio, w/ratio) and pan (n, 1, h, w), in counts.

    Samples that hold NaN are left out.  Raise InputError where an array is missing, or they do not fit together.
    """

    guides = 0

    def __init__(
        self, name: str, arrays: Mapping[str, Array], memory: Memory, scaling: Optional[Scaling] = None
    ) -> None:
        self.name = name
        missing = [key for key in _KEYS if key not in arrays]
        if missing:
            why = "; it is made for tests at full resolution, where no truth is known" if missing == ["gt"] else ""
            raise InputError(
                f"{name} holds no '{missing[0]}'{why}.",
                "Choose a file with gt, ms and pan, such as those for training.",
            )
        arrays = {key: arrays[key] for key in _KEYS}
        self._count, self.bands, self._shape, ratios = _measured(name, arrays)
        # MS pixel k is centred on index ratio k + ratio/2 of the truth: half a pixel of it too far on.
        self._lattice = Lattice(*(Axis(1.0 / ratio, -0.5 / ratio) for ratio in ratios))
        self._lock: Optional[threading.Lock] = threading.Lock()
        self._arrays: Mapping[str, Array] = arrays
        if memory.takes(sum(int(np.prod(array.shape)) for array in arrays.values()) * np.dtype(np.float32).itemsize):
            # In portions, since the files hold twice the bytes of what is kept.
            self._arrays = {key: self._kept(array) for key, array in arrays.items()}
            self._lock = None
        self._whole = self._finite()
        if not self._whole.size:
            raise InputError(
                f"Each sample of {name} holds values that are no numbers (NaN or infinite).", "Leave this file out."
            )
        looks = [self._read(int(self._whole[place])) for place in evenly(self._whole.size)[:_LOOKS]]
        _check_truth(name, looks, ratios)
        self.scaling = scaling or Scaling.of(np.stack([look["gt"] for look in looks]).swapaxes(0, 1))

    @property
    def left_out(self) -> int:
        """Return how many samples hold values that are no numbers."""
        return self._count - int(self._whole.size)

    def check(self, patch: int) -> None:
        """Raise RequestError where the samples are smaller than a patch."""
        error = too_large(self.name, patch, self._shape, "the samples of")
        if error is not None:
            raise error

    def draw(self, patch: int, variation: Variation, generator: np.random.Generator) -> Sample:
        """Return a random sample.  Of the variations, MS is only shifted: how it was blurred is past."""
        index = int(self._whole[generator.integers(self._whole.size)])
        row, col = (int(generator.integers(side - patch + 1)) for side in self._shape)
        return self._sample(index, row, col, patch, variation.shifts(generator))

    def spread(self, patch: int, count: int) -> list[Sample]:
        """Return up to `count` samples from the middle of patches spread evenly, with nothing varied."""
        row, col = ((side - patch) // 2 for side in self._shape)
        still = STILL.shifts(np.random.default_rng(0))
        chosen = self._whole[np.sort(evenly(self._whole.size)[:count])]
        return [self._sample(int(index), row, col, patch, still) for index in chosen]

    def _sample(self, index: int, row: int, col: int, patch: int, shifts: tuple[float, float]) -> Sample:
        read = self._read(index)
        window = Window(row, col, patch, patch)
        inside = (..., *window.slices_in(Window(0, 0, *self._shape)))
        return Sample(
            read["pan"][0][inside],
            enlarged(read["ms"], self._lattice, window, shifts),
            read["gt"][inside],
            f"{self.name}, sample {index}",
        )

    def _read(self, index: int) -> dict[str, Floats]:
        if self._lock is None:
            return {key: array[index : index + 1][0] for key, array in self._arrays.items()}
        with self._lock:
            return {key: np.asarray(array[index : index + 1][0], np.float32) for key, array in self._arrays.items()}

    def _kept(self, array: Array) -> Floats:
        out = np.empty(array.shape, np.float32)
        for start in range(0, self._count, _PORTION):
            out[start : start + _PORTION] = array[start : start + _PORTION]
        return out

    def _finite(self) -> npt.NDArray[np.intp]:
        """Return the samples that hold numbers alone: one that does not would end a training when it is drawn."""
        sound = np.ones(self._count, bool)
        for start in range(0, self._count, _PORTION):
            part = slice(start, start + _PORTION)
            for array in self._arrays.values():
                values = np.asarray(array[part], np.float32)
                sound[part] &= np.isfinite(values.sum(axis=(1, 2, 3), dtype=np.float64))
        return np.flatnonzero(sound)


def _measured(name: str, arrays: Mapping[str, Array]) -> tuple[int, int, tuple[int, int], tuple[int, int]]:
    """Return the number of samples and of bands, the size (h, w) of the truth, and the ratios along both."""
    gt, ms, pan = (tuple(arrays[key].shape) for key in _KEYS)
    said = f"gt {_words(gt)}, ms {_words(ms)}, pan {_words(pan)}"
    remedy = "Check how the file was written: it should be number x bands x height x width."
    if not len(gt) == len(ms) == len(pan) == 4 or not all(gt + ms + pan):
        raise InputError(f"The arrays of {name} do not all have four axes that hold something: {said}.", remedy)
    if not gt[0] == ms[0] == pan[0]:
        raise InputError(f"The arrays of {name} hold different numbers of samples: {said}.", remedy)
    if gt[1] != ms[1] or pan[1] != 1:
        raise InputError(f"The bands of {name} do not fit: {said}.", remedy)
    ratios = gt[2] // ms[2], gt[3] // ms[3]
    if (
        gt[2:] != pan[2:]
        or gt[2:] != (ms[2] * ratios[0], ms[3] * ratios[1])
        or min(ratios) < 2
        or ratios[0] != ratios[1]
    ):
        raise InputError(f"The sizes of {name} do not fit: {said}.", f"{remedy} PAN and gt are a multiple of MS.")
    return gt[0], gt[1], (gt[2], gt[3]), ratios


def _check_truth(name: str, looks: list[dict[str, Floats]], ratios: tuple[int, int]) -> None:
    """Raise InputError where gt is not what MS shows: of other samples, of other bands, or in other units."""
    first, second = [], []
    for look in looks:
        bands, height, width = look["ms"].shape
        blocks = look["gt"].reshape(bands, height, ratios[0], width, ratios[1]).mean(axis=(2, 4), dtype=np.float64)
        first.append((blocks - blocks.mean(axis=(1, 2), keepdims=True)).ravel())
        second.append((look["ms"] - look["ms"].mean(axis=(1, 2), keepdims=True, dtype=np.float64)).ravel())
    truth, seen = np.concatenate(first), np.concatenate(second)
    energy, seen_energy = float(truth @ truth), float(seen @ seen)
    if min(energy, seen_energy) <= 0.0:
        return  # nothing varies, so nothing can be told
    like, factor = float(truth @ seen) / (energy * seen_energy) ** 0.5, (energy / seen_energy) ** 0.5
    if like < _LEAST_LIKE or not 1.0 / _MOST_FACTOR <= factor <= _MOST_FACTOR:
        raise InputError(
            f"The truth of {name} does not match its MS: their details correlate by {like:.2f}, and those of gt are "
            f"{factor:.3g} times as strong.",
            "Check how the file was written: ms is to be gt made coarser, sample by sample and in its units.",
        )


def _words(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape)
