"""Cards and model files for tests, the files put together by hand from the format's description."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Optional

from engine.modelfile.card import Band, Card, InputContract, Recipe, Scaling, Score, Stage, TrainingData

WV3 = ("coastal", "blue", "green", "yellow", "red", "rededge", "nir", "nir2")


def contract(bands: int = 4, **changes: Any) -> InputContract:
    values: dict[str, Any] = {
        "bands": tuple(Band(role.title(), role, 0.4 + 0.05 * index) for index, role in enumerate(WV3[:bands])),
        "wavelength_tolerance_um": 0.03,
        "ratio": 4.0,
        "ratios_tested": (2.0, 4.0),
        "scaling": Scaling("divisor", 2047.0),
        "value_range": (0.0, 1.0),
        "enlargement": "polynomial",
    }
    return InputContract(**{**values, **changes})


def card(bands: int = 4, **changes: Any) -> Card:
    values: dict[str, Any] = {
        "name": "ksdiff-test",
        "title": "KSDiff for tests",
        "description": "Learnt nothing.\nKnows nothing: × é 雪.",
        "version": "1.0.0",
        "created": "2026-01-31T12:00:00Z",
        "input": contract(bands),
        "architecture": {"bands": bands, "ranks": [4, 4, 2, 2]},
        "sensors": ("WV3",),
        "training_data": (TrainingData("Synthetic scenes", "CC0-1.0", ("Nobody to thank",)),),
        "recipe": Recipe((Stage("stage 1", 1000, 7),), "ab" * 32, "0.3.0"),
        "scores": (Score("Synthetic", "Wald, border 30", {"SAM": 2.5}, {"mtf-glp-fs": {"SAM": 5.25}}),),
        "licence": "GPL-2.0-or-later",
    }
    return Card(**{**values, **changes})


def fields(**changes: Any) -> dict[str, Any]:
    """Return the JSON values of a card, some of them changed."""
    values: dict[str, Any] = json.loads(card().to_json())
    return {**values, **changes}


def entry(begin: int, *shape: int, dtype: str = "F32", size: int = 4) -> dict[str, Any]:
    """Return how a header describes a tensor that begins at `begin`."""
    count = size
    for side in shape:
        count *= side
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, begin + count]}


def model_bytes(
    text: Optional[str] = None, entries: Optional[dict[str, Any]] = None, data: int = 24, metadata: Any = None
) -> bytes:
    """Return a .safetensors file with this card, these entries and so many bytes of weights."""
    header: dict[str, Any] = {"__metadata__": metadata or {"ksdiff_card": card().to_json() if text is None else text}}
    header.update({"a": entry(0, 2, 2), "b": entry(16, 2)} if entries is None else entries)
    return framed(json.dumps(header).encode(), bytes(data))


def framed(header: bytes, data: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def model_file(path: Path, content: Optional[bytes] = None) -> str:
    path.write_bytes(model_bytes() if content is None else content)
    return str(path)
