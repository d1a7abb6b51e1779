"""Train: a network learns from a training set, or from a pair of layers, and becomes a model that sharpens."""

from __future__ import annotations

import math
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputHtml,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .. import settings
from .._engine import load
from ..bridge import follow
from ..translation import tr
from .base import Texts, choice
from .pair import PairAlgorithm
from .train_texts import texts

_SCORES = ("ERGAS", "SAM", "Q2N")
_PATCH, _SMALL_PATCH = 64, 32  # pixels of MS
_PATCHES_ACROSS = 5  # in the smallest image from which the larger ones are cut, as a part of it is held out
_SAMPLES = "-samples"  # to the name of a model: the training set that was made for it


class Train(PairAlgorithm):
    """Trains a model in another Python, for as long as one likes, and puts it where Pansharpen finds it."""

    TRAININGSET = "TRAININGSET"
    NAME = "NAME"
    MINUTES = "MINUTES"
    STEPS = "STEPS"
    BACKBONE = "BACKBONE"
    START = "START"
    DEVICE = "DEVICE"
    SEED = "SEED"
    RESUME = "RESUME"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"

    # Names

    def name(self) -> str:
        return "train"

    def displayName(self) -> str:
        return tr("Train a model")

    def tags(self) -> list[str]:
        return tr("pansharpening,model,train,training,learning,deep learning,diffusion,network,neural").split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self._add_material()
        self._add_learning()
        models = tr("Models (*.safetensors)")
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT, tr("Model file, where it is not to lie in the folder of models"), models, None, True, False
            )
        )
        for output in (
            QgsProcessingOutputHtml(self.REPORT, tr("Report")),
            QgsProcessingOutputString("OUTPUT_MODEL", tr("Name of the model")),
            QgsProcessingOutputString("OUTPUT_DEVICE", tr("Device used")),
            *(QgsProcessingOutputNumber(name, name) for name in _SCORES),
            *(
                QgsProcessingOutputNumber(f"EXP_{name}", tr("{score} without it").format(score=name))
                for name in _SCORES
            ),
            QgsProcessingOutputString("CLASSICAL", tr("Best classical method")),
            QgsProcessingOutputNumber("CLASSICAL_ERGAS", tr("Its ERGAS")),
            QgsProcessingOutputNumber("STEPS_DONE", tr("Steps")),
            QgsProcessingOutputNumber("EPOCHS", tr("Epochs")),
            QgsProcessingOutputNumber("SECONDS", tr("Seconds")),
        ):
            self.addOutput(output)

    def _add_material(self) -> None:
        folder, raster = QgsProcessingParameterFile.Behavior.Folder, QgsProcessing.SourceType.TypeRaster
        self.add(QgsProcessingParameterFile(self.TRAININGSET, tr("Training set"), folder, optional=True))
        self.add(
            QgsProcessingParameterMultipleLayers(
                self.SPECTRAL, tr("Multispectral image, where there is no training set"), raster, optional=True
            )
        )
        self.add(QgsProcessingParameterRasterLayer(self.PANCHROMATIC, tr("Panchromatic image"), optional=True))

    def _add_learning(self) -> None:
        request, number = load("request"), QgsProcessingParameterNumber.Type
        asked, least, most = request.TeachRequest, request.LEAST_MINUTES, request.MOST_MINUTES
        integer, file = number.Integer, QgsProcessingParameterFile.Behavior.File
        self.add(QgsProcessingParameterString(self.NAME, tr("Name of the model")))
        self.add(
            QgsProcessingParameterNumber(self.MINUTES, tr("Minutes"), number.Double, asked.minutes, False, least, most)
        )
        self.add(QgsProcessingParameterBoolean(self.RESUME, tr("Go on where an earlier run ended"), False))
        filters = tr("Models (*.safetensors);;All files (*)")
        self.add(QgsProcessingParameterFile(self.START, tr("Model to begin with"), file, "", None, True, filters))
        self.add(choice(self.DEVICE, tr("Device of the model"), request.DEVICES, "auto"))
        self.add(choice(self.BACKBONE, tr("Backbone"), request.BACKBONES, "auto"), advanced=True)
        self.add(
            QgsProcessingParameterNumber(self.STEPS, tr("Steps in place of minutes"), integer, None, True, 2),
            advanced=True,
        )
        self.add(QgsProcessingParameterNumber(self.SEED, tr("Seed"), integer, 0, False, 0), advanced=True)
        self.add_threads()

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._requests(parameters, context)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        request, making = self._requests(parameters, context)
        kept = tr(
            "Stopped on request. What was learnt up to the last checkpoint is kept: run it again with RESUME to go on."
        )
        result = follow(load("jobs.teach").teach(request, making), feedback, kept)
        best, reached = min(
            ((name, scores["ergas"]) for name, scores in result["classical"].items()),
            key=lambda one: one[1],
            default=("", None),
        )
        return {
            self.OUTPUT: result["output"],
            self.REPORT: result["report"],
            "OUTPUT_MODEL": result["model"],
            "OUTPUT_DEVICE": result["device"],
            **{name: _number(result["scores"].get(name.lower())) for name in _SCORES},
            **{f"EXP_{name}": _number(result["exp"].get(name.lower())) for name in _SCORES},
            "CLASSICAL": best,
            "CLASSICAL_ERGAS": _number(reached),
            "STEPS_DONE": _number(result["steps"]),
            "EPOCHS": _number(result["epochs"]),
            "SECONDS": _number(result["seconds"]),
        }

    def _requests(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[Any, Any]:
        """Return the engine's requests: to train and, for layers, to make a training set of them first; else None.

        Raise QgsProcessingException or EngineError where they cannot be meant.
        """
        request = load("request")
        name = self.parameterAsString(parameters, self.NAME, context).strip()
        out = (
            self.parameterAsFileOutput(parameters, self.OUTPUT, context) if self.given(parameters, self.OUTPUT) else ""
        )
        minutes = self.number(parameters, self.MINUTES, context, float)
        values = {
            "name": name,
            "out": out,
            "backbone": self.parameterAsEnumString(parameters, self.BACKBONE, context).lower(),
            "start": self.parameterAsFile(parameters, self.START, context) or None,
            "minutes": request.TeachRequest.minutes if minutes is None else minutes,
            "steps": self.number(parameters, self.STEPS, context, int),
            "device": self.parameterAsEnumString(parameters, self.DEVICE, context).lower(),
            "seed": self.number(parameters, self.SEED, context, int) or 0,
            "threads": self.threads(parameters, context),
            "resume": self.parameterAsBool(parameters, self.RESUME, context),
            "python": settings.worker(),
        }
        folder = self.parameterAsFile(parameters, self.TRAININGSET, context)
        ms = self.rasters(parameters, self.SPECTRAL, context, optional=True)
        pan = self.parameterAsRasterLayer(parameters, self.PANCHROMATIC, context)
        if folder and not ms and pan is None:
            return request.TeachRequest(folder, **values), None
        if folder or not ms or pan is None:
            raise QgsProcessingException(
                tr("What to learn from is not clear. Give TRAININGSET alone, or SPECTRAL and PANCHROMATIC.")
            )
        samples = load("jobs.teach").beside(out, name, _SAMPLES)
        asked = request.TeachRequest(samples, **values)
        sets = load("request.trainingset")
        pair = sets.PairFiles(self.raster_source(pan), tuple(ms))
        layers = self.parameterAsLayerList(parameters, self.SPECTRAL, context)
        smallest = min(min(layer.width(), layer.height()) for layer in layers)
        making = sets.TrainingSetRequest(
            samples,
            pairs=(pair,),
            patch=_PATCH if smallest >= _PATCHES_ACROSS * _PATCH else _SMALL_PATCH,
            seed=asked.seed,
            threads=asked.threads,
        )
        return asked, making


def _number(value: Any) -> float | None:
    """Return a number as QGIS shows it; it shows one of numpy's as nothing."""
    return None if value is None or not math.isfinite(value) else float(value)
