"""What a process holds of the machine: memory, open files, threads, temporary files."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

MB = 1e6


class Held(NamedTuple):
    """What is held at one moment."""

    memory_mb: float
    handles: int
    threads: int
    files: int  # in the folder for temporary files


def held() -> Held:
    """Return what this process holds now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Held(
        pages * os.sysconf("SC_PAGE_SIZE") / MB,
        len(os.listdir("/proc/self/fd")),
        threading.active_count(),
        len(os.listdir(tempfile.gettempdir())),
    )


def check_no_growth(before: Held, after: Held, memory_mb: float) -> None:
    """Fail where more is held than before; memory may differ by a little, as allocators keep some."""
    assert after.memory_mb - before.memory_mb < memory_mb, (before, after)
    assert after[1:] == before[1:], (before, after)
