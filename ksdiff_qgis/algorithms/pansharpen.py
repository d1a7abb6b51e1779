"""Pansharpen: a multispectral image brought to the pixel size of its panchromatic partner."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from .. import settings, sidecar, style
from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Texts, choice, key, numbers_shown
from .pair import PairAlgorithm
from .pansharpen_texts import texts

_NATIVE_OPTIONS_WIDGET = 34000  # the version of QGIS that replaced the widget of the GDAL provider


class Pansharpen(PairAlgorithm):
    """Parameter names shared with gdal:pansharp mean the same, so that saved models can change over."""

    METHOD = "METHOD"
    ADAPT = "ADAPT"
    RESAMPLING = "RESAMPLING"
    OPTIONS = "OPTIONS"
    WEIGHTS = "WEIGHTS"
    COVERAGE = "COVERAGE"
    DATA_TYPE = "DATA_TYPE"
    FORMAT = "FORMAT"
    OVERVIEWS = "OVERVIEWS"
    DEVICE = "DEVICE"
    SEED = "SEED"
    CONTEXT = "CONTEXT"
    RESUME = "RESUME"
    REGISTER = "REGISTER"
    OUTPUT = "OUTPUT"
    SHIFTS = "SHIFTS"

    # Names

    def name(self) -> str:
        return "pansharpen"

    def displayName(self) -> str:
        return tr("Pansharpen")

    def tags(self) -> list[str]:
        return tr(
            "pansharpening,pan-sharpening,pansharp,sharpen,fusion,resolution,panchromatic,multispectral,"
            "brovey,ihs,gram-schmidt,mtf,satellite"
        ).split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        request = load("request")
        number = QgsProcessingParameterNumber.Type
        self.add_images()
        methods = (request.LEARNED, *request.METHODS)
        self.add(choice(self.METHOD, tr("Method"), methods, request.DEFAULT_METHOD))
        self.add_known_model()
        self.add_model()
        self.add(
            QgsProcessingParameterNumber(
                self.ADAPT, tr("Minutes to adapt the model"), number.Double, 0.0, False, 0.0, request.MOST_MINUTES
            )
        )
        self.add_meaning()
        resamplings = {
            "nearest": tr("Nearest Neighbour"),
            "bilinear": tr("Bilinear"),
            "cubic": tr("Cubic"),
            "cubicspline": tr("Cubic Spline"),
            "lanczos": tr("Lanczos Windowed Sinc"),
            "average": tr("Average"),
            "polynomial": tr("Polynomial, 23 taps"),
        }
        self.add(
            QgsProcessingParameterEnum(
                self.RESAMPLING,
                tr("Resampling algorithm"),
                options=[resamplings[name] for name in request.RESAMPLINGS],  # by index, in GDAL's order
                defaultValue=request.RESAMPLINGS.index("polynomial"),
            ),
            advanced=True,
        )
        self.add(choice(self.REGISTER, tr("Shift between the images"), request.REGISTRATIONS, "report"), advanced=True)
        self.add_pan_band()
        self.add(QgsProcessingParameterString(self.WEIGHTS, tr("Band weights"), optional=True), advanced=True)
        self.add(choice(self.COVERAGE, tr("Coverage"), request.COVERAGES, "intersection"), advanced=True)
        self.add(choice(self.DATA_TYPE, tr("Output data type"), request.DATA_TYPES, "same"), advanced=True)
        self.add(choice(self.FORMAT, tr("Output format"), request.FORMATS, "gtiff"), advanced=True)
        self.add(QgsProcessingParameterBoolean(self.OVERVIEWS, tr("Build overviews"), False), advanced=True)
        self.add(choice(self.DEVICE, tr("Device of the model"), request.DEVICES, "auto"), advanced=True)
        self.add(
            QgsProcessingParameterNumber(self.SEED, tr("Seed of the model"), number.Integer, 0, False, 0), advanced=True
        )
        self.add(choice(self.CONTEXT, tr("Context of the model"), request.CONTEXTS, "scene"), advanced=True)
        self.add(QgsProcessingParameterBoolean(self.RESUME, tr("Go on with an interrupted run"), False), advanced=True)
        self.add_threads()
        options = QgsProcessingParameterString(self.OPTIONS, tr("Additional creation options"), "", optional=True)
        options.setMetadata({"widget_wrapper": _options_widget()})
        self.add(options, advanced=True)
        self.add(QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Pansharpened")))
        self.add(
            QgsProcessingParameterVectorDestination(
                self.SHIFTS,
                tr("Local shifts"),
                QgsProcessing.SourceType.TypeVectorPoint,
                optional=True,
                createByDefault=False,
            )
        )
        for output in (
            QgsProcessingOutputString("OUTPUT_METHOD", tr("Method used")),
            QgsProcessingOutputString("OUTPUT_MODEL", tr("Model used")),
            QgsProcessingOutputString("OUTPUT_DEVICE", tr("Device used")),
            QgsProcessingOutputNumber("ERROR_BEFORE", tr("Error before adapting")),
            QgsProcessingOutputNumber("ERROR_AFTER", tr("Error after adapting")),
            QgsProcessingOutputString("OUTPUT_SENSOR", tr("Sensor used")),
            QgsProcessingOutputNumber("RATIO", tr("Resolution ratio")),
            QgsProcessingOutputNumber("SHIFT", tr("Shift between the images")),
            QgsProcessingOutputNumber("SHIFT_X", tr("Shift in columns")),
            QgsProcessingOutputNumber("SHIFT_Y", tr("Shift in rows")),
            QgsProcessingOutputNumber("APPLIED_X", tr("Corrected in columns")),
            QgsProcessingOutputNumber("APPLIED_Y", tr("Corrected in rows")),
            QgsProcessingOutputNumber("VALID_SHARE", tr("Share of valid pixels")),
            QgsProcessingOutputNumber("SECONDS", tr("Seconds")),
            QgsProcessingOutputNumber("PEAK_MB", tr("Peak memory in MB")),
        ):
            self.addOutput(output)

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        output, shifts = (self.parameterAsFileOutput(parameters, name, context) for name in (self.OUTPUT, self.SHIFTS))
        self._request(parameters, context, output, shifts)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        output, shifts = (self.parameterAsOutputLayer(parameters, name, context) for name in (self.OUTPUT, self.SHIFTS))
        request = self._request(parameters, context, output, shifts)
        result = follow(load("jobs.sharpen").sharpen(request), feedback)
        try:
            sidecar.write(output, self.id(), request, result)
        except OSError as error:
            feedback.pushWarning(tr("The note beside the result could not be written: {error}").format(error=error))
        style.attach(context, self.id(), output, result["display"])
        shift_x, shift_y = result["shift"] or (None, None)
        adapted = result.get("adapted", {})
        numbers = {
            "ERROR_BEFORE": adapted.get("error_before"),
            "ERROR_AFTER": adapted.get("error_after"),
            "RATIO": result["ratio"],
            "SHIFT": result["shift_px"],
            "SHIFT_X": shift_x,
            "SHIFT_Y": shift_y,
            "APPLIED_X": result["shift_applied"][0],
            "APPLIED_Y": result["shift_applied"][1],
            "VALID_SHARE": result["valid_share"],
            "SECONDS": result["seconds"],
            "PEAK_MB": result["peak_mb"],
        }
        return {
            self.OUTPUT: output,
            self.SHIFTS: shifts or None,
            "OUTPUT_METHOD": key(result["method"]),
            "OUTPUT_MODEL": result.get("model", ""),
            "OUTPUT_DEVICE": result.get("device", ""),
            "OUTPUT_SENSOR": key(result["sensor"]),
            **numbers_shown(numbers),
        }

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext, output: str, shifts: str) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        self.check_extension(output)
        engine = load("request")

        def chosen(name: str) -> str:
            return self.parameterAsEnumString(parameters, name, context).lower()

        model = self.model(parameters, context)
        method = engine.LEARNED if model else chosen(self.METHOD)
        return engine.SharpenRequest(
            **self.pair(parameters, context),
            coverage=chosen(self.COVERAGE),
            out=output,
            method=method,
            model=model,
            model_folders=self.model_folders() if method == engine.LEARNED else (),
            adapt=self.number(parameters, self.ADAPT, context, float) or 0.0,
            context=chosen(self.CONTEXT),
            device=chosen(self.DEVICE),
            seed=self.number(parameters, self.SEED, context, int) or 0,
            python=settings.worker() if method == engine.LEARNED else "",
            weights=self.numbers(parameters, self.WEIGHTS, context, float),
            resampling=engine.RESAMPLINGS[self.parameterAsEnum(parameters, self.RESAMPLING, context)],
            data_type=chosen(self.DATA_TYPE),
            format=chosen(self.FORMAT),
            options=tuple(
                option.strip()
                for option in self.parameterAsString(parameters, self.OPTIONS, context).split("|")
                if option.strip()
            ),
            overviews=self.parameterAsBool(parameters, self.OVERVIEWS, context),
            threads=self.threads(parameters, context),
            resume=self.parameterAsBool(parameters, self.RESUME, context),
            register=chosen(self.REGISTER),
            out_shifts=shifts,
        )


def _options_widget() -> dict[str, str]:
    if Qgis.QGIS_VERSION_INT >= _NATIVE_OPTIONS_WIDGET:
        return {"widget_type": "rasteroptions"}
    return {"class": "processing.algs.gdal.ui.RasterOptionsWidget.RasterOptionsWidgetWrapper"}
