"""What a training is to do: every setting, read from JSON, checked, and told apart from what does not matter."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Optional, Union

from ..data.sample import Variation
from ..errors import InputError, RequestError
from ..modelfile.card import TrainingData
from ..modelfile.strict import unique
from ..network.device import DEVICES
from ..network.ksdiff import Architecture
from ..request import MAX_THREADS
from .parsing import build, demand, put

PRECISIONS = ("auto", "off", "bf16")

LOSSES = ("l1", "relative", "pooled")
ADAPTED = ("all", "kernels")
H2_PRIORS = ("unrolled", "single_t")
PRESETS = ("default", "tiny")
_LONGEST = 1 << 24  # characters of a configuration
# What may change when a run is resumed: none of it decides what a step does.
_FREE = frozenset(
    ("folder", "device", "threads", "memory_mb", "checkpoint_every_minutes", "max_minutes", "patience", "card", "base")
)


@dataclass(frozen=True)
class PairData:
    """PAN and MS files of one scene."""

    pan: str
    ms: tuple[str, ...]
    bands: tuple[int, ...] = ()  # 1-based, over all MS files; empty: all
    sensor: str = "auto"
    nodata: Optional[float] = None
    gains: tuple[float, ...] = ()  # MTF at the Nyquist frequency of MS; empty: those of the sensor
    pan_gain: Optional[float] = None
    weight: float = 1.0  # how many of the samples, in proportion to the other sources


@dataclass(frozen=True)
class ImageData:
    """A multispectral image without PAN, from whose bands a PAN is made."""

    image: str
    ratio: float
    sensor: str
    bands: tuple[int, ...] = ()
    nodata: Optional[float] = None
    pan_weights: tuple[float, ...] = ()  # share of each chosen band in PAN; empty: the sensor's, or equal ones
    weight: float = 1.0


@dataclass(frozen=True)
class PatchData:
    """A file of patches as the field's benchmark has them, with gt, ms and pan."""

    h5: str
    sensor: str
    weight: float = 1.0


@dataclass(frozen=True)
class StoreData:
    """A store of samples for a model of any sensor."""

    store: str
    weight: float = 1.0


Data = Union[PairData, ImageData, PatchData, StoreData]


@dataclass(frozen=True)
class StageConfig:
    """One stage: its length, and its learning rate from the warm-up's end to its own."""

    steps: int
    lr: float
    lr_end: float = 1e-6
    warm_up: int = 100  # steps

    def check(self, name: str) -> None:
        demand(self.steps >= 1, f"{name}.steps is {self.steps}.", "Give 1 or more.")
        demand(0.0 < self.lr <= 1.0, f"{name}.lr is {self.lr:g}.", "Give a rate above 0, such as 0.0005.")
        demand(0.0 <= self.lr_end <= self.lr, f"{name}.lr_end is {self.lr_end:g}.", f"Give 0 to {self.lr:g}.")
        demand(self.warm_up >= 0, f"{name}.warm_up is {self.warm_up}.", "Give 0 or more steps.")


@dataclass(frozen=True)
class Described:
    """What people are told about the model; its card has the form that modelfile.card demands."""

    name: str = "ksdiff-model"
    title: str = "A model trained by its user"
    description: str = "Trained with python -m engine train."
    version: str = "1.0.0"
    licence: str = "LicenseRef-unknown"
    training_data: tuple[TrainingData, ...] = ()


@dataclass(frozen=True)
class TrainingConfig:
    """All settings.  Raise RequestError for what cannot be."""

    folder: str  # where the run lives
    architecture: Union[str, Mapping[str, Any]] = "default"  # a preset, or the fields of network.ksdiff.Architecture
    data: tuple[Data, ...] = ()
    folders: tuple[str, ...] = ()  # more data: each holds pan.tif and ms.tif
    validation_data: tuple[Data, ...] = ()
    validation_folders: tuple[str, ...] = ()
    validation_samples: int = 64
    divisor: Optional[float] = None  # counts that are 1.0 to the network; None: the 99.9th percentile of each scene
    variation: Variation = Variation()  # noqa: RUF009 - frozen
    patch: int = 64  # pixels of PAN after degrading
    batch: int = 32  # samples of a step, over all processes
    accumulate: int = 1  # pieces in which a process takes its share of a batch; changes memory, not the result
    stage1: StageConfig = StageConfig(steps=20_000, lr=5e-4)
    stage2: StageConfig = StageConfig(steps=12_000, lr=2e-4)
    h2_prior: str = "unrolled"  # what the image of stage 2 is made with; "single_t": the formula taken at its word
    start: str = ""  # a model whose weights are taken to begin with, wherever they fit
    start_competes: bool = True  # whether they may stay the best; not where other things are learnt than are measured
    adapt: bool = False  # in place of both stages, the fusion network alone learns on, for as long as stage 1
    adapts: str = "all"  # of the fusion network; "kernels": what generates their modulation stays as it is
    separate: bool = False  # stage 2 trains the diffusion alone, for its latent loss: the ablation
    image_weight: float = 1.0  # lambda of stage 2
    loss: str = "l1"  # of the image; "relative", "pooled": the error of each sample, or all, as a share of that of MS
    weight_decay: float = 1e-4
    clip: float = 1.0  # greatest norm of the gradients
    ema: float = 0.999
    precision: str = "auto"
    device: str = "auto"
    threads: int = 0  # of the CPU; 0: all
    memory_mb: float = 1024.0  # of imagery that is kept
    seed: int = 0
    validate_every: int = 500  # steps
    checkpoint_every_minutes: float = 5.0
    max_minutes: Optional[float] = None  # for the whole run; the schedule ends with it
    stage1_share: Optional[float] = None  # of that time; None: in proportion to the steps
    patience: Optional[int] = None  # validations without a new best after which a stage ends
    card: Described = Described()
    base: str = ""  # the folder that paths are relative to, itself relative to that of the configuration file

    def __post_init__(self) -> None:
        self.stage1.check("stage1")
        self.stage2.check("stage2")
        demand(bool(self.folder.strip()), "No folder was named for the run.", "Give 'folder'.")
        for name, choices in (
            ("precision", PRECISIONS),
            ("device", DEVICES),
            ("h2_prior", H2_PRIORS),
            ("loss", LOSSES),
            ("adapts", ADAPTED),
        ):
            value = getattr(self, name)
            demand(value in choices, f"{name} is '{value}'.", f"Choose one of {', '.join(choices)}.")
        # The greatest guard the machine from a slip of the keyboard: each sample and each thread takes memory.
        for name, least, most in (
            ("validation_samples", 1, 100_000), ("patch", 16, 4096), ("batch", 1, 4096), ("accumulate", 1, 4096),
            ("threads", 0, MAX_THREADS), ("seed", 0, 2**63 - 1), ("validate_every", 1, 10**9),
        ):  # fmt: skip
            value = getattr(self, name)
            demand(least <= value <= most, f"{name} is {value}.", f"Give {least} to {most}.")
        for sources in (self.data, self.validation_data):
            for source in sources:
                weight, gain = source.weight, getattr(source, "pan_gain", None)
                demand(weight >= 0.0, f"The weight of a source is {weight:g}.", "Give 0 or more.")
                demand(gain is None or 0.0 < gain < 1.0, f"pan_gain is {gain}.", "Give a number between 0 and 1.")
        for name in ("image_weight", "clip", "memory_mb", "checkpoint_every_minutes"):
            value = getattr(self, name)
            demand(value > 0.0, f"{name} is {value:g}.", "Give a number above 0.")
        for name in ("max_minutes", "patience"):
            value = getattr(self, name)
            demand(value is None or value > 0, f"{name} is {value}.", "Give a number above 0, or null.")
        divisor = self.divisor
        demand(divisor is None or 1e-6 <= divisor <= 1e9, f"divisor is {divisor}.", "Give 1e-6 to 1e9, or null.")
        demand(0.0 <= self.ema < 1.0, f"ema is {self.ema:g}.", "Give 0 to below 1, such as 0.999.")
        demand(0.0 <= self.weight_decay < 1.0, f"weight_decay is {self.weight_decay:g}.", "Give 0 to below 1.")
        share = self.stage1_share
        demand(share is None or 0.0 < share < 1.0, f"stage1_share is {share}.", "Give a share between 0 and 1.")
        if isinstance(self.architecture, str):
            demand(
                self.architecture in PRESETS,
                f"There is no architecture '{self.architecture}'.",
                f"Choose one of {', '.join(PRESETS)}, or describe one in braces.",
            )
        demand(
            bool(self.start) or not self.adapt,
            "Nothing is named that could be adapted.",
            "Give 'start', the model to begin with, or leave 'adapt' out.",
        )
        pieces = self.accumulate
        demand(
            self.batch % pieces == 0,
            f"A batch of {self.batch} samples does not fall into {pieces} equal pieces.",
            "Let accumulate divide batch.",
        )

    @classmethod
    def load(cls, path: str, overrides: Sequence[str] = ()) -> TrainingConfig:
        """Read a file, change the settings that `overrides` (name=value, dotted names) name, and check it all."""
        try:
            with open(path, encoding="utf-8-sig") as file:  # as Windows' own editor writes it, too
                text = file.read(_LONGEST + 1)  # a device has no end
            demand(len(text) <= _LONGEST, f"{path} is too long for a configuration.", "Name a configuration file.")
            values = json.loads(text, object_pairs_hook=unique)
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}).", "Name a configuration file.") from error
        except (ValueError, RecursionError) as error:  # the latter: braces within braces within braces
            raise InputError(f"{path} is no JSON ({error}).", "Correct it.") from error
        demand(isinstance(values, dict), f"{path} is no JSON object.", "Write the settings in braces.")
        for override in overrides:
            setting, equals, word = override.partition("=")
            demand(bool(setting and equals), f"'{override}' sets nothing.", "Write name=value.")
            put(values, setting, _value(word))
        config: TrainingConfig = build(cls, values, "")
        return replace(config, base=os.path.join(os.path.dirname(os.path.abspath(path)), config.base))

    def path(self, name: str) -> str:
        """Return where a path of the configuration leads."""
        return os.path.normpath(os.path.join(self.base, name))

    def training_sources(self) -> tuple[Data, ...]:
        return (*self.data, *_pairs(self.folders))

    def validation_sources(self) -> tuple[Data, ...]:
        return (*self.validation_data, *_pairs(self.validation_folders))

    def network(self, bands: int) -> Architecture:
        """Return the architecture for data of so many bands.  Raise RequestError where it wants another number."""
        if self.architecture == "tiny":
            return Architecture.tiny(bands)
        described = {} if isinstance(self.architecture, str) else self.architecture
        architecture = Architecture.from_dict({"bands": bands, **described})
        if architecture.bands != bands:
            raise RequestError(
                f"The architecture is for {architecture.bands} bands, and the data have {bands}.",
                "Leave 'bands' out of the architecture, or choose bands of the data.",
            )
        return architecture

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON, from which `load` makes the same."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    def hash(self) -> str:
        """Return the SHA-256 of what decides the result; paths count as they are written."""
        return hashlib.sha256(json.dumps(_deciding(self.to_dict()), sort_keys=True).encode()).hexdigest()

    def differences(self, other: Mapping[str, Any]) -> list[str]:
        """Return the settings that decide the result and are not those of `other`, in words."""
        mine, theirs = _deciding(self.to_dict()), _deciding(dict(other))
        for field in fields(self):  # one that is newer than the run was then as it is by default
            if field.name in mine and isinstance(field.default, (str, bool, int, float)):
                theirs.setdefault(field.name, field.default)
        return [
            f"{name} {json.dumps(theirs.get(name))} instead of {json.dumps(mine.get(name))}"
            for name in sorted(mine.keys() | theirs.keys())
            if mine.get(name) != theirs.get(name)
        ]


def _deciding(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _FREE}


def _pairs(folders: Sequence[str]) -> tuple[PairData, ...]:
    return tuple(PairData(f"{folder}/pan.tif", (f"{folder}/ms.tif",)) for folder in folders)


def _value(word: str) -> Any:
    try:
        return json.loads(word)
    except (ValueError, RecursionError):
        return word
