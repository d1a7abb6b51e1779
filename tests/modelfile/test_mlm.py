"""The STAC item follows the rules of the Machine Learning Model extension 1.5.2, written down here from its schema."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from engine.modelfile import mlm
from engine.modelfile.card import ENLARGEMENTS, Base, Scaling
from tests.modelfile.cards import card, contract

# Field rules of https://stac-extensions.github.io/mlm/v1.5.2/schema.json, eo 2.0.0 and file 2.1.0.
REQUIRED = {"mlm:name", "mlm:architecture", "mlm:tasks", "mlm:input", "mlm:output"}
KNOWN = REQUIRED | {
    *("mlm:framework", "mlm:framework_version", "mlm:memory_size", "mlm:total_parameters", "mlm:pretrained"),
    *("mlm:pretrained_source", "mlm:batch_size_suggestion", "mlm:accelerator", "mlm:accelerator_constrained"),
    *("mlm:accelerator_summary", "mlm:accelerator_count", "mlm:hyperparameters"),
}
TASKS = {"regression", "generative", "super-resolution", "downscaling"}
RESIZE_TYPES = {
    *("crop", "pad", "interpolation-nearest", "interpolation-linear", "interpolation-cubic", "interpolation-area"),
    *("interpolation-lanczos4", "interpolation-max", "wrap-fill-outliers", "wrap-inverse-map", None),
}
COMMON_NAMES = {
    *("pan", "coastal", "blue", "green", "green05", "yellow", "red", "rededge", "rededge071", "rededge075"),
    *("rededge078", "nir", "nir08", "nir09", "cirrus", "swir16", "swir22", "lwir", "lwir11", "lwir12"),
}
CHECKSUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"  # of "test", as in the file extension


def described(bands: int = 8, **changes: Any) -> dict[str, Any]:
    """Return the item as a catalogue reads it."""
    item = mlm.item(card(bands, **changes), "models/m.safetensors", 1234, CHECKSUM)
    values: dict[str, Any] = json.loads(json.dumps(item, allow_nan=False))
    return values


def check_structure(structure: dict[str, Any], bands: list[str]) -> None:
    assert structure.keys() == {"shape", "dim_order", "data_type"}
    assert structure["data_type"] == "float32"
    assert len(structure["shape"]) == len(structure["dim_order"]) == len(set(structure["dim_order"]))
    assert all(isinstance(side, int) and (side == -1 or side > 0) for side in structure["shape"])
    assert all(re.fullmatch(r"[a-z-_]+", name) for name in structure["dim_order"])
    assert structure["shape"][structure["dim_order"].index("bands")] == len(bands)


def test_the_item_is_a_stac_item_of_version_1_1() -> None:
    item = described()
    assert item["type"] == "Feature" and item["stac_version"] == "1.1.0"
    assert {"id", "geometry", "bbox", "properties", "assets", "links"} <= item.keys()
    assert f"https://stac-extensions.github.io/mlm/v{mlm.VERSION}/schema.json" in item["stac_extensions"]
    ring = item["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1] and len(ring) == 5
    assert item["bbox"] == [-180, -90, 180, 90]
    assert item["properties"]["datetime"] == "2026-01-31T12:00:00Z"
    assert re.fullmatch(r"[\w\-.+]+", item["properties"]["license"])


def test_the_properties_hold_the_fields_that_the_extension_knows() -> None:
    properties = described()["properties"]
    ours = {name for name in properties if name.startswith("mlm:")}
    assert REQUIRED <= ours <= KNOWN
    assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_.\-\s]+[a-zA-Z0-9]", properties["mlm:name"])
    assert properties["mlm:tasks"] and set(properties["mlm:tasks"]) <= TASKS
    assert properties["mlm:framework"] == "PyTorch"
    assert properties["mlm:accelerator"] is None  # none is needed
    assert properties["mlm:pretrained"] is True and properties["mlm:pretrained_source"] == "Synthetic scenes"
    assert all(re.fullmatch(r"[0-9a-zA-Z_.-]+", key) for key in properties["mlm:hyperparameters"])
    assert properties["mlm:hyperparameters"]["architecture"]["bands"] == 8


def test_inputs_and_outputs_name_bands_that_the_item_describes() -> None:
    properties = described()["properties"]
    bands = {band["name"]: band for band in properties["bands"]}
    pan, ms = properties["mlm:input"]
    (sharpened,) = properties["mlm:output"]
    assert list(bands) == pan["bands"] + ms["bands"] and sharpened["bands"] == ms["bands"]
    for put in (pan, ms):
        assert put["name"] and put["resize_type"] in RESIZE_TYPES
        check_structure(put["input"], put["bands"])
        assert put["value_scaling"] == [{"type": "scale", "value": 2047.0}]
    check_structure(sharpened["result"], sharpened["bands"])
    assert set(sharpened["tasks"]) <= TASKS
    assert {band["eo:common_name"] for band in bands.values()} <= COMMON_NAMES
    assert bands["Nir2"]["eo:common_name"] == "nir09"
    assert bands["Coastal"]["eo:center_wavelength"] == 0.4
    assert "eo:center_wavelength" not in bands["PAN"]


@pytest.mark.parametrize("enlargement", ENLARGEMENTS)
def test_how_ms_is_enlarged_is_said_in_the_words_of_the_extension_or_in_ours(enlargement: str) -> None:
    ms = described(input=contract(8, enlargement=enlargement))["properties"]["mlm:input"][1]
    assert ms["resize_type"] in RESIZE_TYPES
    if ms["resize_type"] is None:
        assert {"format", "expression"} <= ms["pre_processing_function"].keys()
        assert enlargement in ms["pre_processing_function"]["description"]


def test_scaling_by_a_percentile_is_an_expression() -> None:
    scaled = described(input=contract(8, scaling=Scaling("percentile", 99.5)))
    (scaling,) = scaled["properties"]["mlm:input"][0]["value_scaling"]
    assert scaling["type"] == "processing" and scaling["format"] and "99.5" in scaling["expression"]


def test_the_asset_says_how_to_get_and_to_check_the_file() -> None:
    (asset,) = described()["assets"].values()
    assert asset["href"] == "models/m.safetensors" and "mlm:model" in asset["roles"]
    assert asset["mlm:artifact_type"] == "safetensors.torch.save_file"
    assert asset["file:size"] == 1234
    assert asset["file:checksum"] == "12209f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    assert not {"mlm:name", "mlm:input", "mlm:output", "mlm:hyperparameters"} & asset.keys()


def test_the_asset_of_an_adapter_says_what_it_needs_and_that_of_a_whole_model_does_not() -> None:
    (asset,) = described(base=Base("ksdiff-any", "0.11.0", "cd" * 32))["assets"].values()
    assert "differ from those of ksdiff-any 0.11.0" in asset["description"] and "cd" * 32 in asset["description"]
    (asset,) = described()["assets"].values()
    assert "description" not in asset


def test_a_licence_of_its_own_is_called_other() -> None:
    assert described()["properties"]["license"] == "GPL-2.0-or-later"
    assert described(licence="LicenseRef-trial")["properties"]["license"] == "other"


def test_a_model_for_any_bands_takes_one_at_a_time_and_its_guides_beside_pan() -> None:
    architecture = {"bands": 1, "backbone": "swift", "guides": 16}
    properties = described(input=contract(0), sensors=("any",), architecture=architecture)["properties"]
    pan, ms = properties["mlm:input"]
    (sharpened,) = properties["mlm:output"]
    shapes = [put["shape"] for put in (pan["input"], ms["input"], sharpened["result"])]
    assert shapes == [[-1, 17, -1, -1], [-1, 1, -1, -1], [-1, 1, -1, -1]]
    # An empty list is how the extension says that bands are of no relevance.
    assert pan["bands"] == ["PAN"] and ms["bands"] == sharpened["bands"] == []
    assert [band["name"] for band in properties["bands"]] == ["PAN"]
    for put in (pan, ms):
        (scaling,) = put["value_scaling"]
        assert scaling["type"] == "processing" and scaling["format"] and "spread" in scaling["expression"]
    assert "guides" in pan["description"] and ms["description"].startswith("The band of")
