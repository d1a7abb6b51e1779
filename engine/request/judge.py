"""How good a sharpened image is, with a truth and without one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from ..errors import RequestError
from .checks import check_choice, check_distinct, check_no_input, check_path, check_python, check_threads, check_work
from .pair import PairRequest
from .words import DEVICES, METHODS


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
            check_path("fused", name)
        for method in self.methods:
            check_choice("method", method, METHODS)
        for model in self.models:
            check_path("models", model)
        check_choice("device", self.device, DEVICES)
        check_python(self.python)
        if any(len(set(names)) != len(names) for names in (self.fused, self.methods, self.models)):
            raise RequestError("A method or an image is named twice.", "Name each once.")
        if not self.fused and not self.runs:
            raise RequestError("There is nothing to judge.", "Name at least one sharpened image or one method.")
        if self.reference is not None:
            check_path("reference", self.reference)
        if self.border < 0:
            raise RequestError(f"A border of {self.border} pixels has no meaning.", "Give 0 or more.")
        outs = tuple(out for out in (self.out_html, self.out_json, self.out_csv, self.out_error) if out)
        if not outs:
            raise RequestError("No result was asked for.", "Name a file for the report, the numbers, or the error map.")
        check_distinct(outs)
        if self.out_error and self.reference is None and not any(run != "exp" for run in self.runs):
            raise RequestError(
                "An error map needs a truth, and without a reference only methods that are run here have one.",
                "Name a method other than 'exp', or a reference, or leave the error map out.",
            )
        check_work(self.threads, self.tile_size)
        inputs = (*self.fused, *(() if self.reference is None else (self.reference,)))
        check_no_input(outs, (self.pan, *self.ms, *inputs, *self.models))

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
        check_path("fused", self.fused)
        check_work(self.threads, self.tile_size)


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
        check_path("fused", self.fused)
        check_path("reference", self.reference)
        if not math.isfinite(self.ratio) or self.ratio < 1.0:
            raise RequestError(f"A ratio of {self.ratio:g} has no meaning.", "Give PAN pixels per MS pixel, 1 or more.")
        if self.border < 0:
            raise RequestError(f"A border of {self.border} pixels has no meaning.", "Give 0 or more.")
        check_threads(self.threads)
