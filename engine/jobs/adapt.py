"""Adapt a model for any sensor to a pair, and write it as a model of its own, for this scene and those like it."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Generator

from ..errors import OutputError
from ..events import Event, Finished, Noted, Progress, Started, Warned
from ..raster.scene import opened
from ..request import AdaptRequest
from .adapting import adapted, private_folder
from .choice import to_adapt
from .memory import peak_mb
from .pipeline import Crew


def adapt(request: AdaptRequest) -> Generator[Event, None, None]:
    """Write the adapted model.  Yield events at least every 0.2 s; closing the generator stops without a trace.

    Raise EngineError where it cannot be done.
    """
    begun = time.monotonic()
    with opened(request) as scene, Crew(request.threads) as crew:
        _check_writable(request.out)
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
            # From here on the file may be in its place, so nothing is said any more that could stop it.
            _put(made.path, request.out)
    warnings += [*made.survey.warnings, *made.facts.pop("warnings")]
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


def _check_writable(out: str) -> None:
    """Raise OutputError where it is known before minutes of work that the result cannot be written."""
    folder = os.path.dirname(os.path.abspath(out))
    if not os.path.isdir(folder):
        raise OutputError(f"There is no folder {folder}.", "Make it, or choose another.")
    if not os.access(folder, os.W_OK) or os.path.isdir(out):
        raise OutputError(f"{out} cannot be written.", "Choose another name, or check the permissions of its folder.")


def _put(made: str, out: str) -> None:
    """Give the model its name, whole or not at all.  Raise OutputError where the disk fails."""
    part = f"{out}.part"
    try:
        shutil.copyfile(made, part)
        os.replace(part, out)
    except OSError as error:
        raise OutputError(
            f"{out} cannot be written ({error.strerror}).",
            "Make room on the disk, check the permissions of the folder, or choose another name.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            os.remove(part)
