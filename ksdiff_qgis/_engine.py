"""The one place that knows where the engine lies: inside the plugin when packaged, beside it in the repository."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

_packaged = f"{__package__}.engine"
# find_spec and no try: an engine that is there but broken must say so.
engine = import_module(_packaged if find_spec(_packaged) else "engine")


def load(name: str) -> Any:
    """Return a module of the engine, such as "jobs.sharpen"; imported when asked for, so that QGIS starts fast."""
    return import_module(f"{engine.__name__}.{name}")
