"""Register: how far a multispectral image lies off its panchromatic partner, as a whole and from place to place."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterVectorDestination,
)

from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Texts, numbers_shown
from .pair import PairAlgorithm
from .register_texts import texts


class Register(PairAlgorithm):
    """Measures the shifts, and draws them; Pansharpen takes them away."""

    OUTPUT = "OUTPUT"

    # Names

    def name(self) -> str:
        return "register"

    def displayName(self) -> str:
        return tr("Measure the shift of a pair")

    def tags(self) -> list[str]:
        return tr("registration,co-registration,coregistration,shift,offset,misregistration,pansharpening").split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_images()
        self.add_meaning()
        self.add_pan_band()
        self.add_threads()
        self.add(
            QgsProcessingParameterVectorDestination(
                self.OUTPUT, tr("Local shifts"), QgsProcessing.SourceType.TypeVectorPoint, optional=True
            )
        )
        for output in (
            QgsProcessingOutputNumber("DX", tr("Shift in columns")),
            QgsProcessingOutputNumber("DY", tr("Shift in rows")),
            QgsProcessingOutputNumber("LENGTH", tr("Shift between the images")),
            QgsProcessingOutputNumber("CORRELATION", tr("Correlation")),
            QgsProcessingOutputNumber("LOCAL", tr("Places measured")),
            QgsProcessingOutputNumber("LOCAL_GREATEST", tr("Greatest local shift")),
            QgsProcessingOutputNumber("LOCAL_SPREAD", tr("Spread of the local shifts")),
            QgsProcessingOutputString("REPORT", tr("Report")),
            QgsProcessingOutputNumber("SECONDS", tr("Seconds")),
            QgsProcessingOutputNumber("PEAK_MB", tr("Peak memory in MB")),
        ):
            self.addOutput(output)

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._request(parameters, context, self.parameterAsFileOutput(parameters, self.OUTPUT, context))

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        output = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        result = follow(load("jobs.register").register(self._request(parameters, context, output)), feedback)
        dx, dy = result["shift"] or (None, None)
        numbers = {
            "DX": dx,
            "DY": dy,
            "LENGTH": result["shift_px"],
            "CORRELATION": result["correlation"],
            "LOCAL": result["local"],
            "LOCAL_GREATEST": result["local_greatest_px"],
            "LOCAL_SPREAD": result["local_spread_px"],
            "SECONDS": result["seconds"],
            "PEAK_MB": result["peak_mb"],
        }
        return {
            self.OUTPUT: output or None,
            "REPORT": " ".join([result["summary"], *result["warnings"]]),
            **numbers_shown(numbers),
        }

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext, output: str) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        return load("request").RegisterRequest(
            **self.pair(parameters, context), out=output, threads=self.threads(parameters, context)
        )
