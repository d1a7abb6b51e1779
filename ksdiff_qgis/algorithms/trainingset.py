"""Make a training set: samples to learn from, and others to measure on, cut out of layers, folders or .h5 files."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Algorithm, Texts, choice, key, numbers_shown
from .trainingset_texts import texts


class TrainingSet(Algorithm):
    """Makes the folder from which a training learns."""

    PANS = "PANS"
    MSS = "MSS"
    FOLDER = "FOLDER"
    H5 = "H5"
    SENSOR = "SENSOR"
    MOST = "MOST"
    VALIDATION = "VALIDATION"
    CLOUDS = "CLOUDS"
    LIMIT = "LIMIT"
    BANDS = "BANDS"
    NODATA = "NODATA"
    PATCH = "PATCH"
    TEXTURE = "TEXTURE"
    SEED = "SEED"
    OUTPUT = "OUTPUT"

    # Names

    def name(self) -> str:
        return "trainingset"

    def displayName(self) -> str:
        return tr("Make a training set")

    def tags(self) -> list[str]:
        return tr(
            "pansharpening,train,training,learning,samples,patches,dataset,pancollection,h5,wald,validation"
        ).split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        request = load("request").TrainingSetRequest
        raster, kind = QgsProcessing.SourceType.TypeRaster, QgsProcessingParameterFile.Behavior
        integer, double = QgsProcessingParameterNumber.Type.Integer, QgsProcessingParameterNumber.Type.Double
        for name, label in (
            (self.PANS, tr("Panchromatic images")),
            (self.MSS, tr("Multispectral images, in the same order")),
        ):
            self.add(QgsProcessingParameterMultipleLayers(name, label, raster, optional=True))
        self.add(QgsProcessingParameterFile(self.FOLDER, tr("Folder with pairs"), kind.Folder, optional=True))
        self.add(
            QgsProcessingParameterFile(
                self.H5,
                tr("File of patches"),
                kind.File,
                optional=True,
                fileFilter=tr("PanCollection files (*.h5 *.hdf5)"),
            )
        )
        self.add(choice(self.SENSOR, tr("Sensor"), ("auto", *load("sensors.sensor").names()), "auto"))
        self.add(
            QgsProcessingParameterNumber(self.MOST, tr("Most samples"), integer, request.most, False, 1, 1_000_000)
        )
        percent = 100.0 * request.validation
        self.add(
            QgsProcessingParameterNumber(self.VALIDATION, tr("Held out, in per cent"), double, percent, False, 0, 90)
        )
        self.add(QgsProcessingParameterMultipleLayers(self.CLOUDS, tr("Clouds"), raster, optional=True))
        self.add(
            QgsProcessingParameterNumber(self.LIMIT, tr("Limit of the shift"), double, request.limit, False, 0, 1000)
        )
        for parameter in (
            QgsProcessingParameterString(self.BANDS, tr("Bands"), optional=True),
            QgsProcessingParameterNumber(self.NODATA, tr("Nodata value"), double, optional=True),
            QgsProcessingParameterNumber(self.PATCH, tr("Size of a sample"), integer, request.patch, False, 16, 512),
            QgsProcessingParameterNumber(
                self.TEXTURE, tr("Least texture"), double, request.least_texture, False, 0.0, 1.0
            ),
            QgsProcessingParameterNumber(self.SEED, tr("Seed"), integer, 0, False, 0),
        ):
            self.add(parameter, advanced=True)
        self.add_threads()
        self.add(QgsProcessingParameterFolderDestination(self.OUTPUT, tr("Training set")))
        for output in (
            QgsProcessingOutputNumber("SAMPLES", tr("Samples")),
            QgsProcessingOutputNumber("TRAINING", tr("Samples to learn from")),
            QgsProcessingOutputNumber("VALIDATION_SAMPLES", tr("Samples to measure on")),
            QgsProcessingOutputNumber("LEFT_OUT", tr("Places left out")),
            QgsProcessingOutputNumber("BANDS_COUNT", tr("Number of bands")),
            QgsProcessingOutputNumber("RATIO", tr("Resolution ratio")),
            QgsProcessingOutputString("OUTPUT_SENSOR", tr("Sensor used")),
            QgsProcessingOutputHtml("REPORT", tr("Report")),
            QgsProcessingOutputFile("MANIFEST", tr("Manifest")),
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
        result = follow(load("jobs.trainingset").trainingset(self._request(parameters, context)), feedback)
        numbers = {
            "SAMPLES": result["samples"],
            "TRAINING": result["training"],
            "VALIDATION_SAMPLES": result["validation"],
            "LEFT_OUT": sum(result["left_out"].values()),
            "BANDS_COUNT": result["bands"],
            "RATIO": result["ratio"],
            "SECONDS": result["seconds"],
            "PEAK_MB": result["peak_mb"],
        }
        return {
            self.OUTPUT: result["folder"],
            "OUTPUT_SENSOR": key(result["sensor"]),
            "REPORT": result["report"],
            "MANIFEST": result["manifest"],
            **numbers_shown(numbers),
        }

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        request = load("request")
        pans, mss, clouds = (
            self.rasters(parameters, name, context, optional=True) for name in (self.PANS, self.MSS, self.CLOUDS)
        )
        folder, patches = (self.parameterAsString(parameters, name, context).strip() for name in (self.FOLDER, self.H5))
        # What is left out of a script stands for the default, as everywhere; QGIS reads an empty text as 0.
        numbers = {
            field: self.number(parameters, name, context, type(getattr(request.TrainingSetRequest, field)))
            for field, name in (
                ("most", self.MOST), ("limit", self.LIMIT), ("patch", self.PATCH), ("least_texture", self.TEXTURE),
                ("seed", self.SEED),
            )
        }  # fmt: skip
        percent = self.number(parameters, self.VALIDATION, context, float)
        return request.TrainingSetRequest(
            out=self.parameterAsFileOutput(parameters, self.OUTPUT, context),
            pairs=request.paired(pans, mss, clouds),
            folders=(folder,) if folder else (),
            h5=(patches,) if patches else (),
            bands=self.numbers(parameters, self.BANDS, context, int),
            sensor=self.parameterAsEnumString(parameters, self.SENSOR, context).lower(),
            nodata=self.number(parameters, self.NODATA, context, float),
            threads=self.threads(parameters, context),
            **{field: number for field, number in numbers.items() if number is not None},
            **({} if percent is None else {"validation": percent / 100.0}),
        )
