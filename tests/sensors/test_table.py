"""Finding a sensor by name, and what the table says of chosen bands: gains and shares in PAN."""

from __future__ import annotations

import pytest

from engine.errors import EngineError, RequestError
from engine.sensors.sensor import find, gains_for, load, names, weights_for


def test_an_unknown_sensor_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(RequestError) as caught:
        find("Sputnik")
    assert isinstance(caught.value, EngineError)
    assert "Sputnik" in caught.value.fact
    assert "worldview3" in caught.value.remedy
    assert "generic" in caught.value.remedy


@pytest.mark.parametrize(
    ("spelling", "sensor"),
    [
        ("wv-3", "worldview3"), ("WorldView 3", "worldview3"), ("Pléiades", "pleiades"),
        ("pleiades_neo", "pleiades-neo"), ("landsat 8", "landsat8-9"), ("LANDSAT_9", "landsat8-9"),
        ("etm+", "landsat7"), ("gf-2", "gaofen2"),
    ],
)  # fmt: skip
def test_a_sensor_is_found_whatever_the_case_and_punctuation(spelling: str, sensor: str) -> None:
    assert find(spelling).id == sensor


def test_the_table_is_read_once_and_names_follow_its_order() -> None:
    assert load() is load()
    assert names() == tuple(sensor.id for sensor in load())
    assert names()[-1] == "generic"


def test_gains_follow_the_bands_and_unknown_bands_get_the_generic_one() -> None:
    assert gains_for(find("WorldView-3"), (4, 2, 1, None)) == (0.365, 0.360, 0.355, 0.30)
    assert gains_for(find("generic"), (None, None)) == (0.30, 0.30)


def test_weights_are_normalised_over_the_chosen_bands() -> None:
    weights = weights_for(find("QuickBird"), (2, 1, 0))
    assert weights == pytest.approx((0.400625, 0.401840, 0.197709), abs=5e-4)
    assert sum(weights or ()) == pytest.approx(1.0)
    everything = weights_for(find("WorldView-3"), tuple(range(8)))
    assert everything is not None
    assert everything[4] == pytest.approx(0.234 / 1.007)


def test_there_are_no_weights_where_a_share_is_unknown_or_nothing_lies_in_pan() -> None:
    assert weights_for(find("GaoFen-2"), (0, 1, 2, 3)) is None
    assert weights_for(find("generic"), (None, None)) is None
    assert weights_for(find("QuickBird"), (0, None)) is None
    assert weights_for(find("WorldView-3"), (7,)) is None
    assert weights_for(find("QuickBird"), ()) is None
