"""Pansharpening for QGIS."""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:
    """Return the plugin.  `iface` is None where QGIS runs without its desktop."""
    from .plugin import Plugin

    return Plugin()
