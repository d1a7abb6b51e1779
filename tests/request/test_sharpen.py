"""A request to adapt a model is checked when it is made, alone and as a part of sharpening."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine.errors import RequestError
from engine.request import AdaptRequest, SharpenRequest, from_json

PAIR: dict[str, Any] = {"pan": "pan.tif", "ms": ("ms.tif",)}


def test_adapting_needs_no_more_than_a_pair_and_a_file_and_takes_two_minutes() -> None:
    request = AdaptRequest(**PAIR, out="model.safetensors")
    assert (request.minutes, request.model, request.device, request.seed) == (2.0, None, "auto", 0)
    assert from_json(AdaptRequest, {"pan": "p", "ms": ["m"], "out": "o.SAFETENSORS", "minutes": 1}).ms == ("m",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"out": ""}, "'out'"),
        ({"out": "model.tif"}, "does not end like one"),
        ({"model": " "}, "'model'"),
        ({"model": "model.safetensors"}, "also an input"),
        ({"model_folders": "models"}, "list of folders"),
        ({"minutes": 0.0}, "0.0 minutes"),
        ({"minutes": -1.0}, "-1.0 minutes"),
        ({"minutes": math.nan}, "nan minutes"),
        ({"minutes": 1e6}, "1440"),
        ({"minutes": "two"}, "two minutes"),
        ({"threads": -1}, "-1 threads"),
        ({"device": "abacus"}, "cuda"),
        ({"seed": -1}, "-1 cannot be a seed"),
        ({"python": "a\0b"}, "cannot be a Python"),
    ],
)
def test_what_cannot_be_adapted_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        AdaptRequest(**{**PAIR, "out": "model.safetensors", **change})


def test_sharpening_does_not_adapt_unless_it_is_asked_to() -> None:
    assert SharpenRequest(**PAIR, out="o.tif", method="ksdiff").adapt == 0.0
    assert SharpenRequest(**PAIR, out="o.tif", method="ksdiff", adapt=2).adapt == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "gsa"}, "'gsa' has no model that could be adapted"),
        ({"method": "ksdiff", "resume": True}, "cannot be gone on with"),
        ({"method": "ksdiff", "adapt": -2.0}, "-2.0 minutes"),
        ({"method": "ksdiff", "adapt": math.nan}, "nan minutes"),
    ],
)
def test_adapting_goes_with_a_model_alone_and_not_with_a_resumed_run(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        SharpenRequest(**{**PAIR, "out": "o.tif", "adapt": 1.0, **change})
