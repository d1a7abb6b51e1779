"""How a model is chosen in a dialog, a model of QGIS or a script: among those that are known, or as a file."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
)

from .. import settings
from .._engine import load
from ..translation import tr
from .base import Algorithm

KNOWN_MODEL = "KNOWN_MODEL"
MODEL = "MODEL"


def folders() -> tuple[str, ...]:
    """Return where models lie: those that come with the plugin, the user's own, and those that the options name."""
    library = load("jobs.library")
    return *library.present(library.SHIPPED), *settings.model_folders()


def known_parameter() -> QgsProcessingParameterEnum:
    """Return a parameter that is one of the models known now: dialogs and runs make it anew."""
    names = list(load("jobs.library").looked_into(folders()).names())
    return QgsProcessingParameterEnum(KNOWN_MODEL, tr("Known model"), names, optional=True, usesStaticStrings=True)


def file_parameter() -> QgsProcessingParameterFile:
    """Return a parameter that is a file, or the name of a known model: "all files" is what lets names through."""
    behaviour = QgsProcessingParameterFile.Behavior.File
    filters = tr("Models (*.safetensors);;All files (*)")
    return QgsProcessingParameterFile(MODEL, tr("Model"), behaviour, optional=True, fileFilter=filters)


def chosen(algorithm: Algorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> str | None:
    """Return the file or the name of the model, None where none is named.

    Raise QgsProcessingException where both parameters name one.
    """
    file = str(algorithm.parameterAsFile(parameters, MODEL, context)).strip()
    # As a text: what is no longer known would be nothing as a choice, and another model would be taken in silence.
    known = str(algorithm.parameterAsString(parameters, KNOWN_MODEL, context)).strip()
    if file and known:
        raise QgsProcessingException(
            tr("Two models are named, {known} and {file}. Leave KNOWN_MODEL or MODEL empty.").format(
                known=known, file=file
            )
        )
    return file or known or None
