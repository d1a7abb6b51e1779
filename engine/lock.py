"""A lock on an open file that the system itself takes from a process that dies, however it dies."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _BYTE = 1 << 20  # Windows lets nobody read what is locked, so the lock lies behind what is to be read

    def take(number: int) -> bool:
        """Lock the file of that descriptor until it is closed; return False where another process has locked it."""
        os.lseek(number, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def take(number: int) -> bool:
        """Lock the file of that descriptor until it is closed; return False where another process has locked it."""
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass  # a file system without locks: nobody can be kept out there
        return True
