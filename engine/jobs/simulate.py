"""Degrade a pair by its own ratio (Wald's protocol), so that the original MS is the truth of what sharpening gives."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ..errors import InputError, PairingError, RequestError
from ..events import Event, Finished, Metric, Noted, Progress, Started, Warned
from ..grid.coarsening import Coarsening, coarsen
from ..grid.pairing import Lattice
from ..grid.patch import Floats, Mask
from ..grid.tiling import tiles
from ..grid.window import Window
from ..pixels.degrade import degrade, degrade_as_toolbox, optics_taps
from ..pixels.toolbox import imresize
from ..raster.originals import Originals
from ..raster.scene import Scene, opened
from ..raster.together import Together
from ..raster.writer import BLOCK, Encoded, Profile, check_writable, encode
from ..request import SimulateRequest
from .memory import peak_mb
from .pipeline import Crew
from .simulated import Profiles, check_unwarped, described, profiles_of, untouched
from .survey import Survey, display_of, surveyed

PAN, MS, REFERENCE = 0, 1, 2  # the results, in the order of `Profiles`
# Values of PAN and MS together that the toolbox's conventions may take: they need the whole image, as float64.
MOST_VALUES = 50_000_000
_LOOKED = 0.05
_ALIGNED = 0.01  # PAN pixels: what the rounding of geotransforms explains

Read = Callable[[Window], tuple[Floats, Optional[Mask]]]


def simulate(request: SimulateRequest) -> Generator[Event, None, None]:
    """Write coarser PAN, coarser MS and the reference.  Yield events at least every 0.2 s.

    Closing the generator stops without a trace.  Raise EngineError where it cannot be done.
    """
    begun = time.monotonic()
    with opened(request) as scene, Crew(request.threads) as crew:
        check_unwarped(scene)
        made = _coarsening(scene, request)
        profiles = profiles_of(scene, made, request, crew.size)
        outs = (request.out_pan, request.out_ms, request.out_reference)
        for out, profile in zip(outs, profiles):
            check_writable(out, profile, (request.pan, *request.ms))
        warnings = list(scene.warnings)
        if request.convention == "toolbox" and profiles[REFERENCE].affine is None:
            warnings.append(
                "The toolbox's MS pixels lie half a pixel of the reference right of and below where their sizes say, "
                "and without georeferencing the file cannot tell."
            )
        yield from (Noted(note) for note in scene.notes)
        yield from (Warned(warning) for warning in warnings)

        survey = yield from surveyed(scene, request.sensor, "polynomial", crew)
        if request.convention == "toolbox" and not survey.identity.known:
            gains = survey.identity.gains  # a number estimated here would be nobody else's
            survey = replace(survey, optics=replace(survey.optics, gains=gains), gain_reason="generic values")
        warnings += survey.warnings
        yield from (Warned(warning) for warning in survey.warnings)
        profiles = described(profiles, scene, survey, request)
        facts = _facts(scene, survey, request, profiles)
        yield Started("simulate", facts)
        yield Noted(_summary(facts, survey))

        degraded = _geometric if request.convention == "geometric" else _toolbox
        valid, clipped = [0, 0, 0], 0
        results = Together(list(zip(outs, profiles)))
        try:
            pixels = [profile.height * profile.width for profile in profiles]
            done = 0
            for piece in degraded(scene, made, survey, request, profiles, crew):
                if piece is not None:
                    result, tile, encoded = piece
                    results.write(result, tile, encoded)
                    valid[result] += encoded.valid
                    clipped += encoded.clipped
                    done += tile.height * tile.width
                yield Progress(_LOOKED + (0.98 - _LOOKED) * done / sum(pixels), "Degrading")
            for count, name in zip(valid, ("PAN", "MS")):
                if not count:
                    raise InputError(
                        f"No pixel of coarser {name} would be valid.",
                        "Check the nodata values, and whether the part that both images show is large enough.",
                    )
            shares = [count / whole for count, whole in zip(valid, pixels)]
            for name, share in zip(("pan", "ms"), shares):
                yield Metric(f"valid_share_{name}", share)
            if clipped:
                yield Noted(f"{clipped} values lay outside the range of the data type and were clipped.")
            # From here on the files may be in their places, so nothing is said any more that could stop it.
            for sign in crew.aside(results.finish):
                if sign is None:
                    yield Progress(0.98, "Finishing the files")
        finally:
            results.discard()  # nothing is left to discard once they have been renamed

    report = {
        **facts,
        "output_pan": request.out_pan,
        "output_ms": request.out_ms,
        "output_reference": request.out_reference,
        "valid_share_pan": shares[PAN],
        "valid_share_ms": shares[MS],
        "clipped": clipped,
        "seconds": round(time.monotonic() - begun, 3),
        "peak_mb": peak_mb(),
        "warnings": warnings,
    }
    yield Progress(1.0, "Done")
    yield Finished(report)


def _coarsening(scene: Scene, request: SimulateRequest) -> Coarsening:
    """Return the grids.  Raise PairingError or RequestError where the convention has none for this pair."""
    located = scene.pan.grid.affine is not None or scene.ms_grid.affine is not None
    made = coarsen(scene.lattice, scene.window.clipped(scene.shared), scene.ms_grid.window, located)
    if request.convention == "geometric":
        return made
    ratio = made.lattice.cols.ratio
    if ratio not in (2.0, 4.0, 8.0, 16.0) or made.lattice.rows.ratio != ratio:
        raise PairingError(
            f"The toolbox's conventions know ratios of 2, 4, 8 and 16 alone, and this pair has "
            f"{scene.lattice.cols.ratio:.4g} x {scene.lattice.rows.ratio:.4g}.",
            "Choose the convention 'geometric'.",
        )
    pan = _pan_under(scene.lattice, made.truth)
    if pan is None or pan.shape != (made.truth.height * ratio, made.truth.width * ratio):
        raise PairingError(
            "The toolbox's conventions need MS pixels whose edges lie on those of PAN; here they lie between.",
            "Choose the convention 'geometric'.",
        )
    values = len(scene.bands) * made.truth.height * made.truth.width + pan.height * pan.width
    if values > MOST_VALUES:
        raise RequestError(
            f"The toolbox's conventions need the whole image in memory, and this pair has {values / 1e6:.0f} million "
            f"values; the most is {MOST_VALUES / 1e6:.0f} million.",
            "Choose a smaller extent, fewer bands, or the convention 'geometric'.",
        )
    return made


def _pan_under(lattice: Lattice, ms: Window) -> Optional[Window]:
    """Return the PAN pixels that `ms` covers; None where its edges lie between pixels."""
    edges = []
    for axis, first, last in ((lattice.rows, ms.row, ms.row_end), (lattice.cols, ms.col, ms.col_end)):
        for edge in (first, last):
            place = (edge - axis.offset) / axis.scale
            if abs(place - round(place)) > _ALIGNED:
                return None
            edges.append(round(place))
    return Window(edges[0], edges[2], edges[1] - edges[0], edges[3] - edges[2])


Piece = Optional[tuple[int, Window, Encoded]]  # which result, where in it, and what; None: a sign of life


def _geometric(
    scene: Scene, made: Coarsening, survey: Survey, request: SimulateRequest, profiles: Profiles, crew: Crew
) -> Iterator[Piece]:
    """Yield the pieces of all results: Gaussians of the MTF, centred where georeferencing puts the coarser pixels."""
    originals, truth, optics = Originals(scene), made.truth, survey.optics

    def work(item: tuple[int, Window]) -> tuple[int, Window, Encoded]:
        result, tile = item
        if result == PAN:
            coarser = _coarser(originals.pan, scene.lattice, tile.moved(truth.row, truth.col), (optics.pan_gain,))
        elif result == MS:
            coarser = _coarser(originals.ms, made.lattice, tile, optics.gains)
        else:
            return result, tile, _copied(originals, tile.moved(truth.row, truth.col), profiles[REFERENCE])
        return result, tile, encode(*coarser, profiles[result])

    whole, ratio = Window(0, 0, *truth.shape), scene.lattice.ratio
    pieces = (
        (result, tile)
        for result, window, read_side in (
            (PAN, whole, ratio),
            (MS, made.coarse, ratio * math.sqrt(len(scene.bands))),
            (REFERENCE, whole, 1.0),
        )
        for tile in tiles(window, _tile_size(request.tile_size / read_side))
    )
    for sign in crew.ordered(work, pieces):
        yield None if sign is None else sign.result
    originals.check_unchanged()


def _tile_size(most: float) -> int:
    """Return the side of tiles of a result: that of the file's blocks, or a half, a quarter ... of it up to `most`."""
    size = BLOCK
    while size > 16 and size > most:
        size //= 2
    return size


def _coarser(read: Read, lattice: Lattice, window: Window, gains: tuple[float, ...]) -> tuple[Floats, Optional[Mask]]:
    """Return the coarser pixels of `window`, each band through the Gaussian of its gain, and what of them is valid."""
    places = lattice.rows.to_pan(window.row, window.height), lattice.cols.to_pan(window.col, window.width)
    taps = optics_taps(*places, (lattice.rows.ratio, lattice.cols.ratio), gains)
    spans = [(*rows.span, *cols.span) for rows, cols in taps]
    row, col = min(span[0] for span in spans), min(span[2] for span in spans)
    needed = Window(row, col, max(span[1] for span in spans) - row, max(span[3] for span in spans) - col)
    bands, valid = read(needed)
    return degrade(
        bands,
        valid,
        [(rows.within(row, needed.height), cols.within(col, needed.width)) for rows, cols in taps],
    )


def _toolbox(
    scene: Scene, made: Coarsening, survey: Survey, request: SimulateRequest, profiles: Profiles, crew: Crew
) -> Iterator[Piece]:
    """Yield the results whole, with the reference toolbox's filters and places; the border repeats or mirrors."""
    originals, truth, gains = Originals(scene), made.truth, survey.optics.gains
    ratio = round(made.lattice.ratio)
    under = _pan_under(scene.lattice, truth)
    if under is None:  # pragma: no cover - refused before
        raise AssertionError("the pair is not aligned")
    read: dict[int, Floats] = {}
    for result, source, window in ((PAN, originals.pan, under), (MS, originals.ms, truth)):
        for sign in crew.aside(lambda _, source=source, window=window: source(window)):  # type: ignore[misc]
            if sign is None:
                yield None
                continue
            read[result], valid = sign.result
            if valid is not None and not valid.all():
                raise InputError(
                    f"{1.0 - valid.mean():.2%} of {('PAN', 'MS')[result]} is without data, which the toolbox's "
                    "conventions do not know.",
                    "Choose an extent without gaps, or the convention 'geometric'.",
                )

    def work(band: int) -> npt.NDArray[Any]:
        if band < len(gains):
            return degrade_as_toolbox(read[MS][band], gains[band], ratio)
        return imresize(read[PAN][0], 1.0 / ratio)

    images = []
    for sign in crew.ordered(work, range(len(gains) + 1)):
        if sign is not None:
            images.append(sign.result)
        yield None
    yield PAN, Window(0, 0, *truth.shape), encode(images[-1][None], None, profiles[PAN])
    yield MS, made.coarse, encode(np.stack(images[:-1]), None, profiles[MS])
    for tile in tiles(Window(0, 0, *truth.shape), BLOCK):
        yield REFERENCE, tile, _copied(originals, tile.moved(truth.row, truth.col), profiles[REFERENCE])
    originals.check_unchanged()


def _copied(originals: Originals, window: Window, profile: Profile) -> Encoded:
    valid = None if profile.nodata is None else originals.ms(window)[1]
    return untouched(originals.counts(window), valid, profile)


def _facts(scene: Scene, survey: Survey, request: SimulateRequest, profiles: Profiles) -> dict[str, Any]:
    shift, (pan, ms, reference) = survey.shift, profiles
    return {
        "convention": request.convention,
        "sensor": survey.identity.sensor.id,
        "sensor_reason": survey.identity.reason,
        "ratio": round(scene.lattice.ratio, 6),
        "ratio_x": round(scene.lattice.cols.ratio, 6),
        "ratio_y": round(scene.lattice.rows.ratio, 6),
        "shift": None if shift is None else [round(shift.dx, 3), round(shift.dy, 3)],
        "shift_px": None if shift is None else round(survey.shift_px or 0.0, 3),
        "width": reference.width,
        "height": reference.height,
        "ms_width": ms.width,
        "ms_height": ms.height,
        "bands": len(reference.bands),
        "band_names": [band.description for band in reference.bands],
        "data_type": reference.data_type,
        "nodata": reference.nodata,
        "pan_data_type": pan.data_type,
        "pan_nodata": pan.nodata,
        "mtf_gains": list(survey.optics.gains),
        "pan_gain": survey.optics.pan_gain,
        "display": display_of(survey.identity),
    }


def _summary(facts: dict[str, Any], survey: Survey) -> str:
    return (
        f"The reference has {facts['width']} x {facts['height']} pixels, {facts['bands']} bands, {facts['data_type']}; "
        f"coarser MS {facts['ms_width']} x {facts['ms_height']}; ratio {facts['ratio_x']:g} x {facts['ratio_y']:g}; "
        f"sensor {survey.identity.sensor.name} ({survey.identity.reason.rstrip('.')}); "
        f"MTF gains {survey.gain_reason}; convention {facts['convention']}."
    )
