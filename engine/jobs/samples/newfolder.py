"""A folder that is made beside its name, and gets it once it is whole: `<name>.part`, then renamed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Optional

from ...errors import OutputError
from ...raster.aside import remove
from ...raster.claim import claim

_MARK = "unfinished"  # tells a folder of ours, left by a process that was killed, from one of somebody else's
_CLAIM = "in_use"


def check_new(out: str) -> None:
    """Raise OutputError where no folder of this name can be made: there is one that holds something, or a file."""
    parent = os.path.dirname(os.path.abspath(out))
    if not os.path.isdir(parent):
        raise OutputError(f"There is no folder {parent}.", "Make it, or choose another.")
    if os.path.lexists(out) and not os.path.isdir(out):
        raise OutputError(f"{out} is there already, and no folder.", "Choose another name.")
    if os.path.isdir(out) and os.listdir(out):
        raise OutputError(
            f"The folder {out} is there already, and not empty.", "Choose another name, or remove what it holds."
        )
    if not os.access(parent, os.W_OK):
        raise OutputError(f"The folder {parent} may not be written to.", "Choose another or change its permissions.")


class NewFolder:
    """The unfinished folder at `path`; leaving this removes it, unless `finish` gave it its name.

    Raise OutputError where it cannot be made, or another process is at it.
    """

    def __init__(self, out: str) -> None:
        check_new(out)
        self._out = os.path.abspath(out)
        self.path = Path(f"{self._out}.part")
        with written(str(self.path)):
            if self.path.is_dir() and any(self.path.iterdir()) and not (self.path / _MARK).exists():
                raise OutputError(
                    f"The folder {self.path} is in the way, and was not left by an earlier run.",
                    "Move it away, or choose another name.",
                )
            self.path.mkdir(exist_ok=True)
            (self.path / _MARK).touch()
            self._claim = claim(str(self.path / _CLAIM))
            if self._claim is None:
                raise OutputError(f"Another run is writing {self._out}.", "Wait for it, or choose another name.")
            for entry in self.path.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                elif not entry.name.startswith((_MARK, _CLAIM)):
                    entry.unlink()

    def __enter__(self) -> NewFolder:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self._claim is not None:
            self._let_go()
            shutil.rmtree(self.path, ignore_errors=True)

    def finish(self) -> None:
        """Give the folder its name.  Raise OutputError where that cannot be, or another came first."""
        with written(self._out):
            check_new(self._out)
            (self.path / _MARK).unlink()
            self._let_go()
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(self._out)  # an empty one is in the way on some systems
            os.replace(self.path, self._out)

    def _let_go(self) -> None:
        if self._claim is not None:
            self._claim.close()
            self._claim = None
            remove(str(self.path / _CLAIM))


@contextmanager
def written(name: str) -> Iterator[None]:
    """Turn what goes wrong with files into an OutputError about `name`."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{name} cannot be written ({error.strerror or error}).",
            "Make room on the disk, check the permissions of the folder, or choose another.",
        ) from error


def check_room(folder: str, size: int, what: str) -> None:
    """Raise OutputError where the disk of a folder has not so many bytes free."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OutputError(
            f"{what} need {megabytes(size)}, and {folder} has {megabytes(free)} free.",
            "Make room, choose a folder on another disk, or fewer samples.",
        )


def megabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{max(size, 10**5) / 1e6:.1f} MB"
