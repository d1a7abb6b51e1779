"""The page of a training says whether anything was gained and draws what the history holds."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from engine.pages.training import Run, judged, render

EXP = {"ergas": 4.0, "sam": 3.0, "q2n": 0.8, "scc": 0.9, "l1": 0.02}
BEST = {"ergas": 2.0, "sam": 2.0, "q2n": 0.9, "scc": 0.95, "l1": 0.01}


def line(stage: int, step: int, image: float, latent: float = 0.0) -> dict[str, Any]:
    return {"stage": stage, "step": step, "image": image, "latent": latent, "norm": 1.0, "rate": 1e-3}


RUN = Run(
    title="A <b>title</b>",
    created="2026-01-31 12:00",
    version="0.1.0",
    facts={"device": "cpu"},
    settings={"batch": 32, "architecture": "tiny"},
    steps=(20, 10),
    history=(
        line(1, 10, 0.03),
        {"stage": 1, "step": 10, "validation": {**BEST, "ergas": 1.5}},
        line(1, 20, float("nan")),
        line(2, 10, 0.02, 0.5),
        {"stage": 2, "step": 10, "validation": BEST},
    ),
    best=BEST,
    best_step=10,
    enlarged=EXP,
    warnings=("The clouds were <thick>.",),
)


def test_the_page_shows_scores_curves_and_settings() -> None:
    page = render(RUN)
    for words in ("Losses of stage 1", "Losses of stage 2", "ERGAS, less is better", "MS only enlarged", "batch", "32"):
        assert words in page
    assert "A &lt;b&gt;title" in page and "nan" not in page
    assert page.count("<svg") >= 3 and "Latent" in page


def test_half_the_error_is_a_gain_of_50_per_cent() -> None:
    verdict, warning = judged(RUN)
    assert verdict.level == "good" and "50 % smaller" in verdict.text and "ERGAS 2 at step 10" in verdict.text
    assert warning.level == "warning" and warning.text == RUN.warnings[0]


@pytest.mark.parametrize(
    ("ergas", "level"), [(3.9, "good"), (3.99, "warning"), (5.0, "warning"), (float("nan"), "warning")]
)
def test_what_gains_nothing_is_said_to(ergas: float, level: str) -> None:
    assert judged(dataclasses.replace(RUN, best={**BEST, "ergas": ergas}))[0].level == level


def test_a_run_without_a_validation_has_no_model() -> None:
    bare = dataclasses.replace(RUN, best={}, history=())
    assert "there is no model" in judged(bare)[0].text
    assert "Losses of stage" not in render(bare)
