"""What all algorithms share: texts, checks, the way of a run, and errors as QGIS knows them.

Each algorithm keeps one order: names, parameters, checks, run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qgis.core import (
    NULL,
    QgsApplication,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingUtils,
    QgsProperty,
    QgsProviderRegistry,
)
from qgis.PyQt.QtGui import QIcon

from .. import paths, settings
from .._engine import load
from ..translation import tr

RASTER_EXTENSIONS = ("tif", "tiff")  # what the engine writes


@dataclass(frozen=True)
class Texts:
    """All that is said about an algorithm, once: for its dialog, the command line and the documentation."""

    short: str
    long: str
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)


class Algorithm(QgsProcessingAlgorithm):
    """An algorithm of this provider."""

    THREADS = "THREADS"

    # Names

    def createInstance(self) -> Algorithm:
        return type(self)()

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        return paths.icon()

    def texts(self) -> Texts:
        """Return the texts, in the user's language."""
        raise NotImplementedError

    def shortDescription(self) -> str:
        return self.texts().short

    def shortHelpString(self) -> str:
        texts = self.texts()
        if _is_command_line():  # it prints the short description and each parameter's help itself, and tags as they are
            return "\n".join([texts.long, "", *(f"{name}: {text}" for name, text in texts.outputs.items())])
        labels = {item.name(): item.description() for item in (*self.outputDefinitions(), *self.parameterDefinitions())}
        parts = [f"<p>{texts.short} {texts.long}</p>"]
        for title, described in ((tr("Parameters"), texts.parameters), (tr("Further outputs"), texts.outputs)):
            parts.append(f"<h3>{title}</h3>")
            parts += [f"<p><b>{labels[name]}</b><br>{text}</p>" for name, text in described.items()]
        return "".join(parts)

    def helpUrl(self) -> str:
        return paths.metadata("homepage")

    # Parameters

    def add(self, parameter: QgsProcessingParameterDefinition, advanced: bool = False) -> None:
        """Add a parameter with its help."""
        text = self.texts().parameters[parameter.name()]
        if _is_command_line() and isinstance(parameter, QgsProcessingParameterEnum) and parameter.usesStaticStrings():
            text += " " + tr("Give the name, not the number.")  # QGIS lists both and says the opposite
        parameter.setHelp(text)
        if advanced:
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(parameter)

    def add_threads(self) -> None:
        """Add how many threads to use."""
        integer, most = QgsProcessingParameterNumber.Type.Integer, load("request").MAX_THREADS
        self.add(QgsProcessingParameterNumber(self.THREADS, tr("Threads"), integer, None, True, 0, most), advanced=True)

    # Checks

    def validateInputCrs(self, parameters: dict[str, Any], context: QgsProcessingContext) -> bool:
        return True  # the engine brings its inputs together, so QGIS need not ask whether they differ

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        try:
            self._check_choices(parameters)
            self.check(parameters, context)
        except (QgsProcessingException, load("errors").EngineError) as error:
            return False, str(error)
        except Exception as error:  # noqa: BLE001 - ours to mend: QGIS would show a traceback
            return False, self._explained(error, parameters)
        lists = {item.name() for item in self.parameterDefinitions() if _takes_several(item)}
        # QGIS takes no text that is empty, or has spaces beside its commas, for a choice of several.
        given = {name: _listed(value) if name in lists else value for name, value in parameters.items()}
        return super().checkParameterValues(given, context)

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        """Raise QgsProcessingException or EngineError where the parameters cannot be meant.  Fast; reads no pixels."""

    def _check_choices(self, parameters: dict[str, Any]) -> None:
        for item in self.parameterDefinitions():
            value = parameters.get(item.name())
            if not isinstance(item, QgsProcessingParameterEnum) or not item.usesStaticStrings():
                continue
            words = _listed(value) if _takes_several(item) else value
            for word in words if isinstance(words, list) else [words]:
                if isinstance(word, str) and word.strip() and word not in item.options():
                    raise QgsProcessingException(
                        tr("{name} cannot be '{value}'. Choose one of {choices}.").format(
                            name=item.name(), value=word, choices=", ".join(item.options())
                        )
                    )

    def check_extension(self, output: str) -> None:
        """Raise QgsProcessingException where a raster of this name cannot be written; only QGIS's dialog asks first."""
        if not output:
            raise QgsProcessingException(tr("No file was named for the result. Name one that ends in .tif."))
        extension = os.path.splitext(output)[1]
        if extension.lower().lstrip(".") not in RASTER_EXTENSIONS:
            raise QgsProcessingException(
                tr("A result is a GeoTIFF, and '{name}' does not end like one. Let the name end in .tif.").format(
                    name=os.path.basename(output)
                )
            )

    # Run

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        self._log(parameters, context, feedback)
        try:
            return self.work(parameters, context, feedback)
        except (QgsProcessingException, load("errors").EngineError) as error:
            raise QgsProcessingException(str(error)) from error
        except Exception as error:
            raise QgsProcessingException(self._explained(error, parameters)) from error

    def _explained(self, error: Exception, parameters: dict[str, Any]) -> str:
        """Return what to tell of an error that nobody foresaw, and write its log."""
        return str(load("jobs.mishap").explained(error, f"ksdiff:{self.name()} {parameters!r}"))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Do the work and return all declared results."""
        raise NotImplementedError

    def _log(self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        """Say what is meant, defaults included, and what is ignored: QGIS passes over misspelt names in silence."""
        known = self.parameterDefinitions()
        values = [
            f"{item.name()}={item.valueAsPythonString(parameters.get(item.name(), item.defaultValue()), context)}"
            for item in known
            if self.given(parameters, item.name()) or item.defaultValue() not in (None, NULL, "")
        ]
        feedback.pushInfo(tr("Parameters in use: {values}").format(values=", ".join(values)))
        for name in sorted(set(parameters) - {item.name() for item in known}):
            if parameters[name] not in (None, NULL, ""):
                feedback.pushWarning(tr("There is no parameter {name}; its value is ignored.").format(name=name))

    # Reading parameters

    def given(self, parameters: dict[str, Any], name: str) -> bool:
        """Return whether the user gave a value."""
        value = parameters.get(name)
        return not (value is None or value == NULL or (isinstance(value, str) and not value.strip()))

    def number(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext, kind: type) -> Any:
        """Return an int or float, None where none was given.  Raise where it is none: QGIS would say 0 to both."""
        value = parameters.get(name)
        if not self.given(parameters, name):
            return None
        if isinstance(value, QgsProperty):
            read = self.parameterAsInt if kind is int else self.parameterAsDouble
            return read(parameters, name, context)
        try:
            number = float(value)  # type: ignore[arg-type]  # TypeError is the answer then
            if kind is float or number.is_integer():
                return kind(number)
        except (TypeError, ValueError):
            pass
        raise QgsProcessingException(
            tr("{name} is '{value}', which is no {kind}. Give one, or leave it empty.").format(
                name=name, value=value, kind=tr("whole number") if kind is int else tr("number")
            )
        )

    def _words(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> list[str]:
        """Return the items of a text list, or of a real list, which a script may give and QGIS would read as empty."""
        value = parameters.get(name)
        if isinstance(value, (list, tuple)):
            return [str(item) for item in value]
        return [word for word in re.split(r"[\s,;]+", self.parameterAsString(parameters, name, context)) if word]

    def threads(self, parameters: dict[str, Any], context: QgsProcessingContext) -> int:
        """Return how many threads to use: as given, or else as set in the options of the provider."""
        threads = self.number(parameters, "THREADS", context, int)
        return settings.threads() if threads is None else int(threads)

    def numbers(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext, kind: type
    ) -> tuple[Any, ...]:
        """Return a list of int or float.  Raise QgsProcessingException where a word is none."""
        words = self._words(parameters, name, context)
        try:
            return tuple(kind(word) for word in words)
        except ValueError as error:
            raise QgsProcessingException(
                tr("{name} is '{value}', which is no list of {kind}. Write {example}, for example.").format(
                    name=name,
                    value=" ".join(words),
                    kind=tr("whole numbers") if kind is int else tr("numbers"),
                    example="3 2 1" if kind is int else "0.2 0.3 0.5",
                )
            ) from error

    def choices(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> tuple[str, ...]:
        """Return the engine's names of the choices, none where the value is empty on purpose."""
        words = _listed(parameters.get(name))
        if not isinstance(words, list):
            words = self.parameterAsEnumStrings(parameters, name, context)
        return tuple(str(word).lower() for word in dict.fromkeys(words))  # an empty list is an answer; not to QGIS

    def rasters(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext, optional: bool = False
    ) -> list[str]:
        """Return the sources of a list of rasters.  Raise QgsProcessingException where one is missing or no file."""
        if optional and not [item for item in _flat(parameters.get(name)) if item not in (None, NULL, "")]:
            return []
        for item in _flat(parameters.get(name)):  # QGIS leaves out, in silence, what it cannot load
            if isinstance(item, str) and QgsProcessingUtils.mapLayerFromString(item, context) is None:
                raise QgsProcessingException(
                    tr("{name}: '{file}' cannot be loaded. Check its name and that it is an image.").format(
                        name=name, file=item
                    )
                )
        layers = self.parameterAsLayerList(parameters, name, context)
        if not layers:
            raise QgsProcessingException(self.invalidRasterError(parameters, name))
        return [self.raster_source(layer) for layer in layers]

    def raster_source(self, layer: QgsMapLayer) -> str:
        """Return what GDAL opens for `layer`.  Raise QgsProcessingException where it comes from no file."""
        if layer.providerType() != "gdal":
            raise QgsProcessingException(
                tr(
                    "The layer '{layer}' comes from '{provider}', not from a file. Export it as GeoTIFF, then use that."
                ).format(layer=layer.name(), provider=layer.providerType())
            )
        parts = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
        if parts.get("openOptions") or parts.get("credentialOptions"):
            raise QgsProcessingException(
                tr("The layer '{layer}' is opened with driver options. Export it as GeoTIFF, then use that.").format(
                    layer=layer.name()
                )
            )
        return layer.source()


def key(name: str) -> str:
    """Return a name of the engine as the keys of our choices are written, so that one can be fed into another."""
    return name.upper()


def numbers_shown(numbers: Mapping[str, Any]) -> dict[str, float | None]:
    """Return numbers as QGIS shows them: it shows one of numpy's as nothing."""
    return {name: None if number is None else float(number) for name, number in numbers.items()}


def choice(name: str, label: str, options: tuple[str, ...], default: str) -> QgsProcessingParameterEnum:
    """Return a parameter that is one of the engine's names."""
    keys = [key(option) for option in options]
    return QgsProcessingParameterEnum(name, label, keys, defaultValue=key(default), usesStaticStrings=True)


def _takes_several(item: QgsProcessingParameterDefinition) -> bool:
    return isinstance(item, QgsProcessingParameterEnum) and item.usesStaticStrings() and item.allowMultiple()


def _listed(value: Any) -> Any:
    """Return the words of a choice of several, which the command line gives with commas between them.

    What is neither a text nor a list, such as nothing or a property, stays as it is.
    """
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return list(value) if isinstance(value, tuple) else value


def _is_command_line() -> bool:
    return QgsApplication.platform() == "qgis_process"


def _flat(value: Any) -> list[Any]:
    """Return the items of lists in lists, as models hand them over."""
    if isinstance(value, (list, tuple)):
        return [inner for item in value for inner in _flat(item)]
    return [value]
