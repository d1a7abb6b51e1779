"""All that is to be said of an evaluation in plain sentences, the most wanted first."""

from __future__ import annotations

from . import merit, soundness
from .evaluation import Evaluation
from .finding import Finding


def verdicts(evaluation: Evaluation) -> list[Finding]:
    """Return what the numbers mean; the warnings of the evaluation are among it, word for word."""
    return [
        *merit.closest(evaluation),
        *merit.colours(evaluation),
        *merit.detail(evaluation),
        *merit.faithfulness(evaluation),
        *soundness.registration(evaluation),
        *soundness.pixels(evaluation),
        *(Finding("warning", warning) for warning in evaluation.warnings),
    ]
