"""How a pair is sharpened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from ..errors import RequestError
from .checks import (
    check_choice,
    check_distinct,
    check_folders,
    check_minutes,
    check_model,
    check_no_input,
    check_path,
    check_python,
    check_seed,
    check_threads,
    check_work,
)
from .pair import PairRequest
from .register import REGISTRATIONS, check_shifts
from .words import (
    CLASSICAL,
    CONTEXTS,
    DATA_TYPES,
    DEVICES,
    FORMATS,
    LEARNED,
    LEAST_MINUTES,
    METHODS,
    RESAMPLINGS,
)


@dataclass(frozen=True)
class SharpenRequest(PairRequest):
    """Sharpen MS to the grid of PAN and write it to `out`."""

    out: str = ""
    method: str = CLASSICAL  # the doors for people choose a model instead: DEFAULT_METHOD
    weights: tuple[float, ...] = ()  # share of each MS band in PAN (brovey, gihs); empty: the sensor's, or estimated
    resampling: str = "polynomial"
    data_type: str = "same"
    format: str = "gtiff"
    options: tuple[str, ...] = ()  # NAME=VALUE creation options; they win over the defaults
    overviews: bool = False
    threads: int = 0  # 0: as many as the machine has
    tile_size: int = 1024  # PAN pixels; changes speed and memory, never the result
    model: Optional[str] = None  # the file of a model, for the method "ksdiff"; None: one is chosen
    model_folders: tuple[str, ...] = ()  # where to choose from, beside the models that come with the engine
    context: str = "scene"
    device: str = "auto"  # what a model computes on
    seed: int = 0  # of the noise from which a model begins; the same seed gives the same result
    python: str = ""  # the Python in which a model computes; empty: one is looked for; SELF: this process
    resume: bool = False  # go on where an earlier run of the same request was ended
    adapt: float = 0.0  # minutes in which the model learns from the pair before it sharpens it; 0: none
    register: str = "report"  # what is done about a shift of MS against PAN
    out_shifts: str = ""  # a file for the local shifts, as points; empty: none

    def __post_init__(self) -> None:
        super().__post_init__()
        check_path("out", self.out)
        check_choice("method", self.method, (*METHODS, LEARNED))
        check_model(self.method, self.model)
        check_folders(self.model_folders)
        check_choice("context", self.context, CONTEXTS)
        check_choice("device", self.device, DEVICES)
        check_seed(self.seed)
        check_python(self.python)
        check_choice("resampling", self.resampling, RESAMPLINGS)
        check_choice("data_type", self.data_type, DATA_TYPES)
        check_choice("format", self.format, FORMATS)
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
        check_work(self.threads, self.tile_size)
        inputs = (self.pan, *self.ms, *(() if self.model is None else (self.model,)))
        check_no_input((self.out,), inputs)
        check_choice("register", self.register, REGISTRATIONS)
        check_shifts(self.out_shifts, inputs)
        if self.out_shifts:
            check_distinct((self.out, self.out_shifts))
        self._check_adapting()

    def _check_adapting(self) -> None:
        if not self.adapt:
            return
        check_minutes(self.adapt, LEAST_MINUTES)
        if self.method != LEARNED:
            raise RequestError(
                f"The method '{self.method}' has no model that could be adapted.",
                f"Choose the method '{LEARNED}', or do not adapt.",
            )
        if self.resume:
            raise RequestError(
                "A run that adapts its model cannot be gone on with: each time it adapts, the model becomes another.",
                "Adapt the model first, into a file of its own, and sharpen with that.",
            )


@dataclass(frozen=True)
class AdaptRequest(PairRequest):
    """Let a model for any sensor learn from the pair made coarser, and write the model that comes of it to `out`."""

    out: str = ""
    model: Optional[str] = None  # the file of the model to begin with; None: one is chosen
    model_folders: tuple[str, ...] = ()  # as in SharpenRequest, like all below
    minutes: float = 2.0
    threads: int = 0
    device: str = "auto"
    seed: int = 0  # of the order in which samples are seen
    python: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_path("out", self.out)
        if not self.out.lower().endswith(".safetensors"):
            raise RequestError(
                f"A model is a .safetensors file, and '{self.out}' does not end like one.",
                "Let the name end in .safetensors.",
            )
        if self.model is not None:
            check_path("model", self.model)
        check_folders(self.model_folders)
        check_minutes(self.minutes, LEAST_MINUTES)
        check_threads(self.threads)
        check_choice("device", self.device, DEVICES)
        check_seed(self.seed)
        check_python(self.python)
        check_no_input((self.out,), (self.pan, *self.ms, *(() if self.model is None else (self.model,))))
