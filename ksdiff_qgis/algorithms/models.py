"""Models: which there are and what they say of themselves; one taken in, removed, or described for catalogues."""

from __future__ import annotations

import json
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputFolder,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
)

from .. import paths
from .._engine import load
from ..bridge import follow
from ..translation import tr
from . import model_choice
from .base import Algorithm, Texts, choice
from .models_texts import texts

_ACTIONS = ("list", "import", "remove", "export")


class Models(Algorithm):
    """Whatever it does, its page shows the cards of the models it did it with."""

    ACTION = "ACTION"
    OUTPUT_MLM = "OUTPUT_MLM"
    OUTPUT = "OUTPUT"

    # Names

    def name(self) -> str:
        return "models"

    def displayName(self) -> str:
        return tr("Models")

    def tags(self) -> list[str]:
        return tr("model,card,list,import,install,remove,delete,export,stac,mlm,licence,weights,zoo,library").split(",")

    def texts(self) -> Texts:
        return texts()

    # Parameters

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add(choice(self.ACTION, tr("What to do"), _ACTIONS, "list"))
        self.add(model_choice.known_parameter())
        self.add(model_choice.file_parameter())
        for name, label, kinds, created in (
            (self.OUTPUT_MLM, tr("STAC item"), tr("JSON files (*.json)"), False),
            (self.OUTPUT, tr("Cards"), tr("HTML files (*.html)"), True),
        ):
            self.add(QgsProcessingParameterFileDestination(name, label, kinds, None, True, created))
        for output in (
            QgsProcessingOutputNumber("COUNT", tr("Number of models")),
            QgsProcessingOutputString("NAME", tr("Name of the model")),
            QgsProcessingOutputFile("MODEL_FILE", tr("File of the model")),
            QgsProcessingOutputFolder("FOLDER", tr("Folder of your models")),
            QgsProcessingOutputString("JSON", tr("All that was found")),
        ):
            self.addOutput(output)

    # Checks

    def check(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._request(parameters, context)

    # Run

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        request = self._request(parameters, context)
        result = follow(load("jobs.models").models(request), feedback)
        files = {self.OUTPUT: request.out_html, self.OUTPUT_MLM: request.out_mlm}
        return {
            **{name: path for name, path in files.items() if path},
            "COUNT": float(len(result["models"]) if "models" in result else 1),
            "NAME": f"{result['name']} {result['version']}" if "name" in result else "",
            "MODEL_FILE": result.get("file", ""),
            "FOLDER": request.folder,
            "JSON": json.dumps(load("events").plain(result), ensure_ascii=False),
        }

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Any:
        """Return the engine's request.  Raise QgsProcessingException or EngineError where it cannot be meant."""
        action = self.parameterAsEnumString(parameters, self.ACTION, context).lower()
        item = self.parameterAsFileOutput(parameters, self.OUTPUT_MLM, context)
        if action == "export" and not item:
            raise QgsProcessingException(tr("No file was named for the STAC item. Name one that ends in .json."))
        return load("request").ModelsRequest(
            action="list" if action == "export" else action,
            file=model_choice.chosen(self, parameters, context),
            directories=model_choice.folders(),
            folder=str(paths.models()),
            out_mlm=item or None,
            out_html=self.parameterAsFileOutput(parameters, self.OUTPUT, context) or None,
        )
