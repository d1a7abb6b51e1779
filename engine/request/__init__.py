"""What can be asked of the engine: one frozen dataclass per verb, checked here and only here."""

from __future__ import annotations

from .judge import AssessRequest, EvaluateRequest, ReportRequest
from .models import CheckRequest, ModelsRequest, SetupRequest
from .pair import DescribeRequest, PairRequest, SimulateRequest
from .reading import from_json
from .register import REGISTRATIONS, VECTOR_EXTENSIONS, RegisterRequest
from .sharpen import AdaptRequest, SharpenRequest
from .train import BACKBONES, TeachRequest, TrainRequest
from .trainingset import PairFiles, TrainingSetRequest, paired
from .words import (
    CLASSICAL,
    CONTEXTS,
    CONVENTIONS,
    COVERAGES,
    DATA_TYPES,
    DEFAULT_METHOD,
    DEVICES,
    FORMATS,
    LEARNED,
    LEAST_MINUTES,
    MAX_THREADS,
    METHODS,
    MOST_MINUTES,
    MOST_SEED,
    RESAMPLINGS,
    SELF,
    VARIANTS,
    WEIGHTED,
)

__all__ = [
    "BACKBONES",
    "CLASSICAL",
    "CONTEXTS",
    "CONVENTIONS",
    "COVERAGES",
    "DATA_TYPES",
    "DEFAULT_METHOD",
    "DEVICES",
    "FORMATS",
    "LEARNED",
    "LEAST_MINUTES",
    "MAX_THREADS",
    "METHODS",
    "MOST_MINUTES",
    "MOST_SEED",
    "REGISTRATIONS",
    "RESAMPLINGS",
    "SELF",
    "VARIANTS",
    "VECTOR_EXTENSIONS",
    "WEIGHTED",
    "AdaptRequest",
    "AssessRequest",
    "CheckRequest",
    "DescribeRequest",
    "EvaluateRequest",
    "ModelsRequest",
    "PairFiles",
    "PairRequest",
    "RegisterRequest",
    "ReportRequest",
    "SetupRequest",
    "SharpenRequest",
    "SimulateRequest",
    "TeachRequest",
    "TrainRequest",
    "TrainingSetRequest",
    "from_json",
    "paired",
]
