"""Going on with a run that was stopped: is what it left of the same result, and what is said of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, Optional

from .. import __version__
from ..errors import EngineError, Interrupted, without_secrets
from ..events import Event, Noted, Warned
from ..grid.window import Window
from ..raster.dataset import files_behind
from ..raster.journal import Journal
from ..raster.scene import Scene
from ..raster.watch import AUXILIARY
from ..raster.writer import Profile, journal_of
from ..request import SharpenRequest

# What changes nothing in the pixels, or is told otherwise: files by what they hold, tiles by their true size.
_ELSEWHERE = (
    "pan", "ms", "out", "out_shifts", "threads", "tile_size", "model", "model_folders", "device", "python", "resume",
)  # fmt: skip
_OF_MODEL = ("python", "threads", "tile_size", "seed", "context")  # as above


def journal_for(
    request: SharpenRequest,
    scene: Scene,
    profile: Profile,
    model: Mapping[str, Any],
    tile_size: int,
    tiles: Sequence[Window],
) -> tuple[Optional[Journal], list[Event]]:
    """Return the journal of a run that may be stopped, None where that was not asked for, and what is to be said.

    Raise OutputError where there is one that cannot be opened.
    """
    if not request.resume:
        return None, [Noted(_left_alone(request.out))] if os.path.exists(journal_of(request.out)) else []
    run = _identity(request, scene, profile, model, tile_size)
    journal = Journal(request.out, run, profile, tiles)
    if journal.refused:
        left = f"What an earlier run left of {request.out} is of no use, as {journal.refused}."
        return journal, [Warned(f"{left} This run begins anew.")]
    if journal.state is not None:
        return journal, [Noted(f"Going on with an earlier run: {journal.share:.0%} of the pixels are there.")]
    return journal, []


@contextmanager
def kept_when_stopped(journal: Optional[Journal]) -> Iterator[None]:
    """Close the journal at the end.  Say in the error that stops the run, or in Interrupted, that it can go on."""
    try:
        yield
    except (GeneratorExit, EngineError) as stop:
        if journal is None or journal.state is None or not os.path.exists(journal.path):
            raise
        kept = f"{journal.share:.0%} of the pixels are kept; run it again with the option 'resume' to go on."
        if isinstance(stop, EngineError) and not isinstance(stop, Interrupted):
            raise type(stop)(stop.fact, f"{stop.remedy} {kept}") from stop
        raise Interrupted(kept) from stop
    finally:
        if journal is not None:
            journal.close()


def _left_alone(out: str) -> str:
    return (
        f"{journal_of(out)} holds what an earlier run has done, and is removed once this run is done, which begins "
        "anew. Stop it and use the option 'resume' to go on with the earlier one."
    )


def _identity(
    request: SharpenRequest, scene: Scene, profile: Profile, model: Mapping[str, Any], tile_size: int
) -> dict[str, str]:
    """Return all that decides the pixels, by its name in words."""
    asked = {name.replace("_", " "): value for name, value in asdict(request).items() if name not in _ELSEWHERE}
    of_model = {name.replace("_", " "): value for name, value in model.items() if name not in _OF_MODEL}
    named = {"PAN": _absolute(request.pan), "MS": [_absolute(name) for name in request.ms]}
    told = {"version": __version__, **asked, **of_model, "tile size": tile_size, **named}
    bands = [replace(band, metadata=()) for band in (scene.pan_band, *(band.read_as for band in scene.bands))]
    # Measured or read, and all of it in numbers that `repr` gives in full.
    found = repr((replace(profile, threads=0), bands, scene.lattice, scene.window, scene.shared))
    return {
        **{name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()},
        **_stamps((request.pan, *request.ms)),
        "what the files say of their grids and bands": hashlib.sha256(found.encode()).hexdigest(),
    }


def _stamps(names: Sequence[str]) -> dict[str, str]:
    """Return size and time of change of all files behind these images, by their names."""
    stamps = {}
    for path in sorted(set().union(*map(files_behind, names))):
        if not path.endswith(AUXILIARY) and os.path.exists(path):
            facts = os.stat(path)
            stamps[path] = f"{facts.st_size} bytes, changed {facts.st_mtime_ns / 1e9:.6f}"
    return stamps


def _absolute(name: str) -> str:
    """Return where a file is, from wherever it is looked at; others keep their names, without secrets.

    What is left out may say which image it is, so its digest stays: a slow one, by which nobody guesses a password.
    """
    if os.path.exists(name):
        return os.path.realpath(name)
    told = without_secrets(name)
    if told == name:
        return name
    digest = hashlib.pbkdf2_hmac("sha256", name.encode(), told.encode(), 200_000, 8)
    return f"{told} ({digest.hex()})"
