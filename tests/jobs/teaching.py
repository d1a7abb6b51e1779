"""A training set small enough to learn from within seconds, and networks to match."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.from_bands import BandStoreWriter, BandWords, Contents, Cut
from engine.data.sample import Sample
from engine.jobs import recipe
from engine.request import SELF, TeachRequest

PATCH = 32
ROLES = ("blue", "green", "red", "nir")
TINY = {"latent": 16, "tokens": 4, "widths": [8, 16], "denoiser_width": 32, "denoiser_blocks": 1, "sampling_steps": 2}


def write_set(folder: Path, training: int = 20, validation: int = 4, bands: int = 4, patch: int = PATCH) -> str:
    """Write a training set whose PAN shows the waves that MS lacks, and return its folder."""
    words = tuple(BandWords(f"band {place}", ROLES[place] if bands == 4 else None, None) for place in range(bands))
    contents = Contents(words, "generic", (4.0, 4.0), (0.3,) * bands, 0.15, patch, (Cut("waves", 2000.0),))
    for seed, (name, count) in enumerate((("training", training), ("validation", validation))):
        if count:
            _write(folder / name, contents, count, np.random.default_rng(seed))
    return str(folder)


def _write(folder: Path, contents: Contents, count: int, random: np.random.Generator) -> None:
    row, col = np.mgrid[: contents.patch, : contents.patch]
    with BandStoreWriter(folder, contents, "waves") as writer:
        for number in range(count):
            slow, fast = (np.sin(rate * (row + random.uniform(0.5, 1.0) * col)) for rate in (0.15, 1.4))
            shares = random.uniform(0.8, 1.2, (len(contents.bands), 1, 1))
            ms_up = 1000.0 + 300.0 * shares * slow
            truth = ms_up + 100.0 * shares * fast
            pan = 1000.0 + 300.0 * slow + 100.0 * fast
            images = (image.astype(np.float32) for image in (pan, ms_up, truth))
            writer.add(Sample(*images, f"sample {number}"), (0, number, 0, 0))
        writer.finish()


def tiny_networks(patch: pytest.MonkeyPatch, module: Any = recipe) -> None:
    """Let all networks be tiny; what trains them, in whichever process, is told so by its configuration."""
    sizes = tuple(dataclasses.replace(size, width=8, slower_width=8, rest=TINY) for size in module.SIZES)
    patch.setattr(module, "SIZES", sizes)


def asked(trainingset: str, out: Path, **changes: Any) -> TeachRequest:
    given = {"name": "Waves of Größe 4", "steps": 8, "device": "cpu", "threads": 1, "python": SELF, **changes}
    return TeachRequest(trainingset, out=str(out), **given)
