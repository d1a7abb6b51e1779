"""Images to learn from: pairs, images without PAN, and files of patches.  The part of the material that needs GDAL."""

from __future__ import annotations

from typing import Optional

from ..data.from_bands import BandWords
from ..data.from_h5 import H5Source
from ..data.from_scenes import SceneSource, SimulatedSource
from ..data.images import Memory
from ..data.sample import Scaling
from ..errors import RequestError
from ..raster.dataset import facts_of
from ..raster.hdf5 import h5_arrays
from ..raster.scene import opened
from ..request import PairRequest
from ..sensors.sensor import Clues, band_index, find, gains_for, roles, weights_for
from ..training.config import ImageData, PairData, PatchData, TrainingConfig
from .bandwords import words_in_order, words_of
from .material import Gathered, unique
from .survey import identify


def pair(config: TrainingConfig, entry: PairData, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    """Return PAN and MS of a scene as a source.  Raise EngineError where they cannot be used."""
    request = PairRequest(
        config.path(entry.pan),
        tuple(config.path(name) for name in entry.ms),
        bands=entry.bands,
        sensor=entry.sensor,
        nodata=entry.nodata,
    )
    with opened(request) as scene:
        identity = identify(scene, entry.sensor)
        bands, ratio = words_of(scene, identity), scene.lattice.ratio
    gains = entry.gains or identity.gains
    pan_gain = identity.sensor.pan_gain if entry.pan_gain is None else entry.pan_gain
    source = SceneSource(request, gains, pan_gain, memory, scaling)
    return Gathered(source, entry.weight, identity.sensor.id, ratio, unique(bands), gains, pan_gain)


def image(config: TrainingConfig, entry: ImageData, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    """Return an image, of whose bands a PAN is made, as a source.  Raise EngineError where it cannot be used."""
    path, sensor = config.path(entry.image), find(entry.sensor)
    facts = facts_of(path)
    count = len(facts.bands)
    chosen = entry.bands or tuple(range(1, count + 1))
    clues = Clues((path,) * count, tuple(band.description for band in facts.bands), band_count=count)
    if not all(1 <= band <= count for band in chosen):
        raise RequestError(f"{path} has no band {max(chosen)}.", f"It has {count}, counted from 1.")
    index = [band_index(clues, sensor)[band - 1] for band in chosen]
    role = [roles(clues, sensor)[band - 1] for band in chosen]
    weights = entry.pan_weights or weights_for(sensor, index) or (1.0,) * len(chosen)
    gains = gains_for(sensor, index)
    source = SimulatedSource(path, entry.ratio, gains, sensor.pan_gain, weights, memory, chosen, entry.nodata, scaling)
    bands = tuple(
        BandWords(
            facts.bands[band - 1].description or one or f"band {band}",
            one,
            None if place is None else sensor.bands[place].wavelength_um,
        )
        for band, one, place in zip(chosen, role, index)
    )
    return Gathered(source, entry.weight, sensor.id, entry.ratio, unique(bands), gains, sensor.pan_gain)


def patches(config: TrainingConfig, entry: PatchData, memory: Memory, scaling: Optional[Scaling]) -> Gathered:
    """Return the patches of a file as a source.  Raise EngineError where they cannot be used."""
    path, sensor = config.path(entry.h5), find(entry.sensor)
    arrays = h5_arrays(path)
    if scaling is None and sensor.bits is not None:
        scaling = Scaling(2.0**sensor.bits - 1.0)  # as the benchmark's own programs divide
    source = H5Source(path, arrays, memory, scaling)
    bands = words_in_order(sensor, source.bands)
    ratio = arrays["gt"].shape[-1] / arrays["ms"].shape[-1]
    gains = gains_for(sensor, band_index(Clues(band_count=source.bands), sensor))
    return Gathered(
        source, entry.weight, sensor.id, ratio, unique(bands), gains, sensor.pan_gain, left_out=source.left_out
    )
