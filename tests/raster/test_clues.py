"""What files say about their sensor is gathered in whatever spelling they say it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.raster.clues import clues_of, wavelength_of
from engine.raster.scene import opened
from engine.request import PairRequest
from tests.rasters import EPSG, north_up, write


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({"CENTRAL_WAVELENGTH_UM": "0.865"}, 0.865),  # GDAL since 3.10
        ({"wavelength": "0.4825", "wavelength_units": "Micrometers"}, 0.4825),  # ENVI
        ({"wavelength": "482.5", "wavelength_units": "Nanometers"}, 0.4825),
        ({"wavelength": "0.4825 Micrometers"}, 0.4825),
        ({"WAVELENGTH": "560 nm"}, 0.56),
        ({"center_wavelength": "842"}, 0.842),  # no sensor sees at 842 um
        ({"CENTRAL_WAVELENGTH_UM": "", "WAVELENGTH": "0.5"}, 0.5),
        ({"WAVELENGTH": "12.0"}, 12.0),  # thermal
        ({"WAVELENGTH": "unknown"}, None),
        ({"WAVELENGTH": "0"}, None),
        ({"WAVELENGTH": "-1"}, None),
        ({"WAVELENGTH": "nan"}, None),
        ({"NOTE": "0.5"}, None),
    ],
)
def test_a_wavelength_is_read_in_micrometres(items: dict[str, str], expected: float | None) -> None:
    found = wavelength_of(("IMAGERY", key, value) for key, value in items.items())
    assert found == (None if expected is None else pytest.approx(expected))


def test_clues_come_from_all_bands_of_all_files_and_from_pan(tmp_path: Path) -> None:
    values = np.ones((2, 16, 16), np.uint16)
    first = write(
        tmp_path / "LC08_B2.tif", values, north_up(4.0), EPSG, names=("Blue", ""), colors=("Undefined", "Green"),
        metadata={"": {"Sensor": "OLI"}}, band_metadata=[{}, {"": {"wavelength": "0.56"}}],
    )  # fmt: skip
    second = write(
        tmp_path / "b.tif", values[:1], north_up(4.0), EPSG, colors=("Gray",), metadata={"IMAGERY": {"SENSOR": "TIRS"}}
    )
    pan = write(
        tmp_path / "pan.tif", np.ones((1, 64, 64), np.uint16), north_up(1.0), EPSG, metadata={"": {"SATELLITE": "L8"}}
    )
    with opened(PairRequest(pan, (first, second), bands=(2,))) as scene:
        clues = clues_of(scene)
    assert clues.file_names == (first, first, second)
    assert clues.band_names == ("Blue", "Green", "")  # a lone band called grey only says that nobody named it
    assert clues.wavelengths_um == (None, pytest.approx(0.56), None)
    assert clues.band_count == 3  # the bands that were not chosen tell of the sensor too
    assert clues.ratio == pytest.approx(4.0)
    assert clues.metadata["SENSOR"] == "OLI"  # the first file to say it is believed
    assert clues.metadata["SATELLITE"] == "L8"
