"""The page of a training set shows what it was given, escapes names, and needs nothing beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.pages.finding import Finding
from engine.pages.samples import view
from engine.pages.trainingset import Collection, render

_IMAGE = np.random.default_rng(0).uniform(size=(3, 16, 16))
COLLECTION = Collection(
    "fields & <roads>",
    "2024-05-01 12:00",
    "1.0",
    12_345,
    67,
    (Finding("warning", "MS lies 0.4 PAN pixels too far up."),),
    {"Seed": "0"},
    (("<b>/ms.tif", "ikonos", "4", "+0.10 right, -0.20 down", "2047", "900", "800", "60"),),
    (("clouds", 1234), ("saturated", 5)),
    ("PAN", "red", "green", "blue"),
    tuple({"least": 0.0, "greatest": 1.5, "mean": 0.25, "spread": 0.125} for _ in range(4)),
    (("Samples to learn from", (view(_IMAGE[0], _IMAGE, [("MS", _IMAGE)], [0, 1, 2]),)), ("Samples to measure on", ())),
)


def test_numbers_names_and_pictures_are_there_and_names_are_only_names() -> None:
    page = render(COLLECTION)
    assert "12\u202f345 samples to learn from and 67 to measure on" in page
    for words in ("fields &amp; &lt;roads&gt;", "&lt;b&gt;/ms.tif", "1\u202f234", "0.125", "0.4 PAN pixels", "ikonos"):
        assert words in page
    assert page.count("data:image/png;base64,") == 3 and "<b>" not in page and "<script" not in page
    assert "Samples to measure on" not in page, "there are none to be seen"


def test_a_set_of_which_nothing_was_left_out_says_so() -> None:
    page = render(replace(COLLECTION, left_out=(), validation=0))
    assert "every place that was looked at is drawn" in page and "samples to learn from." in page
