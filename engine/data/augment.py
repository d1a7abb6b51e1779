"""What turns one sample into another as true as itself: laying the square otherwise, and more or less light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sample import Floats, Variation

WAYS = 8  # to lay a square


@dataclass(frozen=True)
class Look:
    """How a sample is looked at: turned by `way` quarters, mirrored from 4 on, and `brightness` times as bright."""

    way: int = 0
    brightness: float = 1.0

    @classmethod
    def drawn(cls, variation: Variation, generator: np.random.Generator) -> Look:
        """Return a random look within the variation."""
        way = int(generator.integers(WAYS)) if variation.turns else 0
        return cls(way, float(generator.uniform(*variation.brightness)))

    def laid(self, image: Floats) -> Floats:
        """Return a view of (..., h, w), turned and mirrored."""
        turned = np.rot90(image, self.way % 4, axes=(-2, -1))
        return turned[..., ::-1] if self.way >= 4 else turned
