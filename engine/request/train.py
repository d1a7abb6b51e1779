"""What can be asked about training: as a configuration file says, or from a set of samples with settings found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..errors import RequestError
from .checks import check_choice, check_path, check_python, check_seed, check_threads, same_file
from .words import DEVICES, LEAST_MINUTES, MOST_MINUTES, SELF

BACKBONES = ("auto", "swift", "pannext", "fusionnet", "dicnn", "lagnet")
LEAST_STEPS, MOST_STEPS = 2, 10_000_000
MOST_NAME = 60  # characters
_EXTENSION = ".safetensors"


@dataclass(frozen=True)
class TrainRequest:
    """Train a model as a configuration file says; `settings` (name=value, dotted names) take precedence over it."""

    config: str
    settings: tuple[str, ...] = ()
    resume: bool = False  # go on with the run that the folder holds, instead of refusing it
    python: str = SELF  # in which to train; empty: one is looked for

    def __post_init__(self) -> None:
        check_path("config", self.config)
        if isinstance(self.settings, str):
            raise RequestError("The settings are one text.", "Give a list of name=value.")
        for setting in self.settings:
            if not isinstance(setting, str) or "=" not in setting[1:]:
                raise RequestError(f"'{setting}' sets nothing.", "Write name=value, as in stage1.steps=100.")
        check_python(self.python)


@dataclass(frozen=True)
class TeachRequest:
    """Train a model from a set of samples; how large it is and how it learns follows from the set and the time."""

    trainingset: str  # the folder that `trainingset` has made
    name: str  # of the model, for people
    out: str = ""  # the model file, beside which the run lives; empty: of this name, in the folder of models
    backbone: str = "auto"
    start: Optional[str] = None  # a model whose fusion network learns on, in place of a new one
    minutes: float = 30.0
    steps: Optional[int] = None  # so many, in both stages together, in place of the minutes
    device: str = "auto"
    threads: int = 0  # of the CPU; 0: all cores
    seed: int = 0
    resume: bool = False  # go on with the run beside the model file
    python: str = ""  # in which to train; empty: one is looked for; SELF: this process

    def __post_init__(self) -> None:
        check_path("trainingset", self.trainingset)
        _check_name(self.name)
        if self.out and not self.out.lower().endswith(_EXTENSION):
            raise RequestError(
                f"A model is a {_EXTENSION} file, and {self.out} does not end like one.",
                f"Let the name end in {_EXTENSION}.",
            )
        check_choice("backbone", self.backbone, BACKBONES)
        check_choice("device", self.device, DEVICES)
        if self.start is not None:
            check_path("start", self.start)
            if self.out and same_file(self.start, self.out):
                raise RequestError(f"The output {self.out} is the model to begin with.", "Choose another name.")
            if self.backbone != "auto":
                raise RequestError(
                    "A model to begin with brings its own backbone, and one was chosen.",
                    "Leave the backbone to auto, or begin with no model.",
                )
        if not isinstance(self.minutes, (int, float)) or not LEAST_MINUTES <= self.minutes <= MOST_MINUTES:
            raise RequestError(
                f"A model cannot be trained for {self.minutes} minutes.",
                f"Give {LEAST_MINUTES:g} to {MOST_MINUTES:g} minutes.",
            )
        if self.steps is not None and (type(self.steps) is not int or not LEAST_STEPS <= self.steps <= MOST_STEPS):
            raise RequestError(
                f"{self.steps!r} cannot be a number of steps.",
                f"Give a whole number from {LEAST_STEPS} to {MOST_STEPS}.",
            )
        check_threads(self.threads)
        check_seed(self.seed)
        check_python(self.python)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not any(letter.isalnum() for letter in name):
        raise RequestError("The model was given no name.", "Give it one, such as the sensor and the place.")
    if len(name) > MOST_NAME or "\n" in name:
        raise RequestError(
            f"The name of the model is not one line of at most {MOST_NAME} characters.", "Give it a shorter one."
        )
