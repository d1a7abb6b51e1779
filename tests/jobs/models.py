"""Small model files that are sound to their last byte, put together by hand."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

from tests.modelfile.cards import card, entry, model_bytes

WEIGHTS = (1.0, -2.5, 0.0, 3e38, 1e-40, 7.0)  # finite, the smallest and the largest kinds too
ENTRIES = {"b": entry(16, 2), "a": entry(0, 2, 2)}


def sound_bytes(weights: tuple[float, ...] = WEIGHTS, **changes: Any) -> bytes:
    """Return a model whose card, apart from `changes`, tells the hash of its weights."""
    data = struct.pack("<6f", *weights)
    said = ((["a", "float32", [2, 2]], data[:16]), (["b", "float32", [2]], data[16:]))
    digest = hashlib.sha256(b"".join(json.dumps(words).encode() + b"\n" + part for words, part in said)).hexdigest()
    framed = model_bytes(card(**{"tensor_hash": digest, **changes}).to_json(), ENTRIES)
    return framed[: -len(data)] + data


def sound_file(path: Path, weights: tuple[float, ...] = WEIGHTS, **changes: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound_bytes(weights, **changes))
    return str(path)
