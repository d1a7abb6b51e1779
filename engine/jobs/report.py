"""Judge images and methods on one pair, at reduced and at full resolution, and write what was found.

Methods are run twice: on the pair made coarser by its own ratio, where the original MS is the truth, and on the pair
itself.  With a reference on the grid of PAN, everything is compared with that instead.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Optional, Union

from ..errors import EngineError, Interrupted, OutputError, without_secrets
from ..events import Event, Finished, Progress, Started
from ..pages.evaluation import Evaluation
from ..pages.page import render
from ..raster import documents
from ..raster.aside import remove
from ..raster.scene import Scene, opened
from ..raster.sharpened import Sharpened
from ..raster.twins import Twins
from ..raster.workplace import workplace
from ..raster.writer import EXTENSIONS
from ..request import LEARNED, METHODS, PairRequest, ReportRequest, SharpenRequest, SimulateRequest
from .assess import Assessment, assessed
from .compare import Comparison, compared
from .course import Course
from .errorlayer import ErrorLayer
from .findings import Finding, Kind, as_csv, as_json, as_text, evaluation_of, judged_first
from .memory import peak_mb
from .pipeline import Crew
from .portrait import Setting, portray, setting
from .sharpen import sharpen
from .simulate import simulate
from .survey import Survey, surveyed

BASELINE = "exp"
# The work of each step, in terms of what it is to sharpen the pair: measured on scenes of middle size.
_LOOK, _SIMULATE, _SHARPEN, _COMPARE, _ASSESS, _PORTRAY, _WRITE = 2.4, 0.6, 1.0, 3.2, 4.7, 0.4, 0.4


@dataclass(frozen=True)
class _Run:
    """A method or a model, and how sharpening is asked for it."""

    name: str
    source: str
    how: dict[str, Any]


@dataclass(frozen=True)
class _Truth:
    """What methods are run on to be compared with `path`, and by which ratio."""

    pair: dict[str, Any]
    path: str
    ratio: float
    simulated: bool

    @property
    def share(self) -> float:
        """Its size in terms of the pair."""
        return self.ratio**-2 if self.simulated else 1.0


def report(request: ReportRequest) -> Generator[Event, None, None]:
    """Write the report.  Yield events at least every 0.2 s; closing the generator stops without a trace.

    Raise EngineError where it cannot be done; a method that cannot work on this pair is left out with a warning.
    """
    begun = time.monotonic()
    for path, *extensions in (
        (request.out_html, ".html", ".htm"),
        (request.out_json, ".json"),
        (request.out_csv, ".csv"),
        (request.out_error, *EXTENSIONS),
    ):
        if path:
            documents.check_nameable(path, extensions)
    runs = _runs(request)
    with opened(request) as scene, Crew(request.threads) as crew, workplace(request.folder) as folder:
        # Whatever does not fit is found before the work begins.
        images = [Sharpened(path, scene, request.nodata) for path in request.fused]
        watched: list[Union[Scene, Sharpened]] = [scene, *images]
        if request.reference is not None:
            watched.append(Sharpened(request.reference, scene, request.nodata))
            for image in images:
                _twins(image, request.reference, scene, request.nodata)
        course = Course(_work(request, len(runs), scene.lattice.ratio**-2))
        yield from course.noted(*scene.notes)
        yield from course.warned(*scene.warnings)
        survey = yield from course.stage(
            surveyed(scene, request.sensor, "polynomial", crew), 0.5 * _LOOK, "Looking at the pair"
        )
        yield from course.warned(*survey.warnings)
        common = yield from course.signs(setting(scene, survey, crew), 0.5 * _LOOK, "Looking at the pair")
        yield Started("report", {"runs": [run.name for run in runs], "fused": list(request.fused)})

        with ErrorLayer(request.out_error, crew.size) as layer:
            judge = _Judge(request, scene, survey, common, crew, course, folder, layer)
            truth = yield from judge.truth()
            findings: list[Finding] = []
            for run in runs:
                found = yield from judge.run(run, truth)
                findings += [] if found is None else [found]
            for name, image in zip(_names(request.fused, METHODS), images):
                findings.append((yield from judge.file(name, image, truth)))
            if request.out_error and not layer.begun:
                yield from course.warned("There is no error map: no image could be compared with a truth.")

            def write(go_on: Callable[[], bool]) -> Evaluation:
                for read in watched:  # since before the first look, whoever has read them in between
                    read.check_unchanged()
                evaluation = evaluation_of(request, scene, survey, common, findings, course.warnings)
                texts = _texts(request, evaluation)
                if not go_on():
                    raise Interrupted
                with documents.written(texts):
                    layer.finish(go_on)
                return evaluation

            # Once this is done the files are in their places, so nothing is said after it that could stop the run.
            evaluation = yield from course.signs(crew.aside(write), _WRITE, "Writing the report")
            out_error = request.out_error if layer.begun else ""
    yield Progress(1.0, "Done")
    yield Finished(
        {
            **as_json(evaluation),
            "judged": judged_first(evaluation).name,
            "out_html": request.out_html,
            "out_json": request.out_json,
            "out_csv": request.out_csv,
            "out_error": out_error,
            "seconds": round(time.monotonic() - begun, 3),
            "peak_mb": peak_mb(),
        }
    )


@dataclass(frozen=True)
class _Judge:
    """Looks at one image after the other."""

    request: ReportRequest
    scene: Scene
    survey: Survey
    common: Setting
    crew: Crew
    course: Course
    folder: str
    layer: ErrorLayer

    def truth(self) -> Generator[Event, None, Optional[_Truth]]:
        """Return the reference, or the original MS with the coarser pair; None, with a warning, where neither is."""
        request, pair = self.request, _pair(self.request)
        if request.reference is not None:
            return _Truth(pair, request.reference, self.scene.lattice.ratio, simulated=False)
        if not request.runs:
            return None
        pan, ms, reference = (self._place(f"coarse_{name}") for name in ("pan", "ms", "reference"))
        try:
            asked = SimulateRequest(**pair, out_pan=pan, out_ms=ms, out_reference=reference, threads=request.threads)
            made = yield from self._waiting(simulate(asked), _SIMULATE, "Making the pair coarser", heard=False)
        except (Interrupted, OutputError):
            raise
        except EngineError as error:
            yield from self.course.warned(
                f"There is no truth to compare with, since the pair cannot be made coarser: {error}"
            )
            return None
        coarse = {"pan": pan, "ms": (ms,), "sensor": request.sensor, "nodata": request.nodata}
        return _Truth(coarse, reference, made["ratio"], simulated=True)

    def run(self, run: _Run, truth: Optional[_Truth]) -> Generator[Event, None, Optional[Finding]]:
        """Run a method and judge what it makes; return None, with a warning, where it cannot work on this pair."""
        kind: Kind = "baseline" if run.name == BASELINE else "method"
        sharp, coarse = self._place("sharp"), self._place("coarse_sharp")
        comparison, drawn, nodata = None, self.layer.begun, self.request.nodata
        try:
            if truth is not None and truth.simulated:
                running = f"Running {run.name} on the coarser pair"
                yield from self._sharpened(run, truth.pair, coarse, running, truth.share, heard=False)
                comparison = yield from self._compared(run.name, kind, Twins(coarse, truth.path, nodata), truth)
            yield from self._sharpened(run, _pair(self.request), sharp, f"Running {run.name}", 1.0, heard=True)
            if truth is not None and not truth.simulated:
                comparison = yield from self._compared(run.name, kind, Twins(sharp, truth.path, nodata), truth)
            image = Sharpened(sharp, self.scene, nodata)
            return (yield from self._judged(run.name, kind, run.source, image, comparison))
        except (Interrupted, OutputError):
            raise
        except EngineError as error:
            if kind == "baseline":
                raise
            if not drawn:
                self.layer.drop()
            yield from self.course.warned(f"{run.name} was left out: {error}")
            return None
        finally:
            for path in (sharp, coarse):
                remove(path)

    def file(self, name: str, image: Sharpened, truth: Optional[_Truth]) -> Generator[Event, None, Finding]:
        """Judge a file; only a reference on its own grid is a truth for it."""
        comparison = None
        if truth is not None and not truth.simulated:
            twins = _twins(image, truth.path, self.scene, self.request.nodata)
            comparison = yield from self._compared(name, "file", twins, truth)
        return (yield from self._judged(name, "file", without_secrets(image.path), image, comparison))

    def _sharpened(
        self, run: _Run, pair: dict[str, Any], out: str, name: str, share: float, heard: bool
    ) -> Generator[Event, None, None]:
        asked = SharpenRequest(
            **pair, **run.how, out=out, threads=self.request.threads, tile_size=self.request.tile_size
        )
        yield from self._waiting(sharpen(asked), _SHARPEN * share, name, heard, of=run.name)

    def _waiting(
        self, job: Generator[Event, None, None], work: float, name: str, heard: bool, of: str = ""
    ) -> Generator[Event, None, Any]:
        """Run a job whose results wait in the folder, of which the user knows nothing unless it is too small."""
        try:
            return (yield from self.course.stage(job, work, name, heard, of))
        except OutputError as error:
            raise OutputError(
                error.fact, "Make room there, name another folder, or choose a smaller extent."
            ) from error

    def _compared(self, name: str, kind: Kind, twins: Twins, truth: _Truth) -> Generator[Event, None, Comparison]:
        sink = None
        if self.request.out_error and not self.layer.begun and _drawn(self.request, kind):
            self.layer.begin(twins, self.request.border, _inputs(self.request))
            sink = self.layer.write
        comparing = compared(twins, truth.ratio, self.request.border, self.crew, with_maps=True, sink=sink)
        found: Comparison = yield from self.course.stage(
            comparing, _COMPARE * truth.share, f"Comparing {name} with the truth"
        )
        return found

    def _judged(
        self,
        name: str,
        kind: Kind,
        source: str,
        image: Sharpened,
        comparison: Optional[Comparison],
    ) -> Generator[Event, None, Finding]:
        assessing = assessed(self.scene, self.survey, image, self.crew, self.request.tile_size)
        found: Assessment = yield from self.course.stage(assessing, _ASSESS, f"Assessing {name}")
        if kind == "file":
            yield from self.course.warned(*(f"{name}: {warning}" for warning in found.placement.warnings))
        portrait = yield from self.course.signs(portray(image, self.common, self.crew), _PORTRAY, f"Looking at {name}")
        return Finding(name, kind, source, comparison, found, portrait)

    def _place(self, name: str) -> str:
        return os.path.join(self.folder, f"{name}.tif")


def _inputs(request: ReportRequest) -> tuple[str, ...]:
    truth = () if request.reference is None else (request.reference,)
    return request.pan, *request.ms, *request.fused, *truth


def _pair(request: ReportRequest) -> dict[str, Any]:
    return {field.name: getattr(request, field.name) for field in fields(PairRequest)}


def _twins(image: Sharpened, reference: str, scene: Scene, nodata: Optional[float]) -> Twins:
    """Lay a file beside the reference where methods are compared with it: in the part chosen of the scene."""
    return Twins(image.path, reference, nodata, scene.covered.moved(-image.covered.row, -image.covered.col))


def _drawn(request: ReportRequest, kind: Kind) -> bool:
    """Return whether an image of this kind may be the one whose errors are put on the map."""
    if request.reference is not None and request.fused:
        return kind == "file"
    return kind == "method" or set(request.runs) == {BASELINE}


def _runs(request: ReportRequest) -> list[_Run]:
    """Return what is run, the baseline first."""
    methods = (BASELINE, *(method for method in request.methods if method != BASELINE))
    runs = [_Run(method, "run for this report", {"method": method}) for method in methods]
    how = {"method": LEARNED, "device": request.device, "python": request.python}
    for name, path in zip(_names(request.models, (*METHODS, *request.fused)), request.models):
        runs.append(_Run(name, path, {**how, "model": path}))
    return runs


def _names(paths: tuple[str, ...], taken: Sequence[str]) -> list[str]:
    """Return what to call the files: without their folders, unless something else is called so."""
    paths = tuple(map(without_secrets, paths))
    short = [os.path.basename(path) for path in paths]
    unlike = [
        name if short.count(name) == 1 and name not in taken else _in_full(path) for path, name in zip(paths, short)
    ]
    # Addresses may differ in their queries alone, which are not told.
    earlier = [unlike[:place].count(name) for place, name in enumerate(unlike)]
    return [f"{name} ({times + 1})" if times else name for name, times in zip(unlike, earlier)]


def _in_full(path: str) -> str:
    return os.path.abspath(path) if os.path.exists(path) else path


def _work(request: ReportRequest, methods: int, coarse: float) -> float:
    """Return all the work of a run; `coarse` is the size of the coarser pair in terms of the pair."""
    judged = _ASSESS + _PORTRAY
    work = _LOOK + _WRITE + methods * (_SHARPEN + judged) + len(request.fused) * judged
    if request.reference is not None:
        return work + (methods + len(request.fused)) * _COMPARE
    return work + (_SIMULATE + methods * (_SHARPEN + _COMPARE) * coarse if request.runs else 0.0)


def _texts(request: ReportRequest, evaluation: Evaluation) -> dict[str, str]:
    wanted = ((request.out_html, render), (request.out_json, as_text), (request.out_csv, as_csv))
    return {path: write(evaluation) for path, write in wanted if path}
