"""One run at a time in a folder: a lock that the system itself takes from a process that dies, however it dies."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO, Optional

from ..errors import OutputError, RequestError
from ..lock import take


class Claim:
    """Keeps other runs out of `folder` while it is held; its file is gone when it is given up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "run.lock"
        self._file: Optional[IO[bytes]] = None

    def hold(self) -> None:
        """Take the folder.  Raise RequestError where another run holds it, OutputError where it cannot be written."""
        try:
            file = open(self._path, "wb")  # noqa: SIM115 - open as long as the run lasts
        except OSError as error:
            raise OutputError(
                f"Nothing can be written into {self._folder} ({error.strerror}).",
                "Check its permissions and its disk, or choose another folder.",
            ) from error
        if not take(file.fileno()):
            file.close()
            raise RequestError(
                f"Another run is at work in {self._folder}.", "Wait until it has ended, or name another folder."
            )
        self._file = file

    def give_up(self) -> None:
        """Let others have the folder."""
        if self._file is not None:
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                self._path.unlink()
