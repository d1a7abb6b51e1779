"""Reading roles from band names, file names and wavelengths, and from nothing that only looks like one."""

from __future__ import annotations

from typing import Optional

import pytest

from engine.sensors.words import ROLES, role_at, role_in_file_name, role_in_name


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Blue", "blue"), ("B4 red", "red"), ("B5 nir", "nir"), ("B6 swir1", "swir1"), ("B10 tir", "thermal"),
        ("Band 1 - Blue", "blue"), ("band_3_red", "red"), ("Band 4 (NIR)", "nir"), ("BAND_N2", "nir2"),
        ("B", "blue"), ("G", "green"), ("R", "red"), ("N", "nir"), ("RE", "rededge"), ("Band 2: G", "green"),
        ("Infrared", "nir"), ("infra-red", "nir"), ("Near Infrared", "nir"), ("NearInfrared", "nir"),
        ("Near-Infrared 2", "nir2"), ("near infra red (0.76-0.90)", "nir"), ("NIR1", "nir"), ("nir_2", "nir2"),
        ("red edge", "rededge"), ("RedEdge", "rededge"), ("Red-Edge 1", "rededge"), ("red_edge", "rededge"),
        ("Shortwave Infrared 1", "swir1"), ("short-wave infra-red 2", "swir2"), ("SWIR (2.11-2.29)", "swir2"),
        ("SWIR 1.6", "swir1"), ("swir22", "swir2"), ("nir08", "nir"), ("Thermal Infrared", "thermal"),
        ("Coastal aerosol", "coastal"), ("deep blue", "coastal"), ("Coastal Blue", "coastal"),
        ("Ultra Blue", "coastal"), ("Yellow", "yellow"), ("Cirrus", "cirrus"), ("Pan", "pan"), ("Panchromatic", "pan"),
        ("Surface reflectance, red (0.64-0.67 um)", "red"),
    ],
)  # fmt: skip
def test_names_state_roles(name: str, role: str) -> None:
    assert role_in_name(name) == role


@pytest.mark.parametrize(
    "name",
    [
        "", "B1", "B4", "b3", "B 1", "Band 1", "Band_4", "SR_B4", "Gray", "Undefined", "Alpha", "Palette", "DEM",
        "blue-green", "NDVI of red and nir", "SWIR", "Shortwave Infrared", "Mid-infrared", "MWIR", "OtherIR",
        "Far infrared", "WV-3 SWIR 5", "reduced", "Bluetooth", "scattered", "1", "X",
    ],
)  # fmt: skip
def test_other_names_state_none(name: str) -> None:
    assert role_in_name(name) is None


@pytest.mark.parametrize(
    ("wavelength", "role"),
    [
        (0.443, "coastal"), (0.4826, "blue"), (0.5598, "green"), (0.605, "yellow"), (0.655, "red"), (0.705, "rededge"),
        (0.7405, "rededge"), (0.77, "nir"), (0.842, "nir"), (0.945, "nir2"), (1.3735, "cirrus"), (1.6137, "swir1"),
        (2.2024, "swir2"), (10.895, "thermal"), (0.0, None), (1.25, None), (3.7, None), (482.0, None),
    ],
)  # fmt: skip
def test_wavelengths_state_roles(wavelength: float, role: Optional[str]) -> None:
    assert role_at(wavelength) == role


@pytest.mark.parametrize(
    ("stem", "role"),
    [
        ("K3_20130630044223_05956_09411268_L1R_N", "nir"),
        ("po_97353_blu_0000000", "blue"),
        ("scene_short_wave_infrared_2", "swir2"),
        ("scene_short_wave_infrared", None),
        ("scene_infra_red", "nir"),
        ("scene_red_edge", "rededge"),
        ("red_river_delta_2019_ms", None),
        ("LC08_L1TP_017051_20151205_20200908_02_T1_B4", None),
        ("", None),
    ],
)
def test_the_end_of_a_file_name_states_the_role(stem: str, role: Optional[str]) -> None:
    assert role_in_file_name(stem) == role


@pytest.mark.parametrize("role", ROLES)
def test_every_role_can_be_stated_by_its_own_name(role: str) -> None:
    assert role_in_name(role) == role
