"""What the MS files of a scene say about their sensor, gathered for `sensors`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ..sensors.sensor import Clues
from .scene import Band, Scene

_WAVELENGTH_KEYS = ("CENTRAL_WAVELENGTH_UM", "CENTER_WAVELENGTH", "CENTRE_WAVELENGTH", "WAVELENGTH")
_TELLING_COLORS = ("Red", "Green", "Blue", "Yellow", "Cyan", "NIR")


def clues_of(scene: Scene) -> Clues:
    """Return the clues of all MS bands of the scene, before any are chosen."""
    metadata: dict[str, str] = {}
    for file in (*{band.file.path: band.file for band in scene.all_bands}.values(), scene.pan):
        for _domain, key, value in file.metadata:
            metadata.setdefault(key.upper(), value)
    return Clues(
        file_names=tuple(band.file.path for band in scene.all_bands),
        band_names=tuple(_name(band) for band in scene.all_bands),
        wavelengths_um=tuple(wavelength_of(band.facts.metadata) for band in scene.all_bands),
        metadata=metadata,
        band_count=len(scene.all_bands),
        ratio=scene.lattice.ratio,
    )


def wavelength_of(metadata: Iterable[tuple[str, str, str]]) -> Optional[float]:
    """Return the centre wavelength in micrometres that a band's metadata give, in whatever unit; None: they do not."""
    items = {key.upper(): value.strip() for _domain, key, value in metadata}
    for key in _WAVELENGTH_KEYS:
        try:
            value = float(items[key].split()[0])
        except (KeyError, ValueError, IndexError):
            continue
        unit = " ".join([*items[key].split()[1:], items.get("WAVELENGTH_UNITS", "")]).lower()
        if "nano" in unit or "nm" in unit or value > 100.0:  # no sensor sees beyond 100 um: these are nanometres
            return value / 1000.0
        return value if value > 0.0 else None
    return None


def _name(band: Band) -> str:
    color = band.facts.color
    return band.facts.description or (color if color in _TELLING_COLORS else "")
