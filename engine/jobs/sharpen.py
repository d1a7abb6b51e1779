"""Sharpen a pair: look at it, learn from a sample, apply tile by tile, rename when whole."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any, Optional

from ..errors import InputError
from ..events import Event, Finished, Metric, Noted, Progress, Started, Warned
from ..grid.tiling import sample, tiles
from ..grid.window import Window
from ..methods.method import Method, State, create
from ..raster.scene import Scene, opened
from ..raster.writer import Encoded, Profile, Writer, check_writable, encode
from ..request import WEIGHTED, SharpenRequest
from .memory import peak_mb
from .pipeline import Crew
from .product import blank, finite, profile_of, provenance, rounding_warning
from .suited import Model, card_for, doubts, findings, loaded
from .survey import Survey, display_of, surveyed

# Shares of the progress bar, as measured on scenes of middle size.
_LOOKED, _LEARNED = 0.05, 0.20
_MUCH_CLIPPED = 0.01
_log = logging.getLogger(__name__)


def sharpen(request: SharpenRequest) -> Generator[Event, None, None]:
    """Write the sharpened image.  Yield events at least every 0.2 s; closing the generator stops without a trace.

    Raise EngineError where it cannot be done.
    """
    begun = time.monotonic()
    with opened(request) as scene, Crew(request.threads) as crew, ExitStack() as until_done:
        profile = profile_of(scene, request, crew.size)
        check_writable(request.out, profile, (request.pan, *request.ms))
        card = card_for(request, scene)
        warnings = list(scene.warnings)
        if request.weights and request.method not in WEIGHTED:
            warnings.append(f"The band weights have no effect: {request.method} finds its own.")
        rounded = rounding_warning(scene, profile)
        if rounded:
            warnings.append(rounded)
        yield from (Noted(note) for note in scene.notes)
        yield from (Warned(warning) for warning in warnings)

        model = None if card is None else (yield from loaded(request, card, crew, until_done))
        resampling = request.resampling if card is None else card.input.enlargement
        survey = yield from surveyed(scene, request.sensor, resampling, crew)
        found = list(survey.warnings)
        if card is not None:
            found += doubts(card, scene, survey.identity, request.resampling)
        warnings += found
        yield from (Warned(warning) for warning in found)
        profile = provenance(profile, scene, survey, request, card)
        facts = _facts(scene, survey, request, profile, model)
        yield Started("sharpen", facts)
        yield Noted(_summary(facts, survey))

        if model is None:
            method = create(request.method, survey.optics, request.weights or survey.identity.weights)
        else:
            method = model.method(survey.optics)
        stop = None if model is None else model.stop
        state: State = {}
        for learned in _learn(method, scene, crew, stop):
            if isinstance(learned, float):
                yield Progress(_LOOKED + (_LEARNED - _LOOKED) * learned, "Learning from the scene")
            else:
                state = learned
        if card is not None:
            yield from (Noted(finding) for finding in findings(card, state))

        counts = {"valid": 0, "clipped": 0}
        writer = Writer(request.out, profile)
        try:
            for fraction in _apply(method, state, scene, request, crew, writer, counts, stop):
                yield Progress(_LEARNED + (0.98 - _LEARNED) * fraction, "Sharpening")
            if not counts["valid"]:
                raise InputError(
                    "No pixel of the result would be valid: nowhere are PAN and all MS bands.",
                    "Check the nodata values, and whether both images show the same place.",
                )
            valid_share = counts["valid"] / (profile.height * profile.width)
            yield Metric("valid_share", valid_share)
            if counts["clipped"]:
                share = counts["clipped"] / (counts["valid"] * len(profile.bands))
                clipped = f"{counts['clipped']} values ({share:.2%}) lay outside the range of {profile.data_type}"
                if share > _MUCH_CLIPPED:
                    warnings.append(f"{clipped} and were clipped. Choose a data type that holds them.")
                    yield Warned(warnings[-1])
                else:
                    yield Noted(f"{clipped} and were clipped.")
            # From here on the file may be whole and in its place, so nothing is said any more that could stop it.
            for sign in crew.aside(writer.finish):
                if sign is None:
                    yield Progress(0.98, "Finishing the file")
        finally:
            writer.discard()  # nothing is left to discard once it has been renamed

    result = {
        **facts,
        "output": request.out,
        "valid_share": valid_share,
        "clipped": counts["clipped"],
        "seconds": round(time.monotonic() - begun, 3),
        "peak_mb": peak_mb(),
        "warnings": warnings,
    }
    yield Progress(1.0, "Done")
    yield Finished(result)


def _learn(method: Method, scene: Scene, crew: Crew, stop: Optional[Callable[[], None]]) -> Iterator[Any]:
    """Yield how far learning is, from 0 to 1, and last the state."""
    reach = method.fit_reach(scene.lattice)
    windows = sample(scene.shared, method.fit_window, method.fit_windows)

    def measure(window: Window) -> Any:
        return method.measure(scene.read(window, reach.pan, reach.ms, reach.fill))

    measured: list[Any] = []
    for sign in crew.ordered(measure, windows):
        if sign is not None:
            measured.append(sign.result)
        yield len(measured) / len(windows)
    for sign in crew.ordered(method.settle, [measured], stop=stop):
        if sign is None:
            yield 1.0
        else:
            for name, values in sign.result.items():
                _log.info("%s: %s", name, values)
            yield sign.result


def _apply(
    method: Method,
    state: State,
    scene: Scene,
    request: SharpenRequest,
    crew: Crew,
    writer: Writer,
    counts: dict[str, int],
    stop: Optional[Callable[[], None]],
) -> Iterator[float]:
    """Write all tiles; yield how far that is, from 0 to 1."""
    whole, reach = scene.window, method.reach(scene.lattice)
    size = min(request.tile_size, method.largest_tile)

    def work(tile: Window) -> tuple[Window, Encoded]:
        patch = scene.read(tile, reach.pan, reach.ms, reach.fill)
        if patch.valid is not None and not patch.valid.any():
            return tile, blank(tile, writer.profile)
        return tile, encode(method.apply(patch, state), patch.valid, writer.profile)

    written = 0
    for sign in crew.ordered(work, tiles(whole, size), stop=stop):
        if sign is not None:
            tile, encoded = sign.result
            with scene.turn:
                writer.write(tile.moved(-whole.row, -whole.col), encoded)
            counts["valid"] += encoded.valid
            counts["clipped"] += encoded.clipped
            written += tile.height * tile.width
        yield written / (whole.height * whole.width)


def _facts(
    scene: Scene, survey: Survey, request: SharpenRequest, profile: Profile, model: Optional[Model]
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
        "display": display_of(survey.identity),
    }


def _summary(facts: dict[str, Any], survey: Survey) -> str:
    shift = "not measurable" if facts["shift"] is None else "{:+.2f}, {:+.2f} PAN pixels (x, y)".format(*facts["shift"])
    model = f" Model {facts['model']}, seed {facts['seed']}, on {facts['device']}." if "model" in facts else ""
    return (
        f"{facts['width']} x {facts['height']} pixels, {facts['bands']} bands, {facts['data_type']}; "
        f"ratio {facts['ratio_x']:g} x {facts['ratio_y']:g}; sensor {survey.identity.sensor.name} "
        f"({survey.identity.reason.rstrip('.')}); MTF gains {survey.gain_reason}; shift of MS {shift}.{model}"
    )
