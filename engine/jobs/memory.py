"""What this process takes of the machine: memory for GDAL's cache, memory at most, and cores while it waits."""

from __future__ import annotations

import os
import sys
from typing import Optional


def limit_cache(megabytes: int) -> None:
    """Bound GDAL's block cache; for programs of our own, since the cache belongs to the whole process."""
    from ..raster import dataset  # a training from stores needs no GDAL, nor all that lies here

    dataset.limit_cache(megabytes)


def sleep_while_waiting() -> None:
    """Let PyTorch's threads sleep while they wait for each other; in time only before PyTorch is loaded.

    They would spin otherwise, which on a machine that does anything else made two threads up to fifteen times slower
    than one, measured in training.  What the user has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def peak_mb() -> Optional[float]:
    """Return the peak resident memory in MB; None where the system does not tell."""
    if sys.platform == "win32":
        return _peak_mb_windows()
    try:
        # Linux hands the peak of `getrusage` on from the program that started this one; this one it does not.
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return round(int(line.split()[1]) * 1024 / 1e6, 1)
    except (OSError, ValueError):
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024), 1)


def _peak_mb_windows() -> Optional[float]:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = [
            ("cb", wintypes.DWORD),
            ("page_faults", wintypes.DWORD),
            ("peak_working_set", ctypes.c_size_t),
            *[(f"unused_{index}", ctypes.c_size_t) for index in range(7)],
        ]

    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    windll = getattr(ctypes, "windll")  # noqa: B009 - absent where mypy looks
    windll.kernel32.GetCurrentProcess.restype = wintypes.HANDLE
    query = windll.psapi.GetProcessMemoryInfo
    query.argtypes = [wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD]
    if not query(windll.kernel32.GetCurrentProcess(), ctypes.byref(counters), counters.cb):
        return None
    return round(float(counters.peak_working_set) / 1e6, 1)
