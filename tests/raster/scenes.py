"""Small pairs as files, to make scenes of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError
from engine.raster.scene import opened
from engine.request import PairRequest
from tests.rasters import EPSG, north_up, write

RANDOM = np.random.default_rng(21)
GAINS = (0.34, 0.32)


def pan_file(folder: Path, side: int = 64, pixel: float = 1.0, **changes: Any) -> str:
    values = {"array": RANDOM.integers(100, 1000, (1, side, side)).astype(np.uint16), "epsg": EPSG, **changes}
    return write(folder / "pan.tif", affine=values.pop("affine", north_up(pixel)), **values)


def ms_file(folder: Path, side: int = 16, pixel: float = 4.0, name: str = "ms.tif", **changes: Any) -> str:
    values = {"array": RANDOM.integers(100, 1000, (2, side, side)).astype(np.uint16), "epsg": EPSG, **changes}
    return write(folder / name, affine=values.pop("affine", north_up(pixel)), **values)


def refused(kind: type[EngineError], words: str, *arguments: Any, **changes: Any) -> None:
    with pytest.raises(kind, match=words), opened(PairRequest(*arguments, **changes)):
        pass
