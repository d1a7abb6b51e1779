"""A PAN image and its MS image or images, checked once and read window by window."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Optional

import numpy as np

from ..errors import InputError, PairingError, RequestError
from ..grid.field import AS_LOCATED, Correction, Field
from ..grid.georef import Affine, Grid
from ..grid.pairing import Lattice, Pairing, pair
from ..grid.patch import Floats, Mask, Patch
from ..grid.window import Window
from ..pixels.filters import fill_gaps, spread
from ..pixels.warp import REACH, nearest, warped
from ..request import PairRequest
from .dataset import NEEDS_DOUBLE, BandFacts, RasterFacts, Reader, crs_name, facts_of, holds, looks_measured, same_crs
from .warped import discard, natural_grid, warped_onto

_UNLOCATED: Affine = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


@dataclass(frozen=True)
class Band:
    """One MS band: where it is read, and what its own file says of it."""

    source: str  # what is opened: the file, or a warped view of it
    read_as: BandFacts
    facts: BandFacts
    file: RasterFacts


class Scene:
    """A checked pair, read by one thread at a time.

    With a handle per thread, each would decode the strips of the file for itself: a strip is as wide as the image and
    serves a whole row of tiles.
    """

    def __init__(
        self,
        pan: RasterFacts,
        pan_band: BandFacts,
        all_bands: tuple[Band, ...],
        pairing: Pairing,
        request: PairRequest,
        ms_grid: Grid,
        views: tuple[str, ...],
        warnings: tuple[str, ...],
        field: Optional[Field],
    ) -> None:
        self.pan = pan
        self.pan_band = pan_band
        self.all_bands = all_bands  # of all MS files, in their order
        self.chosen = _choose_bands(all_bands, request.bands)  # indices into all_bands
        self.bands = bands = tuple(all_bands[index] for index in self.chosen)
        self.ms_grid = ms_grid
        self.lattice: Lattice = pairing.lattice
        self.notes = pairing.notes
        self.warnings = warnings + pairing.warnings
        self.grid = _output_grid(pan.grid, ms_grid, pairing.lattice)
        self.window = _chosen_window(self.grid, pairing, request)
        # Where both images are, and so where statistics are taken: a part of a scene gets the pixels of the whole.
        self.shared = pairing.shared
        self.nodata = request.nodata
        types = {pan_band.data_type, *(band.facts.data_type for band in bands)}
        self.work_type = "float64" if types.intersection(NEEDS_DOUBLE) else "float32"
        self.has_gaps = (
            (request.nodata is not None and any(holds(np.dtype(kind), request.nodata) for kind in types))
            or pan_band.has_mask
            or any(band.read_as.has_mask for band in bands)
            or self.window.clipped(self.shared) != self.window
        )
        self._views = views
        self._field = field
        # Whoever reads, or writes the result, holds it: GDAL's block cache is shared, and reading may write out blocks.
        self.turn = threading.Lock()
        self._open: Optional[tuple[Reader, list[Reader]]] = None

    @property
    def covered(self) -> Window:
        """The part of the chosen window that both images cover, in PAN pixels."""
        return self.window.clipped(self.shared)

    def read(self, window: Window, pan_halo: int, ms_margin: int, fill_steps: int) -> Patch:
        """Return the patch of `window`, PAN reaching `pan_halo` and MS `ms_margin` pixels further.

        Invalid MS pixels are filled from their neighbours, `fill_steps` MS pixels deep.  A pixel is valid where PAN
        is, and the MS pixel under it or one of that pixel's neighbours is.
        """
        pan_window = window.grown(pan_halo)
        ms_window = self.lattice.ms_window(pan_window, 0).spanning(self.lattice.ms_window(window, ms_margin))
        deeper = 0 if self._field is None else self._reach_of(self._field)
        needed = ms_window.grown(deeper)
        with self.turn:
            pan_reader, ms_readers = self._readers()
            pan, pan_valid = _read([pan_reader], pan_window, self.pan.grid.window, self.work_type)
            ms, ms_valid = _read(ms_readers, needed, self.ms_grid.window, self.work_type)
        valid: Optional[Mask] = None
        if ms_valid is not None:
            ms = fill_gaps(ms, ms_valid, fill_steps + deeper)
        if self._field is not None:
            ms, ms_valid = self._straightened(ms, ms_valid, needed, ms_window, self._field)
        if ms_valid is not None:
            valid = self._near_ms(window, ms_window, ms_valid)
        if pan_valid is not None:
            rows, cols = window.slices_in(pan_window)
            valid = pan_valid[rows, cols] if valid is None else valid & pan_valid[rows, cols]
        outside = _beyond(window, self.shared)
        if outside is not None:
            valid = outside if valid is None else valid & outside
        return Patch(window, self.lattice, pan_window, pan[0], ms_window, ms, valid, pan_valid, ms_valid)

    def check_unchanged(self) -> None:
        """Raise InputError where a file has changed while pixels were read; of large mosaics, `read` sees a part."""
        if self._open is not None:
            pan, ms = self._open
            for reader in (pan, *ms):
                reader.check_unchanged()

    def close(self) -> None:
        """Forget the warped views in memory."""
        self._open = None
        for view in self._views:
            discard(view)

    def _reach_of(self, field: Field) -> int:
        """Return how many MS pixels beyond a window are needed to straighten it."""
        scale = max(self.lattice.rows.scale, self.lattice.cols.scale)
        return math.ceil(field.greatest * scale) + REACH + 1

    def _straightened(
        self, ms: Floats, valid: Optional[Mask], covered: Window, window: Window, field: Field
    ) -> tuple[Floats, Optional[Mask]]:
        """Return MS in `window` with everything where the field says that it belongs, and what of it is valid."""
        rows, cols = self.lattice.rows, self.lattice.cols
        places = rows.to_pan(covered.row, covered.height), cols.to_pan(window.col, window.width)
        right, down = field.at(places[0] + 0.5, places[1] + 0.5)
        start = window.row - covered.row, window.col - covered.col
        moves = right * cols.scale, (down * rows.scale)[start[0] : start[0] + window.height]
        return warped(ms, *moves, start), None if valid is None else nearest(valid, *moves, start)

    def _near_ms(self, window: Window, ms_window: Window, ms_valid: Mask) -> Mask:
        near = spread(ms_valid)
        rows = self.lattice.rows.ms_cells(window.row, window.height)
        cols = self.lattice.cols.ms_cells(window.col, window.width)
        rows = np.clip(rows - ms_window.row, 0, ms_window.height - 1)
        cols = np.clip(cols - ms_window.col, 0, ms_window.width - 1)
        return np.asarray(near[np.ix_(rows, cols)], bool)

    def _readers(self) -> tuple[Reader, list[Reader]]:
        if self._open is None:
            pan = Reader(self.pan.path, [self.pan_band], self.nodata, self.work_type)
            ms: list[Reader] = []
            position = 0
            while position < len(self.bands):  # neighbours from one file share a reader
                source = self.bands[position].source
                run = position
                while run < len(self.bands) and self.bands[run].source == source:
                    run += 1
                # A warped view holds NaN where it is not valid; nodata was spent when it was warped.
                nodata = None if source in self._views else self.nodata
                facts = [band.read_as for band in self.bands[position:run]]
                ms.append(Reader(source, facts, nodata, self.work_type))
                position = run
            self._open = (pan, ms)
        return self._open


@contextmanager
def opened(request: PairRequest, correction: Correction = AS_LOCATED) -> Iterator[Scene]:
    """Check the pair of a request and give it as a scene; its views in memory are gone afterwards.

    MS is read as if it lay where the correction puts it, by whatever is asked of the scene.
    """
    scene = _check(request, correction)
    try:
        yield scene
    finally:
        scene.close()


def _check(request: PairRequest, correction: Correction) -> Scene:
    pan = facts_of(request.pan)
    pan_band = _choose_pan_band(pan, request.pan_band)
    files = [facts_of(path) for path in request.ms]
    for facts in (pan, *files):
        if facts.grid.affine is None and (facts.has_rpc or facts.has_gcps):
            raise PairingError(
                f"{facts.path} is not orthorectified: it only carries "
                f"{'rational polynomials (RPC)' if facts.has_rpc else 'ground control points'}.",
                "Orthorectify PAN and MS with the same elevation model first, for example with gdalwarp.",
            )
    warnings = [
        f"The last band of {facts.path} is marked as alpha and used as a mask, but looks like a measured one. If it is "
        "one, mark it so, for example with gdal_edit.py -colorinterp_4 undefined."
        for facts in files
        if looks_measured(facts)
    ]
    views: list[str] = []
    try:
        sources, ms_grid = _onto_one_grid(pan, files, request.nodata, warnings, views)
        bands = tuple(
            # A warped view holds the counts of its file, so they are scaled as the file says.
            Band(source, replace(read_as, scale=facts.scale, offset=facts.offset), facts, file)
            for file, (source, read_from) in zip(files, sources)
            for read_as, facts in zip(read_from.bands, file.bands)
        )
        pairing = pair(pan.grid, ms_grid, (correction.dx, correction.dy))
        return Scene(pan, pan_band, bands, pairing, request, ms_grid, tuple(views), tuple(warnings), correction.field)
    except BaseException:
        for view in views:
            discard(view)
        raise


def _onto_one_grid(
    pan: RasterFacts, files: list[RasterFacts], nodata: Optional[float], warnings: list[str], views: list[str]
) -> tuple[list[tuple[str, RasterFacts]], Grid]:
    """Return, for each MS file, what to open and its facts, all on the returned grid; warp the files that are not."""
    first = files[0]
    target = first.grid
    located = pan.grid.affine is not None and target.affine is not None
    if located and not same_crs(pan.grid.crs, target.crs):
        target = _ms_grid_along(pan.grid, natural_grid(first, pan.grid.crs))
        views.append(warped_onto(first, target, nodata))
        warnings.append(
            f"MS is in {crs_name(first.grid.crs)} and was warped to the coordinate system of PAN, "
            f"{crs_name(pan.grid.crs)}."
        )
    elif located and bool(pan.grid.crs) != bool(target.crs):
        which = "MS" if pan.grid.crs else "PAN"
        warnings.append(f"{which} names no coordinate system and is taken to be in that of the other image.")
    sources = []
    for file in files:
        if file is first and views:
            sources.append((views[0], facts_of(views[0])))
        elif _same_grid(file.grid, target):
            sources.append((file.path, file))
        elif file.grid.affine is None or target.affine is None:
            raise PairingError(
                f"{file.path} has {file.grid.width} x {file.grid.height} pixels and {first.path} "
                f"{target.width} x {target.height}, and georeferencing to relate them is missing.",
                "Give MS bands of one grid, or georeference them.",
            )
        else:
            views.append(warped_onto(file, target, nodata))
            sources.append((views[-1], facts_of(views[-1])))
            if not same_crs(file.grid.crs, first.grid.crs) or not _same_grid(file.grid, first.grid):
                warnings.append(f"{file.path} lies on another grid than {first.path} and was warped onto it.")
    return sources, target


def _ms_grid_along(pan: Grid, natural: Grid) -> Grid:
    """Return the natural warped grid of MS with its pixel edges moved onto those of PAN, cut to what PAN can use."""
    x0, dx, _, y0, _, dy = pan.affine or _UNLOCATED
    steps = []
    for size, fine in zip(natural.pixel_size, pan.pixel_size):
        ratio = size / fine
        whole = round(ratio)
        # Reprojection changes scale by fractions of a per cent; a whole ratio keeps the lattice of the product.
        steps.append(float(whole) if whole and abs(ratio / whole - 1.0) < 0.02 else ratio)
    step_x, step_y = steps[0] * dx, steps[1] * dy
    xmin, ymin, xmax, ymax = natural.bounds
    pan_xmin, pan_ymin, pan_xmax, pan_ymax = pan.bounds
    margin_x, margin_y = 32 * abs(step_x), 32 * abs(step_y)
    xmin, xmax = max(xmin, pan_xmin - margin_x), min(xmax, pan_xmax + margin_x)
    ymin, ymax = max(ymin, pan_ymin - margin_y), min(ymax, pan_ymax + margin_y)
    if xmin >= xmax or ymin >= ymax:
        raise PairingError(
            "PAN and MS do not overlap, once MS is in the coordinate system of PAN.",
            "Choose images of the same place, and check their coordinate systems.",
        )
    cols = sorted(((xmin - x0) / step_x, (xmax - x0) / step_x))
    rows = sorted(((ymin - y0) / step_y, (ymax - y0) / step_y))
    # A thousandth of a pixel is rounding, and no reason for one more row.
    col, col_end = math.floor(cols[0] + 1e-3), math.ceil(cols[1] - 1e-3)
    row, row_end = math.floor(rows[0] + 1e-3), math.ceil(rows[1] - 1e-3)
    affine: Affine = (x0 + col * step_x, step_x, 0.0, y0 + row * step_y, 0.0, step_y)
    return Grid(col_end - col, row_end - row, affine, pan.crs)


def _same_grid(one: Grid, two: Grid) -> bool:
    if (one.width, one.height) != (two.width, two.height):
        return False
    if one.affine is None or two.affine is None:
        return one.affine is None and two.affine is None
    close = all(
        abs(a - b) < 0.01 * size / (1 if index in (0, 3) else max(one.width, one.height))
        for index, (a, b, size) in enumerate(
            zip(one.affine, two.affine, (*(one.pixel_size[0],) * 3, *(one.pixel_size[1],) * 3))
        )
    )
    return close and same_crs(one.crs, two.crs)


def _choose_pan_band(pan: RasterFacts, wanted: Optional[int]) -> BandFacts:
    if wanted is None:
        if len(pan.bands) > 1:
            raise InputError(
                f"{pan.path} has {len(pan.bands)} bands, and a panchromatic image has one.",
                "Choose the panchromatic file, or say which band it is (PAN band).",
            )
        return pan.bands[0]
    for band in pan.bands:
        if band.index == wanted:
            return band
    raise RequestError(f"{pan.path} has no band {wanted}.", f"It has {len(pan.bands)}.")


def _choose_bands(bands: Sequence[Band], wanted: tuple[int, ...]) -> tuple[int, ...]:
    for index in wanted:
        if index > len(bands):
            raise RequestError(f"There is no MS band {index}.", f"The MS image has {len(bands)} bands, counted from 1.")
    return tuple(index - 1 for index in wanted) or tuple(range(len(bands)))


def _output_grid(pan: Grid, ms: Grid, lattice: Lattice) -> Grid:
    """Return the grid of PAN, located by MS where only MS is georeferenced."""
    if pan.affine is not None or ms.affine is None:
        return Grid(pan.width, pan.height, pan.affine, pan.crs or ms.crs)
    x0, dx, _, y0, _, dy = ms.affine
    rows, cols = lattice.rows, lattice.cols
    affine: Affine = (x0 + cols.offset * dx, cols.scale * dx, 0.0, y0 + rows.offset * dy, 0.0, rows.scale * dy)
    return Grid(pan.width, pan.height, affine, ms.crs)


def _chosen_window(grid: Grid, pairing: Pairing, request: PairRequest) -> Window:
    window = pairing.shared if request.coverage == "intersection" else pairing.spanned
    if request.extent is None:
        return window
    chosen = window.clipped(grid.window_of(request.extent))
    if chosen.clipped(pairing.shared).is_empty:
        raise RequestError(
            "The chosen extent holds no pixel that PAN and MS share.",
            "Choose an extent inside both images.",
        )
    return chosen


def _read(readers: list[Reader], window: Window, file: Window, work_type: str) -> tuple[Floats, Optional[Mask]]:
    """Return the bands of all readers in `window`, blank and invalid where it does not touch the file at all."""
    if window.clipped(file).is_empty:
        count = sum(reader.band_count for reader in readers)
        return np.zeros((count, *window.shape), work_type), np.zeros(window.shape, bool)
    parts = [reader.read(window) for reader in readers]
    masks = [mask for _, mask in parts if mask is not None]
    valid = np.logical_and.reduce(masks) if masks else None
    return (parts[0][0] if len(parts) == 1 else np.concatenate([array for array, _ in parts])), valid


def _beyond(window: Window, common: Window) -> Optional[Mask]:
    """Return the mask of the pixels of `window` that lie in both images; None where all do."""
    inside = window.clipped(common)
    if inside == window:
        return None
    mask = np.zeros(window.shape, bool)
    mask[inside.slices_in(window)] = True
    return mask
