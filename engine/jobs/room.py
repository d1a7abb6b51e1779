"""Whether the machine has room for what is to come: a sentence before it, in place of a mishap in the middle."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Optional

from ..errors import OutputError


def check_disk(folder: str, needed: int) -> None:
    """Raise OutputError where the disk of a folder, which need not exist, has not so many bytes left."""
    place = next(path for path in (Path(folder).absolute(), *Path(folder).absolute().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise OutputError(
            f"{place} has {_words(free)} of room left, and {_words(needed)} are needed.",
            "Make room, or choose a folder on another disk.",
        )


def memory_doubt(needed_mb: float) -> Optional[str]:
    """Return, in a sentence, that memory may not suffice; None where it does, or the system does not tell."""
    free = _free_mb()
    if free is None or free >= needed_mb:
        return None
    return (
        f"About {needed_mb:.0f} MB of memory are needed, and {free:.0f} are free. Close other programs, or the "
        "computer may become slow, or end the training."
    )


def _free_mb() -> Optional[float]:
    """Return how much memory can be had without harm to others, where Linux tells it."""
    try:
        with open("/proc/meminfo", encoding="ascii", errors="replace") as told:
            for line in told:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024 / 1e6
    except (OSError, ValueError):
        pass
    return None


def _words(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
