"""The provider's settings under Settings > Options > Processing > Providers; an environment variable overrides each."""

from __future__ import annotations

import os
from typing import Any

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsProcessingException
from qgis.PyQt.QtGui import QIcon

from ._engine import load
from .translation import tr

THREADS = "KSDIFF_THREADS"


def register(group: str, icon: QIcon) -> None:
    """Show the settings under `group`."""
    ProcessingConfig.settingIcons[group] = icon
    ProcessingConfig.addSetting(
        Setting(group, THREADS, tr("Threads (0: all cores)"), 0, valuetype=Setting.INT, validator=_count)
    )
    ProcessingConfig.readSettings()


def unregister() -> None:
    """Take the settings away."""
    ProcessingConfig.removeSetting(THREADS)


def threads() -> int:
    """Return how many threads to use, 0 for all cores.  Raise QgsProcessingException where the setting is no count."""
    value = os.environ.get(THREADS) or ProcessingConfig.getSetting(THREADS) or 0
    try:
        return _count(value)
    except ValueError as error:
        raise QgsProcessingException(str(error)) from error


def _count(value: Any) -> int:
    most = load("request").MAX_THREADS
    text = str(value).strip()
    if not text.isdecimal() or int(text) > most:
        raise ValueError(
            tr("{name} is '{value}'; give a whole number from 0 (all cores) to {most}.").format(
                name=THREADS, value=value, most=most
            )
        )
    return int(text)
