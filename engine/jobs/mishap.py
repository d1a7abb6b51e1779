"""What is told of an error that nobody foresaw: a sentence, where to report it, and a log for those who can mend it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from datetime import datetime, timezone

from .. import __version__
from ..errors import EngineError, without_secrets

TRACKER = "https://github.com/ksdiff/ksdiff_qgis/issues"
_LIBRARIES = ("osgeo.gdal", "numpy", "torch", "qgis.core")


def explained(error: Exception, asked: str) -> EngineError:
    """Return what to tell of an error that is no EngineError.  asked: what was being done, for the log."""
    if isinstance(error, MemoryError):
        return EngineError(
            "There is not enough memory for this.",
            "Close other programs, choose smaller tiles, fewer threads or a smaller extent, and run it again.",
        )
    words = without_secrets(" ".join(f"{type(error).__name__}: {error}".split()))[:300]
    log = _written(error, asked)
    with_log = f", with {log}, which names your files: look through it first" if log else ""
    return EngineError(
        f"Something went wrong that should not have ({words}).", f"Please report it at {TRACKER}{with_log}."
    )


def _written(error: Exception, asked: str) -> str:
    """Write the log for this user's eyes alone and return its path; empty where there is no place for one."""
    told = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    lines = [
        f"KSDiff {__version__}, {datetime.now(timezone.utc).isoformat(timespec='seconds')}",
        f"Python {sys.version.split()[0]} on {platform.platform()}",
        *(f"{name} {_version(name)}" for name in _LIBRARIES if name in sys.modules),
        f"Asked: {asked}",
        told,
    ]
    try:
        number, path = tempfile.mkstemp(prefix="ksdiff_error_", suffix=".log")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(without_secrets("\n".join(lines)))
    except OSError:
        return ""
    return path


def _version(name: str) -> str:
    return str(getattr(sys.modules[name], "__version__", "of unknown version"))
