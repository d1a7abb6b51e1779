"""What the algorithms on a pair of images share: its parameters, declared and read in one way."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterBand,
    QgsProcessingParameterExtent,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .. import settings
from .._engine import load
from ..translation import tr
from . import model_choice
from .base import Algorithm, choice


class PairAlgorithm(Algorithm):
    """An algorithm on a panchromatic and a multispectral image; the names are those of gdal:pansharp where it has them.

    Each declares the groups of parameters where its dialog is to show them.
    """

    SPECTRAL = "SPECTRAL"
    PANCHROMATIC = "PANCHROMATIC"
    MODEL = model_choice.MODEL
    SENSOR = "SENSOR"
    EXTENT = "EXTENT"
    BANDS = "BANDS"
    NODATA = "NODATA"
    PAN_BAND = "PAN_BAND"

    # Parameters

    def add_images(self) -> None:
        """Add the two images."""
        self.add(
            QgsProcessingParameterMultipleLayers(
                self.SPECTRAL, tr("Multispectral image, or one file per band"), QgsProcessing.SourceType.TypeRaster
            )
        )
        self.add(QgsProcessingParameterRasterLayer(self.PANCHROMATIC, tr("Panchromatic image")))

    def add_known_model(self) -> None:
        """Add the choice among the models that are known."""
        self.add(model_choice.known_parameter())

    def add_model(self) -> None:
        """Add the file of a model, or its name."""
        self.add(model_choice.file_parameter())

    def add_meaning(self) -> None:
        """Add who took the images, and which part and which values of them are meant."""
        sensors = load("sensors.sensor").names()
        double = QgsProcessingParameterNumber.Type.Double
        self.add(choice(self.SENSOR, tr("Sensor"), ("auto", *sensors), "auto"))
        self.add(QgsProcessingParameterExtent(self.EXTENT, tr("Extent"), optional=True))
        self.add(QgsProcessingParameterString(self.BANDS, tr("Bands"), optional=True))
        self.add(QgsProcessingParameterNumber(self.NODATA, tr("Nodata value"), double, optional=True))

    def add_pan_band(self) -> None:
        """Add which band of the panchromatic file is meant."""
        self.add(
            QgsProcessingParameterBand(
                self.PAN_BAND, tr("Panchromatic band"), parentLayerParameterName=self.PANCHROMATIC, optional=True
            ),
            advanced=True,
        )

    # Reading parameters

    def pair(self, parameters: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        """Return the fields of the engine's PairRequest.  Raise QgsProcessingException where one cannot be meant."""
        spectral = self.rasters(parameters, "SPECTRAL", context)
        pan = self.parameterAsRasterLayer(parameters, "PANCHROMATIC", context)
        if pan is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, "PANCHROMATIC"))
        return {
            "pan": self.raster_source(pan),
            "ms": tuple(spectral),
            "pan_band": self.number(parameters, "PAN_BAND", context, int),
            "bands": self.numbers(parameters, "BANDS", context, int),
            "sensor": self.parameterAsEnumString(parameters, "SENSOR", context).lower(),
            "nodata": self.number(parameters, "NODATA", context, float),
            "extent": self._extent(parameters, "EXTENT", context, pan.crs()),
        }

    def model(self, parameters: dict[str, Any], context: QgsProcessingContext) -> str | None:
        """Return the file or the name of the model; None where none is named, and the engine is to choose."""
        return model_choice.chosen(self, parameters, context)

    def model_folders(self) -> tuple[str, ...]:
        """Return where models are looked for, beside those of the engine."""
        return settings.model_folders()

    def _extent(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext, crs: QgsCoordinateReferenceSystem
    ) -> tuple[float, float, float, float] | None:
        if not self.given(parameters, name):
            return None
        area = self.parameterAsExtent(parameters, name, context, crs)
        if area.isNull():  # what QGIS makes of anything it cannot read
            raise QgsProcessingException(
                tr(
                    "{name} is '{value}', which is no extent. Write xmin,xmax,ymin,ymax, followed by a space and "
                    "[EPSG:4326], for example, where it is not in the coordinate system of the panchromatic image."
                ).format(name=name, value=parameters[name])
            )
        return area.xMinimum(), area.yMinimum(), area.xMaximum(), area.yMaximum()
