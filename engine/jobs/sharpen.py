"""Sharpen a pair: look at it, learn from a sample, apply tile by tile, rename when whole.

A run that may go on later keeps its tiles in a journal on the way, and takes from there those of the run before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, Optional

from ..errors import InputError
from ..events import Event, Finished, Metric, Noted, Progress, Started, Warned
from ..grid.tiling import sample, tiles
from ..grid.window import Window
from ..methods.method import Method, State, create
from ..raster.journal import Journal
from ..raster.scene import Scene, opened
from ..raster.writer import BLOCK, Encoded, Profile, Writer, check_writable, encode
from ..request import WEIGHTED, SharpenRequest
from .choice import ADAPTED, Choice, chosen
from .memory import peak_mb
from .pace import Pace
from .pipeline import Crew
from .product import blank, finite, profile_of, provenance, rounding_warning
from .register import check_shifts_writable, write_shifts
from .registration import Registration, registered
from .resume import journal_for, kept_when_stopped
from .signs import within
from .suited import Model, doubts, findings
from .survey import Survey, display_of, surveyed

# Shares of the progress bar, as measured on scenes of middle size.
_LOOKED, _LEARNED = 0.05, 0.20
_MUCH_CLIPPED = 0.01
_log = logging.getLogger(__name__)


def sharpen(request: SharpenRequest) -> Generator[Event, None, None]:
    """Write the sharpened image.  Yield events at least every 0.2 s; closing the generator stops without a trace.

    Closing a run that may go on later leaves its journal, and raises Interrupted, which says so, once there is one.
    Raise EngineError where it cannot be done.
    """
    begun = time.monotonic()
    check_shifts_writable(request.out_shifts)
    with Crew(request.threads) as crew:
        registration = yield from registered(request, crew)
        with ExitStack() as until_done:
            scene = until_done.enter_context(opened(request, registration.correction))
            profile = profile_of(scene, request, crew.size)
            check_writable(request.out, profile, (request.pan, *request.ms), request.resume)
            choice = yield from chosen(request, scene, crew, until_done)
            if registration.unasked and choice.model is None:  # MS was moved for a model, and there is none
                registration = Registration(local=registration.local)
                scene = until_done.enter_context(opened(request))
                profile = profile_of(scene, request, crew.size)
            making = _sharpened(choice, registration, profile, scene, crew)
            result = yield from within(making, ADAPTED if request.adapt else 0.0)
            write_shifts(request.out_shifts, scene.grid, registration.local)
    yield Progress(1.0, "Done")
    yield Finished({**result, "seconds": round(time.monotonic() - begun, 3), "peak_mb": peak_mb()})


def _sharpened(
    choice: Choice, registration: Registration, profile: Profile, scene: Scene, crew: Crew
) -> Generator[Event, None, dict[str, Any]]:
    """Yield events while the image is made, and return what came of it."""
    request, model = choice.request, choice.model
    card = None if model is None else model.card
    warnings = [*choice.warnings, *scene.warnings]
    if request.weights and request.method not in WEIGHTED:
        warnings.append(f"The band weights have no effect: {request.method} finds its own.")
    rounded = rounding_warning(scene, profile)
    if rounded:
        warnings.append(rounded)
    yield from (Noted(note) for note in scene.notes)
    yield from (Warned(warning) for warning in warnings)

    resampling = request.resampling if card is None else card.input.enlargement
    survey = yield from surveyed(scene, request.sensor, resampling, crew)
    found = list(registration.warnings(survey))
    if card is not None:
        found += doubts(card, scene, survey.identity, request.resampling)
    warnings += found
    yield from (Warned(warning) for warning in found)
    told = registration.told(survey)
    profile = provenance(profile, scene, told, request, card, {} if model is None else model.facts.get("adapted", {}))
    profile = registration.marked(profile)
    if model is None:
        method = create(request.method, survey.optics, request.weights or survey.identity.weights)
    else:
        method = model.method(survey)
    tile_size = min(request.tile_size, method.largest_tile)
    facts = {**_facts(scene, told, request, profile, model, tile_size), **registration.facts(survey)}
    yield Started("sharpen", facts)
    yield Noted(_summary(facts, survey))
    if registration.how != "report":
        yield Noted(registration.summary)
    if model is not None:
        yield Noted(model.summary)

    stop = None if model is None else model.stop
    plan = _plan(scene.window, tile_size)
    pace = Pace(scene.window.height * scene.window.width, crew.size)
    counts = {"valid": 0, "clipped": 0}
    writer = Writer(request.out, profile)  # first, as it keeps other runs from the journal too
    try:
        journal, said = journal_for(request, scene, profile, {} if model is None else model.facts, tile_size, plan)
        yield from said
        warnings += [event.message for event in said if isinstance(event, Warned)]
        with kept_when_stopped(journal):
            state: Optional[State] = None if journal is None else journal.state
            if state is None:
                state = yield from _learnt(method, scene, crew, stop)
                if journal is not None:
                    journal.begin(state)
            if card is not None:
                yield from (Noted(finding) for finding in findings(card, state))
            make = partial(_made, method, state, scene, profile, pace)
            if journal is not None:
                make = partial(_remembered, journal, pace, make)
            pace.begin()
            for done in _apply(make, plan, scene, crew, writer, counts, pace, stop):
                fraction = done / (scene.window.height * scene.window.width)
                yield Progress(_LEARNED + (0.98 - _LEARNED) * fraction, "Sharpening")
                yield from map(Noted, pace.due(done))
            pace.end()
            try:
                scene.check_unchanged()
            except InputError:  # nobody knows which tiles are of which image
                if journal is not None:
                    journal.discard()
                raise
            if not counts["valid"]:
                if journal is not None:
                    journal.discard()
                raise InputError(
                    "No pixel of the result would be valid: nowhere are PAN and all MS bands.",
                    "Check the nodata values, and whether both images show the same place.",
                )
            valid_share = counts["valid"] / (profile.height * profile.width)
            yield Metric("valid_share", valid_share)
            said = _clipping(counts, profile)
            yield from said
            warnings += [event.message for event in said if isinstance(event, Warned)]
            yield Noted(pace.summary)
            if journal is not None:
                journal.close()
            # From here on the file may be whole and in its place, so nothing is said any more that could stop it.
            for sign in crew.aside(writer.finish):
                if sign is None:
                    yield Progress(0.98, "Finishing the file")
    finally:
        writer.discard()  # nothing is left to discard once it has been renamed

    return {
        **facts,
        "output": request.out,
        "valid_share": valid_share,
        "clipped": counts["clipped"],
        **pace.facts,
        "warnings": warnings,
    }


def _learnt(
    method: Method, scene: Scene, crew: Crew, stop: Optional[Callable[[], None]]
) -> Generator[Event, None, State]:
    """Yield how far learning is, and return the state."""
    reach = method.fit_reach(scene.lattice)
    windows = sample(scene.shared, method.fit_window, method.fit_windows)

    def measure(window: Window) -> Any:
        return method.measure(scene.read(window, reach.pan, reach.ms, reach.fill))

    measured: list[Any] = []
    for sign in crew.ordered(measure, windows):
        if sign is not None:
            measured.append(sign.result)
        share = len(measured) / len(windows)
        yield Progress(_LOOKED + (_LEARNED - _LOOKED) * share, "Learning from the scene")
    state: State = {}
    for sign in crew.ordered(method.settle, [measured], stop=stop):
        if sign is None:
            yield Progress(_LEARNED, "Learning from the scene")
        else:
            state = sign.result
    for name, values in state.items():
        _log.info("%s: %s", name, values)
    return state


def _plan(whole: Window, size: int) -> list[Window]:
    """Return the tiles in the order of work; small ones block by block of the file, each of which is written once."""
    if size >= BLOCK:
        return list(tiles(whole, size))
    return [tile for block in tiles(whole, BLOCK) for tile in tiles(block, size)]


def _made(method: Method, state: State, scene: Scene, profile: Profile, pace: Pace, tile: Window) -> Encoded:
    """Return a tile as the file is to hold it."""
    reach = method.reach(scene.lattice)
    pace.made(tile.height * tile.width)
    with pace.on("read"):
        patch = scene.read(tile, reach.pan, reach.ms, reach.fill)
    if patch.valid is not None and not patch.valid.any():
        return blank(tile, profile)
    with pace.on("compute"):
        bands = method.apply(patch, state)
    with pace.on("write"):
        return encode(bands, patch.valid, profile)


def _remembered(journal: Journal, pace: Pace, make: Callable[[Window], Encoded], tile: Window) -> Encoded:
    """Return a tile that an earlier run has made, or make it and keep it for a later one."""
    with pace.on("read"):
        kept = journal.found(tile)
    if kept is None:
        kept = make(tile)
        with pace.on("write"):
            journal.keep(tile, kept)
    return kept


def _apply(
    make: Callable[[Window], Encoded],
    plan: Sequence[Window],
    scene: Scene,
    crew: Crew,
    writer: Writer,
    counts: dict[str, int],
    pace: Pace,
    stop: Optional[Callable[[], None]],
) -> Iterator[int]:
    """Write all tiles; yield how many pixels that are."""
    whole, written = scene.window, 0
    for sign in crew.ordered(lambda tile: (tile, make(tile)), plan, stop=stop):
        if sign is not None:
            tile, encoded = sign.result
            with scene.turn, pace.on("write", beside=True):
                writer.write(tile.moved(-whole.row, -whole.col), encoded)
            counts["valid"] += encoded.valid
            counts["clipped"] += encoded.clipped
            written += tile.height * tile.width
        yield written


def _clipping(counts: Mapping[str, int], profile: Profile) -> list[Event]:
    """Return what is to be said of values that the type of the file does not hold."""
    if not counts["clipped"]:
        return []
    share = counts["clipped"] / (counts["valid"] * len(profile.bands))
    clipped = f"{counts['clipped']} values ({share:.2%}) lay outside the range of {profile.data_type} and were clipped."
    return [Warned(f"{clipped} Choose a data type that holds them.") if share > _MUCH_CLIPPED else Noted(clipped)]


def _facts(
    scene: Scene, survey: Survey, request: SharpenRequest, profile: Profile, model: Optional[Model], tile_size: int
) -> dict[str, Any]:
    shift = survey.shift
    return {
        "method": request.method,
        **({} if model is None else model.facts),
        "sensor": survey.identity.sensor.id,
        "sensor_reason": survey.identity.reason,
        "ratio": round(scene.lattice.ratio, 6),
        "ratio_x": round(scene.lattice.cols.ratio, 6),
        "ratio_y": round(scene.lattice.rows.ratio, 6),
        "shift": None if shift is None else [round(shift.dx, 3), round(shift.dy, 3)],
        "shift_px": None if shift is None else round(survey.shift_px or 0.0, 3),
        "width": profile.width,
        "height": profile.height,
        "bands": len(profile.bands),
        "band_names": [band.description for band in profile.bands],
        "data_type": profile.data_type,
        "nodata": finite(profile.nodata),
        "mtf_gains": list(survey.optics.gains),
        "tile_size": tile_size,
        "display": display_of(survey.identity),
    }


def _summary(facts: dict[str, Any], survey: Survey) -> str:
    shift = "not measurable" if facts["shift"] is None else "{:+.2f}, {:+.2f} PAN pixels (x, y)".format(*facts["shift"])
    return (
        f"{facts['width']} x {facts['height']} pixels, {facts['bands']} bands, {facts['data_type']}; "
        f"ratio {facts['ratio_x']:g} x {facts['ratio_y']:g}; sensor {survey.identity.sensor.name} "
        f"({survey.identity.reason.rstrip('.')}); MTF gains {survey.gain_reason}; shift of MS {shift}; "
        f"tiles of {facts['tile_size']} PAN pixels."
    )
