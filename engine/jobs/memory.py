"""How much memory this process has needed at most."""

from __future__ import annotations

import sys
from typing import Optional


def peak_mb() -> Optional[float]:
    """Return the peak resident memory in MB; None where the system does not tell."""
    if sys.platform == "win32":
        return _peak_mb_windows()
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
    return round(counters.peak_working_set / 1e6, 1)
