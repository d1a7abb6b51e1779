"""Evaluate: how good sharpened images and methods are, as a report to read and in numbers."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingUtils,
)

from .. import settings
from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Texts, key, numbers_shown
from .evaluate_texts import FULL_NUMBERS, TRUTH_NUMBERS, texts
from .pair import PairAlgorithm

_COMPARED = ("brovey", "gsa", "mtf-glp-fs")


class Evaluate(PairAlgorithm):
    """Judges images that are there, and methods that it runs."""

    FUSED = "FUSED"
    METHODS = "METHODS"
    MODELS = "MODELS"
    REFERENCE = "REFERENCE"
    BORDER = "BORDER"
    OUTPUT_HTML = "OUTPUT_HTML"
    OUTPUT_JSON = "OUTPUT_JSON"
    OUTPUT_CSV = "OUTPUT_CSV"
    OUTPUT_ERROR = "OUTPUT_ERROR"

    # Names

    def name(self) -> str:
        return "evaluate"

    def displayName(self) -> str:
        return tr("Evaluate sharpened images")

    def tags(self) -> list[str]:
        return tr(
            "quality,assessment,report,metrics,ergas,sam,q4,q8,uiqi,scc,qnr,hqnr,wald,truth,accuracy,pansharpening"
        ).split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        request = load("request")
        number = QgsProcessingParameterNumber.Type
        raster, file = QgsProcessing.SourceType.TypeRaster, QgsProcessing.SourceType.TypeFile
        self.add_images()
        self.add(QgsProcessingParameterMultipleLayers(self.FUSED, tr("Sharpened images"), raster, optional=True))
        self.add(
            QgsProcessingParameterEnum(
                self.METHODS,
                tr("Methods to run and compare"),
                [key(method) for method in request.METHODS],
                allowMultiple=True,
                defaultValue=[key(method) for method in _COMPARED],
                optional=True,
                usesStaticStrings=True,
            )
        )
        self.add(
            QgsProcessingParameterMultipleLayers(self.MODELS, tr("Models to run and compare"), file, optional=True)
        )
        self.add(QgsProcessingParameterRasterLayer(self.REFERENCE, tr("Reference"), optional=True))
        self.add_meaning()
        self.add(
            QgsProcessingParameterNumber(self.BORDER, tr("Border left out"), number.Integer, 0, False, 0),
            advanced=True,
        )
        self.add_pan_band()
        self.add_threads()
        for name, label, kinds, created in (
            (self.OUTPUT_HTML, tr("Report"), tr("HTML files (*.html)"), True),
            (self.OUTPUT_JSON, tr("Numbers"), tr("JSON files (*.json)"), False),
            (self.OUTPUT_CSV, tr("Table"), tr("CSV files (*.csv)"), False),
        ):
            self.add(QgsProcessingParameterFileDestination(name, label, kinds, None, True, created))
        self.add(QgsProcessingParameterRasterDestination(self.OUTPUT_ERROR, tr("Error map"), None, True, False))
        self.addOutput(QgsProcessingOutputString("JUDGED", tr("Image judged")))
        for name in (*TRUTH_NUMBERS, *FULL_NUMBERS):
            self.addOutput(QgsProcessingOutputNumber(name, name))
        for name, label in (
            ("RATIO", tr("Resolution ratio")),
            ("SHIFT", tr("Shift between the images")),
            ("SECONDS", tr("Seconds")),
            ("PEAK_MB", tr("Peak memory in MB")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        error = self.parameterAsFileOutput(parameters, self.OUTPUT_ERROR, context)
        self._request(parameters, context, error)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        error = self.parameterAsOutputLayer(parameters, self.OUTPUT_ERROR, context)
        request = self._request(parameters, context, error)
        result = follow(load("jobs.report").report(request), feedback)
        judged = next(image for image in result["images"] if image["name"] == result["judged"])
        numbers = {
            **{name: _worst((judged["reduced"] or {}).get(found)) for name, found in TRUTH_NUMBERS.items()},
            **{name: _worst((judged["full"] or {}).get(found)) for name, found in FULL_NUMBERS.items()},
            "RATIO": result["ratio"],
            "SHIFT": None if result["shift"] is None else sum(part**2 for part in result["shift"]) ** 0.5,
            "SECONDS": result["seconds"],
            "PEAK_MB": result["peak_mb"],
        }
        files = {
            self.OUTPUT_HTML: request.out_html,
            self.OUTPUT_JSON: request.out_json,
            self.OUTPUT_CSV: request.out_csv,
            self.OUTPUT_ERROR: result["out_error"],  # none where nothing could be compared
        }
        return {
            **{name: path for name, path in files.items() if path},
            "JUDGED": result["judged"],
            **numbers_shown(numbers),
        }

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext, error: str) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        if error:
            self.check_extension(error)
        reference = self.parameterAsRasterLayer(parameters, self.REFERENCE, context)
        if reference is None and self.given(parameters, self.REFERENCE):
            raise QgsProcessingException(self.invalidRasterError(parameters, self.REFERENCE))
        models = tuple(name for name in self.parameterAsFileList(parameters, self.MODELS, context) if name)
        return load("request").ReportRequest(
            **self.pair(parameters, context),
            fused=tuple(self.rasters(parameters, self.FUSED, context, optional=True)),
            methods=self.choices(parameters, self.METHODS, context),
            models=models,
            python=settings.worker() if models else "",
            reference=None if reference is None else self.raster_source(reference),
            border=self.number(parameters, self.BORDER, context, int) or 0,
            out_html=self.parameterAsFileOutput(parameters, self.OUTPUT_HTML, context),
            out_json=self.parameterAsFileOutput(parameters, self.OUTPUT_JSON, context),
            out_csv=self.parameterAsFileOutput(parameters, self.OUTPUT_CSV, context),
            out_error=error,
            folder=QgsProcessingUtils.tempFolder(),
            threads=self.threads(parameters, context),
        )


def _worst(value: Any) -> Any:
    """Return a number as it is, and of a list that of the worst band: the one farthest from 0."""
    if not isinstance(value, list):
        return value
    return max((item for item in value if item is not None), key=abs, default=None)
