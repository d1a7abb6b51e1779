"""The Processing provider: its identity, its settings, and the list of its algorithms."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import paths, settings
from ._engine import load
from .algorithms.adapt import Adapt
from .algorithms.base import RASTER_EXTENSIONS
from .algorithms.check import Check
from .algorithms.evaluate import Evaluate
from .algorithms.models import Models
from .algorithms.pansharpen import Pansharpen
from .algorithms.register import Register
from .algorithms.setup import Setup
from .algorithms.simulate import Simulate
from .algorithms.train import Train
from .algorithms.trainingset import TrainingSet
from .translation import tr


class Provider(QgsProcessingProvider):
    """The toolbox entry KSDiff.  Its id is part of saved models and scripts: it never changes."""

    def id(self) -> str:
        return "ksdiff"

    def name(self) -> str:
        return "KSDiff"

    def longName(self) -> str:
        return tr("KSDiff pansharpening")

    def versionInfo(self) -> str:
        return paths.metadata("version")

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        return paths.icon()

    def load(self) -> bool:
        settings.register(self.name(), self.icon())
        self.refreshAlgorithms()
        return True

    def unload(self) -> None:
        settings.unregister()

    def loadAlgorithms(self) -> None:
        for algorithm in (Pansharpen, Adapt, Train, Evaluate, Register, Simulate, TrainingSet, Models, Check, Setup):
            self.addAlgorithm(algorithm())

    def supportsNonFileBasedOutput(self) -> bool:
        return False

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return list(RASTER_EXTENSIONS)

    def defaultRasterFileExtension(self) -> str:
        return RASTER_EXTENSIONS[0]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        return [extension.lstrip(".") for extension in load("request").VECTOR_EXTENSIONS]
