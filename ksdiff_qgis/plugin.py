"""What QGIS starts and stops: the plugin is its Processing provider and nothing else."""

from __future__ import annotations

from qgis.core import QgsApplication

from .provider import Provider
from .translation import Translation


class Plugin:
    """Adds the provider to Processing; QGIS's command line calls `initProcessing` alone."""

    def __init__(self) -> None:
        self._translation = Translation()
        self._provider: Provider | None = None

    def initProcessing(self) -> None:
        """Add the provider, once."""
        if self._provider is None:
            self._translation.install()
            self._provider = Provider()
            QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Start within the desktop, where Processing is all we need too."""
        self.initProcessing()

    def unload(self) -> None:
        """Leave nothing behind."""
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
            self._translation.remove()
