"""What is said of the bands of a scene or of a file of patches: name, role and wavelength."""

from __future__ import annotations

from ..data.from_bands import BandWords
from ..raster.clues import clues_of
from ..raster.scene import Scene
from ..sensors.sensor import Clues, Sensor, band_index
from .survey import Identity


def words_of(scene: Scene, identity: Identity) -> tuple[BandWords, ...]:
    """Return what is known of the bands of a scene, by their files before the table of sensors."""
    waves = clues_of(scene).wavelengths_um
    words = []
    for number, (band, chosen, role, place) in enumerate(
        zip(scene.bands, scene.chosen, identity.roles, identity.index), 1
    ):
        own = waves[chosen] if chosen < len(waves) else None
        known = None if place is None else identity.sensor.bands[place].wavelength_um
        words.append(BandWords(band.facts.description or role or f"band {number}", role, own or known))
    return tuple(words)


def words_in_order(sensor: Sensor, count: int) -> tuple[BandWords, ...]:
    """Return what is known of so many bands that nothing but their order tells apart."""
    places = band_index(Clues(band_count=count), sensor)
    known = [None if place is None else sensor.bands[place] for place in places]
    return tuple(
        BandWords(f"band {number}", None, None) if band is None else BandWords(band.name, band.role, band.wavelength_um)
        for number, band in enumerate(known, 1)
    )
