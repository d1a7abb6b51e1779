"""What a training set is to be made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from ..errors import RequestError
from .checks import check_path, check_seed, check_threads, same_file

LEAST_PATCH, MOST_PATCH = 16, 512
MOST_SAMPLES = 1_000_000
MOST_SHARE = 0.9


@dataclass(frozen=True)
class PairFiles:
    """PAN and MS of one scene, and a raster that is not 0 where clouds are."""

    pan: str
    ms: tuple[str, ...]
    clouds: Optional[str] = None

    def __post_init__(self) -> None:
        check_path("pan", self.pan)
        if isinstance(self.ms, str) or not self.ms:
            raise RequestError(f"No multispectral file was named for {self.pan}.", "Name one, or one per band.")
        for name in self.ms:
            check_path("ms", name)
        if self.clouds is not None:
            check_path("clouds", self.clouds)


@dataclass(frozen=True)
class TrainingSetRequest:
    """Cut samples out of pairs and files of patches, to learn from and to measure on, into the folder `out`."""

    out: str
    pairs: tuple[PairFiles, ...] = ()
    folders: tuple[str, ...] = ()  # searched, also below, for pairs and for files of patches
    h5: tuple[str, ...] = ()  # files of patches as the field's benchmark has them, with gt, ms and pan
    bands: tuple[int, ...] = ()  # 1-based, over all MS files of a pair; empty: all
    sensor: str = "auto"
    nodata: Optional[float] = None  # overrides what the files declare
    patch: int = 64  # pixels of MS, which are those of PAN made coarser
    most: int = 4000  # samples, of both kinds together
    validation: float = 0.2  # share of the places that is held out to measure on
    limit: float = 1.0  # PAN pixels that MS may lie off
    least_texture: float = 0.01  # least spread of a sample's liveliest band, as a share of the bright end
    seed: int = 0
    threads: int = 0

    def __post_init__(self) -> None:
        check_path("out", self.out)
        for name in ("pairs", "folders", "h5"):
            if isinstance(getattr(self, name), str):
                raise RequestError(f"'{name}' is one text.", "Give a list.")
        if not (self.pairs or self.folders or self.h5):
            raise RequestError(
                "There is nothing to cut samples from.",
                "Name a panchromatic and a multispectral image, a folder, or an .h5 file.",
            )
        for name in (*self.folders, *self.h5):
            check_path("folders" if name in self.folders else "h5", name)
        _check_once([pair.pan for pair in self.pairs])
        _check_once(self.h5)
        for band in self.bands:
            if band < 1:
                raise RequestError(f"MS band {band} does not exist.", "Bands are counted from 1.")
        if len(set(self.bands)) != len(self.bands):
            raise RequestError("A band is chosen twice.", "Name each band once.")
        _check_between("A patch", self.patch, LEAST_PATCH, MOST_PATCH, whole=True)
        _check_between("A number of samples", self.most, 1, MOST_SAMPLES, whole=True)
        _check_between("A share for validation", self.validation, 0.0, MOST_SHARE)
        _check_between("A limit of the shift", self.limit, 0.0, 1000.0)
        _check_between("A least texture", self.least_texture, 0.0, 1.0)
        check_seed(self.seed)
        check_threads(self.threads)


def paired(pans: Sequence[str], mss: Sequence[str], clouds: Sequence[str] = ()) -> tuple[PairFiles, ...]:
    """Return the pairs of two lists in one order; with one PAN, all MS files are bands of it.

    One file of clouds holds for all pairs, several for one pair each.  Raise RequestError where the numbers differ.
    """
    if len(pans) != len(mss) and not (len(pans) == 1 and mss):
        raise RequestError(
            f"{len(pans)} panchromatic and {len(mss)} multispectral images cannot be paired.",
            "Give one multispectral image for each panchromatic one, in the same order.",
        )
    if clouds and not pans:
        raise RequestError(
            "Clouds were named, and no images that they belong to.",
            "Name the images; in a folder that is searched, call the raster clouds.tif and put it beside pan.tif.",
        )
    if len(clouds) not in (0, 1, len(pans)):
        raise RequestError(
            f"{len(clouds)} files of clouds do not fit {len(pans)} pairs.", "Give one for all, or one for each."
        )
    groups = [tuple(mss)] if len(pans) == 1 else [(ms,) for ms in mss]
    masks = [clouds[0] if len(clouds) == 1 else clouds[place] if clouds else None for place in range(len(pans))]
    return tuple(PairFiles(pan, ms, mask) for pan, ms, mask in zip(pans, groups, masks))


def _check_once(names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if any(same_file(name, other) for other in names[:place]):
            raise RequestError(f"{name} is named twice.", "Name each image once.")


def _check_between(what: str, value: float, least: float, most: float, whole: bool = False) -> None:
    kinds = (int,) if whole else (int, float)
    if (
        isinstance(value, bool)
        or not isinstance(value, kinds)
        or not math.isfinite(value)
        or not least <= value <= most
    ):
        raise RequestError(f"{what} of {value} has no meaning.", f"Give {least:g} to {most:g}.")
