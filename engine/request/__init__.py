"""What can be asked of the engine: one frozen dataclass per verb, checked here and only here."""

from __future__ import annotations

from .judge import AssessRequest, EvaluateRequest, ReportRequest
from .models import CheckRequest, ModelsRequest, SetupRequest, TrainRequest
from .pair import DescribeRequest, PairRequest, SimulateRequest
from .reading import from_json
from .sharpen import AdaptRequest, SharpenRequest
from .words import (
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
    "RESAMPLINGS",
    "SELF",
    "VARIANTS",
    "WEIGHTED",
    "AdaptRequest",
    "AssessRequest",
    "CheckRequest",
    "DescribeRequest",
    "EvaluateRequest",
    "ModelsRequest",
    "PairRequest",
    "ReportRequest",
    "SetupRequest",
    "SharpenRequest",
    "SimulateRequest",
    "TrainRequest",
    "from_json",
]
