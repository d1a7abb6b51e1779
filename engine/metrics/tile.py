"""One tile of a scene as metrics see it: what it answers for, what lies around it, and sums that add up over tiles.

A window or block belongs to the tile whose core holds its first pixel (top left), so each is counted once however the
scene is cut; the halo holds the rest of it.  Tiles cut at multiples of 32 pixels share no block.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import InputError, RequestError

Images = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SomeSums = TypeVar("SomeSums", bound="Sums")

# A mirrored block of 32 may reach 31 pixels back, a window of 32 as far ahead.
HALO = 32
# Metadata of a field that is no sum: it must be the same in all parts.
SETTING: Mapping[str, bool] = {"setting": True}


@dataclass(frozen=True)
class Stretch:
    """One axis of a tile: its core is [start, stop) of a scene of `size` pixels; arrays reach `halo` further."""

    size: int
    start: int
    stop: int
    halo: int = HALO

    @property
    def first(self) -> int:
        """Where the arrays begin in the scene."""
        return max(0, self.start - self.halo)

    @property
    def last(self) -> int:
        """Where the arrays end in the scene (one past)."""
        return min(self.size, self.stop + self.halo)

    def inputs(self, start: int, stop: int) -> slice:
        """Return the place in the arrays of the scene's pixels [start, stop).  Raise RequestError if they lack them."""
        if start < self.first or stop > self.last:
            raise RequestError(
                f"A tile with a halo of {self.halo} pixels does not hold its windows.",
                f"Read it with a halo of {max(self.start - start, stop - self.stop)} pixels or more.",
            )
        return slice(start - self.first, stop - self.first)

    def windows(self, length: int) -> slice:
        """Return the place in the arrays of all windows of `length` that fit in the scene and begin in the core."""
        last = min(self.stop, self.size - length + 1)
        return self.inputs(self.start, last + length - 1) if last > self.start else slice(0, 0)

    def origins(self, block: int) -> range:
        """Return where in the scene the blocks begin whose first pixel lies in the core, incomplete ones too."""
        return range(-(-self.start // block) * block, self.stop, block)


@dataclass(frozen=True)
class Tile:
    """What one tile answers for, and which part of the scene its arrays hold."""

    rows: Stretch
    cols: Stretch

    @classmethod
    def whole(cls, height: int, width: int) -> Tile:
        """Return the tile that is the whole scene."""
        return cls(Stretch(height, 0, height), Stretch(width, 0, width))

    @property
    def shape(self) -> tuple[int, int]:
        """The height and width of the arrays."""
        return self.rows.last - self.rows.first, self.cols.last - self.cols.first

    @property
    def outer(self) -> tuple[slice, slice]:
        """The rows and columns of the scene to read."""
        return slice(self.rows.first, self.rows.last), slice(self.cols.first, self.cols.last)

    @property
    def core(self) -> tuple[slice, slice]:
        """The rows and columns of the arrays that are the tile without its halo."""
        return self.rows.windows(1), self.cols.windows(1)


def tiles(height: int, width: int, size: int, halo: int = HALO) -> Iterator[Tile]:
    """Yield the tiles of `size` x `size` pixels that cover a scene, row by row; the last ones are smaller."""
    for row in range(0, height, size):
        rows = Stretch(height, row, min(height, row + size), halo)
        for col in range(0, width, size):
            yield Tile(rows, Stretch(width, col, min(width, col + size), halo))


@dataclass(frozen=True)
class Part:
    """The arrays of one tile, checked: images (bands, h, w) of one height and width, and which pixels count."""

    tile: Tile
    images: tuple[npt.NDArray[Any], ...]
    valid: Optional[Mask]  # None: all

    @classmethod
    def of(
        cls, images: Sequence[npt.NDArray[Any]], tile: Optional[Tile] = None, valid: Optional[npt.NDArray[Any]] = None
    ) -> Part:
        """Return the part; without a tile the arrays are the whole scene.  What is not finite is never valid.

        Raise RequestError unless all arrays have the tile's height and width.
        """
        tile = tile or Tile.whole(*images[0].shape[-2:])
        for shape in [image.shape[-2:] for image in images] + ([] if valid is None else [valid.shape]):
            if shape != tile.shape:
                raise RequestError(
                    f"An image or mask of {shape} pixels cannot be compared on a tile of {tile.shape}.",
                    "Give all of them on the same rows and columns.",
                )
        known = None if valid is None else np.asarray(valid, dtype=bool)
        for image in images:
            if image.dtype.kind != "f":
                continue
            for band in image:
                finite = np.isfinite(band)
                if not finite.all():
                    known = finite if known is None else known & finite
        return cls(tile, tuple(images), None if known is None or known.all() else known)

    def pair(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return the two images of a comparison."""
        reference, image = self.images
        return reference, image

    def cut(self, image: npt.NDArray[Any], rows: slice, cols: slice) -> Images:
        """Return rows and columns of (..., h, w) as float64, with 0 for what is not valid."""
        part = np.asarray(image[..., rows, cols], dtype=np.float64)
        return part if self.valid is None else np.where(self.valid[rows, cols], part, 0.0)


@dataclass(frozen=True, eq=False)
class Sums:
    """What one tile contributes to some metrics; `+` joins two tiles."""

    def __add__(self: SomeSums, other: SomeSums) -> SomeSums:
        joined: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if not field.metadata.get("setting"):
                joined[field.name] = mine + theirs
            elif mine != theirs:
                raise RequestError(
                    f"Tiles measured with a {field.name} of {mine} and of {theirs} do not add up.",
                    f"Measure all tiles with the same {field.name}.",
                )
        return dataclasses.replace(self, **joined)


def total(parts: Iterable[SomeSums]) -> SomeSums:
    """Add up what the tiles contribute.  Raise InputError when there are no tiles."""
    collected = iter(parts)
    try:
        first = next(collected)
    except StopIteration:
        raise nothing_valid() from None
    return functools.reduce(operator.add, collected, first)


def nothing_valid() -> InputError:
    """Return the error for images without a single pixel to compare."""
    return InputError(
        "There is no pixel that is valid in all the images to compare.",
        "Check their nodata values, and whether they show the same place.",
    )


@dataclass(frozen=True, eq=False)
class Share(Sums):
    """How many pixels, windows or blocks were used, of how many."""

    used: int = 0
    of: int = 0

    @property
    def left_out(self) -> float:
        """The share left out, 0 to 1; 1 where there was nothing to use."""
        return 1.0 - self.used / self.of if self.of else 1.0


def same_shape(reference: npt.NDArray[Any], image: npt.NDArray[Any]) -> None:
    """Raise RequestError unless both are (bands, h, w) of one shape."""
    if reference.ndim != 3 or reference.shape != image.shape or not reference.size:
        raise RequestError(
            f"Images of {_size(reference)} and {_size(image)} cannot be compared.",
            "Give two images of the same bands, rows and columns.",
        )


def _size(image: npt.NDArray[Any]) -> str:
    if image.ndim != 3:
        return f"shape {image.shape}"
    bands, height, width = image.shape
    return f"{bands} band{'s' * (bands != 1)}, {height} x {width} pixels,"


def divided(numerator: Images, denominator: Images, otherwise: float) -> Images:
    """Return numerator / denominator, and `otherwise` where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full(numerator.shape, otherwise), where=denominator != 0.0)
