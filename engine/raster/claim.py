"""One run at a time writes a file: a claim on its unfinished part that ends with the process, however that ends."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO, Optional

from ..lock import take
from .aside import opened_as_ours

if sys.platform == "win32":

    def claim(part: str) -> Optional[BinaryIO]:
        """Return what holds the claim until it is closed; None: another holds it.  Raise OSError where none can be."""
        try:
            # Windows itself removes such a file with the process, so it is there only as long as somebody writes.
            number = os.open(f"{part}.lock", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY)
        except FileExistsError:
            return None
        return open(number, "r+b", buffering=0)

else:

    def claim(part: str) -> Optional[BinaryIO]:
        """Return what holds the claim until it is closed; None: another holds it.  Raise OSError where none can be.

        The part itself is locked: it is there, and empty, afterwards.
        """
        for _ in range(100):
            number = opened_as_ours(part, os.O_RDWR | os.O_CREAT)
            if not take(number):
                os.close(number)
                return None
            # Who held it before may have renamed it since it was opened: then it is a result, and not to be touched.
            if os.path.exists(part) and os.path.samestat(os.fstat(number), os.stat(part)):
                os.ftruncate(number, 0)
                return open(number, "r+b", buffering=0)
            os.close(number)
        raise OSError(f"{part} is another file each time that it is opened")
