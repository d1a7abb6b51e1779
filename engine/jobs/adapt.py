"""Adapt a model for any sensor to a pair, and write it as a model of its own, for this scene and those like it."""

from __future__ import annotations

import os
import time
from collections.abc import Generator

from ..events import Event, Finished, Noted, Progress, Started, Warned
from ..modelfile.places import home
from ..raster.scene import opened
from ..request import AdaptRequest
from .adapting import adapted, private_folder
from .choice import to_adapt
from .intake import base_kept
from .memory import peak_mb
from .pipeline import Crew
from .shelf import check_shelf, shelve


def adapt(request: AdaptRequest) -> Generator[Event, None, None]:
    """Write the adapted model.  Yield events at least every 0.2 s; closing the generator stops without a trace.

    Raise EngineError where it cannot be done.
    """
    begun = time.monotonic()
    with opened(request) as scene, Crew(request.threads) as crew:
        check_shelf(request.out)
        path, card = yield from to_adapt(request, scene)
        warnings = list(scene.warnings)
        yield from (Noted(note) for note in scene.notes)
        yield from (Warned(warning) for warning in warnings)
        facts = {
            "base": f"{card.name} {card.version}",
            "minutes": request.minutes,
            "ratio": round(scene.lattice.ratio, 6),
            "bands": len(scene.bands),
        }
        yield Started("adapt", facts)
        with private_folder() as folder:
            out = str(folder / os.path.basename(request.out))
            made = yield from adapted(request, request.minutes, scene.covered, (path, card), out, scene, crew)
            scene.check_unchanged()
            # From here on the file may be in its place, so nothing is said any more that could stop it.
            shelve(made.path, request.out, kept=False)
            said = None if made.card.base is None else base_kept(made.card.base, home())
    warnings += [*made.survey.warnings, *made.facts.pop("warnings")]
    if said is not None:
        yield said
        warnings += [said.message] if isinstance(said, Warned) else []
    yield Progress(1.0, "Done")
    yield Finished(
        {
            "output": request.out,
            "model": f"{made.card.name} {made.card.version}",
            "model_hash": made.card.tensor_hash,
            "sensor": made.survey.identity.sensor.id,
            **facts,
            **made.facts,
            "learning_seconds": made.facts["seconds"],
            "seconds": round(time.monotonic() - begun, 3),
            "peak_mb": peak_mb(),
            "warnings": warnings,
        }
    )
