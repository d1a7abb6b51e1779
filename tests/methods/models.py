"""Models for tests: tiny networks as if they had been trained, and the files that hold them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from engine.methods.guides import BESIDE_PAN
from engine.modelfile.card import Band, InputContract
from engine.modelfile.store import save
from engine.network.ksdiff import Architecture, KSDiff
from tests.modelfile.cards import card, contract
from tests.network.trained import perturbed

BANDS = (("Blue", "blue", 0.48), ("Green", "green", 0.545), ("Red", "red", 0.66), ("NIR", "nir", 0.835))


def tiny(bands: int = 4, **changes: Any) -> Architecture:
    return replace(Architecture.tiny(bands), **changes)


def network(architecture: Architecture, amount: float = 0.05) -> KSDiff:
    """Return a network for use, whose kernels differ from scene to scene."""
    torch.manual_seed(0)
    return perturbed(KSDiff(architecture, with_truth_encoder=False), amount=amount).eval()


def taking(count: int = 4, **changes: Any) -> InputContract:
    """Return the contract of a model for the bands that `tests.pairs` writes."""
    return replace(contract(count), **{"bands": tuple(Band(*band) for band in BANDS[:count]), **changes})


def model_file(folder: Path, architecture: Architecture, **changes: Any) -> str:
    """Write a model and return its name; `changes` are of its card."""
    path = folder / "model.safetensors"
    made = card(
        architecture.bands,
        **{"input": taking(architecture.bands), "architecture": architecture.to_dict(), **changes},
    )
    save(str(path), made, network(architecture).state_for_use())
    return str(path)


def guided(**changes: Any) -> Architecture:
    """Return a tiny network for any sensor, which sees one band at a time and what guides it."""
    return tiny(1, **{"backbone": "swift", "guides": BESIDE_PAN, **changes})


def any_band_file(folder: Path, architecture: Architecture, amount: float = 0.02, **changes: Any) -> str:
    """Write a model for any bands of any sensor and return its name; `changes` are of its card."""
    path = folder / "any.safetensors"
    made = card(
        **{
            "name": "ksdiff-any",
            "input": taking(bands=()),
            "architecture": architecture.to_dict(),
            "sensors": ("any",),
            **changes,
        }
    )
    save(str(path), made, network(architecture, amount).state_for_use())
    return str(path)
