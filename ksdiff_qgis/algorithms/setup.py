"""Setup: an environment with PyTorch, which models need, made beside QGIS and never in it."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from .. import paths, settings
from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Algorithm, Texts, choice, key
from .check import computing, program
from .setup_texts import texts


class Setup(Algorithm):
    """The one algorithm that fetches anything."""

    VARIANT = "VARIANT"
    DRY_RUN = "DRY_RUN"
    UPDATE = "UPDATE"
    WHEELS = "WHEELS"
    INDEX_URL = "INDEX_URL"
    PYTHON = "PYTHON"

    # Names

    def name(self) -> str:
        return "setup"

    def displayName(self) -> str:
        return tr("Set up environment")

    def tags(self) -> list[str]:
        return tr("environment,install,python,pytorch,torch,cuda,gpu,pip,venv,dependencies,deep learning").split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        folder = QgsProcessingParameterFile.Behavior.Folder
        self.add(choice(self.VARIANT, tr("Build of PyTorch"), load("request").VARIANTS, "auto"))
        self.add(QgsProcessingParameterBoolean(self.DRY_RUN, tr("Only say what would be done"), False))
        self.add(QgsProcessingParameterBoolean(self.UPDATE, tr("Make it again, even if it works"), False))
        self.add(QgsProcessingParameterFile(self.WHEELS, tr("Folder of wheels"), folder, optional=True), advanced=True)
        self.add(QgsProcessingParameterString(self.INDEX_URL, tr("Index of packages"), optional=True), advanced=True)
        self.add(program(self.PYTHON, tr("Python to make it from")), advanced=True)
        for output in (
            QgsProcessingOutputString("OUTPUT_PYTHON", tr("Python of the environment")),
            QgsProcessingOutputString("OUTPUT_VARIANT", tr("Build that was chosen")),
            QgsProcessingOutputNumber("MADE", tr("Whether it was made just now")),
            QgsProcessingOutputString("TORCH", tr("Version of PyTorch")),
            QgsProcessingOutputString("NUMPY", tr("Version of numpy")),
            QgsProcessingOutputString("SAFETENSORS", tr("Version of safetensors")),
            QgsProcessingOutputString("DEVICE", tr("Device that AUTO takes")),
            QgsProcessingOutputString("DEVICES", tr("Devices that compute")),
            QgsProcessingOutputString("FOLDER", tr("Folder of the environment")),
            QgsProcessingOutputNumber("DOWNLOAD_MB", tr("Megabytes to fetch")),
            QgsProcessingOutputNumber("DISK_MB", tr("Megabytes on disk")),
            QgsProcessingOutputNumber("FREE_MB", tr("Free space in MB")),
            QgsProcessingOutputString("COMMANDS", tr("Commands")),
            QgsProcessingOutputNumber("SECONDS", tr("Seconds")),
        ):
            self.addOutput(output)

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._request(parameters, context)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = follow(load("jobs.setup").setup(self._request(parameters, context)), feedback)
        return {
            "OUTPUT_PYTHON": result["python"],
            "OUTPUT_VARIANT": key(result["variant"]),
            "MADE": int(result["made"]),
            "TORCH": result["torch"],
            "NUMPY": result["numpy"],
            "SAFETENSORS": result["safetensors"],
            "DEVICE": result["device"],
            "DEVICES": computing(result["devices"]),
            "FOLDER": result["folder"],
            "COMMANDS": "\n".join(result["commands"]),
            **{
                name: None if result[name.lower()] is None else float(result[name.lower()])
                for name in ("DOWNLOAD_MB", "DISK_MB", "FREE_MB", "SECONDS")
            },
        }

    def _log(self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        url = parameters.get(self.INDEX_URL)  # it may hold a password
        shown = {self.INDEX_URL: load("errors").without_secrets(url)} if isinstance(url, str) else {}
        super()._log({**parameters, **shown}, context, feedback)

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        return load("request").SetupRequest(
            folder=str(paths.environments()),
            variant=self.parameterAsEnumString(parameters, self.VARIANT, context).lower(),
            wheels=self.parameterAsFile(parameters, self.WHEELS, context),
            index_url=self.parameterAsString(parameters, self.INDEX_URL, context).strip(),
            python=self.parameterAsFile(parameters, self.PYTHON, context) or None,
            proxy=settings.proxy(),
            dry_run=self.parameterAsBoolean(parameters, self.DRY_RUN, context),
            update=self.parameterAsBoolean(parameters, self.UPDATE, context),
        )
