"""Physical values become those of the file: unscaled, rounded, clipped, counted, and never taken for nodata."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.raster.writer import BandProfile, encode
from tests.raster.results import profile

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


@pytest.mark.parametrize("kind", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
@pytest.mark.parametrize("work", ["float32", "float64"])
def test_values_are_rounded_and_clipped_to_the_type_and_the_clipped_ones_counted(kind: str, work: str) -> None:
    limits = np.iinfo(kind)
    values = np.array([[[limits.min - 1000.0, limits.min, 7.4, 7.6, limits.max * 2.0]]], work)
    encoded = encode(values, None, profile(1, data_type=kind))
    assert encoded.array.dtype == kind
    assert encoded.array[0, 0].tolist() == [limits.min, limits.min, 7, 8, limits.max]
    # In float32 the limit itself may round up: 2^32 - 1 is 2^32 there, and the largest uint32 is no value of float32.
    assert (encoded.clipped, encoded.valid) == (2, 5)


def test_what_is_not_valid_is_not_counted_as_clipped() -> None:
    values = np.array([[[-5.0, -5.0, 1.0]]], np.float32)
    encoded = encode(values, np.array([[False, True, True]]), profile(1, nodata=0.0))
    assert (encoded.clipped, encoded.valid) == (1, 2)


def test_scale_and_offset_are_undone() -> None:
    band = BandProfile("", "Undefined", 0.25, -2.0, ())
    encoded = encode(np.array([[[-2.0, 0.0, 8.0]]]), None, profile(1, bands=(band,)))
    assert encoded.array[0, 0].tolist() == [0, 8, 40]


@pytest.mark.parametrize(
    ("kind", "nodata", "beside"),
    [("uint16", 0.0, 1), ("uint16", 65535.0, 65534), ("int16", -9999.0, -9998), ("uint8", 255.0, 254),
     ("int8", -128.0, -127), ("int32", 2.0**31 - 1, 2**31 - 2)],
)  # fmt: skip
def test_a_valid_pixel_never_looks_like_nodata(kind: str, nodata: float, beside: int) -> None:
    values = np.array([[[nodata, nodata, 50.0]]])
    encoded = encode(values, np.array([[True, False, True]]), profile(1, data_type=kind, nodata=nodata))
    assert encoded.array[0, 0].tolist() == [beside, int(nodata), 50]


def test_a_value_clipped_onto_nodata_does_not_become_nodata() -> None:
    encoded = encode(np.array([[[-7.0, 5.0]]]), None, profile(1, nodata=0.0))
    assert encoded.array[0, 0].tolist() == [1, 5]


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_nodata_collides_with_no_floating_point_value_either(kind: str) -> None:
    values = np.array([[[-9999.0, 3.5]]], kind)
    encoded = encode(values, None, profile(1, data_type=kind, nodata=-9999.0))
    assert encoded.array[0, 0, 0] != -9999.0
    assert encoded.array[0, 0, 0] == pytest.approx(-9999.0, rel=1e-6)
    assert encoded.array[0, 0, 1] == 3.5


def test_nan_can_be_nodata() -> None:
    encoded = encode(
        np.array([[[1.5, 2.5]]]), np.array([[True, False]]), profile(1, data_type="float32", nodata=math.nan)
    )
    assert encoded.array[0, 0, 0] == 1.5
    assert np.isnan(encoded.array[0, 0, 1])


def test_integers_beyond_2_to_the_24_are_exact_from_float64() -> None:
    values = np.array([[[2.0**31 - 2, -(2.0**31) + 1, 2.0**24 + 1]]])
    assert encode(values.copy(), None, profile(1, data_type="int32")).array[0, 0].tolist() == values[0, 0].tolist()
