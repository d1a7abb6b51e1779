"""What can be asked of the engine: one frozen dataclass per verb, checked here and only here."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, fields
from typing import Any, Optional

from .errors import RequestError

# The names are a promise to scripts and saved models: add, never rename.
METHODS = (
    "exp",
    "brovey",
    "gihs",
    "gs",
    "gsa",
    "bdsd-pc",
    "sfim",
    "mtf-glp",
    "mtf-glp-fs",
    "mtf-glp-hpm",
    "bt-h",
)
DEFAULT_METHOD = "mtf-glp-fs"
LEARNED = "ksdiff"  # the method that a model file makes; not one of METHODS, which need nothing but the pair
DEVICES = ("auto", "cpu", "cuda", "mps")
WEIGHTED = ("brovey", "gihs")  # the methods that take band weights
RESAMPLINGS = ("nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average", "polynomial")
VARIANTS = ("auto", "cpu", "cuda")  # what an environment for models computes on
COVERAGES = ("intersection", "union")
DATA_TYPES = ("same", "byte", "uint16", "int16", "uint32", "int32", "float32", "float64")
FORMATS = ("gtiff", "cog")
CONVENTIONS = ("geometric", "toolbox")
SELF = "self"  # in place of a Python for a worker: compute in this process
MAX_THREADS = 256
MOST_SEED = 2**63 - 1


@dataclass(frozen=True)
class PairRequest:
    """A PAN file, the MS file or files that belong to it, and what of them is meant."""

    pan: str
    ms: tuple[str, ...]
    pan_band: Optional[int] = None  # 1-based; None: the only band, or an error that lists them
    bands: tuple[int, ...] = ()  # 1-based, over all MS files in their order; empty: all
    sensor: str = "auto"
    nodata: Optional[float] = None  # overrides what the files declare, for PAN and MS alike
    extent: Optional[tuple[float, float, float, float]] = None  # xmin, ymin, xmax, ymax in the CRS of PAN
    coverage: str = "intersection"

    def __post_init__(self) -> None:
        _path("pan", self.pan)
        if isinstance(self.ms, str) or not self.ms:
            raise RequestError("No multispectral file was named.", "Name one or several with --ms.")
        for name in self.ms:
            _path("ms", name)
        if self.pan_band is not None and self.pan_band < 1:
            raise RequestError(f"PAN band {self.pan_band} does not exist.", "Bands are counted from 1.")
        for band in self.bands:
            if band < 1:
                raise RequestError(f"MS band {band} does not exist.", "Bands are counted from 1.")
        if len(set(self.bands)) != len(self.bands):
            raise RequestError("A band is chosen twice.", "Name each band once.")
        if self.nodata is not None and not isinstance(self.nodata, (int, float)):
            raise RequestError(f"The nodata value '{self.nodata}' is no number.", "Give a number, or nan.")
        if self.extent is not None:
            if len(self.extent) != 4:
                raise RequestError(
                    f"An extent has 4 numbers, and {len(self.extent)} were given.", "Give xmin ymin xmax ymax."
                )
            xmin, ymin, xmax, ymax = self.extent
            if not all(math.isfinite(v) for v in self.extent) or xmin >= xmax or ymin >= ymax:
                raise RequestError(
                    f"The extent {self.extent} is empty.", "Give xmin ymin xmax ymax, each minimum below its maximum."
                )
        _choice("coverage", self.coverage, COVERAGES)


@dataclass(frozen=True)
class DescribeRequest(PairRequest):
    """How does this pair fit together, and what would the result be?"""


@dataclass(frozen=True)
class SharpenRequest(PairRequest):
    """Sharpen MS to the grid of PAN and write it to `out`."""

    out: str = ""
    method: str = DEFAULT_METHOD
    weights: tuple[float, ...] = ()  # share of each MS band in PAN (brovey, gihs); empty: the sensor's, or estimated
    resampling: str = "polynomial"
    data_type: str = "same"
    format: str = "gtiff"
    options: tuple[str, ...] = ()  # NAME=VALUE creation options; they win over the defaults
    overviews: bool = False
    threads: int = 0  # 0: as many as the machine has
    tile_size: int = 1024  # PAN pixels; changes speed and memory, never the result
    model: Optional[str] = None  # the file of a model, for the method "ksdiff"
    device: str = "auto"  # what a model computes on
    seed: int = 0  # of the noise from which a model begins; the same seed gives the same result
    python: str = ""  # the Python in which a model computes; empty: one is looked for; SELF: this process

    def __post_init__(self) -> None:
        super().__post_init__()
        _path("out", self.out)
        _choice("method", self.method, (*METHODS, LEARNED))
        _model(self.method, self.model)
        _choice("device", self.device, DEVICES)
        if type(self.seed) is not int or not 0 <= self.seed <= MOST_SEED:
            raise RequestError(f"{self.seed!r} cannot be a seed.", f"Give a whole number from 0 to {MOST_SEED}.")
        _python(self.python)
        _choice("resampling", self.resampling, RESAMPLINGS)
        _choice("data_type", self.data_type, DATA_TYPES)
        _choice("format", self.format, FORMATS)
        for weight in self.weights:
            if not math.isfinite(weight) or weight < 0:
                raise RequestError(
                    f"The band weight {weight} has no meaning.", "Give one number of 0 or more per band."
                )
        if self.weights and sum(self.weights) <= 0:
            raise RequestError("All band weights are 0.", "Give at least one band a weight above 0.")
        for option in self.options:
            if "=" not in option or option.startswith("="):
                raise RequestError(f"The creation option '{option}' is not of the form NAME=VALUE.", "Correct it.")
        _work(self.threads, self.tile_size)
        _no_input((self.out,), self, () if self.model is None else (self.model,))


@dataclass(frozen=True)
class SimulateRequest(PairRequest):
    """Degrade the pair by its own ratio, so that the original MS is the truth, and write all three."""

    out_pan: str = ""
    out_ms: str = ""
    out_reference: str = ""
    convention: str = "geometric"
    threads: int = 0  # 0: as many as the machine has
    tile_size: int = 2048  # PAN pixels; changes speed and memory, never the result

    def __post_init__(self) -> None:
        super().__post_init__()
        outs = (self.out_pan, self.out_ms, self.out_reference)
        for name, out in zip(("out_pan", "out_ms", "out_reference"), outs):
            _path(name, out)
        _choice("convention", self.convention, CONVENTIONS)
        if self.coverage != "intersection":
            raise RequestError(
                f"A simulated pair cannot cover the {self.coverage}: where one image is missing there is no truth.",
                "Leave the coverage at 'intersection'.",
            )
        _work(self.threads, self.tile_size)
        _no_input(outs, self)
        _distinct(outs)


@dataclass(frozen=True)
class ReportRequest(PairRequest):
    """How good are these images and methods on this pair?  Measured at both resolutions and written for people."""

    fused: tuple[str, ...] = ()  # images to judge, on the grid of PAN
    methods: tuple[str, ...] = ()  # methods to run and judge; 'exp', MS only enlarged, is always run
    models: tuple[str, ...] = ()  # files of models to run and judge as methods are
    device: str = "auto"  # what models compute on
    python: str = ""  # the Python in which they do, as in SharpenRequest
    reference: Optional[str] = None  # the truth on the grid of PAN; None: the pair is made coarser to have one
    border: int = 0  # pixels left out along each edge of the comparison with the truth
    out_html: str = ""  # of these four at least one
    out_json: str = ""
    out_csv: str = ""
    out_error: str = ""  # the error of the first image against the truth, as a raster
    folder: str = ""  # where images wait while they are judged; empty: the system's folder for temporary files
    threads: int = 0
    tile_size: int = 1024  # PAN pixels; changes speed and memory, never the result

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(isinstance(names, str) for names in (self.fused, self.methods, self.models)):
            raise RequestError("The images, the methods or the models are one text.", "Give a list of them.")
        for name in self.fused:
            _path("fused", name)
        for method in self.methods:
            _choice("method", method, METHODS)
        for model in self.models:
            _path("models", model)
        _choice("device", self.device, DEVICES)
        _python(self.python)
        if any(len(set(names)) != len(names) for names in (self.fused, self.methods, self.models)):
            raise RequestError("A method or an image is named twice.", "Name each once.")
        if not self.fused and not self.runs:
            raise RequestError("There is nothing to judge.", "Name at least one sharpened image or one method.")
        if self.reference is not None:
            _path("reference", self.reference)
        if self.border < 0:
            raise RequestError(f"A border of {self.border} pixels has no meaning.", "Give 0 or more.")
        outs = tuple(out for out in (self.out_html, self.out_json, self.out_csv, self.out_error) if out)
        if not outs:
            raise RequestError("No result was asked for.", "Name a file for the report, the numbers, or the error map.")
        _distinct(outs)
        if self.out_error and self.reference is None and not any(run != "exp" for run in self.runs):
            raise RequestError(
                "An error map needs a truth, and without a reference only methods that are run here have one.",
                "Name a method, or a reference, or leave the error map out.",
            )
        _work(self.threads, self.tile_size)
        inputs = (*self.fused, *(() if self.reference is None else (self.reference,)))
        _no_input(outs, self, (*inputs, *self.models))

    @property
    def runs(self) -> tuple[str, ...]:
        """Everything that is run for the report: methods by name, models by file."""
        return self.methods + self.models


@dataclass(frozen=True)
class AssessRequest(PairRequest):
    """How faithful is a sharpened image to its PAN and MS, where no truth is known?"""

    fused: str = ""  # on the grid of PAN, or a part of it; its bands are those of MS, in their order
    threads: int = 0  # 0: as many as the machine has
    tile_size: int = 1024  # PAN pixels; changes speed and memory, never the result

    def __post_init__(self) -> None:
        super().__post_init__()
        _path("fused", self.fused)
        _work(self.threads, self.tile_size)


@dataclass(frozen=True)
class EvaluateRequest:
    """How near is a fused image to a reference on the same grid?"""

    fused: str
    reference: str
    ratio: float  # PAN pixels per MS pixel of the fusion: it scales ERGAS
    border: int = 0  # pixels left out along each edge
    nodata: Optional[float] = None
    threads: int = 0

    def __post_init__(self) -> None:
        _path("fused", self.fused)
        _path("reference", self.reference)
        if not math.isfinite(self.ratio) or self.ratio < 1.0:
            raise RequestError(f"A ratio of {self.ratio:g} has no meaning.", "Give PAN pixels per MS pixel, 1 or more.")
        if self.border < 0:
            raise RequestError(f"A border of {self.border} pixels has no meaning.", "Give 0 or more.")
        if not 0 <= self.threads <= MAX_THREADS:
            raise RequestError(f"{self.threads} threads cannot be had.", f"Give 1 to {MAX_THREADS}, or 0 for all.")


@dataclass(frozen=True)
class ModelsRequest:
    """What does this model say of itself?  Without a file: which models are in these folders?"""

    file: Optional[str] = None
    directories: tuple[str, ...] = ()
    out_mlm: Optional[str] = None  # where to write the STAC item that describes the file

    def __post_init__(self) -> None:
        if self.file is not None:
            _path("file", self.file)
        if isinstance(self.directories, str):
            raise RequestError("The folders are one text.", "Give a list of folders.")
        for name in self.directories:
            _path("directories", name)
        if self.out_mlm is not None:
            _path("out_mlm", self.out_mlm)
            if self.file is None:
                raise RequestError("A STAC item describes one model, and none was named.", "Name the model's file.")
            if _same_file(self.file, self.out_mlm):
                raise RequestError(f"The output {self.out_mlm} is the model itself.", "Choose another name.")


@dataclass(frozen=True)
class CheckRequest:
    """What is there to run models with?  Nothing is changed, nothing fetched."""

    python: Optional[str] = None  # the one to ask, and no other; None: those of `folder`, then the one that runs us
    folder: str = ""  # where environments are made

    def __post_init__(self) -> None:
        if self.python is not None:
            _path("python", self.python)


@dataclass(frozen=True)
class SetupRequest:
    """Make an environment with what runs models."""

    folder: str  # it gets a folder of its own in there
    variant: str = "auto"
    wheels: str = ""  # a folder of wheels, in place of any index
    index_url: str = ""  # an index of packages, in place of those known
    python: Optional[str] = None  # the one to make it from; None: one is looked for
    proxy: str = field(default="", repr=False)  # an address, which may hold a password
    dry_run: bool = False
    update: bool = False  # make it again even where it is sound

    def __post_init__(self) -> None:
        _path("folder", self.folder)
        _choice("variant", self.variant, VARIANTS)
        if self.python is not None:
            _path("python", self.python)
        if self.wheels and self.index_url:
            raise RequestError("A folder of wheels and an index were given.", "Give one of them.")
        if self.index_url and not self.index_url.startswith(("https://", "http://", "file://")):
            raise RequestError(f"'{self.index_url}' is no address of an index.", "Begin it with https://.")


@dataclass(frozen=True)
class TrainRequest:
    """Train a model as a configuration file says; `settings` (name=value, dotted names) take precedence over it."""

    config: str
    settings: tuple[str, ...] = ()
    resume: bool = False  # go on with the run that the folder holds, instead of refusing it

    def __post_init__(self) -> None:
        _path("config", self.config)
        if isinstance(self.settings, str):
            raise RequestError("The settings are one text.", "Give a list of name=value.")
        for setting in self.settings:
            if not isinstance(setting, str) or "=" not in setting[1:]:
                raise RequestError(f"'{setting}' sets nothing.", "Write name=value, as in stage1.steps=100.")


def from_json(kind: type, values: dict[str, Any]) -> Any:
    """Build a request of `kind` from parsed JSON; lists become tuples.  Raise RequestError on unknown fields."""
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise RequestError(f"Unknown field {', '.join(unknown)}.", f"Known are {', '.join(sorted(known))}.")
    try:
        return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
    except TypeError as error:
        raise RequestError(f"The request is incomplete or of the wrong type: {error}.", "Correct it.") from error


def _path(name: str, value: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise RequestError(f"No file was named for '{name}'.", "Name one.")
    if "\0" in value:
        raise RequestError(f"The file name for '{name}' holds a zero byte.", "Correct it.")


def _model(method: str, model: Optional[str]) -> None:
    if model is not None:
        _path("model", model)
        if method != LEARNED:
            raise RequestError(
                f"A model was named, and the method '{method}' takes none.",
                f"Choose the method '{LEARNED}', or leave the model out.",
            )
    elif method == LEARNED:
        raise RequestError(f"The method '{LEARNED}' needs a model, and none was named.", "Name the file of a model.")


def _python(value: str) -> None:
    if not isinstance(value, str) or "\0" in value:
        raise RequestError(f"{value!r} cannot be a Python.", "Give the path of one.")


def _work(threads: int, tile_size: int) -> None:
    if not 0 <= threads <= MAX_THREADS:
        raise RequestError(f"{threads} threads cannot be had.", f"Give 1 to {MAX_THREADS}, or 0 for all cores.")
    if tile_size < 64 or tile_size > 8192:
        raise RequestError(f"A tile of {tile_size} pixels is impractical.", "Give 64 to 8192.")


def _no_input(outs: tuple[str, ...], pair: PairRequest, more: tuple[str, ...] = ()) -> None:
    for out in outs:
        if any(_same_file(source, out) for source in (pair.pan, *pair.ms, *more)):
            raise RequestError(f"The output {out} is also an input.", "Give the result a name of its own.")


def _distinct(outs: tuple[str, ...]) -> None:
    for position, out in enumerate(outs):
        if any(_same_file(out, other) for other in outs[:position]):
            raise RequestError(f"Two results would be written to {out}.", "Give each result a name of its own.")


def _same_file(one: str, two: str) -> bool:
    try:
        return os.path.samefile(one, two)  # sees through links, and knows whether capitals matter on this disk
    except OSError:  # one of them does not exist, or is not a file at all
        return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(two))


def _choice(name: str, value: str, options: tuple[str, ...]) -> None:
    if value not in options:
        raise RequestError(f"'{value}' is no {name.replace('_', ' ')}.", f"Choose one of {', '.join(options)}.")
