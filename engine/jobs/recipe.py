"""How large a network is and how it learns, by the samples there are and the time: a configuration for `train`.

Nothing here needs PyTorch, so that it can be decided before the Python that has it is started.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ..data.from_bands import MANIFEST
from ..data.from_store import open_store
from ..errors import InputError, ModelFileError
from ..modelfile.card import Card
from ..request import TeachRequest
from .suited import several

TRAINING, VALIDATION = "training", "validation"  # the stores of a training set
VERSION = "1.0.0"  # of a model that was made a moment ago
_BATCH = 16
_LEAST_SAMPLES = 16
_OFTEN = 500  # times that each sample may be seen, before it is surely learnt by heart
_ENDLESS = 1_000_000  # steps, where the time decides
_STAGE1 = 0.6  # of the steps or the time, as in the recipes of the benchmarks
_VALIDATIONS = 20  # in a run, about
_CHECKPOINT_MINUTES = 2.0  # what a loss of power costs at most
_FULL = 64  # pixels of the patches that the sizes were measured with


@dataclass(frozen=True)
class Size:
    """A network, and what it takes to be worth it; measured with four bands and batches of 16 on one core."""

    name: str
    least_samples: int
    least_minutes: float
    parameters: int
    memory_mb: float  # of the process that trains, with patches of 64 pixels
    steps_a_second: float  # of swift
    width: int  # of swift
    slower_width: int  # of the other backbones
    rest: Mapping[str, Any] = field(default_factory=dict)


SIZES = (
    Size("small", 0, 0.0, 1_200_000, 500.0, 4.0, 24, 16,
         {"latent": 32, "widths": [16, 32, 64], "denoiser_width": 64, "denoiser_blocks": 1, "sampling_steps": 4}),
    Size("middle", 300, 8.0, 1_600_000, 900.0, 2.5, 48, 24,
         {"latent": 64, "widths": [16, 32, 64], "denoiser_width": 128, "denoiser_blocks": 2, "sampling_steps": 4}),
    Size("large", 3000, 180.0, 5_600_000, 1500.0, 1.2, 64, 32,
         {"latent": 128, "widths": [32, 64, 128], "denoiser_width": 256, "denoiser_blocks": 3, "sampling_steps": 8}),
)  # fmt: skip
_SLOWER = 3.0  # times as long a step of the other backbones takes


@dataclass(frozen=True)
class Samples:
    """What there is to learn from and, where `held_out` is not 0, to measure on."""

    training: str
    validation: str
    count: int
    held_out: int
    patch: int
    bands: int
    guides: int
    about: str

    @classmethod
    def of(cls, folder: str) -> Samples:
        """Return what the folder of a training set holds.  Raise InputError where it holds none, or too little."""
        training, validation = (os.path.join(os.path.abspath(folder), name) for name in (TRAINING, VALIDATION))
        if not os.path.isfile(os.path.join(training, MANIFEST)):
            raise InputError(
                f"{folder} is no training set: it holds no samples to learn from.",
                "Make a training set, and name the folder that it was written to.",
            )
        source = open_store(training)
        told = _manifest(training)
        count, held_out = told["samples"], 0
        if count < _LEAST_SAMPLES:
            raise InputError(
                f"{folder} holds {count} samples, too few for even the smallest network, which takes {_LEAST_SAMPLES}.",
                "Make a training set of more or larger images, or of smaller patches.",
            )
        if os.path.isfile(os.path.join(validation, MANIFEST)):
            open_store(validation)
            held_out = _manifest(validation)["samples"]
        return cls(training, validation, count, held_out, told["patch"], source.bands, source.guides, told["about"])

    @property
    def words(self) -> str:
        """Return what they are of, in words."""
        return "single bands of any sensor" if self.guides else several(self.bands)


@dataclass(frozen=True)
class Recipe:
    """What is to be trained on which samples, how large and for how long."""

    samples: Samples
    request: TeachRequest
    begins_with: Optional[Card]  # the model whose fusion network learns on
    size: Size

    @classmethod
    def of(cls, samples: Samples, request: TeachRequest, begins_with: Optional[Card]) -> Recipe:
        """Return the largest network that samples and time are worth.

        Raise ModelFileError where the samples are not what the model to begin with takes, InputError where the
        backbone takes no such samples.
        """
        if samples.guides and request.backbone not in ("auto", "swift"):
            raise InputError(
                f"The samples are for a model of any sensor, and the backbone {request.backbone} takes none such.",
                "Choose the backbone swift, or auto.",
            )
        if begins_with is not None:
            _check_fits(begins_with, samples)
        fitting = [
            size
            for size in SIZES
            if samples.count >= size.least_samples and _minutes(size, request) >= size.least_minutes
        ]
        return cls(samples, request, begins_with, fitting[-1])

    @property
    def steps(self) -> int:
        """How many steps it will make, about where the time decides."""
        wanted = self.request.steps
        return wanted or max(1, round(60.0 * self.request.minutes * _pace(self.size, self.request)))

    @property
    def memory_mb(self) -> float:
        """How much memory the training takes, about."""
        return self.size.memory_mb * max(0.5, (self.samples.patch / _FULL) ** 2)

    @property
    def disk_bytes(self) -> int:
        """How much of the disk the run takes: three checkpoints of five copies of the weights, the model, a page."""
        return self.size.parameters * 4 * 16 + 20_000_000

    def notes(self) -> Iterator[str]:
        """Yield what is decided, in sentences."""
        request, samples = self.request, self.samples
        if self.begins_with is not None:
            what = f"The fusion network of {self.begins_with.name} {self.begins_with.version} learns on"
        else:
            what = f"A {self.size.name} network of the backbone {self._backbone} learns"
        minutes = request.minutes if request.steps is None else _minutes(self.size, request)
        length = f"{minutes:.3g} minutes" if request.steps is None else f"{request.steps} steps"
        estimate = "" if request.steps is None else f", which one core does in about {minutes:.2g} minutes"
        yield (
            f"{what} from {samples.count} samples of {samples.words} for {length}{estimate}; {samples.held_out} "
            "samples are to measure on."
        )

    def doubts(self) -> Iterator[str]:
        """Yield, in sentences, what speaks against it."""
        often = self.steps * _BATCH / self.samples.count
        if often > _OFTEN:
            yield (
                f"Each of {self.samples.count} samples will be seen about {often:.0f} times, so that the network "
                "learns them by heart. Learn for a shorter time, or make a training set of more images."
            )

    def configuration(self, run: str) -> dict[str, Any]:
        """Return the settings of a training in the folder `run`."""
        request, samples, steps = self.request, self.samples, self.steps
        first = round(_STAGE1 * (request.steps or _ENDLESS))
        second = (request.steps or _ENDLESS) - first
        fast = 2e-3 if samples.guides else 1e-3
        warm_up = min(200, steps // 20)
        settings: dict[str, Any] = {
            "folder": run,
            "data": [{"store": samples.training}],
            "validation_data": [{"store": samples.validation}] if samples.held_out else [],
            "validation_samples": min(samples.held_out or samples.count, 64),
            "architecture": self._architecture(),
            "loss": "relative" if samples.guides else "l1",
            "patch": samples.patch,
            "batch": _BATCH,
            "stage1": {"steps": first, "lr": fast, "warm_up": warm_up},
            "stage2": {"steps": second, "lr": 0.4 * fast, "warm_up": warm_up},
            "ema": min(0.998, max(0.8, 1.0 - 20.0 / steps)),
            "validate_every": min(500, max(10, steps // _VALIDATIONS)),
            "checkpoint_every_minutes": _CHECKPOINT_MINUTES,
            "max_minutes": None if request.steps else request.minutes,
            "stage1_share": _STAGE1,
            "device": request.device,
            "threads": request.threads,
            "seed": request.seed,
            "card": self._card(),
        }
        if request.start is not None:
            only = {"steps": request.steps or _ENDLESS, "lr": 5e-4, "warm_up": warm_up}
            settings.update(start=os.path.abspath(request.start), adapt=True, stage1=only, stage1_share=None)
        return settings

    @property
    def _backbone(self) -> str:
        return "swift" if self.request.backbone == "auto" else self.request.backbone

    def _architecture(self) -> dict[str, Any]:
        if self.begins_with is not None:
            return dict(self.begins_with.architecture)
        width = self.size.width if self._backbone == "swift" else self.size.slower_width
        return {"backbone": self._backbone, "guides": self.samples.guides, "width": width, **self.size.rest}

    def _card(self) -> dict[str, Any]:
        begun = "" if self.begins_with is None else f" It began as {self.begins_with.name} {self.begins_with.version}."
        base = () if self.begins_with is None else self.begins_with.training_data
        learnt = [{"what": one.what, "licence": one.licence, "credits": list(one.credits)} for one in base]
        return {
            "name": slug(self.request.name),
            "title": self.request.name.strip(),
            "description": f"Trained by its user on {self.samples.count} samples of {self.samples.words}.{begun}",
            "version": VERSION,
            "training_data": [
                *learnt,
                {"what": self.samples.about or "The user's own images", "licence": "LicenseRef-unknown", "credits": []},
            ],
        }


def slug(name: str) -> str:
    """Return a name as cards and files have it: 3 to 64 lower case letters, digits and dashes, a letter first."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss")).encode("ascii", "ignore").decode("ascii")
    words = "".join(letter if letter.isalnum() or letter == "." else "-" for letter in plain).strip("-.")
    joined = "-".join(word for word in words.split("-") if word)
    return joined if len(joined) >= 3 and joined[0].isalpha() else f"model-{joined or 'x'}"


def _minutes(size: Size, request: TeachRequest) -> float:
    """Return how long it takes on one core."""
    return request.minutes if request.steps is None else request.steps / (60.0 * _pace(size, request))


def _pace(size: Size, request: TeachRequest) -> float:
    """Return steps in a second."""
    return size.steps_a_second / (1.0 if request.backbone in ("auto", "swift") else _SLOWER)


def _check_fits(card: Card, samples: Samples) -> None:
    guides, bands = int(card.architecture.get("guides", 0)), card.architecture.get("bands")
    takes = "single bands of any sensor" if guides else several(len(card.input.bands))
    if (guides, bands) != (samples.guides, samples.bands):
        raise ModelFileError(
            f"The model {card.title} takes {takes}, and the samples are of {samples.words}.",
            "Begin with a model that takes such samples, or with none.",
        )


def _manifest(folder: str) -> dict[str, Any]:
    """Return what `open_store` found sound before, and what it does not tell."""
    with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
        told: dict[str, Any] = json.load(file)
    return {**told, "about": str(told.get("about") or "")}
