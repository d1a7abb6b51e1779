"""What is asked about the shift of a pair is checked before any work."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import RequestError
from engine.request import REGISTRATIONS, RegisterRequest, SharpenRequest, from_json


def test_a_shift_is_reported_and_nothing_more_unless_asked_for() -> None:
    request = SharpenRequest("pan.tif", ("ms.tif",), out="o.tif")
    assert request.register == REGISTRATIONS[0] == "report" and request.out_shifts == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"register": "affine"}, "report, global, local"),
        ({"out_shifts": "shifts.shp"}, ".gpkg or .geojson"),
        ({"out_shifts": "shifts"}, ".gpkg or .geojson"),
        ({"out_shifts": "a\0b.gpkg"}, "zero byte"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError) as caught:
        SharpenRequest("pan.tif", ("ms.tif",), out="o.tif", **change)
    assert words in str(caught.value)


def test_the_layer_of_shifts_cannot_be_an_input() -> None:
    with pytest.raises(RequestError, match="also an input"):
        RegisterRequest("pan.gpkg", ("ms.tif",), out="pan.gpkg")


def test_a_request_comes_from_json() -> None:
    request = from_json(RegisterRequest, {"pan": "p.tif", "ms": ["m.tif"], "out": "S.GeoJSON"})
    assert request == RegisterRequest("p.tif", ("m.tif",), out="S.GeoJSON")
