"""Say how near a fused image is to a reference on its grid, tile by tile."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from typing import Any

import numpy as np

from ..errors import InputError
from ..events import Event, Finished, Noted, Progress
from ..grid.window import Window
from ..metrics import reference
from ..metrics.report import Reduced
from ..metrics.tile import Tile, tiles, total
from ..raster.twins import Twins
from ..request import EvaluateRequest
from .memory import peak_mb
from .pipeline import Crew

TILE = 1024
# Q2n rounds to 16-bit counts, as the field's toolbox does: fractions are made counts first.
_FRACTIONS_BELOW = 4.0
_COUNTS_PER_UNIT = 10000.0
_IN_UNITS = ("rmse", "bias", "mean_reference", "mean_image", "peak")


def evaluate(request: EvaluateRequest) -> Generator[Event, None, None]:
    """Yield progress and, last, all numbers.  Raise EngineError where the two cannot be compared."""
    begun = time.monotonic()
    twins = Twins(request.fused, request.reference, request.nodata)
    border = request.border
    height, width = twins.height - 2 * border, twins.width - 2 * border
    if height < 1 or width < 1:
        raise InputError(
            f"Nothing is left of {twins.width} x {twins.height} pixels without a border of {border}.",
            "Give a smaller border.",
        )
    cut = list(tiles(height, width, TILE))

    def greatest(tile: Tile) -> float:
        _, truth, valid = twins.read(_window(tile, border))
        truth = truth if valid is None else truth[:, valid]
        return float(truth.max(initial=-math.inf))

    with Crew(request.threads) as crew:
        most = -math.inf
        seen = 0
        for found in crew.ordered(greatest, cut):
            if found is not None:
                most = max(most, found.result)
                seen += 1
            yield Progress(0.2 * seen / len(cut), "Looking at the reference")
        scale = _COUNTS_PER_UNIT if 0.0 < most < _FRACTIONS_BELOW else 1.0
        peak = _peak(most, twins.data_type)

        def measure(tile: Tile) -> reference.ReferenceSums:
            fused, truth, valid = twins.read(_window(tile, border))
            return reference.measure(truth * scale, fused * scale, tile, valid, peak=peak * scale)

        sums: list[reference.ReferenceSums] = []
        for sign in crew.ordered(measure, cut, ahead=0):
            if sign is not None:
                sums.append(sign.result)
            yield Progress(0.2 + 0.8 * len(sums) / len(cut), "Comparing")
    if scale != 1.0:
        yield Noted(f"The values are fractions: Q2n was taken of {scale:g} times them, as whole numbers.")
    numbers = Reduced.of(total(sums), request.ratio).to_dict()
    for name in _IN_UNITS:
        numbers[name] = _scaled(numbers[name], 1.0 / scale)
    yield Finished(
        {
            "fused": request.fused,
            "reference": request.reference,
            "width": width,
            "height": height,
            "bands": twins.bands,
            "border": border,
            **numbers,
            "seconds": round(time.monotonic() - begun, 3),
            "peak_mb": peak_mb(),
        }
    )


def _window(tile: Tile, border: int) -> Window:
    rows, cols = tile.outer
    return Window(rows.start + border, cols.start + border, rows.stop - rows.start, cols.stop - cols.start)


def _peak(most: float, data_type: str) -> float:
    """Return the greatest count for PSNR and SSIM: that of as many bits as the reference needs, or its maximum."""
    if not math.isfinite(most) or most <= 0.0:
        return 1.0
    if np.dtype(data_type).kind in "iu" and most >= 1.0:
        return 2.0 ** math.ceil(math.log2(most + 1.0)) - 1.0
    return most


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, list):
        return [_scaled(item, factor) for item in value]
    return None if value is None else value * factor
