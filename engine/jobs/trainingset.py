"""Make a training set: from pairs and files of patches to two stores of samples, a manifest and a page.

search -> look at each source -> hold out a part of the ground -> cut samples -> manifest, page -> rename
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path

from ..data.from_bands import Contents, Cut
from ..errors import EngineError, InputError, Interrupted, OutputError, RequestError
from ..events import Event, Finished, Progress, Started
from ..raster.dataset import same_crs
from ..request.trainingset import TrainingSetRequest
from ..sensors.sensor import GENERIC
from .course import Course
from .memory import peak_mb
from .pipeline import Crew
from .samples.cutting import TRAINING, VALIDATION, Plan, cut, planned, sample_bytes
from .samples.heldout import split
from .samples.inventory import MANIFEST, REPORT, WHY, Inventory, told, write
from .samples.newfolder import NewFolder, check_new, check_room, written
from .samples.pairs import of_pair
from .samples.patches import of_patches
from .samples.placing import CLOUDS, NODATA, SATURATED, TEXTURE
from .samples.quarry import MISREGISTERED, Quarry, short
from .samples.searching import Found, search

_LOOK, _CUT, _WRITE = 4.0, 5.0, 0.2  # of the progress
_PAGE_BYTES = 4_000_000
_FEW = 500  # samples, below which a network learns them by heart
_PLACES = 4  # times as many are looked at as samples are wanted, for some are left out
_SAME_RATIO = 0.02
_REMEDY = {
    MISREGISTERED: "Co-register the images, or raise the limit",
    NODATA: "Check the nodata values, or choose a smaller patch",
    CLOUDS: "Check that the raster of clouds is 0 where it is clear",
    SATURATED: "Choose images that are less bright",
    TEXTURE: "Lower the least texture, or choose images with more in them",
}


def trainingset(request: TrainingSetRequest) -> Generator[Event, None, None]:
    """Write the set.  Yield events at least every 0.2 s; closing the generator stops without a trace.

    Raise EngineError where it cannot be done.
    """
    begun = time.monotonic()
    check_new(request.out)
    course = Course(_LOOK + _CUT + _WRITE)
    with Crew(request.threads) as crew:
        found: Found = yield from course.signs(
            crew.aside(lambda going: search(request.folders, going)), 0.0, "Searching the folders"
        )
        yield Started(
            "trainingset", {"pairs": len(request.pairs) + len(found.pairs), "h5": len(request.h5) + len(found.h5)}
        )
        quarries, unusable = yield from _looked(request, found, crew, course)
        contents = _contents(quarries, request.patch)
        yield from course.warned(*_mixed(quarries))
        parted = split([quarry.ground for quarry in quarries], request.validation, request.seed, same_crs)
        plan = planned(quarries, parted, request)
        _check_plan(request, quarries, plan)
        count = plan.samples(TRAINING) + plan.samples(VALIDATION)
        with NewFolder(request.out) as folder:
            size = count * sample_bytes(request.patch, len(contents.bands)) + _PAGE_BYTES
            check_room(str(folder.path), size, f"{count} samples of {len(contents.bands)} bands")
            stored = yield from course.stage(
                cut(folder.path, quarries, plan, contents, request, crew), _CUT, "Cutting samples"
            )
            made = Inventory(request, quarries, parted, plan, contents, stored, unusable)
            if stored.samples[TRAINING] < _FEW:
                yield from course.warned(
                    f"{stored.samples[TRAINING]} samples are few to learn from: a network may learn them by heart. "
                    "Add images, or learn for a short time alone."
                )
            yield from course.noted(*told(made))
            yield from course.signs(
                crew.aside(lambda _: _written(folder.path, made, course.warnings)), _WRITE, "Writing the page"
            )
            written_bytes = sum(path.stat().st_size for path in folder.path.rglob("*"))
            # From here on the folder may be in its place, so nothing is said any more that could stop it.
            folder.finish()
    yield Progress(1.0, "Done")
    out = Path(request.out)
    yield Finished(
        {
            "folder": request.out,
            "manifest": str(out / MANIFEST),
            "report": str(out / REPORT),
            "training_folder": str(out / TRAINING),
            "validation_folder": str(out / VALIDATION) if VALIDATION in stored.samples else "",
            **made.facts,
            "bytes": written_bytes,
            "seconds": round(time.monotonic() - begun, 3),
            "peak_mb": peak_mb(),
            "warnings": course.warnings,
        }
    )


def _looked(
    request: TrainingSetRequest, found: Found, crew: Crew, course: Course
) -> Generator[Event, None, tuple[list[Quarry], dict[str, str]]]:
    """Return what can be cut from, and why some of what was named cannot; where nothing can, raise the first reason."""
    # What is named and found as well is one image, or its samples would be learnt from and measured on.
    pairs = {os.path.realpath(pair.pan): pair for pair in (*found.pairs, *request.pairs)}.values()
    files = {os.path.realpath(path): path for path in (*found.h5, *request.h5)}.values()
    wanted = _PLACES * request.most // (len(pairs) + len(files)) + 1
    looks = [(short(pair.ms[0]), of_pair(pair, request, wanted, crew)) for pair in pairs]
    looks += [(short(path), of_patches(path, request, wanted, crew)) for path in files]
    quarries: list[Quarry] = []
    errors: dict[str, EngineError] = {}
    for name, look in looks:
        try:
            quarry: Quarry = yield from course.stage(look, _LOOK / len(looks), f"Looking at {name}", heard=False)
        except (Interrupted, OutputError):
            raise
        except EngineError as error:
            if len(looks) == 1:
                raise
            errors[name] = error
            yield from course.warned(f"{name} was left out: {error}")
            continue
        quarries.append(quarry)
        yield from course.warned(*(f"{name}: {warning}" for warning in quarry.warnings))
    if not quarries:
        raise next(iter(errors.values()))
    return quarries, {name: str(error) for name, error in errors.items()}


def _contents(quarries: Sequence[Quarry], patch: int) -> Contents:
    """Return what all samples have in common.  Raise RequestError where they have different numbers of bands."""
    first = quarries[0]
    for quarry in quarries:
        if len(quarry.bands) != len(first.bands):
            raise RequestError(
                f"{first.name} has {len(first.bands)} bands and {quarry.name} has {len(quarry.bands)}.",
                "Choose the same bands of every image, or make a set for each kind of image.",
            )
    sensors = {quarry.sensor for quarry in quarries}
    ratios = [quarry.ratio for quarry in quarries]
    count = len(quarries)
    return Contents(
        first.bands,
        first.sensor if len(sensors) == 1 else GENERIC,
        (min(ratios), max(ratios)),
        tuple(sum(gains) / count for gains in zip(*(quarry.gains for quarry in quarries))),
        sum(quarry.pan_gain for quarry in quarries) / count,
        patch,
        tuple(Cut(quarry.name, quarry.divisor) for quarry in quarries),
    )


def _mixed(quarries: Sequence[Quarry]) -> list[str]:
    """Return warnings about what a single model can hardly learn."""
    sensors = sorted({quarry.sensor for quarry in quarries})
    ratios = sorted(quarry.ratio for quarry in quarries)
    warnings = []
    if len(sensors) > 1:
        warnings.append(f"The images are of several sensors ({', '.join(sensors)}), whose bands may not be the same.")
    if ratios[-1] / ratios[0] - 1.0 > _SAME_RATIO:
        warnings.append(
            f"The ratios of the images lie between {ratios[0]:.3g} and {ratios[-1]:.3g}; a model learns one ratio best."
        )
    return warnings


def _check_plan(request: TrainingSetRequest, quarries: Sequence[Quarry], plan: Plan) -> None:
    """Raise InputError where there is nothing to learn from, or to measure on though that was asked for."""
    left_out = sum((quarry.left_out for quarry in quarries), Counter())
    places = sum(quarry.considered for quarry in quarries)
    if not sum(len(quarry.ground.boxes) for quarry in quarries):
        reason, _ = left_out.most_common(1)[0]
        why = "; ".join(f"{WHY[name]} ({count})" for name, count in left_out.most_common())
        raise InputError(f"None of {places} places is left to cut a sample from: {why}.", f"{_REMEDY[reason]}.")
    for store, what in ((TRAINING, "learn from"), (VALIDATION, "measure on")):
        if not plan.samples(store) and (store == TRAINING or request.validation):
            raise InputError(
                f"What is left of the images is too small to hold a part of it out: nothing remains to {what}.",
                "Give more or larger images, choose a smaller patch, or hold out a share of 0 for validation.",
            )


def _written(folder: Path, made: Inventory, warnings: Sequence[str]) -> None:
    with written(made.request.out):
        write(folder, made, warnings)
