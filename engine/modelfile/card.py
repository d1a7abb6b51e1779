"""What a model says of itself: its input contract, origin, training and measured quality; standard library only.

The card is JSON in the header of the model's .safetensors file, so models are listed without torch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Optional

from ..errors import ModelFileError
from ..sensors.words import ROLES
from .header import read_metadata
from .strict import build, demand, parse, refuse

FORMAT = 1  # raised when a field that each card has comes, goes or changes its meaning; newer ones are refused
KEY = "ksdiff_card"
TASK = "pansharpening"
ANY_SENSOR = "any"  # among the sensors of a card: made for all of them
PAN = "PAN"  # what the other band is called, so no MS band can be
SCALINGS = ("divisor", "percentile")
ENLARGEMENTS = ("nearest", "bilinear", "cubic", "cubicspline", "lanczos", "polynomial")  # names as in engine.pixels
MOST_BANDS = 64
MOST_RATIO = 64.0
_MOST_COUNTS = 1e9
_MOST_VALUE = 1e6  # of what the network sees, whose values are near 0..1
_MOST_MICROMETRES = 20.0
_MOST_ARCHITECTURE = 16384  # characters of JSON
_MOST_LINE = 120
_NAME = re.compile(r"[a-z][a-z0-9.-]{1,62}[a-z0-9]")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
_LICENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")  # an SPDX identifier, or LicenseRef-...
_HASH = re.compile(r"([0-9a-f]{64})?")


@dataclass(frozen=True)
class Band:
    """One MS band; a model takes any band where neither the role nor the centre wavelength (micrometres) is told."""

    name: str
    role: Optional[str]
    wavelength_um: Optional[float]

    def __post_init__(self) -> None:
        _line("A band's name", self.name)
        demand(self.role is None or self.role in ROLES, f"The band {self.name} has no known role.")
        known = self.wavelength_um is None or 0.0 < self.wavelength_um <= _MOST_MICROMETRES
        demand(known, f"The wavelength of the band {self.name} is not in micrometres.")


@dataclass(frozen=True)
class Scaling:
    """What is 1.0 to the network: so many counts ("divisor"), or this percentile of the image's counts."""

    kind: str
    value: float

    def __post_init__(self) -> None:
        demand(self.kind in SCALINGS, f"The scaling is none of {', '.join(SCALINGS)}.")
        most = 100.0 if self.kind == "percentile" else _MOST_COUNTS
        demand(0.0 < self.value <= most, f"The scaling is not above 0 and at most {most:g}.")


@dataclass(frozen=True)
class InputContract:
    """What the network takes: PAN, and MS enlarged to PAN, both scaled."""

    bands: tuple[Band, ...]  # of MS, in the order in which the network takes them; empty: any, each on its own
    wavelength_tolerance_um: float  # how far a band's centre may lie from the one named
    ratio: float  # PAN pixels per MS pixel in training
    ratios_tested: tuple[float, float]  # least and greatest
    scaling: Scaling
    value_range: tuple[float, float]  # least and greatest network value in training
    enlargement: str  # the kernel with which MS is enlarged to PAN

    def __post_init__(self) -> None:
        demand(len(self.bands) <= MOST_BANDS, f"There are more than {MOST_BANDS} bands.")
        demand(len({PAN, *(band.name for band in self.bands)}) == 1 + len(self.bands), "Two bands have the same name.")
        demand(0.0 <= self.wavelength_tolerance_um <= _MOST_MICROMETRES, "The tolerance is not in micrometres.")
        demand(1.0 <= self.ratio <= MOST_RATIO, f"The ratio is not between 1 and {MOST_RATIO:g}.")
        low, high = self.ratios_tested
        demand(1.0 <= low <= high <= MOST_RATIO, f"The tested ratios are not between 1 and {MOST_RATIO:g}.")
        low, high = self.value_range
        demand(-_MOST_VALUE <= low < high <= _MOST_VALUE, "The value range is empty or endless.")
        demand(self.enlargement in ENLARGEMENTS, f"The enlargement is none of {', '.join(ENLARGEMENTS)}.")

    def takes(self, bands: int) -> bool:
        """Return whether MS may have so many bands."""
        return not self.bands or bands == len(self.bands)


@dataclass(frozen=True)
class TrainingData:
    """What the model learnt from, on which terms, and the lines that have to be shown for it."""

    what: str
    licence: str
    credits: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """One stage of the training."""

    name: str
    steps: int
    seed: int

    def __post_init__(self) -> None:
        demand(self.steps >= 0 and self.seed >= 0, f"The steps or the seed of the stage {self.name} are below 0.")


@dataclass(frozen=True)
class Recipe:
    """How the training can be repeated."""

    stages: tuple[Stage, ...]
    config_hash: str  # SHA-256 of the configuration; empty: not known
    engine_version: str

    def __post_init__(self) -> None:
        demand(bool(_HASH.fullmatch(self.config_hash)), "The hash of the configuration is no SHA-256.")


@dataclass(frozen=True)
class Score:
    """What was measured on one set of data, by which protocol, and what other methods reach there."""

    dataset: str
    protocol: str
    metrics: Mapping[str, float]
    compared_with: Mapping[str, Mapping[str, float]]  # by method


@dataclass(frozen=True)
class Base:
    """The model that is changed by the weights of a file that holds nothing else: an adapter."""

    name: str
    version: str
    tensor_hash: str  # SHA-256 of its weights, by which it is found

    def __post_init__(self) -> None:
        sound = _NAME.fullmatch(self.name) and _VERSION.fullmatch(self.version)
        demand(bool(sound), "The model that is changed has no sound name and version.")
        hashed = self.tensor_hash and _HASH.fullmatch(self.tensor_hash)
        demand(bool(hashed), "The hash of the model that is changed is no SHA-256.")

    def __str__(self) -> str:
        return f"{self.name} {self.version} (sha256 {self.tensor_hash:.12})"


@dataclass(frozen=True)
class Card:
    """All of it.  Texts are strangers' words: escape them before they are shown as HTML."""

    name: str  # for programs: lower case, digits, dots and dashes
    title: str  # for people, one line
    description: str
    version: str
    created: str  # 2030-12-31T23:59:59Z
    input: InputContract
    architecture: Mapping[str, Any]  # for Architecture.from_dict; not checked here
    sensors: tuple[str, ...]  # ids as in engine.sensors, of the training data; or ANY_SENSOR
    training_data: tuple[TrainingData, ...]
    recipe: Recipe
    scores: tuple[Score, ...]
    licence: str  # of the weights
    task: str = TASK
    format: int = FORMAT
    tensor_hash: str = ""  # SHA-256; put in when the model is saved
    base: Optional[Base] = None  # of an adapter; None: the file holds all weights

    def __post_init__(self) -> None:
        demand(self.format == FORMAT, f"The card is of the format {self.format}, which there never was.")
        demand(self.task == TASK, f"The model is made for another task than {TASK}.")
        demand(bool(_NAME.fullmatch(self.name)), "The name is not of 3 to 64 lower case letters, digits, dots, dashes.")
        _line("The title", self.title)
        demand(bool(self.description.strip()), "The description is empty.")
        demand(bool(_VERSION.fullmatch(self.version)), "The version is not of letters, digits, dots and dashes.")
        demand(_is_time(self.created), "The time of creation is not of the form 2030-12-31T23:59:59Z.")
        demand(bool(_LICENCE.fullmatch(self.licence)), "The licence of the weights is no SPDX identifier.")
        demand(bool(_HASH.fullmatch(self.tensor_hash)), "The hash of the weights is no SHA-256.")
        small = len(_dumped(self.architecture)) <= _MOST_ARCHITECTURE
        demand(small, f"The architecture is described by more than {_MOST_ARCHITECTURE} characters.")

    def serves(self, sensor: str) -> bool:
        """Return whether the model is made for the sensor of this id."""
        return sensor in self.sensors or ANY_SENSOR in self.sensors

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Return the card that `to_json` gave.  Raise ModelFileError on all else, saying what is wrong."""
        values = parse(text, "The card")
        version = values.get("format") if isinstance(values, dict) else None
        if type(version) is int and version > FORMAT:  # before its fields, which may have changed
            raise ModelFileError(
                f"It was made by a newer version of this software (card format {version}; this one reads {FORMAT}).",
                "Update the plugin.",
            )
        card: Card = build(cls, values, "card")
        return card

    def to_json(self) -> str:
        """Return the card as one line of ASCII; the same card gives the same line."""
        values = asdict(self)
        if self.base is None:
            del values["base"]
        return _dumped(values)


def read_card(path: str) -> Card:
    """Return the card of a model file, whose weights are not read.  Raise ModelFileError where it cannot be used."""
    try:
        metadata = read_metadata(path)
        if KEY not in metadata:
            raise ModelFileError(
                "It holds weights, but no card that says what they are for.",
                "Choose a model that was made for this plugin.",
            )
        return Card.from_json(metadata[KEY])
    except ModelFileError as error:
        raise ModelFileError(f"{path} cannot be used as a model. {error.fact}", error.remedy) from error


def _line(name: str, text: str) -> None:
    one = bool(text.strip()) and len(text) <= _MOST_LINE and "\n" not in text
    demand(one, f"{name} is not one line of at most {_MOST_LINE} characters.")


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text[:-1]).strftime("%Y-%m-%dT%H:%M:%SZ") == text
    except ValueError:
        return False


def _dumped(values: Any) -> str:
    try:
        return json.dumps(values, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise refuse(f"The card holds what JSON cannot say ({error}).") from error
