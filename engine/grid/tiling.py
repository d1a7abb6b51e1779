"""How a scene is cut: tiles that cover it once, and a well-spread sample of windows to learn from."""

from __future__ import annotations

from collections.abc import Iterator

from .window import Window


def tiles(scene: Window, size: int) -> Iterator[Window]:
    """Yield the tiles of `size` x `size` pixels that cover `scene`, row by row; the last ones are smaller."""
    for row in range(scene.row, scene.row_end, size):
        for col in range(scene.col, scene.col_end, size):
            yield Window(row, col, min(size, scene.row_end - row), min(size, scene.col_end - col))


_LEAST_PART = 16


def sample(scene: Window, size: int, count: int) -> list[Window]:
    """Return all windows of `size` pixels that tile the scene, or `count` of them spread evenly where there are more.

    The choice depends on the scene alone, so that whatever is learned from it does not depend on how the work is cut.
    Cells of a coarse grid are laid over the windows and one is taken from each, at a place that moves from cell to
    cell (golden-ratio steps), so that rows of fields or streets do not line up with the sample.
    """
    every = list(tiles(scene, size))
    if len(every) <= count:
        # A sliver at the edge may hold no centre of an MS pixel, and what it holds is next to nothing.
        broad = [window for window in every if min(window.shape) * _LEAST_PART >= size]
        return broad or every
    columns = -(-scene.width // size)
    rows = -(-scene.height // size)
    across = max(1, min(columns, count, round((count * columns / rows) ** 0.5)))
    down = max(1, min(rows, count // across))
    chosen = set()
    for cell_row in range(down):
        for cell_col in range(across):
            place = (cell_row * across + cell_col + 1) * 0.6180339887498949
            row = _within(cell_row, down, rows, place % 1.0)
            col = _within(cell_col, across, columns, (place * 1.3247179572447460) % 1.0)
            chosen.add(row * columns + col)
    return [every[index] for index in sorted(chosen)]


def _within(cell: int, cells: int, length: int, place: float) -> int:
    start, end = cell * length // cells, (cell + 1) * length // cells
    return start + min(end - start - 1, int(place * (end - start)))
