"""A request is checked when it is made, so that no later room has to."""

from __future__ import annotations

import dataclasses
import math
import os
from typing import Any

import pytest

from engine.errors import RequestError
from engine.request import METHODS, DescribeRequest, PairRequest, ReportRequest, SharpenRequest, from_json

GOOD: dict[str, Any] = {"pan": "pan.tif", "ms": ("ms.tif",), "out": "out.tif"}


def test_a_request_needs_no_more_than_pan_ms_and_out() -> None:
    request = SharpenRequest(**GOOD)
    assert request.method in METHODS
    assert request.coverage == "intersection"
    assert request.bands == ()


def test_a_model_may_be_left_to_be_chosen() -> None:
    assert SharpenRequest(**GOOD, method="ksdiff").model is None


def test_a_request_cannot_be_changed_once_it_has_been_checked() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SharpenRequest(**GOOD).method = "nonsense"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pan": ""}, "'pan'"),
        ({"pan": "  "}, "'pan'"),
        ({"pan": None}, "'pan'"),
        ({"pan": "a\0b"}, "zero byte"),
        ({"ms": ()}, "multispectral"),
        ({"ms": "ms.tif"}, "multispectral"),  # a lone text would be read letter by letter
        ({"ms": ("ms.tif", "")}, "'ms'"),
        ({"out": ""}, "'out'"),
        ({"pan_band": 0}, "counted from 1"),
        ({"bands": (1, 0)}, "counted from 1"),
        ({"bands": (2, 1, 2)}, "twice"),
        ({"extent": (0.0, 0.0, 0.0, 1.0)}, "empty"),
        ({"extent": (0.0, 1.0, 1.0, 0.0)}, "empty"),
        ({"extent": (0.0, 0.0, math.nan, 1.0)}, "empty"),
        ({"extent": (0.0, 0.0, 1.0)}, "4 numbers"),
        ({"nodata": "zero"}, "no number"),
        ({"coverage": "both"}, "intersection, union"),
        ({"method": "magic"}, "brovey"),
        ({"resampling": "sinc"}, "polynomial"),
        ({"data_type": "complex64"}, "float32"),
        ({"format": "png"}, "gtiff, cog"),
        ({"weights": (1.0, -0.1)}, "-0.1"),
        ({"weights": (1.0, math.nan)}, "nan"),
        ({"weights": (0.0, 0.0)}, "All band weights are 0"),
        ({"options": ("TILED",)}, "NAME=VALUE"),
        ({"options": ("=YES",)}, "NAME=VALUE"),
        ({"threads": -1}, "threads"),
        ({"threads": 1000}, "256"),
        ({"tile_size": 16}, "64 to 8192"),
        ({"tile_size": 100_000}, "64 to 8192"),
        ({"context": "pixel"}, "scene, tile"),
        ({"model_folders": "models"}, "one text"),
        ({"python": None}, "cannot be a Python"),
        ({"python": "/bin/python\0"}, "cannot be a Python"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        SharpenRequest(**{**GOOD, **change})


@pytest.mark.parametrize("nodata", [0, -9999.0, math.nan])
def test_any_number_can_be_nodata(nodata: float) -> None:
    request = SharpenRequest(**GOOD, nodata=nodata)
    assert request.nodata is nodata


@pytest.mark.parametrize("source", ["pan.tif", "ms.tif"])
@pytest.mark.parametrize("spelling", ["{}", "./{}", "sub/../{}"])
def test_the_result_may_not_overwrite_an_input_however_it_is_spelled(source: str, spelling: str) -> None:
    with pytest.raises(RequestError, match="also an input"):
        SharpenRequest(**{**GOOD, "out": spelling.format(source)})


def test_the_result_may_not_overwrite_an_input_whose_name_differs_in_case_where_case_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os.path, "normcase", str.lower)  # as on Windows
    with pytest.raises(RequestError, match="also an input"):
        SharpenRequest(**{**GOOD, "out": "PAN.TIF"})


def test_json_gives_the_request_that_python_gives() -> None:
    values = {"pan": "p.tif", "ms": ["a.tif", "b.tif"], "bands": [2, 1], "extent": [0, 0, 1, 1]}
    expected = PairRequest("p.tif", ("a.tif", "b.tif"), bands=(2, 1), extent=(0, 0, 1, 1))
    assert from_json(PairRequest, values) == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({**GOOD, "metod": "gsa"}, "metod"),
        ({"ms": ["m.tif"]}, "incomplete"),
        ({**GOOD, "bands": ["x"]}, "wrong type"),
        ({**GOOD, "extent": [1, 2, 3]}, "4 numbers"),
        ({**GOOD, "threads": "many"}, "wrong type"),
    ],
)
def test_json_that_is_no_request_is_refused_in_words(values: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        from_json(SharpenRequest, values)


def test_describing_needs_no_output() -> None:
    assert from_json(DescribeRequest, {"pan": "p.tif", "ms": ["m.tif"]}).ms == ("m.tif",)


REPORT: dict[str, Any] = {"pan": "pan.tif", "ms": ("ms.tif",), "methods": ("gsa",), "out_html": "r.html"}


@pytest.mark.parametrize(
    "change",
    [
        {"methods": (), "fused": ("sharp.tif",)},
        {"methods": ("exp",)},
        {"out_html": "", "out_json": "r.json"},
        {"out_html": "", "out_csv": "r.csv"},
        {"out_error": "e.tif"},
        {"methods": (), "fused": ("sharp.tif",), "reference": "truth.tif", "out_error": "e.tif"},
        {"methods": ("exp",), "reference": "truth.tif", "out_error": "e.tif"},
    ],
)
def test_a_report_needs_something_to_judge_and_one_result(change: dict[str, Any]) -> None:
    request = ReportRequest(**{**REPORT, **change})
    assert request.folder == "" and request.border == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"methods": ()}, "nothing to judge"),
        ({"methods": ("magic",)}, "brovey"),
        ({"methods": ("gsa", "gs", "gsa")}, "named twice"),
        ({"fused": ("a.tif", "a.tif")}, "named twice"),
        ({"fused": ("a.tif", "")}, "'fused'"),
        ({"reference": ""}, "'reference'"),
        ({"border": -1}, "-1 pixels has no meaning"),
        ({"out_html": ""}, "No result was asked for"),
        ({"out_json": "./r.html"}, "Two results would be written"),
        ({"out_error": "e.tif", "methods": ("exp",)}, "needs a truth"),
        ({"out_error": "e.tif", "methods": (), "fused": ("a.tif",)}, "needs a truth"),
        ({"out_error": "pan.tif"}, "also an input"),
        ({"out_error": "sub/../a.tif", "fused": ("a.tif",)}, "also an input"),
        ({"out_error": "t.tif", "reference": "t.tif"}, "also an input"),
        ({"threads": 1000}, "256"),
        ({"tile_size": 16}, "64 to 8192"),
        ({"pan": ""}, "'pan'"),
    ],
)
def test_a_report_that_cannot_be_meant_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        ReportRequest(**{**REPORT, **change})


@pytest.mark.parametrize("field", ["fused", "methods"])
def test_a_lone_text_where_a_report_wants_several_is_refused(field: str) -> None:
    with pytest.raises(RequestError, match="one text"):
        ReportRequest(**{**REPORT, field: "gsa"})
