"""Results that belong together: all of them get their names, or none does."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from ..errors import Interrupted
from ..grid.window import Window
from .aside import cannot_replace
from .writer import Encoded, Profile, Writer


class Together:
    """Writes several results beside their names; `finish` renames all of them, `discard` removes them."""

    def __init__(self, results: Sequence[tuple[str, Profile]]) -> None:
        self._writers: list[_Closable] = []
        try:
            for path, profile in results:
                self._writers.append(_Closable(path, profile))
        except BaseException:
            self.discard()
            raise

    def write(self, result: int, window: Window, encoded: Encoded) -> None:
        """Write (bands, h, w) into a window of the result of that number."""
        self._writers[result].write(window, encoded)

    def finish(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Give all results their names.  Raise OutputError, with older files of these names in place, if one fails.

        `go_on` is asked before the first name is given; Interrupted is raised when it says no.
        """
        for writer in self._writers:
            writer.close()
        if not go_on():
            raise Interrupted
        aside: list[tuple[str, str]] = []
        renamed: list[str] = []
        try:
            for writer in self._writers:
                if os.path.exists(writer.path):
                    aside.append((writer.path, _put_aside(writer.path)))
                writer.finish()
                renamed.append(writer.path)
        except BaseException:
            for path in renamed:
                os.remove(path)
            for path, older in aside:
                os.replace(older, path)
            raise
        for _, older in aside:
            os.remove(older)

    def discard(self) -> None:
        """Remove what has been written so far; nothing once all have their names."""
        for writer in self._writers:
            writer.discard()


class _Closable(Writer):
    """A writer that can write all it has to the disk, where it may fail, before it renames anything."""

    def close(self) -> None:
        self._attempt("written", self._close)

    def _close(self) -> None:
        if self._dataset is not None:
            super()._close()


def _put_aside(path: str) -> str:
    older = f"{path}.older.part"
    try:
        os.replace(path, older)
    except OSError as error:
        raise cannot_replace(path, error) from error
    return older
