"""The provider's settings under Settings > Options > Processing > Providers; an environment variable overrides each."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsProcessingException, QgsSettings
from qgis.PyQt.QtGui import QIcon

from . import paths
from ._engine import load
from .translation import tr

THREADS = "KSDIFF_THREADS"
PYTHON = "KSDIFF_PYTHON"
MODELS = "KSDIFF_MODELS"
_HTTP_PROXIES = ("HttpProxy", "HttpCachingProxy")  # others need what an installer does not bring


def register(group: str, icon: QIcon) -> None:
    """Show the settings under `group`."""
    ProcessingConfig.settingIcons[group] = icon
    ProcessingConfig.addSetting(
        Setting(group, THREADS, tr("Threads (0: all cores)"), 0, valuetype=Setting.INT, validator=_count)
    )
    ProcessingConfig.addSetting(
        Setting(group, PYTHON, tr("Python with PyTorch (empty: one is looked for)"), "", valuetype=Setting.FILE)
    )
    ProcessingConfig.addSetting(
        Setting(group, MODELS, tr("Further folders of models"), "", valuetype=Setting.MULTIPLE_FOLDERS)
    )
    ProcessingConfig.readSettings()


def unregister() -> None:
    """Take the settings away."""
    for name in (THREADS, PYTHON, MODELS):
        ProcessingConfig.removeSetting(name)


def threads() -> int:
    """Return how many threads to use, 0 for all cores.  Raise QgsProcessingException where the setting is no count."""
    value = os.environ.get(THREADS) or ProcessingConfig.getSetting(THREADS) or 0
    try:
        return _count(value)
    except ValueError as error:
        raise QgsProcessingException(str(error)) from error


def python() -> str | None:
    """Return the Python that was set for running models; None where one is to be looked for."""
    return str(os.environ.get(PYTHON) or ProcessingConfig.getSetting(PYTHON) or "").strip() or None


def model_folders() -> tuple[str, ...]:
    """Return where models are looked for, beside those that come with the plugin: the user's own folder first."""
    # The environment separates folders as the system does, QGIS always by semicolons.
    named = os.environ.get(MODELS, "").split(os.pathsep)
    further = named if any(named) else str(ProcessingConfig.getSetting(MODELS) or "").split(";")
    own = (str(paths.models()),) if paths.models().is_dir() else ()
    return *own, *(folder.strip() for folder in further if folder.strip())


def worker() -> str:
    """Return the Python in which models compute: that of the setting, or the environment made for it, or empty."""
    return python() or next(iter(load("environment.managed").finished(str(paths.environments()))), "")


def proxy() -> str:
    """Return the address of the HTTP proxy in QGIS's network options, empty without one; it may hold a password."""
    store = QgsSettings()
    host = store.value("proxy/proxyHost", "", type=str).strip()
    kind = store.value("proxy/proxyType", "", type=str)
    if not store.value("proxy/proxyEnabled", False, type=bool) or kind not in _HTTP_PROXIES or not host:
        return ""
    user, password = (store.value(f"proxy/proxy{name}", "", type=str) for name in ("User", "Password"))
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "") + "@" if user else ""
    port = store.value("proxy/proxyPort", "", type=str).strip()
    return f"http://{login}{host}" + (f":{port}" if port else "")


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
