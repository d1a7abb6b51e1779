"""What can be asked about training is refused in a sentence where it cannot be meant."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import RequestError
from engine.request import TeachRequest, TrainRequest


def test_a_training_set_and_a_name_are_enough() -> None:
    asked = TeachRequest("set", "A name")
    assert (asked.minutes, asked.backbone, asked.steps, asked.out) == (30.0, "auto", None, "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"trainingset": " "}, "No file was named for 'trainingset'"),
        ({"name": ""}, "The model was given no name"),
        ({"name": "--"}, "The model was given no name"),
        ({"name": "a" * 61}, "not one line of at most 60 characters"),
        ({"name": "two\nlines"}, "not one line"),
        ({"out": "model.tif"}, "does not end like one"),
        ({"backbone": "cnn"}, "'cnn' is no backbone"),
        ({"device": "tpu"}, "'tpu' is no device"),
        ({"start": "a.safetensors", "out": "./a.safetensors"}, "is the model to begin with"),
        ({"start": "a.safetensors", "backbone": "swift"}, "brings its own backbone"),
        ({"minutes": 0}, "cannot be trained for 0 minutes"),
        ({"minutes": float("nan")}, "cannot be trained for nan minutes"),
        ({"minutes": 2000}, "at most|to 1440 minutes"),
        ({"steps": 1}, "1 cannot be a number of steps"),
        ({"steps": True}, "True cannot be a number of steps"),
        ({"threads": -1}, "-1 threads cannot be had"),
        ({"seed": 0.5}, "cannot be a seed"),
        ({"python": 3}, "cannot be a Python"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        TeachRequest(**{"trainingset": "set", "name": "A name", **changes})


def test_a_python_for_a_configuration_is_a_path() -> None:
    with pytest.raises(RequestError, match="cannot be a Python"):
        TrainRequest("config.json", python="a\0b")
