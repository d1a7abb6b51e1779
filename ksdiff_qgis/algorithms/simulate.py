"""Simulate a pair: PAN and MS made coarser by their own ratio, so that the original MS is the truth."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterRasterDestination,
)

from .. import sidecar, style
from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Texts, choice, key, numbers_shown
from .pair import PairAlgorithm
from .simulate_texts import texts


class Simulate(PairAlgorithm):
    """Makes the pair, and the truth that belongs to it."""

    CONVENTION = "CONVENTION"
    OUTPUT_PAN = "OUTPUT_PAN"
    OUTPUT_MS = "OUTPUT_MS"
    OUTPUT_REFERENCE = "OUTPUT_REFERENCE"
    OUTPUTS = (OUTPUT_PAN, OUTPUT_MS, OUTPUT_REFERENCE)

    # Names

    def name(self) -> str:
        return "simulate"

    def displayName(self) -> str:
        return tr("Simulate a pair with known truth")

    def tags(self) -> list[str]:
        return tr(
            "wald,protocol,simulation,degrade,reference,truth,quality,mtf,reduced resolution,pansharpening"
        ).split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        request = load("request")
        self.add_images()
        self.add(choice(self.CONVENTION, tr("Convention"), request.CONVENTIONS, "geometric"))
        self.add_meaning()
        self.add_pan_band()
        self.add_threads()
        self.add(QgsProcessingParameterRasterDestination(self.OUTPUT_PAN, tr("Coarser panchromatic image")))
        self.add(QgsProcessingParameterRasterDestination(self.OUTPUT_MS, tr("Coarser multispectral image")))
        self.add(QgsProcessingParameterRasterDestination(self.OUTPUT_REFERENCE, tr("Reference")))
        for output in (
            QgsProcessingOutputString("OUTPUT_SENSOR", tr("Sensor used")),
            QgsProcessingOutputNumber("RATIO", tr("Resolution ratio")),
            QgsProcessingOutputNumber("SHIFT", tr("Shift between the images")),
            QgsProcessingOutputNumber("VALID_SHARE_PAN", tr("Share of valid pixels, panchromatic")),
            QgsProcessingOutputNumber("VALID_SHARE_MS", tr("Share of valid pixels, multispectral")),
            QgsProcessingOutputNumber("SECONDS", tr("Seconds")),
            QgsProcessingOutputNumber("PEAK_MB", tr("Peak memory in MB")),
        ):
            self.addOutput(output)

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        outputs = [self.parameterAsFileOutput(parameters, name, context) for name in self.OUTPUTS]
        self._request(parameters, context, outputs)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        outputs = [self.parameterAsOutputLayer(parameters, name, context) for name in self.OUTPUTS]
        request = self._request(parameters, context, outputs)
        result = follow(load("jobs.simulate").simulate(request), feedback)
        try:
            for output in outputs:
                sidecar.write(output, self.id(), request, result)
        except OSError as error:
            feedback.pushWarning(tr("The note beside the result could not be written: {error}").format(error=error))
        for output in outputs[1:]:  # the panchromatic one is grey anyhow
            style.attach(context, self.id(), output, result["display"])
        numbers = {
            "RATIO": result["ratio"],
            "SHIFT": result["shift_px"],
            "VALID_SHARE_PAN": result["valid_share_pan"],
            "VALID_SHARE_MS": result["valid_share_ms"],
            "SECONDS": result["seconds"],
            "PEAK_MB": result["peak_mb"],
        }
        return {
            **dict(zip(self.OUTPUTS, outputs)),
            "OUTPUT_SENSOR": key(result["sensor"]),
            **numbers_shown(numbers),
        }

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext, outputs: list[str]) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        for output in outputs:
            self.check_extension(output)
        return load("request").SimulateRequest(
            **self.pair(parameters, context),
            out_pan=outputs[0],
            out_ms=outputs[1],
            out_reference=outputs[2],
            convention=self.parameterAsEnumString(parameters, self.CONVENTION, context).lower(),
            threads=self.threads(parameters, context),
        )
