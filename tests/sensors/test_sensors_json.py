"""The contract every sensor of the table keeps, and facts about single ones typed from the published sources."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.sensors import table
from engine.sensors.sensor import ROLES, find, load
from engine.sensors.words import role_at

ENTRIES: list[dict[str, Any]] = json.loads(
    (Path(table.__file__).with_name("sensors.json")).read_text(encoding="utf-8")
)["sensors"]
REAL = [entry for entry in ENTRIES if entry["id"] != "generic"]
every_sensor = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
every_real_sensor = pytest.mark.parametrize("entry", REAL, ids=lambda entry: entry["id"])


@every_sensor
def test_every_number_names_its_source(entry: dict[str, Any]) -> None:
    assert len(entry["source"]) > 20
    assert len(entry["gain_source"]) > 10
    assert len(entry["pan"]["gain_source"]) > 10
    assert (entry["pan_weights"] is None) == (entry["pan_weights_source"] is None)
    for product in entry.get("products", ()):
        assert len(product["source"]) > 20


@every_sensor
def test_gains_lie_between_0_and_1(entry: dict[str, Any]) -> None:
    gains = [entry["pan"]["gain"], *(band["gain"] for band in entry["bands"])]
    assert all(0.0 < gain < 1.0 for gain in gains)


@every_sensor
def test_a_gain_without_a_published_value_follows_the_otherwise_rule_and_says_so(entry: dict[str, Any]) -> None:
    if "no published value" in entry["gain_source"]:
        assert "otherwise" in entry["gain_source"]
        if ";" not in entry["gain_source"]:
            assert {band["gain"] for band in entry["bands"]} <= {0.30}
    if "no published value" in entry["pan"]["gain_source"]:
        assert entry["pan"]["gain"] == 0.15


@every_real_sensor
def test_every_sensor_has_bands_of_known_roles(entry: dict[str, Any]) -> None:
    assert len(entry["bands"]) >= 4
    roles = [band["role"] for band in entry["bands"]]
    assert set(roles) <= set(ROLES) - {"pan"}
    assert {"green", "red", "nir"} <= set(roles)


@every_real_sensor
def test_the_role_of_a_band_is_that_of_its_wavelength_unless_a_note_explains_it(entry: dict[str, Any]) -> None:
    for band in entry["bands"]:
        assert role_at(band["wavelength_um"]) == band["role"] or band.get("note"), band["name"]


@every_real_sensor
def test_bands_are_in_order_of_wavelength_unless_their_order_is_explained(entry: dict[str, Any]) -> None:
    centres = [band["wavelength_um"] for band in entry["bands"]]
    assert centres == sorted(centres) or len(entry["order"]) > 20


@every_real_sensor
def test_wavelengths_are_micrometres_and_widths_are_plausible(entry: dict[str, Any]) -> None:
    for band in entry["bands"]:
        assert band["wavelength_um"] - band["width_um"] / 2 > 0.399
        assert band["wavelength_um"] + band["width_um"] / 2 <= 12.6
        assert 0.005 < band["width_um"] < 0.45 * band["wavelength_um"]
    shortest, longest = entry["pan"]["wavelength_um"]
    assert 0.44 <= shortest < longest <= 0.91


@every_real_sensor
def test_pan_covers_green_and_red(entry: dict[str, Any]) -> None:
    shortest, longest = entry["pan"]["wavelength_um"]
    for band in entry["bands"]:
        if band["role"] in ("green", "red"):
            assert shortest < band["wavelength_um"] < longest


@every_real_sensor
def test_bits_and_ratio_are_those_of_a_real_instrument(entry: dict[str, Any]) -> None:
    assert entry["bits"] in (8, 10, 11, 12, 14, 16)
    assert entry["ratio"] in (2.0, 3.0, 4.0)


@every_sensor
def test_the_shares_in_pan_are_one_per_band_and_sum_to_1(entry: dict[str, Any]) -> None:
    weights = entry["pan_weights"]
    if weights is not None:
        assert len(weights) == len(entry["bands"])
        assert all(weight >= 0.0 for weight in weights)
        assert sum(weights) == pytest.approx(1.0, abs=0.01)


@every_sensor
def test_products_are_made_of_the_sensors_own_bands_and_can_be_told_apart(entry: dict[str, Any]) -> None:
    own = [band["name"] for band in entry["bands"]]
    counts = [len(own)]
    for product in entry.get("products", ()):
        assert set(product["bands"]) <= set(own)
        if "file_word" not in product:
            counts.append(len(product["bands"]))
    assert len(set(counts)) == len(counts)


@every_sensor
def test_codes_mean_one_band_each(entry: dict[str, Any]) -> None:
    codes = [code for band in entry["bands"] for code in band.get("codes", ())] + entry["pan"].get("codes", [])
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"B\d+|[A-Z]+\d", code) for code in codes)


def test_no_name_means_two_sensors() -> None:
    owner: dict[str, str] = {}
    for sensor in load():
        for name in (sensor.id, sensor.name, *sensor.aliases):
            assert owner.setdefault(table.plain(name), sensor.id) == sensor.id


@every_sensor
def test_a_sensor_is_found_by_each_of_its_names(entry: dict[str, Any]) -> None:
    for name in (entry["id"], entry["name"], *entry["aliases"]):
        for spelling in (name, name.upper(), f" {name.lower()} ", name.replace("-", "_"), name.replace(" ", "")):
            assert find(spelling).id == entry["id"]


@every_real_sensor
def test_the_names_of_a_sensor_look_like_no_other_operators_product(entry: dict[str, Any]) -> None:
    for name in (entry["name"], *entry["aliases"]):
        assert {sensor.id for sensor in table.named_in_product(name)} <= {entry["id"]}


# Facts, typed from the sources and not from the table.


@pytest.mark.parametrize(
    ("name", "gains", "pan"),
    [
        ("QuickBird", (0.34, 0.32, 0.30, 0.22), 0.15),
        ("IKONOS", (0.26, 0.28, 0.29, 0.28), 0.17),
        ("GeoEye-1", (0.23, 0.23, 0.23, 0.23), 0.16),
        ("WorldView-4", (0.23, 0.23, 0.23, 0.23), 0.16),
        ("WorldView-2", (0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.27), 0.11),
        ("WorldView-3", (0.325, 0.355, 0.360, 0.350, 0.365, 0.360, 0.335, 0.315), 0.14),
        ("GaoFen-2", (0.30, 0.30, 0.30, 0.30), 0.15),
        ("GaoFen-1", (0.30, 0.30, 0.30, 0.30), 0.15),
        ("Pleiades", (0.30, 0.30, 0.30, 0.30), 0.15),
        ("EO-1 ALI", (0.29, 0.30, 0.28, 0.29, 0.28, 0.29, 0.25, 0.25, 0.25), 0.11),
    ],
)
def test_gains_are_the_published_ones(name: str, gains: tuple[float, ...], pan: float) -> None:
    sensor = find(name)
    assert tuple(band.gain for band in sensor.bands) == gains
    assert sensor.pan_gain == pan


def test_the_visible_and_nir_gains_of_oli_are_those_measured_on_the_moon() -> None:
    oli = find("Landsat 8")
    by_role = {band.role: band.gain for band in oli.bands}
    assert [by_role[role] for role in ("blue", "green", "red", "nir")] == [0.55, 0.55, 0.55, 0.53]
    assert oli.pan_gain == 0.40


@pytest.mark.parametrize("name", ["SPOT 6", "SPOT 5", "Landsat 7", "SuperView-1", "KOMPSAT-3A", "CBERS-4A WPM", "PNEO"])
def test_sensors_nobody_published_a_gain_for_have_the_generic_one(name: str) -> None:
    assert {band.gain for band in find(name).bands} == {0.30}
    assert find(name).pan_gain == find("generic").pan_gain == 0.15


@pytest.mark.parametrize(
    ("name", "bits"),
    [("QuickBird", 11), ("WorldView-3", 11), ("GaoFen-2", 10), ("Pleiades", 12), ("Landsat 7", 8), ("KOMPSAT-3", 14)],
)
def test_bit_depths_are_the_published_ones(name: str, bits: int) -> None:
    assert find(name).bits == bits


def test_the_shares_of_worldview_3_are_those_of_the_polar_geospatial_center() -> None:
    shares = {band.name: share for band, share in zip(find("WV3").bands, find("WV3").pan_weights or ())}
    assert shares == {
        "Coastal": 0.005, "Blue": 0.142, "Green": 0.209, "Yellow": 0.144,
        "Red": 0.234, "Red edge": 0.157, "NIR1": 0.116, "NIR2": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code", "role"),
    [
        ("Landsat 7", "B4", "nir"), ("Landsat 8", "B4", "red"), ("Landsat 9", "B5", "nir"),
        ("Landsat 7", "B6", "thermal"), ("EO-1 ALI", "B5", "red"), ("SPOT 5", "XS1", "green"),
        ("SPOT 7", "B0", "blue"), ("Pleiades", "B2", "red"), ("CBERS-4A WPM", "B3", "red"),
    ],
)  # fmt: skip
def test_the_operators_codes_mean_the_right_bands(name: str, code: str, role: str) -> None:
    assert [band.role for band in find(name).bands if code in band.codes] == [role]
