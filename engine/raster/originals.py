"""The images of a scene on their own grids: PAN and MS with what is valid, and the numbers that MS holds, untouched."""

from __future__ import annotations

import threading
from itertools import groupby
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..grid.patch import Floats, Mask
from ..grid.window import Window
from .dataset import Reader
from .scene import Scene


class Originals:
    """Reads the images of a scene, by one thread at a time, as the scene does."""

    def __init__(self, scene: Scene) -> None:
        kind = scene.work_type
        self._pan = Reader(scene.pan.path, [scene.pan_band], scene.nodata, kind)
        self._ms = [
            _Untouched(source, [band.read_as for band in bands], scene.nodata, kind)
            for source, bands in groupby(scene.bands, lambda band: band.source)
        ]
        self._lock = threading.Lock()

    def pan(self, window: Window) -> tuple[Floats, Optional[Mask]]:
        """Return PAN in a window of its grid, (1, h, w), and the mask of what is valid; None: all."""
        with self._lock:
            return self._pan.read(window)

    def ms(self, window: Window) -> tuple[Floats, Optional[Mask]]:
        """Return MS in a window of its grid, (bands, h, w), and the mask of what is valid in all bands; None: all."""
        with self._lock:
            parts = [reader.read(window) for reader in self._ms]
        masks = [mask for _, mask in parts if mask is not None]
        return np.concatenate([bands for bands, _ in parts]), np.logical_and.reduce(masks) if masks else None

    def counts(self, window: Window) -> npt.NDArray[Any]:
        """Return what the MS files hold in a window inside them, (bands, h, w): neither scaled nor masked."""
        with self._lock:
            return np.stack([band for reader in self._ms for band in reader.counts(window)])

    def check_unchanged(self) -> None:
        """Raise InputError where a file has changed since; see `Scene.check_unchanged`."""
        for reader in (self._pan, *self._ms):
            reader.check_unchanged()


class _Untouched(Reader):
    def counts(self, window: Window) -> list[npt.NDArray[Any]]:
        bands = []
        for facts in self._bands:
            raw = self._read_array(self._dataset.GetRasterBand(facts.index), window)
            bands.append(raw.view(np.int8) if facts.data_type == "int8" else raw)
        return bands
