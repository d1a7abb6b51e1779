"""The plugin's texts in the user's language."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from . import paths

CONTEXT = "ksdiff"


def tr(text: str) -> str:
    """Return `text` in the user's language.  Call it with a plain literal: tools collect those from the source."""
    return QCoreApplication.translate(CONTEXT, text)


class Translation:
    """The translator of this plugin, put into the application and taken out again."""

    def __init__(self) -> None:
        self._translator: QTranslator | None = None

    def install(self) -> None:
        """Use the translation for QGIS's language, if there is one."""
        language = QgsApplication.instance().locale()
        for name in (language, language.split("_")[0]):
            translator = QTranslator()
            if translator.load(str(paths.root() / "i18n" / f"ksdiff_{name}.qm")):
                QCoreApplication.installTranslator(translator)
                self._translator = translator
                return

    def remove(self) -> None:
        """Take the translation out of the application."""
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
