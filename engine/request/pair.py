"""What can be asked of a pair of images."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Optional

from ..errors import RequestError
from .checks import check_choice, check_distinct, check_no_input, check_path, check_work
from .words import CONVENTIONS, COVERAGES


@dataclass(frozen=True)
class PairRequest:
    """A PAN file, the MS file or files that belong to it, and what of them is meant."""

    pan: str
    ms: tuple[str, ...]
    pan_band: Optional[int] = None  # 1-based; None: the only band, or an error that lists them
    bands: tuple[int, ...] = ()  # 1-based, over all MS files in their order; empty: all
    sensor: str = "auto"
    nodata: Optional[float] = None  # overrides what the files declare, for PAN and MS alike
    extent: Optional[tuple[float, float, float, float]] = None  # xmin, ymin, xmax, ymax in the CRS of PAN
    coverage: str = "intersection"

    def __post_init__(self) -> None:
        check_path("pan", self.pan)
        if isinstance(self.ms, str) or not self.ms:
            raise RequestError("No multispectral file was named.", "Name one or several with --ms.")
        for name in self.ms:
            check_path("ms", name)
        if self.pan_band is not None and self.pan_band < 1:
            raise RequestError(f"PAN band {self.pan_band} does not exist.", "Bands are counted from 1.")
        for band in self.bands:
            if band < 1:
                raise RequestError(f"MS band {band} does not exist.", "Bands are counted from 1.")
        if len(set(self.bands)) != len(self.bands):
            raise RequestError("A band is chosen twice.", "Name each band once.")
        if self.nodata is not None and (isinstance(self.nodata, bool) or not isinstance(self.nodata, (int, float))):
            raise RequestError(f"The nodata value '{self.nodata}' is no number.", "Give a number, or nan.")
        if isinstance(self.nodata, int) and abs(self.nodata) > sys.float_info.max:
            raise RequestError("The nodata value is larger than any pixel can be.", "Give another, or nan.")
        if self.extent is not None:
            if len(self.extent) != 4:
                raise RequestError(
                    f"An extent has 4 numbers, and {len(self.extent)} were given.", "Give xmin ymin xmax ymax."
                )
            xmin, ymin, xmax, ymax = self.extent
            if not all(math.isfinite(v) for v in self.extent) or xmin >= xmax or ymin >= ymax:
                raise RequestError(
                    f"The extent {self.extent} is empty.", "Give xmin ymin xmax ymax, each minimum below its maximum."
                )
        check_choice("coverage", self.coverage, COVERAGES)


@dataclass(frozen=True)
class DescribeRequest(PairRequest):
    """How does this pair fit together, and what would the result be?"""


@dataclass(frozen=True)
class SimulateRequest(PairRequest):
    """Degrade the pair by its own ratio, so that the original MS is the truth, and write all three."""

    out_pan: str = ""
    out_ms: str = ""
    out_reference: str = ""
    convention: str = "geometric"
    threads: int = 0  # 0: as many as the machine has
    tile_size: int = 2048  # PAN pixels; changes speed and memory, never the result

    def __post_init__(self) -> None:
        super().__post_init__()
        outs = (self.out_pan, self.out_ms, self.out_reference)
        for name, out in zip(("out_pan", "out_ms", "out_reference"), outs):
            check_path(name, out)
        check_choice("convention", self.convention, CONVENTIONS)
        if self.coverage != "intersection":
            raise RequestError(
                f"A simulated pair cannot cover the {self.coverage}: where one image is missing there is no truth.",
                "Leave the coverage at 'intersection'.",
            )
        check_work(self.threads, self.tile_size)
        check_no_input(outs, (self.pan, *self.ms))
        check_distinct(outs)
