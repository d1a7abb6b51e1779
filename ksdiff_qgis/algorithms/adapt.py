"""Adapt: a model for any sensor learns from the pair in hand, and becomes a model of its own."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
)

from .. import settings
from .._engine import load
from ..bridge import follow
from ..translation import tr
from .adapt_texts import texts
from .base import Texts, choice, key, numbers_shown
from .pair import PairAlgorithm


class Adapt(PairAlgorithm):
    """Makes the model that Pansharpen makes with ADAPT, and keeps it."""

    MINUTES = "MINUTES"
    DEVICE = "DEVICE"
    SEED = "SEED"
    OUTPUT = "OUTPUT"

    # Names

    def name(self) -> str:
        return "adapt"

    def displayName(self) -> str:
        return tr("Adapt a model to a scene")

    def tags(self) -> list[str]:
        return tr("pansharpening,model,adapt,adaptation,fine-tune,fine-tuning,train,learning,zero-shot,scene").split(
            ","
        )

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        request = load("request")
        number = QgsProcessingParameterNumber.Type
        self.add_images()
        self.add_known_model()
        self.add_model()
        self.add(
            QgsProcessingParameterNumber(
                self.MINUTES,
                tr("Minutes"),
                number.Double,
                request.AdaptRequest.minutes,
                False,
                request.LEAST_MINUTES,
                request.MOST_MINUTES,
            )
        )
        self.add_meaning()
        self.add_pan_band()
        self.add(choice(self.DEVICE, tr("Device of the model"), request.DEVICES, "auto"), advanced=True)
        self.add(QgsProcessingParameterNumber(self.SEED, tr("Seed"), number.Integer, 0, False, 0), advanced=True)
        self.add_threads()
        self.add(QgsProcessingParameterFileDestination(self.OUTPUT, tr("Adapted model"), tr("Models (*.safetensors)")))
        for output in (
            QgsProcessingOutputString("OUTPUT_MODEL", tr("Name of the adapted model")),
            QgsProcessingOutputString("OUTPUT_DEVICE", tr("Device used")),
            QgsProcessingOutputString("OUTPUT_SENSOR", tr("Sensor used")),
            QgsProcessingOutputNumber("ERROR_BEFORE", tr("Error before adapting")),
            QgsProcessingOutputNumber("ERROR_AFTER", tr("Error after adapting")),
            QgsProcessingOutputNumber("STEPS", tr("Steps")),
            QgsProcessingOutputNumber("SECONDS", tr("Seconds")),
            QgsProcessingOutputNumber("PEAK_MB", tr("Peak memory in MB")),
        ):
            self.addOutput(output)

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._request(parameters, context)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = follow(load("jobs.adapt").adapt(self._request(parameters, context)), feedback)
        return {
            self.OUTPUT: result["output"],
            "OUTPUT_MODEL": result["model"],
            "OUTPUT_DEVICE": result["device"],
            "OUTPUT_SENSOR": key(result["sensor"]),
            **numbers_shown(
                {name: result[name.lower()] for name in ("ERROR_BEFORE", "ERROR_AFTER", "STEPS", "SECONDS", "PEAK_MB")}
            ),
        }

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        request = load("request")
        minutes = self.number(parameters, self.MINUTES, context, float)
        return request.AdaptRequest(
            **self.pair(parameters, context),
            out=self.parameterAsFileOutput(parameters, self.OUTPUT, context),
            model=self.model(parameters, context),
            model_folders=self.model_folders(),
            minutes=request.AdaptRequest.minutes if minutes is None else minutes,
            device=self.parameterAsEnumString(parameters, self.DEVICE, context).lower(),
            seed=self.number(parameters, self.SEED, context, int) or 0,
            python=settings.worker(),
            threads=self.threads(parameters, context),
        )
