"""A model's card as a STAC Item with the Machine Learning Model extension, version 1.5.2, for catalogues.

Specification: https://github.com/stac-extensions/mlm, with STAC 1.1 for the bands and the extensions file 2.1, eo 2.0
and version 1.2.
"""

from __future__ import annotations

from typing import Any

from .card import PAN, Band, Card, Scaling

VERSION = "1.5.2"
_EXTENSIONS = ("mlm/v1.5.2", "file/v2.1.0", "eo/v2.0.0", "version/v1.2.0")
_WORLD = (-180.0, -90.0, 180.0, 90.0)  # a model has no place of its own
_DIMENSIONS = ("batch", "bands", "height", "width")
# Our roles in the words of the eo extension, where it has another; its nir09 is what WorldView calls NIR2.
_COMMON_NAMES = {"nir2": "nir09", "swir1": "swir16", "swir2": "swir22", "thermal": "lwir"}
_GUIDED = "The panchromatic image, and what guides the network to the band (engine.methods.guides)."
_CHANGES = (
    "Only the weights that differ from those of {base.name} {base.version}, whose SHA-256 is {base.tensor_hash}; "
    "without them they are of no use."
)
_IN_OWN_UNITS = {
    "type": "processing",
    "format": "text",
    "expression": "without their brightness, in the spread that each band of the scene has (engine.methods.guides)",
}
_RESIZE_TYPES = {
    "nearest": "interpolation-nearest",
    "bilinear": "interpolation-linear",
    "cubic": "interpolation-cubic",
}


def item(card: Card, href: str, size: int, checksum: str) -> dict[str, Any]:
    """Return the item; the file has `size` bytes and the SHA-256 `checksum`, in hexadecimal."""
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [f"https://stac-extensions.github.io/{name}/schema.json" for name in _EXTENSIONS],
        "id": f"{card.name}-{card.version}",
        "geometry": _rectangle(*_WORLD),
        "bbox": list(_WORLD),
        "properties": {**_description(card), **_interface(card), "bands": _bands(card)},
        "assets": {
            "model": {
                "href": href,
                "title": card.title,
                **({} if card.base is None else {"description": _CHANGES.format(base=card.base)}),
                "type": "application/octet-stream; framework=pytorch",
                "roles": ["mlm:model", "mlm:weights"],
                "mlm:artifact_type": "safetensors.torch.save_file",
                "file:size": size,
                "file:checksum": f"1220{checksum}",  # multihash: 0x12 is SHA-256, 0x20 its 32 bytes
            }
        },
        "links": [],
    }


def _description(card: Card) -> dict[str, Any]:
    return {
        "title": card.title,
        "description": card.description,
        "datetime": card.created,  # when the model was published, as the extension's best practices allow
        "created": card.created,
        "version": card.version,
        "license": "other" if card.licence.startswith("LicenseRef-") else card.licence,
        "keywords": [card.task, *card.sensors],
        "mlm:name": card.name,
        "mlm:architecture": "KSDiff",
        "mlm:tasks": ["super-resolution"],  # the nearest of the tasks that the extension knows
        "mlm:framework": "PyTorch",
        "mlm:pretrained": True,
        "mlm:pretrained_source": "; ".join(data.what for data in card.training_data),
        "mlm:accelerator": None,
        "mlm:accelerator_constrained": False,
        "mlm:accelerator_summary": "Any processor; CUDA is faster.",
        "mlm:hyperparameters": {
            "architecture": dict(card.architecture),
            "ratio": card.input.ratio,
            "ratios_tested": list(card.input.ratios_tested),
            "value_range": list(card.input.value_range),
            "stages": [{"name": stage.name, "steps": stage.steps, "seed": stage.seed} for stage in card.recipe.stages],
            "engine_version": card.recipe.engine_version,
        },
    }


def _interface(card: Card) -> dict[str, Any]:
    names = [band.name for band in card.input.bands]
    # Without names: any band, one at a time, and beside PAN what guides the network to this band.
    which, guides = ("multispectral image", 0) if names else ("band of the multispectral image", _guides(card))
    scaling = [_scaled(card.input.scaling) if names else _IN_OWN_UNITS]
    ms = {
        "name": "ms",
        "description": f"The {which}, enlarged to the grid of the panchromatic one.",
        "bands": names,
        "input": _structure(len(names) or 1),
        "value_scaling": scaling,
        "resize_type": _RESIZE_TYPES.get(card.input.enlargement),
    }
    if ms["resize_type"] is None:
        ms["pre_processing_function"] = {
            "format": "python",
            "expression": "engine.pixels.resample:resample",
            "description": f"Enlarged to the grid of the panchromatic image by the kernel '{card.input.enlargement}'.",
        }
    pan = {
        "name": "pan",
        "description": "The panchromatic image." if not guides else _GUIDED,
        "bands": [PAN],
        "input": _structure(1 + guides),
        "value_scaling": scaling,
        "resize_type": None,
    }
    sharpened = {
        "name": "sharpened",
        "description": f"The {which} at the resolution of the panchromatic one, scaled as the inputs are.",
        "tasks": ["super-resolution"],
        "bands": names,
        "result": _structure(len(names) or 1),
    }
    return {"mlm:input": [pan, ms], "mlm:output": [sharpened]}


def _guides(card: Card) -> int:
    guides = card.architecture.get("guides", 0)
    return guides if type(guides) is int and guides > 0 else 0


def _structure(bands: int) -> dict[str, Any]:
    return {"shape": [-1, bands, -1, -1], "dim_order": list(_DIMENSIONS), "data_type": "float32"}


def _scaled(scaling: Scaling) -> dict[str, Any]:
    if scaling.kind == "divisor":
        return {"type": "scale", "value": scaling.value}
    return {
        "type": "processing",
        "format": "text",
        "expression": f"the counts, divided by their {scaling.value:g}th percentile over the image",
    }


def _bands(card: Card) -> list[dict[str, Any]]:
    return [_band(band) for band in (Band(PAN, "pan", None), *card.input.bands)]


def _band(band: Band) -> dict[str, Any]:
    described: dict[str, Any] = {"name": band.name}
    if band.role is not None:
        described["eo:common_name"] = _COMMON_NAMES.get(band.role, band.role)
    if band.wavelength_um is not None:
        described["eo:center_wavelength"] = band.wavelength_um
    return described


def _rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
