"""Check: what there is to run models with.  Nothing is changed, and nothing is fetched."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
)

from .. import paths, settings
from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Algorithm, Texts
from .check_texts import texts


class Check(Algorithm):
    """Its answer is all that it makes."""

    PYTHON = "PYTHON"

    # Names

    def name(self) -> str:
        return "check"

    def displayName(self) -> str:
        return tr("Check environment")

    def tags(self) -> list[str]:
        return tr("environment,python,pytorch,torch,cuda,gpu,device,diagnostics,dependencies,deep learning").split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add(program(self.PYTHON, tr("Python to ask")))
        for output in (
            QgsProcessingOutputNumber("USABLE", tr("Whether models can be run")),
            QgsProcessingOutputString("PYTHON_USED", tr("Python that is used")),
            QgsProcessingOutputString("PYTHON_VERSION", tr("Version of that Python")),
            QgsProcessingOutputString("TORCH", tr("Version of PyTorch")),
            QgsProcessingOutputString("NUMPY", tr("Version of numpy")),
            QgsProcessingOutputString("SAFETENSORS", tr("Version of safetensors")),
            QgsProcessingOutputString("DEVICE", tr("Device that AUTO takes")),
            QgsProcessingOutputString("DEVICES", tr("Devices that compute")),
            QgsProcessingOutputString("PROBLEM", tr("Problem")),
            QgsProcessingOutputString("FOLDER", tr("Folder of environments")),
            QgsProcessingOutputNumber("FREE_MB", tr("Free space in MB")),
            QgsProcessingOutputNumber("SECONDS", tr("Seconds")),
        ):
            self.addOutput(output)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        named = self.parameterAsFile(parameters, self.PYTHON, context) or settings.python()
        request = load("request").CheckRequest(python=named, folder=str(paths.environments()))
        result = follow(load("jobs.check").check(request), feedback)
        problems = [f"{asked['python']}: {asked['problem']}" for asked in result["asked"] if asked["problem"]]
        free = result["free_mb"]
        return {
            "USABLE": int(result["usable"]),
            "PYTHON_USED": result["python"],
            "PYTHON_VERSION": result["version"],
            "TORCH": result["torch"],
            "NUMPY": result["numpy"],
            "SAFETENSORS": result["safetensors"],
            "DEVICE": result["device"],
            "DEVICES": computing(result["devices"]),
            "PROBLEM": " ".join(problems),
            "FOLDER": result["folder"],
            "FREE_MB": None if free is None else float(free),
            "SECONDS": float(result["seconds"]),
        }


def program(name: str, label: str) -> QgsProcessingParameterFile:
    """Return a parameter that is a program; QGIS's own filter of all files, *.*, refuses names without a dot."""
    behaviour = QgsProcessingParameterFile.Behavior.File
    return QgsProcessingParameterFile(name, label, behaviour, optional=True, fileFilter=tr("All files (*)"))


def computing(devices: list[dict[str, Any]]) -> str:
    """Return the names of the devices that computed rightly, as a text that can be split at its commas."""
    return ",".join(device["name"] for device in devices if device["works"])
