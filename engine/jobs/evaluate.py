"""Say how near a fused image is to a reference on its grid."""

from __future__ import annotations

import time
from collections.abc import Generator

from ..events import Event, Finished
from ..raster.twins import Twins
from ..request import EvaluateRequest
from .compare import compared
from .memory import peak_mb
from .pipeline import Crew


def evaluate(request: EvaluateRequest) -> Generator[Event, None, None]:
    """Yield progress and, last, all numbers.  Raise EngineError where the two cannot be compared."""
    begun = time.monotonic()
    twins = Twins(request.fused, request.reference, request.nodata)
    with Crew(request.threads) as crew:
        found = yield from compared(twins, request.ratio, request.border, crew)
    twins.check_unchanged()
    yield Finished(
        {
            "fused": request.fused,
            "reference": request.reference,
            "width": twins.width - 2 * request.border,
            "height": twins.height - 2 * request.border,
            "bands": twins.bands,
            "border": request.border,
            **found.numbers,
            "seconds": round(time.monotonic() - begun, 3),
            "peak_mb": peak_mb(),
        }
    )
