"""Indexes work on counts: fractions are scaled, and the peak is that of the bits in use."""

from __future__ import annotations

import math

import pytest

from engine.jobs.counts import peak_of, scale_note, scale_of


@pytest.mark.parametrize(
    ("most", "scale"), [(0.8, 10000.0), (3.99, 10000.0), (4.0, 1.0), (2047.0, 1.0), (0.0, 1.0), (-math.inf, 1.0)]
)
def test_fractions_are_made_counts_and_counts_stay(most: float, scale: float) -> None:
    assert scale_of(most) == scale


def test_the_note_names_the_factor() -> None:
    assert "10000 times" in scale_note(10000.0)


@pytest.mark.parametrize(
    ("most", "kind", "peak"),
    [
        (255.0, "uint8", 255.0),
        (256.0, "uint16", 511.0),
        (2000.0, "uint16", 2047.0),
        (2047.0, "uint16", 2047.0),
        (2048.0, "uint16", 4095.0),
        (65535.0, "uint16", 65535.0),
        (1.0, "uint8", 1.0),
        (0.5, "uint16", 0.5),  # counts with a scale: reflectances
        (0.7, "float32", 0.7),
        (1999.0, "float32", 1999.0),
        (0.0, "uint16", 1.0),
        (-math.inf, "float32", 1.0),
    ],
)
def test_the_peak_is_the_greatest_count_of_the_bits_in_use(most: float, kind: str, peak: float) -> None:
    assert peak_of(most, kind) == peak
